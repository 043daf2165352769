//! Foreign text made harmless: the one way from a log, a domain or a file name to a page. Markup is escaped, and what acts instead of
//! showing is shown (`crate::visible`).

use std::fmt::{self, Write};

use askama::filters::Escaper;

use crate::insights::name;
use crate::visible::write_visible;

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::visible::is_hidden;

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
