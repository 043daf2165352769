//! The form of a signature that patterns are matched on: small letters without accents.

/// Base letters of U+00C0 to U+017F, in order; a space where there is none.
const BASE: &[u8; 192] = b"aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuytyaaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/// Folds `text` into `into`, whose content is replaced: small letters, Latin letters without accents, plain apostrophes and dashes, and `?`
/// for what a log or a decoder lost, so that a pattern is written once.
pub(super) fn fold(text: &[u8], into: &mut Vec<u8>) {
    into.clear();
    if text.is_ascii() {
        into.extend(text.iter().map(u8::to_ascii_lowercase));
        return;
    }
    let mut utf8 = [0; 4];
    for c in String::from_utf8_lossy(text).chars() {
        match c {
            '\0'..='\x7f' => into.push((c as u8).to_ascii_lowercase()),
            '\u{c0}'..='\u{17f}' => into.push(BASE.get(c as usize - 0xc0).copied().unwrap_or(b'?')),
            '\u{2018}' | '\u{2019}' | '\u{b4}' => into.push(b'\''),
            '\u{2010}'..='\u{2015}' => into.push(b'-'),
            '\u{fffd}' => into.push(b'?'),
            _ => {
                for lower in c.to_lowercase() {
                    into.extend_from_slice(lower.encode_utf8(&mut utf8).as_bytes());
                }
            }
        }
    }
}

/// Folds a regular expression as [`fold`] does a text; what stands behind a backslash or names a group keeps its case.
pub(super) fn pattern(pattern: &str) -> String {
    let mut folded = String::with_capacity(pattern.len());
    let mut one = Vec::new();
    let (mut is_escaped, mut is_group) = (false, false);
    let mut before = '\0';
    for c in pattern.chars() {
        is_group = (is_group && !matches!(c, ':' | '>' | ')')) || (before == '(' && c == '?');
        if is_escaped || is_group {
            folded.push(c);
        } else if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
        } else {
            let mut utf8 = [0; 4];
            fold(c.encode_utf8(&mut utf8).as_bytes(), &mut one);
            folded.push_str(&String::from_utf8_lossy(&one));
        }
        is_escaped = c == '\\' && !is_escaped;
        before = c;
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &[u8], expected: &str) {
        let mut out = Vec::new();
        fold(text, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn accents_and_case_are_gone() {
        check("Boîte PLEINE, Empfänger’s ñ Łódź ž š Ü ő".as_bytes(), "boite pleine, empfanger's n lodz z s u o");
        check("Нет Такого 见".as_bytes(), "нет такого 见");
        check(b"Bo\xeete", "bo?te");
    }

    #[test]
    fn a_pattern_keeps_its_escapes() {
        assert_eq!(pattern(r"Boîte\S+ (?P<A>Pleine|\Bx) \\D"), r"boite\S+ (?P<A>pleine|\Bx) \\d");
    }
}
