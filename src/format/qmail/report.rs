//! The report at the end of a delivery: who spoke, and in which words.
//!
//! qmail-send writes a newline as `/`, and everything that is not printable, blanks and `%` as `_`, which cannot be undone exactly: for
//! the reply `_` is read as a blank, and `/` stays, but for the ends of the reply's own lines. Sources: `logsafe()` of qsutil.c,
//! `smtp()` and `quit()` of qmail-remote.c, qmail-local.c.

use memchr::memmem::{find, rfind};

use super::super::cursor::{Cursor, split_text};
use super::super::numbers;
use crate::event::{Enhanced, Sort, Speaker, Stage, Status};

/// A report, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Report<'a> {
    /// As the report has it; the line that began the delivery knows.
    pub(super) sort: Sort,
    pub(super) speaker: Speaker,
    pub(super) stage: Stage,
    /// The host that was sought and not found; no other is named.
    pub(super) relay: &'a [u8],
    pub(super) relay_ip: &'a [u8],
    pub(super) code: Option<u16>,
    pub(super) enhanced: Option<Enhanced>,
    pub(super) reply: Vec<u8>,
    /// Whether this was the last try because of age.
    pub(super) is_expired: bool,
}

/// What qmail-remote says around an address, and what it means.
struct Phrase {
    /// Stands behind the address, or before it if it ends in `_`.
    words: &'static [u8],
    speaker: Speaker,
    stage: Stage,
}

const fn phrase(words: &'static [u8], speaker: Speaker, stage: Stage) -> Phrase {
    Phrase { words, speaker, stage }
}

/// The longest and most special first.
const PHRASES: [Phrase; 10] = [
    phrase(b"_accepted_message.", Speaker::Remote, Stage::EndOfData),
    phrase(b"_does_not_like_recipient.", Speaker::Remote, Stage::Recipient),
    phrase(b"_failed_on_DATA_command.", Speaker::Remote, Stage::Data),
    phrase(b"_failed_after_I_sent_the_message.", Speaker::Remote, Stage::EndOfData),
    phrase(b"_but_sender_was_rejected.", Speaker::Remote, Stage::Mail),
    phrase(b"_but_greeting_failed.", Speaker::Remote, Stage::Connect),
    phrase(b"_but_my_name_was_rejected.", Speaker::Remote, Stage::Hello),
    phrase(b"_but_connection_died._Possible_duplicate!", Speaker::Connection, Stage::EndOfData),
    phrase(b"_but_connection_died.", Speaker::Connection, Stage::Unknown),
    phrase(b"_but_", Speaker::Remote, Stage::Unknown),
];

/// What it says when there is no address.
const WITHOUT_ADDRESS: [Phrase; 10] = [
    phrase(b"establish_an_SMTP_connection", Speaker::Connection, Stage::Connect),
    phrase(b"any_host_by_that_name", Speaker::Dns, Stage::Unknown),
    phrase(b"any_host_named_", Speaker::Dns, Stage::Unknown),
    phrase(b"CNAME_lookup_failed", Speaker::Dns, Stage::Unknown),
    phrase(b"a_mail_exchanger_or_IP_address", Speaker::Dns, Stage::Unknown),
    phrase(b"TLS_connect_failed", Speaker::Connection, Stage::Tls),
    phrase(b"as_a_best-preference_MX", Speaker::Own, Stage::Unknown),
    phrase(b"messages_with_partial_final_lines", Speaker::Own, Stage::Data),
    phrase(b"qmail-remote", Speaker::Own, Stage::Unknown),
    phrase(b"System_resources_temporarily_unavailable", Speaker::Own, Stage::Unknown),
];

/// How a result ends that age made final.
const TOO_LONG: &[u8] = b"I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long";

/// How the remote's words end if it refused the recipient.
const GIVING_UP: &[u8] = b"Giving_up_on_";

/// qmail-remote keeps as much of a reply. What is longer loses its end, and so the end of its line.
const LONGEST_REPLY: usize = 5_000;

