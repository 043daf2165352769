//! What is rewritten without a change of meaning: numbers that the engine keeps too narrow, and names of columns.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, CastKind, DataType, DateTimeField, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident,
    OrderByKind, Query, Select, SelectItem, SetExpr, Value, VisitMut, VisitorMut,
};

/// Makes counts, positions and sums 64 bits wide and signed, names every column, and lets ORDER BY find those names.
pub(super) fn widen(query: &mut Query) {
    let _whole = query.visit(&mut Widen);
}

struct Widen;

impl VisitorMut for Widen {
    type Break = ();

    /// Names columns by what was written, before that is rewritten.
    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        for item in &mut select.projection {
            let SelectItem::UnnamedExpr(expr) = item else { continue };
            let alias = match &*expr {
                Expr::Identifier(_) => continue,
                Expr::CompoundIdentifier(path) => path.last().cloned(),
                other => Some(Ident::with_quote('"', other.to_string())),
            };
            let Some(alias) = alias else { continue };
            *item = SelectItem::ExprWithAlias { expr: take(expr), alias };
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        let SetExpr::Select(select) = query.body.as_ref() else { return ControlFlow::Continue(()) };
        let Some(order) = &mut query.order_by else { return ControlFlow::Continue(()) };
        if let OrderByKind::Expressions(keys) = &mut order.kind {
            for key in keys {
                key.expr = named(&select.projection, take(&mut key.expr));
            }
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expr
            && is_sum(function)
        {
            sum(function);
        }
        if is_narrow(expr) {
            *expr = bigint(take(expr));
        }
        ControlFlow::Continue(())
    }
}

/// The name of the column that a key of ORDER BY writes out, else the key.
fn named(projection: &[SelectItem], key: Expr) -> Expr {
    let alias = projection.iter().find_map(|item| match item {
        SelectItem::ExprWithAlias { expr, alias } if *expr == key && !matches!(expr, Expr::Value(_)) => Some(alias.clone()),
        SelectItem::ExprWithAlias { .. }
        | SelectItem::UnnamedExpr(_)
        | SelectItem::ExprWithAliases { .. }
        | SelectItem::QualifiedWildcard(..)
        | SelectItem::Wildcard(_) => None,
    });
    alias.map_or(key, Expr::Identifier)
}

fn take(expr: &mut Expr) -> Expr {
    std::mem::replace(expr, Expr::value(Value::Null))
}

fn bigint(expr: Expr) -> Expr {
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(expr), data_type: DataType::BigInt(None), array: false, format: None }
}

/// Whether the engine gives this as a number of fewer than 64 bits, or an unsigned one.
fn is_narrow(expr: &Expr) -> bool {
    match expr {
        Expr::Position { .. } => true,
        Expr::Extract { field, .. } => matches!(
            field,
            DateTimeField::Hour
                | DateTimeField::Minute
                | DateTimeField::Second
                | DateTimeField::Day
                | DateTimeField::Month
                | DateTimeField::Year
                | DateTimeField::Quarter
                | DateTimeField::Week(None)
                | DateTimeField::DayOfWeek
                | DateTimeField::Dow
                | DateTimeField::Isodow
                | DateTimeField::Doy
        ),
        Expr::Function(function) => matches!(
            function.name.to_string().to_ascii_uppercase().as_str(),
            "COUNT"
                | "ROW_NUMBER"
                | "RANK"
                | "DENSE_RANK"
                | "LENGTH"
                | "LEN"
                | "CHAR_LENGTH"
                | "CHARACTER_LENGTH"
                | "OCTET_LENGTH"
                | "BIT_LENGTH"
                | "STRPOS"
        ),
        _ => false,
    }
}

fn is_sum(function: &Function) -> bool {
    function.name.to_string().eq_ignore_ascii_case("SUM")
}

/// Makes what is added 64 bits wide: a sum of literals or flags is of 32 bits else, whatever name a CTE gave them.
fn sum(function: &mut Function) {
    let FunctionArguments::List(list) = &mut function.args else { return };
    for argument in &mut list.args {
        if let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = argument {
            wide(expr);
        }
    }
}

fn wide(expr: &mut Expr) {
    match expr {
        Expr::Value(value) => {
            let is_whole = matches!(&value.value, Value::Number(digits, _) if digits.bytes().all(|byte| byte.is_ascii_digit()));
            if is_whole || matches!(value.value, Value::Boolean(_)) {
                *expr = bigint(take(expr));
            }
        }
        Expr::Case { conditions, else_result, .. } => {
            conditions.iter_mut().for_each(|condition| wide(&mut condition.result));
            else_result.iter_mut().for_each(|result| wide(result));
        }
        Expr::Nested(inner) | Expr::UnaryOp { expr: inner, .. } => wide(inner),
        Expr::BinaryOp { left, right, op } => {
            if is_arithmetic(op) {
                wide(left);
                wide(right);
            } else {
                *expr = bigint(take(expr));
            }
        }
        Expr::Cast { data_type, .. } if is_narrow_type(data_type) => *expr = bigint(take(expr)),
        Expr::IsNull(_) | Expr::IsNotNull(_) | Expr::InList { .. } | Expr::Between { .. } | Expr::Like { .. } => {
            *expr = bigint(take(expr));
        }
        // A double stays one; all else becomes 64 bits wide.
        _ => {
            let one = bigint(Expr::value(Value::Number("1".to_owned(), false)));
            *expr = Expr::Nested(Box::new(Expr::BinaryOp {
                left: Box::new(Expr::Nested(Box::new(take(expr)))),
                op: BinaryOperator::Multiply,
                right: Box::new(one),
            }));
        }
    }
}

const fn is_arithmetic(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Divide, Minus, Modulo, Multiply, Plus};
    matches!(op, Plus | Minus | Multiply | Divide | Modulo)
}

const fn is_narrow_type(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::Int(_)
            | DataType::Integer(_)
            | DataType::Int2(_)
            | DataType::Int4(_)
            | DataType::SmallInt(_)
            | DataType::TinyInt(_)
            | DataType::Boolean
            | DataType::Bool
    )
}
