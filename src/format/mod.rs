//! One module per log format: from one record to its events.
//!
//! A file's format is told from its first bytes ([`detect()`]) or forced. A [`Reader`] knows the head of its file and nothing else, so
//! that every segment of a file can be read alone and in any order; what joins records is an event for the stitch. Readers allocate
//! nothing for a record that says nothing, and cannot panic. Knows `event` alone.

mod account;
#[cfg(test)]
#[path = "tests/acme.rs"]
mod acme;
mod brevo;
mod carried;
mod clock;
mod courier;
mod cursor;
mod detect;
mod envelope;
mod exchange;
mod exim;
mod haraka;
mod ironport;
mod json;
mod kumomta;
mod mail;
mod mailerq;
mod mailersend;
mod mailgun;
mod mailjet;
mod mailtrap;
mod mandrill;
mod mapped;
mod momentum;
mod numbers;
mod object;
mod opensmtpd;
mod phrases;
mod postal;
mod postfix;
mod postmark;
mod powermta;
mod qmail;
mod relay;
mod resend;
mod row;
mod said;
mod sendgrid;
mod sendmail;
mod ses;
mod smtp;
mod sparkpost;
mod stranger;
mod syslog;
mod zonemta;

pub use account::Account;
pub use detect::{Detection, Near, by_name, detect, detect_among, looks_like, nearest};
pub use mapped::{Mapping, MappingError, WrittenMapping, suggest};
pub use stranger::{Stranger, stranger};

use crate::event::{Event, Framing, Kind, Micros, Pos, Sink};

/// Every format, in the order that decides between equals. A new format is one file and one line here.
pub static FORMATS: [&dyn Format; 26] = [
    &syslog::Syslog(&postfix::Postfix),
    &syslog::Syslog(&sendmail::Sendmail),
    &syslog::Syslog(&exim::Exim),
    &qmail::Qmail,
    &syslog::Syslog(&opensmtpd::OpenSmtpd),
    &syslog::Syslog(&courier::Courier),
    &ironport::IronPort,
    &powermta::PowerMta,
    &exchange::Exchange,
    &haraka::Haraka,
    &zonemta::ZoneMta,
    &momentum::Momentum,
    &mailerq::MailerQ,
    &kumomta::KUMOMTA,
    &sparkpost::SPARKPOST,
    &ses::SES,
    &sendgrid::SendGrid,
    &mailgun::MAILGUN,
    &postmark::POSTMARK,
    &mandrill::MANDRILL,
    &mailjet::MAILJET,
    &brevo::BREVO,
    &mailtrap::MAILTRAP,
    &postal::POSTAL,
    &resend::RESEND,
    &mailersend::MAILERSEND,
];

/// How sure a format is that a file is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// The framing fits, and nothing contradicts it.
    Possible,
    /// Some records are of this format's shape.
    Likely,
    /// A record that only this format writes.
    Certain,
}

/// What a reader may know of its file beside the records.
#[derive(Clone, Debug)]
pub struct FileContext {
    /// The latest time that a stamp without a year may mean, less one day: from `--year`, a date in the file's name, the stamp in
    /// the gzip header or the file's own time.
    pub anchor: Micros,
    /// The zone of stamps that name none (`--tz`, else UTC).
    pub zone: jiff::tz::TimeZone,
    /// Relays that are ours, beside loopback (`--own-relay`): host names or addresses, lower case.
    pub own_relays: Vec<String>,
}

/// A log format.
pub trait Format: Sync {
    /// Its name on the command line and in tables: lower case, one word.
    fn name(&self) -> &str;

    /// Whether a file that begins with `head` (its first 64 KiB at most) is of this format, and how it is framed.
    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)>;

    /// A reader for one segment of a file. `head` is the beginning of the file, whatever the segment.
    fn reader(&self, head: &[u8], context: &FileContext) -> Box<dyn Reader>;

    /// The line of `head` that names the columns, in formats whose rows cannot be read without one.
    fn header<'a>(&self, head: &'a [u8]) -> Option<&'a [u8]> {
        let _ = head;
        None
    }

    /// Whether a file that begins with `head` is a piece without a header, and the `header` of another piece fits its rows: then a reader is
    /// given this line before the head.
    fn takes_header(&self, head: &[u8], header: &[u8]) -> bool {
        let _ = (head, header);
        false
    }

    /// Whether its files hold mails, and no log.
    fn holds_mails(&self) -> bool {
        false
    }

    /// Whether a host writes several logs into one folder, in records that do not name it, of which one may repeat what another says.
    fn repeats_in_folder(&self) -> bool {
        false
    }

    /// Why a file that begins with `head` is not quite of this format, though something speaks for it: what is missing, in words, where
    /// somebody can put it right.
    fn misfit(&self, head: &[u8]) -> Option<String> {
        let _ = head;
        None
    }
}

/// Reads the records of one segment.
pub trait Reader: Send {
    /// Reads one record, without its line end, into events, and says what it was.
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind;

    /// What the beginning of `record` says; None if no stamp stands there. Asked of few records: files are ranked by it, the year of
    /// stamps without one is checked by it, and it tells a whole record from the end of one that another file began.
    fn opening(&mut self, record: &[u8]) -> Option<Opening> {
        let mut opening = None;
        self.read(record, Pos::default(), &mut First(&mut opening));
        opening
    }
}

/// What the beginning of a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Its stamp.
    pub time: Micros,
    /// The host that wrote it, as logged; empty where not logged.
    pub host: Vec<u8>,
}

/// Keeps what the first event with a stamp says of its record.
struct First<'a>(&'a mut Option<Opening>);

impl Sink for First<'_> {
    fn event(&mut self, event: &Event<'_>) {
        if let (None, Some(time)) = (&self.0, event.head.time) {
            *self.0 = Some(Opening { time, host: event.head.host.to_vec() });
        }
    }
}
