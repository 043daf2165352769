//! Addresses under another name (`--anonymize`): a keyed hash in place of what stands before the `@`; the domain stays.
//!
//! Without the key nobody can find out by trying addresses which one a name stands for. With one key, an address has one name in every
//! table, page and run. Every text that leaves passes here, since a reply or a record may quote an address anywhere.

use std::borrow::Cow;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::column::Row;
use super::names::hexadecimal;
use super::{Tables, lists};

/// Digits of a name: 64 bits, so that among ten million addresses hardly any two have one name.
const DIGITS: usize = 16;

/// Words before a `=` that are a field's name and no part of an address behind it.
const FIELDS: [&str; 12] =
    ["to", "orig_to", "from", "ctladdr", "sender", "rcpt", "recipient", "F", "T", "P", "sasl_username", "sasl_sender"];

/// Gives addresses other names.
#[derive(Clone)]
pub struct Veil(Hmac<Sha256>);

impl Veil {
    /// The names that this key makes.
    ///
    /// # Panics
    /// Never: the method takes keys of any length.
    #[must_use]
    #[expect(clippy::expect_used, reason = "RFC 2104 section 2: keys can be of any length")]
    pub fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("a key of any length"))
    }

    /// Another name for who has this address, or is a user at home.
    #[must_use]
    pub fn person(&self, address: &str) -> String {
        match address.rsplit_once('@') {
            _ if address.is_empty() => String::new(),
            Some(("", _)) => address.to_owned(),
            Some((_, domain)) => format!("{}@{domain}", self.name(address)),
            None => self.name(address),
        }
    }

    /// A text in which addresses have other names, and so has who is mentioned without his domain beside his address.
    #[must_use]
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if !text.contains('@') {
            return Cow::Borrowed(text);
        }
        let (mut veiled, mut from) = (String::with_capacity(text.len() + DIGITS), 0);
        let mut persons: Vec<(&str, String)> = Vec::new();
        for (at, _) in text.match_indices('@') {
            let Some((start, end)) = around(text, at).filter(|(start, _)| *start >= from) else { continue };
            let (Some(before), Some(local), Some(domain)) = (text.get(from..start), text.get(start..at), text.get(at..end))
            else {
                continue;
            };
            let name = self.name(&format!("{local}{domain}"));
            veiled.extend([before, &name, domain]);
            persons.push((local, name));
            from = end;
        }
        veiled.push_str(text.get(from..).unwrap_or_default());
        for (local, name) in persons {
            veiled = mentioned(&veiled, local, &name);
        }
        Cow::Owned(veiled)
    }

    /// A text about a person: whoever else is in it has another name, and so has that person without his domain.
    fn words_about(&self, address: &str, text: &str) -> String {
        let veiled = self.text(text);
        match address.rsplit_once('@') {
            Some((local, _)) => mentioned(&veiled, local, &self.name(address)),
            None => veiled.into_owned(),
        }
    }

    /// Addresses that differ in case alone are one.
    fn name(&self, address: &str) -> String {
        let mac = self.0.clone().chain_update(address.to_ascii_lowercase()).finalize().into_bytes();
        hexadecimal(mac.get(..DIGITS / 2).unwrap_or_default())
    }
}

impl Tables {
    /// Gives the addresses in all tables other names.
    pub fn veil(&mut self, veil: &Veil) {
        macro_rules! hide_all {
            ($tables:expr, $($rows:ident)+) => {
                // None can be forgotten: all are named.
                let Self { $($rows,)+ totals: _ } = $tables;
                $(hide($rows, veil);)+
            };
        }
        hide_all! { self,
            inputs domains providers concentration reasons codes signatures blocks block_senders unknown_users unknown_user_effect timeline delays
            heatmap retries retry_schedule lifetimes greylisting sources senders bulk_days tls networks inbound_rejects async_bounces complaints feedback unjoined
            smarthosts changes mix shifts suppress retry fix seeds seed_providers
        }
        // The order of the addresses that they had says something of them.
        [suppress, retry, fix].into_iter().for_each(|rows| lists::sort(rows));
    }
}

/// Columns that hold nothing but an address.
const PERSONS: [&str; 2] = ["address", "recipient"];

/// Gives the addresses in some rows other names.
fn hide<R: Row>(rows: &mut [R], veil: &Veil) {
    for row in rows {
        let mut whose = String::new();
        row.rewrite(&mut |column, text| {
            if PERSONS.contains(&column) {
                text.clone_into(&mut whose);
            }
            None
        });
        row.rewrite(&mut |column, text| match column {
            // Where a file lies says nothing of whom mail is for.
            "path" | "file" => None,
            _ if PERSONS.contains(&column) => Some(veil.person(text)),
            _ => Some(veil.words_about(&whose, text)).filter(|veiled| veiled != text),
        });
    }
}

/// Where the address begins and ends whose `@` stands at this place.
fn around(text: &str, at: usize) -> Option<(usize, usize)> {
    let (before, after) = (text.get(..at)?, text.get(at + 1..)?);
    let is_of_domain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '[' | ']' | ':');
    let domain = after.find(|c: char| !is_of_domain(c)).map_or(after, |end| after.get(..end).unwrap_or_default());
    // A literal is whole; of a name, points and colons behind it are the sentence's.
    let domain = match domain.strip_prefix('[').and_then(|literal| literal.find(']')) {
        Some(end) => domain.get(..end + 2)?,
        None => domain.split(['[', ']', ':']).next()?.trim_end_matches(['.', '-']),
    };
    let start = match before.strip_suffix('"') {
        Some(quoted) => quoted.rfind('"')?,
        None => local_start(before),
    };
    (start < at && !domain.is_empty()).then_some((start, at + 1 + domain.len()))
}

