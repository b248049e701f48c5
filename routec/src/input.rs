//! Reading the user's files, with an error for each way in which that goes wrong, and finding the files of a project folder.

use std::io::Read;
use std::path::{Path, PathBuf};

use route_chain::format::{self, FormatError};
use route_chain::ir::{ChainSet, MAGIC};
use route_grammar::FileId;
use route_grammar::ast::ItemKind;

use crate::config::Config;
use crate::deployed::absolute;
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
        let about = about(path)?;
        if about.is_dir() {
            return Err(Fault::new(format!("`{shown}` is a directory")).help("name a file in it"));
        }
        if about.len() > LARGEST {
            return Err(Fault::new(format!("`{shown}` has {} bytes, the limit is {LARGEST}", about.len())));
        }
        std::fs::read(path).map_err(|e| cannot_read(path, &e))?
    };
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        Fault::new(format!("`{shown}` is not UTF-8: byte {at} is no text")).help("save the file as UTF-8")
    })
}

/// What the system knows of a file or folder.
pub(crate) fn about(path: &Path) -> Result<std::fs::Metadata, Fault> {
    std::fs::metadata(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Fault::new(format!("no such file: `{}`", path.display())),
        _ => cannot_read(path, &e),
    })
}

fn cannot_read(path: &Path, why: &std::io::Error) -> Fault {
    Fault::new(format!("cannot read `{}`: {why}", path.display()))
}

/// As [`read`], for JSON: without the byte order mark that some programs begin a file with. Flows, stacks and `route.toml` are read
/// with it, since what is said of them counts in bytes.
pub(crate) fn json(path: &Path) -> Result<String, Fault> {
    let text = read(path)?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The compiled stack in a chain file; `None`: the file is no JSON, and so a `.route` file.
pub(crate) fn chain_file(path: &Path) -> Result<Option<ChainSet>, Fault> {
    let text = json(path)?;
    if !text.trim_start().starts_with(['{', '[']) {
        return Ok(None);
    }
    let shown = path.display();
    let set = match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(json) if json["magic"] == MAGIC => format::from_value(json),
        // Half of one still begins as one.
        Err(e) if text.contains(MAGIC) => Err(FormatError::Damaged(e.to_string())),
        _ => {
            return Err(Fault::new(format!("`{shown}` is no chain file, and no stack either"))
                .help("name a `.route` file, or what `routec build` wrote"));
        }
    };
    set.map(Some)
        .map_err(|e| Fault::new(format!("`{shown}`: {e}")).help("write it again with `routec build`"))
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
    /// From what the user named: a folder with `flows.json` and one `.route` file, or a flows file. `how` as in [`stack_of`].
    pub(crate) fn find(named: &Path, stack: Option<&Path>, how: &str) -> Result<Self, Fault> {
        let stack = match stack {
            Some(stack) => Some(stack_of(stack, how)?),
            None if named.is_dir() => only_stack(named, how)?,
            None => None,
        };
        let near = if named.is_dir() { named } else { folder(stack.as_deref().unwrap_or(named)) };
        let format = Config::near(near)?.format;
        Ok(Self { flows: flows_of(named)?, stack, format })
    }

    /// From a `.route` file or its folder: the flows are named, or `route.toml` names them, or they lie beside it. `how` as in
    /// [`stack_of`].
    pub(crate) fn of_stack(named: &Path, flows: Option<&Path>, how: &str) -> Result<Self, Fault> {
        about(named)?;
        Self::of_file(stack_of(named, how)?, flows)
    }

    /// As [`Project::of_stack`], from a `.route` file that need not be written yet.
    pub(crate) fn of_file(stack: PathBuf, flows: Option<&Path>) -> Result<Self, Fault> {
        let config = Config::near(folder(&stack))?;
        let beside = folder(&stack).join(FLOWS);
        let is_beside = || beside.try_exists().map_err(|e| cannot_read(&beside, &e));
        let flows = match (flows, config.flows) {
            (Some(named), _) => flows_of(named)?,
            (None, Some(flows)) => flows,
            (None, None) if is_beside()? => beside,
            (None, None) => {
                return Err(Fault::new(format!("there is no `{FLOWS}` beside `{}`", stack.display())).help(
                    "name the deployed flows: `--flows path/to/flows.json`, or `[check] flows` in `route.toml`",
                ));
            }
        };
        Ok(Self { flows, stack: Some(stack), format: config.format })
    }
}

