//! Refuses what the closed dialect of the tables' SQL does not hold.
//!
//! Outside of it polars, `DuckDB` and Spark give different figures, or polars silently wrong ones: an unsigned COUNT that wraps, a SUM
//! of 32 bits, a LEFT JOIN that loses rows for a condition in ON. So that it is not known by heart, whatever is not allowed here is
//! refused.

#![expect(clippy::wildcard_enum_match_arm, reason = "the parser's enums are not ours: what is not named is refused")]

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, Ident,
    Join, JoinConstraint, JoinOperator, OrderByKind, Query, Select, SelectItem, SetExpr, Statement, TableFactor, UnaryOperator,
    Value, visit_expressions,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::super::TABLES;

/// Why a query is refused.
type Refusal = Result<(), String>;

fn check(sql: &str) -> Refusal {
    let statements = Parser::parse_sql(&GenericDialect {}, sql).map_err(|error| error.to_string())?;
    let [Statement::Query(whole)] = statements.as_slice() else { return Err("one query".to_owned()) };
    if whole.order_by.is_none() {
        return Err("without ORDER BY no order is promised".to_owned());
    }
    query(whole)?;
    let mut refused = Ok(());
    let _whole = visit_expressions(whole.as_ref(), |one| {
        refused = expression(one);
        if refused.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    refused?;
    sums_are_cast(whole)
}

fn query(query: &Query) -> Refusal {
    let Query { with, body, order_by, limit_clause, fetch, locks, for_clause, settings, format_clause, pipe_operators } = query;
    let is_plain = limit_clause.is_none() && fetch.is_none() && locks.is_empty() && for_clause.is_none() && settings.is_none();
    if !is_plain || format_clause.is_some() || !pipe_operators.is_empty() {
        return Err(format!("more than SELECT and ORDER BY: {query}"));
    }
    for cte in with.iter().flat_map(|with| &with.cte_tables) {
        name(&cte.alias.name)?;
        if cte.query.with.is_some() || cte.query.order_by.is_some() || !cte.alias.columns.is_empty() {
            return Err(format!("CTEs stand at the top, plain: {cte}"));
        }
        self::query(&cte.query)?;
    }
    if let Some(order) = order_by {
        let OrderByKind::Expressions(keys) = &order.kind else { return Err("ORDER BY ALL".to_owned()) };
        if let Some(key) = keys.iter().find(|key| !matches!(key.expr, Expr::Identifier(_))) {
            return Err(format!("ORDER BY names columns of the result: {key}"));
        }
    }
    let SetExpr::Select(body) = body.as_ref() else { return Err(format!("only SELECT: {body}")) };
    select(body)
}

fn select(select: &Select) -> Refusal {
    let is_plain = select.distinct.is_none() && select.top.is_none() && select.into.is_none() && select.qualify.is_none();
    let is_grouped_plainly = match &select.group_by {
        GroupByExpr::Expressions(keys, modifiers) => {
            modifiers.is_empty() && keys.iter().all(|key| matches!(key, Expr::Identifier(_) | Expr::CompoundIdentifier(_)))
        }
        GroupByExpr::All(_) => false,
    };
    if !is_plain || !is_grouped_plainly || !select.named_window.is_empty() || select.having.is_some() {
        return Err(format!("more than FROM, WHERE and GROUP BY of columns: {select}"));
    }
    for item in &select.projection {
        match item {
            SelectItem::UnnamedExpr(Expr::Identifier(_)) => {}
            SelectItem::ExprWithAlias { alias, .. } => name(alias)?,
            other => return Err(format!("every column has a name: {other}")),
        }
    }
    let [from] = select.from.as_slice() else { return Err("FROM names one table".to_owned()) };
    table(&from.relation)?;
    from.joins.iter().try_for_each(join)
}

fn table(table: &TableFactor) -> Refusal {
    let TableFactor::Table { name: path, alias: None, args: None, .. } = table else {
        return Err(format!("a view or CTE by its own name: {table}"));
    };
    if path.to_string().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        Ok(())
    } else {
        Err(format!("lower case: {path}"))
    }
}

fn join(join: &Join) -> Refusal {
    table(&join.relation)?;
    let (JoinOperator::Join(on) | JoinOperator::Inner(on) | JoinOperator::Left(on) | JoinOperator::LeftOuter(on)) =
        &join.join_operator
    else {
        return Err(format!("JOIN and LEFT JOIN only: {join}"));
    };
    let JoinConstraint::On(on) = on else { return Err(format!("ON only: {join}")) };
    equalities(on)
}

/// ON holds nothing but equalities of a column of one side with one of the other.
fn equalities(on: &Expr) -> Refusal {
    match on {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => equalities(left).and_then(|()| equalities(right)),
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => match (left.as_ref(), right.as_ref()) {
            (Expr::CompoundIdentifier(left), Expr::CompoundIdentifier(right)) if left.first() != right.first() => Ok(()),
            _ => Err(format!("ON compares columns of two tables: {on}")),
        },
        other => Err(format!("ON holds equalities only: {other}")),
    }
}

fn name(name: &Ident) -> Refusal {
    let is_lower = name.value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if is_lower && name.quote_style.is_none() { Ok(()) } else { Err(format!("lower case, no quotes: {name}")) }
}

/// One expression, its parts aside: they are visited too.
fn expression(one: &Expr) -> Refusal {
    match one {
        Expr::Identifier(ident) => name(ident),
        Expr::CompoundIdentifier(path) => path.iter().try_for_each(name),
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(_) | Value::Null | Value::Boolean(_) => Ok(()),
            Value::Number(digits, false) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Ok(()),
            other => Err(format!("text and whole numbers only: {other}")),
        },
        Expr::BinaryOp { op, .. } => match op {
            BinaryOperator::And
            | BinaryOperator::Or
            | BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::Lt
            | BinaryOperator::LtEq
            | BinaryOperator::Gt
            | BinaryOperator::GtEq
            | BinaryOperator::Plus => Ok(()),
            other => Err(format!("operator {other}")),
        },
        Expr::UnaryOp { op: UnaryOperator::Not, .. }
        | Expr::Nested(_)
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::InList { .. }
        | Expr::Case { .. }
        | Expr::Cast { kind: CastKind::Cast, data_type: DataType::BigInt(None), format: None, .. } => Ok(()),
        Expr::Function(function) => call(function),
        other => Err(format!("{other}")),
    }
}

