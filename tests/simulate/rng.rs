//! Numbers that look random and depend on a seed alone.

/// The generator xoshiro256++, seeded by splitmix64.
#[derive(Clone, Debug)]
pub(crate) struct Rng([u64; 4]);

impl Rng {
    /// A stream of its own for each pair of `seed` and `stream`.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut state = seed ^ stream.wrapping_mul(0xd134_2543_de82_ef95);
        Self([(); 4].map(|()| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            scramble(state)
        }))
    }

    /// 64 even bits.
    pub(crate) fn bits(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.0;
        let out = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        out
    }

    /// From 0 to `limit - 1`; 0 for a limit of 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(limit)) >> 64) as u64
    }

    /// From `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as u64) as i64
    }

    /// True `share` times in a thousand.
    pub(crate) fn permille(&mut self, share: u64) -> bool {
        self.below(1000) < share
    }

    /// One of `choices`, each as likely as the others.
    #[expect(clippy::indexing_slicing, reason = "an empty list of choices is a mistake in the simulator")]
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len() as u64) as usize]
    }

    /// Around `typical`, with a long tail to the right: durations of networks.
    pub(crate) fn skewed(&mut self, typical: i64) -> i64 {
        let spread = self.between(40, 160);
        let tail = if self.permille(30) { self.between(2, 12) } else { 1 };
        typical * spread * tail / 100
    }
}

/// A number that belongs to `value`: the same whenever asked, unlike that of its neighbours.
pub(crate) fn scramble(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Picks entries by weight.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weights(Vec<u64>);

impl Weights {
    /// The weights of the entries 0, 1, 2 …
    pub(crate) fn new(weights: impl IntoIterator<Item = u64>) -> Self {
        let mut sum = 0;
        Self(
            weights
                .into_iter()
                .map(|weight| {
                    sum += weight;
                    sum
                })
                .collect(),
        )
    }

    /// The number of an entry, as often as its weight says.
    pub(crate) fn pick(&self, rng: &mut Rng) -> usize {
        let at = rng.below(self.0.last().copied().unwrap_or(0));
        self.0.partition_point(|&sum| sum <= at)
    }
}
