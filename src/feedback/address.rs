//! Addresses as reports and the texts of bounces name them.

/// The address in a field such as `rfc822; <user@example.org> (their comment)`; the text itself where it is none.
pub(crate) fn of_field(value: &str) -> String {
    let (kind, rest) = value.split_once(';').unwrap_or(("", value));
    let (kind, mut text) = (kind.trim().to_ascii_lowercase(), rest.trim());
    // ORCPT has a type of its own, and some put the field's before it: `rfc822; rfc822;user@example.org`.
    if let Some((again, rest)) = text.split_once(';')
        && again.eq_ignore_ascii_case(&kind)
    {
        text = rest.trim();
    }
    if let (Some(open), Some(close)) = (text.find('<'), text.rfind('>'))
        && let Some(inside) = text.get(open + 1..close)
        && inside.contains('@')
    {
        text = inside;
    }
    let text = text.trim_matches(['<', '>', ' ', '\t']);
    let text = text.split_once(" (").map_or(text, |(text, _)| text).trim();
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let decoded = if kind == "utf-8" { utf8(text) } else { xtext(text) };
    unquoted(&decoded).to_owned()
}

/// A local part in quotes that need none, and a whole address in quotes.
fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

/// RFC 3461 section 4: `+2B` is a plus sign. Only what is well-formed is decoded: many mailers write a bare plus.
fn xtext(text: &str) -> String {
    let is_code = |at: usize| {
        let code = text.get(at + 1..at + 3)?;
        let is_upper = code.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte));
        let byte = u8::from_str_radix(code, 16).ok().filter(|byte| is_upper && (byte.is_ascii_graphic()))?;
        // A sub-address such as `user+2026@` holds digits too: xtext writes only what may not stand for itself.
        matches!(byte, b'+' | b'=' | b'<' | b'>' | b'(' | b')' | b'%' | b'@' | b'"').then_some(char::from(byte))
    };
    let mut decoded = String::with_capacity(text.len());
    let mut skip_until = 0;
    for (at, one) in text.char_indices() {
        if at < skip_until {
            continue;
        }
        match (one, is_code(at)) {
            ('+', Some(other)) => {
                decoded.push(other);
                skip_until = at + 3;
            }
            _ => decoded.push(one),
        }
    }
    decoded
}

/// RFC 6533 section 3: `\x{5C0F}` is a character.
fn utf8(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x{") {
        decoded.push_str(before);
        let Some((code, behind)) = after.split_once('}') else {
            rest = after;
            continue;
        };
        decoded.extend(u32::from_str_radix(code, 16).ok().and_then(char::from_u32));
        rest = behind;
    }
    decoded.push_str(rest);
    decoded
}

/// Whether a text is an address of a mailbox elsewhere, and no more than that.
pub(crate) fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_plain = |text: &str| !text.contains(|one: char| one.is_whitespace() || "<>()[],;:\"'|".contains(one));
    let is_local = is_plain(local) || (local.len() > 2 && local.starts_with('"') && local.ends_with('"'));
    let is_domain = is_plain(domain) && !domain.starts_with('.') && !domain.is_empty() && domain.len() < 256;
    is_local && is_domain && !local.is_empty() && local.len() <= 256
}

/// An address at the very beginning of a text, in angle brackets, in quotes or bare, and what follows it.
pub(crate) fn leading(text: &str) -> Option<(&str, &str)> {
    for (open, close) in [('<', '>'), ('"', '"'), ('\'', '\'')] {
        if let Some(inside) = text.strip_prefix(open) {
            let (address, rest) = inside.split_once(close)?;
            let address = address.strip_prefix("mailto:").unwrap_or(address).trim();
            return is_address(address).then_some((address, rest));
        }
    }
    let end = text.find(|one: char| one.is_whitespace() || "<>()[],;:\"'|".contains(one)).unwrap_or(text.len());
    let (address, rest) = text.split_at_checked(end)?;
    let whole = address.trim_end_matches('.');
    is_address(whole).then_some((whole, rest))
}

/// The first address anywhere in a text, and what follows it.
pub(crate) fn first(text: &str) -> Option<(&str, &str)> {
    let at = text.find('@')?;
    let begin = |at: usize| {
        let before = text.get(..at).unwrap_or_default();
        let is_end = |one: char| one.is_whitespace() || "<>()[],;:\"'|".contains(one);
        before
            .rfind(is_end)
            .map_or(0, |place| place + before.get(place..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8))
    };
    leading(text.get(begin(at)..)?).or_else(|| {
        let rest = text.get(at + 1..)?;
        first(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_gives_its_address() {
        for (field, expected) in [
            ("rfc822; user@example.org", "user@example.org"),
            ("rfc822; RFC822;user@example.org", "user@example.org"),
            ("RFC822;<user@example.org>", "user@example.org"),
            ("unknown; user@example.org", "user@example.org"),
            ("rfc822; user@example.org (Their Name)", "user@example.org"),
            ("rfc822;\"Their Name\" <user@example.org>", "user@example.org"),
            ("LOCAL; user", "user"),
            ("user@example.org", "user@example.org"),
            ("rfc822;news+2Buser@example.org", "news+user@example.org"),
            ("rfc822;news+2026@example.org", "news+2026@example.org"),
            ("rfc822;news+2Dx@example.org", "news+2Dx@example.org"),
            ("utf-8;\\x{5C0F}\\x{732B}@example.org", "小猫@example.org"),
            ("X400; /PN=USER/O=EXAMPLE/", "/PN=USER/O=EXAMPLE/"),
            ("rfc822;", ""),
        ] {
            assert_eq!(of_field(field), expected, "{field}");
        }
    }

    #[test]
    fn an_address_is_found_at_the_beginning_or_within() {
        assert_eq!(leading("<a@b.example>: text"), Some(("a@b.example", ": text")));
        assert_eq!(leading("a@b.example: text"), Some(("a@b.example", ": text")));
        assert_eq!(leading("a@b.example."), Some(("a@b.example", "")));
        assert_eq!(leading("text a@b.example"), None);
        assert_eq!(first("to <a@b.example> (and"), Some(("a@b.example", "> (and")));
        assert_eq!(first("to \u{3000}a@b.example。").map(|(address, _)| address), Some("a@b.example。"));
        assert_eq!(first("@ @ x"), None);
        assert_eq!(first("bounces+kim=b.example@c.example"), Some(("bounces+kim=b.example@c.example", "")));
    }
}
