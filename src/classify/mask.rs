//! The signature of a reply: what varies from mail to mail is replaced, so that ten thousand replies become a hundred.
//!
//! One pass over the bytes, no regular expression: this runs once for every failed attempt. What is kept and what is masked is told
//! from the reply alone, never from other replies, and masking a signature gives the signature. Placeholders keep the kind:
//! `<ip>`, `<email>`, `<host>`, `<id>`, `<time>`, `<n>`, `<url-arg>`.

use crate::classify::token::{self, Token, token};
use crate::classify::unfold::{self, Opening};

/// A signature is cut after the last whole word within this many bytes.
pub const LIMIT: usize = 480;

/// Masks `reply` into its signature, which replaces the content of `into`: UTF-8 without control characters, at most [`LIMIT`]
/// bytes and a placeholder.
pub fn mask(reply: &[u8], into: &mut Vec<u8>) {
    mask_unless(reply, into, |_| false);
}

/// As [`mask`], but a text that `is_signature` knows to be one is taken after the first round: nearly all replies are spared the
/// second, which would only find that nothing changes.
pub fn mask_unless(reply: &[u8], into: &mut Vec<u8>, is_signature: impl FnOnce(&[u8]) -> bool) {
    into.clear();
    scan(&unfold::clean(reply), into);
    if is_signature(into) {
        return;
    }
    // What a hostile reply hides behind a mask (`Mon, Mon, 24 Feb`) shows in the next round; a real one is done after the first.
    let mut before = Vec::new();
    for _ in 0..ROUNDS {
        std::mem::swap(&mut before, into);
        into.clear();
        scan(&unfold::clean(&before), into);
        if before == *into {
            return;
        }
    }
}

/// Rounds after which a signature is taken as it is.
const ROUNDS: usize = 64;

/// One round.
fn scan(text: &str, into: &mut Vec<u8>) {
    let (opening, rest) = unfold::opening(unfold::unframe(text));
    Scan { out: into, opening, rest, is_spaced: false, is_in_url: false, last: None, word: 0 }.run();
}

/// What a placeholder stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ip,
    Email,
    Host,
    Id,
    Time,
    N,
    UrlArg,
}

impl Kind {
    const ALL: [Self; 7] = [Self::Ip, Self::Email, Self::Host, Self::Id, Self::Time, Self::N, Self::UrlArg];

    const fn text(self) -> &'static str {
        match self {
            Self::Ip => "<ip>",
            Self::Email => "<email>",
            Self::Host => "<host>",
            Self::Id => "<id>",
            Self::Time => "<time>",
            Self::N => "<n>",
            Self::UrlArg => "<url-arg>",
        }
    }
}

/// Where the scanner stands.
struct Scan<'a, 'o> {
    out: &'o mut Vec<u8>,
    opening: Opening<'a>,
    rest: &'a str,
    /// White space was seen and is not yet written.
    is_spaced: bool,
    /// Inside a link that a placeholder interrupts.
    is_in_url: bool,
    /// The last time or number written: its kind and where it begins and ends in `out`.
    last: Option<(Kind, usize, usize)>,
    /// Where the last run begins in `out`.
    word: usize,
}

/// What ends a run.
const fn is_bracket(byte: u8) -> bool {
    matches!(byte, b'<' | b'>' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'"' | b',' | b';' | b'|' | b'`')
}

/// What a byte is to a run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// White space, control character or bracket: ends it.
    End,
    Letter,
    Other,
}

/// The class of each byte: asked for every byte of every failure's reply.
static CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte = 0;
    while byte < classes.len() {
        let value = byte as u8;
        #[expect(clippy::indexing_slicing, reason = "checked while compiling")]
        if value <= b' ' || value == 0x7f || is_bracket(value) {
            classes[byte] = Class::End;
        } else if value.is_ascii_alphabetic() {
            classes[byte] = Class::Letter;
        }
        byte += 1;
    }
    classes
};

fn class(byte: u8) -> Class {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(Class::Other)
}

