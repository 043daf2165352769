use super::*;
use crate::stats::multiple::adjusted;
use crate::stats::random::Random;
use proptest::prelude::*;

/// The interval of b − a for independent trials.
fn plain(a: (u64, u64), b: (u64, u64)) -> Interval {
    let (a, b) = (Rate::new(a.0, a.1), Rate::new(b.0, b.1));
    newcombe(a.value().unwrap(), a.interval().unwrap(), b.value().unwrap(), b.interval().unwrap())
}

// Newcombe 1998, table II, method 10, contrasts (a) to (h).
#[test]
fn intervals_are_those_of_newcombe() {
    for (b, a, lower, upper) in [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ] {
        let got = plain(a, b);
        assert!((got.lower - lower).abs() < 6e-5 && (got.upper - upper).abs() < 6e-5, "{b:?} − {a:?}: {got:?}");
    }
}

/// A month whose daily volume and daily rate vary.
fn month(random: &mut Random, days: usize, volume: f64, rate: f64, icc: f64) -> Vec<Rate> {
    let day = |_| {
        let of = (volume * (0.4 * random.normal() - 0.08).exp()).round().max(1.0) as u64;
        let daily = random.rate(rate, icc);
        Rate::new(random.binomial(of, daily), of)
    };
    (0..days).map(day).collect()
}

// Nominal 5 %; the two-proportion z-test calls 64 to 88 % of the three larger settings different.
#[test]
fn unchanged_months_are_seldom_called_different() {
    let mut random = Random::new(21);
    for (volume, rate, icc) in [(200.0, 0.02, 0.002), (5_000.0, 0.02, 0.002), (5_000.0, 0.2, 0.02), (50_000.0, 0.005, 0.001)] {
        let (mut called, mut held) = (0, 0);
        for _ in 0..400 {
            let (a, b) = (month(&mut random, 30, volume, rate, icc), month(&mut random, 31, volume, rate, icc));
            let comparison = RateComparison::of(&a, &b, 1.0).unwrap();
            assert_eq!(comparison.test, Test::Days);
            called += u32::from(comparison.p <= 0.05);
            held += u32::from(comparison.interval.contains(0.0));
        }
        assert!(called <= 36, "{volume} {rate} {icc}: {called} of 400 called different");
        assert!(held >= 364, "{volume} {rate} {icc}: interval holds the truth {held} of 400 times");
    }
}

#[test]
fn a_real_change_is_found_and_named() {
    let mut random = Random::new(4);
    let mut worse = 0;
    for _ in 0..50 {
        let (a, b) = (month(&mut random, 30, 5_000.0, 0.02, 0.002), month(&mut random, 31, 5_000.0, 0.03, 0.002));
        let comparison = RateComparison::of(&a, &b, 1.0).unwrap();
        worse += u32::from(comparison.verdict(comparison.p, Sense::HigherIsWorse) == Verdict::Worse);
        assert!(comparison.ratio().unwrap() > 1.1);
    }
    assert!(worse >= 45, "{worse} of 50");
}

#[test]
fn an_unchanged_family_has_hardly_a_call() {
    let mut random = Random::new(9);
    let pairs: Vec<f64> = (0..60)
        .map(|_| {
            let (a, b) = (month(&mut random, 30, 2_000.0, 0.05, 0.01), month(&mut random, 30, 2_000.0, 0.05, 0.01));
            RateComparison::of(&a, &b, 1.0).unwrap().p
        })
        .collect();
    assert!(adjusted(&pairs).iter().filter(|&&q| q <= 0.05).count() <= 1);
}

/// A comparison of months in which each day is the same, with a little noise so that there is a variance.
fn steady(before: (u64, u64), after: (u64, u64)) -> RateComparison {
    let days = |(part, of): (u64, u64)| -> Vec<Rate> {
        (0..30).map(|day| Rate::new(if day % 2 == 0 { part + 1 } else { part.saturating_sub(1) }, of)).collect()
    };
    RateComparison::of(&days(before), &days(after), 1.0).unwrap()
}

