//! Operands that can never compare, operators on values of the wrong type, and things after `when` that are no condition.

use route_chain::ir::Func;
use route_grammar::Diagnostic;
use route_grammar::ast::ItemKind;

use super::Checked;
use super::carrying::Carrying;
use crate::codes;
use crate::hir::{Expr, Kind, Shape, TextOp};
use crate::resolver::Resolver;
use crate::types::{self, Types};

pub(super) fn check<'a>(stack: &Checked<'a>, resolver: &mut Resolver<'a>) {
    let mut carrying = Carrying::new(stack.carried);
    for router in stack.routers {
        let shape = carrying.at(router).map(|left| left.shape());
        let schema = shape.as_deref();
        carrying.pass(router);
        for e in router.conditions() {
            condition(e, schema, resolver);
        }
        for e in router.exprs() {
            e.walk(&mut |part| operation(part, schema, resolver));
        }
    }
    for placed in stack.items {
        let ItemKind::Predicate { name, .. } = &placed.item.kind else { continue };
        if let Some((key, _)) = resolver.scope.names.get_key_value(name.text.as_str())
            && let Some(e) = resolver.predicate(key)
        {
            condition(&e, None, resolver);
            e.walk(&mut |part| operation(part, None, resolver));
        }
    }
}

fn condition(e: &Expr, schema: Option<&Shape>, resolver: &mut Resolver<'_>) {
    let ty = types::of(e, schema);
    if ty.meets(Types::BOOL) {
        return;
    }
    let message = format!("a condition is wanted here, this is {}", ty.describe());
    let d = Diagnostic::new(codes::NOT_A_CONDITION, e.file, e.span, message);
    resolver.report(d.help("compare it with something, or ask `has msg.…`"));
}

fn operation(e: &Expr, schema: Option<&Shape>, resolver: &mut Resolver<'_>) {
    let of = |e: &Expr| types::of(e, schema);
    match &e.kind {
        Kind::Cmp(op, _, a, b) => {
            let (x, y) = (of(a), of(b));
            let ordered = *op != route_chain::ir::Cmp::Eq;
            let common = if ordered { x.and(y).and(Types::NUMBER.or(Types::TEXT)) } else { x.and(y) };
            if common.is_empty() {
                resolver.report(never(e, a, b, x, y));
            }
        }
        Kind::InList(a, items) => {
            for item in items {
                let (x, y) = (of(a), of(item));
                if x.and(y).is_empty() {
                    resolver.report(never(item, a, item, x, y));
                }
            }
        }
        Kind::InRange(a, low, high, _) => {
            for end in [low, high] {
                let (x, y) = (of(a), of(end));
                if x.and(y).and(Types::NUMBER.or(Types::TEXT)).is_empty() {
                    resolver.report(never(end, a, end, x, y));
                }
            }
        }
        Kind::Arith(route_chain::ir::Arith::Add, a, b) => {
            let (x, y) = (of(a), of(b));
            if x.and(y).and(Types::NUMBER.or(Types::TEXT)).is_empty() {
                resolver.report(wrong(e, "`+` joins two numbers or two texts", x.or(y)));
            }
        }
        Kind::Arith(_, a, b) => {
            for side in [a, b] {
                need(side, Types::NUMBER, "a number", schema, resolver);
            }
        }
        Kind::Neg(a) => need(a, Types::NUMBER, "a number", schema, resolver),
        Kind::Matches(a, _) | Kind::InCidr(a, _) => need(a, Types::TEXT, "a text", schema, resolver),
        Kind::Text(TextOp::Contains, a, _) => {
            need(a, Types::TEXT.or(Types::LIST), "a text or a list", schema, resolver);
        }
        Kind::Text(_, a, b) => {
            need(a, Types::TEXT, "a text", schema, resolver);
            need(b, Types::TEXT, "a text", schema, resolver);
        }
        Kind::Call(func, args) => {
            if let Some((wanted, word)) = argument(*func) {
                args.iter().for_each(|arg| need(arg, wanted, word, schema, resolver));
            }
        }
        Kind::Not(a) => condition(a, schema, resolver),
        Kind::And(a, b) | Kind::Or(a, b) => {
            condition(a, schema, resolver);
            condition(b, schema, resolver);
        }
        _ => {}
    }
}

/// The types that a function takes; the others take any.
fn argument(func: Func) -> Option<(Types, &'static str)> {
    match func {
        Func::Len => {
            let holders = Types::TEXT.or(Types::LIST).or(Types::OBJECT).or(Types::BYTES);
            Some((holders, "a text, a list, an object or bytes"))
        }
        Func::Lower | Func::Upper | Func::Trim | Func::Ip => Some((Types::TEXT, "a text")),
        Func::Abs | Func::Min | Func::Max | Func::Round => Some((Types::NUMBER, "a number")),
        Func::Hash | Func::Size => None,
    }
}

fn need(e: &Expr, wanted: Types, word: &str, schema: Option<&Shape>, resolver: &mut Resolver<'_>) {
    let ty = types::of(e, schema);
    if !ty.meets(wanted) {
        resolver.report(wrong(e, &format!("{word} is wanted here"), ty));
    }
}

fn wrong(e: &Expr, text: &str, ty: Types) -> Diagnostic {
    let message = format!("{text}, this is {}", ty.describe());
    Diagnostic::new(codes::WRONG_OPERAND, e.file, e.span, message)
}

fn never(e: &Expr, a: &Expr, b: &Expr, x: Types, y: Types) -> Diagnostic {
    let message = format!("{} never compares with {}", x.describe(), y.describe());
    Diagnostic::new(codes::NEVER_COMPARES, e.file, e.span, message).note(a.file, a.span, x.describe()).note(
        b.file,
        b.span,
        y.describe(),
    )
}

#[cfg(test)]
mod tests {
    use crate::testkit::check;

    #[test]
    fn what_a_router_set_is_no_longer_as_the_schema_has_it() {
        check(
            r#"
schema Reading { payload: { t: string, unit: string } }
carry Reading on "Sensor 1" -> *
halt before on "Sensor 1" -> * { when msg.payload.t > 5 }
//                                    ^^^^^^^^^^^^^^^^^ error[R2001]: a text never compares with a number
set number on "Sensor 1" -> * { msg.payload.t = 7 }
halt after on "Sensor 1" -> * { when msg.payload.t > 5 }
halt other on "Sensor 1" -> * { when msg.payload.unit > 5 }
//                                   ^^^^^^^^^^^^^^^^^^^^ error[R2001]: a text never compares with a number
"#,
        );
    }

    #[test]
    fn functions_take_what_they_can_use() {
        check(
            r#"
schema Reading { payload: { t: number, tags: [string], site: string } }
carry Reading on "Sensor 1" -> *
halt a on "Sensor 1" -> * { when len(msg.payload.t) > 3 }
//                                   ^^^^^^^^^^^^^ error[R2009]: a text, a list, an object or bytes is wanted here, this is a number
halt b on "Sensor 1" -> * { when lower(msg.payload.tags) == "x" }
//                                     ^^^^^^^^^^^^^^^^ error[R2009]: a text is wanted here, this is a list
halt c on "Sensor 2" -> * { when abs("x") > 3 }
//                                   ^^^ error[R2009]: a number is wanted here, this is a text
halt d on "Sensor 2" -> * { when min(msg.payload.t, "x") > 3 }
//                                                  ^^^ error[R2009]: a number is wanted here, this is a text
halt e on "Sensor 1" -> * { when len(msg.payload.tags) > 3 and upper(msg.payload.site) == "N" and round(msg.payload.t) == 1 }
"#,
        );
    }
}
