//! The TextMate grammar held to the parser token by token, as shiki reads it, with the expressions of VS Code's own engine.
#![allow(clippy::unwrap_used)]

mod common;

use std::io::Write;
use std::process::{Command, Stdio};

use route_editors::textmate::scope;

/// For each text its lines, each as lengths in UTF-16 units with the innermost scope there.
type Shown = Vec<Vec<Vec<(usize, String)>>>;

#[test]
fn shows_what_the_parser_sees() {
    let extension = common::root().join("editors/vscode");
    if !extension.join("node_modules/shiki").exists() {
        eprintln!("skipped: shiki is not there: `npm ci` in editors/vscode");
        return;
    }
    let corpus = common::corpus();
    let texts: Vec<&str> = corpus.iter().map(|text| text.text.as_str()).collect();
    let mut node = Command::new("node")
        .arg("test/colours.mjs")
        .current_dir(extension)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    node.stdin.take().unwrap().write_all(serde_json::to_string(&texts).unwrap().as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success());
    let shown: Shown = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(shown.len(), corpus.len());
    let faults: Vec<String> = corpus
        .iter()
        .zip(&shown)
        .flat_map(|(text, lines)| common::compare(text, &by_byte(&text.text, lines), scope))
        .collect();
    assert!(faults.is_empty(), "{} tokens differ:\n{}", faults.len(), faults.join("\n"));
}

/// The scope of every byte; line ends have none.
fn by_byte(text: &str, lines: &[Vec<(usize, String)>]) -> Vec<Option<String>> {
    let mut shown = Vec::with_capacity(text.len());
    for (line, parts) in text.split_inclusive('\n').zip(lines) {
        let units = parts.iter().flat_map(|(length, scope)| std::iter::repeat_n(scope, *length));
        let mut units = units.collect::<Vec<_>>().into_iter();
        for c in line.chars() {
            let scope = units.next().cloned();
            units.by_ref().take(c.len_utf16() - 1).for_each(drop);
            shown.extend(std::iter::repeat_n(scope, c.len_utf8()));
        }
    }
    shown
}
