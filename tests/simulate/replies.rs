//! What the servers of each provider answer, in their own words.

use std::fmt;

use super::rng::Rng;

/// Who runs a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Provider {
    Google,
    Microsoft,
    Yahoo,
    Apple,
    Gmx,
    Comcast,
    Orange,
    Telekom,
    Microsoft365,
    Proofpoint,
    Mimecast,
    Barracuda,
    /// Postfix on a machine of the domain's own.
    Postfix,
    /// Exim with cPanel on a machine of the domain's own.
    Exim,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Means {
    Taken,
    UnknownUser,
    /// For now: kept until it is too old.
    FullForNow,
    Full,
    Throttled,
    Blocked,
    Unauthenticated,
    Greylisted,
    Spam,
    ServerError,
    /// No answer at all, and none tomorrow.
    Unreachable,
    /// No answer, once.
    Lost,
    NoSuchDomain,
    TakesNoMail,
    NoNameService,
}

impl Means {
    /// A failure for good.
    pub(crate) fn is_final(self) -> bool {
        use Means::{Blocked, Full, NoSuchDomain, Spam, TakesNoMail, Unauthenticated, UnknownUser};
        matches!(self, UnknownUser | Full | Blocked | Unauthenticated | Spam | NoSuchDomain | TakesNoMail)
    }
}

/// At which point of the dialogue an answer comes, as Postfix words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// `host H[IP] refused to talk to me: …`
    Greeting,
    /// `host H[IP] said: … (in reply to COMMAND command)`
    Command(&'static str),
    /// A 2xx, or Postfix's own words.
    Bare,
}

/// One answer. `{…}` in the text stands for what [`Filled`] knows.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) provider: Provider,
    pub(crate) means: Means,
    /// `dsn=`
    pub(crate) status: &'static str,
    pub(crate) at: At,
    pub(crate) text: &'static str,
}

/// An answer to `means` as `provider` words it, else as any machine of somebody's own.
pub(crate) fn reply(provider: Provider, means: Means, rng: &mut Rng) -> &'static Reply {
    let of = |provider| REPLIES.iter().filter(move |reply| reply.provider == provider && reply.means == means);
    let provider = if of(provider).next().is_some() { provider } else { Provider::Postfix };
    let chosen = rng.below(of(provider).count() as u64) as usize;
    of(provider).nth(chosen).unwrap_or(&ANY)
}

/// What the braces of a reply stand for.
pub(crate) struct Filled<'a> {
    pub(crate) text: &'a str,
    /// Makes the parts that no one can foresee.
    pub(crate) chance: u64,
    /// Our address.
    pub(crate) ours: &'a str,
    /// Our name.
    pub(crate) helo: &'a str,
    pub(crate) recipient: &'a str,
    pub(crate) sender: &'a str,
    pub(crate) relay: &'a str,
    pub(crate) relay_ip: &'a str,
    /// Seconds since 1970.
    pub(crate) seconds: i64,
}

impl fmt::Display for Filled<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domain = |address: &'_ str| address.rsplit_once('@').map_or(String::new(), |(_, domain)| domain.to_owned());
        let mut rest = self.text;
        while let Some((before, after)) = rest.split_once('{') {
            to.write_str(before)?;
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            let chance = self.chance.rotate_left(rest.len() as u32);
            match name {
                "ip" => to.write_str(self.ours)?,
                "helo" => to.write_str(self.helo)?,
                "to" => to.write_str(self.recipient)?,
                "domain" => to.write_str(&domain(self.recipient))?,
                "from" => to.write_str(self.sender)?,
                "fromdomain" => to.write_str(&domain(self.sender))?,
                "mx" => to.write_str(self.relay)?,
                "mxip" => to.write_str(self.relay_ip)?,
                "s" => write!(to, "{}", self.seconds)?,
                "n" => write!(to, "{}", 10 + chance % 90)?,
                "hex" => write!(to, "{:012x}", chance & 0xffff_ffff_ffff)?,
                "HEX" => write!(to, "{:010X}", chance & 0xff_ffff_ffff)?,
                _ => unreachable!("{name} in {}", self.text),
            }
            rest = after;
        }
        to.write_str(rest)
    }
}

/// Short for the list below.
const fn says(provider: Provider, means: Means, status: &'static str, at: At, text: &'static str) -> Reply {
    Reply { provider, means, status, at, text }
}

