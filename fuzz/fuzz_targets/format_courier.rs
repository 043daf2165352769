//! Any file as a Courier log.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| mailtally_fuzz::read_as("courier", file));
