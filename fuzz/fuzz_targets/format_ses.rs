//! Any file as a log of the format `ses`.
#![no_main]

mod common;

libfuzzer_sys::fuzz_target!(|file: &[u8]| common::read("ses", file));
