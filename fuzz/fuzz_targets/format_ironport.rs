//! Any file as an IronPort log.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| mailtally_fuzz::read_as("ironport", file));
