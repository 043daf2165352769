//! Delivery reports, RFC 3464: what the machine's part says of each recipient.

use super::address;
use super::fields::{Field, Fields};
use crate::event::Enhanced;

/// What a report says was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Given up: a bounce.
    Failed,
    /// Still in the queue of the reporting host.
    Delayed,
    /// Delivered, relayed or expanded.
    Positive,
}

/// What a notice says of one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What was done.
    pub action: Action,
    /// The recipient that we sent to, as far as the notice tells: the original one, else the final one. May be no address; empty where a
    /// person's name is all that is told, but then the notice says why.
    pub recipient: String,
    /// The recipient that the reporting host tried, where it is another one; empty otherwise.
    pub tried: String,
    /// Status, RFC 3463: the one in the reply's text beats the field, which many hosts fill with one value for all.
    pub status: Option<Enhanced>,
    /// Why, as the other host said it, else as the notice words it; one line. Empty: not told.
    pub reply: String,
    /// The host that was tried, else the one that reports; empty where neither is told.
    pub relay: String,
    /// When it was tried last, as the field has it; empty where not told.
    pub at: String,
}

impl Notice {
    /// The reply as a host would have given it: the report's status stands in it where the text states none.
    #[must_use]
    pub fn words(&self) -> String {
        super::reply::with_status(&self.reply, self.status)
    }
}

/// One recipient's group of fields.
#[derive(Default)]
struct Group<'a>(Vec<&'a Field>);

/// The fields that name a recipient.
const NAMES: [&str; 3] = ["original-recipient", "final-recipient", "x-actual-recipient"];

impl<'a> Group<'a> {
    fn get(&self, name: &str) -> &'a str {
        self.0.iter().find(|field| field.name == name).map_or("", |field| field.value.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|field| field.name == name)
    }

    fn is_named(&self) -> bool {
        NAMES.iter().any(|name| self.has(name))
    }

    /// Whether `field` begins the next recipient. Empty lines do not tell: some mailers write none, some write them within groups.
    fn ends_at(&self, field: &Field) -> bool {
        let name = field.name.as_str();
        let is_name = NAMES.contains(&name);
        (is_name && (self.has(name) || (field.is_apart && self.is_named() && self.has("action"))))
            || (name == "action" && self.has(name))
    }
}

/// `Status: 553 Exceeded maximum inbound message size`: a reply where a status should be; empty if it is none.
fn reply_in_status(value: &str) -> String {
    let is_reply = super::reply::code(value).is_some() && value.trim_start().get(3..).is_some_and(|rest| rest.starts_with(' '));
    if is_reply { value.trim().to_owned() } else { String::new() }
}

/// What a report says of each recipient. Groups that repeat one another are one.
pub(crate) fn notices(report: &Fields) -> Vec<Notice> {
    let mut groups: Vec<Group<'_>> = vec![Group::default()];
    for field in report.iter() {
        let is_next = groups.last().is_none_or(|group| group.ends_at(field));
        if is_next {
            groups.push(Group::default());
        }
        if let Some(group) = groups.last_mut() {
            group.0.push(field);
        }
    }
    let reporter = host(report.get("reporting-mta").unwrap_or_default());
    let mut notices: Vec<Notice> = Vec::new();
    for notice in groups.iter().filter(|group| group.is_named()).filter_map(|group| notice(group, &reporter)) {
        if !notices.contains(&notice) {
            notices.push(notice);
        }
    }
    notices
}

fn notice(group: &Group<'_>, reporter: &str) -> Option<Notice> {
    let mut reply = super::reply::of_diagnostic(group.get("diagnostic-code"));
    if reply.is_empty() {
        reply = reply_in_status(group.get("status"));
    }
    let field = status(group.get("status"));
    let said = super::reply::status(&reply);
    let action = action(group.get("action"), field.or(said), &reply)?;
    let [original, last, actual] = NAMES.map(|name| address::of_field(group.get(name)));
    let is_whole = |address: &&String| address.contains('@');
    let named = [&original, &last, &actual];
    let recipient = named.into_iter().find(is_whole).or_else(|| named.into_iter().find(|address| !address.is_empty()))?;
    let tried = if last == *recipient { String::new() } else { last.clone() };
    let relay = Some(host(group.get("remote-mta"))).filter(|host| !host.is_empty()).unwrap_or_else(|| reporter.to_owned());
    let at = group.get("last-attempt-date").to_owned();
    Some(Notice { action, recipient: recipient.clone(), tried, status: said.or(field), reply, relay, at })
}