#[test]
fn sure_changes_may_be_too_small_to_matter() {
    // 30 % to 30.3 %: sure with so much mail, but not half a point.
    let small = steady((30_000, 100_000), (30_300, 100_000));
    assert!(small.p < 1e-6);
    assert_eq!(small.verdict(small.p, Sense::HigherIsWorse), Verdict::MovedSmall);
    let large = steady((30_000, 100_000), (31_000, 100_000));
    assert_eq!(large.verdict(large.p, Sense::HigherIsWorse), Verdict::Worse);
    assert_eq!(large.verdict(large.p, Sense::HigherIsBetter), Verdict::Better);
    let down = steady((98_000, 100_000), (97_000, 100_000));
    assert_eq!(down.verdict(down.p, Sense::HigherIsBetter), Verdict::Worse);
    assert_eq!(down.verdict(down.p, Sense::HigherIsWorse), Verdict::Better);
}

#[test]
fn rare_things_need_twenty_of_them() {
    // 0.1 % to 0.2 %: twice as much, 30 more in the month; then 3 more.
    let many = steady((1, 1_000), (2, 1_000));
    assert_eq!(many.verdict(0.01, Sense::HigherIsWorse), Verdict::Worse);
    let days = |part: u64| (0..30).map(|day| Rate::new(if day == 3 { part } else { 0 }, 100)).collect::<Vec<_>>();
    let scarce = RateComparison::of(&days(3), &days(6), 1.0).unwrap();
    assert_eq!(scarce.verdict(0.01, Sense::HigherIsWorse), Verdict::MovedSmall);
}

#[test]
fn silence_is_called_by_what_it_could_have_hidden() {
    let scarce = RateComparison::of(&[Rate::new(0, 4); 30], &[Rate::new(0, 4); 30], 1.0).unwrap();
    assert_eq!((scarce.verdict(1.0, Sense::HigherIsWorse), scarce.test), (Verdict::TooLittleMail, Test::Fisher));
    let ample = RateComparison::of(&[Rate::new(0, 400); 30], &[Rate::new(0, 400); 30], 1.0).unwrap();
    assert_eq!(ample.verdict(1.0, Sense::HigherIsWorse), Verdict::NoClearChange);
}

#[test]
fn few_days_fall_back_on_the_pooled_dispersion_and_then_on_fisher() {
    let pooled = RateComparison::of(&[Rate::new(20, 100); 3], &[Rate::new(30, 100); 3], 4.0).unwrap();
    assert_eq!(pooled.test, Test::Pooled);
    // By hand: z = 0.1 / sqrt(4 · 0.25 · 0.75 · 2 / 300) = 1.41421.
    assert!((pooled.p - 0.157_299).abs() < 1e-5, "{}", pooled.p);
    let exact = RateComparison::of(&[Rate::new(3, 4)], &[Rate::new(1, 4)], 4.0).unwrap();
    assert_eq!(exact.test, Test::Fisher);
    assert!((exact.p - 34.0 / 70.0).abs() < 1e-9);
    assert_eq!(RateComparison::of(&[], &[Rate::new(1, 4)], 1.0), None);
}

proptest! {
    #[test]
    fn the_interval_holds_the_difference_and_turns_with_the_periods(
        a in prop::collection::vec((0_u64..300, 1_u64..300), 1..35), b in prop::collection::vec((0_u64..300, 1_u64..300), 1..35),
    ) {
        let days = |days: Vec<(u64, u64)>| days.into_iter().map(|(a, b)| Rate::new(a.min(b), b)).collect::<Vec<_>>();
        let (a, b) = (days(a), days(b));
        let (there, back) = (RateComparison::of(&a, &b, 2.0).unwrap(), RateComparison::of(&b, &a, 2.0).unwrap());
        prop_assert!(there.interval.contains(there.difference));
        prop_assert!((there.interval.lower + back.interval.upper).abs() < 1e-12);
        prop_assert!((there.p - back.p).abs() < 1e-9 && (0.0..=1.0).contains(&there.p));
    }
}
