use proptest::prelude::*;

use super::*;
use crate::event::{Attempt, Micros, Pos, Target};

/// Writes events as text.
#[derive(Default)]
struct Told(Vec<String>);

impl Sink for Told {
    fn event(&mut self, event: &Event<'_>) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let id = match event.key {
            Key::Message(id) | Key::Slot(id) => text(id),
            Key::Whole => "-".to_owned(),
        };
        self.0.push(match event.what {
            What::Attempt(attempt) => format!("{id} {}", told(&attempt)),
            What::Begin { origin, client } => format!("{id} Begin {origin:?} {}", text(client)),
            What::Sender { address, size, recipients } => format!("{id} Sender {} {size:?} {recipients:?}", text(address)),
            What::MessageId(name) => format!("{id} MessageId {}", text(name)),
            What::Linked { parent } => format!("{id} Linked {}", text(parent)),
            What::OwnBounce { about } => format!("{id} OwnBounce {}", text(about)),
            What::Continues { previous } => format!("{id} Continues {}", text(previous)),
            What::Inbound { reply } => format!("{id} Inbound {}", text(reply)),
            What::Recipient { .. }
            | What::Campaign(_)
            | What::Channel { .. }
            | What::Start { .. }
            | What::Reply { .. }
            | What::GaveUp { .. }
            | What::Feedback { .. }
            | What::Repeat { .. }
            | What::Piece { .. }
            | What::Close(_)
            | What::Restart => format!("{id} {:?}", event.what),
        });
    }
}

fn told(attempt: &Attempt<'_>) -> String {
    let Target::Address(recipient) = attempt.target else { return "no address".to_owned() };
    format!(
        "{} {:?} {:?} {:?} {:?} relay={}[{}] code={:?} dsn={} delay={:?} reply={}",
        String::from_utf8_lossy(recipient),
        attempt.status,
        attempt.sort,
        attempt.speaker,
        attempt.stage,
        String::from_utf8_lossy(attempt.relay),
        String::from_utf8_lossy(attempt.relay_ip),
        attempt.code.unwrap_or_default(),
        attempt.enhanced.map(|status| status.to_string()).unwrap_or_default(),
        attempt.delay_ms.unwrap_or(-1),
        String::from_utf8_lossy(attempt.reply),
    )
}

fn read_line(line: &[u8]) -> (Kind, Vec<String>) {
    let context = FileContext { anchor: Micros(1_796_083_200_000_000), zone: jiff::tz::TimeZone::UTC, own_relays: Vec::new() };
    let mut events = Told::default();
    let kind = SyslogReader::new(&context).read(line, Pos::default(), &mut events);
    (kind, events.0)
}

#[track_caller]
fn check(text: &str, kind: Kind, expected: &[&str]) {
    let line = format!("Oct  1 08:00:01 mx1 postfix/{text}");
    assert_eq!(read_line(line.as_bytes()), (kind, expected.iter().map(|&event| event.to_owned()).collect()), "{text}");
}

#[test]
fn a_reply_is_taken_out_of_its_frame() {
    check(
        "smtp[7]: 5A1B2C: to=<kim@example.org>, relay=mx.example.org[192.0.2.1]:25, conn_use=2, delay=0.52, delays=0.1/0.02/0.2/0.2, dsn=5.1.1, status=bounced (host mx.example.org[192.0.2.1] said: 550 5.1.1 <kim@example.org>: User unknown (in reply to RCPT TO command))",
        Kind::Delivery,
        &[
            "5A1B2C kim@example.org Failed Real Remote Recipient relay=mx.example.org[192.0.2.1] code=550 dsn=5.1.1 delay=520 reply=550 5.1.1 <kim@example.org>: User unknown",
        ],
    );
    check(
        "smtp[7]: 5A1B2C: to=<kim@example.org>, relay=mx.example.org[192.0.2.1]:25, delay=3, dsn=4.0.0, status=deferred (host mx.example.org[192.0.2.1] refused to talk to me: 421 busy)",
        Kind::Delivery,
        &[
            "5A1B2C kim@example.org Deferred Real Remote Connect relay=mx.example.org[192.0.2.1] code=421 dsn=4.0.0 delay=3000 reply=421 busy",
        ],
    );
}

#[test]
fn a_connection_error_names_its_relay() {
    check(
        "smtp[7]: 5A1B2C: to=<kim@example.org>, relay=none, delay=30, delays=0/0/30/0, dsn=4.4.1, status=deferred (connect to mx.example.org[192.0.2.1]:25: Connection timed out)",
        Kind::Delivery,
        &[
            "5A1B2C kim@example.org Deferred Real Connection Connect relay=mx.example.org[192.0.2.1] code=0 dsn=4.4.1 delay=30000 reply=connect to mx.example.org[192.0.2.1]:25: Connection timed out",
        ],
    );
}

#[test]
fn a_suspended_delivery_is_no_attempt_now() {
    check(
        "error[7]: 5A1B2C: to=<kim@example.org>, relay=none, delay=900, dsn=4.4.1, status=deferred (delivery temporarily suspended: connect to mx.example.org[192.0.2.1]:25: Connection refused)",
        Kind::Suspended,
        &[
            "5A1B2C kim@example.org Deferred Suspended Connection Connect relay=mx.example.org[192.0.2.1] code=0 dsn=4.4.1 delay=900000 reply=connect to mx.example.org[192.0.2.1]:25: Connection refused",
        ],
    );
}

