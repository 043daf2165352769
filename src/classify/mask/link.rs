//! Links: the host and the path say which rule it is.

use super::kind::Kind;
use super::scan::{Scan, parts};
use crate::classify::byte_set::ByteSet;
use crate::classify::token::{self, Token, token};

impl Scan<'_, '_> {
    /// A link: the host and the path say which rule it is and stay; an argument that holds an address or an id is masked.
    pub(super) fn link(&mut self, text: &str, set: ByteSet) {
        self.space();
        let has_scheme = !self.is_in_url && set.has(ByteSet::COLON) && set.has(ByteSet::SLASH);
        let scheme = if has_scheme { scheme(text) } else { 0 };
        let (scheme, rest) = text.split_at_checked(scheme).unwrap_or(("", text));
        self.out.extend_from_slice(scheme.as_bytes());
        // What a link ends with may be an address with colons in it, which part a link elsewhere.
        let last = rest.rfind(['/', '=', '?']).map_or(0, |at| at + 1);
        let (head, last) = rest.split_at_checked(last).filter(|(_, last)| token::is_ip6(last.as_bytes())).unwrap_or((rest, ""));
        let mut is_host = !scheme.is_empty();
        for (name, set, separator) in parts(head, ByteSet::LINK) {
            self.link_part(name, set, is_host);
            self.out.extend_from_slice(separator.as_bytes());
            is_host = false;
        }
        if !last.is_empty() {
            self.place(Kind::Ip);
        }
    }

    fn link_part(&mut self, name: &str, set: ByteSet, is_host: bool) {
        let digits = name.bytes().position(|byte| !byte.is_ascii_digit() && byte != b'.').unwrap_or(name.len());
        if let Some((number, tail)) = name.split_at_checked(digits).filter(|_| digits >= 7) {
            let number = number.strip_suffix('.').unwrap_or(number);
            if token(number, ByteSet::of(number.as_bytes())) == Token::Ip {
                self.place(Kind::Ip);
                return self.write(name.get(number.len()..).unwrap_or_default());
            }
            if tail.is_empty() && digits > 8 {
                return self.place(Kind::N);
            }
        }
        if name.strip_prefix("mx").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit())) {
            self.place(Kind::Host);
        } else if is_host || name.len() < 4 {
            self.write(name);
        } else if set.has(ByteSet::AT) || set.has(ByteSet::LEAD) && name.contains("%40") {
            self.place(Kind::Email);
        } else if set.has(ByteSet::DOT)
            && let Some((host, page)) = page_of_host(name)
        {
            self.place(Kind::Host);
            self.write(page.strip_prefix(host).unwrap_or_default());
        } else if name.len() >= 10 && is_id(name) {
            self.place(Kind::Id);
        } else if name.len() > 48 {
            self.place(Kind::UrlArg);
        } else {
            self.write(name);
        }
    }
}

/// An id, whatever pads it.
fn is_id(name: &str) -> bool {
    let name = name.trim_end_matches("%3D").trim_end_matches("%3d");
    token::is_id(name.as_bytes(), ByteSet::of(name.as_bytes()))
}

/// Where the scheme of a link ends, with its `://`; 0 where there is none.
pub(super) fn scheme(text: &str) -> usize {
    text.as_bytes().windows(3).position(|three| three == b"://").map_or(0, |at| at + 3)
}

/// `example.com` or `example.com.html` inside a link, with what it stands in; None for `page.html`.
fn page_of_host(name: &str) -> Option<(&str, &str)> {
    const PAGES: [&str; 10] = [".html", ".htm", ".shtml", ".phtml", ".php", ".aspx", ".asp", ".cgi", ".py", ".lasso"];
    let host = PAGES.iter().find_map(|page| name.strip_suffix(page)).unwrap_or(name);
    let is_host =
        !host.starts_with('.') && host.contains('.') && matches!(token(host, ByteSet::of(host.as_bytes())), Token::Host(_));
    is_host.then_some((host, name))
}
