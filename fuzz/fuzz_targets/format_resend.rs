//! Any file as a log of the format `resend`.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| mailtally_fuzz::read_as("resend", file));
