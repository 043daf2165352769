//! Names of hosts and domains, and which of them say something.

use super::Token;
use crate::classify::byte_set::ByteSet;

/// Top-level names that are not in the public suffix list and stand in real logs.
const PRIVATE: &[&[u8]] = &[b"local", b"lan", b"internal", b"localdomain", b"intern", b"invalid", b"example", b"test", b"corp"];

/// Endings of names that many domains share and that tell who answers. The text before is masked, the ending stays.
const ENDINGS: &[&str] = &[
    "prod.outlook.com",
    "prod.exchangelabs.com",
    "prod.protection.outlook.com",
    "olc.protection.outlook.com",
    "mail.protection.outlook.com",
    "protection.outlook.com",
    "mx.microsoft",
    "yahoodns.net",
    "l.google.com",
    "mimecast.com",
    "pphosted.com",
    "iphmx.com",
    "mail.icloud.com",
    "barracudanetworks.com",
    "messagelabs.com",
    "emailsrvr.com",
    "secureserver.net",
];

/// What the [`ENDINGS`] end with: asked first, as few names do.
fn is_shared(registrable: &[u8]) -> bool {
    matches!(
        registrable,
        b"outlook.com"
            | b"exchangelabs.com"
            | b"mx.microsoft"
            | b"yahoodns.net"
            | b"google.com"
            | b"mimecast.com"
            | b"pphosted.com"
            | b"iphmx.com"
            | b"icloud.com"
            | b"barracudanetworks.com"
            | b"messagelabs.com"
            | b"emailsrvr.com"
            | b"secureserver.net"
    )
}

/// Registrable names of lists, and of those whose name in a reply is itself the reason: kept whole.
#[expect(clippy::too_many_lines, reason = "a list")]
fn is_known(registrable: &[u8]) -> bool {
    matches!(
        registrable,
        b"spamhaus.org"
            | b"spamhaus.net"
            | b"sorbs.net"
            | b"spamcop.net"
            | b"barracudacentral.org"
            | b"uribl.com"
            | b"surbl.org"
            | b"abuseat.org"
            | b"mailspike.net"
            | b"mailspike.org"
            | b"uceprotect.net"
            | b"senderscore.org"
            | b"senderscore.com"
            | b"senderscore.net"
            | b"returnpath.net"
            | b"cloudmark.com"
            | b"dnswl.org"
            | b"njabl.org"
            | b"ordb.org"
            | b"dsbl.org"
            | b"ahbl.org"
            | b"spamrats.com"
            | b"nerd.dk"
            | b"manitu.net"
            | b"backscatterer.org"
            | b"mail-abuse.com"
            | b"mail-abuse.org"
            | b"trendmicro.com"
            | b"invaluement.com"
            | b"spfbl.net"
            | b"abusix.zone"
            | b"abusix.com"
            | b"spameatingmonkey.net"
            | b"junkemailfilter.com"
            | b"blocklist.de"
            | b"truncate.gbudb.net"
            | b"lashback.com"
            | b"anonmails.de"
            | b"0spam.org"
            | b"mailboxmx.net"
            | b"cobion.com"
            | b"hostkarma.com"
            | b"openspf.org"
            | b"open-spf.org"
            | b"spf.pobox.com"
            | b"dkim.org"
            | b"dmarc.org"
            | b"brightmail.com"
            | b"proofpoint.com"
            | b"trustedsource.org"
            | b"cyren.com"
            | b"talosintelligence.com"
            | b"senderbase.org"
            | b"ironport.com"
            | b"symanteccloud.com"
            | b"symantec.com"
            | b"fortinet.com"
            | b"fortiguard.com"
            | b"spamrl.com"
            | b"kundenserver.de"
    )
}

/// First labels that make a name a page to read, not a machine.
fn is_page(label: &[u8]) -> bool {
    matches!(
        label,
        b"www"
            | b"postmaster"
            | b"help"
            | b"support"
            | b"spf"
            | b"docs"
            | b"lookup"
            | b"ipcheck"
            | b"blocked"
            | b"delist"
            | b"aka"
    )
}

