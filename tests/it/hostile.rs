//! Inputs that nobody wants: each is named with what happened to it, and the files beside it are counted as if it were not there.

mod ends;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use mailtally::format::Account;
use mailtally::reading::{FileRead, Options, Records, Sharing, ToldFile, list};
use mailtally::source::Progress;

const SENT: &str = "2026-10-01T08:00:01+00:00 mx1 postfix/smtp[17]: 5A1B2C3D4E: to=<a@example.org>, \
     relay=mx.example.org[192.0.2.1]:25, delay=0.5, delays=0.1/0/0.2/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 7F00AA)\n";

fn mailtally() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("mailtally"));
    command.env_remove("MAILTALLY_FORMAT").env_remove("MAILTALLY_TZ");
    command
}

/// A folder that holds a good log, of ten deliveries.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("good.log"), SENT.replace("mx1", "mx9").repeat(10)).expect("a file");
    folder
}

/// A run of `inspect --json` on a good log and one that is not.
struct Run {
    code: Option<i32>,
    /// The object of the other file; null if it is not among the files.
    other: serde_json::Value,
    /// What was said of it, on stderr or as its damage.
    said: String,
}

impl Run {
    fn count(&self, name: &str) -> u64 {
        self.other[name].as_u64().unwrap_or_else(|| panic!("{name} of {}", self.other))
    }
}

/// Runs `inspect --json` on the folder's good log and on `name` in it. The good log comes out as ever.
fn run_on(folder: &Path, name: &str) -> Run {
    let other = folder.join(name);
    let output = mailtally().args(["inspect", "--json"]).args([&folder.join("good.log"), &other]).output().expect("it runs");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(!stderr.contains("panicked"), "{stderr}");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let files = json["files"].as_array().expect("a list");
    let of = |name: &Path| files.iter().find(|file| Path::new(file["path"].as_str().unwrap_or_default()) == name);
    let good = of(&folder.join("good.log")).expect("the good log is among the files");
    assert_eq!((good["lines"].as_u64(), good["delivered"].as_u64()), (Some(10), Some(10)));
    assert_eq!(good["damage"].as_array().map(Vec::len), Some(0));
    let other = of(&other).cloned().unwrap_or_default();
    let damage = other["damage"].as_array().into_iter().flatten().filter_map(|said| said.as_str().map(str::to_owned));
    let said = damage.chain(stderr.lines().map(str::to_owned)).collect::<Vec<_>>().join("\n");
    Run { code: output.status.code(), other, said }
}

/// Writes `content` beside a good log and reads both.
fn run(name: &str, content: &[u8]) -> Run {
    let folder = folder();
    std::fs::write(folder.path().join(name), content).expect("a file");
    run_on(folder.path(), name)
}

/// The run names the file, says all of `words`, and ends with 3.
#[track_caller]
fn check(run: &Run, name: &str, words: &[&str]) {
    assert_eq!(run.code, Some(3), "{}", run.said);
    for word in [&[name], words].concat() {
        assert!(run.said.contains(word), "{word}: {}", run.said);
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(content).and_then(|()| packer.finish()).expect("memory")
}

/// Lines that are all different, so that a compressed half holds about half of them.
fn many_lines() -> String {
    (0..3_000).map(|n| SENT.replace("5A1B2C3D4E", &format!("{:010X}", n * 7_919))).collect()
}

#[test]
fn a_missing_file() {
    check(&run_on(folder().path(), "missing.log"), "missing.log", &["no such file", "Check the name"]);
}

#[test]
fn a_pattern_that_matches_nothing() {
    check(&run_on(folder().path(), "no*.log"), "no*.log", &["matches no file"]);
}

#[cfg(unix)]
#[test]
fn a_file_without_permission() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let path = folder.path().join("secret.log");
    std::fs::write(&path, SENT).expect("a file");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).expect("the owner may");
    if std::fs::read(&path).is_ok() {
        return; // Nothing is forbidden to root.
    }
    check(&run_on(folder.path(), "secret.log"), "secret.log", &["ermission denied", "Check its permissions"]);
}

