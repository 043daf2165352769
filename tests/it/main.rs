//! What the crate does as a whole. One binary, so that its parts are linked once.

mod formats;
