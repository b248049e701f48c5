//! Rules: one file each, with code, name, level, long form, message and tests. Those below read the resolved stack and
//! only report; the others are told where a name or a clause is resolved.

mod carrying;
mod conditions;
mod decided;
mod fields;
pub(crate) mod foreign;
pub(crate) mod reach;
mod way;

pub(crate) mod fleet;
pub(crate) mod graph;
pub(crate) mod names;
pub(crate) mod types;

#[cfg(test)]
mod examples;
#[cfg(test)]
mod reach_tests;

use crate::hir::Router;
use crate::load::Placed;
use crate::resolver::Resolver;
use crate::schema::Carried;

/// What rules look at.
pub(crate) struct Checked<'a> {
    pub(crate) items: &'a [Placed],
    pub(crate) routers: &'a [Router],
    pub(crate) carried: &'a [Carried],
}

pub(crate) fn check<'a>(stack: &Checked<'a>, resolver: &mut Resolver<'a>) {
    names::duplicate::check(stack, resolver);
    names::shadowed::check(stack, resolver);
    conditions::check(stack, resolver);
    fields::check(stack, resolver);
    types::absent_turns_on::check(stack, resolver);
    graph::unbounded_break::check(stack, resolver);
    graph::lost_wires::check(stack, resolver);
    names::dangling_id::check(stack, resolver);
    names::unused::check(resolver);
}
