//! Transcripts that pages show: `console` blocks, whose lines after `$` are run and whose other lines are what came out.
//!
//! - `in=NAME`: in a copy of `examples/NAME`, or with `in=page` in an empty folder; the `file=` blocks of the page so far are put
//!   there. Blocks of one page with the same folder run one after the other in it.
//! - `running`: while `routec run .` runs there; numbers and the width of columns are not compared.
//!
//! A line `...` stands for any lines. `UPDATE=1` writes what came out into the page.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use route_tests::{Running, routec_path};
use tempfile::TempDir;

use crate::pages::{Block, Page, root};
use crate::stacks::shown;

const KNOWN: [&str; 2] = ["in", "running"];

/// Runs the transcripts of a page; what is wrong with them, and the page as it should be.
pub(crate) fn check(page: &Page) -> (Vec<String>, String) {
    let (mut wrong, mut fixed) = (Vec::new(), page.raw.clone());
    let mut folders: Vec<(String, Folder)> = Vec::new();
    for (at, block) in page.blocks.iter().enumerate().filter(|(_, block)| block.lang == "console") {
        let place = format!("{}:{}", page.path, block.line);
        let (Some(name), None) = (block.attr("in"), block.unknown(&KNOWN)) else {
            wrong.push(format!("{place}: a `console` block says `in=…`, and `running` at the most"));
            continue;
        };
        if !folders.iter().any(|(known, _)| known == name) {
            folders.push((name.to_owned(), Folder::new(name)));
        }
        let Some((_, folder)) = folders.iter_mut().find(|(known, _)| known == name) else { continue };
        folder.put(&page.blocks[..at]);
        let running = block.attr("running").is_some();
        if running {
            folder.start();
        }
        let now = again(block, folder, running);
        if now != block.text {
            fixed = fixed.replacen(&block.text, &now, 1);
            wrong.push(format!("{place}: this is not what comes out; what does is\n{now}"));
        }
    }
    (wrong, fixed)
}

/// The block with what comes out now; as it is, where that fits.
fn again(block: &Block, folder: &Folder, running: bool) -> String {
    let mut out = String::new();
    for (command, wanted) in commands(&block.text) {
        let found = folder.run(&command);
        let text = if fits(&wanted, &found, running) { &wanted } else { &found };
        out += &format!("$ {command}\n{text}");
    }
    out
}

/// Commands with the lines after them.
pub(crate) fn commands(text: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("$ "), all.last_mut()) {
            (Some(command), _) => all.push((command.to_owned(), String::new())),
            (None, Some((_, output))) => *output += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    all
}

fn fits(wanted: &str, found: &str, loosely: bool) -> bool {
    let lines = |text: &str| -> Vec<String> { text.trim_end().lines().map(|l| seen(l, loosely)).collect() };
    let (wanted, found) = (lines(wanted), lines(found));
    let mut parts = wanted.split(|line| line == "...").peekable();
    let mut at = 0;
    let mut first = true;
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        let places = if first { at..at + 1 } else { at..found.len() + 1 };
        let here = |from: &usize| {
            let there = found.get(*from..).unwrap_or_default();
            there.starts_with(part) && (!last || there.len() == part.len())
        };
        match { places }.find(here) {
            Some(from) => at = from + part.len(),
            None => return false,
        }
        first = false;
    }
    true
}

/// A line as it is compared.
fn seen(line: &str, loosely: bool) -> String {
    if !loosely {
        return line.trim_end().to_owned();
    }
    let words = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::new();
    let mut rest = words.as_str();
    while let Some(c) = rest.chars().next() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let hex = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_hexdigit()).len();
        // Ids are long and in hexadecimal.
        let number = if hex >= 12 { hex } else { digits };
        if number > 0 {
            out.push('0');
            rest = &rest[number..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

struct Folder {
    dir: TempDir,
    running: Option<Running>,
}

impl Folder {
    fn new(name: &str) -> Self {
        let dir = TempDir::new().unwrap();
        if name != "page" {
            copy(&root().join("examples").join(name), dir.path());
        }
        Self { dir, running: None }
    }

    fn put(&self, blocks: &[Block]) {
        for block in blocks {
            if let Some(name) = block.attr("file") {
                let path = self.dir.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, shown(&block.text)).unwrap();
            }
        }
    }

    fn start(&mut self) {
        if self.running.is_none() {
            self.running = Some(Running::start(self.dir.path(), &["."]));
        }
    }

    fn run(&self, command: &str) -> String {
        let routec = routec_path();
        let mut path = routec.parent().map(Path::as_os_str).unwrap_or_default().to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let output = Command::new("sh")
            .args(["-c", &format!("( {command} ) 2>&1")])
            .current_dir(self.dir.path())
            .env("PATH", path)
            .env("NO_COLOR", "1")
            .env("USER", "anna")
            .env_remove("COLUMNS")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

fn copy(from: &PathBuf, to: &Path) {
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            if entry.file_name() != ".route" {
                fs::create_dir_all(&target).unwrap();
                copy(&entry.path(), &target);
            }
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn three_dots_stand_for_any_lines() {
    assert!(fits("a\n...\nd\n", "a\nb\nc\nd\n", false));
    assert!(fits("...\nd\n", "d\n", false));
    assert!(fits("a\n...\n", "a\n", false));
    assert!(!fits("a\n...\nd\n", "a\nd\ne\n", false));
    assert!(!fits("a\n", "a\nb\n", false));
    assert!(fits("id ab12ab12ab12ab12\n", "id 0000aaaa0000aaaa\n", true));
    assert!(fits("n  12 at 10:02\n", "n 3 at 9:14\n", true) && !fits("n 1\n", "m 1\n", true));
}
