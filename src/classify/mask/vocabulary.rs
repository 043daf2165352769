//! Words that replies use where a name could stand.

/// True for a word of replies, whatever its case: never the name of a mailbox or of a key. What is not in the list and stands where a
/// name would is masked, so it holds what is said of users, mailboxes, accounts, recipients and keys, and who says so.
pub(super) fn is_word_of_replies(name: &[u8]) -> bool {
    let mut lower = [0; LONGEST];
    let Some(lower) = lower.get_mut(..name.len()) else { return false };
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    // Adverbs are not all listed: no name is so long and ends so.
    if lower.len() > 7 && lower.ends_with(b"ly") && !lower.contains(&b'-') {
        return true;
    }
    let mut slot = hash(lower);
    while let Some(&number) = TABLE.get(slot % TABLE.len()) {
        match usize::from(number).checked_sub(1).and_then(|at| WORDS.get(at)) {
            None => return false,
            Some(word) if *word == lower => return true,
            Some(_) => slot += 1,
        }
    }
    false
}

/// True for what stands in angle brackets and is no name: line ends, commands, tags, and what stands for a name in a template.
pub(super) fn is_template(name: &[u8]) -> bool {
    const TEMPLATES: [&[u8]; 25] = [
        b"cr",
        b"lf",
        b"crlf",
        b"data",
        b"br",
        b"div",
        b"span",
        b"html",
        b"body",
        b"tr",
        b"td",
        b"pre",
        b"null",
        b"none",
        b"unknown",
        b"domain",
        b"host",
        b"user",
        b"recipient",
        b"sender",
        b"address",
        b"email",
        b"name",
        b"forward-path",
        b"reverse-path",
    ];
    TEMPLATES.iter().any(|word| word.eq_ignore_ascii_case(name))
}

const fn hash(word: &[u8]) -> usize {
    let mut hash = word.len();
    let mut rest = word;
    while let [byte, more @ ..] = rest {
        hash = hash.wrapping_mul(31).wrapping_add(*byte as usize);
        rest = more;
    }
    hash
}

/// The number of a word from 1 in the slot of its hash, or the next that was free; 0 in the free ones.
static TABLE: [u16; 2048] = {
    let mut table = [0; 2048];
    let mut at = 0;
    #[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "checked while compiling")]
    while at < WORDS.len() {
        let mut slot = hash(WORDS[at]) % table.len();
        while table[slot] != 0 {
            slot = (slot + 1) % table.len();
        }
        at += 1;
        table[slot] = at as u16;
    }
    table
};

/// The longest of [`WORDS`].
const LONGEST: usize = 16;

