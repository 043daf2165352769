//! `ZoneMTA`: npm's log lines, often behind those of syslog or of a process manager.
//!
//! `LEVEL Sender/ZONE/PID[n] id=SESSION QID.SEQ STATUS …`: QID is the message, SEQ one recipient. The word in brackets behind a status is the
//! verdict of `ZoneMTA`'s own rules: the status is believed, the reason is the reply. Each process writes level, part and words one after
//! the other into the same pipe, so that the front of a line may lie within another's, or be missing; what follows it is written at once and
//! always whole. Sources: `lib/sender.js`, `lib/mail-queue.js` and `lib/mail-drop.js` of `ZoneMTA` 3, `lib/log.js` of npmlog.
//!
//! Kinds: ACCEPTED, DEFERRED, REJECTED and DROP are deliveries; other lines about a message are context; the rest other.

use std::borrow::Cow;

use super::cursor::{Cursor, number, rsplit_text, skip_blanks, split_byte, split_text};
use super::detect::lines;
use super::relay::Relay;
use super::said::{attempt, said, sort};
use super::syslog::{Line, Program, Syslog};
use super::{Confidence, FileContext, Format, Reader};
use crate::event::{
    Attempt, Closing, Event, Framing, Head, Key, Kind, Micros, Origin, Sink, Sort, Speaker, Stage, Status, Target, What,
};

/// The format.
pub(crate) struct ZoneMta;

/// Its lines among those of other programs.
pub(crate) struct Lines;

/// The log of lines.
static LINES: Syslog = Syslog(&Lines);

impl Format for ZoneMta {
    fn name(&self) -> &'static str {
        LINES.name()
    }

    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)> {
        // Without a header only what tells of a message is sure, and a log may begin with other things.
        let has_message = || lines(head).any(|line| part(line.trim_ascii_end()).is_some());
        let by_syslog = LINES.recognise(head).filter(|&(sure, _)| sure == Confidence::Certain);
        by_syslog.or_else(|| has_message().then_some((Confidence::Certain, Framing::Lines)))
    }

    fn reader(&self, head: &[u8], context: &FileContext) -> Box<dyn Reader> {
        LINES.reader(head, context)
    }
}

impl Program for Lines {
    fn name(&self) -> &'static str {
        "zonemta"
    }

    fn read(&self, line: &Line<'_>, into: &mut dyn Sink) -> Option<Kind> {
        let envelope = &line.envelope;
        let is_ours = envelope.tag.starts_with(b"zone-mta") || envelope.tag.starts_with(b"zonemta");
        let may_be = is_ours || envelope.tag.is_empty() || envelope.tag.starts_with(b"node") || !envelope.framed;
        if !may_be {
            return None;
        }
        let host = if is_of_front(envelope.host) { b"" } else { envelope.host };
        let head = Head { host, ..line.head(b"zonemta") };
        if let Some(told) = Told::of(line.plain.trim_ascii_end()) {
            return Some(told.tell(head, into));
        }
        (is_ours || is_other(envelope.text)).then_some(Kind::Other)
    }

    fn queued(&self, _: &Line<'_>) -> Option<Micros> {
        None
    }
}

/// What the part that tells of messages wrote, behind its name, if its line is whole.
fn part(line: &[u8]) -> Option<&[u8]> {
    [&b"Sender/"[..], b"Queue/"].into_iter().find_map(|name| {
        let (_, rest) = split_text(line, name).filter(|(before, _)| is_front(before))?;
        let mut at = Cursor(rest);
        at.until(b' ')?;
        Some(at.0)
    })
}

/// The levels of npm's log, as it writes them.
const LEVELS: [&[u8]; 7] = [b"sill", b"verb", b"info", b"http", b"notice", b"WARN", b"ERR!"];

fn is_level(word: &[u8]) -> bool {
    LEVELS.contains(&word)
}

/// Whether what stands before a part's name is a level, or the parenthesis that older versions have.
fn is_front(before: &[u8]) -> bool {
    let last = before.trim_ascii_end().rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
    // RFC 5424 lets a mark stand before text that is UTF-8.
    before.ends_with(b"(") || is_level(last.strip_prefix(b"\xef\xbb\xbf").unwrap_or(last))
}

/// What follows the levels at the front of `text`: of lines that lie within each other there are several.
fn skip_levels(mut text: &[u8]) -> &[u8] {
    while let Some(after) = LEVELS.iter().find_map(|&level| text.strip_prefix(level)) {
        text = skip_blanks(after);
    }
    text
}

