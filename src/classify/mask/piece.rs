//! A run with something else than letters in it: its punctuation, its fields and parts, down to the atoms that `token` names.

use super::kind::Kind;
use super::link::scheme;
use super::scan::{Scan, parts};
use crate::classify::byte_set::ByteSet;
use crate::classify::token::{self, Token, token};
use crate::eight::place;

impl Scan<'_, '_> {
    /// A run with something else than letters in it.
    pub(super) fn piece(&mut self, run: &str, set: ByteSet) {
        if set.has(ByteSet::COLON) && set.has(ByteSet::DIGIT) {
            // What a sentence says of it stands behind a colon.
            let address = run.strip_suffix(':').filter(|address| !address.ends_with(':')).unwrap_or(run);
            if token::is_ip6(address.as_bytes()) {
                self.place(Kind::Ip);
                if address.len() < run.len() {
                    self.write(":");
                }
                return;
            }
            if set.has(ByteSet::OTHER)
                && let Some(port) = port_of_ip(run)
            {
                return self.ip_and_port(port);
            }
            if let Some(address) = run.strip_prefix("IPv6:").filter(|rest| token::is_ip6(rest.as_bytes())) {
                // An address literal, RFC 5321 section 4.1.3.
                self.write(run.strip_suffix(address).unwrap_or_default());
                return self.place(Kind::Ip);
            }
        }
        if run.starts_with('/')
            && let Some((folder, trail)) = mail_folder(run)
        {
            self.write(folder);
            self.place(Kind::Id);
            return self.trail(trail);
        }
        let (lead, core, trail) = trim(run);
        let set = if core.len() < run.len() { ByteSet::of(core.as_bytes()) } else { set };
        if !lead.is_empty() {
            self.write(lead);
        }
        if set.has(ByteSet::COLON) && set.has(ByteSet::SLASH) && scheme(core) > 0 {
            self.link(core, set);
            self.is_in_url = true;
        } else if set.has(ByteSet::AT) && core.len() > 1 {
            let (local, domain) = core.split_once('@').unwrap_or((core, ""));
            self.address(local, domain);
        } else if set.has(ByteSet::COLON.and(ByteSet::EQUALS).and(ByteSet::SLASH)) {
            self.fields(core, set);
        } else if set.has(ByteSet::DOT) && pause(core).is_some() {
            self.pauses(core);
        } else if !core.is_empty() {
            self.core(core, set, true);
        }
        self.trail(trail);
    }

    /// The punctuation behind an atom; what pads base64 belongs to the id before it.
    fn trail(&mut self, trail: &str) {
        let trail = if self.out.ends_with(Kind::Id.text().as_bytes()) { trail.trim_start_matches(['=', '~']) } else { trail };
        if !trail.is_empty() {
            self.write(trail);
        }
    }

    /// `denied...7d39d529`: three dots belong to no atom.
    fn pauses(&mut self, text: &str) {
        let mut rest = text;
        while let Some((head, tail)) = pause(rest).and_then(|at| rest.split_at_checked(at)) {
            let tail = tail.strip_prefix("...").unwrap_or_default();
            self.atom(head, ByteSet::of(head.as_bytes()), true);
            self.write("...");
            rest = tail;
        }
        self.atom(rest, ByteSet::of(rest.as_bytes()), false);
    }

    /// `local@domain` and what hangs on it: `smtp:a@b`, `a@b:unknown`, `a@b...User`.
    fn address(&mut self, local: &str, domain: &str) {
        // No address has three dots in a row: the words of a reply end there.
        let local = match pause(local).and_then(|_| local.rsplit_once("...")) {
            Some((head, local)) => {
                self.pauses(head);
                self.write("...");
                local
            }
            None => local,
        };
        let (mut lead, mut domain) = (local.rfind(':').map_or("", |at| local.get(..=at).unwrap_or_default()), domain);
        while let Some((head, key)) = lead.split_once(':') {
            self.fields(head, ByteSet::of(head.as_bytes()));
            self.write(":");
            lead = key;
        }
        loop {
            self.place(Kind::Email);
            let end = domain.bytes().position(|byte| !is_of_domain(byte));
            let name = end.and_then(|end| domain.get(..end)).unwrap_or(domain);
            let end = pause(name).or(end);
            let Some((_, tail)) = end.and_then(|end| domain.split_at_checked(end)) else { return };
            // What hangs on it may hold another address: `a@b/c@d`.
            match tail.split_once('@') {
                Some((_, next)) => domain = next,
                None => return self.fields(tail, ByteSet::of(tail.as_bytes())),
            }
        }
    }

    /// Splits at colons, equals signs and slashes what is no atom as a whole.
    fn fields(&mut self, text: &str, set: ByteSet) {
        let splits = ByteSet::COLON.and(ByteSet::EQUALS);
        if !set.has(splits) {
            return self.slashed(text, set, true);
        }
        if set.has(ByteSet::COLON) && set.has(ByteSet::DIGIT) {
            if token::is_date(text.as_bytes()) || token::is_clock(text.as_bytes()) {
                return self.place(Kind::Time);
            }
            if token::is_ip6(text.as_bytes()) {
                return self.place(Kind::Ip);
            }
        }
        let mut is_first = true;
        for (field, set, end) in parts(text, splits) {
            self.slashed(field, set, is_first);
            if !end.is_empty() {
                self.write(end);
            }
            is_first = false;
        }
    }

