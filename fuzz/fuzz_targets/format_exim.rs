//! Any file as a log of the format `exim`.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| mailtally_fuzz::read_as("exim", file));
