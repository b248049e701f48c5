//! `sarif`: SARIF 2.1.0 (OASIS), as code scanning of GitHub and others reads it. Held to its schema by a test.

use std::collections::BTreeMap;

use route_grammar::{Applicability, Diagnostic, FileId, Label, Level, Rule, Severity, Sources, Span};
use serde_json::{Value, json};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    // The rules that have something to say, by code.
    let rules: BTreeMap<&str, &Rule> = diagnostics.iter().map(|d| (d.code(), d.rule)).collect();
    let index = |code: &str| rules.keys().position(|known| *known == code);
    let results: Vec<Value> = diagnostics.iter().map(|d| result(d, index(d.code()), sources)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "routec",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn descriptor(rule: &Rule) -> Value {
    let level = match rule.level {
        Level::Error | Level::Deny => "error",
        Level::Warn => "warning",
        Level::Allow => "none",
    };
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": { "text": rule.title() },
        "help": { "text": rule.explanation(), "markdown": rule.explanation() },
        "defaultConfiguration": { "level": level },
    })
}

fn result(diagnostic: &Diagnostic, rule: Option<usize>, sources: &Sources) -> Value {
    let mut text = diagnostic.message.clone();
    for help in &diagnostic.help {
        text.push_str(&format!("\n{help}"));
    }
    let related = diagnostic.secondary.iter().zip(1..);
    let mut result = json!({
        "ruleId": diagnostic.code(),
        "level": match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "message": { "text": text },
        "locations": [location(&diagnostic.primary, None, sources)],
        "relatedLocations": related.map(|(label, id)| location(label, Some(id), sources)).collect::<Vec<_>>(),
        "fixes": fixes(diagnostic, sources),
    });
    if let (Some(rule), Some(fields)) = (rule, result.as_object_mut()) {
        fields.insert("ruleIndex".to_owned(), json!(rule));
    }
    result
}

fn location(label: &Label, id: Option<usize>, sources: &Sources) -> Value {
    let mut location = json!({ "physicalLocation": {
        "artifactLocation": artifact(label.file, sources),
        "region": region(label.file, label.span, sources),
    } });
    if let Some(fields) = location.as_object_mut() {
        fields.extend(id.map(|id| ("id".to_owned(), json!(id))));
        if !label.text.is_empty() {
            fields.insert("message".to_owned(), json!({ "text": label.text }));
        }
    }
    location
}

fn artifact(file: FileId, sources: &Sources) -> Value {
    let name = sources.get(file).map_or("", |source| source.name.as_str());
    json!({ "uri": super::ci::uri(name) })
}

fn region(file: FileId, span: Span, sources: &Sources) -> Value {
    let place = |byte| sources.get(file).map_or((1, 1), |source| source.place(byte));
    let ((start_line, start), (line, column)) = (place(span.start), place(span.end));
    json!({ "startLine": start_line, "startColumn": start, "endLine": line, "endColumn": column })
}

/// Only what may be put in without looking.
fn fixes(diagnostic: &Diagnostic, sources: &Sources) -> Vec<Value> {
    let certain = diagnostic.suggestions.iter().filter(|s| s.applicability == Applicability::Machine);
    let change = |(file, span, text): &(FileId, Span, String)| {
        json!({
            "artifactLocation": artifact(*file, sources),
            "replacements": [{
                "deletedRegion": region(*file, *span, sources),
                "insertedContent": { "text": text },
            }],
        })
    };
    certain
        .map(|s| {
            let changes: Vec<Value> = s.edits.iter().map(change).collect();
            json!({ "description": { "text": s.text }, "artifactChanges": changes })
        })
        .collect()
}
