//! Domains as their owners write them: `bücher.example` for `xn--bcher-kva.example`.
//!
//! Tables, links and records keep the ASCII form, which is what mail is sent by. A reader is shown both: letters of one script may look
//! like those of another, and by the ASCII form alone are two such domains told apart.

use idna::{AsciiDenyList, domain_to_ascii_cow, domain_to_unicode};

/// What begins a label that stands for others than ASCII letters.
const ENCODED: &str = "xn--";

/// `bücher.example (xn--bcher-kva.example)`. A domain stays as it is if it is plain, if it does not decode to a name that encodes to
/// itself, and if a label mixes scripts, or has letters that are written from right to left, which a sentence would jumble.
#[must_use]
pub fn domain(ascii: &str) -> String {
    read(ascii).map_or_else(|| ascii.to_owned(), |unicode| format!("{unicode} ({ascii})"))
}

/// The form in Unicode, if it is one that may be shown.
fn read(ascii: &str) -> Option<String> {
    // Looked for in all domains: of most there is nothing to decode.
    if !ascii.contains(ENCODED) {
        return None;
    }
    let (unicode, decoded) = domain_to_unicode(ascii);
    let is_same = domain_to_ascii_cow(unicode.as_bytes(), AsciiDenyList::EMPTY).is_ok_and(|again| again == ascii);
    (decoded.is_ok() && unicode != ascii && is_same && unicode.split('.').all(is_of_one_script)).then_some(unicode)
}

/// Scripts that may stand in a label, by the blocks of Unicode that their letters lie in; what lies in none of them is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Georgian,
    /// Han, Hiragana, Katakana, Bopomofo and Hangul are written together.
    EastAsian,
    Thai,
    Devanagari,
    Bengali,
    Tamil,
}

impl Script {
    const fn of(letter: char) -> Option<Self> {
        Some(match letter {
            'a'..='z' | '\u{df}'..='\u{f6}' | '\u{f8}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Self::Latin,
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Self::Greek,
            '\u{400}'..='\u{52f}' => Self::Cyrillic,
            '\u{561}'..='\u{587}' => Self::Armenian,
            '\u{10d0}'..='\u{10ff}' => Self::Georgian,
            '\u{3005}'..='\u{3007}'
            | '\u{3041}'..='\u{30ff}'
            | '\u{3105}'..='\u{312f}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}' => Self::EastAsian,
            '\u{e01}'..='\u{e4e}' => Self::Thai,
            '\u{901}'..='\u{963}' => Self::Devanagari,
            '\u{981}'..='\u{9e3}' => Self::Bengali,
            '\u{b82}'..='\u{bcd}' => Self::Tamil,
            _ => return None,
        })
    }
}

/// Whether all letters of a label are of one script; digits and hyphens are of any.
fn is_of_one_script(label: &str) -> bool {
    let mut letters = label.chars().filter(|c| !matches!(c, '0'..='9' | '-')).map(Script::of);
    let first = letters.next().flatten();
    label.is_ascii() || (first.is_some() && letters.all(|script| script == first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_shown_as_their_owners_write_them() {
        // RFC 3492 has the first; the others were encoded by Python's `idna`-free codec `"…".encode("punycode")`.
        for (ascii, shown) in [
            ("xn--bcher-kva.example", "bücher.example (xn--bcher-kva.example)"),
            ("post.xn--mnchen-3ya.de", "post.münchen.de (post.xn--mnchen-3ya.de)"),
            ("xn--80aswg.xn--p1ai", "сайт.рф (xn--80aswg.xn--p1ai)"),
            ("xn--wgv71a119e.jp", "日本語.jp (xn--wgv71a119e.jp)"),
            ("example.org", "example.org"),
            ("", ""),
        ] {
            assert_eq!(domain(ascii), shown);
        }
    }

    #[test]
    fn what_may_deceive_or_is_none_stays_as_it_is() {
        for ascii in [
            // "аpple" with a Cyrillic first letter; "googlе" with a Cyrillic last.
            "xn--pple-43d.com",
            "xn--googl-3we.com",
            // Hebrew and Arabic.
            "xn--4dbrk0ce.example",
            "xn--mgbaam7a8h.example",
            // No encoding of anything; an encoding of plain letters; a heart.
            "xn--99999999.example",
            "xn--a-.example",
            "xn--g6h.example",
            "not-xn--here.example",
            "(other)",
        ] {
            assert_eq!(domain(ascii), ascii);
        }
    }

    #[test]
    fn a_name_that_is_of_another_script_as_a_whole_is_never_shown_alone() {
        // All Cyrillic, and looks like a known name.
        assert_eq!(domain("xn--80ak6aa92e.com"), "аррӏе.com (xn--80ak6aa92e.com)");
    }
}
