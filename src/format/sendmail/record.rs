//! The fields of a record: `name=value` one after the other, separated by a comma and a blank.
//!
//! Strangers write into them (addresses, the server's words), so a value ends where the grammar ends it: a list of addresses outside
//! quotes and angle brackets, an ordinary value at the next `, name=`, and `stat=` with the record. Source: `logdelivery()` and
//! `logsender()`.

use memchr::{memmem, memrchr};

use crate::event::Enhanced;
use crate::format::cursor::{Cursor, near, number, split_byte, split_pair, split_text};

/// What a delivery record says, `to=` first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// The recipients, separated by commas.
    pub(super) to: &'a [u8],
    /// Whether anything follows the recipients: a system with a small buffer logs each field in a line of its own.
    pub(super) has_fields: bool,
    /// Whether the record ends within a recipient.
    pub(super) is_cut: bool,
    /// `delay=`: since the message came in, milliseconds.
    pub(super) delay_ms: Option<i64>,
    /// Whether `xdelay=` says that something was tried.
    pub(super) was_tried: bool,
    /// `mailer=`
    pub(super) mailer: &'a [u8],
    /// `relay=`
    pub(super) relay: &'a [u8],
    /// `dsn=`
    pub(super) dsn: Option<Enhanced>,
    /// The same, as it stands there.
    pub(super) dsn_text: &'a [u8],
    /// `stage=`: the command that failed, in newer versions.
    pub(super) stage: &'a [u8],
    /// `reply=`: the server's words, in newer versions.
    pub(super) reply: &'a [u8],
    /// `tls_version=`
    pub(super) tls: &'a [u8],
    /// `stat=`; None where the record ends before it.
    pub(super) stat: Option<&'a [u8]>,
}

/// Reads what follows the queue id of a delivery record. None: it does not begin with `to=`.
pub(super) fn read(text: &[u8]) -> Option<Record<'_>> {
    let (to, mut rest) = addresses(text.strip_prefix(b"to=")?);
    let to = to.strip_suffix(b" [more]").unwrap_or(to);
    let is_cut = rest.is_none() && (to.is_empty() || !Depth::default().after(to).is_outside());
    let mut record = Record { to, is_cut, ..Record::default() };
    while let Some(inside) = rest {
        let (field, next) = field(inside);
        take(field, &mut record);
        rest = next;
    }
    Some(record)
}

/// The field at the front of `text`, and what follows it.
fn field(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    if text.starts_with(b"stat=") {
        return (text, None);
    }
    let whole = (text, None);
    if text.starts_with(b"reply=") {
        return soft_stat(text).or_else(|| last_stat(text)).unwrap_or(whole);
    }
    if text.starts_with(b"quarantine=")
        && let Some(reason) = text.strip_suffix(b", stat=quarantined")
    {
        return (reason, text.get(reason.len() + 2..));
    }
    let mut after = text;
    while let Some((_, rest)) = split_pair(after, *b", ") {
        if is_field(rest) {
            return (text.get(..text.len() - rest.len() - 2).unwrap_or_default(), Some(rest));
        }
        after = rest;
    }
    whole
}

/// After a reply of class 4 `stat=Deferred` follows, and mostly has the reply once more: whatever the words say, that is the field.
fn soft_stat(text: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let reply = text.strip_prefix(b"reply=").filter(|reply| reply.starts_with(b"4"))?;
    let mut places = memmem::find_iter(reply, b", stat=Deferred");
    let first = places.next()?;
    let is_said_again = |&at: &usize| {
        let (said, rest) = reply.split_at_checked(at).unwrap_or_default();
        rest.strip_prefix(b", stat=Deferred: ") == Some(said)
    };
    let at = Some(first).filter(is_said_again).or_else(|| places.find(is_said_again)).unwrap_or(first) + b"reply=".len();
    Some((text.get(..at)?, text.get(at + 2..)))
}

/// The server's words may say `, stat=Sent`, but they are logged for failures alone: the field is the last one that claims none.
fn last_stat(text: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let mut before = text;
    loop {
        before = before.get(..memmem::rfind(before, b", stat=")?)?;
        let stat = text.get(before.len() + 2..)?;
        if !stat.starts_with(b"stat=Sent") {
            return Some((before, Some(stat)));
        }
    }
}

