//! `full`: miette's graphical report, one per diagnostic; places in other files follow as related reports.

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceSpan};
use route_grammar::{Diagnostic, FileId, Label, Severity, Sources};

use super::Style;

pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources, style: Style) -> String {
    let theme = if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(style.width).with_links(false);
    let mut out = String::new();
    for diagnostic in diagnostics {
        let report = Report::new(diagnostic, sources);
        if handler.render_report(&mut out, &report).is_err() {
            out.push_str(&diagnostic.message);
        }
        out.push('\n');
    }
    if !diagnostics.is_empty() {
        out.push_str(&format!("{}\n", super::count(diagnostics)));
    }
    out
}

/// One diagnostic as miette wants it: one source per report.
#[derive(Debug)]
struct Report {
    message: String,
    code: Option<&'static str>,
    severity: miette::Severity,
    help: Option<String>,
    source: Option<NamedSource<String>>,
    labels: Vec<LabeledSpan>,
    related: Vec<Report>,
}

impl Report {
    fn new(diagnostic: &Diagnostic, sources: &Sources) -> Self {
        let file = diagnostic.primary.file;
        let here = diagnostic.secondary.iter().filter(|label| label.file == file);
        let labels = std::iter::once(labeled(&diagnostic.primary, true))
            .chain(here.map(|l| labeled(l, false)))
            .collect();
        let mut help = diagnostic.help.clone();
        for suggestion in &diagnostic.suggestions {
            let new: Vec<String> =
                suggestion.edits.iter().map(|(_, _, text)| format!("`{}`", text.trim_end())).collect();
            help.push(format!("{}: {}", suggestion.text, new.join(", ")));
        }
        let related = diagnostic
            .secondary
            .iter()
            .filter(|label| label.file != file)
            .map(|l| Self::elsewhere(l, sources));
        Self {
            message: diagnostic.message.clone(),
            code: Some(diagnostic.code()),
            severity: match diagnostic.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
                Severity::Note => miette::Severity::Advice,
            },
            help: (!help.is_empty()).then(|| help.join("\n")),
            source: named(file, sources),
            labels,
            related: related.collect(),
        }
    }

    fn elsewhere(label: &Label, sources: &Sources) -> Self {
        Self {
            message: label.text.clone(),
            code: None,
            severity: miette::Severity::Advice,
            help: None,
            source: named(label.file, sources),
            labels: vec![LabeledSpan::new_primary_with_span(None, place(label))],
            related: Vec::new(),
        }
    }
}

fn named(file: FileId, sources: &Sources) -> Option<NamedSource<String>> {
    sources.get(file).map(|source| NamedSource::new(&source.name, source.text.clone()))
}

fn place(label: &Label) -> SourceSpan {
    let range = label.span.range();
    (range.start, range.len()).into()
}

fn labeled(label: &Label, primary: bool) -> LabeledSpan {
    let text = (!label.text.is_empty()).then(|| label.text.clone());
    if primary {
        LabeledSpan::new_primary_with_span(text, place(label))
    } else {
        LabeledSpan::new_with_span(text, place(label))
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl miette::Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.code.map(|code| Box::new(code) as Box<dyn std::fmt::Display>)
    }
    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
    }
    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_ref().map(|source| source as &dyn miette::SourceCode)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        Some(Box::new(self.related.iter().map(|report| report as &dyn miette::Diagnostic)))
    }
}
