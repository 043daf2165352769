//! How long it took: accepted within so many milliseconds of reception (cumulative incidence, unfinished mail included), one row per route and `(all)`.

/// One row of `delays`; counts are outcomes.
#[derive(Clone, Debug, PartialEq)]
pub struct DelayRow {
    /// Route; `(all)` for all together.
    pub provider: String,
    /// Outcomes that were tried.
    pub outcomes: i64,
    /// Of these, accepted.
    pub accepted: i64,
    /// Of these, failed for good.
    pub failed: i64,
    /// Of these, unfinished.
    pub open: i64,
    /// Share accepted within 1 minute, 0 to 1.
    pub within_1min: Option<f64>,
    /// Likewise.
    pub within_10min: Option<f64>,
    /// Likewise.
    pub within_1h: Option<f64>,
    /// Likewise.
    pub within_4h: Option<f64>,
    /// Likewise.
    pub within_24h: Option<f64>,
    /// Likewise.
    pub within_48h: Option<f64>,
    /// Nearest-rank quantiles of the time to acceptance of accepted outcomes, milliseconds, three significant digits.
    pub p50_ms: Option<i64>,
    /// Likewise.
    pub p90_ms: Option<i64>,
    /// Likewise.
    pub p95_ms: Option<i64>,
    /// Likewise.
    pub p99_ms: Option<i64>,
}
