use super::super::packing::{Folder, PACKS, gzip, log};
use super::*;

#[track_caller]
fn refused(file: &File, range: Range) -> Mishap {
    file.open(range, Decompress::Here, &Progress::default()).err().expect("not opened").what
}

#[test]
fn a_file_tells_what_it_is() {
    let folder = Folder::new();
    let content = log(3_000);
    for (name, pack) in PACKS {
        let packed = pack(&content);
        let file = folder.file(&format!("{name}-20261001.log"), &packed);
        assert_eq!(file.compression.name(), name, "by its bytes: all have one extension");
        assert_eq!(file.bytes_on_disk, Some(packed.len() as u64));
        assert!(*file.head() == content[..HEAD_BYTES], "{name}");
        assert_eq!(file.name_date, Some(Micros(1_790_812_800_000_000)));
        assert!(file.modified.is_some());
        assert!(file.rotation.family.ends_with(format!("/{name}.log").as_bytes()));
    }
}

#[test]
fn a_head_that_was_let_go_is_there_when_it_is_asked_for() {
    let folder = Folder::new();
    let content = log(3_000);
    for (name, pack) in PACKS {
        for length in [BEGINNING_BYTES, BEGINNING_BYTES + 1, HEAD_BYTES - 1, content.len()] {
            let mut file = folder.file(name, &pack(&content[..length]));
            file.let_go();
            assert_eq!((file.head.len(), file.head_bytes()), (BEGINNING_BYTES, length.min(HEAD_BYTES)), "{name}");
            assert!(*file.head() == content[..length.min(HEAD_BYTES)], "{name}");
            assert_eq!(file.end(10).is_some(), length < HEAD_BYTES || file.is_seekable(), "{name}");
            std::fs::remove_file(folder.path().join(name)).unwrap();
            assert!(*file.head() == content[..BEGINNING_BYTES], "{name}, which is gone");
        }
    }
    let mut pipe = File::pipe("-", Path::new("-"), Box::new(std::io::Cursor::new(content.clone()))).unwrap();
    pipe.let_go();
    assert!(*pipe.head() == content[..HEAD_BYTES], "what cannot be read twice is kept");
}

#[test]
fn only_plain_files_are_split() {
    let folder = Folder::new();
    let content = log(100);
    let bytes = content.len() as u64;
    assert_eq!(folder.file("a", &content).ranges(bytes - 1, bytes).len(), 2);
    assert_eq!(folder.file("a", &content).ranges(bytes, bytes), [Range::Whole]);
    assert_eq!(folder.file("b", &gzip(&content)).ranges(10, 0), [Range::Whole]);
}

#[test]
fn nothing_to_read_is_told() {
    let folder = Folder::new();
    let told = |name: &str, bytes: &[u8]| match File::regular(name, &folder.write(name, bytes)) {
        Ok(_) => vec![],
        Err(damage) => damage.into_iter().map(|damage| damage.what).collect(),
    };
    assert_eq!(told("empty", b""), [Mishap::Empty]);
    assert_eq!(told("empty.gz", &gzip(b"")), [Mishap::Empty]);
    assert_eq!(told("cut.gz", &gzip(b"one\n")[..5]), [Mishap::Truncated(Compression::Gzip, 0)]);
    assert!(matches!(told("logs.zip", b"PK\x03\x04....")[..], [Mishap::Foreign("a zip archive", _)]));
}

#[test]
fn what_is_appended_later_is_not_read() {
    let folder = Folder::new();
    let file = folder.file("mail.log", b"one\ntwo");
    folder.write("mail.log", b"one\ntwo and more\nthree\n");
    let mut lines = Vec::new();
    let ended =
        file.open(Range::Whole, Decompress::Here, &Progress::default()).unwrap().each_line(|_, line| lines.push(line.to_vec()));
    assert_eq!((lines, ended.tail, ended.damage), (vec![b"one".to_vec()], Some((4, b"two".to_vec())), vec![]));
}

#[test]
fn a_file_that_shrank_or_went_is_damage() {
    let folder = Folder::new();
    let content = log(100);
    let file = folder.file("mail.log", &content);
    let place = folder.write("mail.log", &content[..1_000]);
    let damage = file
        .ranges(500, u64::MAX)
        .into_iter()
        .flat_map(|range| file.open(range, Decompress::Here, &Progress::default()).unwrap().each_line(|_, _| {}).damage);
    assert_eq!(super::super::settled(damage.collect()), [Damage::new("mail.log", Mishap::Shrank(1_000))]);
    fs::remove_file(&place).unwrap();
    assert!(matches!(refused(&file, Range::Whole), Mishap::Vanished(reason) if reason == "No such file or directory"));
    assert!(matches!(refused(&file, Range::Segment { start: 3, end: 9 }), Mishap::Vanished(_)));
}

#[cfg(unix)]
#[test]
fn a_log_that_was_rotated_meanwhile_is_not_mistaken_for_its_successor() {
    let folder = Folder::new();
    let file = folder.file("mail.log", b"one\n");
    fs::rename(folder.path().join("mail.log"), folder.path().join("mail.log.1")).unwrap();
    folder.write("mail.log", b"two\n");
    assert_eq!(refused(&file, Range::Whole), Mishap::Replaced);
}