/// Whether a word is of a line's front, where the name of the host stands in others: `info`, `infoinfo`, `Sender/default/7[2]`, `verbQueue`.
fn is_of_front(word: &[u8]) -> bool {
    let rest = skip_levels(word);
    let is_level = rest.is_empty() && !word.is_empty();
    is_level || rest.contains(&b'/') || rest.starts_with(b"id=") || [&b"Queue"[..], b"Delete", b"GC"].contains(&rest)
}

/// Whether what stands before a line's words can be its front, or what is left of it, and no words of somebody else.
fn may_be_front(before: &[u8]) -> bool {
    let last = before.trim_ascii_end().rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
    let is_word = last.last().is_some_and(u8::is_ascii_alphanumeric);
    !is_word || is_of_front(last) || LEVELS.iter().any(|level| last.ends_with(level))
}

/// `info Plugins/…`, `verb Queue …`, and what is left of such: `infoinfo SMTP/…`, ` SMTP/…`
fn is_other(text: &[u8]) -> bool {
    let whole = skip_blanks(text);
    let rest = skip_levels(whole);
    let (front, _) = whole.split_at_checked(whole.len() - rest.len()).unwrap_or_default();
    let mut at = Cursor(rest);
    at.take(b"(");
    let is_named = at.0.first().is_some_and(u8::is_ascii_uppercase) && at.word().contains(&b'/');
    is_named || front.ends_with(b" ")
}

/// What a line tells of a message.
#[derive(Clone, Copy, Debug)]
struct Told<'a> {
    /// QID.SEQ, or QID alone.
    name: &'a [u8],
    /// QID.
    id: &'a [u8],
    /// SEQ: which of its recipients.
    number: Option<u32>,
    /// What follows.
    rest: &'a [u8],
}

impl<'a> Told<'a> {
    fn of(line: &'a [u8]) -> Option<Self> {
        part(line).and_then(Self::at).or_else(|| Self::torn(line))
    }

    /// A line without its front, or of a part that tells little of messages: `QID.SEQ WORD …`, `Cleaned up QID from queue`.
    fn torn(line: &'a [u8]) -> Option<Self> {
        const WORDS: [&[u8]; 7] =
            [b" ACCEPTED from=", b" DEFERRED[", b" REJECTED[", b" QUEUED (", b" CONNECTED domain=", b" DROP[", b" DELSUCCESS "];
        let by_word = WORDS.iter().find_map(|word| {
            let (before, _) = split_text(line, word)?;
            let start = before.iter().rposition(|&byte| byte == b' ').map_or(0, |blank| blank + 1);
            let (front, text) = line.split_at_checked(start)?;
            may_be_front(front).then(|| Self::at(text))?
        });
        let cleaned = || {
            let (before, rest) = split_text(line, b"Cleaned up ")?;
            Self::at(rest).filter(|told| told.rest == b"from queue" && may_be_front(before))
        };
        by_word.or_else(cleaned)
    }

    /// At the front of `text`.
    fn at(text: &'a [u8]) -> Option<Self> {
        let mut at = Cursor(text);
        if at.take(b"id=") {
            at.until(b' ')?;
        }
        let name = at.word();
        at.blanks();
        let (id, number) = split_byte(name, b'.').map_or((name, None), |(id, number)| (id, Some(number)));
        let is_id = id.len() >= 10 && id.iter().all(u8::is_ascii_alphanumeric) && id.iter().any(u8::is_ascii_digit);
        let number = number.and_then(|number| u32::from_str_radix(str::from_utf8(number).ok()?, 16).ok());
        is_id.then_some(Self { name, id, number, rest: at.0 })
    }

    fn tell(&self, head: Head<'_>, into: &mut dyn Sink) -> Kind {
        let mut at = Cursor(self.rest);
        let word = at.word();
        at.blanks();
        let (word, verdict) = split_byte(word, b'[').unwrap_or((word, b""));
        let verdict = verdict.strip_suffix(b"]").unwrap_or(verdict);
        let told = match word {
            b"ACCEPTED" => self.tried(at.0, Status::Delivered, verdict, head, into),
            b"DEFERRED" => self.tried(at.0, Status::Deferred, verdict, head, into),
            b"REJECTED" => self.tried(at.0, Status::Failed, verdict, head, into),
            b"DROP" => self.dropped(at.0, head, into),
            b"QUEUED" => self.queued(at.0, head, into),
            b"CONNECTED" => self.connected(at.0, head, into),
            b"DELSUCCESS" => self.number.map(|number| {
                self.say(What::Cancelled { target: Target::Index(number) }, head, into);
                Kind::Context
            }),
            // Whoever waits is thrown away, and nobody is told.
            b"from" if self.rest == b"from queue" => {
                self.say(What::GaveUp { target: Target::AllOpen }, head, into);
                Some(Kind::Context)
            }
            _ => None,
        };
        told.unwrap_or(if self.number.is_some() { Kind::Context } else { Kind::Other })
    }

