//! Counts outcomes and attempts once, into a few cubes that add up.
//!
//! Between `stitch`, whose rows it takes, and `tables`, which reads nothing else. A cube is a map from a small key to counts: the
//! workers fill theirs alone, and two parts merge by adding, so that neither thread nor order leaves a trace. Hour and recipient domain never
//! stand in one cube (measured: such a cube has more than half as many rows as there are attempts). What does not add up, distinct
//! addresses, is the [`ledger`]'s, and which of them failed how, that of [`failures`]. Knows no format, no polars.

mod counts;
mod cube;
pub mod evidence;
pub mod failures;
pub mod handover;
pub mod kept;
pub mod keys;
mod later;
pub mod ledger;
pub mod retries;
mod runs;
mod scope;
mod tally;
pub mod traffic;
pub mod watch;

pub use counts::Counts;
pub use cube::Cube;
pub use handover::{Handover, ToConsumers};
pub use keys::{AttemptCode, AttemptHour, AttemptReply, Delay, Disposition, OutcomeBlock, OutcomeDomain, Reason, State};
pub use later::AsyncBounce;
pub use scope::{Apart, Scope};
pub use tally::Tally;
pub use traffic::{AttemptChannel, InboundReject, OutcomeSender, RefusedSender, SenderCounts};