#[cfg(unix)]
#[test]
fn what_strangers_name_does_not_act_on_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = |before: &str| -> String {
        let line = |n| {
            format!(
                "{before}08:00:{n:02}%1xyzAB-000000000{n:02}-0abc => b@example.org R=dnslookup T=remote_smtp H=mx.example.org [192.0.2.1]\n"
            )
        };
        (0..50).map(line).collect()
    };
    // The log of a host without its name, and what went to syslog, which names it.
    let (main, host) = (folder.path().join("main\u{202e}gol"), "mx\u{1b}[2J");
    std::fs::write(&main, lines("2026-10-01 ").replace('%', " ")).expect("a file");
    let named = lines("2026-10-01T").replace('%', &format!("+00:00 {host} exim[17]: "));
    std::fs::write(folder.path().join("syslog"), named).expect("a file");
    let gone = folder.path().join("gone\u{1b}]0;x\u{7}");
    let output = mailtally().arg("inspect").args([folder.path(), &gone]).output().expect("it runs");
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).expect("UTF-8")).join("\n");
    for sign in ["main⟨U+202E⟩gol\n", "it is taken to be of mx␛[2J,", r"gone\x1B]0;x\x07: no such file"] {
        assert!(said.contains(sign), "{sign}: {said}");
    }
    assert!(!said.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{said}");
}

#[test]
fn an_empty_file_costs_nothing() {
    let run = run("empty.log", b"");
    assert_eq!(run.code, Some(0));
    assert!(run.said.contains("empty.log: empty"), "{}", run.said);
}

#[test]
fn a_folder_without_logs() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("none")).expect("a folder");
    check(&run_on(folder.path(), "none"), "none", &["the folder holds no file"]);
}

#[test]
fn a_truncated_gzip_keeps_what_came_before() {
    let whole = gzip(many_lines().as_bytes());
    let run = run("cut.log.gz", &whole[..whole.len() / 2]);
    check(&run, "cut.log.gz", &["ends early", "what came before is kept", "Copy the file again"]);
    assert!((1_000..2_000).contains(&run.count("delivered")), "{}", run.other);
}

#[test]
fn a_gzip_with_something_behind_it() {
    let run = run("odd.log.gz", &[gzip(many_lines().as_bytes()), b"something".to_vec()].concat());
    check(&run, "odd.log.gz", &["not gzip follows", "what came before is kept"]);
    assert_eq!(run.count("delivered"), 3_000);
}

#[test]
fn a_gzip_padded_with_zeros_is_whole() {
    let run = run("padded.log.gz", &[gzip(many_lines().as_bytes()), vec![0; 5_000]].concat());
    assert_eq!((run.code, run.count("delivered")), (Some(0), 3_000));
    assert!(run.said.contains("zero bytes follow"), "{}", run.said);
}

#[test]
fn a_gzip_of_many_members_is_one_log() {
    let members: Vec<u8> = many_lines().as_bytes().chunks(1_000).flat_map(gzip).collect();
    let run = run("members.log.gz", &members);
    assert_eq!((run.code, run.count("lines"), run.count("delivered")), (Some(0), 3_000, 3_000));
}

#[test]
fn a_gzip_with_a_flipped_bit_is_damaged() {
    let mut packed = gzip(many_lines().as_bytes());
    let middle = packed.len() / 2;
    packed[middle] ^= 0x10;
    check(&run("flipped.log.gz", &packed), "flipped.log.gz", &["the gzip data is damaged", "what came before is kept"]);
}

