//! Links: the host and the path say which rule it is.

use super::kind::Kind;
use super::scan::Scan;
use crate::classify::token::{self, Token, token};

impl Scan<'_, '_> {
    /// A link: the host and the path say which rule it is and stay; an argument that holds an address or an id is masked.
    pub(super) fn link(&mut self, text: &str) {
        self.space();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if !self.is_in_url => (text.get(..scheme.len() + 3).unwrap_or_default(), rest),
            _ => ("", text),
        };
        self.out.extend_from_slice(scheme.as_bytes());
        let mut is_host = !scheme.is_empty();
        for part in rest.split_inclusive(['/', '?', '&', '#', '=', ':']) {
            let end = part.len() - usize::from(part.ends_with(['/', '?', '&', '#', '=', ':']));
            let (name, separator) = part.split_at_checked(end).unwrap_or((part, ""));
            self.link_part(name, is_host);
            self.out.extend_from_slice(separator.as_bytes());
            is_host = false;
        }
    }

    fn link_part(&mut self, name: &str, is_host: bool) {
        let bytes = name.as_bytes();
        let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
        if let Some((number, tail)) = name.split_at_checked(digits).filter(|_| digits >= 7) {
            let number = number.strip_suffix('.').unwrap_or(number);
            if token(number) == Token::Ip {
                self.place(Kind::Ip);
                return self.write(name.get(number.len()..).unwrap_or_default());
            }
            if tail.is_empty() && digits > 8 {
                return self.place(Kind::N);
            }
        }
        if is_host || name.len() < 4 {
            self.write(name);
        } else if name.contains('@') || name.contains("%40") {
            self.place(Kind::Email);
        } else if let Some((host, page)) = page_of_host(name) {
            self.place(Kind::Host);
            self.write(page.strip_prefix(host).unwrap_or_default());
        } else if name.len() >= 10 && token::is_id(bytes) {
            self.place(Kind::Id);
        } else if name.len() > 48 {
            self.place(Kind::UrlArg);
        } else {
            self.write(name);
        }
    }
}

/// `example.com` or `example.com.html` inside a link, with what it stands in; None for `page.html`.
fn page_of_host(name: &str) -> Option<(&str, &str)> {
    const PAGES: [&str; 10] = [".html", ".htm", ".shtml", ".phtml", ".php", ".aspx", ".asp", ".cgi", ".py", ".lasso"];
    let host = PAGES.iter().find_map(|page| name.strip_suffix(page)).unwrap_or(name);
    let is_host = host.contains('.') && matches!(token(host), Token::Host(_)) && !host.starts_with('.');
    is_host.then_some((host, name))
}
