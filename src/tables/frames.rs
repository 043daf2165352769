//! Each cube as a polars frame: the views that the SQL files read, with every column documented.
//!
//! Rows are sorted by all their keys: text by its bytes, closed sets in the order of their declaration, no value first. Counts are
//! `i64`, since unsigned numbers read as decimals in Spark.

mod views;

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use super::column::Cell;
use super::frame::frame_of;
use super::names::Names;
use crate::cubes::keys::{BlockCounts, DelayEvent, HourCounts, OutcomeCounts, ReplyCounts};
use crate::cubes::{
    AttemptChannel, AttemptCode, AttemptHour, AttemptReply, Cube, Delay, InboundReject, OutcomeBlock, OutcomeDomain,
    OutcomeSender, Reason, SenderCounts,
};
use crate::event::{Enhanced, Micros, Speaker, Stage, Status};
use crate::rows::Network;

pub use views::{
    ATTEMPT_CHANNELS, ATTEMPT_CODES, ATTEMPT_HOURS, ATTEMPT_REPLIES, DELAYS, INBOUND, OUTCOME_BLOCKS, OUTCOME_DOMAINS,
    OUTCOME_SENDERS, View,
};

/// The frame of [`OUTCOME_SENDERS`].
///
/// # Errors
/// If polars refuses the columns: a bug of ours.
pub fn outcome_senders(cube: &Cube<OutcomeSender, SenderCounts>, names: &Names<'_>) -> PolarsResult<DataFrame> {
    let rows = sorted(cube, |key| {
        let who = (names.rank(key.route), names.rank(key.source), names.rank(key.sender_domain));
        (key.day, who, key.state, key.reason, key.tries)
    });
    let cells = rows.into_iter().map(|(key, counts)| {
        let [category, class] = reason(key.reason);
        [
            Cell::Day(key.day),
            Cell::Text(names.text(key.route)),
            Cell::Text(names.text(key.source)),
            Cell::Text(names.text(key.sender_domain)),
            Cell::Text(key.state.name()),
            category,
            class,
            Cell::Whole(i64::from(key.tries)),
            whole(counts.outcomes),
            whole(counts.messages),
            whole(counts.attempts),
            whole(counts.deferred_once),
            whole(counts.attempted),
            whole(counts.forwarded),
            whole(counts.complained),
        ]
    });
    frame_of(OUTCOME_SENDERS.columns, cells)
}

/// The frame of [`ATTEMPT_CHANNELS`].
///
/// # Errors
/// If polars refuses the columns: a bug of ours.
pub fn attempt_channels(cube: &Cube<AttemptChannel, u64>, names: &Names<'_>) -> PolarsResult<DataFrame> {
    let rows = sorted(cube, |key| {
        let who = (names.rank(key.route), names.rank(key.source));
        (who, key.network, names.rank(key.tls), key.day, key.is_delivered)
    });
    let cells = rows.into_iter().map(|(key, &attempts)| {
        [
            Cell::Text(names.text(key.route)),
            Cell::Text(names.text(key.source)),
            Cell::Text(network(key.network)),
            Cell::Text(names.text(key.tls)),
            whole(attempts),
            whole(if key.is_delivered { attempts } else { 0 }),
        ]
    });
    frame_of(ATTEMPT_CHANNELS.columns, cells)
}

/// The frame of [`INBOUND`].
///
/// # Errors
/// If polars refuses the columns: a bug of ours.
pub fn inbound(cube: &Cube<InboundReject, u64>, names: &Names<'_>) -> PolarsResult<DataFrame> {
    let rows = sorted(cube, |key| (key.day, names.rank(key.host), key.code, key.enhanced));
    let texts = statuses(rows.iter().map(|(key, _)| key.enhanced));
    let cells = rows.iter().map(|(key, rejects)| {
        [
            Cell::Day(key.day),
            Cell::Text(names.text(key.host)),
            if key.code == 0 { Cell::Null } else { Cell::Whole(i64::from(key.code)) },
            key.enhanced.and_then(|status| texts.get(&status)).map_or(Cell::Null, |text| Cell::Text(text)),
            whole(**rejects),
        ]
    });
    frame_of(INBOUND.columns, cells)
}

