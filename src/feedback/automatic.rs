//! Mails that come to the address of bounces and are none.

use super::parsed::Parsed;
use super::text::lower;

/// What a mailer says of a mail that it still tries to deliver.
const DELAYED: &[&str] = &[
    "this is a warning message only",
    "you do not need to resend your message",
    "has been delayed",
    "still being retried",
    "delivery has been delayed",
    "could not send message for",
    "has not yet been delivered",
    "is still in the queue",
    "will be retried",
    "no action is required on your part",
    "delivery attempts will continue",
    "not yet been delivered to",
    "is not an error message",
    "has been postponed",
    "this is only a warning",
];

/// What it says of one that it gave up all the same.
const GIVEN_UP: &[&str] =
    &["failed permanently", "permanent error", "permanent fatal", "gave up", "giving up", "given up", "not going to try again"];

/// Whether a mailer says that it still tries.
pub(crate) fn is_delay(mail: &Parsed) -> bool {
    let is_subject =
        ["delayed mail", "warning: could not send", "warning: message", "(delay)", "delivery delayed", "delayed delivery"]
            .iter()
            .any(|words| mail.subject.contains(words));
    let is_mailer = mail.is_from_mailer() || mail.is_report() || mail.header.get("auto-submitted").is_some();
    is_mailer && (is_subject || mail.says(DELAYED)) && !mail.says(GIVEN_UP)
}

/// Whether a mailer says that it delivered or passed on.
pub(crate) fn is_positive(mail: &Parsed) -> bool {
    let is_subject = ["(success)", "(relay)", "successful mail delivery", "delivered:", "delivery report: success"];
    is_subject.iter().any(|words| mail.subject.contains(words))
        || mail.says(&["was successfully delivered", "has been successfully delivered", "successfully relayed to"])
}

/// Whether a sender is asked to prove that a human wrote: some systems put that into a report of a failure.
pub(crate) fn is_challenge(mail: &Parsed) -> bool {
    let words = [
        "challenge-response",
        "challenge/response",
        "confirm that you are a human",
        "verify that you are human",
        "prove that you are human",
        "confirm your message",
        "please confirm that this message",
        "sender address verification by reply",
        "to have your message delivered",
        "release your message",
        "approve your message",
        "to complete this verification",
        "this is a one-time",
        "held for approval until you",
        "click the link below to deliver",
        "click on the link below to deliver",
        "reply to this message to confirm",
        "boxbe waiting list",
        "your message is waiting in",
        "requires verification of the sender",
    ];
    mail.says(&words) || mail.header.get("x-boxbe-wait").is_some() || mail.subject.contains("please confirm your message")
}

/// Whether a person's program answered.
pub(crate) fn is_reply(mail: &Parsed) -> bool {
    let field = |name: &str| mail.header.get(name).map(lower).unwrap_or_default();
    let submitted = field("auto-submitted");
    let is_submitted =
        submitted.starts_with("auto-replied") || submitted.starts_with("auto-generated") || submitted.contains("vacation");
    let names =
        ["x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-response-suppress", "x-mail-autoreply", "x-vacation"];
    let is_named = names.iter().any(|name| mail.header.get(name).is_some());
    let precedence = field("precedence");
    let is_bulk = precedence.contains("auto_reply") || precedence.contains("auto-reply");
    is_submitted || is_named || is_bulk || is_subject(&mail.subject)
}

/// The subjects of vacation messages, in some languages.
fn is_subject(subject: &str) -> bool {
    let begins = [
        "automatic reply",
        "auto-reply",
        "auto reply",
        "autoreply",
        "auto:",
        "auto response",
        "autoresponse",
        "automatische antwort",
        "abwesenheit",
        "réponse automatique",
        "respuesta automática",
        "resposta automática",
        "risposta automatica",
        "automatisch antwoord",
        "automatiskt svar",
        "automatisk svar",
        "автоматический ответ",
        "автоответ",
        "自動応答",
        "自动回复",
        "out of office",
        "out of the office",
        "on vacation",
        "vacation",
        "away from my mail",
        "fuera de la oficina",
        "absence du bureau",
    ];
    begins.iter().any(|words| subject.trim_start().starts_with(words)) || subject.contains("out of office")
}

/// Whether it is a receipt of a reader (RFC 8098), or of one who deleted the mail unread.
pub(crate) fn is_receipt(mail: &Parsed) -> bool {
    (mail.receipt.is_some() || mail.report_type == "disposition-notification") && !is_rejection(mail)
}

/// Whether a filter of the recipient's refused the mail (RFC 5429 section 2.1): it says so by a receipt, and the mail reached nobody.
fn is_rejection(mail: &Parsed) -> bool {
    let Some(receipt) = &mail.receipt else { return false };
    let is_deleted = receipt.get("disposition").map(lower).is_some_and(|how| how.contains("deleted") || how.contains("denied"));
    let is_submitted = mail.header.get("auto-submitted").map(lower).is_some_and(|how| how.contains("rejected"));
    is_deleted && (is_submitted || mail.says(super::families::REJECTED))
}

/// Whether it is a report about a day's mail: DMARC (RFC 7489) or TLS (RFC 8460).
pub(crate) fn is_aggregate(mail: &Parsed) -> bool {
    let is_subject = mail.subject.contains("report domain:") || mail.subject.contains("report-id:");
    let is_archive = mail.attachments.iter().any(|kind| {
        ["zip", "gzip", "xml", "tlsrpt"].iter().any(|word| kind.contains(word)) && kind.starts_with("application/")
    });
    mail.report_type == "tlsrpt" || (is_subject && (is_archive || mail.kind.starts_with("application/")))
}
