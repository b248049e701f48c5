//! What nodes know of values: JavaScript's coercions, property expressions, typed inputs, templates, expressions.

pub(crate) mod coerce;
pub(crate) mod context;
pub(crate) mod inspect;
pub(crate) mod jsonata;
pub(crate) mod moment;
pub(crate) mod mustache;
pub(crate) mod property;
pub(crate) mod props;
pub(crate) mod random;
pub(crate) mod typed;
