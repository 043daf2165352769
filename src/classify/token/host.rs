//! Names of hosts and domains, and which of them say something.

use super::Token;

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

/// Registrable names of lists, and of those whose name in a reply is itself the reason: kept whole.
const LISTS: &[&str] = &[
    "spamhaus.org",
    "spamhaus.net",
    "sorbs.net",
    "spamcop.net",
    "barracudacentral.org",
    "uribl.com",
    "surbl.org",
    "abuseat.org",
    "mailspike.net",
    "mailspike.org",
    "uceprotect.net",
    "senderscore.org",
    "senderscore.com",
    "senderscore.net",
    "returnpath.net",
    "cloudmark.com",
    "dnswl.org",
    "njabl.org",
    "ordb.org",
    "dsbl.org",
    "ahbl.org",
    "spamrats.com",
    "nerd.dk",
    "manitu.net",
    "backscatterer.org",
    "mail-abuse.com",
    "mail-abuse.org",
    "trendmicro.com",
    "invaluement.com",
    "spfbl.net",
    "abusix.zone",
    "abusix.com",
    "spameatingmonkey.net",
    "junkemailfilter.com",
    "blocklist.de",
    "truncate.gbudb.net",
    "lashback.com",
    "anonmails.de",
    "0spam.org",
    "mailboxmx.net",
    "cobion.com",
    "hostkarma.com",
    "openspf.org",
    "open-spf.org",
    "spf.pobox.com",
    "dkim.org",
    "dmarc.org",
    "brightmail.com",
    "proofpoint.com",
    "trustedsource.org",
    "cyren.com",
    "talosintelligence.com",
    "senderbase.org",
    "ironport.com",
    "symanteccloud.com",
    "symantec.com",
    "fortinet.com",
    "fortiguard.com",
    "spamrl.com",
    "kundenserver.de",
];

/// First labels that make a name a page to read, not a machine.
const PAGES: &[&str] =
    &["www", "postmaster", "help", "support", "spf", "docs", "lookup", "ipcheck", "blocked", "delist", "aka"];

/// A dotted name; None where it is none (`STOREDRV.Deliver`, `help.htm`, `end.Please`).
pub(super) fn host(text: &str) -> Option<Token<'_>> {
    let name = text.strip_suffix('.').unwrap_or(text);
    if name.len() > 253 || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte) || byte >= 0x80) {
        return None;
    }
    let (first, _) = name.split_once('.')?;
    let last = name.rsplit('.').next()?;
    let has_one_case = last.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit() || b >= 0x80)
        || last.bytes().all(|b| b.is_ascii_uppercase());
    if first.is_empty() || last.len() < 2 || !has_one_case || last.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut lower = [0_u8; 253];
    for (to, from) in lower.iter_mut().zip(name.bytes()) {
        *to = from.to_ascii_lowercase();
    }
    let lower = lower.get(..name.len())?;
    // `Outlook.com` and the like are written so as the name of a service, not of a machine.
    if matches!(name, "Outlook.com" | "Hotmail.com" | "Mail.Ru" | "Gmail.com" | "AOL.com") {
        return Some(Token::KnownHost);
    }
    if is_list(lower) || PAGES.iter().any(|page| page.as_bytes() == lower.split(|&b| b == b'.').next().unwrap_or_default()) {
        return Some(Token::KnownHost);
    }
    for ending in ENDINGS {
        if let Some(head) = lower.strip_suffix(ending.as_bytes()) {
            return match head.last() {
                None => Some(Token::KnownHost),
                Some(b'.') => Some(Token::Host(Some(ending))),
                Some(_) => continue,
            };
        }
    }
    is_name(lower).then_some(Token::Host(None))
}

/// A list's name: known, or a label that lists are called by (`dnsbl.example.net`, `bl.example.org`).
fn is_list(lower: &[u8]) -> bool {
    let mut labels = lower.rsplitn(3, |&byte| byte == b'.');
    let (last, second) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
    let registrable = lower.get(lower.len().saturating_sub(last.len() + second.len() + 1)..).unwrap_or_default();
    LISTS.iter().any(|list| list.as_bytes() == registrable)
        || matches!(last, b"zap" | b"rbl" | b"dnsbl")
        || lower.split(|&byte| byte == b'.').rev().skip(1).any(is_list_label)
}

fn is_list_label(label: &[u8]) -> bool {
    matches!(
        label,
        b"bl" | b"sbl" | b"xbl" | b"pbl" | b"dbl" | b"zen" | b"cbl" | b"blacklist" | b"blocklist" | b"blackholes" | b"combined"
    ) || [&b"dnsbl"[..], b"rbl", b"drbl", b"uribl", b"surbl", b"dnsrbl", b"rhsbl"]
        .iter()
        .any(|word| label.starts_with(word) || label.ends_with(word))
}

/// True where the name ends in a suffix that exists and has a label before it.
fn is_name(lower: &[u8]) -> bool {
    let last = lower.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    if PRIVATE.contains(&last) {
        return true;
    }
    psl::suffix(lower).is_some_and(|suffix| suffix.is_known() && suffix.as_bytes().len() < lower.len())
}
