//! What the crate does as a whole. One binary, so that its parts are linked once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod formats;
