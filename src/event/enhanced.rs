//! Enhanced status codes, RFC 3463.

/// `class.subject.detail`, RFC 3463 section 2, as sent. The text of the reply may contradict it, and then decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Enhanced {
    /// 2, 4 or 5.
    pub class: u8,
    /// 0 to 999.
    pub subject: u16,
    /// 0 to 999.
    pub detail: u16,
}

impl Enhanced {
    /// Reads `x.y.z` that fills `text` whole; None for anything else.
    #[must_use]
    pub fn read(text: &[u8]) -> Option<Self> {
        let [class @ (b'2' | b'4' | b'5'), b'.', rest @ ..] = text else { return None };
        let (subject, rest) = number(rest)?;
        let (detail, rest) = number(rest.strip_prefix(b".")?)?;
        rest.is_empty().then_some(Self { class: class - b'0', subject, detail })
    }
}

impl std::fmt::Display for Enhanced {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// One to three digits at the front, as RFC 3463 has them, and what follows.
fn number(text: &[u8]) -> Option<(u16, &[u8])> {
    let digits = text.iter().take(3).take_while(|byte| byte.is_ascii_digit());
    let (length, number) = digits.fold((0, 0), |(length, sum), digit| (length + 1, sum * 10 + u16::from(digit - b'0')));
    (length > 0).then_some((number, text.get(length..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enhanced_status_has_three_numbers() {
        let read = |text: &str| Enhanced::read(text.as_bytes()).map(|status| status.to_string());
        assert_eq!(read("5.1.1").as_deref(), Some("5.1.1"));
        assert_eq!(read("4.7.650").as_deref(), Some("4.7.650"));
        for wrong in ["", "5", "5.1", "5.1.", "5.1.1.1", "3.1.1", "5.1.1000", "5.-1.1", "a.b.c"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
