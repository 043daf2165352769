//! All tests that look at the program from outside, in one binary.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that looks at what is not there should fail")]

#[path = "../simulate/mod.rs"]
#[expect(dead_code, reason = "the benches and the sample logs use other parts of the simulator")]
mod simulate;

#[cfg(feature = "tables")]
mod anonymous;
mod blocks;
mod classify;
mod cli;
mod compare;
mod compare_later;
mod cuts;
mod feedback;
mod formats;
mod hostile;
mod idn;
mod later;
mod lists;
mod mapped;
mod month;
mod query;
mod relays;
mod report;
mod retries;
mod seeds;
mod stitch;
mod tidy;
mod usage;
#[cfg(feature = "tables")]
mod waiting;
