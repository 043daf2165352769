//! How soon mail is accepted: a curve for each of the largest providers, with that of all mail behind it.

use crate::insights::{name, number};
use crate::report::Error;
use crate::report::charts::within;
use crate::report::facts::{Facts, PROVIDERS as ROWS};
use crate::report::figure::{Tile, Tiles, Words};
use crate::report::grid::{Cell, Grid, Head, Row, more};
use crate::report::text;
use crate::stats::rate::TOO_LITTLE;
use crate::tables::ALL;
use crate::tables::delays::DelayRow;

/// How many providers have a curve.
const CURVES: usize = 6;
/// Fewer outcomes than this have none.
const ENOUGH: i64 = 100;

/// The shares at the ages of the curve.
pub(super) const fn within_shares(row: &DelayRow) -> [Option<f64>; 6] {
    [row.within_1min, row.within_10min, row.within_1h, row.within_4h, row.within_24h, row.within_48h]
}

pub(super) fn html(facts: &Facts<'_>) -> Result<String, Error> {
    let Some(all) = facts.delay(ALL) else { return Ok(String::new()) };
    let of_all = within_shares(all);
    let rows: Vec<&DelayRow> =
        facts.tables.delays.iter().filter(|row| row.provider != ALL && row.outcomes >= ENOUGH).take(CURVES).collect();
    let least = rows.iter().filter_map(|row| row.within_1min).chain(all.within_1min).fold(1.0, f64::min);
    let low = within::begins(least);
    let mut tiles = Vec::new();
    for row in &rows {
        let name = text::provider(&row.provider);
        let hour = row.within_1h.map_or_else(|| number::NONE.to_owned(), number::percent);
        let description = format!("{hour} within an hour, of {} tried. Grey: all mail.", number::count(row.outcomes));
        let id = format!("within-{}", name::anchor("p", &row.provider));
        let svg = within::within(&within_shares(row), &of_all, low).paint(&id, &name, &description)?;
        tiles.push(Tile { id: String::new(), name, note: format!("{hour} within 1\u{a0}h"), svg });
    }
    let share = |share: Option<f64>| share.map_or_else(|| number::NONE.to_owned(), number::percent);
    if (all.outcomes as u64) < TOO_LITTLE {
        return Ok(format!("<p>Too little mail to say how soon it is accepted.</p>\n{}", delay_grid(facts).html()?));
    }
    if tiles.is_empty() {
        let svg = within::within(&of_all, &of_all, low).paint(
            "within-all",
            "All mail",
            "No provider has enough mail for one of its own.",
        )?;
        tiles.push(Tile {
            id: String::new(),
            name: text::provider(ALL),
            note: format!("{} within 1\u{a0}h", share(all.within_1h)),
            svg,
        });
    }
    let words = Words {
        id: "within".to_owned(),
        title: format!("{} is accepted within a minute, {} within an hour", share(all.within_1min), share(all.within_1h)),
        measure: format!(
            "Share accepted by the time since reception, of {} that were tried; failures compete, unfinished mail counts as long as it was \
             seen. Logarithmic axis, 1 minute to 48 hours; grey: all mail. The upright axis begins at {}",
            number::count(all.outcomes),
            number::tick(low),
        ),
        description: String::new(),
        keys: Vec::new(),
    };
    Tiles { words, tiles, twins: vec![delay_grid(facts).html()?] }.html()
}

fn delay_grid(facts: &Facts<'_>) -> Grid {
    let line = |row: &DelayRow| {
        let mut cells = vec![Cell::count(row.outcomes), Cell::count(row.accepted), Cell::count(row.open)];
        cells.extend(within_shares(row).map(Cell::share));
        cells.extend([row.p50_ms, row.p90_ms, row.p95_ms, row.p99_ms].map(Cell::span));
        Row { is_sum: row.provider == ALL, ..Row::new(text::provider(&row.provider), cells) }
    };
    let mut heads = vec![
        Head::words("Provider"),
        Head::numbers("Tried", "outcomes"),
        Head::numbers("Accepted", "outcomes"),
        Head::numbers("Unfinished", "outcomes"),
    ];
    heads.extend(["1 min", "10 min", "1 h", "4 h", "24 h", "48 h"].map(|age| Head::numbers(age, "accepted within")));
    heads.extend(["Median", "90th", "95th", "99th"].map(|quantile| Head::numbers(quantile, "time to acceptance")));
    let rows = &facts.tables.delays;
    Grid {
        caption: "How soon mail was accepted".to_owned(),
        heads,
        rows: rows.iter().take(ROWS).map(line).collect(),
        more: more(rows.len(), ROWS, "delays"),
        is_sortable: true,
    }
}