    /// A field without colon and equals sign: a date, an id with slashes in it (base64), or parts.
    fn slashed(&mut self, field: &str, set: ByteSet, is_first: bool) {
        let is_whole = || token::is_date(field.as_bytes()) || (field.len() >= 16 && token::is_id(field.as_bytes(), set));
        if !set.has(ByteSet::SLASH) || is_whole() {
            return self.atom(field, set, is_first);
        }
        for (name, set, end) in parts(field, ByteSet::SLASH) {
            self.atom(name, set, is_first);
            if !end.is_empty() {
                self.write(end);
            }
        }
    }

    fn atom(&mut self, text: &str, set: ByteSet, is_first: bool) {
        let (lead, core, trail) = trim(text);
        if !lead.is_empty() {
            self.write(lead);
        }
        if !core.is_empty() {
            let set = if core.len() < text.len() { ByteSet::of(core.as_bytes()) } else { set };
            self.core(core, set, is_first);
        }
        self.trail(trail);
    }

    fn core(&mut self, text: &str, set: ByteSet, is_first: bool) {
        match token(text, set) {
            Token::Word if set.has(ByteSet::DIGIT) && is_named_id(text, self.out) => self.place(Kind::Id),
            Token::Word | Token::Id | Token::Number | Token::Host(None)
                if !is_first && let Some(kind) = self.named_value(text) =>
            {
                self.place(kind);
            }
            Token::Word
                if set.has(ByteSet::OTHER)
                    && let Some(port) = port_of_ip(text) =>
            {
                self.ip_and_port(port);
            }
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

    fn ip_and_port(&mut self, port: &str) {
        self.place(Kind::Ip);
        self.write("#");
        self.core(port, ByteSet::of(port.as_bytes()), false);
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
        // A port of a client is any.
        ends_with_word(out, &[b"rfc", b"office", b"code", b"code:", b"smtp"])
            || (digits.len() < 5 && ends_with_word(out, &[b"port"]))
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
}

/// `/home/` of `/home/jdoe/Maildir:` and the punctuation behind: below the folder names belong to one mailbox.
fn mail_folder(path: &str) -> Option<(&str, &str)> {
    const FOLDERS: [&str; 8] =
        ["/home/", "/var/mail/", "/spool/mail/", "/vmail/", "/mailnames/", "/domains/", "/mail/box/", "/mailboxes/"];
    let end = FOLDERS.iter().find_map(|folder| Some(path.find(folder)? + folder.len()))?;
    let (folder, name) = path.split_at_checked(end)?;
    let inner = name.trim_end_matches(['.', ':', '!', '\'']);
    (!inner.is_empty()).then(|| (folder, name.get(inner.len()..).unwrap_or_default()))
}

/// The port of `192.0.2.1#41`, as resolvers write it.
fn port_of_ip(text: &str) -> Option<&str> {
    let (address, port) = text.split_once('#')?;
    let is_ip = matches!(token(address, ByteSet::of(address.as_bytes())), Token::Ip) || token::is_ip6(address.as_bytes());
    (is_ip && !port.is_empty() && !port.contains('#')).then_some(port)
}

/// True for what a domain is made of, and for what joins addresses.
fn is_of_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'@' | b'=' | b'+' | 0x80..)
}

/// Where three dots in a row stand. A search for a text of three bytes costs more to begin than an atom has bytes.
fn pause(text: &str) -> Option<usize> {
    place(text.as_bytes(), b"...")
}

/// The punctuation that a text begins with, what stands between, the punctuation that it ends with.
fn trim(text: &str) -> (&str, &str, &str) {
    let start = text.bytes().position(|byte| !ByteSet::of_byte(byte).has(ByteSet::LEAD)).unwrap_or(text.len());
    let (lead, rest) = text.split_at_checked(start).unwrap_or(("", text));
    let end = rest.bytes().rposition(|byte| !ByteSet::of_byte(byte).has(ByteSet::TRAIL)).map_or(0, |last| last + 1);
    let (core, trail) = rest.split_at_checked(end).unwrap_or((rest, ""));
    (lead, core, trail)
}

/// True for what has no shape of an id, but stands behind a word that says so: `Ticket #A12-99`. Names of documents are none.
fn is_named_id(text: &str, out: &[u8]) -> bool {
    const WORDS: [&[u8]; 15] = [
        b"id",
        b"sid",
        b"session",
        b"trace",
        b"case",
        b"ref",
        b"ticket",
        b"incident",
        b"reference",
        b"incident id",
        b"ticket id",
        b"message id",
        b"queue id",
        b"session id",
        b"request id",
    ];
    let end = out.iter().rposition(|byte| !matches!(byte, b' ' | b'#' | b':' | b'=')).map_or(0, |last| last + 1);
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    let has_letter = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    is_plain && has_letter && end < out.len() && out.get(..end).is_some_and(|head| ends_with_word(head, &WORDS))
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
