//! Any file as an Exchange message tracking log.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| mailtally_fuzz::read_as("exchange", file));
