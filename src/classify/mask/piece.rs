//! A run with something else than letters in it: its punctuation, its fields and parts, down to the atoms that `token` names.

use super::kind::Kind;
use super::scan::Scan;
use crate::classify::token::{self, Token, token};

impl Scan<'_, '_> {
    /// A run with something else than letters in it.
    pub(super) fn piece(&mut self, run: &str) {
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
}

fn is_leading(c: char) -> bool {
    matches!(c, '#' | '.' | ':' | '-' | '*' | '=' | '+' | '~' | '!' | '?' | '&' | '/' | '\\' | '\'' | '_' | '$' | '%' | '^')
}

fn is_trailing(c: char) -> bool {
    matches!(c, '.' | ':' | '!' | '?' | '-' | '*' | '=' | '\'' | '\\' | '/' | '_' | '&' | '~')
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
