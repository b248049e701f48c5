//! What a schema says of the value at a path, as a set of values.

use route_chain::ir::{Path, Seg};

use super::set::{Kinds, Set};
use crate::hir::Shape;

/// By number of a path, what the value there may be; paths of which the schema says nothing are left out.
pub(crate) fn promises<'p>(shape: &Shape, paths: impl Iterator<Item = (u32, &'p Path)>) -> Vec<(u32, Set)> {
    let of = |(at, path): (u32, &Path)| {
        let set = at_path(shape, path);
        (!Set::all().is_within(&set)).then_some((at, set))
    };
    paths.filter_map(of).collect()
}

fn at_path(shape: &Shape, path: &[Seg]) -> Set {
    let Some((step, rest)) = path.split_first() else { return value(shape) };
    match (shape, step) {
        (Shape::Object(fields), Seg::Key(key)) => match fields.iter().find(|(name, ..)| name == key) {
            Some((_, true, shape)) => at_path(shape, rest).or(&Set::absent()),
            Some((_, false, shape)) => at_path(shape, rest),
            None => Set::all(),
        },
        // Lists may be short.
        (Shape::List(item), Seg::Index(_)) => at_path(item, rest).or(&Set::absent()),
        (Shape::Union(members), _) => {
            members.iter().map(|member| at_path(member, path)).fold(Set::none(), |all, one| all.or(&one))
        }
        (Shape::Any | Shape::Is(_), _) => Set::all(),
        _ => Set::absent(),
    }
}

fn value(shape: &Shape) -> Set {
    match shape {
        Shape::Any => Set::all(),
        Shape::Is(ty) => Set::of_type(*ty),
        Shape::Literal(value) => Set::equal_to(value).unwrap_or_else(Set::present),
        Shape::Object(_) => Set::kinds(Kinds::OBJECT),
        Shape::List(_) => Set::kinds(Kinds::LIST),
        Shape::Union(members) => members.iter().map(value).fold(Set::none(), |all, one| all.or(&one)),
    }
}
