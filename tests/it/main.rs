//! All tests that look at the program from outside, in one binary.

#[path = "../simulate/mod.rs"]
#[expect(dead_code, reason = "the benches and the sample logs use other parts of the simulator")]
mod simulate;

mod cli;
mod stitch;
