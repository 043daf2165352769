//! Names of months in other languages than English.
//!
//! Syslog daemons write English ones whatever the locale; `journalctl` asks the locale, and so its output is what `strftime(3)` makes of
//! `%b` there. Names as glibc has them, in UTF-8.

/// What each month is called, in German, French, Spanish, Italian, Portuguese, Dutch, the languages of Scandinavia, Finnish, Polish, Czech,
/// Hungarian, Russian, Turkish, Chinese and Japanese. No name means two months.
const NAMES: [&str; 12] = [
    "jan. janv. janv ene gen sty led янв oca tammi 1月",
    "févr. févr fév. feb. febr. febr fev lut úno фев şub helmi 2月",
    "mär märz mars mrt márc márc. bře мар maalis 3月",
    "avril avr. apr. abr kwi dub апр nis ápr ápr. huhti 4月",
    "mai maj mei mag máj máj. kvě мая май touko 5月",
    "juin juni jún jún. giu cze čen июн haz kesä 6月",
    "juil. juil juli júl júl. lug lip čec июл tem heinä 7月",
    "août aug. ago sie srp авг ağu elo 8月",
    "sept. sept set wrz zář сен eyl szept szept. syys 9月",
    "okt okt. oct. out ott paź říj окт eki loka 10月",
    "nov. lis ноя kas marras 11月",
    "déc. déc dez dec. dic des gru pro дек ara joulu 12月",
];

/// Longest name, in bytes.
pub(super) const LONGEST: usize = 8;

/// The number of the month that is called `name`.
pub(super) fn number(name: &[u8]) -> Option<i8> {
    let is_name = |known: &str| known.as_bytes().eq_ignore_ascii_case(name);
    NAMES.iter().zip(1..).find_map(|(names, number)| names.split(' ').any(is_name).then_some(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_months_or_is_longer_than_said() {
        let mut seen = std::collections::BTreeSet::new();
        for name in NAMES.iter().flat_map(|names| names.split(' ')) {
            assert!(seen.insert(name), "{name}");
            assert!(name.len() <= LONGEST, "{name}");
        }
    }

    #[test]
    fn names_are_told_in_any_case() {
        assert_eq!([number("Mär".as_bytes()), number(b"Okt"), number("3月".as_bytes())], [Some(3), Some(10), Some(3)]);
        assert_eq!([number(b""), number(b"Foo"), number(b"okt okt.")], [None; 3]);
    }
}
