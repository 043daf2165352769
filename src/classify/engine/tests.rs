use super::*;

fn signature(reply: &str) -> Vec<u8> {
    let mut signature = Vec::new();
    mask(reply.as_bytes(), &mut signature);
    signature
}

/// The provider that a rule has to be told, if it has.
fn speaker(rule: &Rule) -> Option<&str> {
    rule.provider.as_deref().filter(|_| rule.needs_provider)
}

#[test]
fn every_rule_wins_its_examples() {
    let classifier = Classifier::builtin();
    let mut lost = Vec::new();
    for rule in classifier.rules() {
        for example in &rule.examples {
            let verdict = classifier.classify_from(example.as_bytes(), speaker(rule));
            if verdict.rule != rule.id {
                lost.push(format!("{}: {example}\n    goes to {} ({})", rule.id, verdict.rule, verdict.category));
            }
        }
    }
    assert!(lost.is_empty(), "{} examples are taken by another rule:\n{}", lost.len(), lost.join("\n"));
}

#[test]
fn every_file_of_rules_is_read() {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/classify/rules"));
    let mut files = Vec::new();
    for part in ["generic", "provider"] {
        for entry in std::fs::read_dir(folder.join(part)).unwrap() {
            files.push(format!("{part}/{}", entry.unwrap().file_name().to_str().unwrap()));
        }
    }
    files.sort();
    let mut read: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
    read.sort_unstable();
    assert_eq!(read, files);
}

#[test]
fn no_two_rules_are_ordered_by_their_names_alone() {
    let classifier = Classifier::builtin();
    let mut ties = Vec::new();
    for example in classifier.rules().iter().flat_map(|rule| &rule.examples) {
        let matching = classifier.matching(example.as_bytes(), None);
        let [first, second, ..] = matching.as_slice() else { continue };
        let key = |rule: &Rule| {
            let (is_own, evidence, says, needs, precedence, least, _) = rank(rule);
            (is_own, evidence, says, needs, precedence, least)
        };
        let verdict = |rule: &Rule| (rule.category, rule.class, rule.action, rule.scope);
        if key(first) == key(second) && verdict(first) != verdict(second) {
            ties.push(format!("{example}: {} and {}", first.id, second.id));
        }
    }
    assert!(ties.is_empty(), "{}", ties.join("\n"));
}

#[test]
fn a_signature_means_what_its_reply_means() {
    let classifier = Classifier::builtin();
    for example in classifier.rules().iter().flat_map(|rule| &rule.examples) {
        assert_eq!(classifier.classify(example.as_bytes()), classifier.classify(&signature(example)), "{example}");
    }
}

/// A server breaks its lines where it likes, and the MTA that logs them joins them.
#[test]
fn a_reply_that_is_broken_between_any_two_words_has_the_signature_of_one_line() {
    for rule in Classifier::builtin().rules() {
        for example in &rule.examples {
            let is_code =
                |text: &str| text.len() == 3 && text.starts_with(['4', '5']) && text.bytes().all(|one| one.is_ascii_digit());
            let Some((code, text)) = example.split_once(' ').filter(|(code, _)| is_code(code)) else { continue };
            // Where the code comes again, a reply is of several lines already, or holds another reply.
            if text.contains(code) || text.starts_with(|first: char| first.is_ascii_digit()) {
                continue;
            }
            // Three lines: two breaks about one word.
            let spaces: Vec<usize> = text.match_indices(' ').map(|(at, _)| at).collect();
            for two in spaces.windows(2) {
                let (first, second, third) = (&text[..two[0]], &text[two[0] + 1..two[1]], &text[two[1] + 1..]);
                let broken = format!("{code}-{first} {code}-{second} {code} {third}");
                assert_eq!(
                    String::from_utf8_lossy(&signature(&broken)),
                    String::from_utf8_lossy(&signature(example)),
                    "{broken}"
                );
            }
        }
    }
}

#[test]
fn every_pattern_compiles_and_asks_for_a_literal() {
    for rule in Classifier::builtin().rules() {
        for pattern in rule.patterns.iter().chain(&rule.also).chain(&rule.unless) {
            super::super::matcher::compile(pattern).unwrap_or_else(|error| panic!("{}: {pattern}: {error}", rule.id));
        }
    }
    let classifier = Classifier::builtin();
    let always: Vec<_> = classifier.matcher.always().iter().map(|&rule| &classifier.rules()[rule].id).collect();
    assert!(always.is_empty(), "a rule without a literal is tried on every reply: {always:?}");
}

#[test]
fn the_same_words_are_sought_with_and_without_the_search_for_literals() {
    let classifier = Classifier::builtin();
    for (example, rule) in classifier.rules().iter().flat_map(|rule| rule.examples.iter().map(move |example| (example, rule))) {
        let mut text = Vec::new();
        fold::fold(&signature(example), &mut text);
        let any = |patterns: &[String]| {
            patterns.iter().any(|pattern| super::super::matcher::compile(pattern).unwrap().is_match(&text))
        };
        assert!(any(&rule.patterns) && !any(&rule.unless), "{}: {example}", rule.id);
    }
}

#[test]
fn no_policy_reply_suppresses_an_address() {
    for rule in Classifier::builtin().rules() {
        let is_own_refusal = rule.category == Category::RecipientRefusesSender;
        assert!(rule.class != Class::Policy || rule.action != Action::Suppress || is_own_refusal, "{}", rule.id);
    }
}

