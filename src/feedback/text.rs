//! A mail as it came, brought into one form: line ends, and what stands before its header.

/// Text with `\n` alone at the ends of lines, without what stands before the first header: a byte order mark, blank lines, the line of
/// a mailbox.
pub(crate) fn normalised(mail: &[u8]) -> Vec<u8> {
    let mail = mail.strip_prefix(b"\xef\xbb\xbf").unwrap_or(mail);
    let mut text = Vec::with_capacity(mail.len());
    let mut bytes = mail.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' => {
                bytes.next_if_eq(&b'\n');
                text.push(b'\n');
            }
            _ => text.push(byte),
        }
    }
    let mut rest = text.as_slice();
    while let Some(end) = memchr::memchr(b'\n', rest) {
        let (line, after) = (rest.get(..end).unwrap_or_default(), rest.get(end + 1..).unwrap_or_default());
        let is_junk = line.trim_ascii().is_empty() || line.starts_with(b"From ") || line.starts_with(b">From ");
        if !is_junk {
            break;
        }
        rest = after;
    }
    rest.to_vec()
}

/// A word or more in lower case, for looking at.
pub(crate) fn lower(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_of_all_kinds_are_one() {
        assert_eq!(normalised(b"A: 1\r\nB: 2\rC: 3\n\r\nx"), b"A: 1\nB: 2\nC: 3\n\nx");
    }

    #[test]
    fn what_stands_before_the_header_goes() {
        assert_eq!(normalised(b"\xef\xbb\xbf\n \nFrom a Thu Oct  1 08:00:01 2026\nA: 1\n\nFrom b"), b"A: 1\n\nFrom b");
    }
}
