//! Names that a host gives and takes back: queue ids and process ids.

use std::sync::Arc;

use super::render::SECOND;
use super::rng::Rng;

/// How many ids that are free again a host remembers.
const FREE: usize = 48;

/// Gives queue ids. No two messages in the queue have the same; a short id comes back after seconds to hours.
#[derive(Debug)]
pub(super) struct Ids {
    are_long: bool,
    given: u64,
    /// Free since when.
    free: Vec<(i64, Arc<str>)>,
}

impl Ids {
    pub(super) fn new(are_long: bool) -> Self {
        Self { are_long, given: 0, free: Vec::new() }
    }

    /// An id for a message that enters the queue at `at`.
    pub(super) fn take(&mut self, at: i64, rng: &mut Rng) -> Arc<str> {
        if !self.free.is_empty() && rng.permille(80) {
            let number = rng.below(self.free.len() as u64) as usize;
            if self.free.get(number).is_some_and(|(since, _)| since + SECOND < at) {
                return self.free.swap_remove(number).1;
            }
        }
        self.given += 1;
        // The inode: each number once among the first four million.
        let inode = 0x10_0000 + (self.given.wrapping_mul(0x5_DEEB) & 0x3F_FFFF);
        if self.are_long { long(at, inode).into() } else { format!("{:05X}{inode:06X}", at % SECOND).into() }
    }

    /// `id` is free from `at` on.
    pub(super) fn give_back(&mut self, at: i64, id: Arc<str>, rng: &mut Rng) {
        if self.are_long {
            return;
        }
        if self.free.len() < FREE {
            self.free.push((at, id));
        } else if let Some(slot) = self.free.get_mut(rng.below(FREE as u64) as usize) {
            *slot = (at, id);
        }
    }
}

const DIGITS: &[u8; 52] = b"0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";

/// A long queue id: six digits of seconds and four of microseconds to the base 52, `z`, the inode to the base 51.
fn long(at: i64, inode: u64) -> String {
    let seconds = digits(at.div_euclid(SECOND) as u64, 52, 6);
    let micros = digits(at.rem_euclid(SECOND) as u64, 52, 4);
    format!("{seconds}{micros}z{}", digits(inode, 51, 1))
}

fn digits(mut value: u64, base: u64, least: usize) -> String {
    let mut digits = Vec::new();
    while value > 0 || digits.len() < least {
        digits.extend(DIGITS.get((value % base) as usize).map(|&digit| char::from(digit)));
        value /= base;
    }
    digits.iter().rev().collect()
}

/// Processes of the smtp client: each does one thing at a time, and stops after a hundred things or when idle.
#[derive(Debug, Default)]
pub(super) struct Processes {
    started: u32,
    /// Pid, busy until, things done.
    at_work: Vec<(u32, i64, u32)>,
}

impl Processes {
    /// A new process.
    pub(super) fn fresh(&mut self) -> u32 {
        self.started += 1;
        1_000 + self.started * 7 % 38_000
    }

    /// A process that is free from `from` on and now busy until `to`.
    pub(super) fn take(&mut self, from: i64, to: i64) -> u32 {
        self.at_work.retain(|&(_, busy, done)| done < 100 && busy + 100 * SECOND > from);
        if let Some((pid, busy, done)) = self.at_work.iter_mut().find(|(_, busy, _)| *busy < from) {
            (*busy, *done) = (to, *done + 1);
            return *pid;
        }
        let pid = self.fresh();
        self.at_work.push((pid, to, 1));
        pid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_id_begins_with_its_time() {
        // An id of a public log, written at 2023-03-13T23:08:33Z.
        assert!(long(1_678_748_913_000_000, 1).starts_with("4PbC4x"));
    }

    #[test]
    fn an_id_is_given_again_only_when_it_is_free() {
        let (mut ids, mut rng) = (Ids::new(false), Rng::new(1, 1));
        let mut held: Vec<Arc<str>> = Vec::new();
        for at in (0..2000).map(|number| number * SECOND) {
            let id = ids.take(at, &mut rng);
            assert!(!held.contains(&id), "{id}");
            held.push(id);
            if held.len() > 20 {
                ids.give_back(at, held.remove(0), &mut rng);
            }
        }
        assert!(ids.given < 1950, "some ids must come back");
    }
}
