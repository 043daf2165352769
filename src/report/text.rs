//! Foreign text made harmless and visible: the one way from a log, a domain or a file name to a page or a terminal.
//!
//! A reply can hold markup, terminal escapes, and characters that turn the reading direction or hide. Markup is escaped for HTML; what
//! has no shape of its own is shown as a sign for it, never passed on and never dropped: ␛ for an escape, ⟨U+202E⟩ for a direction.

use std::fmt::{self, Write};

use askama::filters::Escaper;

use crate::insights::name;

/// The escaper of all templates: named in `askama.toml`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visible;

impl Escaper for Visible {
    fn write_escaped_str<W: Write>(&self, mut into: W, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '<' => into.write_str("&lt;")?,
                '>' => into.write_str("&gt;")?,
                '&' => into.write_str("&amp;")?,
                '"' => into.write_str("&quot;")?,
                '\'' => into.write_str("&#39;")?,
                c => write_visible(&mut into, c)?,
            }
        }
        Ok(())
    }
}

/// The text without anything that acts instead of showing; for the terminal and for the inside of charts.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        // Writing to a string cannot fail.
        let _infallible = write_visible(&mut shown, c);
    }
    shown
}

/// The start of the text if it is longer than `most` characters, with an ellipsis.
#[must_use]
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// The parts on lines of `width` characters: as many beside each other as fit, with `between` among them. A part that is longer is cut.
#[must_use]
pub fn filled<'a>(parts: impl IntoIterator<Item = &'a str>, between: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        let part = shortened(part, width);
        match lines.last_mut() {
            Some(line) if [line, between, &part].iter().map(|text| text.chars().count()).sum::<usize>() <= width => {
                line.push_str(between);
                line.push_str(&part);
            }
            Some(_) | None => lines.push(part),
        }
    }
    lines
}

/// A provider's name as a reader knows it; a foreign one is cut to a length that fits a heading.
#[must_use]
pub fn provider(id: &str) -> String {
    shortened(&name::provider(id), 60)
}

/// Where a record stands, for a person who wants to look: the end of a long path, then the byte.
#[must_use]
pub fn place(path: &str, offset: i64) -> String {
    format!("{}:{offset}", tail(path, 120))
}

/// The end of the text if it is longer than `most` characters: of a path, the end tells most.
#[must_use]
pub fn tail(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    std::iter::once('…').chain(text.chars().skip(length - most + 1)).collect()
}

fn write_visible(into: &mut impl Write, c: char) -> fmt::Result {
    match c {
        '\0'..='\x1f' => into.write_char(char::from_u32(0x2400 + u32::from(c)).unwrap_or('␦')),
        '\x7f' => into.write_char('␡'),
        c if is_hidden(c) => write!(into, "⟨U+{:04X}⟩", u32::from(c)),
        c => into.write_char(c),
    }
}

/// C1 controls, directions, joiners, fillers, tags: what changes how its neighbours look or is not seen itself.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_filled_with_whole_parts() {
        assert_eq!(filled("Microsoft refused us".split(' '), " ", 12), ["Microsoft", "refused us"]);
        assert_eq!(filled(["éé", "éé", "éé"], "   ", 7), ["éé   éé", "éé"]);
        assert_eq!(filled(["aaaaaaaaaaaa", "b"], " ", 10), ["aaaaaaaaa…", "b"]);
        assert_eq!(filled("  a".split(' '), " ", 3), ["  a"]);
        assert!(filled([], " ", 10).is_empty());
    }

    fn html(text: &str) -> String {
        let mut out = String::new();
        Visible.write_escaped_str(&mut out, text).unwrap();
        out
    }

    #[test]
    fn markup_becomes_text() {
        assert_eq!(html("<script>'&\"</script>"), "&lt;script&gt;&#39;&amp;&quot;&lt;/script&gt;");
    }

    #[test]
    fn what_acts_is_shown() {
        assert_eq!(visible("a\u{1b}[31mb\n\t\u{7f}"), "a␛[31mb␊␉␡");
        assert_eq!(visible("user\u{202e}moc.elpmaxe"), "user⟨U+202E⟩moc.elpmaxe");
        assert_eq!(visible("\u{85}\u{9b}\u{200b}\u{feff}"), "⟨U+0085⟩⟨U+009B⟩⟨U+200B⟩⟨U+FEFF⟩");
        assert_eq!(visible("Grüße 郵便 ✓\u{a0}97.9 %"), "Grüße 郵便 ✓\u{a0}97.9 %");
    }

    #[test]
    fn long_text_ends_with_an_ellipsis() {
        assert_eq!(shortened("example.org", 20), "example.org");
        assert_eq!(shortened("a long name of a domain", 8), "a long…");
    }

    #[test]
    fn a_place_keeps_the_name_of_the_file() {
        assert_eq!(place("logs/mx1/mail.log", 81_920), "logs/mx1/mail.log:81920");
        assert_eq!(place(&format!("{}/mail.log", "x".repeat(300)), 0).chars().count(), 122);
    }

    proptest! {
        #[test]
        fn no_control_and_no_markup_survives(text in "\\PC*|(.|\\n){0,40}") {
            let shown = html(&text);
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_hidden(c) || matches!(c, '<' | '>' | '"' | '\'')));
        }
    }
}
