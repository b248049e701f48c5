//! Who put which stack in force, when, and from which text; and the stacks before it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use route_chain::ir::ChainSet;
use route_chain::layer::without_layer;
use serde::{Deserialize, Serialize, Serializer};

use super::command::Refusal;

/// The texts that a stack was compiled from, kept so that a tool can compile it again with one overlay more. The runtime
/// itself reads the overlays' names and times alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// Path of the root file; empty: the stack came without its text.
    #[serde(default)]
    pub root: String,
    /// The root file and those that it uses: path and text.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Values of parameters: names and texts.
    #[serde(default)]
    pub params: Vec<(String, String)>,
    /// Layers on top, each with a text and an end of its own.
    #[serde(default)]
    pub overlays: Vec<Overlay>,
}

/// A layer that someone put on top of the stack for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// Name of its layer.
    pub name: String,
    /// Who put it there.
    #[serde(default)]
    pub owner: String,
    /// Path of its root file.
    #[serde(default)]
    pub root: String,
    /// Its files: path and text.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Values of its parameters.
    #[serde(default)]
    pub params: Vec<(String, String)>,
    /// Since when, milliseconds since 1970; 0: since now.
    #[serde(default)]
    pub since_ms: f64,
    /// How long it shall stay from now on, milliseconds; the runtime turns it into `until_ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_ms: Option<f64>,
    /// When the runtime takes it away; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<f64>,
}

/// A stack to put in force.
#[derive(Clone, Debug)]
pub struct Change {
    /// The compiled stack, overlays included.
    pub set: ChainSet,
    /// What it was compiled from.
    pub sources: Sources,
    /// Who wants it.
    pub by: String,
    /// For the history: ``applied `greenhouse.route` ``.
    pub why: String,
    /// The tag of the stack that the caller believes is in force; `None`: whatever is.
    pub expected: Option<String>,
}

/// A change of stack, for the list that `rollback` chooses from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// Its number.
    pub number: u64,
    /// Name of the stack.
    pub stack: String,
    /// Who.
    pub by: String,
    /// When, milliseconds since 1970.
    pub at_ms: f64,
    /// What was done.
    pub why: String,
    /// Names of its overlays.
    pub overlays: Vec<String>,
    /// It is the one in force.
    pub current: bool,
}

/// The stack in force with everything that tools need to change it.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// Identifies this state of things; a change that expects another tag is refused.
    pub tag: String,
    /// The runtime's clock, milliseconds since 1970.
    pub now_ms: f64,
    /// When and by whom.
    #[serde(flatten)]
    pub past: Past,
    /// What it was compiled from.
    #[serde(serialize_with = "shared")]
    pub sources: Arc<Sources>,
    /// The compiled stack.
    #[serde(serialize_with = "shared")]
    pub set: Arc<ChainSet>,
}

fn shared<T: Serialize, S: Serializer>(value: &Arc<T>, serializer: S) -> Result<S::Ok, S::Error> {
    value.as_ref().serialize(serializer)
}

/// One entry of the ledger.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) number: u64,
    /// The entry that `rollback` goes back to from here.
    pub(crate) before: Option<u64>,
    pub(crate) set: Arc<ChainSet>,
    pub(crate) sources: Arc<Sources>,
    pub(crate) by: String,
    pub(crate) at_ms: f64,
    pub(crate) why: String,
}

impl Entry {
    fn past(&self, current: bool) -> Past {
        Past {
            number: self.number,
            stack: self.set.stack.clone(),
            by: self.by.clone(),
            at_ms: self.at_ms,
            why: self.why.clone(),
            overlays: self.sources.overlays.iter().map(|overlay| overlay.name.clone()).collect(),
            current,
        }
    }
}

/// The stack in force and the latest ones before it.
pub(crate) struct Ledger {
    /// Oldest first, without the one in force.
    earlier: VecDeque<Entry>,
    current: Entry,
    /// Differs from run to run, so that a tag of an earlier run never fits.
    run: String,
    most: usize,
}

