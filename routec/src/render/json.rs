//! `json` and `json-lines`: each diagnostic with file names, byte offsets, and lines and columns from 1 (columns in characters).

use route_grammar::{Diagnostic, FileId, Label, Sources, Span};
use serde_json::{Value, json};

pub(super) fn array(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let all: Vec<Value> = diagnostics.iter().map(|d| one(d, sources)).collect();
    format!("{:#}\n", Value::Array(all))
}

pub(super) fn lines(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    diagnostics.iter().map(|d| format!("{}\n", one(d, sources))).collect()
}

fn one(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let fixes: Vec<Value> = diagnostic
        .suggestions
        .iter()
        .map(|suggestion| {
            let edits: Vec<Value> = suggestion
                .edits
                .iter()
                .map(|(file, span, text)| merged(place(*file, *span, sources), json!({ "text": text })))
                .collect();
            json!({ "message": suggestion.text, "applicability": suggestion.applicability, "edits": edits })
        })
        .collect();
    json!({
        "code": diagnostic.code(),
        "rule": diagnostic.rule.name,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "location": label(&diagnostic.primary, sources),
        "related": diagnostic.secondary.iter().map(|l| label(l, sources)).collect::<Vec<_>>(),
        "help": diagnostic.help,
        "fixes": fixes,
    })
}

fn label(label: &Label, sources: &Sources) -> Value {
    merged(place(label.file, label.span, sources), json!({ "message": label.text }))
}

fn merged(mut first: Value, second: Value) -> Value {
    if let (Some(into), Value::Object(from)) = (first.as_object_mut(), second) {
        into.extend(from);
    }
    first
}

fn place(file: FileId, span: Span, sources: &Sources) -> Value {
    let Some(source) = sources.get(file) else { return json!({ "file": null }) };
    let at = |byte: u32| {
        let (line, column) = source.place(byte);
        json!({ "line": line, "column": column, "byte": byte })
    };
    json!({ "file": source.name, "start": at(span.start), "end": at(span.end) })
}
