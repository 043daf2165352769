//! Example records.

use std::collections::BTreeMap;

use crate::event::{Micros, Pos};
use crate::intern::Id;

/// The earliest record of each reply.
#[derive(Default)]
pub struct Evidence(BTreeMap<(Id, Id, Id), Example>);

/// A record of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// When.
    pub time: Micros,
    /// Where.
    pub pos: Pos,
    /// The record.
    pub record: Vec<u8>,
}

impl Evidence {
    /// Adds one.
    pub fn add(&mut self, route: Id, signature: Id, source: Id, example: Example) {
        self.0.insert((route, signature, source), example);
    }

    /// The example of a reply.
    #[must_use]
    pub fn get(&self, route: Id, signature: Id, source: Id) -> Option<&Example> {
        self.0.get(&(route, signature, source))
    }
}
