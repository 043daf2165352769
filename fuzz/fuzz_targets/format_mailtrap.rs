//! Any file as a log of the format `mailtrap`.
#![no_main]

mod common;

libfuzzer_sys::fuzz_target!(|file: &[u8]| common::read("mailtrap", file));
