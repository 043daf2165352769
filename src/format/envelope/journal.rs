//! Entries of the journal with a field a line: `journalctl -o export` and `-o verbose`.
//!
//! What cut the file into entries took care of line ends within binary fields; here is one entry, whole or cut. The time of a verbose entry is
//! that of its cursor, which is in UTC: its stamp is in the zone and words of whoever asked. Sources: "Journal Export Formats" of systemd's
//! documentation, systemd.journal-fields(7), `output_verbose()`, `sd_journal_get_cursor()`.

use memchr::memmem::{find, find_iter};

use super::json::Unwrapped;
use crate::format::cursor::{number, split_byte};

/// What every exported entry begins with, and what follows it there.
const CURSOR: &[u8] = b"__CURSOR=";
const REALTIME: &[u8] = b"__REALTIME_TIMESTAMP=";

/// What stands before the cursor of a verbose entry.
const VERBOSE: &[u8] = b" [s=";

/// What its fields are indented by. The further lines of a field are by more.
const INDENT: &[u8] = b"    ";

/// Whether a file that begins with `head` holds such entries.
pub(crate) fn holds_entries(head: &[u8]) -> bool {
    let begins_line = |at: usize| at.checked_sub(1).is_none_or(|before| head.get(before) == Some(&b'\n'));
    let next_line = |at: usize| split_byte(head.get(at..)?, b'\n').map(|(_, next)| next);
    let is_exported = |at: usize| begins_line(at) && next_line(at).is_some_and(|next| next.starts_with(REALTIME));
    let is_verbose = |at: usize| next_line(at).is_some_and(|next| verbose(next).is_some());
    find_iter(head, CURSOR).any(is_exported) || find_iter(head, VERBOSE).any(is_verbose)
}

/// The entries of a head. A binary field with an empty line in it is taken for two: only the framing goes by lengths.
pub(crate) fn entries(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = head;
    std::iter::from_fn(move || {
        let text = rest;
        (!text.is_empty()).then_some(())?;
        let mut length = 0;
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            if length > 0 && (line == b"\n" || begins(line)) {
                break;
            }
            length += line.len();
        }
        let (entry, behind) = text.split_at_checked(length)?;
        rest = behind;
        Some(entry)
    })
}

/// Whether a line begins an entry.
fn begins(line: &[u8]) -> bool {
    line.starts_with(CURSOR) || !line.starts_with(b" ") && find(line, VERBOSE).is_some()
}

impl Unwrapped {
    /// Reads an entry; false if it holds neither a text nor a program's name, or in place of the text that it had one.
    pub(crate) fn read_entry(&mut self, entry: &[u8]) -> bool {
        self.clear();
        let (first, fields) = split_byte(entry, b'\n').unwrap_or((entry, b""));
        if let Some(cursor) = find(first, VERBOSE).filter(|_| !first.starts_with(CURSOR)).and_then(|at| first.get(at..)) {
            self.micros = time_of(cursor);
            fields.split(|&byte| byte == b'\n').filter_map(verbose).for_each(|(name, value)| self.take(name, value));
        } else {
            exported(entry).for_each(|(name, value)| self.take(name, value));
        }
        // Without `-a`, what is not printable is replaced by its length.
        let is_hidden = self.text.starts_with(b"[") && self.text.ends_with(b" blob data]");
        self.holds_record() && !is_hidden
    }

    /// Keeps what the field says. Of several with one name the first counts.
    fn take(&mut self, name: &[u8], value: &[u8]) {
        let to = match name {
            REALTIME_NAME => {
                self.micros = number(value);
                return;
            }
            b"SYSLOG_PID" => {
                // What the program called itself, whoever wrote the record for it.
                self.pid.clear();
                &mut self.pid
            }
            b"_HOSTNAME" => &mut self.host,
            b"SYSLOG_IDENTIFIER" => &mut self.tag,
            b"_PID" => &mut self.pid,
            b"MESSAGE" => &mut self.text,
            _ => return,
        };
        if to.is_empty() {
            to.extend_from_slice(value);
        }
    }
}

const REALTIME_NAME: &[u8] = b"__REALTIME_TIMESTAMP";

/// The fields of an exported entry, in order; up to a binary one that is cut.
fn exported(entry: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = entry;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (line, after) = split_byte(rest, b'\n').unwrap_or((rest, b""));
            rest = after;
            if let Some(field) = split_byte(line, b'=') {
                return Some(field);
            }
            if is_name(line) {
                let (length, bytes) = after.split_first_chunk()?;
                let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
                let (value, behind) = bytes.split_at_checked(length)?;
                rest = behind.strip_prefix(b"\n").unwrap_or(behind);
                return Some((line, value));
            }
        }
        None
    })
}

/// The field in a line of a verbose entry.
fn verbose(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    split_byte(line.strip_prefix(INDENT)?, b'=').filter(|(name, _)| is_name(name))
}

fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}

/// Microseconds since 1970 in a cursor: `[s=…;i=4ece7;b=…;m=4fc72436e;t=4c508a72423d9;x=…]`.
fn time_of(cursor: &[u8]) -> Option<u64> {
    let time = cursor.split(|&byte| byte == b';').find_map(|part| part.strip_prefix(b"t="))?;
    let digits = std::str::from_utf8(time).ok().filter(|time| time.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u64::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Micros;
    use crate::format::FileContext;
    use crate::format::clock::Clock;
    use jiff::tz::TimeZone;

    #[track_caller]
    fn check(entry: &[u8], expected: Option<(i64, &str, &str, &str, &str)>) {
        let mut clock = Clock::new(&FileContext { anchor: Micros(i64::MAX), zone: TimeZone::UTC, own_relays: Vec::new() });
        let mut unwrapped = Unwrapped::default();
        let found = unwrapped.read_entry(entry).then(|| unwrapped.envelope(&mut clock));
        let text = |bytes| std::str::from_utf8(bytes).unwrap();
        let found = found.map(|e| (e.time.unwrap_or_default().0, text(e.host), text(e.tag), text(e.pid), text(e.text)));
        assert_eq!(found, expected);
    }

    #[test]
    fn an_exported_entry_is_its_fields() {
        let expected = Some((1_342_540_861_416_409, "mx1", "postfix/smtp", "17", "4F: hi = ho"));
        check(
            b"__CURSOR=s=7;i=4;t=1\n__REALTIME_TIMESTAMP=1342540861416409\nSYSLOG_IDENTIFIER=postfix/smtp\nSYSLOG_PID=17\n_PID=18\n\
              _CMDLINE\n\x05\0\0\0\0\0\0\0a\n\nb=\nMESSAGE=4F: hi = ho\n_HOSTNAME=mx1\nMESSAGE=other",
            expected,
        );
        check(
            b"__CURSOR=s=7\n__REALTIME_TIMESTAMP=1342540861416409\n_PID=17\nMESSAGE\n\x0b\0\0\0\0\0\0\x004F: hi = ho\n_HOSTNAME=mx1\n\
              SYSLOG_IDENTIFIER=postfix/smtp",
            expected,
        );
    }

    #[test]
    fn a_verbose_entry_is_its_fields_and_the_time_of_its_cursor() {
        check(
            b"Tue 2012-07-17 18:01:01.416409 CEST [s=739a;i=4ece7;b=6c7c;m=4fc72436e;t=4c508a72423d9;x=d3e5]\n    PRIORITY=6\n    \
              MESSAGE=one\n            MESSAGE=two\n    _PID=17\n    SYSLOG_IDENTIFIER=postfix/smtp\r\n    _HOSTNAME=mx1",
            Some((1_342_540_861_416_409, "mx1", "postfix/smtp", "17", "one")),
        );
    }

    #[test]
    fn what_is_cut_says_what_is_left() {
        check(b"__CURSOR=s=7\nSYSLOG_IDENTIFIER=a\nMESSAGE\n\x0b\0\0\0\0\0\0\x004F: h", Some((0, "", "a", "", "")));
        check(b"__CURSOR=s=7\nMESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xff4F", None);
        check(b"__CURSOR=s=7\nMESSAGE\n\x01\0", None);
        check(b"", None);
        check(b"text [s=7;t=xyz]\n    =x\n    MESSAGE", None);
        check(b"Tue [s=7;t=5]\n    SYSLOG_IDENTIFIER=a\n    MESSAGE=[213B blob data]", None);
    }

    #[test]
    fn entries_are_told_from_lines_that_speak_of_them() {
        assert!(holds_entries(b"x\n__CURSOR=s=7\n__REALTIME_TIMESTAMP=1\n"));
        assert!(holds_entries(b"-- Logs begin --\nTue 2012 [s=7;t=1]\n    A=x\n"));
        for text in [&b"a __CURSOR=s=7\n__REALTIME_TIMESTAMP=1\n"[..], b"__CURSOR=s=7\nx\n", b"Tue 2012 [s=7;t=1]\nA=x\n", b""]
        {
            assert!(!holds_entries(text));
        }
    }

    #[test]
    fn a_head_is_cut_into_its_entries() {
        let found = |head: &'static [u8]| entries(head).map(|entry| std::str::from_utf8(entry).unwrap()).collect::<Vec<_>>();
        assert_eq!(
            found(b"__CURSOR=1\nA=x\n\n__CURSOR=2\n__CURSOR=3"),
            ["__CURSOR=1\nA=x\n", "\n", "__CURSOR=2\n", "__CURSOR=3"]
        );
        assert_eq!(found(b"one [s=1]\n    A=x]\ntwo [s=2]\n    A=y"), ["one [s=1]\n    A=x]\n", "two [s=2]\n    A=y"]);
    }
}