/// What a name is made of.
pub(super) const BYTES: ByteSet =
    ByteSet::LETTER.and(ByteSet::DIGIT).and(ByteSet::DOT).and(ByteSet::DASH).and(ByteSet::UNDERSCORE).and(ByteSet::WIDE);

/// A dotted name, among texts of [`BYTES`]; None where it is none (`STOREDRV.Deliver`, `help.htm`, `end.Please`).
pub(super) fn host(text: &str) -> Option<Token<'static>> {
    let name = text.strip_suffix('.').unwrap_or(text).as_bytes();
    let last = name.get(memchr::memrchr(b'.', name)? + 1..)?;
    let set = ByteSet::of(last);
    let has_one_case =
        set.is_only(ByteSet::LOWER.and(ByteSet::DASH).and(ByteSet::DIGIT).and(ByteSet::WIDE)) || set.is_only(ByteSet::UPPER);
    if name.len() > LONGEST || name.first() == Some(&b'.') || last.len() < 2 || !has_one_case || set.is_only(ByteSet::DIGIT) {
        return None;
    }
    // `Outlook.com` and the like are written so as the name of a service, not of a machine.
    if matches!(name, b"Outlook.com" | b"Hotmail.com" | b"Mail.Ru" | b"Gmail.com" | b"AOL.com") {
        return Some(Token::KnownHost);
    }
    let mut lower = [0_u8; LONGEST];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    known(lower).or_else(|| is_name(lower).then_some(Token::Host(None)))
}

/// The longest name, RFC 1035 section 2.3.4.
const LONGEST: usize = 253;

/// What is known of a name, in lower case.
fn known(lower: &[u8]) -> Option<Token<'static>> {
    let (mut registrable, mut first, mut has_list_label) = (lower, lower, false);
    let mut end = lower.len();
    for (number, label) in lower.rsplit(|&byte| byte == b'.').enumerate() {
        has_list_label |= if number == 0 { matches!(label, b"zap" | b"rbl" | b"dnsbl") } else { is_list_label(label) };
        end -= label.len();
        if number == 1 {
            registrable = lower.get(end..).unwrap_or_default();
        }
        end = end.saturating_sub(1);
        first = label;
    }
    if has_list_label || is_known(registrable) || is_page(first) {
        return Some(Token::KnownHost);
    }
    if !is_shared(registrable) {
        return None;
    }
    ENDINGS.iter().find_map(|ending| {
        let head = lower.strip_suffix(ending.as_bytes())?;
        match head.last() {
            None => Some(Token::KnownHost),
            Some(b'.') => Some(Token::Host(Some(ending))),
            Some(_) => None,
        }
    })
}

/// A label that lists are called by (`dnsbl.example.net`, `bl.example.org`).
fn is_list_label(label: &[u8]) -> bool {
    matches!(
        label,
        b"bl" | b"sbl" | b"xbl" | b"pbl" | b"dbl" | b"zen" | b"cbl" | b"blacklist" | b"blocklist" | b"blackholes" | b"combined"
    ) || (matches!(label, [b'd' | b'r' | b'u' | b's', ..] | [.., b'l'])
        && [&b"dnsbl"[..], b"rbl", b"drbl", b"uribl", b"surbl", b"dnsrbl", b"rhsbl"]
            .iter()
            .any(|word| label.starts_with(word) || label.ends_with(word)))
}

/// True where the name ends in a suffix that exists and has a label before it.
fn is_name(lower: &[u8]) -> bool {
    let last = lower.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    if PRIVATE.contains(&last) {
        return true;
    }
    psl::suffix(lower).is_some_and(|suffix| suffix.is_known() && suffix.as_bytes().len() < lower.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ending_is_found() {
        for ending in ENDINGS {
            let host = host(ending);
            assert!(host == Some(Token::KnownHost), "{ending}: {host:?}");
            let name = format!("a1.{ending}");
            assert_eq!(super::host(&name), Some(Token::Host(Some(ending))), "{name}");
        }
    }
}
