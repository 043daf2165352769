//! One provider's month, one of many on the same scale: a bar a day from nothing to all, and the day's volume below.

use super::canvas::Canvas;
use super::days::day_axis;
use super::ink::Ink;
use super::scale::Scale;

const WIDTH: f64 = 262.0;
const SHARES: f64 = 84.0;
const VOLUME_TOP: f64 = 90.0;
const VOLUME: f64 = 20.0;
const HEIGHT: f64 = 128.0;
/// How much of a day of too little mail is seen.
const FAINT: f64 = 0.35;

/// A day of a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Day {
    /// Days since 1970-01-01.
    pub day: i32,
    /// Its parts from the ground up: shares that add up to one at most; empty without mail.
    pub parts: Vec<(Ink, f64)>,
    /// How much mail.
    pub volume: f64,
    /// Too little mail for its shares to mean anything.
    pub is_faint: bool,
}

/// Draws a month. The volume has the tile's own scale: it tells when mail was sent, not who gets most.
#[must_use]
pub fn tile(days: &[Day]) -> Canvas {
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    let up = Scale::new((0.0, 1.0), (SHARES, 0.0));
    let step = WIDTH / days.len().max(1) as f64;
    let edges = |at: usize| (step * (at as f64 + 0.08), step * (at as f64 + 0.92));
    for share in [0.0, 0.5, 1.0] {
        canvas.line([(0.0, up.at(share)), (WIDTH, up.at(share))], Ink::Rule, 0.6);
    }
    let parts = days.iter().map(|day| day.parts.len()).max().unwrap_or(0);
    // Look by look: neighbours of one look become one path.
    for (is_faint, part) in [false, true].into_iter().flat_map(|is_faint| (0..parts).map(move |part| (is_faint, part))) {
        for (at, day) in days.iter().enumerate().filter(|(_, day)| day.is_faint == is_faint) {
            let below: f64 = day.parts.iter().take(part).map(|(_, below)| below).sum();
            if let Some(&(ink, share)) = day.parts.get(part) {
                let (left, right) = edges(at);
                let alpha = if is_faint { FAINT } else { 1.0 };
                canvas.faint_bar((left, up.at(below + share)), (right, up.at(below)), ink, alpha);
            }
        }
    }
    let most = days.iter().map(|day| day.volume).fold(1.0, f64::max);
    let high = Scale::new((0.0, most), (0.0, VOLUME));
    for (at, day) in days.iter().enumerate() {
        let (left, right) = edges(at);
        let bottom = VOLUME_TOP + VOLUME;
        canvas.bar((left, bottom - high.at(day.volume)), (right, bottom), Ink::Ghost);
    }
    day_axis(&mut canvas, days.iter().map(|day| day.day), (0.0, WIDTH), HEIGHT - 8.0, 5);
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_is_four_paths_and_its_names() {
        let parts = vec![(Ink::Delivered, 0.9), (Ink::Deferred, 0.06), (Ink::Blocked, 0.04)];
        let days: Vec<Day> =
            (0..31).map(|day| Day { day: 20_727 + day, parts: parts.clone(), volume: 5.0, is_faint: false }).collect();
        let svg = tile(&days).paint("c", "t", "d").unwrap();
        assert!(svg.len() < 5_000, "{}", svg.len());
        assert_eq!(svg.matches("<path").count(), 5, "three grid lines are one path, three parts, the volume: {svg}");
    }

    #[test]
    fn a_day_of_little_mail_is_fainter_than_one_of_much() {
        let day = |day: i32, is_faint: bool| Day { day, parts: vec![(Ink::Blocked, 0.5)], volume: 12.0, is_faint };
        let svg = tile(&[day(0, false), day(1, true), day(2, false)]).paint("c", "t", "d").unwrap();
        let looks: Vec<bool> = svg.split("class=\"blocked\"").skip(1).map(|path| path.starts_with(" opacity")).collect();
        assert_eq!(looks, [false, true], "{svg}");
    }

    #[test]
    fn a_day_without_mail_is_a_gap() {
        let days = [Day { day: 0, parts: Vec::new(), volume: 0.0, is_faint: true }];
        let svg = tile(&days).paint("c", "t", "d").unwrap();
        assert!(!svg.contains("delivered") && !svg.contains("NaN"), "{svg}");
    }
}
