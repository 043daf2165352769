use super::super::packing::{Folder, gzip};
use super::*;

/// Names of files and damage, without the folder; the names of `inputs` are in the folder too.
fn found(folder: &Folder, inputs: &[&str]) -> (Vec<String>, Vec<String>) {
    let base = format!("{}/", folder.path().display());
    let inputs: Vec<PathBuf> = inputs.iter().map(|input| folder.path().join(input)).collect();
    let found = discover(&inputs, |file| file);
    let damage = found.damage.iter().map(|damage| damage.to_string().replace(&base, ""));
    let what = damage.map(|text| text.split(';').next().unwrap_or_default().to_owned());
    (found.files.into_iter().map(|file| file.name.replace(&base, "")).collect(), what.collect())
}

#[track_caller]
fn check(folder: &Folder, inputs: &[&str], files: &[&str], damage: &[&str]) {
    let mut backwards = inputs.to_vec();
    backwards.reverse();
    for inputs in [inputs, &backwards] {
        let (found_files, found_damage) = found(folder, inputs);
        assert_eq!(found_files, files);
        assert_eq!(found_damage, damage);
    }
}

fn logs() -> Folder {
    let folder = Folder::new();
    for name in ["mx2/mail.log", "mx1/mail.log", "mx1/mail.log.1", "mx1/old/mail.log.2", ".hidden/x.log", "mx1/.mail.log.swp"] {
        folder.write(name, format!("{name}\n").as_bytes());
    }
    folder
}

#[test]
fn folders_are_walked_and_sorted_without_what_is_hidden() {
    let all = ["mx1/mail.log", "mx1/mail.log.1", "mx1/old/mail.log.2", "mx2/mail.log"];
    check(&logs(), &["mx2", "mx1"], &all, &[]);
    check(&logs(), &["mx1/old", ".hidden"], &[".hidden/x.log", "mx1/old/mail.log.2"], &[]);
}

#[test]
fn a_glob_finds_files_and_folders() {
    check(&logs(), &["mx1/mail.log*"], &["mx1/mail.log", "mx1/mail.log.1"], &[]);
    check(&logs(), &["mx?/ol[d]"], &["mx1/old/mail.log.2"], &[]);
    check(&logs(), &["**/mail.log"], &["mx1/mail.log", "mx2/mail.log"], &[]);
}

#[test]
fn a_name_that_looks_like_a_glob_is_a_name_first() {
    let folder = logs();
    folder.write("mx1/mail.log[1]", b"brackets\n");
    check(&folder, &["mx1/mail.log[1]"], &["mx1/mail.log[1]"], &[]);
}

#[test]
fn what_is_not_there_is_damage() {
    let folder = logs();
    std::fs::create_dir(folder.path().join("none")).unwrap();
    folder.write("empty.log", b"");
    check(
        &folder,
        &["mx3", "none", "mx9*", "a[", "empty.log", "mx2"],
        &["mx2/mail.log"],
        &[
            "a[: no such file, and no pattern (invalid range pattern)",
            "empty.log: empty",
            "mx3: no such file or folder",
            "mx9*: the pattern matches no file",
            "none: the folder holds no file",
        ],
    );
}

#[test]
fn a_file_named_twice_is_read_once() {
    let twice = "mx2/mail.log: named twice";
    check(&logs(), &["mx2/mail.log", "mx2"], &["mx2/mail.log"], &[twice]);
    let other = "mx2/mail.log: the same file as mx1/../mx2/mail.log";
    check(&logs(), &["mx2/mail.log", "mx1/../mx2/mail.log"], &["mx1/../mx2/mail.log"], &[other]);
}

#[cfg(unix)]
#[test]
fn links_lead_to_files_but_not_in_circles() {
    let folder = logs();
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
    link("..", "mx2/circle");
    link("mail.log", "mx2/current");
    link("gone.log", "mx2/dangling");
    let notes = ["mx2/dangling: no such file or folder", "mx2/mail.log: the same file as mx2/current"];
    check(&folder, &["mx2"], &["mx2/current"], &notes);
}

#[cfg(unix)]
#[test]
fn devices_and_sockets_are_no_logs() {
    let folder = logs();
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("mx2/socket")).unwrap();
    check(
        &folder,
        &["mx2/socket", "/dev/null"],
        &[],
        &["/dev/null: neither a file, a folder nor a pipe", "mx2/socket: neither a file, a folder nor a pipe"],
    );
    check(&folder, &["mx2"], &["mx2/mail.log"], &[]);
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_read_if_it_is_named() {
    let folder = logs();
    let pipe = folder.path().join("mx2/pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    check(&folder, &["mx2"], &["mx2/mail.log"], &[]);
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::write(pipe, gzip(b"one\ntwo\n")).unwrap()
    });
    let files = discover(&[&pipe], |file| file).files;
    writer.join().unwrap();
    assert_eq!(files.iter().map(|file| (file.head(), file.is_pipe())).collect::<Vec<_>>(), [(b"one\ntwo\n"[..].into(), true)]);
}

#[cfg(unix)]
#[test]
fn every_name_is_shown_and_no_two_alike() {
    use std::os::unix::ffi::OsStrExt;
    let cases: [(&[u8], &str); 6] = [
        (b"mail log.1", "mail log.1"),
        ("pöst.log".as_bytes(), "pöst.log"),
        (b"p\xf6st.log", "p\\xF6st.log"),
        (b"p\\xF6st.log", "p\\x5CxF6st.log"),
        (b"a\\b\x1b[31m\n", "a\\b\\x1B[31m\\x0A"),
        ("a\u{85}".as_bytes(), "a\\xC2\\x85"),
    ];
    for (name, expected) in cases {
        assert_eq!(shown(Path::new(OsStr::from_bytes(name))), expected);
    }
}
