//! Each refusal, and that what is rewritten gives the right figures in the engine itself.

use std::collections::BTreeSet;

use polars::prelude::{DataFrame, IntoLazy, LazyFrame};
use polars::sql::SQLContext;

use super::super::column::{Cell, Column, Kind};
use super::super::frame::frame_of;
use super::*;

/// Two small tables: `t` holds ties, nulls and big numbers, `u` has a key that `t` has not and the other way round.
fn tables() -> [(&'static str, DataFrame); 2] {
    let t = [
        Column::key("k", Kind::Whole, ""),
        Column::key("word", Kind::Text, ""),
        Column::key("n", Kind::Whole, "").or_null(),
        Column::key("x", Kind::Real, ""),
        Column::key("flag", Kind::Flag, ""),
        Column::key("time", Kind::Time, ""),
    ];
    let row = |k: i64, word: &'static str, n: Option<i64>, x: f64| {
        let n = n.map_or(Cell::Null, Cell::Whole);
        [Cell::Whole(k), Cell::Text(word), n, Cell::Real(x), Cell::Flag(k > 1), Cell::Time(k * 3_600_000_000)]
    };
    let rows = [
        row(1, "a", None, 0.5),
        row(1, "a", None, 0.25),
        row(2, "b", None, 1.5),
        row(2, "b", None, 2.5),
        row(3, "c", None, 0.125),
    ];
    let u = [Column::key("k", Kind::Whole, ""), Column::key("v", Kind::Whole, "")];
    let of_u = [[Cell::Whole(1), Cell::Whole(10)], [Cell::Whole(2), Cell::Whole(2)], [Cell::Whole(4), Cell::Whole(4)]];
    [("t", frame_of(&t, rows.into_iter()).unwrap()), ("u", frame_of(&u, of_u.into_iter()).unwrap())]
}

fn known() -> BTreeSet<&'static str> {
    BTreeSet::from(["t", "u"])
}

