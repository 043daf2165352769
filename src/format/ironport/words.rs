//! The words of a line behind its level, and the numbers in them.

use super::super::cursor::{Cursor, number, place, skip_blanks};
use super::super::syslog::Line;

/// A line without header and level.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words<'a> {
    pub(super) text: &'a [u8],
    /// Who wrote it. What stands where a host's name would is a word of the text in files of the appliance itself.
    pub(super) host: &'a [u8],
}

/// Levels, in the order of urgency.
const LEVELS: [&[u8]; 5] = [b"Critical", b"Warning", b"Info", b"Debug", b"Trace"];

/// Words with which a line of a release before 5 may begin, which names no level.
const FIRST: [&[u8]; 10] =
    [b"New", b"Start", b"Delivery", b"Message", b"MID", b"ICID", b"DCID", b"Bounced", b"Delayed", b"Connection"];

impl<'a> Words<'a> {
    /// None: the line has no level, and its first word is none of ours.
    pub(super) fn of(line: &Line<'a>) -> Option<Self> {
        let envelope = &line.envelope;
        if LEVELS.contains(&envelope.tag) {
            return Some(Self { text: envelope.text, host: envelope.host });
        }
        if let Some(text) = behind_level(envelope.text) {
            return Some(Self { text, host: envelope.host });
        }
        // `Mon Mar 31 20:10:58 2003 New SMTP DCID 8 …`: the first word was taken for a host or a tag.
        let first = if envelope.tag.is_empty() { envelope.host } else { envelope.tag };
        let is_ours = (envelope.tag.is_empty() || envelope.host.is_empty()) && FIRST.contains(&first);
        if !is_ours {
            return None;
        }
        let between = if envelope.tag.is_empty() { 1 } else { 2 };
        let start = line.plain.len().checked_sub(envelope.text.len() + between + first.len())?;
        let text = line.plain.get(start..).filter(|text| text.starts_with(first))?;
        Some(Self { text, host: b"" })
    }
}

/// `Info: …`, as it stands behind the name that the customer gave to a log that is pushed by syslog.
fn behind_level(text: &[u8]) -> Option<&[u8]> {
    matches!(text.first(), Some(b'C' | b'W' | b'I' | b'D' | b'T')).then_some(())?;
    let level = LEVELS.iter().find(|level| text.starts_with(level))?;
    text.get(level.len()..)?.strip_prefix(b":").map(skip_blanks)
}

/// The number behind `name`, which is a word of its own: `MID 6`, `DCID: 8`. Gives what follows the number, too.
pub(super) fn numbered<'a>(text: &'a [u8], name: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let mut from = 0;
    loop {
        let at = from + place(text.get(from..)?, name)?;
        let is_word = at == 0 || text.get(at - 1) == Some(&b' ');
        let mut rest = Cursor(text.get(at + name.len()..)?);
        rest.take(b":");
        if is_word && rest.blanks() {
            let digits = rest.digits();
            if !digits.is_empty() {
                return Some((digits, rest.0));
            }
        }
        from = at + name.len();
    }
}

/// The recipients of a line, at the front of a text: `0`, `[0, 1]`. Gives what follows them, too.
pub(super) fn recipients(text: &[u8]) -> Option<(impl Iterator<Item = u32>, &[u8])> {
    let mut at = Cursor(text);
    let list = if at.take(b"[") { at.until(b']')? } else { at.digits() };
    let numbers = list.split(|&byte| byte == b',').filter_map(|index| number(skip_blanks(index)));
    (!list.is_empty()).then_some((numbers.filter_map(|index| u32::try_from(index).ok()), at.0))
}

/// An address at the front of a text: in angle brackets, or up to a blank where somebody took them off.
pub(super) fn address<'a>(at: &mut Cursor<'a>) -> &'a [u8] {
    if at.take(b"<") {
        // Not the first bracket: a quoted local part may hold one.
        let end = place(at.0, b"> ").or_else(|| at.0.strip_suffix(b">").map(<[u8]>::len));
        let (address, rest) = at.0.split_at_checked(end.unwrap_or(at.0.len())).unwrap_or((at.0, b""));
        at.0 = rest.strip_prefix(b">").unwrap_or(rest);
        return address;
    }
    at.word()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_behind_their_names() {
        let found = |text: &'static [u8], name| numbered(text, name);
        assert_eq!(found(b"DCID 3 MID 4 to RID 0", b"MID"), Some((&b"4"[..], &b" to RID 0"[..])));
        assert_eq!(found(b"DCID: 3 MID 4", b"DCID"), Some((&b"3"[..], &b" MID 4"[..])));
        assert_eq!(found(b"XMID 3 MID x MID 4", b"MID"), Some((&b"4"[..], &b""[..])));
        assert_eq!(found(b"MID", b"MID"), None);
    }

    #[test]
    fn recipients_are_a_number_or_a_list() {
        let read = |text: &'static [u8]| recipients(text).map(|(numbers, rest)| (numbers.collect::<Vec<_>>(), rest));
        assert_eq!(read(b"[0, 1] x"), Some((vec![0, 1], &b" x"[..])));
        assert_eq!(read(b"7 - 5.1.0"), Some((vec![7], &b" - 5.1.0"[..])));
        assert_eq!(read(b"[0, 1"), None);
        assert_eq!(read(b"x"), None);
    }

    #[test]
    fn an_address_stands_in_brackets_or_not() {
        let mut at = Cursor(b"<\"a>b\"@c> To: <d@e>");
        assert_eq!((address(&mut at), at.0), (&b"\"a>b\"@c"[..], &b" To: <d@e>"[..]));
        let mut at = Cursor(b"<a@b>");
        assert_eq!((address(&mut at), at.0), (&b"a@b"[..], &b""[..]));
        let mut at = Cursor(b"******@b.example RID 0");
        assert_eq!((address(&mut at), at.0), (&b"******@b.example"[..], &b" RID 0"[..]));
    }
}
