//! What several suites need: the root of the repository, and the corpus that every highlighter is held to.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use route_grammar::class::Class;
use route_grammar::{FileId, parse, tokens::tokens};

/// A text that parses without a finding.
pub struct Text {
    /// Where it is from.
    pub name: String,
    pub text: String,
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_path_buf()
}

/// Every example, the grammar's own texts, and the examples of all rules.
pub fn corpus() -> Vec<Text> {
    let mut paths = Vec::new();
    for dir in ["examples", "grammar/tests", "compiler/tests"] {
        routes(&root().join(dir), &mut paths);
    }
    paths.sort();
    let mut all: Vec<Text> = paths
        .into_iter()
        .map(|path| Text {
            name: path.strip_prefix(root()).unwrap().display().to_string(),
            text: std::fs::read_to_string(&path).unwrap(),
        })
        .collect();
    for rule in route_compiler::codes::all() {
        for (at, example) in rule.examples().into_iter().enumerate() {
            if example.info.split(' ').next() == Some("route") {
                all.push(Text { name: format!("{} example {}", rule.code, at + 1), text: example.text });
            }
        }
    }
    all.retain(|t| parse(&t.text, FileId(0)).1.is_empty());
    assert!(all.len() > 50, "only {} texts", all.len());
    all
}

/// Every block of Route in the documents that parses without a finding.
pub fn documents() -> Vec<Text> {
    let mut all = Vec::new();
    let mut paths = Vec::new();
    markdown(&root(), &mut paths);
    paths.sort();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        for (at, block) in text.split("\n```route").skip(1).enumerate() {
            // What follows the language on its line is about the block.
            let Some((_, rest)) = block.split_once('\n') else { continue };
            let block = rest.split("\n```").next().unwrap_or_default();
            all.push(Text { name: format!("{name} block {}", at + 1), text: format!("{block}\n") });
        }
    }
    all.retain(|t| parse(&t.text, FileId(0)).1.is_empty());
    assert!(!all.is_empty(), "no document has a block of Route");
    all
}

/// Texts between quotes in the tests of the parser that are a stack, a condition or a set of nodes without a finding.
pub fn snippets() -> Vec<Text> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(root().join("grammar/tests")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "rs") {
            continue;
        }
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        for literal in literals(&std::fs::read_to_string(&path).unwrap()) {
            let wrapped =
                [literal.clone(), format!("predicate p = {literal}\n"), format!("let x = {literal}\n")];
            for text in wrapped {
                if !literal.trim().is_empty() && parse(&text, FileId(0)).1.is_empty() {
                    all.push(Text { name: name.clone(), text });
                }
            }
        }
    }
    assert!(all.len() > 50, "only {} texts in the parser's tests", all.len());
    all
}

/// The texts of a source of Rust, as they are meant.
fn literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find('"') {
        let before = &rest[..at];
        let hashes = before.len() - before.trim_end_matches('#').len();
        let raw = before.trim_end_matches('#').ends_with('r');
        let inside = &rest[at + 1..];
        let mut end = 0;
        let close = format!("\"{}", "#".repeat(hashes));
        while !inside[end..].starts_with(&close) {
            let step = inside[end..].chars().next().map_or(0, char::len_utf8);
            if step == 0 {
                return found;
            }
            end += step;
            if !raw && inside[end - step..].starts_with('\\') {
                end += inside[end..].chars().next().map_or(0, char::len_utf8);
            }
        }
        let text = &inside[..end];
        let meant =
            text.replace("\\n", "\n").replace("\\t", "\t").replace("\\\"", "\"").replace("\\\\", "\\");
        found.push(if raw { text.to_owned() } else { meant });
        rest = &inside[end + close.len()..];
    }
    found
}

fn markdown(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && !matches!(name.as_str(), "target" | "node_modules" | "corpus") {
                markdown(&path, found);
            }
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
}

fn routes(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            routes(&path, found);
        } else if path.extension().is_some_and(|e| e == "route") {
            found.push(path);
        }
    }
}

/// The class of every byte of a text, as the parser has it; white space has none.
pub fn classes(text: &str) -> Vec<Option<Class>> {
    let mut out = vec![None; text.len()];
    for (span, class) in tokens(text) {
        out[span.range()].fill(Some(class));
    }
    out
}

/// Fails with every token that a highlighter takes for something else; `shown` has a name for every byte.
pub fn compare(text: &Text, shown: &[Option<String>], name: impl Fn(Class) -> String) -> Vec<String> {
    let mut faults = Vec::new();
    for (span, class) in tokens(&text.text) {
        let wanted = name(class);
        let wrong = span.range().find(|at| {
            !text.text.as_bytes()[*at].is_ascii_whitespace() && shown[*at].as_deref() != Some(wanted.as_str())
        });
        if let Some(at) = wrong {
            let line = text.text[..at].matches('\n').count() + 1;
            let whole = text.text.lines().nth(line - 1).unwrap_or_default();
            faults.push(format!(
                "{}:{line}: `{}` is {:?}, not {wanted}: {}",
                text.name,
                &text.text[span.range()],
                shown[at].as_deref().unwrap_or("nothing"),
                whole.trim()
            ));
        }
    }
    faults
}

/// Numbers that are the same in every run.
pub struct Numbers(pub u64);

impl Numbers {
    /// One that is less than `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}