impl Ledger {
    /// `set`: the stack that does nothing; it has number 0. `most`: entries kept besides the one in force.
    pub(crate) fn new(set: Arc<ChainSet>, at_ms: f64, most: usize) -> Self {
        let why = "no stack".to_owned();
        let sources = Arc::default();
        let current = Entry { number: 0, before: None, set, sources, by: String::new(), at_ms, why };
        let run = ulid::Ulid::generate().to_string();
        Self { earlier: VecDeque::new(), current, run, most }
    }

    pub(crate) fn current(&self) -> &Entry {
        &self.current
    }

    pub(crate) fn number(&self) -> u64 {
        self.current.number
    }

    pub(crate) fn earlier(&self) -> usize {
        self.earlier.len()
    }

    /// The tag of the stack in force.
    pub(crate) fn tag(&self) -> String {
        format!("{}-{}", self.run, self.current.number)
    }

    /// Refuses a change that was made for another stack than the one in force.
    pub(crate) fn expect(&self, tag: Option<&str>) -> Result<(), Refusal> {
        match tag {
            Some(tag) if tag != self.tag() => {
                let Entry { number, by, at_ms, why, .. } = self.current.clone();
                Err(Refusal::Changed { number, by, at_ms, why })
            }
            _ => Ok(()),
        }
    }

    /// Writes down what is in force from now on.
    pub(crate) fn write(&mut self, next: Entry) {
        self.earlier.push_back(std::mem::replace(&mut self.current, next));
        while self.earlier.len() > self.most {
            self.earlier.pop_front();
        }
    }

    /// Writes down what is in force in place of the last entry: there is no way back to it.
    pub(crate) fn overwrite(&mut self, next: Entry) {
        self.current = next;
    }

    /// The entry of this number, or the one before the one in force.
    pub(crate) fn find(&self, number: Option<u64>) -> Result<&Entry, Refusal> {
        let wanted = number.or(self.current.before).ok_or(Refusal::NoEarlier)?;
        if wanted == self.current.number {
            return Err(Refusal::InForce(wanted));
        }
        self.earlier.iter().find(|entry| entry.number == wanted).ok_or_else(|| match number {
            Some(_) => Refusal::NotKept { wanted, kept: self.earlier.iter().map(|e| e.number).collect() },
            None => Refusal::NoEarlier,
        })
    }

    /// All entries, oldest first.
    pub(crate) fn list(&self) -> Vec<Past> {
        let earlier = self.earlier.iter().map(|entry| entry.past(false));
        earlier.chain([self.current.past(true)]).collect()
    }

    pub(crate) fn standing(&self, now_ms: f64) -> Standing {
        Standing {
            tag: self.tag(),
            now_ms,
            past: self.current.past(true),
            sources: self.current.sources.clone(),
            set: self.current.set.clone(),
        }
    }
}

/// A stack without some of its overlays.
pub(crate) fn without(
    set: &ChainSet,
    sources: &Sources,
    gone: impl Fn(&Overlay) -> bool,
) -> (ChainSet, Sources) {
    let mut sources = sources.clone();
    let mut set = set.clone();
    for overlay in sources.overlays.iter().filter(|overlay| gone(overlay)) {
        set = without_layer(&set, &overlay.name);
    }
    sources.overlays.retain(|overlay| !gone(overlay));
    (set, sources)
}

impl Sources {
    /// Turns durations into times, and refuses overlays that cannot be told apart.
    pub(crate) fn begin(&mut self, now_ms: f64) -> Result<(), Refusal> {
        let mut names = std::collections::HashSet::new();
        for overlay in &mut self.overlays {
            if overlay.name.is_empty() || !names.insert(overlay.name.clone()) {
                let what = format!("two overlays are called `{}`, or one has no name", overlay.name);
                return Err(Refusal::Invalid(what));
            }
            if overlay.since_ms <= 0.0 {
                overlay.since_ms = now_ms;
            }
            if let Some(time) = overlay.for_ms.take() {
                overlay.until_ms = Some(now_ms + time.max(0.0));
            }
        }
        Ok(())
    }

    /// When the first overlay is over.
    pub(crate) fn first_end(&self) -> Option<f64> {
        self.overlays.iter().filter_map(|overlay| overlay.until_ms).min_by(f64::total_cmp)
    }
}

impl Overlay {
    pub(crate) fn is_over(&self, now_ms: f64) -> bool {
        self.until_ms.is_some_and(|until| until <= now_ms)
    }
}
