//! The real flows that suites run over, where they are at hand.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::{Path, PathBuf};

/// Every JSON file of the corpus, in order: of the folder that `ROUTE_CORPUS` names, or the one beside the project.
/// `None`, and a word about it, when there is none.
pub(crate) fn corpus() -> Option<Vec<PathBuf>> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let dir = std::env::var_os("ROUTE_CORPUS").map_or(beside, PathBuf::from);
    if !dir.is_dir() {
        println!("skipped: corpus absent");
        return None;
    }
    let mut paths = Vec::new();
    files(&dir, &mut paths);
    paths.sort();
    Some(paths)
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "json") {
            found.push(path);
        }
    }
}
