use super::super::packing::{Folder, gzip, log, zstd};
use super::*;

/// Which files stay of `files`, in whatever order they come, and the notes.
#[track_caller]
fn check(folder: &Folder, files: &[(&str, Vec<u8>)], stay: &[&str], notes: &[&str]) {
    for turn in 0..files.len() {
        let mut turned: Vec<File> = files.iter().map(|(name, bytes)| folder.file(name, bytes)).collect();
        turned.rotate_left(turn);
        let once = drop_duplicates(turned);
        let mut kept: Vec<&str> = once.files.iter().map(|file| &*file.name).collect();
        kept.sort_unstable();
        assert_eq!(kept, stay);
        assert_eq!(once.notes.iter().map(ToString::to_string).collect::<Vec<_>>(), notes);
    }
}

#[test]
fn the_same_content_counts_once_and_the_plain_one_stays() {
    let content = log(3_000);
    let files =
        [("mail.log.1.gz", gzip(&content)), ("mail.log.1", content.clone()), ("a.zst", zstd(&content)), ("b.log", content)];
    check(
        &Folder::new(),
        &files,
        &["b.log"],
        &[
            "a.zst: same content as b.log; counted once.",
            "mail.log.1: same content as b.log; counted once.",
            "mail.log.1.gz: same content as b.log; counted once.",
        ],
    );
}

#[test]
fn of_packed_equals_the_first_by_name_stays() {
    let content = log(3_000);
    let note = "b.zst: same content as a.gz; counted once.";
    check(&Folder::new(), &[("b.zst", zstd(&content)), ("a.gz", gzip(&content))], &["a.gz"], &[note]);
    let stored = [gzip(&content), gzip(b"")].concat();
    let note = "b.gz: same content as a.gz; counted once.";
    check(&Folder::new(), &[("a.gz", gzip(&content)), ("b.gz", stored)], &["a.gz"], &[note]);
}

#[test]
fn a_copy_made_while_the_log_grew_goes() {
    let content = log(3_000);
    for cut in [100, 1_000, 100_000] {
        let files =
            [("copy", content[..cut].to_vec()), ("copy.gz", gzip(&content[..cut - 10])), ("mail.log.gz", gzip(&content))];
        let notes = [
            "copy: same content as the beginning of mail.log.gz; counted once.",
            "copy.gz: same content as the beginning of mail.log.gz; counted once.",
        ];
        if cut > 200 {
            check(&Folder::new(), &files, &["mail.log.gz"], &notes);
        }
    }
}

#[test]
fn a_cut_archive_goes_for_the_whole_one() {
    let content = log(9_000);
    let whole = gzip(&content);
    let files = [("mail.log.2.gz", whole[..whole.len() / 2].to_vec()), ("saved/mail.log.2.gz", whole)];
    let note = "mail.log.2.gz: same content as the beginning of saved/mail.log.2.gz; counted once.";
    check(&Folder::new(), &files, &["saved/mail.log.2.gz"], &[note]);
}

#[test]
fn a_like_beginning_is_not_enough() {
    let content = log(3_000);
    let mut other = content.clone();
    *other.last_mut().unwrap() = b'!';
    let long = [content.clone(), b"more\n".to_vec()].concat();
    let note = "a: same content as the beginning of c; counted once.";
    check(&Folder::new(), &[("a", content), ("b.gz", gzip(&other)), ("c", long)], &["b.gz", "c"], &[note]);
    check(&Folder::new(), &[("a", b"one".to_vec()), ("b", b"one\ntwo\n".to_vec())], &["a", "b"], &[]);
    check(
        &Folder::new(),
        &[("a", b"one\n".to_vec()), ("b", b"one\r\n".to_vec()), ("c", b"two\n".to_vec())],
        &["a", "b", "c"],
        &[],
    );
}

#[test]
fn a_pipe_is_never_compared() {
    let pipe = || File::pipe("-", std::path::Path::new("-"), Box::new(std::io::Cursor::new(b"one\n"))).unwrap();
    let once = drop_duplicates(vec![pipe(), Folder::new().file("a", b"one\n")]);
    assert_eq!((once.files.len(), once.notes), (2, vec![]));
}

#[test]
fn the_end_of_a_cut_line_is_not_the_beginning_of_another_file() {
    let rest = [b"\n".as_slice(), &log(3)].concat();
    let files = [("a.log", log(5)), ("b.log", b"\n".to_vec()), ("c.log", rest)];
    check(&Folder::new(), &files, &["a.log", "b.log", "c.log"], &[]);
}

/// The lines that files which go end within.
fn torn(files: &[(&str, Vec<u8>)]) -> Vec<(String, String, String)> {
    let folder = Folder::new();
    let once = drop_duplicates(files.iter().map(|(name, bytes)| folder.file(name, bytes)).collect());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    once.torn.iter().map(|(file, torn)| (file.name.clone(), text(&torn.tail), text(&torn.rest))).collect()
}

#[test]
fn of_a_file_that_goes_and_ends_within_a_line_the_rest_of_that_line_is_known() {
    let content = log(3_000);
    for near in [100, BLOCK_BYTES, 2 * BLOCK_BYTES] {
        for cut in near - 90..near + 90 {
            let (before, after) = content.split_at(cut);
            let begins = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
            let ends = after.iter().position(|&byte| byte == b'\n').unwrap();
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let expected = ("a".to_owned(), text(&before[begins..]), text(&after[..ends]));
            let expected = if begins < cut && holds_line(before) { vec![expected] } else { vec![] };
            assert_eq!(torn(&[("a", before.to_vec()), ("b.gz", gzip(&content))]), expected, "{cut}");
        }
    }
    // The longer file ends within the line too.
    let line = ("a".to_owned(), "of 16 by".to_owned(), "tes".to_owned());
    let (short, long) = (b"a whole line here\nof 16 by".to_vec(), b"a whole line here\nof 16 bytes".to_vec());
    assert_eq!(torn(&[("a", short), ("b", long)]), [line]);
    // What is longer than any line that is held back is no half of one.
    let long = [&content[..200], "x".repeat(2 * HEAD_BYTES).as_bytes(), b"\n"].concat();
    assert_eq!(torn(&[("a", long[..300].to_vec()), ("b", long.clone())]), []);
    assert_eq!(torn(&[("a", long[..200 + HEAD_BYTES + BLOCK_BYTES / 2].to_vec()), ("b", long)]), []);
}
