//! Names of mailboxes without their domain, and of keys: nothing in `jdoe` shows what it is, so the words round it must.
//!
//! A name stands behind a word that announces one (`User jdoe not found`, `unknown user "jdoe"`, `selector s1`), alone in angle brackets
//! (`<jdoe>: User unknown`), or first in the reply before words about a user (`jdoe: no such user`). A word that replies use is never one.

use super::kind::Kind;
use super::scan::Scan;
use super::vocabulary::{is_template, is_word_of_replies};
use crate::classify::byte_set::ByteSet;
use crate::classify::token::{Token, token};
use crate::classify::unfold::is_status;
use crate::eight::{letters, near};

/// The longest local part, RFC 5321 section 4.5.3.1.1.
const LONGEST: usize = 64;

/// What a word announces: the name of a mailbox or of a key.
#[inline]
pub(super) fn announced(word: &[u8]) -> Option<Kind> {
    let is_one = match word {
        [b'u' | b'U', _, _, _] => word.eq_ignore_ascii_case(b"user"),
        [b'p', b'a', b'r', b't'] => true,
        [b'a' | b'A', _, _, _, _] => word.eq_ignore_ascii_case(b"alias"),
        [b'm' | b'M', _, _, _, _, _, _] => word.eq_ignore_ascii_case(b"mailbox"),
        [b'a' | b'A', _, _, _, _, _, _] => word.eq_ignore_ascii_case(b"account"),
        [b'u' | b'U', _, _, _, _, _, _, _] => word.eq_ignore_ascii_case(b"username"),
        [b'r' | b'R', _, _, _, _, _, _, _, _] => word.eq_ignore_ascii_case(b"recipient"),
        [b's' | b'S', _, _, _, _, _, _, _] => return word.eq_ignore_ascii_case(b"selector").then_some(Kind::Id),
        _ => false,
    };
    is_one.then_some(Kind::Email)
}

/// The name that stands behind a word that announces one: how many bytes stand before it, and how many it has. `before` is what
/// stands before the announcing word, `after` what stands behind it.
#[inline(never)]
pub(super) fn behind(kind: Kind, before: &[u8], after: &[u8]) -> Option<(usize, usize)> {
    let rest = match after {
        // What is said most, told at once: `user unknown`, `recipient address`, `account that`, `user is`.
        [b' ', b'u', b'n', b'k', b'n', ..]
        | [b' ', b'a', b'd', b'd', b'r', ..]
        | [b' ', b't', b'h', b'a', b't', ..]
        | [b' ', b'i', b's', b' ', ..]
        | [b' ', b'n', b'o', b't', b' ', ..] => return None,
        // `mailbox for jdoe`, `account of jdoe`
        [b' ', rest @ ..] => rest.strip_prefix(b"for ").or_else(|| rest.strip_prefix(b"of ")).unwrap_or(rest),
        [b':', b' ', rest @ ..] => rest,
        _ => return None,
    };
    let quoted = rest.strip_prefix(b"'");
    let rest = quoted.unwrap_or(rest);
    let at = after.len() - rest.len();
    let (name, next) = rest.split_at_checked(letters(rest))?;
    let is_plain = matches!(next, [] | [b' ' | b',' | b')' | b':' | b';' | b'!' | b'"' | b']' | b'\'', ..]);
    let (name, next) = if is_plain { (name, next) } else { local_part(rest)? };
    // The line of a reply may end behind the word that announces: `account 550-or domain`.
    if name.is_empty() || matches!(name, [b'4' | b'5', b'0'..=b'9', b'0'..=b'9', b'-', ..]) {
        return None;
    }
    let is_said = match next {
        [b'\'', ..] => quoted.is_some(),
        _ if quoted.is_some() => false,
        [] | [b' ' | b'.' | b',' | b')' | b':' | b';' | b'!' | b'"' | b']', ..] => is_said(kind, before, name, next),
        _ => false,
    };
    (is_said && !is_of_replies(name)).then_some((at, name.len()))
}