/// Whether a name and `=` are next.
fn is_field(text: &[u8]) -> bool {
    let mut at = Cursor(text);
    let name = at.run(|byte| byte.is_ascii_lowercase() || byte == b'_');
    !name.is_empty() && at.0.starts_with(b"=")
}

fn take<'a>(field: &'a [u8], record: &mut Record<'a>) {
    let Some((name, value)) = split_byte(field, b'=') else { return };
    record.has_fields = true;
    match name {
        b"delay" => record.delay_ms = interval_ms(value),
        b"xdelay" => record.was_tried = true,
        b"mailer" => record.mailer = value,
        b"relay" => record.relay = value,
        b"dsn" => {
            // A log that went through an editor may lack the blank; no stranger writes into a status.
            let (dsn, stat) = split_text(value, b",stat=").map_or((value, None), |(dsn, stat)| (dsn, Some(stat)));
            (record.dsn, record.dsn_text) = (Enhanced::read(dsn), dsn);
            record.stat = stat;
        }
        b"stage" => record.stage = value,
        b"reply" => record.reply = value,
        b"tls_version" => record.tls = if value == b"NONE" { b"" } else { value },
        b"stat" => record.stat = Some(value),
        // `ctladdr=`, `pri=`, `ntries=`, `quarantine=`, and what is still to come.
        _ => {}
    }
}

/// `[d+]hh:mm:ss` in milliseconds. Source: `pintvl()`.
pub(super) fn interval_ms(text: &[u8]) -> Option<i64> {
    let (days, clock) = split_byte(text, b'+').unwrap_or((b"0", text));
    let (hours, rest) = split_byte(clock, b':')?;
    let (minutes, seconds) = split_byte(rest, b':')?;
    let value = |digits| number(digits).and_then(|value| i64::try_from(value).ok());
    let hours = value(days)?.checked_mul(24)?.checked_add(value(hours)?)?;
    let seconds = hours.checked_mul(3_600)?.checked_add(value(minutes)?.checked_mul(60)?)?.checked_add(value(seconds)?)?;
    seconds.checked_mul(1_000)
}

/// The addresses at the front of `text`, up to the first `, ` outside quotes and angle brackets, and what follows it.
///
/// Where a quote or bracket never closes (an address was cut), the first field that must follow ends them.
pub(super) fn addresses(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    const NEXT: [&[u8]; 7] = [b", ctladdr=", b", delay=", b", xdelay=", b", mailer=", b", size=", b", pri=", b", stat="];
    let (mut depth, mut from) = (Depth::default(), 0);
    while let Some(at) = text.get(from..).and_then(|rest| near(rest, [b','])).map(|at| at + from) {
        depth = depth.after(text.get(from..at).unwrap_or_default());
        let (list, rest) = text.split_at_checked(at).unwrap_or((text, b""));
        if let Some(rest) = rest.strip_prefix(b", ")
            && depth.is_outside()
        {
            return (list, Some(rest));
        }
        depth.step(b',');
        from = at + 1;
    }
    if depth.after(text.get(from..).unwrap_or_default()).is_outside() {
        return (text, None);
    }
    let first = NEXT.iter().filter_map(|next| split_text(text, next).map(|(list, _)| list.len())).min();
    match first.and_then(|end| text.split_at_checked(end)) {
        Some((list, rest)) => (list, rest.get(2..)),
        None => (text, None),
    }
}

/// Where a byte of a list stands.
#[derive(Clone, Copy, Default)]
struct Depth {
    is_quoted: bool,
    is_escaped: bool,
    is_bracketed: bool,
}

impl Depth {
    const fn is_outside(self) -> bool {
        !self.is_quoted && !self.is_bracketed
    }

    fn after(mut self, list: &[u8]) -> Self {
        if !self.is_quoted && near(list, [b'"']).is_none() {
            // Nothing but the last bracket matters.
            let last = list.iter().rfind(|byte| matches!(byte, b'<' | b'>'));
            self.is_bracketed = last.map_or(self.is_bracketed, |byte| *byte == b'<');
            return self;
        }
        for &byte in list {
            self.step(byte);
        }
        self
    }

