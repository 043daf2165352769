//! Any file as a log that a mapping explains: the one that is suggested for it, or one of two that are given.
#![no_main]

use mailtally::format::{Mapping, WrittenMapping, suggest};

const GIVEN: &str = "
[[format]]
name = 'table'
kind = 'csv'
separator = ';'
time_format = '%d/%m/%Y %H:%M:%S'
fields = { time = ['day', 'hour'], recipient = 'to', status = 'what', reply = ['said', 'error'], delay = 'took' }
status = { delivered = ['ok', 'sent*'], deferred = 'later', ignored = '' }

[[format]]
name = 'objects'
kind = 'json'
fields = { time = 'at', recipient = 'mail.to', reply = 'smtp.said', code = 'smtp.code', queue_id = 'mail.id' }
";

#[derive(serde::Deserialize)]
struct Config {
    format: Vec<WrittenMapping>,
}

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    let suggested = suggest(file).unwrap_or_default();
    for config in [GIVEN, &suggested] {
        let Ok(Config { format }) = toml::from_str(config) else { continue };
        for written in &format {
            if let Ok(mapping) = Mapping::new(written, &[]) {
                mailtally_fuzz::read(&mapping, file);
            }
        }
    }
});