#[track_caller]
fn run(sql: &str) -> DataFrame {
    let guarded = guard(sql, &known()).unwrap_or_else(|refused| panic!("{sql}: {refused}"));
    let mut context = SQLContext::new();
    for (name, frame) in tables() {
        context.register(name, frame.lazy());
    }
    let sql = guarded.query.to_string();
    context.execute(&sql).and_then(LazyFrame::collect).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The first column, which must be whole numbers.
#[track_caller]
fn whole(sql: &str) -> Vec<Option<i64>> {
    let frame = run(sql);
    let column = frame.columns()[0].as_materialized_series();
    column.i64().unwrap_or_else(|error| panic!("{sql}: {error}")).iter().collect()
}

#[track_caller]
fn is(sql: &str, wanted: &[i64]) {
    assert_eq!(whole(sql), wanted.iter().copied().map(Some).collect::<Vec<_>>(), "{sql}");
}

#[track_caller]
fn refused(sql: &str) -> String {
    match guard(sql, &known()) {
        Ok(guarded) => panic!("{sql} is let through as {}", guarded.query),
        Err(refused) => refused.to_string(),
    }
}

#[test]
fn counts_are_signed_and_wide() {
    is("SELECT COUNT(n) - COUNT(*) FROM t", &[-5]);
    is("SELECT count(n) - count(*) AS less FROM t", &[-5]);
    is("SELECT COUNT(DISTINCT word) - 10 FROM t", &[-7]);
    is("SELECT COUNT(*) FILTER (WHERE k = 1) - 3 FROM t", &[-1]);
    is("SELECT ROW_NUMBER() OVER (ORDER BY k, x) - 6 AS place FROM t ORDER BY place", &[-5, -4, -3, -2, -1]);
    is("SELECT LENGTH(word) - 2 FROM t WHERE k = 3", &[-1]);
    is("SELECT EXTRACT(HOUR FROM time) * 1000 FROM t WHERE k = 3", &[3_000]);
    is("SELECT COUNT(*) OVER (PARTITION BY k) - 3 AS less FROM t ORDER BY k, less", &[-1, -1, -1, -1, -2]);
    is("SELECT k FROM t GROUP BY k HAVING COUNT(*) - 2 < 0", &[3]);
    is("WITH g AS (SELECT k, COUNT(*) AS n FROM t GROUP BY k) SELECT SUM(n) - 6 FROM g", &[-1]);
}

#[test]
fn sums_are_wide() {
    is("SELECT SUM(CASE WHEN k > 0 THEN 2000000000 ELSE 0 END) FROM t", &[10_000_000_000]);
    is("SELECT SUM(CASE WHEN k = 1 THEN 1 END) - 3 FROM t", &[-1]);
    is("SELECT SUM(CAST(k AS INTEGER) * 2000000000) FROM t", &[18_000_000_000]);
    is("SELECT SUM(CAST(flag AS INTEGER)) - 4 FROM t", &[-1]);
    is("SELECT SUM(flag) - 4 FROM t", &[-1]);
    is("SELECT SUM(k > 1) - 4 FROM t", &[-1]);
    is("WITH c AS (SELECT flag AS renamed FROM t) SELECT SUM(renamed) - 4 FROM c", &[-1]);
    is("WITH c AS (SELECT CASE WHEN k > 0 THEN 2000000000 END AS big FROM t) SELECT SUM(big) FROM c", &[10_000_000_000]);
    is("SELECT SUM(k) FROM t", &[9]);
    let sum = run("SELECT SUM(x) AS s, AVG(x) AS a FROM t");
    assert_eq!(sum.column("s").unwrap().f64().unwrap().get(0), Some(4.875));
    assert_eq!(sum.column("a").unwrap().f64().unwrap().get(0), Some(0.975));
}

#[test]
fn columns_are_named_as_they_are_written_and_order_by_finds_them() {
    let frame = run("SELECT t.word, COUNT(*), SUM(k) / 2 FROM t GROUP BY t.word ORDER BY COUNT(*) DESC, t.word");
    assert_eq!(frame.get_column_names(), ["word", "COUNT(*)", "SUM(k) / 2"]);
    let words: Vec<_> = frame.column("word").unwrap().str().unwrap().iter().flatten().collect();
    assert_eq!(words, ["a", "b", "c"]);
    is("SELECT COUNT(*) FROM t GROUP BY word ORDER BY word DESC", &[1, 2, 2]);
}

#[test]
fn what_the_engine_does_right_is_let_through() {
    is("SELECT t.k FROM t LEFT JOIN u ON t.k = u.k ORDER BY t.k", &[1, 1, 2, 2, 3]);
    is("SELECT t.k FROM t JOIN u ON t.k = u.k AND u.v > 3", &[1, 1]);
    is(
        "WITH big AS (SELECT k, v FROM u WHERE v > 3) SELECT t.k FROM t LEFT JOIN big ON t.k = big.k ORDER BY t.k",
        &[1, 1, 2, 2, 3],
    );
    is("SELECT COALESCE(t.k, u.k) AS k FROM t FULL JOIN u ON t.k = u.k ORDER BY k", &[1, 1, 2, 2, 3, 4]);
    is(
        "SELECT SUM(k) OVER (ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run FROM t ORDER BY run",
        &[3, 4, 5, 7, 9],
    );
    is("SELECT k FROM t WHERE k IN (SELECT k FROM u) ORDER BY k", &[1, 1, 2, 2]);
    is("SELECT k FROM t EXCEPT SELECT k FROM u", &[3]);
    is(
        "SELECT a.k FROM t AS a CROSS JOIN (SELECT MAX(v) AS most FROM u) AS b WHERE b.most > a.k ORDER BY a.k",
        &[1, 1, 2, 2, 3],
    );
}

#[test]
fn conditions_that_lose_rows_are_refused() {
    for join in ["LEFT JOIN", "LEFT OUTER JOIN", "RIGHT JOIN", "FULL JOIN", "FULL OUTER JOIN"] {
        for on in ["t.k = u.k AND u.v > 3", "t.k = u.k OR t.k = u.v", "t.k < u.k", "t.k = t.n", "t.k = 3", "k = v"] {
            let said = refused(&format!("SELECT t.k FROM t {join} u ON {on}"));
            assert!(said.contains(on) && said.contains("WITH b AS"), "{said}");
        }
    }
    let nested = refused("SELECT k FROM u WHERE k IN (SELECT t.k FROM t LEFT JOIN u ON t.k = u.k AND u.v > 3)");
    assert!(nested.starts_with("ON t.k = u.k AND u.v > 3"), "{nested}");
}

#[test]
fn keys_of_a_full_join_are_put_together_by_hand() {
    for join in ["FULL JOIN", "FULL OUTER JOIN", "RIGHT JOIN"] {
        assert!(refused(&format!("SELECT k FROM t {join} u USING (k)")).contains("COALESCE"));
    }
    assert!(refused("SELECT k FROM t NATURAL JOIN u").contains("ON a.k = b.k"));
}

#[test]
fn running_aggregates_say_their_frame() {
    for call in ["SUM(k)", "COUNT(*)", "MIN(k)", "MAX(k)"] {
        assert!(refused(&format!("SELECT {call} OVER (ORDER BY x) FROM t")).contains("ROWS BETWEEN UNBOUNDED PRECEDING"));
        assert!(refused(&format!("SELECT {call} OVER (ORDER BY x RANGE UNBOUNDED PRECEDING) FROM t")).contains("ROWS BETWEEN"));
    }
    assert!(refused("SELECT k FROM t ORDER BY SUM(k) OVER (ORDER BY x)").contains("ROWS BETWEEN"));
}

#[test]
fn aggregates_that_do_not_run_are_refused() {
    let frame = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";
    for call in ["AVG(x)", "MEDIAN(x)", "STDDEV(x)", "LAST_VALUE(x)", "COUNT(DISTINCT k)"] {
        assert!(refused(&format!("SELECT {call} OVER (ORDER BY k {frame}) FROM t")).contains("whole partition"), "{call}");
    }
    assert!(refused("SELECT AVG(x) OVER w FROM t WINDOW w AS (ORDER BY k)").contains("write the window itself"));
}

#[test]
fn windows_over_groups_are_refused() {
    for sql in [
        "SELECT k, SUM(COUNT(*)) OVER () FROM t GROUP BY k",
        "SELECT k, ROW_NUMBER() OVER (ORDER BY COUNT(*) DESC) FROM t GROUP BY k",
        "SELECT k, SUM(k) OVER () FROM t GROUP BY k",
        "SELECT COUNT(*), SUM(k) OVER () FROM t",
    ] {
        assert!(refused(sql).contains("in a CTE"), "{sql}");
    }
}

#[test]
fn nulls_of_a_window_are_refused() {
    for nulls in ["NULLS LAST", "NULLS FIRST"] {
        assert!(refused(&format!("SELECT ROW_NUMBER() OVER (ORDER BY n {nulls}) FROM t")).contains("COALESCE"));
    }
    is("SELECT k FROM t ORDER BY n NULLS LAST, k, x LIMIT 1", &[1]);
}

#[test]
fn functions_without_from_are_refused() {
    assert!(refused("SELECT UPPER('a')").contains("add FROM"));
    assert!(refused("SELECT k FROM t UNION ALL SELECT LENGTH('a')").contains("add FROM"));
}

#[test]
fn nothing_but_the_tables_is_read() {
    for sql in [
        "SELECT * FROM read_parquet('secret.parquet')",
        "SELECT * FROM read_parquet('https://example.org/x.parquet')",
        "SELECT * FROM t JOIN read_csv('/etc/passwd') AS p ON t.k = p.k",
        "SELECT * FROM UNNEST([1, 2])",
    ] {
        assert!(refused(sql).contains("nothing else"), "{sql}: {}", refused(sql));
    }
    for sql in ["SELECT * FROM 'secret.parquet'", "SELECT * FROM \"a.parquet\"", "SELECT * FROM nowhere", "SELECT * FROM db.t"]
    {
        assert!(refused(sql).contains("These are known: t, u"), "{sql}: {}", refused(sql));
    }
    for sql in [
        "DROP TABLE t",
        "CREATE TABLE v AS SELECT * FROM t",
        "SELECT 1 AS a; SELECT 2 AS a",
        "",
        "EXPLAIN SELECT * FROM t",
        "DELETE FROM t",
    ] {
        assert_eq!(refused(sql), Refused::NotOneSelect.to_string(), "{sql}");
    }
    assert!(refused("SELEKT 1").starts_with("the query cannot be read"));
}

#[test]
fn a_name_means_one_thing() {
    for sql in
        ["WITH u AS (SELECT k FROM t) SELECT * FROM u", "SELECT t.k FROM u AS t", "SELECT u.k FROM (SELECT k FROM t) AS u"]
    {
        assert!(refused(sql).contains("another name"), "{sql}");
    }
    is("SELECT t.k FROM t AS t WHERE t.k = 3", &[3]);
}

#[test]
fn the_names_in_a_query_are_known_beforehand() {
    let names = |sql: &str| guard(sql, &known()).unwrap();
    let one = names("SELECT a.k, COUNT(*) FROM t AS a JOIN u USING (v) WHERE n > 3 GROUP BY a.k");
    assert_eq!(one.tables, BTreeSet::from(["t".to_owned(), "u".to_owned()]));
    assert_eq!(one.columns.unwrap(), BTreeSet::from(["k", "v", "n"].map(str::to_owned)));
    assert_eq!(names("SELECT u.* FROM u").columns, None);
    assert_eq!(names("SELECT k FROM t WHERE k IN (SELECT * FROM u)").columns, None);
}
