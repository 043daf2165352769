//! Makes the query of a user safe for polars' SQL engine, or refuses it with a sentence that says how to write it.
//!
//! The engine gives wrong figures without a word in some places: counts are unsigned and wrap below zero, sums of small literals wrap
//! at 32 bits, an outer join loses rows for a condition in ON, running totals take rows for peers. What can be rewritten without a
//! change of meaning is (`widen`); the rest is refused (`refuse`), and so is whatever reads anything but the tables of the run.

#![expect(clippy::wildcard_enum_match_arm, reason = "the parser's enums are not ours, and grow")]

mod refuse;
#[cfg(test)]
mod tests;
mod widen;

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Query, SelectItem, SetExpr, Statement, Visit, Visitor};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use refuse::Refusals;

/// Why a query is not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No SQL.
    #[error("the query cannot be read: {0}")]
    Syntax(String),
    /// Several statements, or another than SELECT.
    #[error("a query is one SELECT statement, which may begin with WITH")]
    NotOneSelect,
    /// A table function or the like.
    #[error("{0}: a query reads the tables of the run by their names, and nothing else")]
    NoTable(String),
    /// No table of this name.
    #[error("{0}: no such table. These are known: {1}")]
    UnknownTable(String, String),
    /// A CTE or alias that the engine would take for the table.
    #[error("{0} is the name of a table, and the engine would take that one: give the CTE or alias another name")]
    Hides(String),
    /// A condition that loses rows.
    #[error(
        "ON {0}: in an outer join the engine loses rows unless ON holds only equalities between columns of both sides, each with its \
         table's name. Filter first: WITH b AS (SELECT … FROM … WHERE …) SELECT … FROM a LEFT JOIN b ON a.k = b.k"
    )]
    JoinCondition(String),
    /// Keys that are not put together.
    #[error("USING ({0}) in a FULL or RIGHT JOIN loses keys: write ON a.k = b.k, and COALESCE(a.k, b.k) AS k in SELECT")]
    JoinUsing(String),
    /// Columns chosen by accident.
    #[error("NATURAL JOIN compares whatever happens to be named alike: write ON a.k = b.k")]
    Natural,
    /// A window by name.
    #[error("OVER {0}: write the window itself, OVER (PARTITION BY … ORDER BY …)")]
    NamedWindow(String),
    /// A running aggregate whose frame is not said.
    #[error(
        "{0} OVER (ORDER BY …): the engine counts rows where SQL counts peers. Say that rows are meant: OVER (… ORDER BY … ROWS BETWEEN \
         UNBOUNDED PRECEDING AND CURRENT ROW), and let ORDER BY end with a unique key"
    )]
    Frame(String),
    /// An aggregate that does not run.
    #[error(
        "{0} OVER (ORDER BY …): the engine gives the figure of the whole partition. Leave ORDER BY out, or make running SUM and COUNT in \
         a CTE and divide"
    )]
    Running(String),
    /// Nulls of a window's order.
    #[error("NULLS FIRST and NULLS LAST have no effect in OVER: order by COALESCE(…, …) instead")]
    WindowNulls,
    /// A window over groups.
    #[error(
        "an aggregate and OVER in one SELECT: the engine gives each group its own figure. Put the aggregate in a CTE: WITH g AS (SELECT k, \
         COUNT(*) AS n FROM … GROUP BY k) SELECT k, SUM(n) OVER () FROM g"
    )]
    WindowOverGroups,
    /// Functions of literals.
    #[error("functions without FROM may give no row: add FROM and a table")]
    NoFrom,
    /// What the engine does not know.
    #[error("{0}")]
    Engine(String),
}

/// A query that may be run, and what it names.
#[derive(Clone, Debug)]
pub(super) struct Guarded {
    /// The query, rewritten.
    pub(super) query: Box<Query>,
    /// The tables that it names.
    pub(super) tables: BTreeSet<String>,
    /// Every name in it that may be a column's; None where it asks for all columns.
    pub(super) columns: Option<BTreeSet<String>>,
}

/// Reads a query over the tables `known`, refuses it or makes it safe.
pub(super) fn guard(sql: &str, known: &BTreeSet<&str>) -> Result<Guarded, Refused> {
    let mut statements = Parser::parse_sql(&GenericDialect {}, sql).map_err(|error| Refused::Syntax(error.to_string()))?;
    let (Some(Statement::Query(mut query)), None) = (statements.pop(), statements.pop()) else {
        return Err(Refused::NotOneSelect);
    };
    let tables = Refusals::check(&query, known)?;
    let mut named = Named { columns: BTreeSet::new(), is_all: false };
    let _whole = query.visit(&mut named);
    widen::widen(&mut query);
    Ok(Guarded { query, tables, columns: (!named.is_all).then_some(named.columns) })
}

/// Collects the names in a query.
struct Named {
    columns: BTreeSet<String>,
    is_all: bool,
}

impl Visitor for Named {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        // Only a plain SELECT says all that it reads.
        self.is_all |= has_table_command(&query.body);
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &sqlparser::ast::Select) -> ControlFlow<()> {
        let is_wildcard = |item: &SelectItem| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
        self.is_all |= select.projection.iter().any(is_wildcard);
        for join in select.from.iter().flat_map(|from| &from.joins) {
            self.columns.extend(refuse::using(join).map(ToString::to_string));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::Identifier(name) => drop(self.columns.insert(name.value.clone())),
            Expr::CompoundIdentifier(path) => self.columns.extend(path.last().map(|name| name.value.clone())),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn has_table_command(body: &SetExpr) -> bool {
    matches!(body, SetExpr::Table(_))
}
