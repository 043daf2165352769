use std::io::Cursor;
use std::path::Path;

use proptest::prelude::*;

use super::super::file::File;
use super::super::input::Progress;
use super::super::lines::tests::{Cut, plainly, some_content};
use super::super::packing::{Folder, PACKS, gzip, log};
use super::*;

/// The lines of one range, and how it ended.
fn read(file: &File, range: Range, decompress: Decompress, progress: &Progress) -> (Vec<(u64, Vec<u8>)>, Ended) {
    let mut lines = Vec::new();
    let ended = file.open(range, decompress, progress).unwrap().each_line(|at, line| lines.push((at, line.to_vec())));
    (lines, ended)
}

/// The lines of all `ranges`, one after the other, which are said to hold `bytes` and no damage.
fn read_all(file: &File, ranges: &[Range], decompress: Decompress, bytes: u64) -> Cut {
    let (mut lines, mut tail, mut sum) = (Vec::new(), None, 0);
    for range in ranges {
        let (more, ended) = read(file, *range, decompress, &Progress::default());
        lines.extend(more);
        sum += ended.bytes;
        assert_eq!((ended.damage, ended.overlong), (vec![], 0), "{range:?}");
        assert!(tail.is_none() || ended.tail.is_none(), "one tail at most");
        tail = tail.or(ended.tail);
    }
    assert_eq!(sum, bytes, "the ranges hold the content");
    (lines, tail)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn cutting_into_segments_changes_nothing(content in some_content().prop_filter("empty", |it| !it.is_empty()), size in 1_u64..300) {
        let folder = Folder::new();
        let file = folder.file("mail.log", &content);
        let bytes = content.len() as u64;
        prop_assert_eq!(read_all(&file, &file.ranges(size, bytes / 2), Decompress::Here, bytes), plainly(&content));
    }

    #[test]
    fn compression_changes_nothing(content in some_content().prop_filter("empty", |it| !it.is_empty()), parts in 1_u64..6) {
        let folder = Folder::new();
        let bytes = content.len() as u64;
        for (name, pack) in PACKS {
            let file = folder.file(name, &pack(&content));
            prop_assert_eq!(read_all(&file, &segments(bytes, bytes.div_ceil(parts), bytes), Decompress::Here, bytes), plainly(&content));
            prop_assert_eq!(read_all(&file, &[Range::Whole], Decompress::Ahead, bytes), plainly(&content));
        }
    }

    #[test]
    fn segments_cover_all_bytes_once(bytes in 0_u64..10_000, size in 0_u64..300, short_from in 0_u64..12_000) {
        let mut at = 0;
        for range in segments(bytes, size, short_from) {
            let (start, end) = range.bounds();
            prop_assert_eq!(start, at);
            prop_assert!(range == Range::Whole || end - start <= size.max(1), "{:?}", range);
            at = end.min(bytes);
        }
        prop_assert_eq!(at, bytes);
    }
}

#[test]
fn the_last_segments_are_short() {
    let ends =
        |bytes, short_from| -> Vec<u64> { segments(bytes, 64, short_from).iter().map(|range| range.bounds().1).collect() };
    assert_eq!(ends(200, 170), [64, 128, 170, 186, 200]);
    assert_eq!(ends(128, u64::MAX), [64, 128]);
    // A rest that is shorter than the short ones is none.
    assert_eq!(ends(100, 65), [64, 80, 96, 100]);
    assert_eq!(ends(40, 0), [16, 32, 40]);
    assert_eq!(segments(16, 64, 0), [Range::Whole]);
}

#[test]
fn content_larger_than_all_buffers_is_read_alike_in_every_way() {
    let folder = Folder::new();
    let content = log(40_000);
    let bytes = content.len() as u64;
    assert!(bytes > 10 * BLOCK_BYTES as u64);
    for (name, pack) in PACKS {
        let file = folder.file(name, &pack(&content));
        for decompress in [Decompress::Here, Decompress::Ahead] {
            assert!(
                read_all(&file, &file.ranges(700_001, 1_000_000), decompress, bytes) == plainly(&content),
                "{name} {decompress:?}"
            );
        }
    }
}

#[test]
fn blocks_of_all_segments_are_the_content() {
    let folder = Folder::new();
    let content = log(9_000);
    for (name, pack) in PACKS {
        let file = folder.file(name, &pack(&content));
        let mut joined = Vec::new();
        for range in segments(content.len() as u64, 300_000, u64::MAX) {
            let ended = file.open(range, Decompress::Ahead, &Progress::default()).unwrap().each_block(|at, block| {
                assert_eq!(at, joined.len() as u64);
                joined.extend_from_slice(block);
            });
            assert_eq!(ended.damage, []);
        }
        assert!(joined == content, "{name}");
    }
}

#[test]
fn progress_counts_each_stored_byte_once() {
    let folder = Folder::new();
    let content = log(9_000);
    for (name, pack) in PACKS {
        let file = folder.file(name, &pack(&content));
        let progress = Progress::default();
        for range in file.ranges(100_000, u64::MAX) {
            read(&file, range, Decompress::Ahead, &progress);
        }
        assert_eq!(Some(progress.taken()), file.bytes_on_disk, "{name}");
    }
}

#[test]
fn a_pipe_is_read_once_and_from_its_first_byte() {
    let content = log(9_000);
    for packed in [content.clone(), gzip(&content)] {
        let stored = packed.len() as u64;
        let file = File::pipe("-", Path::new("-"), Box::new(Cursor::new(packed))).unwrap();
        assert_eq!(*file.head(), content[..file.head_bytes()]);
        let progress = Progress::default();
        let (lines, ended) = read(&file, Range::Whole, Decompress::Ahead, &progress);
        assert!((lines, ended.tail) == plainly(&content));
        assert_eq!((ended.bytes, progress.taken()), (content.len() as u64, stored));
        let again = file.open(Range::Whole, Decompress::Here, &progress);
        assert_eq!(again.err(), Some(Damage::new("-", super::super::Mishap::Spent)));
    }
}

#[test]
fn a_reader_that_stops_early_leaves_no_thread_waiting() {
    let folder = Folder::new();
    let content = log(40_000);
    let file = folder.file("mail.log.gz", &gzip(&content));
    let range = Range::Segment { start: 0, end: 100 };
    let (lines, ended) = read(&file, range, Decompress::Ahead, &Progress::default());
    assert_eq!((lines.len(), ended.bytes), (2, 100));
}
