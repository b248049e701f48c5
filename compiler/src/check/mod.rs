//! Rules that read the resolved stack and only report: one rule, one file.

mod bounds;
mod conditions;
mod duplicates;
mod fields;
mod test_items;
mod unused;

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
    duplicates::check(stack, resolver);
    conditions::check(stack, resolver);
    fields::check(stack, resolver);
    bounds::check(stack, resolver);
    test_items::check(stack, resolver);
    unused::check(resolver);
}