    const fn step(&mut self, byte: u8) {
        match byte {
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' if self.is_quoted => self.is_escaped = true,
            b'"' => self.is_quoted = !self.is_quoted,
            b'<' if !self.is_quoted => self.is_bracketed = true,
            b'>' if !self.is_quoted => self.is_bracketed = false,
            _ => {}
        }
    }
}

/// The addresses of a list, without angle brackets.
pub(super) fn each(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(list);
    std::iter::from_fn(move || {
        loop {
            let inside = rest?;
            let mut depth = Depth::default();
            let comma = near(inside, [b',']);
            let end = comma.and_then(|_| {
                inside.iter().position(|&byte| {
                    let is_end = byte == b',' && depth.is_outside();
                    depth.step(byte);
                    is_end
                })
            });
            let (address, next) = match end.and_then(|end| inside.split_at_checked(end)) {
                Some((address, next)) => (address, next.get(1..)),
                None => (inside, None),
            };
            rest = next;
            let address = bare(uncommented(address.trim_ascii()));
            if !address.is_empty() && address != b"[more]" {
                return Some(address);
            }
        }
    })
}

/// `a@b (Name)`: lists of aliases may hold comments. One with a comma in it ends at that.
fn uncommented(address: &[u8]) -> &[u8] {
    let is_other = matches!(address.first(), Some(b'<' | b'"' | b'|' | b'/' | b':')) || address.ends_with(b">");
    let found = if is_other || near(address, [b'(']).is_none() { None } else { split_text(address, b" (") };
    found.map_or(address, |(front, _)| front.trim_ascii_end())
}

/// An address without its angle brackets; one that was cut lacks the second. A mail program may have given a name before them.
pub(super) fn bare(address: &[u8]) -> &[u8] {
    let Some(inside) = address.strip_prefix(b"<") else { return named(address).unwrap_or(address) };
    memrchr(b'>', inside).and_then(|end| inside.get(..end)).unwrap_or(inside)
}

/// `Name <a@b>`, `"Name" <a@b>`, `[Name]<a@b>`: what stands in the brackets. A command is quoted whole, and a file's path has no brackets.
fn named(address: &[u8]) -> Option<&[u8]> {
    let inside = address.strip_suffix(b">")?;
    let (_, inside) = inside.split_at_checked(memrchr(b'<', inside)?)?;
    inside.contains(&b'@').then(|| inside.get(1..))?
}

#[cfg(test)]
mod tests {
    use bstr::BStr;

    use super::*;

    #[track_caller]
    fn check_list(text: &str, expected: &[&str], rest: Option<&str>) {
        let (list, found) = addresses(text.as_bytes());
        let found_list: Vec<_> = each(list).map(|address| BStr::new(address).to_string()).collect();
        assert_eq!(found_list, expected, "{text}");
        assert_eq!(found.map(BStr::new), rest.map(|rest| BStr::new(rest.as_bytes())), "{text}");
    }