pub(super) const fn network(network: Network) -> &'static str {
    match network {
        Network::Unknown => "unknown",
        Network::V4 => "ipv4",
        Network::V6 => "ipv6",
    }
}

/// The frame of [`OUTCOME_DOMAINS`].
///
/// # Errors
/// If polars refuses the columns: a bug of ours.
pub fn outcome_domains(cube: &Cube<OutcomeDomain, OutcomeCounts>, names: &Names<'_>) -> PolarsResult<DataFrame> {
    let rows = sorted(cube, |key| (key.day, names.rank(key.domain), names.rank(key.route), key.state, key.reason));
    let cells = rows.into_iter().map(|(key, counts)| {
        let [category, class] = reason(key.reason);
        [
            Cell::Day(key.day),
            Cell::Text(names.text(key.domain)),
            Cell::Text(names.text(key.route)),
            Cell::Text(key.state.name()),
            category,
            class,
            whole(counts.outcomes),
            whole(counts.messages),
            whole(counts.attempts),
            whole(counts.deferred_once),
            whole(counts.attempted),
            whole(counts.first_try),
            whole(counts.recovered),
            whole(counts.touched_by_block),
            whole(counts.waited_ms),
        ]
    });
    frame_of(OUTCOME_DOMAINS.columns, cells)
}

/// The frame of [`ATTEMPT_HOURS`].
///
/// # Errors
/// If polars refuses the columns: a bug of ours.
pub fn attempt_hours(cube: &Cube<AttemptHour, HourCounts>, names: &Names<'_>) -> PolarsResult<DataFrame> {
    let rows = sorted(cube, |key| {
        let place = (key.hour, names.rank(key.route), names.rank(key.source));
        (place, key.status, key.reason, key.stage, key.speaker, key.is_first)
    });
    let cells = rows.into_iter().map(|(key, counts)| {
        let [category, class] = reason(key.reason);
        [
            hour(key.hour),
            Cell::Text(names.text(key.route)),
            Cell::Text(names.text(key.source)),
            Cell::Text(status(key.status)),
            category,
            class,
            Cell::Text(stage(key.stage)),
            Cell::Text(speaker(key.speaker)),
            Cell::Flag(key.is_first),
            whole(counts.attempts),
        ]
    });
    frame_of(ATTEMPT_HOURS.columns, cells)
}

/// The frame of [`ATTEMPT_REPLIES`].
///
/// # Errors
/// If polars refuses the columns: a bug of ours.
pub fn attempt_replies(cube: &Cube<AttemptReply, ReplyCounts>, names: &Names<'_>) -> PolarsResult<DataFrame> {
    let rows = sorted(cube, |key| (key.hour, names.rank(key.route), names.rank(key.source), names.rank(key.signature)));
    let cells = rows.into_iter().map(|(key, counts)| {
        [
            hour(key.hour),
            Cell::Text(names.text(key.route)),
            Cell::Text(names.text(key.source)),
            Cell::Text(names.text(key.signature)),
            whole(counts.attempts),
            Cell::Time(counts.first.0),
            Cell::Time(counts.last.0),
        ]
    });
    frame_of(ATTEMPT_REPLIES.columns, cells)
}

/// The frame of [`ATTEMPT_CODES`].
///
/// # Errors
/// If polars refuses the columns: a bug of ours.
pub fn attempt_codes(cube: &Cube<AttemptCode, u64>, names: &Names<'_>) -> PolarsResult<DataFrame> {
    let rows = sorted(cube, |key| (names.rank(key.domain), names.rank(key.route), key.disposition, key.code, key.enhanced));
    let texts = statuses(rows.iter().map(|(key, _)| key.enhanced));
    let cells = rows.iter().map(|(key, attempts)| {
        [
            Cell::Text(names.text(key.domain)),
            Cell::Text(names.text(key.route)),
            Cell::Text(key.disposition.name()),
            if key.code == 0 { Cell::Null } else { Cell::Whole(i64::from(key.code)) },
            key.enhanced.and_then(|status| texts.get(&status)).map_or(Cell::Null, |text| Cell::Text(text)),
            whole(**attempts),
        ]
    });
    frame_of(ATTEMPT_CODES.columns, cells)
}