#[test]
fn data_that_is_no_text() {
    let bytes: Vec<u8> = (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    check(&run("core.bin", &bytes), "core.bin", &["unknown format", "binary data", "nothing of it was read"]);
}

#[test]
fn logs_of_something_else() {
    let web = "192.0.2.7 - - [01/Oct/2026:08:00:00 +0000] \"GET / HTTP/1.1\" 200 12\n".repeat(50);
    check(&run("access.log", web.as_bytes()), "access.log", &["unknown format", "the access log of a web server", "--format"]);
    let table = "id,name,price\n1,apple,0.30\n2,pear,0.45\n".repeat(50);
    check(&run("stock.csv", table.as_bytes()), "stock.csv", &["unknown format", "CSV"]);
    check(&run("logs.zip", b"PK\x03\x04 and so on"), "logs.zip", &["a zip archive", "Unpack it"]);
}

#[test]
fn a_line_without_end_is_cut_and_costs_one_record() {
    let long = "x".repeat(100 << 20);
    let run = run("long.log", format!("{SENT}{long}\n{SENT}").as_bytes());
    check(&run, "long.log", &["1 record is longer than 1 MiB"]);
    assert_eq!((run.count("lines"), run.count("delivered"), run.count("unparsed")), (3, 2, 1));
    assert_eq!(run.count("bytes"), (100 << 20) + 1 + 2 * SENT.len() as u64);
}

#[test]
fn a_hole_of_zeros_costs_nothing() {
    let hole = vec![0; 70_000];
    let run = run("hole.log", &[SENT.repeat(500).as_bytes(), &hole, SENT.as_bytes()].concat());
    assert_eq!((run.code, run.count("lines"), run.count("delivered")), (Some(0), 501, 501), "{}", run.said);
}

#[test]
fn line_ends_of_two_bytes_and_bytes_that_are_no_text_cost_nothing() {
    let run_crlf = run("crlf.log", SENT.repeat(20).replace('\n', "\r\n").as_bytes());
    assert_eq!((run_crlf.code, run_crlf.count("delivered"), run_crlf.count("recipient_domains")), (Some(0), 20, 1));
    let line = SENT.as_bytes().iter().map(|&byte| if byte == b'Q' { 0xff } else { byte }).collect::<Vec<u8>>();
    let latin = [&line[..line.len() - 3], b"\xfc\xe9\xff)\n"].concat();
    let run = run("latin.log", &latin.repeat(20));
    assert_eq!((run.code, run.count("delivered"), run.count("unparsed")), (Some(0), 20, 0), "{}", run.said);
}

#[test]
fn the_same_content_counts_once() {
    let folder = folder();
    let log = many_lines();
    let write = |name: &str, content: &[u8]| std::fs::write(folder.path().join(name), content).expect("a file");
    write("mail.log.1", log.as_bytes());
    write("mail.log.1.gz", &gzip(log.as_bytes()));
    write("mail.log.1~", &log.as_bytes()[..log.len() / 2]);
    let path = |name: &str| folder.path().join(name);
    let twice = [path("mail.log.1"), path("mail.log.1.gz"), path("mail.log.1"), path("mail.log.1~")];
    let output = mailtally().args(["inspect", "--json"]).args(twice).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "nothing is missing: {said}");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["files"].as_array().map(Vec::len), Some(1), "{said}");
    assert_eq!(json["files"][0]["delivered"], 3_000);
    for words in ["mail.log.1.gz: same content as", "mail.log.1: named twice", "mail.log.1~: same content as the beginning of"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
}

/// What was read of the files of a folder after `change` happened to them, behind the listing.
fn read_after(folder: &Path, change: impl FnOnce()) -> Vec<(Account, FileRead)> {
    let inputs = vec![folder.to_str().expect("UTF-8").to_owned()];
    let zone = jiff::tz::TimeZone::UTC;
    let mut listed = list(&Options { inputs, format: None, own_formats: Vec::new(), zone, year: None, own_relays: Vec::new() });
    change();
    let work = |records: &mut Records<'_>| {
        let mut account = Account::default();
        records.each(|reader, at, record| account.record(reader.read(record, at, &mut Account::default())));
        account
    };
    let begin = |files: &[ToldFile]| vec![Account::default(); files.len()];
    let read =
        listed.read(Sharing { threads: 2, segment_bytes: 10_000 }, &Progress::default(), begin, work, |all, file, part| {
            all[file].absorb(&part);
        });
    let read = read.unwrap_or_else(|stopped| panic!("{stopped}"));
    read.state.into_iter().zip(read.files).collect()
}