    #[test]
    fn a_list_ends_outside_quotes_and_brackets() {
        check_list("<a@b.example>,<c@d.example>, delay=00:00:01", &["a@b.example", "c@d.example"], Some("delay=00:00:01"));
        check_list("a@b.example, ctladdr=root (0/0)", &["a@b.example"], Some("ctladdr=root (0/0)"));
        check_list(r#""|/usr/bin/procmail -a, b", delay=x"#, &[r#""|/usr/bin/procmail -a, b""#], Some("delay=x"));
        check_list(r#"<"a, stat=Sent"@b.example>, stat=x"#, &[r#""a, stat=Sent"@b.example"#], Some("stat=x"));
        check_list(r#"<"a\", delay=1"@b>,root, delay=2"#, &[r#""a\", delay=1"@b"#, "root"], Some("delay=2"));
        check_list("<a@b>,<c@d>, [more], delay=x", &["a@b", "c@d"], Some("[more], delay=x"));
        check_list(r"\user,:include:/etc/list,/var/log/file", &[r"\user", ":include:/etc/list", "/var/log/file"], None);
        check_list("<a@b>,<cut@exam, delay=00:00:01", &["a@b", "cut@exam"], Some("delay=00:00:01"));
        check_list("\"never closed, mailer=esmtp", &["\"never closed"], Some("mailer=esmtp"));
        check_list("a@b.example (Person Two),c@d.example, x", &["a@b.example", "c@d.example"], Some("x"));
        check_list(r#""|/bin/sh -c (x)",a@b (c, d) (e), x"#, &[r#""|/bin/sh -c (x)""#, "a@b"], Some("d) (e), x"));
        check_list("A B <a@b.example>,\"C, D\" <c@d.example>, delay=x", &["a@b.example", "c@d.example"], Some("delay=x"));
        check_list("[a1]<a@b.example>,x<y, delay=x", &["a@b.example", "x<y"], Some("delay=x"));
        check_list("", &[], None);
    }

    #[track_caller]
    fn check(text: &str, expected: Record<'_>) {
        assert_eq!(read(text.as_bytes()), Some(expected), "{text}");
    }

    #[test]
    fn each_field_has_its_value() {
        let whole = Record {
            to: b"<a@b.example>",
            has_fields: true,
            delay_ms: Some(86_415_000),
            was_tried: true,
            mailer: b"esmtp",
            relay: b"mx.b.example. [192.0.2.1]",
            dsn: Enhanced::read(b"4.1.8"),
            dsn_text: b"4.1.8",
            stat: Some(b"Deferred: 450 4.1.8 <x>, stat=y"),
            ..Record::default()
        };
        check(
            "to=<a@b.example>, ctladdr=<u@h.example> (0/0), delay=1+00:00:15, xdelay=00:00:02, mailer=esmtp, pri=120, \
             relay=mx.b.example. [192.0.2.1], dsn=4.1.8, ntries=3, stat=Deferred: 450 4.1.8 <x>, stat=y",
            whole,
        );
        check("to=<a@b.example>", Record { to: b"<a@b.example>", ..Record::default() });
        check("to=a,b [more]", Record { to: b"a,b", ..Record::default() });
    }

    #[test]
    fn a_servers_words_cannot_claim_a_delivery() {
        let text = "to=<a@b>, stage=RCPT, reply=550 5.1.1 x, stat=Sent (ok), mailer=y, stat=User unknown";
        let record = read(text.as_bytes()).unwrap();
        assert_eq!(record.stat, Some(&b"User unknown"[..]));
        assert_eq!(BStr::new(record.reply), "550 5.1.1 x, stat=Sent (ok), mailer=y");
        assert_eq!(record.stage, b"RCPT");
        assert_eq!(record.mailer, b"");
        let of = |text: &'static str| {
            let record = read(text.as_bytes()).unwrap();
            (BStr::new(record.reply), BStr::new(record.stat.unwrap_or_default()))
        };
        let words = "450 4.7.1 dsn=5.1.1, stat=User unknown";
        let again =
            "to=<a@b>, reply=450 4.7.1 dsn=5.1.1, stat=User unknown, stat=Deferred: 450 4.7.1 dsn=5.1.1, stat=User unknown";
        assert_eq!(of(again), (BStr::new(words), BStr::new("Deferred: 450 4.7.1 dsn=5.1.1, stat=User unknown")));
        let lost = "to=<a@b>, reply=450 4.7.1 x, stat=Deferred, stat=Deferred: Connection reset by mx.";
        assert_eq!(of(lost).0, BStr::new("450 4.7.1 x"));
        let held = "to=<a@b>, mailer=esmtp, quarantine=odd, stat=Sent, stat=quarantined";
        assert_eq!(of(held), (BStr::new(""), BStr::new("quarantined")));
        let cut = read(b"to=<a@b>, reply=550 5.1.1 x, stat=Sent").unwrap();
        assert_eq!((BStr::new(cut.reply), cut.stat), (BStr::new("550 5.1.1 x, stat=Sent"), None));
    }

    #[test]
    fn an_interval_may_have_days() {
        assert_eq!(interval_ms(b"00:00:00"), Some(0));
        assert_eq!(interval_ms(b"01:02:03"), Some(3_723_000));
        assert_eq!(interval_ms(b"5+02:33:31"), Some(441_211_000));
        for text in [&b""[..], b"1", b"1:2", b"a:b:c", b"99999999999999999999+00:00:00", b"9223372036854775807+0:0:0"] {
            assert_eq!(interval_ms(text), None);
        }
    }
}