#[test]
fn a_filter_is_a_hop_to_the_id_that_it_names_last() {
    check(
        "amavis/smtp[7]: 4PbC4x469Jz3tBr: to=<kim@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4PbC4z6W5Qz3tG3)",
        Kind::Delivery,
        &[
            "4PbC4x469Jz3tBr kim@example.org Delivered Hop Remote EndOfData relay=127.0.0.1[127.0.0.1] code=250 dsn=2.0.0 delay=1000 reply=250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4PbC4z6W5Qz3tG3",
            "4PbC4z6W5Qz3tG3 Linked 4PbC4x469Jz3tBr",
        ],
    );
}

#[test]
fn a_quoted_recipient_forges_no_field() {
    check(
        "smtp[7]: 5A1B2C: to=<\"x>, relay=y\"@example.org>, relay=mx.example.org[192.0.2.1]:25, delay=1, status=sent (250 ok)",
        Kind::Delivery,
        &[
            "5A1B2C \"x>, relay=y\"@example.org Delivered Real Remote EndOfData relay=mx.example.org[192.0.2.1] code=250 dsn= delay=1000 reply=250 ok",
        ],
    );
}

#[test]
fn a_cut_record_says_nothing_of_what_happened() {
    check(
        "smtp[7]: 5A1B2C: to=<kim@example.org>, relay=mx.example.org[192.0.2.1]:25, delay=1, dsn=2.0",
        Kind::Delivery,
        &["5A1B2C kim@example.org Unknown Real Unknown Unknown relay=mx.example.org[192.0.2.1] code=0 dsn= delay=1000 reply="],
    );
}

#[test]
fn a_probe_is_never_a_mail() {
    check(
        "smtp[7]: 5A1B2C: to=<kim@example.org>, relay=mx.example.org[192.0.2.1]:25, delay=1, dsn=2.1.5, status=deliverable (250 2.1.5 Ok)",
        Kind::Probe,
        &[
            "5A1B2C kim@example.org Delivered Probe Remote EndOfData relay=mx.example.org[192.0.2.1] code=250 dsn=2.1.5 delay=1000 reply=250 2.1.5 Ok",
        ],
    );
}

#[test]
fn context_tells_of_messages() {
    let context = Kind::Context;
    check(
        "smtpd[7]: 5A1B2C: client=web[192.0.2.9], sasl_method=PLAIN, sasl_username=a",
        context,
        &["5A1B2C Begin Submitted web[192.0.2.9]"],
    );
    check("smtpd[7]: 5A1B2C: client=localhost[127.0.0.1]", context, &["5A1B2C Begin Loopback localhost[127.0.0.1]"]);
    check(
        "pickup[7]: 5A1B2D: uid=0 from=<root> orig_id=5A1B2C",
        context,
        &["5A1B2D Begin Submitted 0", "5A1B2D Continues 5A1B2C"],
    );
    check("cleanup[7]: 5A1B2C: message-id=<1@example.com>", context, &["5A1B2C MessageId 1@example.com"]);
    check(
        "qmgr[7]: 5A1B2C: from=<a@example.com>, size=10, nrcpt=2 (queue active)",
        context,
        &["5A1B2C Sender a@example.com Some(10) Some(2)"],
    );
    check("qmgr[7]: 5A1B2C: removed", context, &["5A1B2C Close(Done)"]);
    check(
        "qmgr[7]: 5A1B2C: from=<a@example.com>, status=expired, returned to sender",
        context,
        &["5A1B2C GaveUp { target: AllOpen }"],
    );
    check("postsuper[7]: 5A1B2C: removed", context, &["5A1B2C Close(Cancelled)"]);
    check("bounce[7]: 5A1B2C: sender non-delivery notification: 5A1B2D", context, &["5A1B2D OwnBounce 5A1B2C"]);
    check("smtp[7]: 5A1B2C: host mx[192.0.2.1] said: 450 later (in reply to RCPT TO command)", context, &[]);
    check("smtp[7]: connect to mx[192.0.2.1]:25: Connection refused", context, &[]);
}

#[test]
fn what_others_bring_is_inbound() {
    check(
        "smtpd[7]: NOQUEUE: reject: RCPT from x[192.0.2.9]: 554 5.7.1 Relay access denied; from=<a@b>",
        Kind::Inbound,
        &["- Inbound 554 5.7.1 Relay access denied; from=<a@b>"],
    );
    check("smtpd[7]: NOQUEUE: reject_warning: RCPT from x[192.0.2.9]: 450 later", Kind::Context, &[]);
}

#[test]
fn a_repeated_record_stands_for_several() {
    let line = b"Oct  1 08:00:01 mx1 postfix/smtp[7]: message repeated 2 times: [ 5A1B2C: to=<a@example.org>, relay=m[192.0.2.1]:25, delay=1, status=sent (250 ok)]";
    assert_eq!(read_line(line).0, Kind::Delivery);
    assert_eq!(read_line(b"Oct  1 08:00:02 mx1 last message repeated 3 times").1, ["- Repeat { times: 3 }"]);
}

const SENT: &str = "Oct  1 08:00:01 mx1 postfix/smtp[7]: 5A1B2C: to=<kim@example.org>, orig_to=<lee@example.org>, relay=mx.example.org[192.0.2.1]:25, delay=1, delays=0/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok)";

proptest! {
    #[test]
    fn no_bytes_make_it_panic(line in prop::collection::vec(any::<u8>(), 0..300)) {
        read_line(&line);
    }

    #[test]
    fn a_record_cut_anywhere_invents_no_status(cut in 0..SENT.len()) {
        let (_, events) = read_line(SENT.get(..cut).unwrap_or_default().as_bytes());
        for event in events {
            prop_assert!(!event.contains("Failed") && !event.contains("Deferred"), "{event}");
        }
    }
}
