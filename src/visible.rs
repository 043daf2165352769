//! Foreign text made visible: the one way from a log, a domain or a file name to a terminal.
//!
//! A reply can hold terminal escapes, and characters that turn the reading direction or hide. What has no shape of its own is shown as a
//! sign for it, never passed on and never dropped: ␛ for an escape, ⟨U+202E⟩ for a direction. May be asked by any stage and knows none.

use std::fmt::{self, Write};

/// The text without anything that acts instead of showing; for the terminal and for the inside of charts.
#[must_use]
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        // Writing to a string cannot fail.
        let _infallible = write_visible(&mut shown, c);
    }
    shown
}

/// Writes a character, or a sign for it.
pub(crate) fn write_visible(into: &mut impl Write, c: char) -> fmt::Result {
    match c {
        '\0'..='\x1f' => into.write_char(char::from_u32(0x2400 + u32::from(c)).unwrap_or('␦')),
        '\x7f' => into.write_char('␡'),
        c if is_hidden(c) => write!(into, "⟨U+{:04X}⟩", u32::from(c)),
        c => into.write_char(c),
    }
}

/// C1 controls, directions, joiners, fillers, tags: what changes how its neighbours look or is not seen itself.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_shown() {
        assert_eq!(visible("a\u{1b}[31mb\n\t\u{7f}"), "a␛[31mb␊␉␡");
        assert_eq!(visible("user\u{202e}moc.elpmaxe"), "user⟨U+202E⟩moc.elpmaxe");
        assert_eq!(visible("\u{85}\u{9b}\u{200b}\u{feff}"), "⟨U+0085⟩⟨U+009B⟩⟨U+200B⟩⟨U+FEFF⟩");
        assert_eq!(visible("Grüße 郵便 ✓\u{a0}97.9 %"), "Grüße 郵便 ✓\u{a0}97.9 %");
    }
}