const RCPT: At = At::Command("RCPT TO");
const MAIL: At = At::Command("MAIL FROM");
const END: At = At::Command("end of DATA");
static ANY: Reply = says(Provider::Postfix, Means::Taken, "2.0.0", At::Bare, "250 2.0.0 Ok: queued as {HEX}");

use Means::{
    Blocked, Full, FullForNow, Greylisted, Lost, NoNameService, NoSuchDomain, ServerError, Spam, Taken, TakesNoMail, Throttled,
    Unauthenticated, UnknownUser, Unreachable,
};
use Provider::{
    Apple, Barracuda, Comcast, Exim, Gmx, Google, Microsoft, Microsoft365, Mimecast, Orange, Postfix, Proofpoint, Telekom,
    Yahoo,
};

#[rustfmt::skip]
static REPLIES: &[Reply] = &[
    says(Google, Taken, "2.0.0", At::Bare, "250 2.0.0 OK  {s} {hex}si{n}wrx.{n} - gsmtp"),
    says(Google, UnknownUser, "5.1.1", RCPT, "550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the recipient's email address for typos or 550-5.1.1 unnecessary spaces. For more information, go to 550 5.1.1  https://support.google.com/mail/?p=NoSuchUser {hex}si{n}wrx.{n} - gsmtp"),
    says(Google, UnknownUser, "5.2.1", RCPT, "550-5.2.1 The email account that you tried to reach is inactive. For more 550-5.2.1 information, go to 550 5.2.1  https://support.google.com/mail/?p=DisabledUser {hex}si{n}wrx.{n} - gsmtp"),
    says(Google, FullForNow, "4.2.2", RCPT, "452-4.2.2 The recipient's inbox is out of storage space. Please direct the 452-4.2.2 recipient to 452 4.2.2  https://support.google.com/mail/?p=OverQuotaTemp {hex}si{n}wrx.{n} - gsmtp"),
    says(Google, Full, "5.2.2", RCPT, "552-5.2.2 The recipient's inbox is out of storage space and inactive. Please 552-5.2.2 direct the recipient to 552 5.2.2  https://support.google.com/mail/?p=OverQuotaPerm {hex}si{n}wrx.{n} - gsmtp"),
    says(Google, Throttled, "4.7.28", END, "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating 421-4.7.28 from your IP address [{ip}]. To protect our users from spam, 421-4.7.28 mail sent from your IP address has been temporarily rate limited. 421-4.7.28 For more information, go to 421 4.7.28  https://support.google.com/mail/?p=UnsolicitedRateLimitError {hex}si{n}wrx.{n} - gsmtp"),
    says(Google, Unauthenticated, "5.7.26", END, "550-5.7.26 Your email has been blocked because the sender is unauthenticated. 550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM. 550-5.7.26 550-5.7.26  Authentication results: 550-5.7.26  DKIM = did not pass 550-5.7.26  SPF [{fromdomain}] with ip: [{ip}] = did not pass 550-5.7.26 550-5.7.26  For instructions on setting up authentication, go to 550 5.7.26  https://support.google.com/mail/answer/81126#authentication {hex}si{n}wrx.{n} - gsmtp"),
    says(Google, Spam, "5.7.1", END, "550-5.7.1 [{ip}      {n}] Gmail has detected that this message is likely 550-5.7.1 unsolicited mail. To reduce the amount of spam sent to Gmail, this 550-5.7.1 message has been blocked. For more information, go to 550 5.7.1  https://support.google.com/mail/?p=UnsolicitedMessageError {hex}si{n}wrx.{n} - gsmtp"),
    says(Microsoft, Taken, "2.6.0", At::Bare, "250 2.6.0 <{hex}@{helo}> [InternalId={s}{n}, Hostname=DB9EUR{n}HT{n}.eop-eur{n}.prod.protection.outlook.com] {n}432 bytes in 0.2{n}, 58.{n} KB/sec Queued mail for delivery -> 250 2.1.5"),
    says(Microsoft, UnknownUser, "5.5.0", RCPT, "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [DB9EUR{n}FT{n}.eop-eur{n}.prod.protection.outlook.com {s} {HEX}]"),
    says(Microsoft, Full, "5.2.2", RCPT, "552 5.2.2 <{to}>: Recipient address rejected: mailbox over quota (S2017062303) [DB9EUR{n}FT{n}.eop-eur{n}.prod.protection.outlook.com {s} {HEX}]"),
    says(Microsoft, Throttled, "4.7.650", MAIL, "451 4.7.650 The mail server [{ip}] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://postmaster.live.com (S775) [DB9EUR{n}FT{n}.eop-eur{n}.prod.protection.outlook.com {s} {HEX}]"),
    says(Microsoft, Blocked, "5.7.1", MAIL, "550 5.7.1 Unfortunately, messages from [{ip}] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140). You can also refer your provider to http://mail.live.com/mail/troubleshooting.aspx#errors. [DB9EUR{n}FT{n}.eop-eur{n}.prod.protection.outlook.com {s} {HEX}]"),
    says(Yahoo, Taken, "2.0.0", At::Bare, "250 ok dirdel"),
    says(Yahoo, UnknownUser, "5.0.0", END, "554 delivery error: dd This user doesn't have a {domain} account ({to}) [0] - {mx}"),
    says(Yahoo, UnknownUser, "5.0.0", END, "554 30 Sorry, your message to {to} cannot be delivered. This mailbox is disabled (554.30)."),
    says(Yahoo, FullForNow, "4.2.2", RCPT, "452 4.2.2 <{to}>: mailbox is over its quota; try again later"),
    says(Yahoo, Full, "5.2.2", END, "552 1 Requested mail action aborted, mailbox not found or over quota"),
    says(Yahoo, Throttled, "4.7.0", MAIL, "421 4.7.0 [TSS04] Messages from {ip} temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes"),
    says(Apple, Taken, "2.0.0", At::Bare, "250 2.0.0 Ok: queued as {HEX}"),
    says(Apple, UnknownUser, "5.1.1", RCPT, "550 5.1.1 <{to}>: user does not exist"),
    says(Apple, FullForNow, "4.2.2", RCPT, "452 4.2.2 <{to}>: user is over quota"),
    says(Apple, Full, "5.2.2", RCPT, "552 5.2.2 <{to}>: user is over quota"),
    says(Gmx, Taken, "2.0.0", At::Bare, "250 Requested mail action okay, completed: id=1{hex}-00{n}{n}"),
    says(Gmx, UnknownUser, "5.0.0", RCPT, "550 Requested action not taken: mailbox unavailable For explanation visit https://postmaster.gmx.net/en/error-messages?ip={ip}&c=recipient"),
    says(Gmx, Full, "5.0.0", RCPT, "552 Requested mail action aborted: exceeded storage allocation For explanation visit https://postmaster.gmx.net/en/error-messages?ip={ip}&c=quota"),
    says(Comcast, Taken, "2.0.0", At::Bare, "250 2.0.0 {hex} mail accepted for delivery"),
    says(Comcast, UnknownUser, "5.1.1", RCPT, "550 5.1.1 Not our Customer"),
    says(Orange, Taken, "2.0.0", At::Bare, "250 2.0.0 {hex} mail accepted for delivery"),
    says(Orange, UnknownUser, "5.1.1", RCPT, "550 5.1.1 <{to}>: Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]"),
    says(Orange, Throttled, "4.0.0", At::Greeting, "421 {mx} Service refuse. Veuillez essayer plus tard. Service refused, please try later. OFR_104 [104]"),
    says(Telekom, Taken, "2.0.0", At::Bare, "250 2.0.0 Message accepted."),
    says(Telekom, UnknownUser, "5.1.1", RCPT, "550 5.1.1 Benutzer ist unbekannt. / User unknown."),
    says(Microsoft365, Taken, "2.6.0", At::Bare, "250 2.6.0 <{hex}@{helo}> [InternalId={s}{n}, Hostname=AM0PR{n}MB{n}.eurprd{n}.prod.outlook.com] {n}214 bytes in 0.1{n}, 71.{n} KB/sec Queued mail for delivery"),
    says(Microsoft365, UnknownUser, "5.1.10", RCPT, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
    says(Microsoft365, UnknownUser, "5.4.1", RCPT, "550 5.4.1 Recipient address rejected: Access denied. For more information see https://aka.ms/EXOSmtpErrors [DB5EUR{n}FT{n}.eop-EUR{n}.prod.protection.outlook.com {s} {HEX}]"),
    says(Microsoft365, Throttled, "4.7.500", RCPT, "451 4.7.500 Server busy. Please try again later from [{ip}]. (S77714) [DB5EUR{n}FT{n}.eop-EUR{n}.prod.protection.outlook.com {s} {HEX}]"),
    says(Proofpoint, Taken, "2.0.0", At::Bare, "250 2.0.0 {hex}-1 Message accepted for delivery"),
    says(Proofpoint, UnknownUser, "5.1.1", RCPT, "550 5.1.1 User Unknown"),
    says(Proofpoint, Blocked, "5.0.0", At::Greeting, "554 Blocked - see https://ipcheck.proofpoint.com/?ip={ip}"),
    says(Mimecast, Taken, "2.0.0", At::Bare, "250 SmtpThread-{s}-{s}{n}@{mx} Received OK [{HEX}.uk{n}]"),
    says(Mimecast, UnknownUser, "5.0.0", RCPT, "550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550 [{HEX}.uk{n}]"),
    says(Mimecast, Greylisted, "4.0.0", RCPT, "451 Internal resource temporarily unavailable - https://community.mimecast.com/docs/DOC-1369#451 [{HEX}.uk{n}]"),
    says(Barracuda, Taken, "2.0.0", At::Bare, "250 Ok: queued as {HEX}"),
    says(Barracuda, UnknownUser, "5.1.1", RCPT, "550 permanent failure for one or more recipients ({to}:unknown user)"),
    says(Postfix, Taken, "2.0.0", At::Bare, "250 2.0.0 Ok: queued as {HEX}"),
    says(Postfix, UnknownUser, "5.1.1", RCPT, "550 5.1.1 <{to}>: Recipient address rejected: User unknown in virtual mailbox table"),
    says(Postfix, FullForNow, "4.2.2", RCPT, "452 4.2.2 <{to}>: Recipient address rejected: Mailbox is full"),
    says(Postfix, Full, "5.2.2", RCPT, "552 5.2.2 <{to}>: Recipient address rejected: Quota exceeded (mailbox for user is full)"),
    says(Postfix, Throttled, "4.7.0", At::Greeting, "421 4.7.0 {mx} Error: too many connections from {ip}"),
    says(Postfix, Blocked, "5.7.1", RCPT, "554 5.7.1 Service unavailable; Client host [{ip}] blocked using zen.dnsbl.example; https://check.dnsbl.example/query/ip/{ip}"),
    says(Postfix, Unauthenticated, "5.7.1", END, "550 5.7.1 rejected by DMARC policy for {fromdomain}"),
    says(Postfix, Greylisted, "4.2.0", RCPT, "450 4.2.0 <{to}>: Recipient address rejected: Greylisted, see http://postgrey.example/help/{domain}.html"),
    says(Postfix, Spam, "5.7.1", END, "554 5.7.1 Spam message rejected; If this is not spam contact postmaster@{domain}"),
    says(Postfix, ServerError, "4.3.0", END, "451 4.3.0 Error: queue file write error"),
    says(Postfix, Unreachable, "4.4.1", At::Bare, "connect to {mx}[{mxip}]:25: Connection timed out"),
    says(Postfix, Lost, "4.4.2", At::Bare, "lost connection with {mx}[{mxip}] while receiving the initial server greeting"),
    says(Postfix, Lost, "4.4.2", At::Bare, "conversation with {mx}[{mxip}] timed out while sending message body"),
    says(Postfix, NoSuchDomain, "5.4.4", At::Bare, "Host or domain name not found. Name service error for name={domain} type=AAAA: Host not found"),
    says(Postfix, TakesNoMail, "5.1.0", At::Bare, "Domain {domain} does not accept mail (nullMX)"),
    says(Postfix, NoNameService, "4.4.3", At::Bare, "Host or domain name not found. Name service error for name={domain} type=MX: Host not found, try again"),
    says(Exim, Taken, "2.0.0", At::Bare, "250 OK id=1v{HEX}-{n}{n}-0A"),
    says(Exim, UnknownUser, "5.0.0", RCPT, "550 No Such User Here"),
    says(Exim, UnknownUser, "5.0.0", RCPT, "550 \"No such recipient here\""),
    says(Exim, Full, "5.0.0", RCPT, "552 Mailbox quota exceeded"),
    says(Exim, Greylisted, "4.7.1", RCPT, "451 4.7.1 Greylisting in action, please come back in 00:04:{n}"),
    says(Exim, Blocked, "5.0.0", RCPT, "550-JunkMail rejected - {helo} [{ip}]:52{n} is in 550 an RBL, see https://check.dnsbl.example/query/ip/{ip}"),
];
