use super::*;

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

/// Names of the files found under a folder and what was said, without the folder.
fn found(folder: &tempfile::TempDir, inputs: &[&str]) -> (Vec<String>, Vec<String>) {
    let path = folder.path().display().to_string();
    let inputs: Vec<String> = inputs.iter().map(|input| format!("{path}{input}")).collect();
    let found = discover(&inputs);
    let short = |text: String| text.replace(&format!("{path}/"), "");
    (
        found.files.iter().map(|file| short(file.name.clone())).collect(),
        found.damage.iter().map(|damage| short(damage.to_string())).collect(),
    )
}

fn lines(file: &File, range: Range) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    let ended =
        file.open(range, Decompress::Here, &Progress::default()).unwrap().each_line(|_, line| lines.push(line.to_vec()));
    lines.extend(ended.tail.map(|(_, tail)| tail));
    lines
}

fn gzip(content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_folder_stands_for_what_is_not_hidden_in_it() {
    let folder = folder(&[("b.log", b"b\n"), ("a.log", b"a\n"), (".hidden", b"h\n")]);
    assert_eq!(found(&folder, &[""]).0, ["a.log", "b.log"]);
    assert_eq!(found(&folder, &["/*.log"]).0, ["a.log", "b.log"]);
}

#[test]
fn what_is_not_there_is_said_by_name() {
    let folder = folder(&[("empty.log", b"")]);
    let (files, said) = found(&folder, &["/missing.log", "/empty.log", "/no*.log"]);
    assert!(files.is_empty());
    for name in ["missing.log", "empty.log", "no*.log"] {
        assert!(said.iter().any(|said| said.starts_with(name)), "{name}: {said:?}");
    }
}

#[test]
fn the_same_content_counts_once_whatever_its_name_and_order() {
    let content = b"one\ntwo\n".repeat(20_000);
    let grown = [content.as_slice(), b"three\n"].concat();
    let folder =
        folder(&[("mail.log.1", &content), ("mail.log.1.gz", &gzip(&content)), ("copy", &grown), ("other", b"one\nx\n")]);
    let (files, said) = found(&folder, &["/mail.log.1.gz", "/mail.log.1", "/copy", "/other"]);
    assert_eq!(files, ["copy", "other"]);
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(found(&folder, &["/other", "/copy", "/mail.log.1", "/mail.log.1.gz"]), (files, said));
}

#[test]
fn segments_hold_each_line_once() {
    let content = b"first\r\nsecond\n\nfourth line\nlast without end";
    let folder = folder(&[("mail.log", content)]);
    let file = File::list(&folder.path().join("mail.log")).unwrap();
    let whole = lines(&file, Range::Whole);
    for size in 1..=content.len() as u64 {
        let mut parts = Vec::new();
        for range in segments(content.len() as u64, size) {
            parts.extend(lines(&file, range));
        }
        assert_eq!(parts, whole, "segments of {size}");
    }
}

#[test]
fn every_compression_gives_the_same_lines() {
    use std::io::Write;
    let content = b"one\ntwo\nthree\n".repeat(1_000);
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
    xz.write_all(&content).unwrap();
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(&content).unwrap();
    let two = [gzip(&content[..6_000]), gzip(&content[6_000..])].concat();
    let packed = [two, zstd::encode_all(&content[..], 1).unwrap(), bzip2.finish().unwrap(), xz.finish().unwrap()];
    let expected: Vec<&[u8]> = content.split(|&byte| byte == b'\n').take(3_000).collect();
    for (number, bytes) in packed.iter().enumerate() {
        let folder = folder(&[("mail.log", bytes)]);
        let file = File::list(&folder.path().join("mail.log")).unwrap();
        assert_eq!(lines(&file, Range::Whole), expected, "number {number}");
    }
}

#[test]
fn a_gzip_cut_anywhere_gives_a_beginning_of_its_lines_and_says_so() {
    let content: Vec<u8> = (0..400).flat_map(|number| format!("line {number}\n").into_bytes()).collect();
    let whole: Vec<Vec<u8>> = content.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    let bytes = gzip(&content);
    for cut in (11..bytes.len()).step_by(7) {
        let folder = folder(&[("mail.log.gz", &bytes[..cut])]);
        let file = File::list(&folder.path().join("mail.log.gz")).unwrap();
        let mut lines = Vec::new();
        let opened = file.open(Range::Whole, Decompress::Ahead, &Progress::default()).unwrap();
        let ended = opened.each_line(|_, line| lines.push(line.to_vec()));
        assert!(whole.starts_with(&lines), "cut at {cut}");
        assert_eq!(ended.damage.len(), 1, "cut at {cut}: {:?}", ended.damage);
    }
}