/// In the order of their bytes.
#[rustfmt::skip]
const WORDS: &[&[u8]] = &[
    b"a", b"aaaa", b"able", b"aborted", b"about", b"above", b"accept", b"accepted", b"accepting", b"accepts", b"access",
    b"according", b"account", b"account-disabled", b"accounts", b"accumulated", b"action", b"activated", b"active",
    b"additional", b"address", b"addressee", b"addresses", b"admin-disabled", b"administratively", b"after", b"again", b"agent",
    b"alias", b"aliases", b"aligned", b"all", b"allocation", b"allowed", b"already", b"also", b"alternate", b"amount", b"an",
    b"and", b"another", b"answer", b"any", b"anymore", b"anything", b"appears", b"append", b"approval", b"approved", b"archive",
    b"archived", b"are", b"argument", b"arguments", b"array", b"arrived", b"as", b"assistance", b"at", b"attached",
    b"attachment", b"attachments", b"attack", b"attempt", b"attempted", b"attempting", b"attempts", b"attention", b"attribute",
    b"attributes", b"auth", b"authenticate", b"authenticated", b"authentication", b"authorization", b"authorized", b"automated",
    b"automatically", b"available", b"back", b"backend", b"bad", b"banned", b"based", b"batv", b"bdat", b"be", b"became",
    b"because", b"become", b"becomes", b"been", b"before", b"behind", b"being", b"believe", b"belongs", b"below", b"between",
    b"black", b"blacklist", b"blacklisted", b"blank", b"block", b"blocked", b"both", b"bounce", b"bounced", b"bouncing",
    b"boundary", b"box", b"browser", b"bulk", b"busy", b"but", b"by", b"bytes", b"called", b"can", b"can-not", b"cannot",
    b"cant", b"case", b"cause", b"certificate", b"channel", b"character", b"characters", b"charset", b"check", b"checks",
    b"chunking", b"cipher", b"class", b"cleared", b"client", b"closed", b"closing", b"cluster", b"cname", b"code", b"codes",
    b"come", b"command", b"commands", b"community", b"company", b"complains", b"complaints", b"complete", b"compliant",
    b"concurrent", b"config", b"configuration", b"configure", b"configured", b"connect", b"connecting", b"connection",
    b"connections", b"consider", b"contact", b"contain", b"containing", b"contains", b"content", b"controls", b"conversation",
    b"correct", b"corresponding", b"could", b"couldn", b"count", b"country", b"create", b"creation", b"credentials", b"current",
    b"currently", b"customer", b"dane", b"dangerous", b"data", b"database", b"day", b"days", b"deactivated", b"decode",
    b"decommissioned", b"deferred", b"defined", b"definitely", b"delete", b"deleted", b"deliver", b"delivered", b"delivering",
    b"delivery", b"denied", b"denies", b"deny", b"depot", b"deprecated", b"destination", b"destinations", b"details",
    b"detected", b"determine", b"determined", b"device", b"diagnostic", b"did", b"direct", b"directory", b"disabled",
    b"discontinued", b"disk", b"dkim", b"dmarc", b"dns", b"dnssec", b"does", b"does-not", b"doesn", b"doesnot", b"doesnt",
    b"doing", b"domain", b"domain-name", b"domains", b"don", b"double-checking", b"dovecot", b"down", b"due", b"duplicate",
    b"during", b"dynamic", b"e-mail", b"e-mails", b"ehlo", b"either", b"email", b"empty", b"enable", b"encoding", b"encountered",
    b"encryption", b"end", b"enough", b"entered", b"entry", b"envelope", b"envelope-from", b"equal", b"err", b"error", b"errors",
    b"establish", b"etrn", b"ever", b"every", b"example", b"exceed", b"exceeded", b"exceeding", b"exceeds", b"exception",
    b"excessive", b"exchange", b"exchanger", b"excluded", b"exim", b"exist", b"existed", b"existing", b"exists", b"expected",
    b"expire", b"expired", b"expires", b"explanation", b"expn", b"extended", b"extension", b"external", b"fail", b"failed",
    b"failing", b"fails", b"failure", b"failures", b"fatal", b"feature", b"field", b"file", b"fill", b"filter", b"filtered",
    b"final", b"find", b"first", b"fixed", b"flagged", b"folder", b"follow", b"following", b"for", b"forbidden", b"forgery",
    b"format", b"forward", b"forwarding", b"found", b"frequency", b"from", b"from-header", b"frozen", b"full",
    b"fully-qualified", b"function", b"further", b"gateway", b"gave", b"generated", b"generic", b"gets", b"gid", b"given",
    b"goes", b"going", b"got", b"grant", b"great", b"greeting", b"greylist", b"greylisted", b"greylisting", b"group", b"guessed",
    b"guide", b"guidelines", b"had", b"handling", b"handshake", b"hard", b"has", b"hasn", b"have", b"having", b"he", b"header",
    b"header-based", b"header-from", b"headers", b"helo", b"here", b"high", b"hold", b"home", b"host", b"hosted", b"hosting",
    b"hostname", b"hosts", b"hour", b"how", b"however", b"http", b"https", b"id", b"identified", b"identify", b"identities",
    b"identity", b"if", b"illegal", b"implemented", b"imposed", b"improper", b"in", b"inactivated", b"inactive", b"inactivity",
    b"inbound", b"inbounds", b"inbox", b"incident", b"incoming", b"incorrect", b"index", b"indicated", b"infected", b"infection",
    b"information", b"initial", b"initiative", b"inode", b"input", b"inside", b"inspect", b"instance", b"instead",
    b"instructions", b"insufficient", b"intended", b"interface", b"internal", b"internet", b"into", b"invalid", b"ip",
    b"ip-address", b"ips", b"is", b"isn", b"issue", b"issued", b"it", b"item", b"its", b"junk", b"just", b"keeps", b"kept",
    b"key", b"keys", b"keyword", b"know", b"known", b"label", b"language", b"large", b"larger", b"last", b"later", b"ldap",
    b"learn", b"left", b"legitimate", b"length", b"let", b"level", b"license", b"like", b"likely", b"limit", b"limitation",
    b"limited", b"limits", b"line", b"link", b"links", b"list", b"listed", b"listing", b"lists", b"literal", b"lmtp", b"load",
    b"local", b"local-part", b"localhost", b"location", b"locked", b"log", b"logged", b"login", b"long", b"longer", b"lookup",
    b"loop", b"looping", b"lost", b"low", b"made", b"mail", b"mailbox", b"mailboxes", b"maildir", b"maildrop", b"mailer",
    b"mailfrom", b"mailhost", b"mailing", b"mails", b"maintenance", b"make", b"makes", b"malformed", b"malware", b"manager",
    b"many", b"map", b"maps", b"marked", b"match", b"matches", b"max", b"maximum", b"may", b"means", b"mechanism", b"meet",
    b"member", b"memory", b"mentioned", b"message", b"messages", b"method", b"might", b"migrated", b"minutes", b"mismatches",
    b"missing", b"misspelled", b"mode", b"model", b"module", b"more", b"most", b"mount", b"moved", b"mta", b"mta-sts", b"much",
    b"multiple", b"must", b"mx", b"mxs", b"mysql", b"name", b"named", b"names", b"namespace", b"nature", b"need", b"needed",
    b"needs", b"neither", b"netblock", b"network", b"never", b"new", b"next", b"no", b"nobody", b"node", b"non-existent",
    b"none", b"nonexistent", b"nonlocal", b"nor", b"normal", b"not", b"notice", b"now", b"null", b"number", b"numeric",
    b"object", b"obsolete", b"obtained", b"of", b"off", b"offered", b"offering", b"offline", b"old", b"on", b"once", b"one",
    b"only", b"onto", b"open", b"options", b"or", b"organisation", b"organization", b"organizational", b"origin", b"originating",
    b"originator", b"other", b"our", b"out", b"outbound", b"outbounds", b"outgoing", b"output", b"outside", b"over",
    b"over-quota", b"overquota", b"own", b"owner", b"page", b"parameters", b"part", b"partner", b"passed", b"password", b"path",
    b"peer", b"pending", b"per", b"period", b"perl", b"permanent", b"permanently", b"permission", b"permit", b"permits",
    b"permitted", b"person", b"phishing", b"phone", b"pipelining", b"please", b"plugin", b"plus", b"point", b"points",
    b"policies", b"policy", b"pool", b"poor", b"population", b"possible", b"postal", b"postfix", b"potential", b"practices",
    b"preference", b"preferences", b"preferred", b"prefix", b"present", b"presents", b"prevents", b"previously", b"prior",
    b"privileges", b"probability", b"problem", b"process", b"procmail", b"product", b"profile", b"program", b"progress",
    b"prohibited", b"prohibition", b"proper", b"property", b"protect", b"protected", b"protocol", b"provide", b"provided",
    b"provider", b"provisioned", b"proxy", b"ptr", b"public", b"qmail", b"quarantine", b"quarantined", b"query", b"questions",
    b"queue", b"quickly", b"quite", b"quota", b"quota-root", b"range", b"rate", b"rcpt", b"rcpthosts", b"rdns", b"reach",
    b"reached", b"read", b"reading", b"realm", b"reason", b"reasons", b"receive", b"received", b"receiver", b"receives",
    b"receiving", b"recent", b"recently", b"recipient", b"recipients", b"recognized", b"record", b"records", b"recycled",
    b"redirect", b"reduce", b"refer", b"refuse", b"refused", b"regarding", b"regex", b"region", b"registered", b"reject",
    b"rejected", b"rejecting", b"rejection", b"rejects", b"related", b"relay", b"relaying", b"relevant", b"relocated", b"remote",
    b"removal", b"remove", b"removed", b"rename", b"renamed", b"repeatedly", b"reply", b"reports", b"reputation", b"request",
    b"requested", b"requests", b"required", b"requirements", b"requires", b"resend", b"reserved", b"reset", b"resolve",
    b"resolved", b"resolver", b"resolving", b"resource", b"resources", b"responded", b"response", b"restricted", b"restriction",
    b"restrictions", b"result", b"results", b"retired", b"retry", b"return", b"returned", b"returns", b"reverse", b"review",
    b"reviewed", b"rights", b"role", b"route", b"routing", b"rule", b"rules", b"said", b"same", b"saturated", b"saved", b"says",
    b"scanner", b"scanning", b"score", b"scored", b"script", b"search", b"seconds", b"section", b"security", b"see", b"seem",
    b"seems", b"selected", b"selector", b"send", b"sender", b"senders", b"sending", b"sent", b"sequence", b"server", b"servers", b"service",
    b"session", b"sessions", b"set", b"setting", b"settings", b"setup", b"several", b"shall", b"shared", b"she", b"short",
    b"shorter", b"should", b"shut", b"sieve", b"sign", b"signature", b"since", b"site", b"size", b"skipped", b"slow", b"slower",
    b"smtp", b"smtpsend", b"smtputf8", b"so", b"socket", b"some", b"sorry", b"source", b"space", b"spaces", b"spam",
    b"spam-like", b"spammer", b"specially", b"specific", b"specifications", b"specified", b"spf", b"spoofed", b"spool", b"sql",
    b"srs", b"srv", b"start", b"started", b"starttls", b"state", b"status", b"still", b"stopped", b"storage", b"store",
    b"storedrv", b"storing", b"subject", b"submit", b"subnet", b"subscribed", b"subscriber", b"subscription", b"such",
    b"support", b"suspended", b"suspicion", b"suspicious", b"synchronization", b"syntax", b"system", b"table", b"tables", b"tag",
    b"taken", b"talk", b"target", b"temp", b"tempfail", b"tempfailed", b"template", b"temporaily", b"temporarily", b"temporary",
    b"tenant", b"terminated", b"test", b"than", b"that", b"the", b"their", b"them", b"then", b"there", b"these", b"they",
    b"third", b"this", b"thread", b"threshold", b"through", b"time", b"timed", b"timeout", b"times", b"tls", b"tlsa", b"to",
    b"today", b"token", b"told", b"too", b"topic", b"transaction", b"transmission", b"transport", b"trap", b"tried", b"true",
    b"trusted", b"try", b"trying", b"tunnel", b"txt", b"type", b"types", b"typos", b"uid", b"unable", b"unauthenticated",
    b"unauthorized", b"unavailable", b"unblock", b"unconfirmed", b"undefined", b"undeliverable", b"undelivered", b"under",
    b"unexpected", b"unimplemented", b"unknown", b"unless", b"unlisted", b"unnecessary", b"unqualified", b"unreachable",
    b"unrecognized", b"unregistered", b"unroutable", b"unrouteable", b"unsolicited", b"unspecified", b"unsubscribed", b"until",
    b"untrusted", b"unusual", b"unverified", b"unverifyable", b"up", b"updated", b"upgraded", b"upon", b"us", b"usage", b"use",
    b"used", b"user", b"username", b"users", b"uses", b"using", b"usually", b"vacation", b"valid", b"validated", b"validation",
    b"validly", b"value", b"vendor", b"verb", b"verdict", b"verification", b"verified", b"verifier", b"verifies", b"verify",
    b"verifying", b"very", b"vhost", b"via", b"view", b"violates", b"violation", b"virtual", b"virus", b"visit", b"volume",
    b"vrfy", b"wait", b"waiting", b"want", b"wants", b"warning", b"was", b"we", b"webmail", b"website", b"went", b"were",
    b"what", b"when", b"where", b"whether", b"which", b"while", b"whitelist", b"whitelisted", b"who", b"whose", b"why", b"will",
    b"with", b"within", b"without", b"word", b"works", b"would", b"writing", b"wrong", b"yes", b"yet", b"you", b"your",
    b"yourself", b"zone",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_in_order_and_short_enough() {
        assert!(WORDS.is_sorted_by(|one, other| one < other));
        assert!(WORDS.iter().all(|word| word.len() <= LONGEST && !word.iter().any(u8::is_ascii_uppercase)));
        assert!(
            is_word_of_replies(b"Unknown") && !is_word_of_replies(b"jdoe") && !is_word_of_replies(b"a-name-that-is-too-long")
        );
    }
}
