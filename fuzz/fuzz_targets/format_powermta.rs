//! Any file as a PowerMTA accounting file.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| mailtally_fuzz::read_as("powermta", file));
