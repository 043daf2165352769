//! The command line, end to end.

use std::io::Write;

use assert_cmd::Command;

const SENT: &str = "Oct  1 08:00:01 mx1 postfix/smtp[17]: 5A1B2C3D4E: to=<a@example.org>, relay=mx.example.org[192.0.2.1]:25, \
     delay=0.5, delays=0.1/0/0.2/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 7F00AA)\n";

fn mailtally() -> Command {
    let mut command = Command::cargo_bin("mailtally").expect("the program is built for its tests");
    command.env_remove("MAILTALLY_FORMAT").env_remove("MAILTALLY_TZ");
    command
}

fn file(name: &str, content: &[u8]) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("a file");
    let path = path.to_str().expect("UTF-8").to_owned();
    (folder, path)
}

/// Runs `inspect --json`; gives the exit code, the first file's object and stderr.
fn inspect(path: &str) -> (Option<i32>, serde_json::Value, String) {
    let output = mailtally().args(["inspect", "--json", path]).output().expect("the program runs");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code(), json["files"][0].clone(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn every_line_is_in_one_count() {
    let text =
        format!("{SENT}Oct  1 08:00:02 mx1 postfix/qmgr[9]: 5A1B2C3D4E: removed\nOct  1 08:00:03 mx1 sshd[3]: hello\nnoise\n");
    let (_folder, path) = file("mail.log", text.as_bytes());
    let (code, file, _) = inspect(&path);
    assert_eq!(code, Some(3), "a quarter of the lines is not understood");
    let count = |key: &str| file[key].as_u64().unwrap_or_default();
    assert_eq!([count("lines"), count("delivery"), count("context"), count("other"), count("unparsed")], [4, 1, 1, 1, 1]);
    assert_eq!([count("attempts"), count("delivered"), count("recipient_domains")], [1, 1, 1]);
    assert_eq!(file["format"], "postfix");
}

#[test]
fn a_missing_file_is_named() {
    let (code, _, errors) = inspect("no/such/mail.log");
    assert_eq!(code, Some(1));
    assert!(errors.contains("no/such/mail.log"), "{errors}");
}

#[test]
fn an_empty_file_is_named() {
    let (_folder, path) = file("mail.log", b"");
    let (code, _, errors) = inspect(&path);
    assert_eq!(code, Some(1));
    assert!(errors.contains("mail.log"), "{errors}");
}

#[test]
fn an_unknown_format_is_said() {
    for content in
        [&b"192.0.2.7 - - [01/Oct/2026:08:00:00 +0000] \"GET / HTTP/1.1\" 200 12\n"[..], b"\0\0\0\x01\x02\0binary\0\0\0"]
    {
        let (_folder, path) = file("access.log", content);
        let (code, file, errors) = inspect(&path);
        assert_eq!((code, file["format"].as_str()), (Some(1), Some("unknown")), "{errors}");
    }
}

#[test]
fn a_piece_without_its_header_says_by_which_it_is_read() {
    let rows = "d,2026-10-05 08:15:31+0200,s@example.org,a@example.com,2.0.0 (success),smtp;250 OK\n";
    let (folder, piece) = file("acct.csv.ab", rows.as_bytes());
    let (code, told, _) = inspect(&piece);
    let said = told["damage"][0].as_str().unwrap_or_default();
    assert_eq!(code, Some(1), "nothing else is read");
    assert!(said.contains("read as powermta, but its rows have no header") && said.contains("into the same folder"), "{said}");
    let whole = "type,timeLogged,orig,rcpt,dsnStatus,dsnDiag\n".to_owned() + &rows.replace("08:", "07:");
    std::fs::write(folder.path().join("acct.csv.aa"), whole).expect("a file");
    let output = mailtally().arg("inspect").arg(folder.path()).output().expect("the program runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(said.matches("1 delivered, 0 deferred").count(), 2, "{said}");
    assert!(said.contains("no header; its columns are read as") && said.contains("acct.csv.aa names them"), "{said}");
}

#[test]
fn a_truncated_gzip_keeps_what_came_before() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    for _ in 0..2_000 {
        gzip.write_all(SENT.as_bytes()).expect("memory");
    }
    let whole = gzip.finish().expect("memory");
    let (_folder, path) = file("mail.log.1.gz", &whole[..whole.len() - 20]);
    let (code, file, _) = inspect(&path);
    assert_eq!(code, Some(3));
    assert!(file["attempts"].as_u64() > Some(0), "{file}");
    assert!(file["damage"][0].as_str().is_some_and(|said| said.contains("mail.log.1.gz")), "{file}");
}

#[test]
fn the_number_of_threads_does_not_show() {
    let text = SENT.repeat(1_000);
    let (_folder, path) = file("mail.log", text.as_bytes());
    let run =
        |threads: &str| mailtally().args(["inspect", "--json", "--threads", threads, &path]).output().expect("runs").stdout;
    assert_eq!(run("1"), run("2"));
}

/// Whoever has Exchange's protocol logs has its tracking logs, too.
#[test]
fn of_a_known_log_that_tells_no_deliveries_it_is_said_what_to_give_in_its_place() {
    let lines = "#Software: Microsoft Exchange Server\r\n#Version: 15.0.0.0\r\n#Log-type: SMTP Send Protocol Log\r\n\
         #Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context\r\n\
         2019-03-21T13:00:46.157Z,Outbound,08D6A8D416004F78,5,192.168.1.100:44277,192.0.2.1:25,>,RCPT TO:<a@b.example>,\r\n\
         2019-03-21T13:00:46.157Z,Outbound,08D6A8D416004F78,6,192.168.1.100:44277,192.0.2.1:25,<,550 5.1.1 user unknown,\r\n";
    let (_folder, path) = file("SEND20190321-1.LOG", lines.as_bytes());
    let (code, told, _) = inspect(&path);
    let said = told["damage"][0].as_str().unwrap_or_default();
    assert_eq!((code, told["format"].as_str()), (Some(1), Some("unknown")));
    assert!(said.contains("it is an SMTP protocol log of Exchange; nothing of it was read."), "{said}");
    assert!(said.contains("MSGTRK*.LOG"), "{said}");
}

#[test]
fn an_unknown_option_is_a_usage_error() {
    mailtally().args(["inspect", "--no-such-option", "x"]).assert().code(2);
}

#[test]
fn thresholds_of_a_configuration_change_the_advice() {
    let (_folder, path) = file("mailtally.toml", b"[actions.hard]\nexplicit = 3\n");
    let explain = |arguments: &[&str]| {
        let output = mailtally().arg("explain").args(arguments).arg("550 5.1.1 User unknown").output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, own) = explain(&["--config", &path]);
    assert_eq!(code, Some(0));
    assert!(own.contains('3') && own != explain(&[]).1, "{own}");
    let (_folder, wrong) = file("mailtally.toml", b"[actions.hard]\nexplicit = \"often\"\n");
    assert_eq!(explain(&["--config", &wrong]).0, Some(2));
}

/// What a command prints; it ends well and says nothing else.
#[track_caller]
fn printed(arguments: &[&str]) -> String {
    let output = mailtally().args(arguments).output().expect("the program runs");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{arguments:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn every_shell_completes_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = printed(&["completions", shell]);
        for word in ["mailtally", "inspect", "explain", "rules", "own-relay", "max-unparsed"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn the_manual_has_a_page_of_each_command() {
    let whole = printed(&["man"]);
    assert!(whole.starts_with(".ie") && whole.contains(".TH mailtally 1"), "{whole}");
    assert!(whole.contains("mailtally\\-inspect(1)"), "{whole}");
    let inspect = printed(&["man", "inspect"]);
    assert!(inspect.contains(".TH mailtally-inspect 1") && inspect.contains("own\\-relay"), "{inspect}");
    let wrong = mailtally().args(["man", "inspcet"]).output().expect("the program runs");
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert_eq!(wrong.status.code(), Some(2), "{said}");
    assert!(said.contains("\"inspcet\"; these are: inspect, explain"), "{said}");
}

#[test]
fn the_configuration_that_is_printed_changes_nothing() {
    let (_folder, path) = file("mail.log", SENT.as_bytes());
    let (_other, config) = file("mailtally.toml", printed(&["config"]).as_bytes());
    assert_eq!(printed(&["inspect", "--json", &path]), printed(&["inspect", "--json", "--config", &config, &path]));
}
