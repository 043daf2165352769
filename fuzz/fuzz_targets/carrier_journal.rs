//! Any entries of the journal, exported and verbose, as those of a host that runs Postfix.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    let exported: &[u8] = b"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1\nSYSLOG_IDENTIFIER=postfix/smtp\nMESSAGE=4F1A2B3C01: removed\n\n__CURSOR=";
    let verbose: &[u8] = b"Thu [s=1;t=1]\n    SYSLOG_IDENTIFIER=postfix/smtp\n    MESSAGE=4F1A2B3C01: removed\n";
    for front in [exported, verbose] {
        mailtally_fuzz::read_as("postfix", &[front, file].concat());
    }
});
