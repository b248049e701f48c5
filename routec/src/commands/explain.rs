//! `routec explain`: the long form of a rule, the list of all rules, or the chain of each wire.

use std::path::Path;

use route_compiler::flow::{self, NodeIx};
use route_compiler::{codes, opt, suggest};
use route_grammar::{Level, Rule};

use crate::args::{self, Explain};
use crate::compile::compile_project;
use crate::fault::Fault;
use crate::input::Project;
use crate::render::{Format, Style};
use crate::{Outcome, to_stdout};

pub(crate) fn run(args: &Explain, style: Style) -> Result<Outcome, Fault> {
    if args.passes {
        let width = opt::ALL.iter().map(|pass| pass.name.len()).max().unwrap_or(0);
        let line = |pass: &opt::Pass| format!("{:width$}  {}\n", pass.name, pass.about);
        to_stdout(&opt::ALL.iter().map(line).collect::<String>())?;
        return Ok(Outcome::Clean);
    }
    let Some(what) = args.what.as_deref().filter(|_| !args.all) else {
        to_stdout(&list(style.format))?;
        return Ok(Outcome::Clean);
    };
    match rule(what) {
        Some(rule) => {
            to_stdout(&format!("{}{}", rule.explanation(), wires(rule)))?;
            Ok(Outcome::Clean)
        }
        None => chains(what, args, style),
    }
}

fn chains(stack: &Path, args: &Explain, style: Style) -> Result<Outcome, Fault> {
    if let Some(word) = word(stack) {
        return Err(no_rule(word));
    }
    let project = Project::of_stack(stack, args.flows.as_deref(), "routec explain")?;
    let style = style.or(project.format);
    let how = args::Compile { last_pass: args.after.clone(), ..args.compile.clone() };
    let compiled = compile_project(&project, &how)?;
    if !compiled.report_errors(style) {
        return Ok(Outcome::Findings);
    }
    to_stdout(&route_compiler::explain(&compiled.output, &compiled.graph, args.wire.as_deref()))?;
    Ok(Outcome::Clean)
}

/// The wires that the examples of a rule stand on.
fn wires(rule: &Rule) -> String {
    let examples = rule.examples();
    let plain = examples.iter().any(|e| e.info == "route") && !examples.iter().any(|e| e.info == "json");
    let Some(graph) = flow::read(codes::EXAMPLE_FLOW).ok().filter(|_| plain) else {
        return String::new();
    };
    let name = |ix: NodeIx| graph.node(ix).map_or("", |node| node.name.as_str());
    let lines = graph.wires.iter().map(|w| format!("    {} -> {}\n", name(w.from), name(w.to)));
    format!("\nThe examples stand on a flow with these wires:\n\n{}", lines.collect::<String>())
}

/// A file or folder of that name goes before a rule.
fn rule(what: &Path) -> Option<&'static Rule> {
    if what.exists() { None } else { codes::find(what.to_str()?) }
}

/// What was named, when it is a word as rules have them for names and codes, and no file or folder.
fn word(what: &Path) -> Option<&str> {
    let is_word =
        |text: &&str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    what.to_str().filter(is_word).filter(|_| !what.exists())
}

fn no_rule(word: &str) -> Fault {
    let help = match suggest::nearest(word, codes::all().map(|rule| rule.name)) {
        Some(near) => format!("there is `{near}`"),
        None => "`routec explain --all` lists the rules; a stack is a `.route` file, or a folder with one"
            .to_owned(),
    };
    Fault::new(format!("there is no rule `{word}`, and no file or folder")).help(help)
}

fn list(format: Format) -> String {
    if matches!(format, Format::Json | Format::JsonLines) {
        let all: Vec<_> = codes::all().map(json).collect();
        return match format {
            Format::Json => format!("{:#}\n", serde_json::Value::Array(all)),
            _ => all.iter().map(|rule| format!("{rule}\n")).collect(),
        };
    }
    let width = codes::all().map(|rule| rule.name.len()).max().unwrap_or(0);
    codes::all()
        .map(|rule| format!("{}  {:width$}  {:5}  {}\n", rule.code, rule.name, level(rule), rule.title()))
        .collect()
}

fn json(rule: &Rule) -> serde_json::Value {
    serde_json::json!({
        "code": rule.code,
        "name": rule.name,
        "level": level(rule),
        "fix": format!("{:?}", rule.fix).to_lowercase(),
        "title": rule.title(),
        "explanation": rule.explanation(),
    })
}

fn level(rule: &Rule) -> &'static str {
    match rule.level {
        Level::Error => "error",
        Level::Deny => "deny",
        Level::Warn => "warn",
        Level::Allow => "allow",
    }
}
