//! Pipes that close, stall or hold a log, interrupts, wrong usage: how a run ends.

use std::io::{Read, Write};
use std::process::{Child, Command, Output, Stdio};

use super::{SENT, folder, gzip, mailtally, many_lines};

#[test]
fn wrong_usage_ends_with_two_before_anything_is_read() {
    for arguments in [
        &["inspect"][..],
        &["inspect", "--tz", "Nowhere", "x"],
        &["inspect", "--format", "nothing", "x"],
        &["inspect", "--max-unparsed", "7", "x"],
        &["inspect", "--year", "12", "x"],
        &["inspect", "--threads", "0", "x"],
    ] {
        let output = mailtally().args(arguments).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(output.stdout, b"");
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn a_log_without_a_delivery_ends_with_one() {
    let folder = folder();
    let path = folder.path().join("auth.log");
    std::fs::write(&path, "Oct  1 08:00:00 mx1 sshd[3]: hello\n".repeat(20)).expect("a file");
    let output = mailtally().arg("inspect").arg(&path).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no input holds a delivery record"));
}

/// A run whose input and output are pipes.
fn piped(arguments: &[&str]) -> Child {
    let mut command = mailtally();
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("it starts")
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = piped(&["inspect", "-"]);
    drop(child.stdout.take());
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(SENT.as_bytes()).expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("a child");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

/// Interrupts a run that got a mebibyte of lines through a pipe, which then stalls or goes on.
#[cfg(unix)]
fn interrupted(stalls: bool) -> Output {
    let mut child = piped(&["inspect", "-"]);
    let mut input = child.stdin.take().expect("a pipe");
    // More than a pipe holds: once it is written, the program is reading.
    input.write_all(SENT.repeat((2 << 20) / SENT.len()).as_bytes()).expect("it reads");
    let id = child.id().to_string();
    let writer = std::thread::spawn(move || {
        // Until the program is gone.
        while !stalls && input.write_all(SENT.as_bytes()).is_ok() {}
        input
    });
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill").success());
    let output = child.wait_with_output().expect("a child");
    drop(writer.join().expect("the writer"));
    output
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_ends_with_130_and_prints_nothing() {
    let output = interrupted(false);
    assert_eq!((output.status.code(), output.stdout), (Some(130), Vec::new()));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "mailtally: interrupted; nothing was written.\n");
}

#[cfg(unix)]
#[test]
fn a_run_that_waits_for_input_can_be_interrupted() {
    let output = interrupted(true);
    assert_eq!((output.status.code(), output.stdout), (Some(130), Vec::new()));
}

#[test]
fn a_pipe_of_compressed_content_is_a_log() {
    let mut child = piped(&["inspect", "--json", "-"]);
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(&gzip(many_lines().as_bytes())).expect("it reads");
    drop(input);
    let mut text = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut text).expect("UTF-8");
    assert_eq!(child.wait().expect("a child").code(), Some(0));
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&json["files"][0]["delivered"], &json["files"][0]["path"]), (&3_000.into(), &"-".into()));
}

#[test]
fn what_came_through_a_pipe_stays_counted_when_another_file_turns_out_older() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = folder.path().join("old.log.gz");
    // By the file's time its end lies in the future: read again, it would be dated a year earlier.
    let of_day = |day: &str| format!("Nov {day} 08:00:00 mx1 postfix/qmgr[9]: 5A1B2C3D4E: removed\n").repeat(2_000);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(["20", "24", "28"].map(of_day).concat().as_bytes()).expect("memory");
    std::fs::write(&old, packer.finish().expect("memory")).expect("a file");
    let noon = std::time::UNIX_EPOCH + std::time::Duration::from_hours(498_756);
    std::fs::File::options().append(true).open(&old).expect("a file").set_modified(noon).expect("its time");
    let mut child = mailtally()
        .args(["inspect", "--json", "-"])
        .arg(&old)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    child.stdin.take().expect("a pipe").write_all(SENT.repeat(10).as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let files = json["files"].as_array().expect("a list");
    let counts: Vec<_> = files.iter().map(|file| (file["lines"].as_u64(), file["delivered"].as_u64())).collect();
    assert!(counts.contains(&(Some(10), Some(10))) && counts.contains(&(Some(6_000), Some(0))), "{counts:?}");
    assert!(json.to_string().contains("go back by months"), "that the years are in doubt is said: {json}");
    assert_eq!(output.status.code(), Some(3));
}
