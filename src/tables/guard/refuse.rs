//! What is refused: each check for one place where the engine is silently wrong.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArguments, GroupByExpr, Join, JoinConstraint, JoinOperator, ObjectName, Query,
    Select, TableAlias, TableFactor, Visit, Visitor, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowSpec, WindowType,
    visit_expressions,
};

use super::Refused;

/// What is known of a query while it is checked.
pub(super) struct Refusals<'a> {
    known: &'a BTreeSet<&'a str>,
    ctes: BTreeSet<String>,
    tables: BTreeSet<String>,
}

type Checked = Result<(), Refused>;

impl Refusals<'_> {
    /// Refuses a query, or gives the names of the tables that it reads.
    pub(super) fn check(query: &Query, known: &BTreeSet<&str>) -> Result<BTreeSet<String>, Refused> {
        let mut refusals = Refusals { known, ctes: BTreeSet::new(), tables: BTreeSet::new() };
        match query.visit(&mut refusals) {
            ControlFlow::Continue(()) => Ok(refusals.tables),
            ControlFlow::Break(refused) => Err(*refused),
        }
    }

    fn is_known(&self, name: &str) -> bool {
        self.known.contains(name)
    }

    /// The names of CTEs, which those that follow may read.
    fn ctes(&mut self, query: &Query) -> Checked {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.alias(Some(&cte.alias), "")?;
            self.ctes.insert(cte.alias.name.value.clone());
        }
        Ok(())
    }

    /// An alias, which the engine would take for a table of the same name.
    fn alias(&self, alias: Option<&TableAlias>, of: &str) -> Checked {
        match alias.map(|alias| alias.name.value.as_str()).filter(|name| *name != of && self.is_known(name)) {
            Some(name) => Err(Refused::Hides(name.to_owned())),
            None => Ok(()),
        }
    }

    fn table(&self, table: &TableFactor) -> Checked {
        match table {
            TableFactor::Table { name, alias, args: None, .. } => self.alias(alias.as_ref(), &one_name(name)),
            TableFactor::Derived { alias, .. } | TableFactor::NestedJoin { alias, .. } => self.alias(alias.as_ref(), ""),
            other => Err(Refused::NoTable(other.to_string())),
        }
    }

    fn relation(&mut self, path: &ObjectName) -> Checked {
        let name = one_name(path);
        if self.is_known(&name) {
            self.tables.insert(name);
            return Ok(());
        }
        if self.ctes.contains(&name) {
            return Ok(());
        }
        let known: Vec<&str> = self.known.iter().copied().collect();
        Err(Refused::UnknownTable(path.to_string(), known.join(", ")))
    }
}

/// The name of a path of one part as it is meant; a longer one as it is written.
fn one_name(path: &ObjectName) -> String {
    match path.0.as_slice() {
        [part] => part.as_ident().map_or_else(|| path.to_string(), |name| name.value.clone()),
        _ => path.to_string(),
    }
}

