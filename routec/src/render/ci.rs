//! `github`: workflow commands (GitHub, "Workflow commands for GitHub Actions"); `gitlab`: a code quality report (GitLab,
//! "Code Quality", a subset of the Code Climate format).

use route_grammar::{Diagnostic, Severity, Sources};
use serde_json::{Value, json};

/// A file's name as a relative URI.
pub(super) fn uri(name: &str) -> String {
    let name = name.strip_prefix("./").unwrap_or(name).replace('\\', "/");
    name.replace('%', "%25").replace(' ', "%20")
}

pub(super) fn github(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    // As GitHub's own toolkit escapes them.
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let line = |d: &Diagnostic| {
        let Some(source) = sources.get(d.primary.file) else { return String::new() };
        let name = source.name.as_str();
        let ((line, column), (end_line, end_column)) =
            (source.place(d.primary.span.start), source.place(d.primary.span.end));
        let columns = if line == end_line { format!(",endColumn={end_column}") } else { String::new() };
        let level = match d.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let said: Vec<&str> =
            std::iter::once(d.message.as_str()).chain(d.help.iter().map(String::as_str)).collect();
        format!(
            "::{level} file={},line={line},endLine={end_line},col={column}{columns},title={}::{}\n",
            property(name.strip_prefix("./").unwrap_or(name)),
            property(&format!("{} {}", d.code(), d.rule.name)),
            data(&said.join("\n")),
        )
    };
    diagnostics.iter().map(line).collect()
}

pub(super) fn gitlab(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let issue = |d: &Diagnostic| {
        let Some(source) = sources.get(d.primary.file) else { return Value::Null };
        let name = source.name.as_str();
        let (line, _) = source.place(d.primary.span.start);
        let marked = source.text.get(d.primary.span.range()).unwrap_or_default();
        json!({
            "description": d.message,
            "check_name": format!("{} {}", d.code(), d.rule.name),
            "fingerprint": fingerprint(&[name, d.code(), &d.message, marked]),
            "severity": match d.severity {
                Severity::Error => "major",
                Severity::Warning => "minor",
                Severity::Note => "info",
            },
            "location": { "path": name.strip_prefix("./").unwrap_or(name), "lines": { "begin": line } },
        })
    };
    format!("{:#}\n", Value::Array(diagnostics.iter().map(issue).collect()))
}

/// The same for the same finding, wherever in its file it stands: FNV-1a 64 (Fowler, Noll, Vo).
fn fingerprint(parts: &[&str]) -> String {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}