/// Reads a report.
pub(super) fn read(report: &[u8], status: Status) -> Report<'_> {
    let addressed = addressed(report);
    let other = match addressed {
        Some(_) => None,
        None => WITHOUT_ADDRESS.iter().find(|phrase| find(report, phrase.words).is_some()),
    };
    let said = said(report, addressed.map_or(0, |(phrase, at)| at + phrase.words.len()));
    let relay_ip = addressed.map(|(_, at)| address_before(report, at)).unwrap_or_default();
    let is_remote = said.is_some() || !relay_ip.is_empty() || other.is_some();
    let phrase = addressed.filter(|_| is_remote).map(|(phrase, _)| phrase).or(other);
    let words = said.unwrap_or(report);
    let reply = readable(if status == Status::Delivered { without_end(words) } else { end_of_reply(words) });
    let (code, enhanced) = if said.is_some() { numbers::both(&reply) } else { (None, own_status(report)) };
    let speaker = match (said, phrase) {
        (Some(_), _) => Speaker::Remote,
        (None, Some(phrase)) if phrase.speaker == Speaker::Remote && status != Status::Delivered => Speaker::Connection,
        (None, Some(phrase)) => phrase.speaker,
        (None, None) => Speaker::Own,
    };
    Report {
        sort: if is_remote { Sort::Real } else { Sort::Local },
        speaker,
        stage: phrase.map_or(Stage::Unknown, |phrase| phrase.stage),
        relay: if other.is_some() { sought(report) } else { b"" },
        relay_ip,
        code,
        enhanced,
        reply,
        is_expired: status == Status::Failed && without_own_end(report, TOO_LONG).is_some(),
    }
}

/// The phrase behind an address, and where it stands. Nearly all reports begin with the address, or with `Connected_to_` and it.
fn addressed(report: &[u8]) -> Option<(&'static Phrase, usize)> {
    let mut at = Cursor(report.strip_prefix(b"Connected_to_").unwrap_or(report));
    if !at.run(is_of_address).is_empty()
        && let Some(phrase) = PHRASES.iter().find(|phrase| at.0.starts_with(phrase.words))
    {
        return Some((phrase, report.len() - at.0.len()));
    }
    if report.starts_with(b"did_") {
        return None;
    }
    PHRASES.iter().find_map(|phrase| Some((phrase, find(report, phrase.words)?)))
}

/// The remote's words, mostly right behind the phrase that ends at byte `from`.
fn said(report: &[u8], from: usize) -> Option<&[u8]> {
    const SAID: &[u8] = b"Remote_host_said:";
    let rest = report.get(from..)?;
    let said = match rest.strip_prefix(b"/").and_then(|rest| rest.strip_prefix(SAID)) {
        Some(said) => said,
        None => split_text(rest, SAID)?.1,
    };
    Some(said.strip_prefix(b"_").unwrap_or(said))
}

/// What an address is made of, masked or not.
fn is_of_address(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'*')
}

/// The address that stands right before byte `at`: qmail-remote patched to name the recipient puts that before it.
fn address_before(report: &[u8], at: usize) -> &[u8] {
    let before = report.get(..at).unwrap_or_default();
    let length = before.iter().rev().take_while(|byte| is_of_address(**byte)).count();
    let address = before.get(before.len() - length..).unwrap_or_default();
    // An octet or a group at least stands on either side of what divides them.
    if address.iter().any(|byte| matches!(byte, b'.' | b':')) { address } else { b"" }
}

/// `Sorry,_I_couldn't_find_any_host_named_X._(#5.1.2)/`
fn sought(report: &[u8]) -> &[u8] {
    let Some((_, rest)) = split_text(report, b"any_host_named_") else { return b"" };
    split_text(rest, b"._(").map_or(b"", |(host, _)| host)
}

/// `(#4.4.1)`: what qmail itself calls a failure.
fn own_status(report: &[u8]) -> Option<Enhanced> {
    let at = memchr::memrchr(b'#', report)?;
    numbers::enhanced(report.get(at..)?)
}

/// The remote's words end where qmail's begin again.
fn end_of_reply(words: &[u8]) -> &[u8] {
    let words = without_own_end(words, TOO_LONG).unwrap_or(words);
    without_end(without_own_end(words, GIVING_UP).unwrap_or(words))
}

