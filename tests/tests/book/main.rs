//! The documentation holds: every stack on a page compiles, every transcript is what comes out, every link leads somewhere, and
//! the pages of findings and commands are those of the code. `UPDATE=1` writes what is written by this test.
#![allow(clippy::unwrap_used)]

mod commands;
mod findings;
mod links;
mod pages;
mod stacks;
mod transcripts;
mod words;

use std::fs;

use pages::{all, root};
use route_grammar::keywords;

fn update() -> bool {
    std::env::var_os("UPDATE").is_some()
}

#[track_caller]
fn nothing_wrong(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Writes a generated file, or says that it is stale.
fn written(path: &str, wanted: &str, stale: &mut Vec<String>) {
    let place = root().join(path);
    if fs::read_to_string(&place).is_ok_and(|found| found == wanted) {
        return;
    }
    if update() {
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, wanted).unwrap();
    } else {
        stale.push(format!("{path} is stale: run `UPDATE=1 cargo test -p route-tests --test book`"));
    }
}

#[test]
fn every_stack_on_a_page_compiles() {
    // Those of findings are compiled by the compiler's own tests.
    let of_findings = |path: &str| path.starts_with(findings::FOLDER);
    let pages = all();
    let wrong: Vec<String> = pages.iter().filter(|p| !of_findings(&p.path)).flat_map(stacks::check).collect();
    nothing_wrong(&wrong);
    assert!(pages.iter().any(|p| p.blocks.iter().any(|b| b.lang == "route")), "there are no stacks");
}

#[test]
fn every_transcript_is_what_comes_out() {
    let mut wrong = Vec::new();
    for page in all() {
        let (found, fixed) = transcripts::check(&page);
        if !found.is_empty() && update() && fixed != page.raw {
            fs::write(root().join(&page.path), fixed).unwrap();
        } else {
            wrong.extend(found);
        }
    }
    nothing_wrong(&wrong);
}

#[test]
fn every_link_leads_somewhere() {
    let pages = all();
    let mut wrong = links::check(&pages);
    wrong.extend(links::summary(&pages));
    nothing_wrong(&wrong);
}

#[test]
fn commands_that_pages_name_are_there() {
    nothing_wrong(&commands::unknown(&all()));
}

#[test]
fn the_pages_of_words_and_commands_are_those_of_the_code() {
    let mut stale = Vec::new();
    written("docs/src/reference/words.md", &words::page(), &mut stale);
    written("docs/src/reference/commands.md", &commands::page(), &mut stale);
    nothing_wrong(&stale);
}

#[test]
fn every_finding_has_its_page() {
    let mut stale = Vec::new();
    let pages = findings::pages();
    for (path, text) in &pages {
        written(path, text, &mut stale);
    }
    let summary = fs::read_to_string(root().join("docs/src/SUMMARY.md")).unwrap();
    written("docs/src/SUMMARY.md", &findings::summary(&summary), &mut stale);
    for entry in fs::read_dir(root().join(findings::FOLDER)).unwrap().flatten() {
        let name = format!("{}/{}", findings::FOLDER, entry.file_name().to_string_lossy());
        if !pages.contains_key(&name) && update() {
            fs::remove_file(entry.path()).unwrap();
        } else if !pages.contains_key(&name) {
            stale.push(format!("{name} is the page of no rule"));
        }
    }
    nothing_wrong(&stale);
}

#[test]
fn json_and_toml_can_be_read() {
    let mut wrong = Vec::new();
    for page in all() {
        for block in &page.blocks {
            let why = match block.lang.as_str() {
                "json" => serde_json::from_str::<serde_json::Value>(&block.text).err().map(|e| e.to_string()),
                "toml" => block.text.parse::<toml::Table>().err().map(|e| e.to_string()),
                _ => None,
            };
            wrong.extend(why.map(|why| format!("{}:{}: {why}", page.path, block.line)));
        }
    }
    nothing_wrong(&wrong);
}

/// A reader finds every word, function, type and unit in the reference.
#[test]
fn the_reference_tells_every_word() {
    let text: String = all()
        .iter()
        .filter(|page| page.path.starts_with("docs/src/reference/") && !page.raw.starts_with("<!-- Written"))
        .map(|page| page.raw.as_str())
        .collect();
    let told: std::collections::BTreeSet<&str> =
        text.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let words = keywords::ALL.iter().map(|k| k.word).chain(keywords::FUNCTIONS.iter().map(|f| f.name));
    let words =
        words.chain(keywords::TYPES.iter().map(|t| t.0)).chain(keywords::SIZE_UNITS.iter().map(|u| u.0));
    let words =
        words.chain(keywords::TIME_UNITS.iter().map(|u| u.0)).chain(keywords::END_FIELDS.iter().copied());
    let missing: Vec<String> =
        words.filter(|word| !told.contains(word)).map(|word| format!("`{word}` is not told")).collect();
    nothing_wrong(&missing);
}

/// What the page of that path says, as it stands there.
fn text_of(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

#[test]
fn every_node_type_is_told() {
    let text = text_of("docs/src/guide/node-red.md");
    let types = route_runtime::nodes::TYPES.iter().map(|(name, _)| *name);
    let missing: Vec<String> = types
        .filter(|name| !text.contains(&format!("`{name}`")))
        .map(|name| format!("`{name}` is not told"))
        .collect();
    nothing_wrong(&missing);
}

#[test]
fn limits_are_those_of_the_code() {
    let text = text_of("docs/src/reference/limits.md");
    let options = route_runtime::engine::Options::default();
    let mib = |bytes: usize| format!("{} MiB", bytes >> 20);
    let rows = [
        ("a `.route` file", mib(route_grammar::MAX_BYTES)),
        ("items in a file", grouped(route_grammar::MAX_ITEMS)),
        ("brackets in brackets", grouped(route_grammar::MAX_NESTING)),
        ("any file that `routec` reads", mib(route_compiler::flow::MAX_BYTES)),
        ("messages held by all breakpoints and limits of a runtime", grouped(options.held)),
        ("messages that wait for a node, in all", grouped(options.queue)),
        ("copies that wait for one sink", grouped(options.sink_queue)),
        ("earlier stacks to roll back to", grouped(options.history)),
    ];
    let wrong: Vec<String> = rows
        .iter()
        .filter(|(what, most)| !text.contains(&format!("\n| {what} | {most} |")))
        .map(|(what, most)| format!("limits.md does not say that the limit of {what} is {most}"))
        .collect();
    nothing_wrong(&wrong);
}

/// A whole number with commas between thousands.
fn grouped(n: usize) -> String {
    match n {
        0..1000 => n.to_string(),
        _ => format!("{},{:03}", grouped(n / 1000), n % 1000),
    }
}
