//! Faults that are mended on disk go away without a word from the editor's side.

use std::fs::{remove_file, rename, write};

use route_tests::folder;

use super::editor::{Editor, FLOWS};

const TEXT: &str = "halt h on \"Read sensor\" -> *\n";

#[test]
fn settings_that_were_wrong() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", TEXT)]);
    let mut editor = Editor::open(dir.path(), TEXT);
    assert_eq!(editor.shown("s.route"), [""; 0]);
    write(dir.path().join("route.toml"), "[check\n").unwrap();
    editor.look();
    assert_eq!(editor.shown("s.route"), ["-"]);
    remove_file(dir.path().join("route.toml")).unwrap();
    editor.look();
    assert_eq!(editor.shown("s.route"), [""; 0]);
}

/// Moved away and back, a file has the time that it had.
#[test]
fn flows_that_were_away() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", TEXT)]);
    let mut editor = Editor::open(dir.path(), TEXT);
    assert_eq!(editor.shown("s.route"), [""; 0]);
    let (here, there) = (dir.path().join("flows.json"), dir.path().join("away"));
    rename(&here, &there).unwrap();
    editor.look();
    assert_eq!(editor.shown("s.route"), ["-"]);
    rename(&there, &here).unwrap();
    editor.look();
    assert_eq!(editor.shown("s.route"), [""; 0]);
}

#[test]
fn a_used_file_that_was_not_there() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", TEXT)]);
    let mut editor = Editor::open(dir.path(), &format!("use \"part.route\"\n{TEXT}"));
    assert_eq!(editor.shown("s.route"), ["R1019"]);
    write(dir.path().join("part.route"), "// nothing\n").unwrap();
    editor.look();
    assert_eq!(editor.shown("s.route"), [""; 0]);

    // Or it is there in the editor alone.
    remove_file(dir.path().join("part.route")).unwrap();
    editor.look();
    assert_eq!(editor.shown("s.route"), ["R1019"]);
    editor.open_text("part.route", "// nothing\n");
    assert_eq!(editor.shown("s.route"), [""; 0]);
}