/// True where the words before and behind a name say that it is one.
fn is_said(kind: Kind, before: &[u8], name: &[u8], next: &[u8]) -> bool {
    let is_told = || next.strip_prefix(b": ").is_some_and(is_about_user);
    if is_judged(next) || (is_unknown(before) && is_last(next)) || is_told() {
        return name.iter().copied().all(is_of_word) || kind == Kind::Id || has_shape(name);
    }
    if kind == Kind::Id {
        // `selector s1`: no word of a sentence has a digit.
        return name.iter().any(u8::is_ascii_digit) || matches!(next, [] | [b',' | b')', ..]);
    }
    // `(user jdoe)`
    let is_alone = before.is_empty() && next.first() == Some(&b')') && name.iter().copied().all(is_of_word);
    is_alone || has_shape(name)
}

impl Scan<'_, '_> {
    /// `jdoe: no such user`, `jdoe... User unknown`, `jdoe is not a valid mailbox` at the start of a reply.
    #[inline]
    pub(super) fn opening_name(&mut self) {
        let text = self.rest.as_bytes();
        let text = text.strip_prefix(b" ").unwrap_or(text);
        // Nearly every reply begins with two words, or with an address.
        let is_possible = match text.get(letters(text)..) {
            Some([b' ', words @ ..]) => words.starts_with(b"is ") || is_said_behind_a_name(words),
            Some(next) => matches!(next, [b':', b' ', ..] | [b'.' | b'_' | b'-' | b'+' | b'0'..=b'9' | 0x80.., ..]),
            None => false,
        };
        if is_possible && !self.opening.code.is_empty() {
            self.name_at_opening();
        }
    }

    fn name_at_opening(&mut self) {
        let rest = self.rest.trim_start();
        let Some((name, next)) = local_part(rest.as_bytes()) else { return };
        let is_before_words = match next {
            [b':', b' ', words @ ..] | [b'.', b'.', b'.', b' ', words @ ..] => {
                is_about_user(words) || (is_end(words.strip_prefix(b"unknown").unwrap_or(b"-")) && self.may_be_nobody(name))
            }
            [b' ', words @ ..] if is_said_of_a_mailbox(words) => true,
            [b' ', b'i', b's', words @ ..] if has_shape(name) => is_closed(words),
            [b' ', words @ ..] => is_said_behind_a_name(words) && self.may_be_nobody(name),
            _ => false,
        };
        if is_before_words && !is_of_replies(name) && is_name(name) {
            let name = name.len();
            self.rest = rest;
            self.skip(name);
            self.place(Kind::Email);
        }
    }

    /// True where the code may mean that there is nobody of the name. A bare name is in small letters, as no sentence begins.
    fn may_be_nobody(&self, name: &[u8]) -> bool {
        let code = self.opening.code.as_bytes();
        (code.starts_with(b"55") || code.starts_with(b"45") || code == b"511") && !name.iter().any(u8::is_ascii_uppercase)
    }

    /// A name alone in brackets or quotes that open with `byte`: angle brackets say that it varies, others must be announced.
    pub(super) fn name_in_brackets(&mut self, byte: u8) -> bool {
        let closes = match byte {
            b'<' => b'>',
            b'[' => b']',
            // `user(s)` is no name in brackets.
            b'(' if self.is_spaced => b')',
            b'"' => b'"',
            _ => return false,
        };
        let is_angle = byte == b'<';
        // What announces a name ends so, and few other words do.
        if !is_angle && !matches!(self.out.last().map(|last| last | 0x20), Some(b'r' | b't' | b'x' | b's' | b'e' | b'=' | b':'))
        {
            return false;
        }
        let Some(inner) = self.rest.as_bytes().get(1..) else { return false };
        // Addresses, hosts and links are what brackets hold most, and words.
        let is_short = near(inner, [closes, b'@', b':', b' ']).is_some_and(|end| inner.get(end) == Some(&closes));
        if !is_short {
            return false;
        }
        let announced = self.announced_before();
        if !is_angle && announced.is_none() {
            return false;
        }
        let Some((name, [close, next @ ..])) = local_part(inner) else { return false };
        // `recipient (G28)`
        let is_mark = byte == b'(' && !name.iter().any(u8::is_ascii_lowercase);
        if *close != closes || is_mark || (if is_angle { is_template(name) } else { is_word_of_replies(name) }) {
            return false;
        }
        // Postfix writes the name that a client gave of itself so, too.
        let is_helo = is_angle
            && (next.get(..7).is_some_and(|next| next.eq_ignore_ascii_case(b": helo ")) || self.out.ends_with(b"helo="));
        let is_sure = is_helo || announced.is_some() || self.is_first() || !name.iter().any(u8::is_ascii_digit);
        if !is_sure || !is_name(name) {
            return false;
        }
        let kind = if is_helo { Kind::Host } else { announced.unwrap_or(Kind::Email) };
        let name = name.len();
        self.space();
        if is_angle {
            self.skip(name + 2);
            self.place(kind);
        } else {
            self.out.push(byte);
            self.skip(1 + name);
            self.place(kind);
        }
        true
    }

