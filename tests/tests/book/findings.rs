//! A page for each rule, written from the registry, their index, and their part of `SUMMARY.md`.

use std::collections::BTreeMap;

use route_compiler::codes;
use route_compiler::flow::{self, NodeIx};
use route_grammar::{Level, Rule};

/// Where the pages are.
pub(crate) const FOLDER: &str = "docs/src/findings";

const WRITTEN: &str =
    "<!-- Written from the registry of rules: UPDATE=1 cargo test -p route-tests --test book -->\n\n";

/// Groups by the first digit of the code.
const GROUPS: [(char, &str); 5] = [
    ('0', "Text"),
    ('1', "Names"),
    ('2', "Types and conditions"),
    ('3', "Flow, stack and fleet"),
    ('5', "Tests"),
];

/// The rules in groups.
fn groups() -> Vec<(&'static str, Vec<&'static Rule>)> {
    let mut all: BTreeMap<(usize, &str), Vec<&Rule>> = BTreeMap::new();
    for rule in codes::all() {
        let digit = rule.code.chars().nth(1).unwrap_or_default();
        let at = GROUPS.iter().position(|(known, _)| *known == digit);
        let key = at.map_or((GROUPS.len(), "Others"), |at| (at, GROUPS[at].1));
        all.entry(key).or_default().push(rule);
    }
    let sorted = |(key, mut rules): ((usize, &'static str), Vec<&'static Rule>)| {
        rules.sort_by_key(|rule| rule.code);
        (key.1, rules)
    };
    all.into_iter().map(sorted).collect()
}

/// Path and text of every page.
pub(crate) fn pages() -> BTreeMap<String, String> {
    let mut pages: BTreeMap<String, String> =
        codes::all().map(|rule| (format!("{FOLDER}/{}.md", rule.code), page(rule))).collect();
    pages.insert(format!("{FOLDER}/README.md"), index());
    pages
}

fn page(rule: &Rule) -> String {
    let text = rule.explanation();
    let mut out = String::from(WRITTEN);
    let mut open = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(info) if !open => {
                open = true;
                let (lang, name) = info.split_once(' ').unwrap_or((info, ""));
                if !name.is_empty() {
                    out += &format!("`{name}`:\n\n");
                }
                out += &format!("```{lang}\n");
            }
            Some(_) => {
                open = false;
                out += "```\n";
            }
            None => out += &format!("{line}\n"),
        }
    }
    let examples = rule.examples();
    if examples.iter().any(|e| e.info == "route") && !examples.iter().any(|e| e.info.starts_with("json")) {
        out += "\nThe examples stand on [the flow of all findings](README.md#the-flow-of-the-examples).\n";
    }
    out
}

fn index() -> String {
    let mut out = String::from(WRITTEN);
    out += "# Findings\n\n\
            Everything that `routec check` reports has a code, which is never used again for anything else, and a name; both work \
            wherever a rule is named. `routec explain R1001` prints the page of a rule.\n\n\
            An **error** keeps a stack from being compiled; an error that *may be lowered* (`deny`) and a **warning** have a level \
            that can be changed: in the text by [`allow`](../reference/layers.md#allow), for a project in \
            [`route.toml`](../guide/project.md#levels), for one run by `--deny`, `--warn` and `--allow`. \"fix\" \
            says that `routec check --fix` helps, always or where it is certain what was meant.\n";
    for (title, rules) in groups() {
        out += &format!(
            "\n## {title}\n\n| code | name | level | fix | what it reports |\n| --- | --- | --- | --- | --- |\n"
        );
        for rule in rules {
            let level = match rule.level {
                Level::Error => "error",
                Level::Deny => "error, may be lowered",
                Level::Warn => "warning",
                Level::Allow => "silent",
            };
            let fix = match rule.fix {
                route_grammar::Fix::None => "",
                route_grammar::Fix::Sometimes => "sometimes",
                route_grammar::Fix::Always => "always",
            };
            let (code, name, title) = (rule.code, rule.name, rule.title());
            out += &format!("| [{code}]({code}.md) | `{name}` | {level} | {fix} | {title} |\n");
        }
    }
    if !codes::RETIRED.is_empty() {
        out += &format!("\nCodes that meant something once: {}.\n", codes::RETIRED.join(", "));
    }
    out += &example_flow();
    out
}

/// The wires that the examples of rules stand on.
fn example_flow() -> String {
    let mut out = String::from(
        "\n## The flow of the examples\n\n\
         Examples without a flow of their own, here and in the reference, stand on this one.\n\n\
         | tab | from | | to |\n| --- | --- | --- | --- |\n",
    );
    let Ok(graph) = flow::read(codes::EXAMPLE_FLOW) else { return out };
    let node = |ix: NodeIx| graph.node(ix);
    for wire in &graph.wires {
        let (Some(from), Some(to)) = (node(wire.from), node(wire.to)) else { continue };
        let tab = from.tab.and_then(|tab| graph.tabs.get(tab.0 as usize)).map_or("", |tab| tab.name.as_str());
        let output = match from.output_labels.get(wire.port as usize) {
            Some(label) if !label.is_empty() => format!(" (output {}, `{label}`)", wire.port + 1),
            _ => String::new(),
        };
        let named = |node: &flow::Node| format!("`{}`, {}", node.name, node.ty);
        out += &format!("| {tab} | {}{output} | → | {} |\n", named(from), named(to));
    }
    out += "\nThe group `Beds` holds both sensors. `Sum up` stands in the subflow `Average`, of which `Hourly mean` is the one \
            instance. `Spare lamp` has no wire, `Old lamp` is disabled, and so is the tab `Attic`.\n";
    out
}

/// `SUMMARY.md` with the pages of all rules below the entry of their index.
pub(crate) fn summary(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in text.lines() {
        inside &= line.starts_with(' ');
        if inside {
            continue;
        }
        out += &format!("{line}\n");
        if line.ends_with("(findings/README.md)") {
            inside = true;
            for rule in groups().into_iter().flat_map(|(_, rules)| rules) {
                out += &format!("  - [{} {}](findings/{}.md)\n", rule.code, rule.name, rule.code);
            }
        }
    }
    out
}