impl<'a> Scan<'a, '_> {
    fn run(mut self) {
        self.out.extend_from_slice(self.opening.code.as_bytes());
        if !self.opening.status.is_empty() {
            self.is_spaced = !self.out.is_empty();
            self.write(self.opening.status);
        }
        self.is_spaced |= !self.out.is_empty();
        while let Some(&byte) = self.rest.as_bytes().first() {
            if self.out.len() > LIMIT {
                return self.cut();
            }
            if byte <= b' ' || byte == 0x7f {
                self.is_spaced = !self.out.is_empty();
                self.skip(1);
            } else if is_bracket(byte) {
                self.bracket(byte);
            } else {
                let end = self.rest.bytes().position(|byte| class(byte) == Class::End).unwrap_or(self.rest.len());
                let (run, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
                self.rest = rest;
                self.take(run);
            }
        }
        if self.out.len() > LIMIT {
            self.cut();
        }
    }

    /// Cuts behind the last whole word within the limit; a single word without a space is cut as it comes.
    fn cut(self) {
        let end = self.out.get(..=LIMIT).and_then(|head| memchr::memrchr(b' ', head)).unwrap_or_else(|| {
            let is_start = |&at: &usize| self.out.get(at).is_none_or(|byte| byte & 0xc0 != 0x80);
            (0..=LIMIT).rev().find(is_start).unwrap_or(0)
        });
        self.out.truncate(end);
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Writes a kept piece, and the space that was due before it.
    fn write(&mut self, text: &str) {
        self.space();
        self.out.extend_from_slice(text.as_bytes());
    }

    fn space(&mut self) {
        if std::mem::take(&mut self.is_spaced) {
            self.out.push(b' ');
            self.is_in_url = false;
        }
    }

    /// Writes a placeholder. A time swallows what of a date stands before and behind it; `<x@y>` loses its own brackets.
    fn place(&mut self, kind: Kind) {
        if let Some((before, start, end)) = self.last {
            let is_next = self.out.len() == end || (self.out.len() == end + 1 && self.out.last() == Some(&b','));
            if is_next
                && (before == Kind::Time && matches!(kind, Kind::N | Kind::Time) || before == Kind::N && kind == Kind::Time)
            {
                self.out.truncate(start);
                // The space before the first piece of the date was written with it.
                self.is_spaced = false;
                self.put(Kind::Time);
                return;
            }
        }
        self.space();
        self.put(kind);
    }

    fn put(&mut self, kind: Kind) {
        let start = self.out.len();
        self.out.extend_from_slice(kind.text().as_bytes());
        self.last = matches!(kind, Kind::Time | Kind::N).then_some((kind, start, self.out.len()));
        while self.rest.starts_with('>') && self.last_before(kind) == Some(b'<') {
            let at = self.out.len() - kind.text().len() - 1;
            self.out.remove(at);
            self.skip(1);
            if let Some((_, start, end)) = &mut self.last {
                (*start, *end) = (*start - 1, *end - 1);
            }
        }
        if kind == Kind::Ip && self.last_before(kind) == Some(b'[') {
            self.drop_count();
        }
    }

    /// The byte before the placeholder just written.
    fn last_before(&self, kind: Kind) -> Option<u8> {
        let at = self.out.len().checked_sub(kind.text().len() + 1)?;
        self.out.get(at).copied()
    }

    /// Gmail counts inside the brackets: `[192.0.2.1      14]`.
    fn drop_count(&mut self) {
        let inner = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let end = inner.trim_start_matches(|c: char| c.is_ascii_digit());
        if end.len() < inner.len() && inner.len() < self.rest.len() && end.starts_with(']') {
            self.rest = end;
        }
    }

    fn bracket(&mut self, byte: u8) {
        if byte == b'<'
            && let Some(kind) = Kind::ALL.into_iter().find(|kind| self.rest.starts_with(kind.text()))
        {
            self.skip(kind.text().len());
            return self.place(kind);
        }
        self.space();
        self.is_in_url = false;
        self.out.push(byte);
        self.skip(1);
    }

    /// One run of a reply.
    fn take(&mut self, run: &'a str) {
        let bytes = run.as_bytes();
        let is_first_after_space = self.is_spaced;
        if bytes.iter().all(|&byte| class(byte) == Class::Letter) {
            return self.letters(run);
        }
        if is_first_after_space
            && !self.opening.code.is_empty()
            && let Some(inner) = self.repeated(run)
        {
            if !inner.is_empty() {
                self.take(inner);
            }
            return;
        }
        if self.is_zone(bytes) {
            self.is_spaced = false;
            return;
        }
        if is_first_after_space && !self.opening.status.is_empty() && run == self.opening.status {
            return;
        }
        let word = self.out.len() + usize::from(self.is_spaced);
        if self.is_in_url && !self.is_spaced {
            self.link(run);
        } else {
            self.piece(run);
        }
        if run != "-" {
            self.word = word;
        }
    }

    /// `+0100` right behind a time.
    fn is_zone(&self, run: &[u8]) -> bool {
        let is_behind_time = self.last.is_some_and(|(kind, _, end)| kind == Kind::Time && self.out.len() == end);
        is_behind_time && matches!(run, [b'+' | b'-', zone @ ..] if zone.len() == 4 && zone.iter().all(u8::is_ascii_digit))
    }

    /// The repeated code at the head of an inner line of a folded reply: what follows it in the same run; None where it is none.
    fn repeated(&self, run: &'a str) -> Option<&'a str> {
        let rest = run.strip_prefix(self.opening.code)?;
        if let Some(inner) = rest.strip_prefix('-') {
            return Some(inner);
        }
        if !rest.is_empty() {
            return None;
        }
        let status = self.opening.status;
        let next = self.rest.trim_start();
        let is_line = self.opening.is_folded || (!status.is_empty() && next.starts_with(status));
        is_line.then_some("")
    }

    /// A run of ASCII letters: nearly always a word.
    fn letters(&mut self, run: &str) {
        if run.len() == 5 && run == "gsmtp" {
            self.mask_session();
        } else if run.len() == 3 && is_calendar(run) && self.is_before_number() {
            return self.place(Kind::Time);
        } else if run.len() >= 10 && token(run) == Token::Id {
            return self.place(Kind::Id);
        }
        self.word = self.out.len() + usize::from(self.is_spaced);
        self.write(run);
    }

    /// `ID - gsmtp`: Google's session id may have no shape of its own.
    fn mask_session(&mut self) {
        let is_dash = self.out.ends_with(b" -");
        let session = self.out.get(self.word..).and_then(|tail| tail.strip_suffix(b" -"));
        if is_dash
            && session.is_some_and(|id| !id.starts_with(b"<") && !id.contains(&b' ') && id.iter().any(u8::is_ascii_digit))
        {
            self.out.truncate(self.word);
            self.out.extend_from_slice(b"<id> -");
        }
    }

    /// `Feb 24`, `Mon, 24`: a month's or day's name is a date only before a number.
    fn is_before_number(&self) -> bool {
        let next = self.rest.trim_start_matches([',', ' ']);
        next.len() < self.rest.len()
            && (next.starts_with(|c: char| c.is_ascii_digit()) || next.starts_with("<n>") || next.starts_with("<time>"))
    }

    /// A run with something else than letters in it.
    fn piece(&mut self, run: &str) {
        if token::is_ip6(run.as_bytes()) {
            return self.place(Kind::Ip);
        }
        if let Some(address) = run.strip_prefix("IPv6:").filter(|rest| token::is_ip6(rest.as_bytes())) {
            // An address literal, RFC 5321 section 4.1.3.
            self.write(run.strip_suffix(address).unwrap_or_default());
            return self.place(Kind::Ip);
        }
        let core = run.trim_start_matches(is_leading);
        let (lead, core) = (run.strip_suffix(core).unwrap_or_default(), core.trim_end_matches(is_trailing));
        let trail = run.get(lead.len() + core.len()..).unwrap_or_default();
        if !lead.is_empty() {
            self.write(lead);
        }
        if core.contains("://") {
            self.link(core);
            self.is_in_url = true;
        } else if let Some((local, domain)) = core.split_once('@').filter(|_| core.len() > 1) {
            self.address(local, domain);
        } else {
            self.fields(core);
        }
        if !trail.is_empty() {
            self.write(trail);
        }
    }

    /// `local@domain` and what hangs on it: `smtp:a@b`, `a@b:unknown`.
    fn address(&mut self, local: &str, domain: &str) {
        let (mut lead, mut domain) = (local.rfind(':').map_or("", |at| local.get(..=at).unwrap_or_default()), domain);
        while let Some((head, key)) = lead.split_once(':') {
            self.fields(head);
            self.write(":");
            lead = key;
        }
        loop {
            self.place(Kind::Email);
            let end = domain.bytes().position(|b| !(b.is_ascii_alphanumeric() || b".-_@=+".contains(&b) || b >= 0x80));
            let Some((_, tail)) = end.and_then(|end| domain.split_at_checked(end)) else { return };
            // What hangs on it may hold another address: `a@b/c@d`.
            match tail.split_once('@') {
                Some((_, next)) => domain = next,
                None => return self.fields(tail),
            }
        }
    }

    /// Splits at colons, equals signs and slashes what is no atom as a whole.
    fn fields(&mut self, text: &str) {
        if text.bytes().any(|byte| byte == b':') {
            if token::is_date(text.as_bytes()) || token::is_clock(text.as_bytes()) {
                return self.place(Kind::Time);
            }
            if token::is_ip6(text.as_bytes()) {
                return self.place(Kind::Ip);
            }
        }
        let mut is_first = true;
        for field in text.split_inclusive([':', '=']) {
            let (field, end) = match field.as_bytes().last() {
                Some(b':' | b'=') => field.split_at_checked(field.len() - 1).unwrap_or((field, "")),
                _ => (field, ""),
            };
            self.slashed(field, is_first);
            if !end.is_empty() {
                self.write(end);
            }
            is_first = false;
        }
    }

    /// A field without colon and equals sign: a date, an id with slashes in it (base64), or parts.
    fn slashed(&mut self, field: &str, is_first: bool) {
        if !field.contains('/') || token::is_date(field.as_bytes()) || (field.len() >= 16 && token::is_id(field.as_bytes())) {
            return self.atom(field, is_first);
        }
        for part in field.split_inclusive('/') {
            let name = part.strip_suffix('/').unwrap_or(part);
            self.atom(name, is_first);
            if name.len() < part.len() {
                self.write("/");
            }
        }
    }

    fn atom(&mut self, text: &str, is_first: bool) {
        let core = text.trim_start_matches(is_leading);
        let (lead, core) = (text.strip_suffix(core).unwrap_or_default(), core.trim_end_matches(is_trailing));
        if !lead.is_empty() {
            self.write(lead);
        }
        if !core.is_empty() {
            self.core(core, is_first);
        }
        let trail = text.get(lead.len() + core.len()..).unwrap_or_default();
        if !trail.is_empty() {
            self.write(trail);
        }
    }

    fn core(&mut self, text: &str, is_first: bool) {
        match token(text) {
            Token::Word | Token::KnownHost => self.write(text),
            Token::Ip => self.place(Kind::Ip),
            Token::Time => self.place(Kind::Time),
            Token::Id => self.place(Kind::Id),
            Token::Host(None) => self.place(Kind::Host),
            Token::Host(Some(ending)) => {
                self.place(Kind::Host);
                self.write(".");
                self.write(ending);
            }
            Token::Measure(digits) => {
                self.place(Kind::N);
                self.write(text.get(digits..).unwrap_or_default());
            }
            Token::Number if self.is_kept_number(text, is_first) => self.write(text),
            Token::Number => self.place(Kind::N),
        }
    }

    /// Numbers that are names: a reply code, `RFC 5322`, `Error code 10061`, port 25.
    fn is_kept_number(&self, digits: &str, is_first: bool) -> bool {
        if digits.len() > 5 || digits.contains('.') {
            return false;
        }
        if digits.len() == 3 && digits.starts_with(['4', '5']) && !self.is_before_unit() {
            return true;
        }
        let out = self.out.as_slice();
        if !is_first || !self.is_spaced {
            return matches!(digits, "25" | "465" | "587") && out.ends_with(b":")
                || ends_with_word(out, &[b"rfc-", b"doc-", b"code=", b"code:"]);
        }
        ends_with_word(out, &[b"rfc", b"office", b"port", b"code", b"code:", b"smtp"])
    }

    fn is_before_unit(&self) -> bool {
        let next = self.rest.trim_start();
        let end = next.bytes().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(next.len());
        let mut word = [0_u8; 12];
        for (to, from) in word.iter_mut().zip(next.bytes().take(end)) {
            *to = from.to_ascii_lowercase();
        }
        next.len() < self.rest.len() && end > 1 && word.get(..end).is_some_and(token::is_unit)
    }

    /// A link: the host and the path say which rule it is and stay; an argument that holds an address or an id is masked.
    fn link(&mut self, text: &str) {
        self.space();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if !self.is_in_url => (text.get(..scheme.len() + 3).unwrap_or_default(), rest),
            _ => ("", text),
        };
        self.out.extend_from_slice(scheme.as_bytes());
        let mut is_host = !scheme.is_empty();
        for part in rest.split_inclusive(['/', '?', '&', '#', '=', ':']) {
            let end = part.len() - usize::from(part.ends_with(['/', '?', '&', '#', '=', ':']));
            let (name, separator) = part.split_at_checked(end).unwrap_or((part, ""));
            self.link_part(name, is_host);
            self.out.extend_from_slice(separator.as_bytes());
            is_host = false;
        }
    }

    fn link_part(&mut self, name: &str, is_host: bool) {
        let bytes = name.as_bytes();
        let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
        if let Some((number, tail)) = name.split_at_checked(digits).filter(|_| digits >= 7) {
            let number = number.strip_suffix('.').unwrap_or(number);
            if token(number) == Token::Ip {
                self.place(Kind::Ip);
                return self.write(name.get(number.len()..).unwrap_or_default());
            }
            if tail.is_empty() && digits > 8 {
                return self.place(Kind::N);
            }
        }
        if is_host || name.len() < 4 {
            self.write(name);
        } else if name.contains('@') || name.contains("%40") {
            self.place(Kind::Email);
        } else if let Some((host, page)) = page_of_host(name) {
            self.place(Kind::Host);
            self.write(page.strip_prefix(host).unwrap_or_default());
        } else if name.len() >= 10 && token::is_id(bytes) {
            self.place(Kind::Id);
        } else if name.len() > 48 {
            self.place(Kind::UrlArg);
        } else {
            self.write(name);
        }
    }
}

/// `example.com` or `example.com.html` inside a link, with what it stands in; None for `page.html`.
fn page_of_host(name: &str) -> Option<(&str, &str)> {
    const PAGES: [&str; 10] = [".html", ".htm", ".shtml", ".phtml", ".php", ".aspx", ".asp", ".cgi", ".py", ".lasso"];
    let host = PAGES.iter().find_map(|page| name.strip_suffix(page)).unwrap_or(name);
    let is_host = host.contains('.') && matches!(token(host), Token::Host(_)) && !host.starts_with('.');
    is_host.then_some((host, name))
}

fn is_leading(c: char) -> bool {
    matches!(c, '#' | '.' | ':' | '-' | '*' | '=' | '+' | '~' | '!' | '?' | '&' | '/' | '\\' | '\'' | '_' | '$' | '%' | '^')
}

fn is_trailing(c: char) -> bool {
    matches!(c, '.' | ':' | '!' | '?' | '-' | '*' | '=' | '\'' | '\\' | '/' | '_' | '&' | '~')
}

fn is_calendar(word: &str) -> bool {
    matches!(
        word,
        "Jan"
            | "Feb"
            | "Mar"
            | "Apr"
            | "May"
            | "Jun"
            | "Jul"
            | "Aug"
            | "Sep"
            | "Oct"
            | "Nov"
            | "Dec"
            | "Mon"
            | "Tue"
            | "Wed"
            | "Thu"
            | "Fri"
            | "Sat"
            | "Sun"
    )
}

/// True where the text ends with one of these words, whatever their case, at the start of a word.
fn ends_with_word(out: &[u8], words: &[&[u8]]) -> bool {
    words.iter().any(|word| {
        out.len().checked_sub(word.len()).is_some_and(|at| {
            out.get(at..).is_some_and(|tail| tail.eq_ignore_ascii_case(word))
                && at.checked_sub(1).and_then(|before| out.get(before)).is_none_or(|byte| !byte.is_ascii_alphanumeric())
        })
    })
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;
