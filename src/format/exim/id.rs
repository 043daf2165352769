//! Message ids of Exim.
//!
//! `1RookS-000Pg8-VO`: seconds since 1970, process id and a fraction of the second in base 62; since 4.97 the last two are longer,
//! `1sDcIh-000000004YY-3wAT`. File systems that are blind to case have base 36. Source: the Exim specification, "Message
//! identification".

use crate::event::Micros;
use crate::format::cursor::alphanumerics;

/// The id at the front of a text, and what follows its blank.
pub(crate) fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (process, fraction) = match (text.get(6)?, text.get(13)?, text.get(18)) {
        (b'-', b'-', _) => (6, 2),
        (b'-', _, Some(b'-')) => (11, 4),
        _ => return None,
    };
    // The hyphens are where they must be; there may be no others.
    let is_part = |from, length| text.get(from..).is_some_and(|rest| alphanumerics(rest) == length);
    (is_part(0, 6) && is_part(7, process) && is_part(8 + process, fraction)).then_some(())?;
    match text.split_at_checked(8 + process + fraction)? {
        (id, [b' ', rest @ ..]) => Some((id, rest)),
        (id, []) => Some((id, b"")),
        _ => None,
    }
}

/// There were no ids of this kind before 1995, and none will be read after 2099.
const YEARS: std::ops::Range<i64> = 788_918_400..4_102_444_800;

/// When the message of an id was received. None for an id that may be in base 36.
pub(super) fn queued(id: &[u8]) -> Option<Micros> {
    let (seconds, _) = id.split_first_chunk::<6>()?;
    let has = |belongs: fn(&u8) -> bool| id.iter().any(belongs);
    if !has(u8::is_ascii_uppercase) || !has(u8::is_ascii_lowercase) {
        return None;
    }
    let seconds = seconds.iter().try_fold(0, |sum, &digit| Some(sum * 62 + i64::from(base_62(digit)?)))?;
    YEARS.contains(&seconds).then_some(Micros(seconds * Micros::SECOND))
}

/// `0-9A-Za-z`
const fn base_62(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'Z' => Some(digit - b'A' + 10),
        b'a'..=b'z' => Some(digit - b'a' + 36),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lengths_are_ids() {
        assert_eq!(split(b"1RookS-000Pg8-VO <= x"), Some((&b"1RookS-000Pg8-VO"[..], &b"<= x"[..])));
        assert_eq!(split(b"1sDcIh-000000004YY-3wAT => x"), Some((&b"1sDcIh-000000004YY-3wAT"[..], &b"=> x"[..])));
        assert_eq!(split(b"1RookS-000Pg8-VO"), Some((&b"1RookS-000Pg8-VO"[..], &b""[..])));
        for text in [
            &b""[..],
            b"1RookS-000Pg8-V",
            b"1RookS-000Pg8-VOx <= x",
            b"1Rook--000Pg8-VO <= x",
            b"1RookS-000Pg8-VO\t<= x",
            b"no host name found for IP address",
            b"H=mx-10.example.com rejected",
        ] {
            assert_eq!(split(text), None);
        }
    }

    #[test]
    fn an_id_holds_its_seconds() {
        let seconds = |id: &[u8]| queued(id).map(|at| at.0 / Micros::SECOND);
        assert_eq!(seconds(b"1RookS-000Pg8-VO"), Some(1_327_205_384));
        assert_eq!(seconds(b"1sDcIh-000000004YY-3wAT"), Some(1_717_300_471));
        for id in [&b"1ROOKS-000PG8-VO"[..], b"000ookS-000Pg8-VO", b"zzzzzz-000Pg8-VO", b""] {
            assert_eq!(seconds(id), None);
        }
    }
}
