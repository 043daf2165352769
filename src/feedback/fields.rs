//! Fields, `Name: value`, folded over lines: of a mail's header, of a returned header, of the machine's part of a report.
//!
//! Takes what is there. A line that is no field belongs to the one before it (mailers fold without a blank), unless it is empty.

use mail_parser::decoders::base64::base64_decode;

/// How many fields of one text are kept: a header has some dozens.
const MOST: usize = 4_096;

/// Fields in their order, names in lower case, each value one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<Field>);

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// In lower case.
    pub(crate) name: String,
    /// Its folds joined by one blank.
    pub(crate) value: String,
    /// Whether an empty line stands before it.
    pub(crate) is_apart: bool,
}

impl Fields {
    /// The fields up to the first empty line: a header. And the text behind that line.
    pub(crate) fn header(text: &str) -> (Self, &str) {
        let end = text.find("\n\n").map_or(text.len(), |at| at + 1);
        let (head, body) = text.split_at_checked(end).unwrap_or((text, ""));
        (Self::all(head), body.strip_prefix('\n').unwrap_or(body))
    }

    /// All fields of a text, whatever empty lines stand between them. Those that were encoded as a whole, as some filters do to a
    /// group, are decoded.
    pub(crate) fn all(text: &str) -> Self {
        let mut fields = Self::plain(text);
        let is_base64 =
            |field: &&Field| field.name == "content-transfer-encoding" && field.value.eq_ignore_ascii_case("base64");
        if fields.0.iter().any(|field| is_base64(&field)) {
            fields.0.extend(Self::plain(&decoded(text)).0);
        }
        fields
    }

    fn plain(text: &str) -> Self {
        let mut fields: Vec<Field> = Vec::new();
        let mut is_apart = false;
        for line in text.lines() {
            if line.trim().is_empty() {
                is_apart = true;
            } else if let Some((name, value)) = field(line) {
                if fields.len() == MOST {
                    break;
                }
                fields.push(Field { name: name.to_ascii_lowercase(), value: value.trim().to_owned(), is_apart });
                is_apart = false;
            } else if let Some(last) = fields.last_mut().filter(|_| !is_apart) {
                if !last.value.is_empty() {
                    last.value.push(' ');
                }
                last.value.push_str(line.trim());
            }
        }
        Self(fields)
    }

    /// The value of the first field of this name (in lower case).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|field| field.name == name).map(|field| field.value.as_str())
    }

    /// The values of all fields of this name.
    pub(crate) fn each<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |field| field.name == name).map(|field| field.value.as_str())
    }

    /// All fields in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Field> {
        self.0.iter()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A line that begins a field: its name and its value.
pub(crate) fn field(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim_end_matches([' ', '\t']);
    let is_name = !name.is_empty() && name.len() <= 76 && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<');
    is_name.then_some((name, value))
}

/// The lines of base64 in a text, decoded.
fn decoded(text: &str) -> String {
    let is_code =
        |line: &&str| line.len() > 15 && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
    let code: String =
        text.lines().map(str::trim).skip_while(|line| !is_code(line)).take_while(|line| !line.is_empty()).collect();
    let bytes = base64_decode(code.as_bytes()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace("\r\n", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(fields: &Fields) -> Vec<(&str, &str, bool)> {
        fields.iter().map(|field| (field.name.as_str(), field.value.as_str(), field.is_apart)).collect()
    }

    #[test]
    fn folds_join_by_one_blank_with_and_without_a_blank_before_them() {
        let fields = Fields::all("Status: 5.1.1\nDiagnostic-Code: smtp; 550\n\t5.1.1 no such\nuser here\n\nAction : failed\n");
        let expected = [
            ("status", "5.1.1", false),
            ("diagnostic-code", "smtp; 550 5.1.1 no such user here", false),
            ("action", "failed", true),
        ];
        assert_eq!(names(&fields), expected);
    }

    #[test]
    fn a_header_ends_at_the_first_empty_line() {
        let (fields, body) = Fields::header("A: 1\nB: 2\n\nC: 3\n");
        assert_eq!((names(&fields), body), (vec![("a", "1", false), ("b", "2", false)], "C: 3\n"));
        assert_eq!(Fields::header("A: 1").1, "");
    }

    #[test]
    fn a_group_that_a_filter_encoded_is_read() {
        let group = "RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFAZXhhbXBsZS5vcmcK\nQWN0aW9uOiBmYWlsZWQK";
        let fields = Fields::all(&format!("Reporting-MTA: dns; mx\n\nContent-Transfer-Encoding: base64\n\n{group}\n\n"));
        assert_eq!(fields.get("final-recipient"), Some("rfc822; a@example.org"));
        assert_eq!(fields.get("action"), Some("failed"));
    }
}