/// The action of a group; where the field is missing, the class of its status tells it, and else the code of its reply.
fn action(field: &str, status: Option<Enhanced>, reply: &str) -> Option<Action> {
    let word = field.trim().to_ascii_lowercase();
    let known = [
        ("fail", Action::Failed),
        ("delay", Action::Delayed),
        ("deliver", Action::Positive),
        ("relay", Action::Positive),
        ("expand", Action::Positive),
    ];
    if let Some((_, action)) = known.iter().find(|(begin, _)| word.starts_with(begin)) {
        return Some(*action);
    }
    let class = status.map(|status| status.class).or_else(|| super::reply::code(reply).map(|code| (code / 100) as u8));
    match class {
        Some(5) => Some(Action::Failed),
        Some(4) => Some(Action::Delayed),
        Some(2) => Some(Action::Positive),
        Some(_) | None => None,
    }
}

/// `5.1.1`, also with words behind it, or with two numbers alone.
fn status(field: &str) -> Option<Enhanced> {
    let word = field.trim().split(|one: char| !(one.is_ascii_digit() || one == '.')).next()?.trim_end_matches('.');
    let whole = if word.matches('.').count() == 1 { format!("{word}.0") } else { word.to_owned() };
    Enhanced::read(whole.as_bytes())
}

/// The host of `dns; mx.example.org (192.0.2.1)`, in lower case.
pub(crate) fn host(field: &str) -> String {
    let name = field.rsplit_once(';').map_or(field, |(_, name)| name).trim();
    let name = name.split(|one: char| one.is_whitespace() || one == '(').next().unwrap_or_default();
    name.trim_matches(['[', ']', '.', '<', '>']).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(report: &str, expected: &[&str]) {
        let told: Vec<String> = notices(&Fields::all(report))
            .iter()
            .map(|notice| {
                let status = notice.status.map(|status| status.to_string()).unwrap_or_default();
                format!("{:?} {} {status} {}", notice.action, notice.recipient, notice.reply)
            })
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn each_group_is_a_recipient_of_its_own() {
        check(
            "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; a@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no\n\n\
             Final-Recipient: rfc822; b@example.org\nAction: delayed\nStatus: 4.4.1\n",
            &["Failed a@example.org 5.1.1 550 5.1.1 no", "Delayed b@example.org 4.4.1 "],
        );
    }

    #[test]
    fn groups_without_or_with_too_many_blank_lines_are_told_apart() {
        let one = "Final-Recipient: rfc822; a@example.org\nAction: failed\nStatus: 5.1.1\n";
        let other = "Original-Recipient: rfc822; b@example.org\nFinal-Recipient: rfc822; c@example.org\nAction: failed\nStatus: 5.2.2\n";
        let expected = ["Failed a@example.org 5.1.1 ", "Failed b@example.org 5.2.2 "];
        check(&format!("{one}{}", other.replace("Original", "\nOriginal")), &expected);
        check(&format!("{one}\n\n{}", other.replace("Status", "\nStatus")), &expected);
        check(&one.replace("Action", "\nAction"), &expected[..1]);
    }

    #[test]
    fn a_group_that_is_repeated_counts_once() {
        let group = "Final-Recipient: rfc822; a@example.org\nAction: failed\nStatus: 5.0\n\n";
        check(&group.repeat(3), &["Failed a@example.org 5.0.0 "]);
    }

    #[test]
    fn without_an_action_the_class_tells() {
        check("Final-Recipient: rfc822; a@b.c\nStatus: 4.2.2 (full)\n", &["Delayed a@b.c 4.2.2 "]);
        check("Final-Recipient: rfc822; a@b.c\nAction: failed\nStatus: 4.2.2\n", &["Failed a@b.c 4.2.2 "]);
        check("Final-Recipient: rfc822; a@b.c\nStatus:\nDiagnostic-Code: 550 no\n", &["Failed a@b.c  550 no"]);
        check("Final-Recipient: rfc822; a@b.c\n", &[]);
    }

    #[test]
    fn the_status_in_the_reply_beats_the_field() {
        check(
            "Final-Recipient: rfc822; a@b.c\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp;550 5.2.2 full\n",
            &["Failed a@b.c 5.2.2 550 5.2.2 full"],
        );
    }
}