    /// What the word before announces, whatever of `:`, `=` and space stands behind it.
    fn announced_before(&self) -> Option<Kind> {
        let head = self.out.trim_ascii_end();
        let head = head.strip_suffix(b"=").or_else(|| head.strip_suffix(b":")).unwrap_or(head);
        if head.len().checked_sub(7).and_then(|at| head.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(b"rcpt to")) {
            return Some(Kind::Email);
        }
        let start = head.iter().rposition(|byte| !byte.is_ascii_alphabetic()).map_or(0, |at| at + 1);
        announced(head.get(start..)?)
    }

    /// True where nothing but the codes was written.
    fn is_first(&self) -> bool {
        self.out.len() <= self.opening.code.len() + 1 + self.opening.status.len()
    }

    /// The value of `user=`, `selector=` and of `s=`, by which a key of DKIM is called.
    pub(super) fn named_value(&self, text: &str) -> Option<Kind> {
        let head = self.out.strip_suffix(b"=")?;
        let start = head.iter().rposition(|byte| !byte.is_ascii_alphabetic()).map_or(0, |at| at + 1);
        let key = head.get(start..)?;
        let kind = if key == b"s" { Kind::Id } else { announced(key)? };
        // Any word may be the name of a key: `s=mail`.
        (text.bytes().all(is_local) && (kind == Kind::Id || !is_word_of_replies(text.as_bytes()))).then_some(kind)
    }
}

/// The local part at the start of a text, without the marks that end a sentence, and what stands behind it.
fn local_part(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().take(LONGEST + 1).position(|byte| !is_local(*byte)).unwrap_or(text.len());
    let name = text.get(..end)?;
    let end = name.iter().rposition(|byte| !matches!(byte, b'.' | b'-' | b'+'))? + 1;
    let begins = name.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
    (begins && end <= LONGEST).then(|| text.split_at(end))
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | 0x80..)
}

/// A byte of a name that looks like a word.
fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'-' | 0x80..)
}

/// Small letters with digits, dots or underscores among them, or five digits and more: no word looks so, and no mark of a provider.
fn has_shape(name: &[u8]) -> bool {
    let is_mixed =
        name.iter().any(u8::is_ascii_lowercase) && name.iter().any(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'_'));
    (is_mixed || (name.len() > 4 && name.iter().all(u8::is_ascii_digit))) && is_name(name)
}

/// True for what the scanner knows by no other name: hosts, addresses of the network, sizes and codes are.
fn is_name(name: &[u8]) -> bool {
    let token = std::str::from_utf8(name).map(|name| token(name, ByteSet::of(name.as_bytes())));
    match token {
        Ok(Token::Word | Token::Id | Token::Number) => !is_status(name),
        // A machine's first label looks as `user1` does.
        Ok(Token::Host(None)) => !name.contains(&b'.'),
        _ => false,
    }
}

/// True for a word of replies, also where the next sentence touches it: `unknown.Please`.
fn is_of_replies(name: &[u8]) -> bool {
    let first = name.split(|byte| *byte == b'.').next().unwrap_or(name);
    // `a.smith`: an initial is no word.
    first.len() > 1 && is_word_of_replies(first)
}

/// True where what follows says something of the one who was named: `is`, `not found`, `unknown`.
fn is_judged(next: &[u8]) -> bool {
    let Some(next) = next.strip_prefix(b" ") else { return false };
    // The whole address in brackets.
    if let Some(inner) = next.strip_prefix(b"(") {
        return inner.iter().take(LONGEST).take_while(|byte| **byte != b')').any(|byte| *byte == b'@');
    }
    match next.get(..letters(next)).unwrap_or_default() {
        b"no" => next.get(2..9).is_some_and(|next| next.eq_ignore_ascii_case(b" longer")),
        word => matches!(
            word,
            b"not"
                | b"is"
                | b"isn"
                | b"was"
                | b"does"
                | b"doesn"
                | b"doesnt"
                | b"has"
                | b"hasn"
                | b"could"
                | b"couldn"
                | b"cannot"
                | b"can"
                | b"unknown"
                | b"unavailable"
                | b"invalid"
                | b"inactive"
                | b"failed"
                | b"disabled"
                | b"suspended"
                | b"locked"
                | b"blocked"
                | b"expired"
                | b"rejected"
                | b"refused"
                | b"over"
                | b"out"
                | b"exceeded"
                | b"exceeds"
                | b"full"
        ),
    }
}

