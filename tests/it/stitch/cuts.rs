//! Whatever the records say, cutting them changes nothing: random events of every kind, in no sensible order, of few messages.

use mailtally::event::{Attempt, Closing, Origin, Share, Sort, Speaker, Status, Target, What};
use proptest::prelude::*;

use super::collect::Everything;
use super::script::{Said, delivered, message, more, run, run_from_the_right, slot, whole};

const IDS: [&str; 4] = ["A1", "B2", "C3", "D4"];
const SLOTS: [&str; 4] = ["1", "2", "7", "8"];
const ADDRESSES: [&str; 4] = ["a@x.example", "B@x.example", "b@x.example", "c@y.example"];
const IPS: [&str; 3] = ["198.51.100.1", "2001:db8::1", "10.0.0.1"];
const REPLIES: [&str; 4] = ["550 5.1.1 no such user", "450 4.2.0 greylisted", "", "250 2.0.0 OK a1b2c3 - gsmtp"];

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(texts)
}

fn share() -> impl Strategy<Value = Share<'static>> {
    (0..4_u16, one_of(&["@x.example", "@Y.example", ""]), 0..3_u16, 0..3_u16).prop_map(|(number, domain, count, of)| Share {
        number,
        domain: domain.as_bytes(),
        count,
        of,
    })
}

fn target() -> impl Strategy<Value = Target<'static>> {
    prop_oneof![
        6 => one_of(&ADDRESSES).prop_map(|address| Target::Address(address.as_bytes())),
        3 => (0..3_u32).prop_map(Target::Index),
        1 => Just(Target::AllOpen),
        1 => Just(Target::Awaited),
        2 => share().prop_map(Target::Share),
    ]
}

fn attempt() -> impl Strategy<Value = Attempt<'static>> {
    let status =
        prop::sample::select(vec![Status::Delivered, Status::Deferred, Status::Failed, Status::Expired, Status::Unknown]);
    let sort = prop_oneof![
        6 => Just(Sort::Real),
        1 => prop::sample::select(vec![Sort::Suspended, Sort::Hop, Sort::Local, Sort::Own, Sort::Probe])
    ];
    let slot = prop_oneof![2 => Just(None), 1 => one_of(&SLOTS).prop_map(Some)];
    let original = prop_oneof![4 => Just(None), 1 => one_of(&ADDRESSES).prop_map(Some)];
    let relay_ip = prop_oneof![1 => Just(""), 3 => one_of(&IPS)];
    let tls = prop_oneof![3 => Just(("", 1)), 1 => (one_of(&["may?", "may"]), 1..3_u32)];
    (target(), status, sort, slot, original, relay_ip, one_of(&REPLIES), 1..3_u32, tls).prop_map(
        |(target, status, sort, slot, original, relay_ip, reply, times, (tls, nth))| Attempt {
            status,
            sort,
            slot: slot.map(str::as_bytes),
            original: original.map(str::as_bytes),
            relay_ip: relay_ip.as_bytes(),
            reply: reply.as_bytes(),
            times,
            tls: tls.as_bytes(),
            nth,
            ..delivered(target)
        },
    )
}

/// What a record of a message may say.
fn of_message() -> impl Strategy<Value = What<'static>> {
    let closing = prop::sample::select(vec![Closing::Done, Closing::Done, Closing::Cancelled, Closing::Requeued]);
    let origin = prop::sample::select(vec![Origin::Submitted, Origin::Network, Origin::Loopback, Origin::Unknown]);
    let speaker = prop::sample::select(vec![Speaker::Remote, Speaker::Connection, Speaker::Own]);
    let recipients = prop_oneof![3 => Just(None), 1 => (1..4_u32).prop_map(Some)];
    prop_oneof![
        4 => origin.prop_map(|origin| What::Begin { origin, client: b"" }),
        2 => (one_of(&ADDRESSES), recipients)
            .prop_map(|(address, recipients)| What::Sender { address: address.as_bytes(), size: Some(9), recipients }),
        1 => Just(What::Sender { address: b"", size: None, recipients: None }),
        2 => one_of(&["one@here", "two@here"]).prop_map(|id| What::MessageId(id.as_bytes())),
        2 => (prop::option::of(0..3_u32), one_of(&ADDRESSES))
            .prop_map(|(index, address)| What::Recipient { index, address: address.as_bytes() }),
        1 => Just(What::Redirected),
        1 => Just(What::Split),
        1 => Just(What::Campaign(b"spring")),
        1 => (any::<bool>(), prop::option::of(1..9_u64)).prop_map(|(is_taken, size)| What::Offered { is_taken, size }),
        9 => attempt().prop_map(What::Attempt),
        2 => (target(), one_of(&REPLIES)).prop_map(|(target, reply)| What::Reply { target, reply: reply.as_bytes() }),
        2 => (target(), one_of(&REPLIES), speaker)
            .prop_map(|(target, reply, speaker)| What::ReplyAhead { target, reply: reply.as_bytes(), speaker }),
        1 => target().prop_map(|target| What::GaveUp { target }),
        1 => target().prop_map(|target| What::Cancelled { target }),
        2 => one_of(&IDS).prop_map(|parent| What::Linked { parent: parent.as_bytes() }),
        1 => Just(What::OwnBounce { about: b"A1" }),
        2 => (any::<bool>(), one_of(&ADDRESSES), one_of(&REPLIES)).prop_map(|(complaint, recipient, reply)| {
            What::Feedback { complaint, recipient: recipient.as_bytes(), reply: reply.as_bytes() }
        }),
        4 => closing.prop_map(What::Close),
    ]
}

