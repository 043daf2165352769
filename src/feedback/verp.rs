//! Envelope senders that hold the recipient or a number of the message, so that a bounce tells what it is about by its address alone.

/// How many ways of cutting a local part are tried.
const MOST: usize = 6;

/// How many digits in a row make a number of a message.
const DIGITS: usize = 3;

/// Whether an address may be the sender of one message or recipient only.
pub(crate) fn is_verp(address: &str) -> bool {
    let Some((local, _)) = address.rsplit_once('@') else { return false };
    let mut digits = 0;
    local.contains('=')
        || local.bytes().any(|byte| {
            digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
            digits >= DIGITS
        })
}

/// The recipients that an address may hold, in lower case: `bounces+kim=example.net@us`, `SRS0=hash=tt=example.net=kim@us`.
pub(crate) fn recipients(address: &str) -> Vec<String> {
    let Some((local, _)) = address.rsplit_once('@') else { return Vec::new() };
    let local = local.to_lowercase();
    if local.starts_with("srs0") || local.starts_with("srs1") {
        let mut parts = local.rsplitn(3, '=');
        let (user, domain) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        return if domain.contains('.') { vec![format!("{user}@{domain}")] } else { Vec::new() };
    }
    let Some((before, domain)) = local.rsplit_once('=').filter(|(_, domain)| domain.contains('.')) else { return Vec::new() };
    // Where the name of the list ends and the user begins, nothing says: a name may hold the same signs.
    let cuts = before.match_indices(['+', '-', '=']).map(|(at, _)| at + 1);
    let users = cuts.filter_map(|at| before.get(at..)).filter(|user| !user.is_empty()).take(MOST);
    users.map(|user| format!("{user}@{domain}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipient_is_found_in_the_sender() {
        assert_eq!(recipients("bounces+kim=example.net@example.org"), ["kim@example.net"]);
        assert_eq!(recipients("list-kim-lee=example.net@example.org"), ["kim-lee@example.net", "lee@example.net"]);
        assert_eq!(recipients("SRS0=HHH=TT=example.net=kim@example.org"), ["kim@example.net"]);
        for none in ["news@example.org", "prvs=123=kim@example.org", "b-123-456@example.org", "news"] {
            assert!(recipients(none).is_empty(), "{none}");
        }
    }

    #[test]
    fn a_number_makes_a_sender_that_of_one_message() {
        assert!(is_verp("b-123-456@example.org") && is_verp("bounces+kim=example.net@example.org"));
        assert!(!is_verp("news@example.org") && !is_verp("news-26@example.org"));
    }
}
