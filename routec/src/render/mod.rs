//! Diagnostics for people and for machines: one data type, several renderings.

mod ci;
mod concise;
mod full;
mod json;
pub(crate) mod junit;
mod sarif;

use clap::ValueEnum;
use route_grammar::{Diagnostic, Severity, Sources};

/// `--output-format`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With the source lines, for people.
    Full,
    /// One line each.
    Concise,
    /// One JSON array.
    Json,
    /// One JSON object a line.
    JsonLines,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
    /// A code quality report of GitLab.
    Gitlab,
    /// JUnit XML, a case for each file.
    Junit,
}

/// How to render.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) format: Format,
    /// The format was asked for by a flag.
    pub(crate) asked: bool,
    pub(crate) color: bool,
    /// Columns.
    pub(crate) width: usize,
}

impl Style {
    /// In this format, unless a flag asks for another one.
    pub(crate) fn or(self, format: Option<Format>) -> Self {
        Self { format: format.filter(|_| !self.asked).unwrap_or(self.format), ..self }
    }
}

/// Renders all diagnostics in the order given; for `full` with a closing count.
pub(crate) fn render(diagnostics: &[Diagnostic], sources: &Sources, style: Style) -> String {
    match style.format {
        Format::Full => full::render(diagnostics, sources, style),
        Format::Concise => concise::render(diagnostics, sources),
        Format::Json => json::array(diagnostics, sources),
        Format::JsonLines => json::lines(diagnostics, sources),
        Format::Sarif => sarif::render(diagnostics, sources),
        Format::Github => ci::github(diagnostics, sources),
        Format::Gitlab => ci::gitlab(diagnostics, sources),
        Format::Junit => junit::findings(diagnostics, sources),
    }
}

/// `2 errors, 1 warning`
pub(crate) fn count(diagnostics: &[Diagnostic]) -> String {
    let of = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let parts: Vec<String> =
        [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")]
            .into_iter()
            .filter_map(|(severity, word)| match of(severity) {
                0 => None,
                1 => Some(format!("1 {word}")),
                n => Some(format!("{n} {word}s")),
            })
            .collect();
    if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use route_compiler::codes;
    use route_grammar::Span;

    fn example() -> (Vec<Diagnostic>, Sources) {
        let mut sources = Sources::default();
        let text = "halt old on \"Mising\" -> *\nhalt new on * -> \"A\"\n";
        let file = sources.add("home.route", text);
        let flows = sources.add("flows.json", "[{\"id\":\"1\",\"name\":\"A\"}]");
        let unknown =
            Diagnostic::new(codes::UNKNOWN_NODE, file, Span::new(12, 20), "no node is named `Mising`")
                .label("not in the flow")
                .suggest(
                    "a node with a similar name exists",
                    file,
                    Span::new(12, 20),
                    "\"Missing\"",
                    route_grammar::Applicability::Maybe,
                );
        let noted = Diagnostic::new(codes::UNUSED, file, Span::new(31, 34), "`new` is a poor name")
            .note(flows, Span::new(1, 22), "the node stands here")
            .help("call it `newer`");
        (vec![unknown, noted], sources)
    }

    fn shown(format: Format) -> String {
        let (diagnostics, sources) = example();
        render(&diagnostics, &sources, Style { format, asked: true, color: false, width: 100 })
    }

    #[test]
    fn full() {
        insta::assert_snapshot!(shown(Format::Full));
    }

    #[test]
    fn concise() {
        insta::assert_snapshot!(shown(Format::Concise));
    }

    #[test]
    fn for_ci() {
        insta::assert_snapshot!(format!(
            "{}---\n{}---\n{}",
            shown(Format::Github),
            shown(Format::Gitlab),
            shown(Format::Junit)
        ));
    }

    #[test]
    fn sarif_is_what_its_schema_says() {
        let mut schema: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/schemas/sarif-2.1.0.json")).unwrap();
        // Two of its patterns have a bracket too many, which strict readers of expressions refuse.
        for place in ["run", "toolComponent"] {
            let language = schema.pointer_mut(&format!("/definitions/{place}/properties/language"));
            language.and_then(|l| l.as_object_mut()).map(|l| l.remove("pattern"));
        }
        let log: serde_json::Value = serde_json::from_str(&shown(Format::Sarif)).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let faults: Vec<String> = validator.iter_errors(&log).map(|e| e.to_string()).collect();
        assert_eq!(faults, [""; 0]);
        let empty: serde_json::Value = serde_json::from_str(&render(
            &[],
            &Sources::default(),
            Style { format: Format::Sarif, asked: true, color: false, width: 100 },
        ))
        .unwrap();
        assert!(validator.is_valid(&empty));
        insta::assert_snapshot!(shown(Format::Sarif));
    }

    #[test]
    fn json() {
        insta::assert_snapshot!(shown(Format::Json));
        for line in shown(Format::JsonLines).lines() {
            assert!(serde_json::from_str::<serde_json::Value>(line).unwrap()["code"].is_string());
        }
    }
}
