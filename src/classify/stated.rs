//! Which reply code and which enhanced status a reply states.
//!
//! Mostly both begin it. In a notification or behind the words of a relay they stand further in, and qmail puts the status at the end.

use super::code;
use super::enhanced;
use crate::event::Enhanced;

/// What a reply states of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// Reply code, 200 to 599. None where the text holds none.
    pub code: Option<u16>,
    /// Enhanced status. None where the text holds none.
    pub status: Option<Enhanced>,
}

/// No code is looked for behind this many bytes.
const LOOK: usize = 300;

impl Stated {
    /// Reads a reply, raw or masked. Of several codes the first counts.
    #[must_use]
    pub fn of(reply: &[u8]) -> Self {
        let mut stated = Self::default();
        let head = reply.get(..LOOK).unwrap_or(reply);
        let mut is_inside_link = false;
        let mut before = b' ';
        let mut at = 0;
        while let Some(&byte) = head.get(at) {
            if byte == b' ' {
                is_inside_link = false;
            }
            if !byte.is_ascii_digit() {
                is_inside_link |= byte == b'/' && before == b'/';
                before = byte;
                at += 1;
                continue;
            }
            let rest = head.get(at..).unwrap_or_default();
            let length = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
            let number = rest.get(..length).unwrap_or_default();
            let after = rest.get(length).copied().unwrap_or(b' ');
            if !is_inside_link && !before.is_ascii_alphanumeric() && !b"._@=/<-".contains(&before) {
                stated.take(number, after, at == 0);
            }
            // `550-5.1.1`: the dash of a reply of several lines.
            let is_line = at == 0 && after == b'-' && stated.code.is_some();
            before = if is_line { b' ' } else { b'0' };
            at += length.max(1) + usize::from(is_line);
        }
        stated
    }

    fn take(&mut self, number: &[u8], after: u8, is_first: bool) {
        let number = number.strip_suffix(b".").unwrap_or(number);
        if let [hundreds @ b'2'..=b'5', tens, ones] = *number {
            let (hundreds, tens, ones) = (u16::from(hundreds - b'0'), tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
            let is_code =
                tens < 10 && ones < 10 && (b" -\t\r\n<".contains(&after) || (is_first && b"()[]:;,\"".contains(&after)));
            // Inside a text only failures are codes: `250 messages` is none.
            if is_code && self.code.is_none() && (is_first || (hundreds >= 4 && tens < 8)) {
                self.code = Some(hundreds * 100 + u16::from(tens) * 10 + u16::from(ones));
            }
        } else if self.status.is_none() && !after.is_ascii_alphanumeric() && !b"@_".contains(&after) {
            self.status = Enhanced::read(number);
        }
    }

    /// True where the reply says that it is a failure for now. A status says it more exactly than a code.
    pub(super) fn is_temporary(self) -> bool {
        self.code.is_some_and(|code| code / 100 == 4) || self.status.is_some_and(|status| status.class == 4)
    }

    /// True where the reply says that it is a failure for good.
    pub(super) fn is_permanent(self) -> bool {
        !self.is_temporary()
            && (self.code.is_some_and(|code| code / 100 == 5) || self.status.is_some_and(|status| status.class == 5))
    }

    /// True where code and status are of different classes.
    pub(super) fn contradicts_itself(self) -> bool {
        self.code.zip(self.status).is_some_and(|(code, status)| code / 100 != u16::from(status.class))
    }

    /// What code and status mean, in words: one line for each number and digit.
    #[must_use]
    pub fn explain(self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(number) = self.code {
            let known = code::of(number).map_or_else(
                || "no document names this code".to_owned(),
                |known| format!("{} ({})", known.meaning, known.reference),
            );
            lines.push(format!("{number}: {known}"));
            let (first, second) = code::digits(number);
            lines.extend(first.map(|meaning| format!("  {}..: {meaning}", number / 100)));
            lines.extend(second.map(|meaning| format!("  .{}.: {meaning}", number / 10 % 10)));
        }
        if let Some(status) = self.status {
            let known = enhanced::of(status).map_or_else(
                || "not in the IANA registry: the provider's own".to_owned(),
                |known| format!("{} ({})", known.title, known.reference),
            );
            lines.push(format!("{status}: {known}"));
            lines.push(format!("  {}.: {}", status.class, enhanced::class(status)));
            lines.extend(enhanced::subject(status).map(|meaning| format!("  .{}.: {meaning}", status.subject)));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reply: &str, code: Option<u16>, status: Option<&str>) {
        let stated = Stated::of(reply.as_bytes());
        assert_eq!((stated.code, stated.status.map(|status| status.to_string()).as_deref()), (code, status), "{reply}");
    }

    #[test]
    fn code_and_status_are_found_wherever_they_stand() {
        check("550 5.1.1 no", Some(550), Some("5.1.1"));
        check("550-5.1.1 no", Some(550), Some("5.1.1"));
        check("553 sorry (#5.7.1)", Some(553), Some("5.7.1"));
        check("4.7.26 rate limited", None, Some("4.7.26"));
        check("host mx.example.org: 550 <a@example.org>: no", Some(550), None);
        check("Remote Server returned '550 5.1.1 not found", Some(550), Some("5.1.1"));
        check("#<mx.example.org #5.0.0 smtp; 550 no>", Some(550), Some("5.0.0"));
    }

    #[test]
    fn other_numbers_are_no_codes() {
        for reply in [
            "connect to mx.example.org[192.0.2.1]:25: refused",
            "see http://example.org/550 5551234",
            "wait 432000 seconds",
            "S2017062302 1.2.3.4 v5.7.1x",
            "over 250 messages",
        ] {
            check(reply, None, None);
        }
    }

    #[test]
    fn each_digit_is_explained() {
        let lines = Stated::of(b"550 5.1.1 no").explain();
        assert_eq!(lines.len(), 6, "{lines:?}");
        assert!(lines[3].contains("Bad destination mailbox address"), "{lines:?}");
    }
}
