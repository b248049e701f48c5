//! Expressions that are plain text become comparisons, which other passes can look through and put into tables.
//!
//! Literals that an expression begins with are found by the analysis and go into tables; those inside of it are left to
//! the `regex` crate, which looks for them before it runs its automaton.

use route_chain::ir::{Cmp, Cond, Op, Operand, Step, Type};
use serde_json::Value as Json;

use crate::analysis::regex::{Shape, shape};
use crate::fold;
use crate::lowered::Lowered;

pub(super) fn run(lowered: &mut Lowered) {
    let shapes: Vec<Shape> = lowered.lowerer.regexes.items.iter().map(|regex| shape(regex)).collect();
    lowered.rewrite(|step| {
        let when = step.when.as_ref().map(|cond| plain(cond, &shapes));
        let op = match &step.op {
            Op::Keep(cond) => Op::Keep(plain(cond, &shapes)),
            op => op.clone(),
        };
        Step { router: step.router, when, op }
    });
}

fn plain(cond: &Cond, shapes: &[Shape]) -> Cond {
    let all = |list: &[Cond]| list.iter().map(|cond| plain(cond, shapes)).collect();
    match cond {
        Cond::Not(inner) => fold::not(plain(inner, shapes)),
        Cond::And(list) => fold::and(all(list)),
        Cond::Or(list) => fold::or(all(list)),
        Cond::Matches(operand, regex) => {
            let text = |s: &str| Operand::Lit(Json::from(s));
            match shapes.get(*regex as usize) {
                Some(Shape::All) => Cond::Is(operand.clone(), Type::String),
                Some(Shape::Equals(texts)) => match texts.as_slice() {
                    [one] => Cond::Cmp(Cmp::Eq, operand.clone(), text(one)),
                    many => {
                        Cond::InList(operand.clone(), many.iter().map(|s| Json::from(s.as_str())).collect())
                    }
                },
                Some(Shape::Begins(s)) => Cond::StartsWith(operand.clone(), text(s)),
                Some(Shape::Ends(s)) => Cond::EndsWith(operand.clone(), text(s)),
                // Of a list this would ask for a member.
                Some(Shape::Contains(s)) if matches!(operand, Operand::Path(_)) => fold::and(vec![
                    Cond::Is(operand.clone(), Type::String),
                    Cond::Contains(operand.clone(), text(s)),
                ]),
                _ => cond.clone(),
            }
        }
        other => other.clone(),
    }
}
