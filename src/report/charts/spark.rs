//! A month in a line of a figure: days as a line, gaps as gaps, a threshold as a faint line, the last day as a dot.

use super::canvas::Canvas;
use super::ink::Ink;
use super::scale::Scale;

const WIDTH: f64 = 150.0;
const HEIGHT: f64 = 36.0;
const EDGE: f64 = 3.0;

/// Draws `days`, None where there was nothing; `threshold` is drawn if it is near enough to be seen beside them.
#[must_use]
pub fn spark(days: &[Option<f64>], threshold: Option<f64>) -> Canvas {
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    let (low, high) = extent(days.iter().copied().flatten());
    // A mark far above all days would press them flat.
    let threshold = threshold.filter(|mark| *mark <= high * 3.0 && *mark >= low / 3.0);
    let (low, high) = extent(threshold.into_iter().chain([low, high]));
    let across = Scale::new((0.0, days.len().saturating_sub(1).max(1) as f64), (EDGE, WIDTH - EDGE));
    let up = Scale::new((low, if high > low { high } else { low + 1.0 }), (HEIGHT - EDGE, EDGE));
    if let Some(mark) = threshold {
        canvas.line([(0.0, up.at(mark)), (WIDTH, up.at(mark))], Ink::Mark, 0.8);
    }
    let place = |(day, value): (usize, f64)| (across.at(day as f64), up.at(value));
    for run in runs(days) {
        match run.as_slice() {
            [alone] => canvas.dot(place(*alone), 1.0, Ink::Line),
            points => canvas.line(points.iter().copied().map(place), Ink::Line, 1.4),
        }
    }
    if let Some(last) = days.iter().enumerate().filter_map(|(day, value)| Some((day, (*value)?))).next_back() {
        canvas.dot(place(last), 2.4, Ink::Line);
    }
    canvas
}

/// Stretches of days that follow each other.
pub(super) fn runs(days: &[Option<f64>]) -> Vec<Vec<(usize, f64)>> {
    let mut runs: Vec<Vec<(usize, f64)>> = Vec::new();
    let mut is_open = false;
    for (day, value) in days.iter().enumerate() {
        let Some(value) = *value else {
            is_open = false;
            continue;
        };
        match runs.last_mut().filter(|_| is_open) {
            Some(run) => run.push((day, value)),
            None => runs.push(vec![(day, value)]),
        }
        is_open = true;
    }
    runs
}

/// Least and greatest; 0 to 0 of nothing.
fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values
        .fold(None, |extent, value| match extent {
            None => Some((value, value)),
            Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
        })
        .unwrap_or((0.0, 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_breaks_the_line() {
        let days = [Some(0.1), Some(0.2), None, Some(0.3), None];
        let found: Vec<Vec<usize>> = runs(&days).into_iter().map(|run| run.into_iter().map(|(day, _)| day).collect()).collect();
        assert_eq!(found, [vec![0, 1], vec![3]]);
        let svg = spark(&days, None).paint("s", "t", "d").unwrap();
        assert_eq!(svg.matches("<path").count(), 1);
        assert_eq!(svg.matches("<circle").count(), 2);
    }

    #[test]
    fn no_days_and_equal_days_can_be_drawn() {
        for days in [&[][..], &[None; 3][..], &[Some(0.5); 31][..]] {
            assert!(spark(days, Some(0.5)).paint("s", "t", "d").unwrap().len() < 1_000);
        }
    }
}
