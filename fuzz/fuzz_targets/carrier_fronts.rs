//! Any lines behind what containers, services, syslog and grep put before them, told by their head and read as what they are.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    let fronts: [&[u8]; 4] =
        [b"2026-10-01T08:00:00.1Z stdout F ", b"mail-1  | ", b"<13>Oct  1 08:00:00 mx1 mta: ", b"/var/log/mta/acct.csv:"];
    for front in fronts {
        let lines = file.split(|&byte| byte == b'\n').flat_map(|line| [front, line, b"\n"]);
        mailtally_fuzz::read_as_told(&lines.collect::<Vec<_>>().concat());
    }
});
