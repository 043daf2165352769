//! Recipients that go over to other messages.

use mailtally::event::{Closing, Target, What};

use super::super::script::{delivered, message, more};
use super::{BEGIN, DONE, check, recipient, sender};

#[test]
fn recipients_of_a_message_that_was_split_count_where_they_went() {
    let events = [
        message(0, "10", BEGIN),
        message(0, "10", recipient(0, "a@x.example")),
        message(0, "10", recipient(1, "b@y.example")),
        message(0, "10", recipient(2, "c@z.example")),
        message(1, "10", What::Split),
        more(message(1, "11", What::Continues { previous: b"10" })),
        message(1, "11", sender("s@here.example")),
        message(1, "11", recipient(0, "b@y.example")),
        message(1, "11", recipient(1, "c@z.example")),
        message(2, "10", What::Attempt(delivered(Target::Index(0)))),
        message(2, "10", DONE),
        message(3, "11", What::Attempt(delivered(Target::Index(0)))),
        message(3, "11", DONE),
    ];
    let expected = [
        "10 a@x.example Accepted: Delivered +first",
        "10 b@y.example HandedOn:",
        "10 c@z.example HandedOn:",
        "11 b@y.example Accepted: Delivered +first from=s@here.example",
        "11 c@z.example Unknown: from=s@here.example",
    ];
    check(&events, &expected);
}

/// An appliance rewrites a mail to another recipient: it says so before it names him, or later.
fn redirected(is_said_first: bool) {
    let goes_on =
        [message(1, "10", What::Close(Closing::Requeued)), more(message(1, "11", What::Continues { previous: b"10" }))];
    let begins = [message(1, "11", sender("s@here.example")), message(1, "11", recipient(0, "c@z.example"))];
    let mut events = vec![
        message(0, "10", BEGIN),
        message(0, "10", What::MessageId(b"one@here")),
        message(0, "10", recipient(0, "a@x.example")),
        message(0, "10", recipient(1, "b@y.example")),
    ];
    if is_said_first {
        events.extend(goes_on.iter().chain(&begins));
    } else {
        events.extend(begins.iter().chain(&goes_on));
    }
    events.extend([
        message(1, "10", DONE),
        message(2, "11", What::Attempt(delivered(Target::Index(0)))),
        message(3, "11", DONE),
    ]);
    let expected = [
        "11 a@x.example HandedOn: from=s@here.example mid=one@here",
        "11 b@y.example HandedOn: from=s@here.example mid=one@here",
        "11 c@z.example Accepted: Delivered +first from=s@here.example mid=one@here",
    ];
    check(&events, &expected);
}

#[test]
fn recipients_of_a_rewritten_message_take_the_place_of_those_that_it_had() {
    redirected(true);
    redirected(false);
}

#[test]
fn who_is_named_again_in_a_rewritten_message_stays() {
    let events = [
        message(0, "10", BEGIN),
        message(0, "10", recipient(0, "a@x.example")),
        message(0, "10", recipient(1, "b@y.example")),
        message(1, "10", What::Close(Closing::Requeued)),
        more(message(1, "11", What::Continues { previous: b"10" })),
        message(1, "11", recipient(0, "A@x.example")),
        message(1, "11", recipient(1, "b@z.example")),
        message(2, "11", What::Attempt(delivered(Target::Index(0)))),
        message(2, "11", What::Attempt(delivered(Target::Index(1)))),
        message(3, "11", DONE),
    ];
    let expected =
        ["11 a@x.example Accepted: Delivered +first", "11 b@y.example HandedOn:", "11 b@z.example Accepted: Delivered"];
    check(&events, &expected);
}

#[test]
fn a_message_that_is_said_to_go_on_from_two_goes_on_from_the_last() {
    let events = [
        message(0, "20", BEGIN),
        message(0, "10", BEGIN),
        message(0, "11", sender("s@here.example")),
        message(0, "11", recipient(0, "a@x.example")),
        message(0, "20", What::Close(Closing::Requeued)),
        more(message(0, "11", What::Continues { previous: b"20" })),
        message(0, "10", What::Close(Closing::Requeued)),
        more(message(0, "11", What::Continues { previous: b"10" })),
        message(0, "11", recipient(0, "a@x.example")),
    ];
    let expected = ["11 a@x.example Queued: +first", "11 a@x.example Unknown: +first from=s@here.example"];
    check(&events, &expected);
}
