//! `routec`: arguments in, exit status out. Rules live in the other crates. A library only so that benches can drive
//! the language server without a process of its own.

mod args;
mod bridge;
mod client;
mod commands;
mod compile;
mod config;
mod deployed;
mod fault;
mod input;
mod lock;
mod lsp;
mod password;
mod render;
mod settings;
mod signals;
mod stage;
mod table;
mod tell;
mod wires;
mod words;

use std::io::{ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser};

pub use lsp::serve_on;

use args::{Cli, Color, Command};
use fault::Fault;
use render::{Format, Style};

/// Compilers allocate much and in small pieces: from a keystroke to its findings 15.2 ms with the system's allocator, 13.1 with this
/// one (median, `--bench lsp`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Clean, or findings that make the command fail; `plan --detailed-exitcode` tells changes besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Clean,
    Findings,
    Changes,
}

/// The command line.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => return misread(&pointed(e)),
    };
    let style = style(&cli);
    match dispatch(cli.command, style) {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::Changes) => ExitCode::from(2),
        Err(fault) => {
            to_stderr(&format!("{fault}\n"));
            ExitCode::from(2)
        }
    }
}

/// Prints what is wrong with the arguments, or the help that they ask for.
fn misread(error: &clap::Error) -> ExitCode {
    match error.print() {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => {
            to_stderr(&format!("error: cannot write the help: {e}\n"));
            ExitCode::from(2)
        }
        // There 2 means changes.
        _ if error.use_stderr() && std::env::args_os().any(|arg| arg == "--detailed-exitcode") => {
            ExitCode::from(1)
        }
        _ if error.use_stderr() => ExitCode::from(2),
        _ => ExitCode::SUCCESS,
    }
}

/// An error about arguments; one that is called otherwise elsewhere is named by its name here.
fn pointed(mut error: clap::Error) -> clap::Error {
    if error.get(ContextKind::InvalidArg) == Some(&ContextValue::String("--format".to_owned())) {
        error.remove(ContextKind::Suggested);
        error.insert(ContextKind::SuggestedArg, ContextValue::String("--output-format".to_owned()));
    }
    error
}

fn dispatch(command: Command, style: Style) -> Result<Outcome, Fault> {
    match command {
        Command::Check(args) => commands::check::run(&args, style),
        Command::Fmt(args) => commands::fmt::run(&args, style),
        Command::Explain(args) => commands::explain::run(&args, style),
        Command::Graph(args) => commands::graph::run(&args, style),
        Command::Names(args) => commands::names::run(&args),
        Command::Infer(args) => commands::infer::run(&args),
        Command::Schema(args) => commands::schema::run(&args, style),
        Command::Lock(args) => commands::lock::run(&args, style),
        Command::Test(args) => commands::test::run(&args, style),
        Command::Trace(args) => commands::trace::run(&args, style),
        Command::Replay(args) => commands::replay::run(&args, style),
        Command::Build(args) => commands::build::run(&args, style),
        Command::Run(args) => commands::run::run(&args, style),
        Command::Plan(args) => commands::apply::plan(&args, style),
        Command::Apply(args) => commands::apply::apply(&args, style),
        Command::Rollback(args) => commands::rollback::run(&args, style),
        Command::Status(args) => commands::status::run(&args, style),
        Command::Tap(args) => commands::tap::run(&args, style),
        Command::Debug(args) => commands::debug::run(&args, style),
        Command::Uplink(args) => commands::uplink::run(&args),
        Command::Lsp => lsp::serve(),
        Command::Completions { shell } => {
            // Into memory first: it takes a writer that fails for a fault of its own, and panics.
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "routec", &mut text);
            to_stdout(&String::from_utf8_lossy(&text))?;
            Ok(Outcome::Clean)
        }
    }
}

fn style(cli: &Cli) -> Style {
    let var = |name: &str| std::env::var_os(name).and_then(|value| value.into_string().ok());
    let color = is_coloured(cli.global.color, &var, std::io::stderr().is_terminal());
    let width = var("COLUMNS").and_then(|c| c.parse().ok()).filter(|w| (40..=400).contains(w)).unwrap_or(100);
    let format = cli.global.output_format;
    Style { format: format.unwrap_or(Format::Full), asked: format.is_some(), color, width }
}

/// The flag, then `NO_COLOR`, `FORCE_COLOR` and `CLICOLOR_FORCE`, then whether standard error is a terminal that shows colours.
fn is_coloured(flag: Color, var: &dyn Fn(&str) -> Option<String>, is_terminal: bool) -> bool {
    let is_set = |name: &str| var(name).is_some_and(|value| !value.is_empty() && value != "0");
    match flag {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if is_set("NO_COLOR") => false,
        Color::Auto if is_set("FORCE_COLOR") || is_set("CLICOLOR_FORCE") => true,
        Color::Auto => {
            let is = |name: &str, value: &str| var(name).is_some_and(|is| is == value);
            is_terminal && !is("CLICOLOR", "0") && !is("TERM", "dumb")
        }
    }
}

/// Writes to standard output. A reader that went away has what it wanted, which is no error.
pub(crate) fn to_stdout(text: &str) -> Result<(), Fault> {
    to_reader(text).map(drop)
}

/// As [`to_stdout`], for commands that go on until they are ended; false: nobody reads any more.
pub(crate) fn to_reader(text: &str) -> Result<bool, Fault> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(e) => Err(Fault::new(format!("cannot write to standard output: {e}"))),
    }
}

/// As [`to_stdout`], of what a command did elsewhere and what stays done when this cannot be told.
pub(crate) fn tell_done(text: &str) -> Result<(), Fault> {
    to_stdout(text).map_err(|fault| fault.help("what was asked for is done all the same"))
}

/// Writes to standard error.
pub(crate) fn to_stderr(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_that_show_them() {
        let coloured = |vars: &[(&str, &str)], is_terminal| {
            let var = |name: &str| {
                vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            };
            is_coloured(Color::Auto, &var, is_terminal)
        };
        assert!(coloured(&[("TERM", "xterm")], true) && coloured(&[("NO_COLOR", "")], true));
        assert!(!coloured(&[("TERM", "xterm")], false));
        for (name, value) in [("TERM", "dumb"), ("CLICOLOR", "0"), ("NO_COLOR", "1")] {
            assert!(!coloured(&[(name, value)], true), "{name}={value}");
        }
        assert!(coloured(&[("FORCE_COLOR", "1"), ("TERM", "dumb")], false));
    }
}