    fn say(&self, what: What<'_>, head: Head<'_>, into: &mut dyn Sink) {
        into.event(&Event { head, key: Key::Message(self.id), what });
    }

    /// `from=… to=… src=… mx=… id=… (REPLY)`
    fn tried(&self, text: &[u8], status: Status, verdict: &[u8], head: Head<'_>, into: &mut dyn Sink) -> Option<Kind> {
        let mut reply = Vec::new();
        let found = Fields::of(text)?;
        let heard = heard(found.reply);
        let words = said(None, None, &heard, &mut reply);
        let speaker = match verdict {
            _ if status == Status::Delivered => Speaker::Remote,
            // Where no address is named, there was no host to give the code: `450 Can't find an MX server for …` is its own.
            b"dns" if found.relay.ip.is_empty() && found.source.is_empty() => Speaker::Dns,
            // A plugin may give a code before anybody is asked.
            _ if words.code.is_some() && !found.is_reached => Speaker::Own,
            _ if words.code.is_some() => Speaker::Remote,
            b"dns" => Speaker::Dns,
            b"network" => Speaker::Connection,
            b"policy" => Speaker::Own,
            b"" | b"http" => words.speaker,
            // A verdict of the rules is about a reply.
            _ => Speaker::Remote,
        };
        let sort = if found.is_upload { Sort::Local } else { sort(status, speaker) };
        // A host that did not greet is named by the line that tells of the connection alone.
        let is_unnamed = found.relay.is_none() && !found.source.is_empty();
        self.say(What::Sender { address: found.sender, size: None, recipients: None }, head, into);
        self.say(
            What::Attempt(Attempt {
                sort,
                speaker,
                slot: is_unnamed.then_some(self.name),
                stage: if status == Status::Delivered { Stage::EndOfData } else { Stage::Unknown },
                relay: found.relay.host,
                relay_ip: found.relay.ip,
                source: found.source,
                code: words.code.filter(|_| speaker != Speaker::Dns),
                ..attempt(found.recipient, status, &words)
            }),
            head,
            into,
        );
        if self.number.is_some() {
            into.event(&Event { head, key: Key::Slot(self.name), what: What::Close(Closing::Done) });
        }
        Some(Kind::Delivery)
    }

    /// `Recipient ADDRESS was found from suppression list`
    fn dropped(&self, text: &[u8], head: Head<'_>, into: &mut dyn Sink) -> Option<Kind> {
        let (address, _) = split_text(text.strip_prefix(b"Recipient ")?, b" was found")?;
        let mut reply = Vec::new();
        let words = said(None, None, text, &mut reply);
        let suppressed = Attempt { sort: Sort::NotSent, speaker: Speaker::Own, ..attempt(address, Status::Failed, &words) };
        self.say(What::Attempt(suppressed), head, into);
        Some(Kind::Delivery)
    }

    /// `domain=… mx=HOST[IP] src=NAME[IP]`
    fn connected(&self, text: &[u8], head: Head<'_>, into: &mut dyn Sink) -> Option<Kind> {
        let field = |name: &[u8]| split_text(text, name).map(|(_, value)| Relay::read(Cursor(value).word()));
        let (relay, source) = (field(b" mx=")?, field(b" src=").unwrap_or_default());
        self.number?;
        let what = What::Channel { source: source.ip, relay: relay.host, relay_ip: relay.ip, tls: b"" };
        into.event(&Event { head, key: Key::Slot(self.name), what });
        Some(Kind::Context)
    }