/// What stands before the line of qmail's own that begins with `own` and ends the report. A remote may say the same: it does so within
/// a line, or with more behind it.
fn without_own_end<'a>(words: &'a [u8], own: &[u8]) -> Option<&'a [u8]> {
    let (before, behind) = words.split_at_checked(rfind(words, own)?)?;
    let is_line = before.last().is_none_or(|&byte| byte == b'/') || before.len() >= LONGEST_REPLY;
    let is_end = behind.get(own.len()..)?.iter().all(|&byte| is_of_address(byte) || byte == b'/');
    (is_line && is_end).then_some(before)
}

/// A report's last line has its end too.
fn without_end(words: &[u8]) -> &[u8] {
    words.strip_suffix(b"/").unwrap_or(words)
}

/// `_` as a blank, and the ends of a reply's lines as one too: `550-5.1.1_no/550_5.1.1_really`.
fn readable(words: &[u8]) -> Vec<u8> {
    let is_line = |at: usize| {
        let next = words.get(at + 1..at + 5).unwrap_or_default();
        matches!(next, [b'2'..=b'5', tens, ones, b'_' | b'-'] if tens.is_ascii_digit() && ones.is_ascii_digit())
    };
    let readable = |(at, &byte): (usize, &u8)| match byte {
        b'_' => b' ',
        b'/' if is_line(at) => b' ',
        other => other,
    };
    words.iter().enumerate().map(readable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(report: &str, status: Status, expected: &str) {
        let told = read(report.as_bytes(), status);
        let text = |text: &[u8]| if text.is_empty() { "-".to_owned() } else { String::from_utf8_lossy(text).into_owned() };
        let found = format!(
            "{:?} {:?} {:?} {}[{}] {} {} {}{}",
            told.sort,
            told.speaker,
            told.stage,
            text(told.relay),
            text(told.relay_ip),
            told.code.map_or("-".to_owned(), |code| code.to_string()),
            told.enhanced.map_or("-".to_owned(), |enhanced| enhanced.to_string()),
            text(&told.reply),
            if told.is_expired { " (expired)" } else { "" }
        );
        assert_eq!(found, expected);
    }

    #[test]
    fn a_remote_reply_loses_qmails_frame() {
        check(
            "192.0.2.25_accepted_message./Remote_host_said:_250_2.0.0_OK_1272943914_gsmtp/",
            Status::Delivered,
            "Real Remote EndOfData -[192.0.2.25] 250 2.0.0 250 2.0.0 OK 1272943914 gsmtp",
        );
        check(
            "192.0.2.25_does_not_like_recipient./Remote_host_said:_550-5.1.1_no_such_user/550_5.1.1_see_https://x.example/a/b/Giving_up_on_192.0.2.25./",
            Status::Failed,
            "Real Remote Recipient -[192.0.2.25] 550 5.1.1 550-5.1.1 no such user 550 5.1.1 see https://x.example/a/b",
        );
        check(
            "Connected_to_192.0.2.25_but_sender_was_rejected./Remote_host_said:_553_5.7.1_blocked/",
            Status::Failed,
            "Real Remote Mail -[192.0.2.25] 553 5.7.1 553 5.7.1 blocked",
        );
        check(
            "1.2.3.4_accepted_message./...",
            Status::Delivered,
            "Real Remote EndOfData -[1.2.3.4] - - 1.2.3.4 accepted message./...",
        );
    }

    #[test]
    fn patches_put_more_before_the_address() {
        for front in ["(a@b.example)_", "User_and_password_not_set,_continuing_without_authentication./<a@b.example>_"] {
            let report = format!("{front}2001:db8::25_accepted_message./Remote_host_said:_250_ok/");
            check(&report, Status::Delivered, "Real Remote EndOfData -[2001:db8::25] 250 - 250 ok");
        }
        check(
            "***.***.***.***_accepted_message./Remote_host_said:_250_ok/",
            Status::Delivered,
            "Real Remote EndOfData -[***.***.***.***] 250 - 250 ok",
        );
    }

    #[test]
    fn without_an_answer_qmail_speaks() {
        check(
            "Connected_to_192.0.2.25_but_connection_died._(#4.4.2)/",
            Status::Deferred,
            "Real Connection Unknown -[192.0.2.25] - 4.4.2 Connected to 192.0.2.25 but connection died. (#4.4.2)",
        );
        check(
            "Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/",
            Status::Deferred,
            "Real Connection Connect -[-] - 4.4.1 Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)",
        );
        check(
            "Sorry,_I_couldn't_find_any_host_named_nowhere.invalid._(#5.1.2)/",
            Status::Failed,
            "Real Dns Unknown nowhere.invalid[-] - 5.1.2 Sorry, I couldn't find any host named nowhere.invalid. (#5.1.2)",
        );
        check(
            "CNAME_lookup_failed_temporarily._(#4.4.3)/",
            Status::Deferred,
            "Real Dns Unknown -[-] - 4.4.3 CNAME lookup failed temporarily. (#4.4.3)",
        );
    }

    #[test]
    fn the_last_deferral_is_called_a_failure() {
        check(
            "192.0.2.25_does_not_like_recipient./Remote_host_said:_452_4.2.2_full/Giving_up_on_192.0.2.25./I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./",
            Status::Failed,
            "Real Remote Recipient -[192.0.2.25] 452 4.2.2 452 4.2.2 full (expired)",
        );
        check(
            "Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./",
            Status::Failed,
            "Real Connection Connect -[-] - 4.4.1 Sorry, I wasn't able to establish an SMTP connection. (#4.4.1) (expired)",
        );
    }

    #[test]
    fn what_a_remote_says_of_giving_up_is_its_own() {
        check(
            "192.0.2.25_does_not_like_recipient./Remote_host_said:_550-5.7.1_no/550_5.7.1_I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./Giving_up_on_192.0.2.25./",
            Status::Failed,
            "Real Remote Recipient -[192.0.2.25] 550 5.7.1 550-5.7.1 no 550 5.7.1 I'm not going to try again; this message has been in the queue too long.",
        );
        check(
            "192.0.2.25_failed_after_I_sent_the_message./Remote_host_said:_554_I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./",
            Status::Failed,
            "Real Remote EndOfData -[192.0.2.25] 554 - 554 I'm not going to try again; this message has been in the queue too long.",
        );
        check(
            "192.0.2.25_does_not_like_recipient./Remote_host_said:_450-4.2.0_please/450-/Giving_up_on_192.0.2.25./450_4.2.0_later/Giving_up_on_192.0.2.25./",
            Status::Deferred,
            "Real Remote Recipient -[192.0.2.25] 450 4.2.0 450-4.2.0 please 450-/Giving up on 192.0.2.25. 450 4.2.0 later",
        );
    }

    #[test]
    fn a_reply_that_is_too_long_has_no_end() {
        let words = format!("452_4.2.2_{}", "x".repeat(LONGEST_REPLY - 10));
        let told = format!("452 4.2.2 {}", "x".repeat(LONGEST_REPLY - 10));
        check(
            &format!(
                "192.0.2.25_does_not_like_recipient./Remote_host_said:_{words}Giving_up_on_192.0.2.25./I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./"
            ),
            Status::Failed,
            &format!("Real Remote Recipient -[192.0.2.25] 452 4.2.2 {told} (expired)"),
        );
        check(
            &format!(
                "192.0.2.25_failed_after_I_sent_the_message./Remote_host_said:_{words}I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./"
            ),
            Status::Failed,
            &format!("Real Remote EndOfData -[192.0.2.25] 452 4.2.2 {told} (expired)"),
        );
    }

    #[test]
    fn what_qmail_itself_fails_at_on_the_way_to_a_remote_is_not_local() {
        check(
            "SMTP_cannot_transfer_messages_with_partial_final_lines._(#5.6.2)/",
            Status::Failed,
            "Real Own Data -[-] - 5.6.2 SMTP cannot transfer messages with partial final lines. (#5.6.2)",
        );
        check("Unable_to_run_qmail-remote./", Status::Deferred, "Real Own Unknown -[-] - - Unable to run qmail-remote.");
    }

    #[test]
    fn what_happens_at_home_is_local() {
        check("did_1+0+0/", Status::Delivered, "Local Own Unknown -[-] - - did 1+0+0");
        check(
            "Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/",
            Status::Failed,
            "Local Own Unknown -[-] - 5.1.1 Sorry, no mailbox here by that name. (#5.1.1)",
        );
        check("", Status::Deferred, "Local Own Unknown -[-] - - -");
    }
}