/// Where a local part begins that ends `before`: what cannot belong to it ends it, and the name of a field before `=`.
fn local_start(before: &str) -> usize {
    let ends = |c: char| {
        c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | '"' | ',' | ';' | ':' | '\\' | '@')
    };
    let start = before.char_indices().rev().find(|(_, c)| ends(*c)).map_or(0, |(place, c)| place + c.len_utf8());
    let local = before.get(start..).unwrap_or_default();
    let local = match local.split_once('=') {
        Some((field, rest)) if FIELDS.contains(&field) => rest,
        _ => local,
    };
    // Quotation marks of a sentence.
    before.len() - local.trim_start_matches(['\'', '`', '‘', '“']).len()
}

/// Replaces a person who is mentioned as a word of its own; of one letter no one can tell that it is a name.
fn mentioned(text: &str, person: &str, name: &str) -> String {
    if person.len() < 2 {
        return text.to_owned();
    }
    let is_of_word = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '=');
    let (mut new, mut from) = (String::with_capacity(text.len()), 0);
    let lower = text.to_ascii_lowercase();
    for (at, _) in lower.match_indices(&person.to_ascii_lowercase()) {
        let end = at + person.len();
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(end..).unwrap_or_default());
        // A point behind a word may end a sentence.
        let goes_on = after.starts_with(|c| c != '.' && is_of_word(c))
            || after.trim_start_matches('.').starts_with(char::is_alphanumeric);
        if from > at || before.ends_with(is_of_word) || goes_on {
            continue;
        }
        new.push_str(text.get(from..at).unwrap_or_default());
        new.push_str(name);
        from = end;
    }
    new.push_str(text.get(from..).unwrap_or_default());
    new
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::unjoined::Unjoined;
    use proptest::prelude::*;

    fn veil() -> Veil {
        Veil::new(b"secret")
    }

    #[test]
    fn an_address_has_one_name_whatever_its_case_and_the_domain_stays() {
        let veil = veil();
        let name = veil.person("John.Doe@Example.org");
        assert_eq!(name.len(), DIGITS + "@Example.org".len());
        assert!(name.ends_with("@Example.org"));
        assert_eq!(veil.person("john.doe@example.org"), name.to_ascii_lowercase());
        assert_ne!(veil.person("john.doe@example.com").split('@').next(), name.split('@').next());
        assert_ne!(Veil::new(b"other").person("John.Doe@Example.org"), name);
        assert_eq!((veil.person(""), veil.person("@example.org")), (String::new(), "@example.org".to_owned()));
        assert!(!veil.person("root").contains("root"));
    }

    #[test]
    fn addresses_are_found_in_records_and_replies() {
        let veil = veil();
        let john = veil.person("john@x.example");
        let check = |text: &str, expected: &str| assert_eq!(veil.text(text), expected, "{text}");
        check(
            "to=<john@x.example>, relay=mx.x.example[192.0.2.1]:25",
            &format!("to=<{john}>, relay=mx.x.example[192.0.2.1]:25"),
        );
        check("to=john@x.example, stat=Sent", &format!("to={john}, stat=Sent"));
        check("for 'john@x.example'.", &format!("for '{john}'."));
        check("user john: see mailto:john@x.example.", &format!("user {}: see mailto:{john}.", &john[..DIGITS]));
        let verp = veil.person("b-17-john=x.example@lists.example");
        check("from=<b-17-john=x.example@lists.example>", &format!("from=<{verp}>"));
        let quoted = veil.person("\"john doe\"@x.example");
        check("to=<\"john doe\"@x.example>", &format!("to=<{quoted}>"));
        let literal = veil.person("john@[192.0.2.1]");
        check("<john@[192.0.2.1]>: no", &format!("<{literal}>: no"));
        for plain in ["550 5.1.1 <email>: User unknown", "a @ b", "john@", "@x.example", "mx.x.example"] {
            check(plain, plain);
        }
    }

    fn unjoined() -> Unjoined {
        let none = String::new;
        let (kind, fate, recipient, message_id, time) = (none(), none(), none(), none(), None);
        Unjoined { kind, fate, recipient, message_id, time, reporter: none(), category: none(), reply: none(), file: none() }
    }

    #[test]
    fn a_row_does_not_name_its_person_elsewhere() {
        let row =
            Unjoined { recipient: "john@x.example".to_owned(), reply: "550 mailbox of John is gone".to_owned(), ..unjoined() };
        let mut tables = Tables { unjoined: vec![row], ..Tables::default() };
        tables.veil(&veil());
        let row = tables.unjoined.first().unwrap();
        let john = veil().person("john@x.example");
        assert_eq!(
            (row.recipient.as_str(), row.reply.as_str()),
            (john.as_str(), &*format!("550 mailbox of {} is gone", &john[..DIGITS]))
        );
    }

    proptest! {
        #[test]
        fn nothing_is_left_of_who_it_was(
            local in "[a-z]{3,9}[.+=_-]?[a-z0-9]{2,6}", domain in "[a-z]{2,8}\\.example",
            before in "(to=<|from=|<|user |'|\\(|smtp;|orig_to=<|no mailbox |)", after in "(>|, |\\.|'|\\)| unknown|: no|)",
        ) {
            let address = format!("{local}@{domain}");
            let text = format!("{before}{address}{after} {local} is not here");
            let veiled = veil().text(&text).into_owned();
            prop_assert!(!veiled.contains(&local), "{text} → {veiled}");
            prop_assert!(veiled.contains(&format!("@{domain}")), "{text} → {veiled}");
        }

        #[test]
        fn any_text_is_taken(text in "\\PC{0,60}") {
            let _ = veil().text(&text);
        }
    }
}