/// The frame of [`DELAYS`].
///
/// # Errors
/// If polars refuses the columns: a bug of ours.
pub fn delays(cube: &Cube<Delay, u64>, names: &Names<'_>) -> PolarsResult<DataFrame> {
    let rows = sorted(cube, |key| (names.rank(key.route), key.day, key.event, key.age_q_ms));
    let cells = rows.into_iter().map(|(key, &outcomes)| {
        [
            Cell::Text(names.text(key.route)),
            Cell::Day(key.day),
            Cell::Text(delay_event(key.event)),
            Cell::Whole(key.age_q_ms),
            whole(outcomes),
        ]
    });
    frame_of(DELAYS.columns, cells)
}

/// The frame of [`OUTCOME_BLOCKS`].
///
/// # Errors
/// If polars refuses the columns: a bug of ours.
pub fn outcome_blocks(cube: &Cube<OutcomeBlock, BlockCounts>, names: &Names<'_>) -> PolarsResult<DataFrame> {
    let rows = sorted(cube, |key| {
        (names.rank(key.route), names.rank(key.source), key.first_hour, key.last_hour, key.is_throttle, key.state)
    });
    let cells = rows.into_iter().map(|(key, counts)| {
        [
            Cell::Text(names.text(key.route)),
            Cell::Text(names.text(key.source)),
            hour(key.first_hour),
            hour(key.last_hour),
            Cell::Flag(key.is_throttle),
            Cell::Text(key.state.name()),
            whole(counts.outcomes),
            whole(counts.waited_ms),
        ]
    });
    frame_of(OUTCOME_BLOCKS.columns, cells)
}

/// All rows of a cube, in the order of `by`, which must tell any two keys apart.
pub(super) fn sorted<K, M, O: Ord>(cube: &Cube<K, M>, by: impl Fn(&K) -> O) -> Vec<(&K, &M)>
where
    K: crate::cubes::keys::Translate,
    M: crate::cubes::keys::Measures,
{
    let mut rows: Vec<_> = cube.iter().collect();
    rows.sort_by_cached_key(|(key, _)| by(key));
    rows
}

/// A count as it is stored.
pub(super) fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn whole(number: u64) -> Cell<'static> {
    Cell::Whole(count(number))
}

fn hour(hour: i32) -> Cell<'static> {
    Cell::Time(i64::from(hour) * Micros::HOUR)
}

pub(super) fn reason(reason: Option<Reason>) -> [Cell<'static>; 2] {
    reason.map_or([Cell::Null; 2], |reason| [Cell::Text(reason.category.name()), Cell::Text(reason.class.name())])
}

pub(super) const fn status(status: Status) -> &'static str {
    match status {
        Status::Delivered => "delivered",
        Status::Deferred => "deferred",
        Status::Failed => "failed",
        Status::Expired => "expired",
        Status::Unknown => "unknown",
    }
}

pub(super) const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Connect => "connect",
        Stage::Hello => "hello",
        Stage::Tls => "tls",
        Stage::Auth => "auth",
        Stage::Mail => "mail",
        Stage::Recipient => "recipient",
        Stage::Data => "data",
        Stage::EndOfData => "end-of-data",
        Stage::Unknown => "unknown",
    }
}

pub(super) const fn speaker(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::Remote => "remote",
        Speaker::Connection => "connection",
        Speaker::Dns => "dns",
        Speaker::Own => "own",
        Speaker::Unknown => "unknown",
    }
}

const fn delay_event(event: DelayEvent) -> &'static str {
    match event {
        DelayEvent::Accepted => "accepted",
        DelayEvent::Failed => "failed",
        DelayEvent::Open => "open",
    }
}

/// The text of each status: they are few.
fn statuses(all: impl Iterator<Item = Option<Enhanced>>) -> BTreeMap<Enhanced, String> {
    let mut texts = BTreeMap::new();
    for status in all.flatten() {
        texts.entry(status).or_insert_with(|| status.to_string());
    }
    texts
}