#[test]
fn files_that_vanish_shrink_grow_or_are_replaced_while_they_are_read() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let log = many_lines();
    for (n, name) in ["gone.log", "grown.log", "replaced.log", "shrunk.log"].into_iter().enumerate() {
        // Each begins with a line of its own: else they would be one content.
        std::fs::write(path(name), SENT.replace("08:00:01", &format!("07:00:0{n}")) + &log).expect("a file");
    }
    let read = read_after(folder.path(), || {
        std::fs::remove_file(path("gone.log")).expect("it is there");
        std::fs::rename(path("replaced.log"), path("older")).expect("it is there");
        std::fs::write(path("replaced.log"), SENT).expect("a file");
        let mut grown = std::fs::File::options().append(true).open(path("grown.log")).expect("it is there");
        grown.write_all(SENT.as_bytes()).expect("a file");
        let shrunk = std::fs::File::options().write(true).open(path("shrunk.log")).expect("it is there");
        shrunk.set_len(log.len() as u64 / 2).expect("a file");
    });
    let said: Vec<_> = read
        .iter()
        .map(|(account, file)| {
            let said = file.damage.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            (account.delivery, said.rsplit('/').next().unwrap_or_default().to_owned())
        })
        .collect();
    assert_eq!(said[1], (3_001, String::new()), "what is appended later is for the next run");
    assert!(said[0].0 == 0 && said[0].1.contains("gone.log: could not be opened again"), "{said:?}");
    assert!(said[2].0 == 0 && said[2].1.contains("replaced.log: another file took its name"), "{said:?}");
    assert!((1_000..2_000).contains(&said[3].0) && said[3].1.contains("shrunk.log: the file became shorter"), "{said:?}");
    assert_eq!(said[4], (10, String::new()));
}

/// Runs with `input` on standard input; gives the output and, where the system tells it, the most memory that it held, in KiB.
fn run_with_memory(arguments: &[&str]) -> (Output, Option<u64>) {
    let mut child = mailtally().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let status = format!("/proc/{}/status", child.id());
    let mut most = None;
    while child.try_wait().expect("a child").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        most = most.max(line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok()));
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    (child.wait_with_output().expect("a child"), most)
}

#[test]
fn a_decompression_bomb_takes_time_and_no_memory() {
    let folder = folder();
    // Eighty members of a mebibyte of zeros each, and a log before and behind them.
    let zeros = gzip(&vec![0; 1 << 20]);
    assert!(zeros.len() < 10 << 10);
    let packed = [gzip(SENT.repeat(500).as_bytes()), zeros.repeat(80), gzip(b"\n"), gzip(SENT.as_bytes())].concat();
    std::fs::write(folder.path().join("bomb.gz"), packed).expect("a file");
    let path = folder.path().join("bomb.gz");
    let (output, most) = run_with_memory(&["inspect", "--json", path.to_str().expect("UTF-8")]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((output.status.code(), &json["files"][0]["delivered"]), (Some(3), &501.into()), "{json}");
    assert!(json["files"][0]["damage"][0].as_str().is_some_and(|said| said.contains("longer than 1 MiB")), "{json}");
    assert!(most.is_none_or(|kib| kib < 60 << 10), "{most:?} KiB");
}

#[test]
fn the_fields_of_a_file_are_those_of_the_documentation() {
    let folder = folder();
    let path = folder.path().join("good.log");
    let output = mailtally().args(["inspect", "--json", path.to_str().expect("UTF-8")]).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let fields = [
        "path",
        "format",
        "compression",
        "bytes",
        "lines",
        "delivery",
        "context",
        "other",
        "unparsed",
        "attempts",
        "delivered",
        "deferred",
        "bounced",
        "expired",
        "inbound_rejects",
        "recipient_domains",
        "first",
        "last",
        "damage",
    ];
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let mut named: Vec<&str> = json["files"][0].as_object().expect("an object").keys().map(String::as_str).collect();
    named.sort_by_key(|name| text.find(&format!("\"{name}\":")));
    assert_eq!(named, fields);
    assert_eq!(json.as_object().expect("an object").len(), 1);
    assert_eq!(json["files"][0]["first"], "2026-10-01T08:00:01Z");
}
