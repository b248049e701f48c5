//! The arrows between the rooms, and the habits of every file, asserted from `cargo metadata` and the source tree.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Most lines that a file may have.
const MAX_LINES: usize = 999;

/// What a crate may depend on among ours, and what it must never pull in directly.
const ROOMS: &[(&str, &[&str], &[&str])] = &[
    ("route-grammar", &[], &["tokio", "zenoh", "reqwest", "axum", "serde_json"]),
    ("route-chain", &[], &["pest", "pest_derive", "tokio", "zenoh", "reqwest", "axum", "tempfile"]),
    (
        "route-compiler",
        &["route-grammar", "route-chain"],
        &["tokio", "zenoh", "reqwest", "axum", "pest", "pest_derive", "jiff"],
    ),
    ("route-runtime", &["route-chain"], &["pest", "pest_derive", "miette", "codespan-reporting", "clap"]),
    ("route-editors", &["route-grammar"], &["tokio", "pest", "pest_derive", "clap"]),
    (
        "routec",
        &["route-grammar", "route-chain", "route-compiler", "route-runtime"],
        &["pest", "pest_derive"],
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Direct dependencies (not those for tests) of every workspace member.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let needs = package["dependencies"].as_array().unwrap().iter();
            (text(&package["name"]), needs.filter(|d| d["kind"] != "dev").map(|d| text(&d["name"])).collect())
        })
        .collect()
}

#[test]
fn rooms_know_only_what_they_may() {
    let all = dependencies();
    let ours: BTreeSet<&str> = all.keys().map(String::as_str).collect();
    for (room, may, never) in ROOMS {
        let needs = all.get(*room).unwrap_or_else(|| panic!("there is no crate `{room}`"));
        for need in needs {
            let allowed = !ours.contains(need.as_str()) || may.contains(&need.as_str());
            assert!(allowed, "`{room}` must not know `{need}`");
            assert!(!never.contains(&need.as_str()), "`{room}` must never know `{need}`");
        }
    }
}

#[test]
fn only_the_command_line_knows_every_room() {
    let all = dependencies();
    let rooms = ROOMS.iter().find_map(|(room, may, _)| (*room == "routec").then_some(*may)).unwrap();
    for (name, needs) in &all {
        let knows = rooms.iter().filter(|room| needs.contains(**room)).count();
        assert_eq!(name == "routec", knows == rooms.len(), "`{name}` knows {knows} of {} rooms", rooms.len());
    }
}

/// The compiler and the chain stay free of tokio and of the network through everything they pull in, too.
#[test]
fn the_core_pulls_in_no_executor() {
    for room in ["route-grammar", "route-chain", "route-compiler"] {
        let out = Command::new(env!("CARGO"))
            .args(["tree", "--offline", "--edges", "normal", "--prefix", "none", "--package", room])
            .current_dir(root())
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let tree = String::from_utf8_lossy(&out.stdout);
        assert!(tree.starts_with(room), "{tree}");
        for line in tree.lines() {
            let name = line.split(' ').next().unwrap_or_default();
            assert!(!matches!(name, "tokio" | "mio" | "hyper" | "zenoh"), "`{room}` pulls in `{name}`");
        }
    }
}

/// Every `.rs` file of the project, wherever it lies; what is built or downloaded does not count.
fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && !matches!(name.as_str(), "target" | "node_modules" | "corpus") {
                sources(&path, found);
            }
        } else if name.ends_with(".rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_file_says_what_it_is_and_stays_short() {
    let mut files = Vec::new();
    sources(&root(), &mut files);
    assert!(files.len() > 10, "only {} files found", files.len());
    let mut faults = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut paragraph = text
            .lines()
            .take_while(|line| line.starts_with("//!") && line.trim() != "//!")
            .map(|line| line.trim_start_matches("//!").trim());
        let first = paragraph.by_ref().collect::<Vec<_>>().join(" ");
        if first.len() < 10 || !first.contains('.') {
            faults.push(format!("{}: does not begin with a sentence in `//!`", file.display()));
        }
        let lines = text.lines().count();
        if lines > MAX_LINES {
            faults.push(format!("{}: {lines} lines, more than {MAX_LINES}", file.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// ARCHITECTURE.md names every dependency of the workspace, and only paths that exist.
#[test]
fn the_architecture_is_described() {
    let described = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for needs in dependencies().values() {
        for need in needs {
            assert!(
                described.contains(&format!("`{need}`")),
                "ARCHITECTURE.md does not say why `{need}` is there"
            );
        }
    }
    for path in described.split('`').skip(1).step_by(2).filter(|p| p.ends_with('/') && !p.contains(' ')) {
        assert!(root().join(path).is_dir(), "ARCHITECTURE.md names `{path}`, which does not exist");
    }
}
