//! Any bytes as a mail that came back, and as a mailbox of such mails.
#![no_main]

use mailtally::event::Framing;
use mailtally::feedback::{About, Mail};
use mailtally::source::each_record_of;

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    read(file);
    each_record_of(file, Framing::Mbox, |_, mail| read(mail));
});

fn read(mail: &[u8]) {
    if let About::Bounce(notices) = Mail::read(mail).about {
        assert!(!notices.is_empty());
        for notice in &notices {
            // Whom, or why.
            assert!(!notice.recipient.is_empty() || !notice.words().is_empty());
        }
    }
}
