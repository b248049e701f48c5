//! `routec fmt`: one style for `.route` files.

use std::path::Path;

use route_grammar::Sources;
use similar::TextDiff;

use crate::args::Fmt;
use crate::fault::Fault;
use crate::render::Style;
use crate::{Outcome, input, to_stderr, to_stdout};

pub(crate) fn run(args: &Fmt, style: Style) -> Result<Outcome, Fault> {
    let mut files = Vec::new();
    for named in &args.files {
        files.extend(input::route_files(named)?);
    }
    let mut outcome = Outcome::Clean;
    for path in &files {
        let text = input::read(path)?;
        let mut sources = Sources::default();
        let file = sources.add(path.display().to_string(), text.clone());
        let (_, found) = route_grammar::parse(&text, file);
        if !found.is_empty() {
            to_stderr(&crate::render::render(&found, &sources, style));
            outcome = Outcome::Findings;
            continue;
        }
        let formatted = route_grammar::format(&text)
            .map_err(|e| Fault::new(format!("`{}` is left as it is: {e}", path.display())))?;
        if put(args, path, &text, &formatted)? == Outcome::Findings {
            outcome = Outcome::Findings;
        }
    }
    Ok(outcome)
}

/// Writes, shows or only compares; `Findings` when `--check` or `--diff` found a difference.
fn put(args: &Fmt, path: &Path, old: &str, new: &str) -> Result<Outcome, Fault> {
    let shown = path.display().to_string();
    let changed = old != new;
    if args.diff && changed {
        to_stdout(&TextDiff::from_lines(old, new).unified_diff().header(&shown, &shown).to_string())?;
    }
    if args.check || args.diff {
        if args.check && changed {
            to_stderr(&format!("would reformat `{shown}`\n"));
        }
        return Ok(if changed { Outcome::Findings } else { Outcome::Clean });
    }
    if path == Path::new("-") {
        to_stdout(new)?;
    } else if changed {
        replace(path, new).map_err(|e| Fault::new(format!("cannot write `{shown}`: {e}")))?;
    }
    Ok(Outcome::Clean)
}

/// Writes beside the file and renames, so that a full disk loses nothing.
pub(crate) fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension("route.new");
    std::fs::write(&beside, text)?;
    std::fs::set_permissions(&beside, std::fs::metadata(path)?.permissions())?;
    std::fs::rename(&beside, path)
}
