//! What runs: the flows and the stack in place, fetched from a runtime, and compiled anew with one thing changed.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use route_chain::{format, ir};
use route_compiler::flow::FlowGraph;
use route_compiler::{Files, Input};
use route_grammar::ast::ItemKind;
use route_runtime::engine::{Overlay, Sources};
use serde::Deserialize;
use serde_json::Value;

use crate::args;
use crate::client::Client;
use crate::compile::{Compiled, for_a_runtime, graph_of, passes};
use crate::fault::Fault;
use crate::input::{self, folder};
use crate::settings::{self, Settings};

/// The flows and the stack of a runtime.
pub(crate) struct Deployed {
    pub(crate) flows: String,
    pub(crate) graph: FlowGraph,
    pub(crate) standing: Standing,
}

/// The stack in place, as the runtime tells it.
#[derive(Deserialize)]
pub(crate) struct Standing {
    pub(crate) tag: String,
    pub(crate) number: u64,
    pub(crate) stack: String,
    pub(crate) by: String,
    pub(crate) at_ms: f64,
    pub(crate) why: String,
    pub(crate) sources: Sources,
    set: Value,
}

impl Deployed {
    /// Fetches them.
    pub(crate) async fn fetch(client: &Client) -> Result<Self, Fault> {
        let (flows, graph) = flows(client).await?;
        let standing = client.get("/v1/stack").await?;
        let standing = serde_json::from_value(standing)
            .map_err(|e| Fault::new(format!("the runtime speaks another version of this protocol: {e}")))?;
        Ok(Self { flows, graph, standing })
    }

    /// The compiled stack in place.
    pub(crate) fn set(&self) -> Result<ir::ChainSet, Fault> {
        format::from_value(self.standing.set.clone())
            .map_err(|e| Fault::new(format!("the stack in place cannot be read: {e}")))
    }

    /// The runtime's name in its fleet.
    fn me(&self) -> Option<&str> {
        self.standing.set["fleet"]["me"].as_str()
    }

    /// The stack compiled from a file, below the overlays in place.
    pub(crate) fn with_stack(&self, path: &Path, how: &args::Compile) -> Result<(Compiled, Sources), Fault> {
        input::read(path)?;
        let mut sources = Sources {
            root: absolute(path),
            files: BTreeMap::new(),
            params: Settings::of(folder(path), how)?.all_params(),
            overlays: self.standing.sources.overlays.clone(),
        };
        let parts = Parts::new(&sources, Some(path), None);
        let compiled = self.compile(&parts, &path.display().to_string(), &sources, how)?;
        sources.files = parts.read_of(0);
        Ok((compiled, sources))
    }

    /// The stack in place compiled with one overlay more, or with another text of one.
    pub(crate) fn with_overlay(
        &self,
        path: &Path,
        overlay: Overlay,
        how: &args::Compile,
    ) -> Result<(Compiled, Sources), Fault> {
        let text = input::read(path)?;
        let mut sources = self.standing.sources.clone();
        if sources.root.is_empty() {
            return Err(Fault::new("the stack in place came without its text, so nothing can be put on it")
                .help("apply the `.route` file of the stack first"));
        }
        let name = overlay.name.clone();
        if let Some(other) = sources.overlays.iter().find(|o| o.name == name)
            && other.owner != overlay.owner
        {
            return Err(Fault::new(format!("the overlay `{name}` belongs to {}", other.owner))
                .help(format!("choose another `--name`, or take it away: `routec apply --remove {name}`")));
        }
        sources.overlays.retain(|other| other.name != name);
        sources.overlays.push(Overlay { params: overlay_params(&how.params, &text)?, ..overlay });
        let at = sources.overlays.len();
        let parts = Parts::new(&sources, None, Some(path));
        let root = shown(&sources.root);
        let compiled = self.compile(&parts, &root, &sources, how)?;
        if let Some(overlay) = sources.overlays.last_mut() {
            overlay.files = parts.read_of(at);
        }
        Ok((compiled, sources))
    }

    /// The stack in place compiled with a text on top that is in no file. Without the text of the stack, with that alone.
    pub(crate) fn with_text(&self, path: &Path, layer: &str, text: &str) -> Result<Compiled, Fault> {
        let root = absolute(path);
        let mut sources = self.standing.sources.clone();
        let files = BTreeMap::from([(root.clone(), text.to_owned())]);
        if sources.root.is_empty() {
            sources = Sources { root, files, ..Sources::default() };
        } else {
            let (params, since_ms) = (Vec::new(), 0.0);
            let (name, owner) = (layer.to_owned(), String::new());
            let overlay =
                Overlay { name, owner, root, files, params, since_ms, for_ms: None, until_ms: None };
            sources.overlays.push(overlay);
        }
        let parts = Parts::new(&sources, None, None);
        let how = args::Compile::default();
        self.compile(&parts, &shown(&sources.root), &sources, &how)
    }

    /// Compiles what a runtime keeps of its stack against other flows.
    pub(crate) fn again(
        flows: String,
        graph: FlowGraph,
        sources: &Sources,
        how: &args::Compile,
    ) -> Result<Compiled, Fault> {
        if sources.root.is_empty() {
            return Err(Fault::new("the stack came without its text, so it cannot be compiled again"));
        }
        let nothing = Standing {
            tag: String::new(),
            number: 0,
            stack: String::new(),
            by: String::new(),
            at_ms: 0.0,
            why: String::new(),
            sources: Sources::default(),
            set: Value::Null,
        };
        let deployed = Self { flows, graph, standing: nothing };
        deployed.compile(&Parts::new(sources, None, None), &shown(&sources.root), sources, how)
    }