/// True where the words before say that there is nobody of the name, or for whom it is: `unknown`, `no such`, `for`.
fn is_unknown(before: &[u8]) -> bool {
    let mut words = before.rsplit(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let is_so = |word: &[u8]| {
        [&b"unknown"[..], b"invalid", b"illegal", b"such", b"no", b"for", b"find", b"locate"]
            .iter()
            .any(|one| one.eq_ignore_ascii_case(word))
    };
    let is_kind = |word: &[u8]| [&b"local"[..], b"virtual", b"mail", b"email"].iter().any(|one| one.eq_ignore_ascii_case(word));
    words.next().is_some_and(|last| is_so(last) || (is_kind(last) && words.next().is_some_and(is_so)))
}

/// True where a sentence ends, or where it is.
fn is_last(next: &[u8]) -> bool {
    let Some(next) = next.strip_prefix(b" ") else { return true };
    matches!(next.get(..letters(next)).unwrap_or_default(), b"here" | b"in" | b"at" | b"on" | b"from")
}

/// What is said of a name, and of much else: `unknown`, `does not exist`, `not found`, at the end of a sentence. What is said of a
/// mailbox alone is among it.
fn is_said_behind_a_name(words: &[u8]) -> bool {
    const SAID: [&[u8]; 7] =
        [b"unknown", b"not found", b"not known", b"does not exist", b"doesn't exist", b"is unknown", b"no longer here"];
    // Few replies have one of these letters second.
    matches!(words, [b'u' | b'n' | b'd' | b'i' | b'o' | b'h' | b'm', ..])
        && (SAID.iter().any(|said| words.strip_prefix(*said).is_some_and(is_end)) || is_said_of_a_mailbox(words))
}

/// `no such user`, `mailbox full`, `is over quota`, `is not a local user`: what is said of a mailbox behind its name.
fn is_said_of_a_mailbox(words: &[u8]) -> bool {
    const SAID: [&[u8]; 8] = [
        b"is not a valid ",
        b"is not a local ",
        b"is over quota",
        b"over quota",
        b"is out of quota",
        b"has exceeded ",
        b"mailbox is ",
        b"no longer works here",
    ];
    SAID.iter().any(|said| words.starts_with(said))
        || words.strip_prefix(b"no such ").is_some_and(begins_with_user)
        || words.strip_prefix(b"mailbox").is_some_and(is_judged)
}

/// ` disabled`, ` full`: what is said of mailboxes, and of services.
fn is_closed(words: &[u8]) -> bool {
    const SAID: [&[u8]; 8] =
        [b" disabled", b" deactivated", b" suspended", b" locked", b" inactive", b" closed", b" full", b" unknown"];
    SAID.iter().any(|said| words.starts_with(said))
}

/// True where a text or its first sentence ends, or where it says where.
fn is_end(next: &[u8]) -> bool {
    matches!(next, [] | [b'.' | b',' | b';' | b'!'] | [b'.' | b',' | b';' | b'!', b' ', ..])
        || (next.first() == Some(&b' ') && is_last(next))
}

/// `user unknown`, `no such user`, `mailbox is full`: what is said of the one who was named before.
fn is_about_user(words: &[u8]) -> bool {
    let (first, rest) = words.split_at(letters(words));
    match first {
        b"unknown" | b"Unknown" => rest.strip_prefix(b" ").is_some_and(begins_with_user),
        b"no" | b"No" => rest.strip_prefix(b" such ").is_some_and(begins_with_user),
        _ => begins_with_user(words) && is_judged(rest),
    }
}

fn begins_with_user(words: &[u8]) -> bool {
    let first = words.get(..letters(words)).unwrap_or_default();
    announced(first) == Some(Kind::Email)
        || [&b"addressee"[..], b"person", b"users", b"local"].iter().any(|one| one.eq_ignore_ascii_case(first))
}