fn call(function: &Function) -> Refusal {
    let is_plain = function.filter.is_none()
        && function.over.is_none()
        && function.null_treatment.is_none()
        && function.within_group.is_empty()
        && matches!(function.parameters, FunctionArguments::None);
    let FunctionArguments::List(list) = &function.args else { return Err(format!("{function}")) };
    let is_known = matches!(function.name.to_string().as_str(), "SUM" | "MIN" | "MAX" | "COALESCE" | "COUNT");
    if is_plain && is_known && list.duplicate_treatment.is_none() && list.clauses.is_empty() {
        Ok(())
    } else {
        Err(format!("function {function}"))
    }
}

/// SUM and COUNT stand right inside a cast to BIGINT, and SUM adds a column that is 64 bits wide or cases of one and 0.
fn sums_are_cast(whole: &Query) -> Refusal {
    let (mut sums, mut cast, mut refused) = (0, 0, Ok(()));
    let _whole = visit_expressions(whole, |one| {
        match one {
            Expr::Function(function) if is_sum(function) => sums += 1,
            Expr::Cast { expr, .. } => {
                if let Expr::Function(function) = expr.as_ref()
                    && is_sum(function)
                {
                    cast += 1;
                    refused = std::mem::replace(&mut refused, Ok(())).and_then(|()| wide(function));
                }
            }
            _ => {}
        }
        ControlFlow::<()>::Continue(())
    });
    refused?;
    if sums == cast { Ok(()) } else { Err("SUM or COUNT without a cast to BIGINT".to_owned()) }
}

fn is_sum(function: &Function) -> bool {
    matches!(function.name.to_string().as_str(), "SUM" | "COUNT")
}