    /// `(message-id=<…> from=… to=a,b src=… auth=… subject=… body=…)`
    fn queued(&self, text: &[u8], head: Head<'_>, into: &mut dyn Sink) -> Option<Kind> {
        let text = text.strip_prefix(b"(")?;
        let text = text.strip_suffix(b")").unwrap_or(text);
        // The subject may be anything.
        let envelope = split_text(text, b" subject=").map_or(text, |(before, _)| before);
        let field = |name: &[u8]| {
            let (before, value) = split_text(envelope, name)?;
            (before.is_empty() || before.ends_with(b" ")).then(|| Cursor(value).word())
        };
        let client = field(b"src=");
        let address_of_client = client.filter(|&client| client != b"false").unwrap_or_default();
        let origin = if field(b"auth=").is_some() { Origin::Submitted } else { Origin::Unknown };
        self.say(What::Begin { origin, client: address_of_client }, head, into);
        if let Some(sender) = field(b"from=") {
            let size = rsplit_text(text, b" body=").and_then(|(_, size)| number(Cursor(size).word()));
            let address = if sender == b"<>" { b"" } else { sender };
            self.say(What::Sender { address, size, recipients: None }, head, into);
            // A notification of its own comes from nowhere.
            if address.is_empty() && client.is_none() {
                self.say(What::OwnBounce { about: b"" }, head, into);
            }
        }
        let message_id = field(b"message-id=").and_then(|id| id.strip_prefix(b"<")?.strip_suffix(b">"));
        if let Some(message_id) = message_id.filter(|id| !id.is_empty()) {
            self.say(What::MessageId(message_id), head, into);
        }
        let addresses = field(b"to=").filter(|&to| to != b"<>").unwrap_or_default();
        for (index, address) in (1..).zip(addresses.split(|&byte| byte == b',')).filter(|(_, address)| !address.is_empty()) {
            self.say(What::Recipient { index: Some(index), address }, head, into);
        }
        Some(Kind::Context)
    }
}

/// A reply as the server sent it: nodemailer takes each byte for a letter, so that UTF-8 is logged as UTF-8 of UTF-8.
fn heard(reply: &[u8]) -> Cow<'_, [u8]> {
    if reply.is_ascii() {
        return reply.into();
    }
    let letters = str::from_utf8(reply).unwrap_or_default().chars();
    let sent: Option<Vec<u8>> = letters.map(|letter| u8::try_from(letter).ok()).collect();
    let sent = sent.filter(|sent| !sent.is_empty() && str::from_utf8(sent).is_ok());
    sent.map_or(reply.into(), Cow::Owned)
}

/// `from=… to=… src=… mx=HOST[IP] id=<…> (REPLY)`; older versions have no `src=`, or call the host `dst=`, and some the last `message-id=`.
#[derive(Clone, Copy, Debug, Default)]
struct Fields<'a> {
    sender: &'a [u8],
    recipient: &'a [u8],
    source: &'a [u8],
    relay: Relay<'a>,
    reply: &'a [u8],
    /// Whether a host was reached, or may have been.
    is_reached: bool,
    /// Whether it went to a program by HTTP.
    is_upload: bool,
}

impl<'a> Fields<'a> {
    fn of(text: &'a [u8]) -> Option<Self> {
        // A long reply goes on in lines of its own, and its end with it.
        let (fields, reply) = split_text(text, b" (").unwrap_or((text, b""));
        let reply = reply.strip_suffix(b")").unwrap_or(reply);
        let (sender, rest) = split_text(fields.strip_prefix(b"from=")?, b" to=")?;
        let field = |name: &[u8]| split_text(rest, name).map(|(_, value)| Cursor(value).word());
        let (source, mx) = (field(b" src="), field(b" mx="));
        // A local part in quotes may hold blanks.
        let before = |name: &[u8]| split_text(rest, name).map(|(recipient, _)| recipient);
        let recipient = before(b" src=").or_else(|| before(b" mx=")).unwrap_or_else(|| Cursor(rest).word());
        let is_upload = mx == Some(b"undefined[undefined]");
        let host = mx.or_else(|| field(b" dst=")).filter(|_| !is_upload).unwrap_or_default();
        let relay = Relay::read(host);
        // Where no host was reached, the domain stands in its place; the words may name the host.
        let is_domain = relay.ip.is_empty() && (source.is_some() || recipient.ends_with(relay.host));
        let is_reached = !is_domain || mx.is_none() || source != Some(b"");
        let relay = if is_domain { sought(reply).unwrap_or_default() } else { relay };
        let source = source.unwrap_or_default();
        Some(Self { sender: envelope_sender(sender), recipient, source, relay, reply, is_reached, is_upload })
    }
}

/// The host in `… connecting to MX server HOST[IP] for DOMAIN…`
fn sought(reply: &[u8]) -> Option<Relay<'_>> {
    let (_, rest) = split_text(reply, b" MX server ")?;
    Some(Relay::read(Cursor(rest).word())).filter(|relay| !relay.ip.is_empty())
}

/// `FROM[ENVELOPE]` where a plugin set an envelope sender of its own; `<>` for none.
fn envelope_sender(text: &[u8]) -> &[u8] {
    let inner = text.strip_suffix(b"]").and_then(|text| split_byte(text, b'[')).map(|(_, inner)| inner);
    let address = inner.unwrap_or(text);
    if address == b"<>" { b"" } else { address }
}
