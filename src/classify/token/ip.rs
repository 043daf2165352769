//! Addresses of the network.

/// IPv6, also one that was cut; v4-mapped too. Two colons together or three in all, else it is a time, a port or a label.
pub(in crate::classify) fn is_ip6(bytes: &[u8]) -> bool {
    let colons = memchr::memchr_iter(b':', bytes).count();
    let is_abbreviated = || bytes.windows(2).any(|two| two == b"::");
    if bytes.len() > 45 || !(2..=7).contains(&colons) || (colons < 3 && !is_abbreviated()) {
        return false;
    }
    let mut groups = bytes.split(|&byte| byte == b':');
    let has_digit = bytes.iter().any(u8::is_ascii_digit);
    has_digit
        && groups.all(|group| {
            (group.len() <= 4 && group.iter().all(u8::is_ascii_hexdigit))
                || group.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        })
}
