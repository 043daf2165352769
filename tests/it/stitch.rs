//! The stitch: known answers for every kind of event, simulated months whose every outcome is known, and the property that cutting
//! the input anywhere changes nothing.

mod cases;
mod collect;
mod cuts;
mod month;
mod overlap;
mod script;

pub(crate) use month::{Row, Rows, differences, known, read};