impl Visitor for Refusals<'_> {
    type Break = Box<Refused>;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Self::Break> {
        flow(self.ctes(query))
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Self::Break> {
        flow(self::select(select))
    }

    fn pre_visit_relation(&mut self, path: &ObjectName) -> ControlFlow<Self::Break> {
        flow(self.relation(path))
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<Self::Break> {
        flow(self.table(table))
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Self::Break> {
        let Expr::Function(function) = expr else { return ControlFlow::Continue(()) };
        flow(function.over.as_ref().map_or(Ok(()), |window| over(function, window)))
    }
}

fn flow(checked: Checked) -> ControlFlow<Box<Refused>> {
    match checked {
        Ok(()) => ControlFlow::Continue(()),
        Err(refused) => ControlFlow::Break(Box::new(refused)),
    }
}

fn select(select: &Select) -> Checked {
    for join in select.from.iter().flat_map(|from| &from.joins) {
        self::join(join)?;
    }
    let (mut calls, mut windows, mut aggregates) = (false, false, !is_ungrouped(&select.group_by));
    let _whole = visit_expressions(&select.projection, |one| {
        if let Expr::Function(function) = one {
            calls = true;
            windows |= function.over.is_some();
            aggregates |= function.over.is_none() && is_aggregate(function);
        }
        ControlFlow::<()>::Continue(())
    });
    if calls && select.from.is_empty() {
        return Err(Refused::NoFrom);
    }
    if windows && aggregates {
        return Err(Refused::WindowOverGroups);
    }
    Ok(())
}

fn is_ungrouped(keys: &GroupByExpr) -> bool {
    matches!(keys, GroupByExpr::Expressions(keys, modifiers) if keys.is_empty() && modifiers.is_empty())
}

fn is_aggregate(function: &Function) -> bool {
    let name = function.name.to_string().to_ascii_uppercase();
    let is_listed = matches!(
        name.as_str(),
        "COUNT"
            | "SUM"
            | "MIN"
            | "MAX"
            | "AVG"
            | "MEDIAN"
            | "FIRST"
            | "LAST"
            | "VARIANCE"
            | "ARRAY_AGG"
            | "STRING_AGG"
            | "CORR"
    );
    is_listed || ["QUANTILE", "STDDEV", "STDEV", "VAR_", "COVAR"].iter().any(|begin| name.starts_with(begin))
}

/// What a join names in USING.
pub(super) fn using(join: &Join) -> impl Iterator<Item = &ObjectName> {
    let names = match constraint(&join.join_operator) {
        Some((JoinConstraint::Using(names), _)) => names.as_slice(),
        Some(_) | None => &[],
    };
    names.iter()
}

/// Which rows without a partner a join keeps.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    Neither,
    Left,
    Right,
    Both,
}

fn constraint(operator: &JoinOperator) -> Option<(&JoinConstraint, Keeps)> {
    match operator {
        JoinOperator::Join(on) | JoinOperator::Inner(on) | JoinOperator::CrossJoin(on) => Some((on, Keeps::Neither)),
        JoinOperator::Left(on)
        | JoinOperator::LeftOuter(on)
        | JoinOperator::Semi(on)
        | JoinOperator::LeftSemi(on)
        | JoinOperator::Anti(on)
        | JoinOperator::LeftAnti(on) => Some((on, Keeps::Left)),
        JoinOperator::Right(on) | JoinOperator::RightOuter(on) | JoinOperator::RightSemi(on) | JoinOperator::RightAnti(on) => {
            Some((on, Keeps::Right))
        }
        JoinOperator::FullOuter(on) => Some((on, Keeps::Both)),
        _ => None,
    }
}

fn join(join: &Join) -> Checked {
    let Some((on, keeps)) = constraint(&join.join_operator) else { return Err(Refused::NoTable(join.to_string())) };
    match on {
        JoinConstraint::Natural => Err(Refused::Natural),
        JoinConstraint::Using(keys) if matches!(keeps, Keeps::Right | Keeps::Both) => {
            let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
            Err(Refused::JoinUsing(keys.join(", ")))
        }
        JoinConstraint::On(on) if keeps != Keeps::Neither && !is_equalities(on) => Err(Refused::JoinCondition(on.to_string())),
        JoinConstraint::On(_) | JoinConstraint::Using(_) | JoinConstraint::None => Ok(()),
    }
}

/// Whether ON holds nothing but equalities of a column of one table with one of another.
fn is_equalities(on: &Expr) -> bool {
    match on {
        Expr::Nested(inner) => is_equalities(inner),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => is_equalities(left) && is_equalities(right),
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
            matches!((left.as_ref(), right.as_ref()), (Expr::CompoundIdentifier(left), Expr::CompoundIdentifier(right))
                if left.first() != right.first())
        }
        _ => false,
    }
}

/// A function over a window.
fn over(function: &Function, window: &WindowType) -> Checked {
    let name = function.name.to_string().to_ascii_uppercase();
    let spec = match window {
        WindowType::NamedWindow(name) => return Err(Refused::NamedWindow(name.to_string())),
        WindowType::WindowSpec(WindowSpec { window_name: Some(name), .. }) => {
            return Err(Refused::NamedWindow(name.to_string()));
        }
        WindowType::WindowSpec(spec) => spec,
    };
    if spec.order_by.iter().any(|key| key.options.nulls_first.is_some()) {
        return Err(Refused::WindowNulls);
    }
    if has_aggregate(&function.args) || has_aggregate(spec) {
        return Err(Refused::WindowOverGroups);
    }
    match name.as_str() {
        _ if spec.order_by.is_empty() => Ok(()),
        "ROW_NUMBER" | "RANK" | "DENSE_RANK" | "LAG" | "LEAD" => Ok(()),
        "SUM" | "COUNT" | "MIN" | "MAX" if !is_distinct(function) => {
            if spec.window_frame.as_ref().is_some_and(is_running) {
                Ok(())
            } else {
                Err(Refused::Frame(name))
            }
        }
        _ => Err(Refused::Running(name)),
    }
}

fn is_distinct(function: &Function) -> bool {
    matches!(&function.args, FunctionArguments::List(list) if list.duplicate_treatment.is_some())
}

fn has_aggregate(part: &impl Visit) -> bool {
    let found = visit_expressions(part, |one| match one {
        Expr::Function(function) if function.over.is_none() && is_aggregate(function) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    found.is_break()
}

/// Whether a frame is all rows up to this one.
fn is_running(frame: &WindowFrame) -> bool {
    frame.units == WindowFrameUnits::Rows
        && frame.start_bound == WindowFrameBound::Preceding(None)
        && matches!(frame.end_bound, None | Some(WindowFrameBound::CurrentRow))
}
