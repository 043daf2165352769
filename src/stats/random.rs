//! Repeatable chance for resampling: equal seed, equal draws, on every machine.

/// A small generator for shifts and resampling; not for secrets. `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom
/// number generators", OOPSLA 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Begins at `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 random bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A whole number below `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        // Multiply and shift: the bias is below end / 2^64, which no resampling of ours can see.
        ((u128::from(self.bits()) * end as u128) >> 64) as usize
    }
}

/// Draws for simulations in tests.
#[cfg(test)]
pub mod simulation {
    use super::Random;

    impl Random {
        /// Strictly between 0 and 1.
        pub fn uniform(&mut self) -> f64 {
            ((self.bits() >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
        }

        /// Standard normal (Box–Muller).
        pub fn normal(&mut self) -> f64 {
            let radius = (-2.0 * self.uniform().ln()).sqrt();
            radius * (std::f64::consts::TAU * self.uniform()).cos()
        }

        /// Gamma of unit scale (Marsaglia and Tsang 2000).
        fn gamma(&mut self, shape: f64) -> f64 {
            if shape < 1.0 {
                let boost = self.uniform().powf(1.0 / shape);
                return self.gamma(shape + 1.0) * boost;
            }
            let d = shape - 1.0 / 3.0;
            let c = 1.0 / (9.0 * d).sqrt();
            loop {
                let x = self.normal();
                let v = (1.0 + c * x).powi(3);
                if v > 0.0 && self.uniform().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                    return d * v;
                }
            }
        }

        /// A rate that varies round `mean` with intra-class correlation `icc`: Beta.
        pub fn rate(&mut self, mean: f64, icc: f64) -> f64 {
            if icc <= 0.0 {
                return mean;
            }
            let size = (1.0 - icc) / icc;
            let (a, b) = (self.gamma(mean * size), self.gamma((1.0 - mean) * size));
            a / (a + b)
        }

        /// Successes in `n` trials: exact for few expected, a rounded normal for many.
        pub fn binomial(&mut self, n: u64, p: f64) -> u64 {
            if p > 0.5 {
                return n - self.binomial(n, 1.0 - p);
            }
            let (mean, spread) = (n as f64 * p, (n as f64 * p * (1.0 - p)).sqrt());
            if mean > 40.0 {
                return (mean + spread * self.normal()).round().clamp(0.0, n as f64) as u64;
            }
            if p <= 0.0 {
                return 0;
            }
            // From success to success by geometric waiting times.
            let (mut at, mut successes) = (0.0, 0);
            loop {
                at += (self.uniform().ln() / (-p).ln_1p()).floor() + 1.0;
                if at > n as f64 {
                    return successes;
                }
                successes += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // First outputs of SplitMix64 for seed 0, as in the reference C code by Vigna.
    #[test]
    fn draws_are_those_of_the_reference() {
        let mut random = Random::new(0);
        assert_eq!([random.bits(), random.bits()], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
    }

    #[test]
    fn below_stays_below_and_reaches_all() {
        let mut random = Random::new(7);
        let mut seen = [0_u32; 5];
        for _ in 0..1_000 {
            seen[random.below(5)] += 1;
        }
        assert!(seen.iter().all(|&n| n > 140), "{seen:?}");
        assert_eq!(random.below(0), 0);
    }

    #[test]
    fn simulated_counts_have_their_mean() {
        let mut random = Random::new(3);
        for (n, p) in [(50, 0.1), (5_000, 0.3), (40, 0.9)] {
            let sum: u64 = (0..4_000).map(|_| random.binomial(n, p)).sum();
            let mean = sum as f64 / 4_000.0;
            assert!((mean - n as f64 * p).abs() < 0.1 * (n as f64 * p * (1.0 - p)).sqrt(), "{n} {p}: {mean}");
        }
    }
}
