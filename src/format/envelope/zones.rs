//! Names of time zones behind a stamp.
//!
//! `Nov  1 02:11:18 CET mx1 …` of routers and of templates of syslog daemons. Names are not unique (`IST`,
//! `CST`), so only UTC's say more than that the word is no host: else the file's zone is meant.

use crate::event::Micros;
use crate::format::clock::Clock;
use crate::format::cursor::skip_blanks;

/// A zone that is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    Utc,
    /// Whatever its name means: the file's.
    File,
}

impl Zone {
    /// The moment of a stamp that was read as one of the file's zone.
    pub(super) fn moment(self, time: Micros, clock: &Clock) -> Micros {
        match self {
            Self::Utc => clock.as_utc(time),
            Self::File => time,
        }
    }
}

/// Those that logs are written in, of Europe, America, Asia, Africa and Oceania.
const NAMES: &[u8] =
    b" CET CEST MET MEST WET WEST EET EEST BST IST MSK MSD EST EDT CST CDT MST MDT PST PDT AKST AKDT HST BRT BRST ART \
    CLT CLST JST KST SGT HKT PHT WIB PKT SAST EAT WAT CAT AEST AEDT ACST ACDT AWST NZST NZDT ";

/// The zone at the front of what follows a stamp, ` CET `, and what follows it. A host may be called so: a further word must come before
/// the program's.
pub(super) fn after(rest: &[u8]) -> Option<(Zone, &[u8])> {
    let text = rest.strip_prefix(b" ")?;
    let length = text.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let (name, behind) = text.split_at_checked(length).filter(|_| (3..=4).contains(&length))?;
    if behind.starts_with(b":") {
        return (name == b"UTC" || name == b"GMT").then_some((Zone::Utc, behind));
    }
    let words = skip_blanks(behind.strip_prefix(b" ")?);
    let host = words.iter().position(|byte| matches!(byte, b' ' | b'[' | b':'))?;
    let is_host = words.get(host) == Some(&b' ');
    let zone = match name {
        b"UTC" | b"GMT" => Zone::Utc,
        _ => NAMES.split(|&byte| byte == b' ').any(|known| known == name).then_some(Zone::File)?,
    };
    is_host.then_some((zone, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_told_from_a_host() {
        assert_eq!(after(b" CET mx1 tag[1]: x"), Some((Zone::File, &b" mx1 tag[1]: x"[..])));
        assert_eq!(after(b" UTC mx1 tag: x"), Some((Zone::Utc, &b" mx1 tag: x"[..])));
        assert_eq!(after(b" UTC: mx1 tag: x"), Some((Zone::Utc, &b": mx1 tag: x"[..])));
        for rest in [&b" CET tag[1]: x"[..], b" MAIL mx1 tag[1]: x", b" CETX mx1 tag: x", b" CET", b" mx1 tag: x", b""] {
            assert_eq!(after(rest), None);
        }
    }
}
