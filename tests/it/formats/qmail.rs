//! qmail: what its records come to where they do not stand alone.

use mailtally::event::Pos;
use mailtally::format::by_name;
use mailtally::rows::End;
use mailtally::stitch::Segment;

use super::{context, fixtures, records};
use crate::stitch::Rows;

/// A log in two parts, each read on its own and then joined.
fn outcomes(log: &[u8], cut: usize) -> Rows {
    let format = by_name("qmail").unwrap();
    let mut reader = format.reader(log, &context());
    let lines: Vec<_> = records(log).collect();
    let mut whole = Segment::beginning(Rows::default());
    for part in [&lines[..cut], &lines[cut..]] {
        let mut segment = Segment::new(Rows::default());
        for &(offset, record) in part {
            reader.read(record, Pos { file: 0, offset }, &mut segment);
            while let Some(joined) = segment.joined() {
                reader.read(&joined.record, joined.pos, &mut segment);
            }
        }
        whole.join_reading(segment, &mut |record, pos, into| {
            reader.read(record, pos, into);
        });
    }
    whole.finish().1
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixtures("qmail").into_iter().find(|path| path.ends_with(name)).unwrap()).unwrap()
}

#[test]
fn a_result_that_splogger_cut_is_one() {
    let log = fixture("splogger.log");
    let whole = outcomes(&log, 0);
    let ends: Vec<_> = whole.0.keys().map(|(_, _, recipient, end, real, ..)| (&**recipient, *end, *real)).collect();
    let expected = [("x2000.k080@rcptmore.example", End::Expired, 2), ("x720.k227@rcptmore.example", End::Expired, 2)];
    assert_eq!(ends, expected);
    for cut in 1..records(&log).count() {
        assert_eq!(outcomes(&log, cut), whole, "cut at {cut}");
    }
}

#[test]
fn mail_that_is_given_up_for_its_age_has_expired() {
    let log = fixture("ends.log");
    let whole = outcomes(&log, 0);
    let ends: Vec<_> = whole.0.keys().map(|(_, _, recipient, end, real, ..)| format!("{recipient} {end:?} {real}")).collect();
    let expected = [
        "u.k021@dothang.example Expired 2",
        "u.k039@okhostile.example Accepted 1",
        "u.k042@servfail.example Expired 2",
        "u.k046@me.example Refused 1",
        "accept.k058@rcpthostile.example Refused 1",
        "prog@sender.example Local 0",
        "grey.k123.3@ok.example Accepted 2",
        "u.k146@ok.example Refused 1",
        "giving.k208@rcpthostile.example Expired 2",
    ];
    assert_eq!(ends, expected);
    for cut in 1..records(&log).count() {
        assert_eq!(outcomes(&log, cut), whole, "cut at {cut}");
    }
}
