//! `concise`: codespan-reporting's short form, `file:line:column: error[R1001]: message`.

use codespan_reporting::diagnostic as codespan;
use codespan_reporting::files::SimpleFiles;
use codespan_reporting::term;
use route_grammar::{Diagnostic, FileId, Label, Severity, Sources};

pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut files = SimpleFiles::new();
    for (_, source) in sources.iter() {
        files.add(source.name.clone(), source.text.as_str());
    }
    let config = term::Config {
        display_style: term::DisplayStyle::Short,
        chars: term::Chars::ascii(),
        ..term::Config::default()
    };
    let mut out = String::new();
    for diagnostic in diagnostics {
        match term::emit_into_string(&config, &files, &convert(diagnostic)) {
            Ok(text) => out.push_str(&text),
            Err(_) => out.push_str(&format!("error[{}]: {}\n", diagnostic.code(), diagnostic.message)),
        }
    }
    out
}

fn convert(diagnostic: &Diagnostic) -> codespan::Diagnostic<usize> {
    let severity = match diagnostic.severity {
        Severity::Error => codespan::Severity::Error,
        Severity::Warning => codespan::Severity::Warning,
        Severity::Note => codespan::Severity::Note,
    };
    let label = |style, label: &Label| {
        let FileId(file) = label.file;
        codespan::Label::new(style, file as usize, label.span.range()).with_message(label.text.clone())
    };
    codespan::Diagnostic::new(severity)
        .with_code(diagnostic.code())
        .with_message(diagnostic.message.clone())
        .with_labels(vec![label(codespan::LabelStyle::Primary, &diagnostic.primary)])
}