    fn compile(
        &self,
        parts: &Parts,
        root: &str,
        sources: &Sources,
        how: &args::Compile,
    ) -> Result<Compiled, Fault> {
        let overlays: Vec<(String, String)> =
            sources.overlays.iter().map(|o| (shown(&o.root), o.name.clone())).collect();
        let params: Vec<(String, String)> =
            sources.params.iter().chain(sources.overlays.iter().flat_map(|o| &o.params)).cloned().collect();
        let settings = Settings::of(folder(Path::new(root)), how)?;
        let lock = crate::lock::of(Path::new(root))?;
        let output = route_compiler::compile(Input {
            lock: lock.as_ref(),
            params: &settings.params,
            ambient: &params,
            as_runtime: how.as_runtime.as_deref().or(self.me()).or(settings.as_runtime.as_deref()),
            overlays: &overlays,
            levels: &settings.levels,
            passes: passes(how)?,
            ..Input::new(parts, root, &self.graph, (route_compiler::DEPLOYED, &self.flows))
        });
        for_a_runtime(&output, how)?;
        Ok(Compiled { output, graph: self.graph.clone(), flows_text: self.flows.clone() })
    }
}

/// The flows that run, as text and as a graph.
pub(crate) async fn flows(client: &Client) -> Result<(String, FlowGraph), Fault> {
    let flows = client.get("/v1/flows").await?;
    let text = serde_json::to_string_pretty(&flows)
        .map_err(|e| Fault::new(format!("the deployed flows are no JSON: {e}")))?;
    let graph = graph_of(&text, route_compiler::DEPLOYED)?;
    Ok((text, graph))
}

/// `--param` for an overlay: only its own parameters, since those of the stack would outlive it.
fn overlay_params(flags: &[String], text: &str) -> Result<Vec<(String, String)>, Fault> {
    let (file, _) = route_grammar::parse(text, route_grammar::FileId(0));
    let declared = |name: &str| {
        file.items
            .iter()
            .any(|item| matches!(&item.kind, ItemKind::Param { name: own, .. } if own.text == name))
    };
    let mut params: Vec<_> = settings::environment().filter(|(name, _)| declared(name)).collect();
    for (name, value) in settings::given(flags)? {
        if !declared(&name) {
            return Err(Fault::new(format!("`{name}` is no parameter of the overlay"))
                .help("a parameter of the stack itself is set by applying the stack"));
        }
        params.retain(|(known, _)| *known != name);
        params.push((name, value));
    }
    Ok(params)
}

/// The files of the stack (part 0) and of each overlay. The compiler reads the parts one after the other, each
/// beginning with its root, so the part in whose turn a path is asked for is known.
pub(crate) struct Parts {
    parts: Vec<Part>,
    now: Cell<usize>,
    read: RefCell<Vec<BTreeMap<String, String>>>,
}

struct Part {
    root: String,
    /// `None`: from disk.
    files: Option<BTreeMap<String, String>>,
}

impl Parts {
    /// `stack`, `overlay`: the one that is read from disk; the others are what the runtime has of them.
    pub(crate) fn new(sources: &Sources, stack: Option<&Path>, overlay: Option<&Path>) -> Self {
        let last = sources.overlays.len();
        let mut parts =
            vec![Part { root: sources.root.clone(), files: stack.is_none().then(|| sources.files.clone()) }];
        parts.extend(sources.overlays.iter().enumerate().map(|(at, o)| Part {
            root: o.root.clone(),
            files: (overlay.is_none() || at + 1 < last).then(|| o.files.clone()),
        }));
        let read = RefCell::new(vec![BTreeMap::new(); parts.len()]);
        Self { parts, now: Cell::new(0), read }
    }

    /// What was read for a part.
    pub(crate) fn read_of(&self, part: usize) -> BTreeMap<String, String> {
        self.read.borrow().get(part).cloned().unwrap_or_default()
    }
}

impl Files for Parts {
    fn read(&self, path: &str) -> Result<String, String> {
        let path_here = absolute(Path::new(path));
        let ahead = self.parts.iter().enumerate().skip(self.now.get());
        if let Some((at, _)) = ahead.into_iter().find(|(_, part)| part.root == path_here) {
            self.now.set(at);
        }
        let Some(part) = self.parts.get(self.now.get()) else { return Err("no such part".to_owned()) };
        let text = match &part.files {
            None => input::Disk.read(path)?,
            Some(files) => files.get(&path_here).cloned().ok_or("the runtime does not have this file")?,
        };
        if let Some(read) = self.read.borrow_mut().get_mut(self.now.get()) {
            read.insert(path_here, text.clone());
        }
        Ok(text)
    }
}

/// The whole path, without `.` and `..`: the name under which the runtime keeps a file.
pub(crate) fn absolute(path: &Path) -> String {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut out = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(out.pop()),
            part => out.push(part),
        }
    }
    out.display().to_string()
}

/// A whole path as seen from the current folder, when it is below it.
pub(crate) fn shown(path: &str) -> String {
    let here = absolute(Path::new("."));
    let below = Path::new(path).strip_prefix(&here).ok();
    below.map_or_else(|| path.to_owned(), |below| below.display().to_string())
}
