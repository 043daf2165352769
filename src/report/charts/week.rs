//! When in the week: a cell per weekday and hour, the darker the higher its rate.

use super::canvas::{Anchor, Canvas};
use super::ink::Ink;
use super::{SMALL, Width};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const LEFT: f64 = 34.0;
const TOP: f64 = 4.0;
const HIGH: f64 = 22.0;

/// Draws the rates of a week from Monday on, 24 a day. None: no attempt. The darkest cell is the highest rate.
#[must_use]
pub fn week(rates: &[[Option<f64>; 24]; 7], width: Width) -> Canvas {
    let across = width.units();
    let mut canvas = Canvas::new(across, TOP + HIGH * 7.0 + 20.0);
    let step = (across - LEFT) / 24.0;
    let highest = rates.iter().flatten().flatten().copied().fold(0.0, f64::max);
    for (day, (name, hours)) in DAYS.iter().zip(rates).enumerate() {
        let y = TOP + HIGH * day as f64;
        canvas.words((0.0, y + HIGH * 0.5), name, Anchor::Start, Ink::Text, SMALL);
        for (hour, rate) in hours.iter().enumerate() {
            let x = LEFT + step * hour as f64;
            let Some(rate) = rate else { continue };
            let alpha = if highest > 0.0 { 0.06 + 0.94 * rate / highest } else { 0.06 };
            canvas.faint_bar((x + 0.5, y + 0.5), (x + step - 0.5, y + HIGH - 0.5), Ink::Line, alpha);
        }
    }
    let every = match width {
        Width::Wide => 3,
        Width::Narrow => 6,
    };
    for hour in (0..24).step_by(every) {
        let x = LEFT + step * f64::from(hour);
        canvas.words((x, TOP + HIGH * 7.0 + 14.0), &format!("{hour:02}"), Anchor::Start, Ink::Muted, SMALL);
    }
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_without_mail_has_no_cell() {
        let mut rates = [[None; 24]; 7];
        rates[0][9] = Some(0.5);
        rates[6][23] = Some(0.0);
        let svg = week(&rates, Width::Wide).paint("c", "t", "d").unwrap();
        assert_eq!(svg.matches("<path").count(), 2, "{svg}");
    }
}