fn of_slot() -> impl Strategy<Value = What<'static>> {
    let sort = prop::sample::select(vec![Sort::Real, Sort::Local]);
    prop_oneof![
        4 => (one_of(&IDS), target(), sort)
            .prop_map(|(message, target, sort)| What::Start { message: message.as_bytes(), target, sort }),
        4 => attempt().prop_map(|attempt| What::Attempt(Attempt { target: Target::OfSlot, ..attempt })),
        3 => (one_of(&["", "192.0.2.9"]), one_of(&IPS), one_of(&["TLSv1.2", "TLSv1.3", ""])).prop_map(|(source, relay_ip, tls)| {
            What::Channel { source: source.as_bytes(), relay: b"", relay_ip: relay_ip.as_bytes(), tls: tls.as_bytes() }
        }),
        2 => one_of(&["TLSv1.2", "TLSv1.3"])
            .prop_map(|tls| What::Channel { source: b"", relay: b"", relay_ip: b"", tls: tls.as_bytes() }),
        1 => Just(What::Close(Closing::Done)),
    ]
}

/// A beginning, and in the same record that it goes on from another message. Two may be made at once, and of one of them another. An
/// appliance says so in a record of its own, before the recipients are named or later.
fn again() -> impl Strategy<Value = Vec<Said>> {
    let made = prop::sample::select(vec![&["C3"][..], &["D4"], &["C3", "D4"]]);
    let made = prop_oneof![3 => (made, one_of(&["A1", "B2"])), 1 => Just((&["D4"][..], "C3"))];
    let begin = What::Begin { origin: Origin::Submitted, client: b"" };
    let at_once = made.prop_map(move |(made, previous)| {
        let goes_on = What::Continues { previous: previous.as_bytes() };
        let said = made.iter().flat_map(|id| [more(message(0, id, begin)), more(message(0, id, goes_on))]);
        let mut said: Vec<Said> = said.collect();
        said.iter_mut().take(1).for_each(|first| first.is_more = false);
        said
    });
    let apart = (one_of(&["A1", "B2"]), one_of(&["C3", "D4"]), 0..3_usize, any::<bool>(), one_of(&ADDRESSES));
    let apart = apart.prop_map(move |(previous, id, place, is_split, address)| {
        let named = What::Recipient { index: Some(0), address: address.as_bytes() };
        let mut said = vec![message(0, id, What::Sender { address: b"", size: None, recipients: None }), message(0, id, named)];
        let leaves = if is_split { What::Split } else { What::Close(Closing::Requeued) };
        let goes_on = more(message(0, id, What::Continues { previous: previous.as_bytes() }));
        said.splice(place..place, [message(0, previous, leaves), goes_on]);
        said
    });
    prop_oneof![at_once, apart]
}

fn said() -> impl Strategy<Value = Said> {
    let event = prop_oneof![
        10 => (one_of(&IDS), of_message()).prop_map(|(id, what)| message(0, id, what)),
        4 => (one_of(&SLOTS), of_slot()).prop_map(|(name, what)| slot(0, name, what)),
        1 => attempt().prop_map(|attempt| whole(0, What::Attempt(attempt))),
        1 => prop::sample::select(vec![What::Restart, What::Inbound { reply: b"554 no" }]).prop_map(|what| whole(0, what)),
    ];
    (event, one_of(&["mx", "mx", "relay"]), prop::sample::select(vec![7_u32, 8])).prop_map(|(said, host, pid)| Said {
        host,
        pid,
        ..said
    })
}

/// Events in the order of their stamps: mostly seconds apart, at times weeks. Never hours: a life that is settled but for what lies
/// beyond a cut would be given up an hour later, and what comes after that hour would be taken for another message.
fn story() -> impl Strategy<Value = Vec<Said>> {
    let step = prop_oneof![40 => 0..4_i64, 20 => 4..40_i64, 1 => 700_000..800_000_i64];
    let said = prop_oneof![12 => said().prop_map(|said| vec![said]), 1 => again()];
    prop::collection::vec((said, step, prop::bool::weighted(0.15)), 1..60).prop_map(|records| {
        let (mut second, mut all) = (0, Vec::<Said>::new());
        for (said, step, is_more) in records {
            // A record says once that its message goes on from another.
            let before = all.last().copied().filter(|_| is_more && said.len() == 1);
            second += if before.is_some() { 0 } else { step };
            let host = before.or(said.first().copied()).map_or("mx", |said| said.host);
            for said in said {
                let said = Said { second, host, ..said };
                all.push(if before.is_some() { more(said) } else { said });
            }
        }
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn cutting_events_anywhere_changes_nothing(events in story(), cuts in prop::collection::vec(0..60_usize, 1..5)) {
        let (all, noted) = run::<Everything>(&events, &[]);
        let (parts, parts_noted) = run::<Everything>(&events, &cuts);
        prop_assert!(parts == all, "\n{}", all.differences(&parts));
        prop_assert_eq!(parts_noted, noted);
    }

    #[test]
    fn what_is_joined_first_changes_nothing(events in story(), cuts in prop::collection::vec(0..60_usize, 2..6)) {
        let (all, noted) = run::<Everything>(&events, &cuts);
        let (parts, parts_noted) = run_from_the_right::<Everything>(&events, &cuts);
        prop_assert!(parts == all, "\n{}", all.differences(&parts));
        prop_assert_eq!(parts_noted, noted);
    }
}
