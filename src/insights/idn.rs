//! Domains as their owners write them: `bücher.example` for `xn--bcher-kva.example`.
//!
//! Tables, links and records keep the ASCII form, which is what mail is sent by. A reader is shown both: letters of one script may look
//! like those of another, and by the ASCII form alone are two such domains told apart.

use icu_properties::CodePointMapData;
use icu_properties::props::{BidiClass, Script};
use icu_properties::script::ScriptWithExtensions;
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

/// Written together, and so one script. Source: UTS 39, section 5.1, "augmented script sets".
const EAST_ASIAN: [Script; 5] = [Script::Han, Script::Hiragana, Script::Katakana, Script::Bopomofo, Script::Hangul];

/// Whether all letters of a label are of one script, which is written from left to right; digits and hyphens are of any.
fn is_of_one_script(label: &str) -> bool {
    let (scripts, directions) = (ScriptWithExtensions::new(), CodePointMapData::<BidiClass>::new());
    let is_backward = |letter| matches!(directions.get(letter), BidiClass::RightToLeft | BidiClass::ArabicLetter);
    let is_of = |letter, script: Script| {
        let own = scripts.get_script_extensions_val(letter);
        own.contains(&script) || EAST_ASIAN.contains(&script) && EAST_ASIAN.iter().any(|other| own.contains(other))
    };
    let mut letters = label.chars().filter(|c| !matches!(c, '0'..='9' | '-'));
    let Some(first) = letters.next() else { return true };
    // What is of no script is a sign, not a letter.
    let is_known = |script: &Script| !matches!(*script, Script::Common | Script::Inherited | Script::Unknown);
    let mut candidates = scripts.get_script_extensions_val(first).iter().filter(is_known);
    !is_backward(first) && candidates.any(|script| letters.clone().all(|letter| is_of(letter, script) && !is_backward(letter)))
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
            // A sign that prolongs a vowel is of two scripts; a vowel's sign is no letter; Han and kana stand together.
            ("xn--eck8a4c4a1f3eucb1787e8wds65dehd.jp", "日本ドメイン名前サーバー.jp (xn--eck8a4c4a1f3eucb1787e8wds65dehd.jp)"),
            ("xn--h2brj9c.example", "भारत.example (xn--h2brj9c.example)"),
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
