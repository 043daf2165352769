use proptest::prelude::*;

use super::super::Progress;
use super::super::file::File;
use super::super::lines::tests::{Cut, plainly, some_content};
use super::super::packing::{Folder, PACKS, gzip, log};
use super::*;

/// The lines of all stretches of at most so many bytes, one after the other, which are said to hold `bytes`; and how many were too
/// long.
fn read_all(file: &File, most_bytes: usize, bytes: u64) -> (Cut, u64) {
    let (mut lines, mut tail, mut at, mut overlong) = (Vec::new(), None, 0, 0);
    let mut stretches = file.stretches(Lengths::growing(most_bytes), &Progress::default()).unwrap();
    let mut spare = Vec::new();
    while let Some(stretch) = stretches.next(spare) {
        assert!(tail.is_none(), "only the last has a tail");
        assert_eq!(stretch.start, at);
        let ended = stretch.each_line(|at, line| lines.push((at, line.to_vec())));
        at += ended.bytes;
        assert_eq!(ended.damage, []);
        (tail, overlong) = (ended.tail, overlong + ended.overlong);
        spare = stretch.into_spare();
    }
    assert_eq!(at, bytes, "the stretches hold the content");
    ((lines, tail), overlong)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn cutting_into_stretches_changes_nothing(content in some_content().prop_filter("empty", |it| !it.is_empty()), most in 1_usize..300) {
        let folder = Folder::new();
        for (name, pack) in PACKS {
            let file = folder.file(name, &pack(&content));
            prop_assert_eq!(read_all(&file, most, content.len() as u64), (plainly(&content), 0));
        }
    }
}

#[test]
fn content_larger_than_all_buffers_is_read_alike() {
    let folder = Folder::new();
    let content = log(40_000);
    for (name, pack) in PACKS {
        let file = folder.file(name, &pack(&content));
        assert!(read_all(&file, 700_001, content.len() as u64) == (plainly(&content), 0), "{name}");
    }
}

#[test]
fn of_a_line_that_is_too_long_the_rest_is_skipped_wherever_it_ends() {
    let folder = Folder::new();
    for longer in [1, SKIP_BYTES - 1, SKIP_BYTES, 3 * SKIP_BYTES] {
        for (before, after) in [("", ""), ("", "\n"), ("one\n", "\n"), ("one\n", "\ntwo\nthree"), ("one\n", "\n\n")] {
            let long = vec![b'x'; LINE_BYTES + longer];
            let content = [before.as_bytes(), &long, after.as_bytes()].concat();
            let (mut lines, mut tail) = plainly(&content);
            lines.iter_mut().chain(&mut tail).for_each(|(_, line)| line.truncate(LINE_BYTES));
            let file = folder.file("mail.log.gz", &gzip(&content));
            for most in [1, 1_000, LINE_BYTES, 2 * LINE_BYTES] {
                let found = read_all(&file, most, content.len() as u64);
                assert!(found == ((lines.clone(), tail.clone()), 1), "{longer} more, {before:?}, {after:?}, {most}");
            }
        }
    }
}

#[test]
fn damage_comes_with_the_last_stretch_and_what_was_before_it_is_read() {
    let folder = Folder::new();
    let packed = gzip(&log(9_000));
    let file = folder.file("mail.log.gz", &packed[..packed.len() / 2]);
    let mut stretches = file.stretches(Lengths::growing(100_000), &Progress::default()).unwrap();
    let mut ends = Vec::new();
    while let Some(stretch) = stretches.next(Vec::new()) {
        ends.push(stretch.each_line(|_, _| {}));
    }
    let last = ends.pop().unwrap();
    assert!(ends.len() > 2 && ends.iter().all(|ended| ended.damage.is_empty() && ended.tail.is_none()));
    assert_eq!(last.damage.len(), 1, "{:?}", last.damage);
}

#[test]
fn what_cannot_be_read_is_a_stretch_of_nothing() {
    let damage = Damage::new("mail.log.gz", super::super::What::Replaced);
    let ended = Stretch::failed(damage.clone()).each_line(|_, _| panic!("no line"));
    assert_eq!(ended, Ended { damage: vec![damage], ..Ended::default() });
}
