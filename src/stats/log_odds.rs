//! What is more common in one sample than in another: the log-odds ratio with an informative Dirichlet prior.
//!
//! Monroe, Colaresi and Quinn, "Fightin' Words", Political Analysis 16 (2008), equations 15, 16 and 19. Raw shares put first what is
//! rare by chance; the prior, made of all that is known of both, draws small counts to what is usual.

use super::Interval;
use super::distribution::Z95;
use super::rate::Rate;

/// Weight of the prior, in counts: as if so many had been seen before in the usual mix.
const PRIOR: f64 = 100.0;

/// How much more common something is in `one` than in the `other`, with `usual` its share of all: the odds ratio, and where it may
/// lie if counts are independent. None: there is nothing else to be more common than.
#[must_use]
pub fn odds_ratio(one: Rate, other: Rate, usual: Rate) -> Option<(f64, Interval)> {
    let usual = PRIOR * usual.value()?;
    let rest = PRIOR - usual;
    let odds = |of: Rate| ((of.part as f64 + usual), (of.of.saturating_sub(of.part) as f64 + rest));
    let ((mine, mine_rest), (theirs, theirs_rest)) = (odds(one), odds(other));
    if usual <= 0.0 || rest <= 0.0 {
        return None;
    }
    let ratio = (mine / mine_rest).ln() - (theirs / theirs_rest).ln();
    let half = Z95 * (1.0 / mine + 1.0 / theirs).sqrt();
    Some((ratio.exp(), Interval { lower: (ratio - half).exp(), upper: (ratio + half).exp() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_counts_are_drawn_to_what_is_usual() {
        // By hand: (20+10)/(0+90) against (100+10)/(900+90): 1/3 against 1/9. Variance 1/30 + 1/110.
        let (ratio, interval) = odds_ratio(Rate::new(20, 20), Rate::new(100, 1_000), Rate::new(10, 100)).unwrap();
        assert!((ratio - 3.0).abs() < 1e-9);
        let half = 1.959_964 * (1.0_f64 / 30.0 + 1.0 / 110.0).sqrt();
        assert!((interval.lower - 3.0 * (-half).exp()).abs() < 1e-9 && (interval.upper - 3.0 * half.exp()).abs() < 1e-9);
        // The same shares are no difference, however small the one.
        let (ratio, _) = odds_ratio(Rate::new(2, 20), Rate::new(100, 1_000), Rate::new(10, 100)).unwrap();
        assert!((ratio - 1.0).abs() < 1e-9);
        // Where nothing was before, the usual mix is what there is to compare with: (90+10)/(10+90) against 10/90.
        let (ratio, _) = odds_ratio(Rate::new(90, 100), Rate::default(), Rate::new(10, 100)).unwrap();
        assert!((ratio - 9.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_all_or_nothing_is_not_more_common() {
        assert_eq!(odds_ratio(Rate::new(20, 20), Rate::new(9, 9), Rate::new(40, 40)), None);
        assert_eq!(odds_ratio(Rate::new(0, 20), Rate::new(0, 9), Rate::new(0, 40)), None);
        assert_eq!(odds_ratio(Rate::new(0, 0), Rate::new(0, 0), Rate::new(0, 0)), None);
    }
}