#[track_caller]
fn check(reply: &str, category: Category, class: Class, disagreement: Option<Disagreement>) {
    let verdict = Classifier::builtin().classify(reply.as_bytes());
    assert_eq!(
        (verdict.category, verdict.class, verdict.disagreement),
        (category, class, disagreement),
        "{reply}: {verdict:?}"
    );
}

#[test]
fn the_words_decide_against_the_codes_and_that_is_said() {
    use Disagreement::{CodeAgainstStatus, PermanentCode, StatusAgainstWords, TemporaryCode};
    check("550 4.2.1 Mailbox Temporarily Unavailable", Category::ServerError, Class::Soft, Some(CodeAgainstStatus));
    check("554 This account has been temporarily suspended", Category::InactiveMailbox, Class::Soft, Some(PermanentCode));
    check("550 Mailbox suspended pending review", Category::InactiveMailbox, Class::Soft, Some(PermanentCode));
    check("550 User disabled until the invoice is paid", Category::InactiveMailbox, Class::Soft, Some(PermanentCode));
    check("550 Account locked, try again in 24 hours", Category::InactiveMailbox, Class::Soft, Some(PermanentCode));
    check("550 Account locked", Category::InactiveMailbox, Class::Hard, None);
    check("421 Your IP has a poor reputation", Category::ReputationBlock, Class::Policy, Some(TemporaryCode));
    check("450 5.1.1 over quota", Category::MailboxFull, Class::Soft, Some(CodeAgainstStatus));
    check("550 5.1.1 Your IP is blocked", Category::ReputationBlock, Class::Policy, Some(StatusAgainstWords));
    check("550 5.1.1 User unknown", Category::UnknownUser, Class::Hard, None);
    check("552 5.2.2 Mailbox full", Category::MailboxFull, Class::Soft, None);
    check("421 4.7.0 Too many connections", Category::RateLimit, Class::Policy, None);
}

#[test]
fn codes_speak_where_the_words_do_not() {
    let classifier = Classifier::builtin();
    let by = |reply: &str| {
        let verdict = classifier.classify(reply.as_bytes());
        (verdict.category, verdict.evidence)
    };
    assert_eq!(by("550 5.1.1 xyzzy"), (Category::UnknownUser, Evidence::Enhanced));
    assert_eq!(by("550 5.1.1 rejected"), (Category::UnknownUser, Evidence::Enhanced), "a bare word is weaker");
    assert_eq!(by("550 5.7.1 rejected"), (Category::PolicyOther, Evidence::Text), "a vague status is weaker");
    assert_eq!(by("503 xyzzy"), (Category::ProtocolError, Evidence::Code));
    assert_eq!(by("499 xyzzy"), (Category::ServerError, Evidence::Code));
    assert_eq!(by("554 xyzzy"), (Category::Unclassified, Evidence::Fallback));
    assert_eq!(by(""), (Category::Unclassified, Evidence::Fallback));
}

#[test]
fn words_may_mean_something_at_one_provider_only() {
    let classifier = Classifier::builtin();
    let reply = b"550 Requested action not taken: mailbox unavailable";
    assert_eq!(classifier.classify(reply).class, Class::Hard);
    let verdict = classifier.classify_from(reply, Some("microsoft"));
    assert_eq!((verdict.category, verdict.class), (Category::InactiveMailbox, Class::Soft));
    assert_eq!(classifier.classify_from(reply, Some("gmx")).class, Class::Hard);
}

#[test]
fn a_rule_of_the_recipients_organisation_is_not_the_providers() {
    let verdict = Classifier::builtin().classify(b"550 5.7.1 Message refused a1b2c3d4e5.12 - gcdp");
    assert_eq!((verdict.scope, verdict.provider), (Scope::Organisation, Some("google")));
}

const OWN: &str = "[words]\nfish = 'gone (fishing|angling)'\n[[rule]]\nid = 'own/fish'\ncategory = 'inactive-mailbox'\n\
                   pattern = '{fish}'\nsource = 'our postmaster'\nexamples = ['550 User unknown, gone fishing']\n";

#[test]
fn a_users_rule_goes_before_all_of_ours() {
    let classifier = Classifier::read(&[("own.toml", OWN)]).unwrap();
    let verdict = classifier.classify(b"550 5.1.1 User unknown: gone angling");
    assert_eq!((verdict.category, verdict.rule), (Category::InactiveMailbox, "own/fish"));
    let same = OWN.replace("own/fish", "address/unknown-user");
    let replaced = Classifier::read(&[("own.toml", &same)]).unwrap();
    assert_eq!(replaced.rules().len(), Classifier::builtin().rules().len(), "it takes the place of ours");
    let twice = Classifier::read(&[("own.toml", OWN), ("more.toml", OWN)]).err().unwrap();
    assert_eq!((twice.file.as_str(), twice.line), ("more.toml", 3));
    assert!(twice.what.contains("own.toml:3"), "{twice}");
}

#[test]
fn wrong_rules_are_told_where_and_why() {
    let error = |text: &str| Classifier::read(&[("mine.toml", text)]).err().map_or_else(String::new, |error| error.to_string());
    assert!(error("\n[[rule]]\nid = 1").starts_with("mine.toml:3: "), "{}", error("\n[[rule]]\nid = 1"));
    assert!(error(&OWN.replace("inactive-mailbox", "nonsense")).contains("\"nonsense\" does not exist"));
    assert!(error(&OWN.replace("{fish}", "{fowl}")).contains("the word {fowl}, which is not defined"));
    assert!(error(&OWN.replace("gone (", "gone ((")).contains("mine.toml:3: own/fish: pattern"));
    assert!(error(&OWN.replace("gone (fishing|angling)", "{fish}")).contains("without end"));
}
