//! Dates and times of day.

/// `2026-10-01`, `2026-10-01T00:00:01.123Z`, `10/31/2026`.
pub(in crate::classify) fn is_date(bytes: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    if let [year @ .., b'-', m1, m2, b'-', d1, d2] = bytes.get(..10.min(bytes.len())).unwrap_or_default()
        && year.len() == 4
    {
        let rest = bytes.get(10..).unwrap_or_default();
        return digits(year)
            && digits(&[*m1, *m2, *d1, *d2])
            && rest.iter().all(|byte| byte.is_ascii_digit() || b":.TZ+-".contains(byte));
    }
    let mut parts = bytes.split(|&byte| byte == b'/');
    let mut is_number =
        |least: usize, most: usize| parts.next().is_some_and(|part| (least..=most).contains(&part.len()) && digits(part));
    is_number(1, 4) && is_number(1, 2) && is_number(2, 4) && parts.next().is_none()
}

/// `9:18`, `09:18:00`, `09:18:00.123`.
pub(in crate::classify) fn is_clock(bytes: &[u8]) -> bool {
    let mut parts = bytes.split(|&byte| byte == b':');
    let is_two = |part: &[u8]| (1..=2).contains(&part.len()) && part.iter().all(u8::is_ascii_digit);
    let (Some(hour), Some(minute)) = (parts.next(), parts.next()) else { return false };
    let second = parts.next();
    is_two(hour)
        && minute.len() == 2
        && is_two(minute)
        && parts.next().is_none()
        && second.is_none_or(|second| second.len() >= 2 && second.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.'))
}

/// `1h30m`, `2d4h5m`.
pub(super) fn is_duration(bytes: &[u8]) -> bool {
    let mut parts = bytes.split_inclusive(u8::is_ascii_alphabetic);
    bytes.len() <= 12 && parts.all(|part| matches!(part, [digits @ .., b'd' | b'h' | b'm' | b's'] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)))
}
