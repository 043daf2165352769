//! What became of mail to watched addresses, outcome by outcome, and how the mail of everybody else fared in the same hours.

use std::sync::Arc;

use super::Cube;
use super::keys::{State, Translate};
use crate::event::{Micros, Pos};
use crate::intern::{Id, Translation};
use crate::seeds::Seeds;

/// How many outcomes of watched addresses are kept: the earliest.
const MOST: usize = 500_000;

/// The outcome of a mail to a watched address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Reception.
    pub received: Micros,
    /// Its last event.
    pub last: Micros,
    /// Message and number of the recipient within it: unique.
    pub outcome: (u64, u32),
    /// The recipient, in lower case.
    pub address: Box<[u8]>,
    /// Queue id.
    pub queue_id: Box<[u8]>,
    /// Job or campaign; empty where the format has none.
    pub campaign: Id,
    /// Recipient domain.
    pub domain: Id,
    /// Route of the last attempt that shows one.
    pub route: Id,
    /// Who sent; empty for mail that was never tried.
    pub source: Id,
    /// Domain of the envelope sender.
    pub sender_domain: Id,
    /// How it ended.
    pub state: State,
    /// The deciding failure, masked; empty where there is none.
    pub signature: Id,
    /// Real attempts.
    pub attempts: u64,
    /// Where the record of the last attempt stands; the default where there was none.
    pub pos: Pos,
}

/// Outcomes of everybody else at the domains of the watched, with a known end, by the hour of their reception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Other {
    /// Recipient domain.
    pub domain: Id,
    /// Hour of reception, since 1970-01-01T00 UTC.
    pub hour: i32,
    /// Delivered, and not bounced later.
    pub is_delivered: bool,
}

impl Translate for Other {
    fn translated(self, by: &Translation) -> Self {
        Self { domain: by.of(self.domain), ..self }
    }
}

/// Collects the outcomes of watched addresses.
#[derive(Clone, Debug, Default)]
pub struct SeedWatch {
    seeds: Arc<Seeds>,
    /// Of the watched, in no order.
    pub outcomes: Vec<Watched>,
    /// Of the others.
    pub others: Cube<Other, u64>,
}

impl SeedWatch {
    /// Watches the addresses of a list.
    #[must_use]
    pub fn new(seeds: Arc<Seeds>) -> Self {
        Self { seeds, ..Self::default() }
    }

    /// The list.
    #[must_use]
    pub fn seeds(&self) -> &Seeds {
        &self.seeds
    }

    /// Whether the address is watched; None where no list is given.
    #[must_use]
    pub fn holds(&self, address: &[u8]) -> Option<bool> {
        (!self.seeds.is_empty()).then(|| self.seeds.holds(address))
    }

    /// Whether others at this domain are counted.
    #[must_use]
    pub fn holds_domain(&self, domain: &[u8]) -> bool {
        self.seeds.holds_domain(domain)
    }

    /// Takes an outcome of a watched address.
    pub fn take(&mut self, watched: Watched) {
        self.outcomes.push(watched);
        self.prune(2 * MOST);
    }

    /// Takes over what another part saw in its own numbers.
    pub fn absorb(&mut self, other: Self, by: &Translation) {
        self.outcomes.extend(other.outcomes.into_iter().map(|watched| Watched {
            campaign: by.of(watched.campaign),
            domain: by.of(watched.domain),
            route: by.of(watched.route),
            source: by.of(watched.source),
            sender_domain: by.of(watched.sender_domain),
            signature: by.of(watched.signature),
            ..watched
        }));
        self.others.absorb(&other.others, by);
        self.prune(MOST);
    }

    /// Keeps the earliest once there are more than `limit`: what is left does not depend on how the input was cut.
    fn prune(&mut self, limit: usize) {
        if self.outcomes.len() > limit {
            self.outcomes.sort_unstable_by_key(|watched| (watched.received, watched.outcome));
            self.outcomes.truncate(MOST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intern::Interner;

    #[test]
    fn what_another_part_saw_is_taken_over_in_our_numbers() {
        let seeds = Arc::new(Seeds::read(b"a@example.org\n").unwrap());
        let mut theirs = Interner::default();
        let route = theirs.intern(b"google");
        let mut part = SeedWatch::new(Arc::clone(&seeds));
        assert_eq!((part.holds(b"a@example.org"), SeedWatch::default().holds(b"a@example.org")), (Some(true), None));
        part.take(Watched {
            received: Micros(5),
            last: Micros(9),
            outcome: (1, 0),
            address: b"a@example.org".as_slice().into(),
            queue_id: b"1A".as_slice().into(),
            campaign: Id::EMPTY,
            domain: Id::EMPTY,
            route,
            source: Id::EMPTY,
            sender_domain: Id::EMPTY,
            state: State::Delivered,
            signature: Id::EMPTY,
            attempts: 1,
            pos: Pos::default(),
        });
        part.others.add(Other { domain: route, hour: 3, is_delivered: true }, 4);
        let mut ours = Interner::default();
        ours.intern(b"something");
        let by = ours.absorb(&theirs);
        let mut whole = SeedWatch::new(seeds);
        whole.absorb(part, &by);
        assert_eq!(ours.text(whole.outcomes[0].route), b"google");
        assert_eq!(whole.others.iter().map(|(key, &n)| (ours.text(key.domain), n)).collect::<Vec<_>>(), [(&b"google"[..], 4)]);
    }
}