/// A sum of literals alone would be of 32 bits, and wrap.
fn wide(function: &Function) -> Refusal {
    let FunctionArguments::List(list) = &function.args else { return Ok(()) };
    let is_column = |one: &Expr| matches!(one, Expr::Identifier(_) | Expr::CompoundIdentifier(_));
    let is_wide = list.args.iter().all(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Case { conditions, .. })) => {
            conditions.iter().all(|condition| is_column(&condition.result))
        }
        FunctionArg::Unnamed(FunctionArgExpr::Expr(one)) => is_column(one),
        _ => function.name.to_string() == "COUNT",
    });
    if is_wide { Ok(()) } else { Err(format!("a sum of 32 bits: {function}")) }
}

#[test]
fn every_table_keeps_to_the_dialect() {
    for table in TABLES {
        if let Some(sql) = table.sql {
            check(sql).unwrap_or_else(|refusal| panic!("{}.sql: {refusal}", table.name));
        }
    }
}

#[test]
fn what_engines_do_not_agree_on_is_refused() {
    let refused = [
        "SELECT a FROM t",
        "SELECT COUNT(*) AS n FROM t ORDER BY n",
        "SELECT SUM(a) AS n FROM t ORDER BY n",
        "SELECT CAST(SUM(CASE WHEN a = 'x' THEN 1 ELSE 0 END) AS BIGINT) AS n FROM t ORDER BY n",
        "SELECT CAST(SUM(a) AS INTEGER) AS n FROM t ORDER BY n",
        "SELECT ROUND(a) AS n FROM t ORDER BY n",
        "SELECT a / b AS n FROM t ORDER BY n",
        "SELECT a % b AS n FROM t ORDER BY n",
        "SELECT -7 AS n FROM t ORDER BY n",
        "SELECT 1.5 AS n FROM t ORDER BY n",
        "SELECT CAST(COUNT(DISTINCT a) AS BIGINT) AS n FROM t ORDER BY n",
        "SELECT CAST(COUNT(*) FILTER (WHERE a = 1) AS BIGINT) AS n FROM t ORDER BY n",
        "SELECT CAST(SUM(a) OVER (ORDER BY b) AS BIGINT) AS n FROM t ORDER BY n",
        "SELECT a FROM t LEFT JOIN u ON t.k = u.k AND u.v > 3 ORDER BY a",
        "SELECT a FROM t LEFT JOIN u ON t.k = t.v ORDER BY a",
        "SELECT a FROM t JOIN u USING (k) ORDER BY a",
        "SELECT a FROM t FULL OUTER JOIN u ON t.k = u.k ORDER BY a",
        "SELECT a FROM t, u ORDER BY a",
        "SELECT a FROM (SELECT b FROM u) AS t ORDER BY a",
        "SELECT a FROM t WHERE a = (SELECT b FROM u) ORDER BY a",
        "SELECT a FROM t UNION ALL SELECT a FROM u ORDER BY a",
        "SELECT * FROM t ORDER BY a",
        "SELECT DISTINCT a FROM t ORDER BY a",
        "SELECT t.a FROM t ORDER BY a",
        "SELECT a FROM t ORDER BY a LIMIT 3",
        "SELECT a FROM t ORDER BY COUNT(*)",
        "SELECT \"a\" FROM t ORDER BY a",
        "SELECT A FROM t ORDER BY a",
        "SELECT a FROM T ORDER BY a",
        "SELECT a FROM t GROUP BY GROUPING SETS ((a), ()) ORDER BY a",
        "SELECT a FROM t WHERE day = DATE '2026-10-01' ORDER BY a",
        "SELECT a FROM t WHERE a LIKE 'x%' ORDER BY a",
        "SELECT a || 'x' AS n FROM t ORDER BY n",
        "SELECT CONCAT(a, 'x') AS n FROM t ORDER BY n",
    ];
    for sql in refused {
        assert!(check(sql).is_err(), "{sql}");
    }
    check("SELECT a, CAST(COUNT(*) AS BIGINT) AS n FROM t WHERE a IS NOT NULL AND (b = 'x' OR c IN ('y', 'z')) GROUP BY a ORDER BY a")
        .unwrap();
}
