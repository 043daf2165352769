//! Which compression a file has, by its first bytes; its name says nothing. Text in UTF-16, as PowerShell redirects it, is one: it has
//! to be turned into UTF-8 from its beginning on.

use std::fmt;

use crate::event::Micros;

/// How the content of a file is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compression {
    /// As it is.
    Plain,
    /// RFC 1952, any number of members.
    Gzip,
    /// RFC 8878, any number of frames, skippable ones too.
    Zstd,
    /// Any number of streams (`pbzip2` writes many).
    Bzip2,
    /// Any number of streams.
    Xz,
    /// Text in UTF-16, told by its byte order mark, or by the zeros between its first letters.
    Utf16,
}

/// How many bytes [`Compression::recognise`] needs to be sure.
pub(crate) const MAGIC_BYTES: usize = 10;

impl Compression {
    /// Its name in tables and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Utf16 => "utf-16",
        }
    }

    /// The compression of a file that begins with `head`.
    #[must_use]
    pub fn recognise(head: &[u8]) -> Self {
        [Self::Gzip, Self::Zstd, Self::Bzip2, Self::Xz, Self::Utf16]
            .into_iter()
            .find(|one| one.begins(head))
            .unwrap_or(Self::Plain)
    }

    /// Whether a member of this compression begins with `head`.
    pub(crate) fn begins(self, head: &[u8]) -> bool {
        match self {
            Self::Plain => false,
            Self::Gzip => head.starts_with(b"\x1f\x8b"),
            Self::Zstd => head.starts_with(b"\x28\xb5\x2f\xfd") || is_skippable_frame(head),
            Self::Bzip2 => is_bzip2(head),
            Self::Xz => head.starts_with(b"\xfd7zXZ\0"),
            // With two zeros behind it the mark is that of UTF-32.
            Self::Utf16 => {
                (head.starts_with(b"\xff\xfe") && !head.starts_with(b"\xff\xfe\0\0"))
                    || head.starts_with(b"\xfe\xff")
                    || is_unmarked(head)
            }
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.name())
    }
}

/// Four letters of ASCII with a zero behind each: reports of Exchange Online lack the mark.
fn is_unmarked(head: &[u8]) -> bool {
    let is_letter = |unit: &[u8]| matches!(unit, [b' '..=b'~' | b'\t' | b'\r' | b'\n', 0]);
    head.get(..8).is_some_and(|units| units.chunks_exact(2).all(is_letter))
}

/// RFC 8878 section 3.1.2: `0x184D2A5?`, little-endian. `pzstd` begins its files with one.
fn is_skippable_frame(head: &[u8]) -> bool {
    head.first().is_some_and(|byte| byte & 0xf0 == 0x50) && head.get(1..).is_some_and(|rest| rest.starts_with(b"\x2a\x4d\x18"))
}

/// `BZh`, a digit, and the number π (a block follows) or √π (the end of an empty stream). `BZh` alone could begin a text.
fn is_bzip2(head: &[u8]) -> bool {
    let Some([level, next @ ..]) = head.strip_prefix(b"BZh") else { return false };
    let fits = |magic: &[u8; 6]| magic.starts_with(next.get(..magic.len()).unwrap_or(next));
    (b'1'..=b'9').contains(level) && (fits(b"\x31\x41\x59\x26\x53\x59") || fits(b"\x17\x72\x45\x38\x50\x90"))
}

/// When the original was last changed, as the header of a gzip file says (RFC 1952 section 2.3.1, MTIME). None: zero, not said.
pub(crate) fn gzip_time(head: &[u8]) -> Option<Micros> {
    let seconds = head.strip_prefix(b"\x1f\x8b")?.get(2..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))?;
    (seconds != 0).then(|| Micros(i64::from(seconds) * Micros::SECOND))
}

/// What `content` is if it is no log and never will be, and what to do about it.
pub(crate) fn foreign(content: &[u8]) -> Option<(&'static str, &'static str)> {
    const UNPACK: &str = "Unpack it, and name what it holds";
    const KINDS: [(usize, &[u8], &str, &str); 9] = [
        (0, b"PK\x03\x04", "a zip archive", UNPACK),
        (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
        (0, b"Rar!\x1a\x07", "a rar archive", UNPACK),
        (257, b"ustar", "a tar archive", UNPACK),
        (0, b"\x1f\x9d", "compressed by compress(1)", UNPACK),
        (0, b"\x04\x22\x4d\x18", "compressed by lz4", UNPACK),
        (0, b"LZIP\x01", "compressed by lzip", UNPACK),
        (0, b"\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff", "compressed by lzma", UNPACK),
        (0, b"LPKSHHRH", "a journal of systemd", "Export it: journalctl --file FILE -o short-iso-precise"),
    ];
    let is = |&(at, magic, _, _): &(usize, &[u8], _, _)| content.get(at..).is_some_and(|bytes| bytes.starts_with(magic));
    KINDS.iter().find(|kind| is(kind)).map(|&(_, _, what, advice)| (what, advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(head: &[u8], compression: Compression) {
        assert_eq!(Compression::recognise(head), compression, "{head:x?}");
    }

    #[test]
    fn magic_bytes_decide() {
        check(b"\x1f\x8b\x08\0", Compression::Gzip);
        check(b"\x28\xb5\x2f\xfd\0", Compression::Zstd);
        check(b"\x5e\x2a\x4d\x18\x04\0\0\0", Compression::Zstd);
        check(b"BZh91AY&SY", Compression::Bzip2);
        check(b"BZh9\x17\x72\x45\x38\x50\x90", Compression::Bzip2);
        check(b"BZh91AY", Compression::Bzip2);
        check(b"\xfd7zXZ\0\0", Compression::Xz);
        check(b"\xff\xfe#\0S\0", Compression::Utf16);
        check(b"\xfe\xff\0#\0S", Compression::Utf16);
        check(b"\"\0d\0a\0t\0e\0", Compression::Utf16);
        check(b"[\0\r\0\n\0\t\0", Compression::Utf16);
        check(b"a\0b\0", Compression::Plain);
        check(b"a\0\0\0b\0\0\0", Compression::Plain);
    }

    #[test]
    fn text_that_looks_a_little_like_it_is_plain() {
        for head in [
            &b""[..],
            b"\x1f",
            b"BZh",
            b"BZh9 is a level",
            b"BZh0\x31\x41\x59\x26\x53\x59",
            b"Oct  1 06:25:01 mx1",
            b"\xfd7zX",
            b"\xff\xfe\0\0",
        ] {
            check(head, Compression::Plain);
        }
    }

    #[test]
    fn the_time_of_a_gzip_header_is_that_of_the_original() {
        let head = |time: u32| [&b"\x1f\x8b\x08\0"[..], &time.to_le_bytes(), b"\0\x03"].concat();
        assert_eq!(gzip_time(&head(1_790_000_000)), Some(Micros(1_790_000_000_000_000)));
        assert_eq!(gzip_time(&head(0)), None);
        assert_eq!(gzip_time(b"\x1f\x8b\x08\0\x01\x02\x03"), None);
        assert_eq!(gzip_time(b"Oct  1 06:25:01"), None);
    }

    #[test]
    fn what_can_never_be_a_log_is_named() {
        assert_eq!(foreign(b"PK\x03\x04..").map(|kind| kind.0), Some("a zip archive"));
        let mut tar = vec![b'0'; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(foreign(&tar).map(|kind| kind.0), Some("a tar archive"));
        assert_eq!(foreign(b"Oct  1 06:25:01 mx1 postfix/smtp[1]: "), None);
    }
}
