//! Complaints: reports of RFC 5965, and what some providers send in their place.

use super::address;
use super::parsed::Parsed;
use super::text::lower;

/// What a feedback report is about (RFC 5965 section 7.3, RFC 6430, RFC 6591).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feedback {
    /// The recipient calls it spam.
    Abuse,
    /// Phishing.
    Fraud,
    /// A virus.
    Virus,
    /// The recipient wants no more of it.
    OptOut,
    /// Anything else that the provider reports of its recipient.
    Other,
    /// The recipient says that it is no spam: no complaint.
    NotSpam,
    /// A report of SPF, DKIM or DMARC: no complaint.
    AuthenticationFailure,
}

impl Feedback {
    /// Whether a recipient complains.
    #[must_use]
    pub const fn is_complaint(self) -> bool {
        match self {
            Self::Abuse | Self::Fraud | Self::Virus | Self::OptOut | Self::Other => true,
            Self::NotSpam | Self::AuthenticationFailure => false,
        }
    }

    fn of(field: &str) -> Self {
        match lower(field).trim() {
            "abuse" => Self::Abuse,
            "fraud" | "phishing" => Self::Fraud,
            "virus" | "malware" => Self::Virus,
            "opt-out" | "opt-out-list" | "unsubscribe" => Self::OptOut,
            "not-spam" => Self::NotSpam,
            "auth-failure" | "dkim" | "dmarc" | "spf" => Self::AuthenticationFailure,
            _ => Self::Other,
        }
    }
}

/// What a complaint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// What it is about.
    pub feedback: Feedback,
    /// Who complains, as far as told; empty where the provider took it out.
    pub recipients: Vec<String>,
    /// The envelope sender of the mail; empty where not told.
    pub sender: String,
    /// The address that sent the mail, where told; empty otherwise.
    pub source: String,
    /// The domain that the report is about, or that of the provider's program; empty where not told.
    pub reporter: String,
    /// When the mail came to the provider, as its field has it; empty where not told.
    pub at: String,
    /// True for a mail that a recipient's program wrote to unsubscribe: it wants no more, and says nothing of one mail.
    pub is_unsubscribing: bool,
}

/// Fields in which providers put the recipient that complained, of mails that they forward as they are.
const RECIPIENT_FIELDS: [&str; 5] =
    ["x-hmxmroriginalrecipient", "x-original-rcpt-to", "redacted-address", "x-aol-recipient", "x-rcpt-to"];

/// The complaint in a mail. None: it is none.
pub(crate) fn of(mail: &Parsed) -> Option<Complaint> {
    if let Some(report) = &mail.complaint {
        let feedback = Feedback::of(report.get("feedback-type").unwrap_or("abuse"));
        let named = ["original-rcpt-to", "removal-recipient"].into_iter().flat_map(|name| report.each(name));
        let mut recipients: Vec<String> = Vec::new();
        for address in named.map(address::of_field).filter(|address| address::is_address(address)) {
            if !recipients.contains(&address) {
                recipients.push(address);
            }
        }
        if recipients.is_empty() {
            recipients = forwarded_for(mail);
        }
        let field = |name: &str| report.get(name).unwrap_or_default().to_owned();
        let sender = address::of_field(&field("original-mail-from"));
        let at = report.get("arrival-date").or(report.get("received-date")).unwrap_or_default().to_owned();
        let reporter = super::report::host(&field("reporting-mta"));
        return Some(Complaint {
            feedback,
            recipients,
            sender,
            source: field("source-ip"),
            reporter,
            at,
            is_unsubscribing: false,
        });
    }
    forward(mail).or_else(|| unsubscribing(mail))
}

/// Hotmail, AOL and Comcast forward the mail itself.
fn forward(mail: &Parsed) -> Option<Complaint> {
    let has_field = RECIPIENT_FIELDS.iter().any(|name| mail.header.get(name).or(mail.original.get(name)).is_some());
    let returned = mail.header.get("return-path").map(address::of_field).unwrap_or_default();
    let is_staff =
        [mail.from.as_str(), &returned].iter().any(|from| from.contains("staff@hotmail") || from.contains("scomp@aol"));
    let is_named =
        mail.subject.starts_with("complaint about message from") || mail.subject.starts_with("email feedback report");
    if !(is_named || (has_field && is_staff) || (is_staff && !mail.original.is_empty())) {
        return None;
    }
    let words = mail.subject.rsplit(' ').next().unwrap_or_default();
    let source = if words.parse::<std::net::IpAddr>().is_ok() { words.to_owned() } else { String::new() };
    let header = if mail.original.is_empty() { &mail.header } else { &mail.original };
    let sender = header.get("return-path").map(address::of_field).unwrap_or_default();
    let at = header.get("date").unwrap_or_default().to_owned();
    let reporter = address::of_field(mail.header.get("from").unwrap_or_default());
    let reporter = reporter.rsplit_once('@').map_or(String::new(), |(_, domain)| lower(domain));
    let recipients = forwarded_for(mail);
    Some(Complaint { feedback: Feedback::Abuse, recipients, sender, source, reporter, at, is_unsubscribing: false })
}

/// Who complained, from the header of the mail itself; else whom it was addressed to, if that is one.
fn forwarded_for(mail: &Parsed) -> Vec<String> {
    let named = RECIPIENT_FIELDS.iter().find_map(|name| mail.original.get(name).or(mail.header.get(name)));
    if let Some(named) = named {
        return Some(address::of_field(named)).filter(|address| address::is_address(address)).into_iter().collect();
    }
    let mut rest = mail.original.get("to").unwrap_or_default();
    let mut found = Vec::new();
    while let Some((address, behind)) = address::first(rest) {
        found.push(address.to_owned());
        rest = behind;
    }
    // Of several addressees one complained, and it is not said which.
    if found.len() == 1 { found } else { Vec::new() }
}

/// What a mail program writes when its user leaves a list.
fn unsubscribing(mail: &Parsed) -> Option<Complaint> {
    let is_program = mail.header.get("auto-submitted").is_some_and(|value| !lower(value).starts_with("no"));
    if mail.subject.trim() != "unsubscribe" || !(is_program || mail.says(&["to unsubscribe from"])) {
        return None;
    }
    let recipients = mail.header.get("from").map(address::of_field).into_iter().collect();
    let (sender, source, reporter, at) = Default::default();
    Some(Complaint { feedback: Feedback::OptOut, recipients, sender, source, reporter, at, is_unsubscribing: true })
}
