//! What is generated is what stands in the repository; `UPDATE=1` writes it.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;

use route_grammar::class::Class;

#[test]
fn generated_files_are_up_to_date() {
    let mut stale = Vec::new();
    for (path, wanted) in route_editors::files::all() {
        let place = common::root().join(path);
        if std::fs::read_to_string(&place).is_ok_and(|found| found == wanted) {
            continue;
        }
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(&place, wanted).unwrap();
        } else {
            stale.push(path);
        }
    }
    assert!(stale.is_empty(), "stale: {stale:?}: run `UPDATE=1 cargo test -p route-editors`");
}

/// What no text has, no suite tests.
#[test]
fn the_corpus_has_every_class() {
    let found: BTreeSet<Class> =
        common::corpus().iter().flat_map(|t| common::classes(&t.text)).flatten().collect();
    let missing: Vec<&Class> = Class::ALL.iter().filter(|class| !found.contains(class)).collect();
    assert!(missing.is_empty(), "no text has {missing:?}");
}

/// highlight.js tries the end of a mode on the text from there on, where nothing is behind: it would try for ever.
#[test]
fn no_end_of_highlight_js_looks_behind() {
    let definition = route_editors::highlight_js::definition();
    let ends: Vec<&str> = definition.split("end: /").skip(1).collect();
    let looks =
        |end: &&&str| end.split(" }").next().unwrap().split(", contains").next().unwrap().contains("(?<=");
    let wrong: Vec<&&str> = ends.iter().filter(looks).collect();
    assert!(!ends.is_empty() && wrong.is_empty(), "{wrong:?}");
}

/// Groups refer to each other in circles: a list that is copied while others are still empty stays without them.
#[test]
fn no_group_of_highlight_js_is_copied_before_all_are_there() {
    let definition = route_editors::highlight_js::definition();
    assert!(!definition.contains("...g["), "a group is copied where it is named");
}

/// Vim refuses a cluster without members, and with it the whole file.
#[test]
fn no_cluster_of_vim_is_empty() {
    let syntax = route_editors::vim::syntax();
    let empty: Vec<&str> = syntax.lines().filter(|line| line.trim_end().ends_with("contains=")).collect();
    assert!(empty.is_empty() && syntax.contains("syn cluster"), "{empty:?}");
}
