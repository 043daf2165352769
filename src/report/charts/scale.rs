//! From values to places, and where an axis is marked.

/// A straight line from values to places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// First and last value.
    pub values: (f64, f64),
    /// Where they stand.
    pub places: (f64, f64),
}

impl Scale {
    /// From the values of `values` to the places of `places`.
    #[must_use]
    pub const fn new(values: (f64, f64), places: (f64, f64)) -> Self {
        Self { values, places }
    }

    /// Where a value stands; values beyond the ends stand at the end.
    #[must_use]
    pub fn at(&self, value: f64) -> f64 {
        let span = self.values.1 - self.values.0;
        let part = if span == 0.0 { 0.0 } else { ((value - self.values.0) / span).clamp(0.0, 1.0) };
        self.places.0 + part * (self.places.1 - self.places.0)
    }

    /// Round values within, from the first on, about `most` of them.
    #[must_use]
    pub fn ticks(&self, most: usize) -> Vec<f64> {
        let (low, high) = self.values;
        let step = step(high - low, most);
        if step <= 0.0 || !step.is_finite() {
            return vec![low];
        }
        let first = (low / step - 1e-9).ceil();
        let last = (high / step + 1e-9).floor();
        let count = (last - first).clamp(0.0, 100.0) as usize;
        (0..=count).map(|tick| (first + tick as f64) * step).collect()
    }
}

/// 1, 2 or 5 times a power of ten, so that `span` has at most `most` of them.
fn step(span: f64, most: usize) -> f64 {
    let raw = span / most.max(1) as f64;
    if raw <= 0.0 || !raw.is_finite() {
        return 0.0;
    }
    let power = 10_f64.powf(raw.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0];
    steps.into_iter().map(|step| step * power).find(|step| *step >= raw * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

/// The next round value at or above a count: where an axis of counts ends.
#[must_use]
pub fn round_up(value: f64) -> f64 {
    let step = step(value, 4);
    if step > 0.0 { (value / step - 1e-9).ceil() * step } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        let ticks = |low, high, most| Scale::new((low, high), (0.0, 1.0)).ticks(most);
        assert_eq!(ticks(0.0, 180_000.0, 4), [0.0, 50_000.0, 100_000.0, 150_000.0]);
        assert_eq!(ticks(0.0, 1.0, 2), [0.0, 0.5, 1.0]);
        assert_eq!(ticks(0.9, 1.0, 5).len(), 6);
        assert_eq!(ticks(3.0, 3.0, 5), [3.0]);
    }

    #[test]
    fn axes_end_on_round_values() {
        assert!((round_up(183_000.0) - 200_000.0).abs() < 1e-6);
        assert!((round_up(7.0) - 8.0).abs() < 1e-6);
        assert!((round_up(0.0) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn what_lies_beyond_stands_at_the_end() {
        let scale = Scale::new((0.0, 10.0), (100.0, 200.0));
        for (value, place) in [(-5.0, 100.0), (0.0, 100.0), (5.0, 150.0), (50.0, 200.0)] {
            assert!((scale.at(value) - place).abs() < 1e-9, "{value}");
        }
        assert!((Scale::new((1.0, 1.0), (3.0, 4.0)).at(1.0) - 3.0).abs() < 1e-9);
    }
}
