//! Reading the user's files, with an error for each way in which that goes wrong, and finding the files of a project folder.

use std::io::Read;
use std::path::{Path, PathBuf};

use route_chain::ir::ChainSet;

use crate::config::Config;
use crate::fault::Fault;
use crate::render::Format;

/// Largest file read, bytes.
const LARGEST: u64 = 512 << 20;

/// Reads a text file; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<String, Fault> {
    let shown = path.display();
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin()
            .lock()
            .take(LARGEST)
            .read_to_end(&mut bytes)
            .map_err(|e| Fault::new(format!("cannot read standard input: {e}")))?;
        bytes
    } else {
        let about = std::fs::metadata(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => Fault::new(format!("no such file: `{shown}`")),
            _ => Fault::new(format!("cannot read `{shown}`: {e}")),
        })?;
        if about.is_dir() {
            return Err(Fault::new(format!("`{shown}` is a directory")).help("name a file in it"));
        }
        if about.len() > LARGEST {
            return Err(Fault::new(format!("`{shown}` has {} bytes, the limit is {LARGEST}", about.len())));
        }
        std::fs::read(path).map_err(|e| Fault::new(format!("cannot read `{shown}`: {e}")))?
    };
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        Fault::new(format!("`{shown}` is not UTF-8: byte {at} is no text")).help("save the file as UTF-8")
    })
}

/// The compiled stack in a chain file; `None`: the file is something else.
pub(crate) fn chain_file(path: &Path) -> Result<Option<ChainSet>, Fault> {
    let text = read(path)?;
    if !text.trim_start().starts_with('{') {
        return Ok(None);
    }
    let set = route_chain::format::from_json(&text);
    set.map(Some).map_err(|e| {
        Fault::new(format!("`{}`: {e}", path.display())).help("write it again with `routec build`")
    })
}

/// A flow and the stack that belongs to it.
#[derive(Debug)]
pub(crate) struct Project {
    /// `flows.json`
    pub(crate) flows: PathBuf,
    /// The `.route` file, when there is one.
    pub(crate) stack: Option<PathBuf>,
    /// How `route.toml` wants findings written.
    pub(crate) format: Option<Format>,
}

impl Project {
    /// From what the user named: a folder with `flows.json` and one `.route` file, or a flows file.
    pub(crate) fn find(named: &Path, stack: Option<&Path>) -> Result<Self, Fault> {
        if !named.is_dir() {
            let format = Config::near(folder(stack.unwrap_or(named)))?.format;
            return Ok(Self { flows: named.to_owned(), stack: stack.map(Path::to_owned), format });
        }
        let stack = match stack {
            Some(stack) => Some(stack.to_owned()),
            None => only_stack(named)?,
        };
        let Config { flows, format, .. } = Config::near(named)?;
        Ok(Self { flows: flows.unwrap_or_else(|| named.join("flows.json")), stack, format })
    }

    /// From a `.route` file: the flows are named, or `route.toml` names them, or they lie beside it.
    pub(crate) fn of_stack(named: &Path, flows: Option<&Path>) -> Result<Self, Fault> {
        let stack = if named.is_dir() {
            only_stack(named)?
                .ok_or_else(|| Fault::new(format!("there is no `.route` file in `{}`", named.display())))?
        } else {
            named.to_owned()
        };
        let config = Config::near(folder(&stack))?;
        let beside = folder(&stack).join("flows.json");
        let flows = match flows.map(Path::to_owned).or(config.flows) {
            Some(flows) => flows,
            None if beside.exists() => beside,
            None => {
                return Err(Fault::new(format!("there is no `flows.json` beside `{}`", stack.display())).help(
                    "name the deployed flows: `--flows path/to/flows.json`, or `[check] flows` in `route.toml`",
                ));
            }
        };
        Ok(Self { flows, stack: Some(stack), format: config.format })
    }
}

/// The folder that a file lies in.
pub(crate) fn folder(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

fn only_stack(folder: &Path) -> Result<Option<PathBuf>, Fault> {
    let entries = std::fs::read_dir(folder)
        .map_err(|e| Fault::new(format!("cannot read `{}`: {e}", folder.display())))?;
    let mut stacks: Vec<PathBuf> = entries
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.is_file() && p.extension().is_some_and(|x| x == "route"))
        .collect();
    stacks.sort();
    match stacks.len() {
        0 => Ok(None),
        1 => Ok(stacks.pop()),
        _ => {
            let names: Vec<String> = stacks.iter().map(|p| format!("`{}`", p.display())).collect();
            Err(Fault::new(format!("`{}` holds several stacks: {}", folder.display(), names.join(", ")))
                .help("name one with `--stack`"))
        }
    }
}

/// Files for the compiler, below the folder of the root file.
pub(crate) struct Disk;

impl route_compiler::Files for Disk {
    fn read(&self, path: &str) -> Result<String, String> {
        read(Path::new(path)).map_err(|fault| fault.to_string().trim_start_matches("error: ").to_owned())
    }
}
