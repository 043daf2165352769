use super::*;
use crate::stats::random::Random;

const LENGTH: usize = 480;

/// A slow wander round 0 with the given spread: AR(1), 0.85.
fn wander(random: &mut Random, spread: f64) -> Vec<f64> {
    let mut at = spread * random.normal();
    (0..LENGTH)
        .map(|_| {
            at = 0.85 * at + spread * (1.0_f64 - 0.85 * 0.85).sqrt() * random.normal();
            at
        })
        .collect()
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// 20 days by the hour: unknown users about 3 %, blocks about 4 %, both wandering. Blocking follows the unknown users of `lag` hours
/// before (after, where negative) with `strength` on the scale of log-odds.
fn series(random: &mut Random, lag: i64, strength: f64) -> Vec<Bucket> {
    let (dirt, other) = (wander(random, 0.8), wander(random, 0.8));
    (0..LENGTH)
        .map(|hour| {
            let daytime = 1.0 + 0.7 * ((hour % 24) as f64 / 24.0 * std::f64::consts::TAU).sin();
            let first = (200.0 * daytime * (0.3 * random.normal()).exp()).round() as u64;
            let earlier = usize::try_from(hour as i64 - lag).ok().and_then(|at| dirt.get(at)).copied().unwrap_or(0.0);
            let blocked = random.binomial(first, logistic(-3.2 + other[hour] + strength * earlier / 0.8));
            let judged = first - blocked;
            let unknown = random.binomial(judged, logistic(-3.5 + dirt[hour]));
            Bucket { unknown: Rate::new(unknown, judged), blocked: Rate::new(blocked, first) }
        })
        .collect()
}

fn verdict_of(buckets: &[Bucket]) -> Verdict {
    let evidence = Evidence::of(buckets, Width::Hour, &[], 0, 1);
    let p = evidence.lag.as_ref().map_or(f64::NAN, |lag| lag.leads.p);
    evidence.verdict(p)
}

#[test]
fn independent_series_are_seldom_called_linked() {
    let mut random = Random::new(31);
    let (mut likely, mut reached) = (0, 0);
    for _ in 0..80 {
        let buckets = series(&mut random, 0, 0.0);
        likely += u32::from(verdict_of(&buckets) == Verdict::LikelyContributor);
        let lag = Evidence::of(&buckets, Width::Hour, &[], 0, 1).lag.unwrap();
        reached += u32::from(lag.leads.p <= 0.05);
    }
    assert!(likely <= 4, "{likely} of 80 called likely");
    assert!(reached <= 10, "{reached} of 80 reach p 0.05");
}

#[test]
fn a_planted_lag_is_found_and_named() {
    let mut random = Random::new(32);
    let (mut likely, mut near) = (0, 0);
    for _ in 0..30 {
        let buckets = series(&mut random, 6, 4.0_f64.ln());
        likely += u32::from(verdict_of(&buckets) == Verdict::LikelyContributor);
        near += u32::from(Evidence::of(&buckets, Width::Hour, &[], 0, 1).lag.unwrap().leads.lag == 6);
    }
    assert!(likely >= 29, "{likely} of 30 found");
    assert!(near >= 29, "{near} of 30 at the lag of six hours");
}

#[test]
fn what_comes_after_the_block_does_not_lead_it() {
    let mut random = Random::new(33);
    let verdicts: Vec<Verdict> = (0..15).map(|_| verdict_of(&series(&mut random, -3, 4.0_f64.ln()))).collect();
    let follows = verdicts.iter().filter(|&&verdict| verdict == Verdict::FollowsRatherThanLeads).count();
    assert!(follows >= 14, "{verdicts:?}");
}

#[test]
fn the_contrast_is_of_even_days_and_in_points() {
    let buckets = series(&mut Random::new(34), 6, 4.0_f64.ln());
    let contrast = Evidence::of(&buckets, Width::Hour, &[], 0, 1).contrast.unwrap();
    assert_eq!(contrast.lag, 6);
    assert!(contrast.interval.contains(contrast.difference) && contrast.interval.lower > 0.0, "{contrast:?}");
    let even: u64 = (0..LENGTH).filter(|hour| hour / 24 % 2 == 1).map(|hour| buckets[hour].blocked.of).sum();
    assert!(contrast.after_many.of + contrast.after_few.of < even * 3 / 4);
}

#[test]
fn a_steady_low_rate_shows_no_sign() {
    // Unknown users go up and down; one in a hundred is blocked whatever they do.
    let buckets: Vec<Bucket> = (0..LENGTH)
        .map(|hour| Bucket {
            unknown: Rate::new((hour * 7 % 31) as u64, 500),
            blocked: Rate::new(5 + (hour * 5 % 3) as u64, 600),
        })
        .collect();
    let evidence = Evidence::of(&buckets, Width::Hour, &[], 0, 1);
    assert_eq!(evidence.verdict(0.6), Verdict::NoSign);
}

#[test]
fn a_reply_that_names_it_outweighs_everything() {
    let evidence = Evidence::of(&[], Width::Hour, &[], 3, 1);
    assert_eq!((evidence.verdict(f64::NAN), evidence.is_enough), (Verdict::SaidSo, false));
}

#[test]
fn too_little_mail_cannot_tell() {
    let enough = series(&mut Random::new(35), 6, 1.0);
    let thin: Vec<Bucket> = enough.iter().map(|bucket| Bucket { unknown: Rate::new(1, 19), ..*bucket }).collect();
    let unblocked: Vec<Bucket> = enough.iter().map(|bucket| Bucket { blocked: Rate::new(0, 100), ..*bucket }).collect();
    for buckets in [&enough[..47], &thin, &unblocked, &[]] {
        let evidence = Evidence::of(buckets, Width::Hour, &[], 0, 1);
        assert_eq!((evidence.verdict(f64::NAN), evidence.is_enough), (Verdict::CannotTell, false));
    }
    assert!(Evidence::of(&enough[..48], Width::Hour, &[], 0, 1).is_enough);
}

#[test]
fn days_work_as_buckets() {
    let day = |day: usize| {
        let dirty = |day: usize| matches!(day % 5, 0 | 3);
        let blocked = if day > 0 && dirty(day - 1) { 60 } else { 4 };
        let (noise, judged) = ((day * 7 % 4) as u64, 400 + (day * 13 % 17) as u64);
        Bucket {
            unknown: Rate::new(if dirty(day) { 30 } else { 3 } + noise, judged),
            blocked: Rate::new(blocked + noise, judged + 90),
        }
    };
    let evidence = Evidence::of(&(0..90).map(day).collect::<Vec<_>>(), Width::Day, &[], 0, 1);
    assert_eq!(evidence.lag.unwrap().leads.lag, 1);
    let contrast = evidence.contrast.unwrap();
    assert!(contrast.interval.lower > 0.05, "{contrast:?}");
}

#[test]
fn unknown_users_before_onsets_are_compared_with_the_usual_day() {
    // Every tenth day is dirty, and the day after it blocks begin.
    let bucket =
        |hour: usize| Bucket { unknown: Rate::new(if hour / 24 % 10 == 4 { 20 } else { 2 }, 100), blocked: Rate::new(1, 100) };
    let buckets: Vec<Bucket> = (0..24 * 30).map(bucket).collect();
    let onsets = [24 * 5, 24 * 15, 24 * 25];
    let found = Evidence::of(&buckets, Width::Hour, &onsets, 0, 7).before_onsets.unwrap();
    assert_eq!(found.onsets, 3);
    assert!((found.ratio().unwrap() - 10.0).abs() < 1e-9 && found.p < 0.01, "{found:?}");
    let elsewhere = Evidence::of(&buckets, Width::Hour, &[24 * 9, 24 * 18], 0, 7).before_onsets.unwrap();
    assert!(elsewhere.p > 0.5, "{elsewhere:?}");
    assert_eq!(Evidence::of(&buckets, Width::Hour, &[3, 9_999], 0, 7).before_onsets, None);
}

#[test]
fn equal_input_gives_equal_evidence() {
    let buckets = series(&mut Random::new(36), 2, 1.0);
    let again = || Evidence::of(&buckets, Width::Hour, &[100, 200, 300], 0, 5);
    assert_eq!(again(), again());
}