const FLOWS: &str = "flows.json";

/// The flows that a path means: itself, or those of the folder that it is, which `route.toml` may name.
pub(crate) fn flows_of(named: &Path) -> Result<PathBuf, Fault> {
    if !named.is_dir() {
        return Ok(named.to_owned());
    }
    Ok(Config::near(named)?.flows.unwrap_or_else(|| within(named, FLOWS)))
}

/// The stack that a path means: itself, or the only one in the folder that it is. `how`: the words before the name of a stack, for
/// whoever has to name one, such as `routec check`.
pub(crate) fn stack_of(named: &Path, how: &str) -> Result<PathBuf, Fault> {
    if !named.is_dir() {
        return Ok(named.to_owned());
    }
    only_stack(named, how)?.ok_or_else(|| no_route_file(named))
}

/// The folder that a file lies in.
pub(crate) fn folder(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

/// A file in a folder, named as one does who stands in it: without `./`.
fn within(folder: &Path, file: impl AsRef<Path>) -> PathBuf {
    if folder == Path::new(".") { file.as_ref().to_owned() } else { folder.join(file) }
}

fn no_route_file(folder: &Path) -> Fault {
    Fault::new(format!("there is no `.route` file in `{}`", folder.display()))
}

/// The `.route` files that a path means: itself, or all in the folder that it is.
pub(crate) fn route_files(named: &Path) -> Result<Vec<PathBuf>, Fault> {
    if !named.is_dir() {
        return Ok(vec![named.to_owned()]);
    }
    let files = route_files_in(named)?;
    if files.is_empty() { Err(no_route_file(named)) } else { Ok(files) }
}

fn route_files_in(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let entries = std::fs::read_dir(folder).map_err(|e| cannot_read(folder, &e))?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| within(folder, entry.file_name()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "route") && path.is_file())
        .collect();
    files.sort();
    Ok(files)
}

fn only_stack(folder: &Path, how: &str) -> Result<Option<PathBuf>, Fault> {
    let mut stacks = route_files_in(folder)?;
    if stacks.len() > 1 {
        stacks = roots(stacks);
    }
    match stacks.as_slice() {
        [] => Ok(None),
        [stack] => Ok(Some(stack.clone())),
        [first, ..] => {
            let names: Vec<String> = stacks.iter().map(|stack| format!("`{}`", stack.display())).collect();
            let several = format!("`{}` holds several stacks: {}", folder.display(), names.join(", "));
            Err(Fault::new(several).help(format!("name one: `{how} {}`", first.display())))
        }
    }
}

/// Those of the files that are stacks of their own: none of the others uses them, and they do more than declare what others may
/// use. All, when that leaves none.
fn roots(files: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut used = Vec::new();
    let mut alone = Vec::new();
    for path in &files {
        // One that cannot be read or understood is told of where it is compiled.
        let Ok(text) = read(path) else { continue };
        let (file, found) = route_grammar::parse(&text, FileId(0));
        let uses = file.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Use(other) => Some(absolute(&folder(path).join(&other.value))),
            _ => None,
        });
        used.extend(uses.filter(|other| *other != absolute(path)));
        if found.is_empty() && file.items.iter().all(|item| is_for_others(&item.kind)) {
            alone.push(absolute(path));
        }
    }
    let is_root = |path: &&PathBuf| {
        let path = absolute(path);
        !used.contains(&path) && !alone.contains(&path)
    };
    let roots: Vec<PathBuf> = files.iter().filter(is_root).cloned().collect();
    if roots.is_empty() { files } else { roots }
}

/// Declarations, which do nothing by themselves.
fn is_for_others(item: &ItemKind) -> bool {
    matches!(
        item,
        ItemKind::Const { .. }
            | ItemKind::Param { .. }
            | ItemKind::Let { .. }
            | ItemKind::Predicate { .. }
            | ItemKind::Schema { .. }
            | ItemKind::Runtime { .. }
    )
}

/// Files for the compiler, below the folder of the root file.
pub(crate) struct Disk;

impl route_compiler::Files for Disk {
    fn read(&self, path: &str) -> Result<String, String> {
        read(Path::new(path)).map_err(|fault| fault.to_string().trim_start_matches("error: ").to_owned())
    }
}
