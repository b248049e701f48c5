//! The published format of a compiled stack: plain data, versioned, written as JSON. See `chain/FORMAT.md`.

use serde::{Deserialize, Serialize};

/// `magic` of every chain file.
pub const MAGIC: &str = "route-chain";
/// Version of the format that this crate reads and writes.
pub const VERSION: u32 = 2;

/// A compiled stack for one runtime.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainSet {
    /// Always [`MAGIC`].
    pub magic: String,
    /// Always [`VERSION`].
    pub version: u32,
    /// The stack's name.
    pub stack: String,
    /// Hex sha256 of the flow graph that it was compiled against (its normal form, not its text).
    pub flows: String,
    /// Hex sha256 of every `.route` text that went in, in order, with parameter values.
    pub source: String,
    /// Paths below `msg`, referred to by index.
    pub paths: Vec<Path>,
    /// Regular expressions (syntax of the `regex` crate), referred to by index.
    pub regexes: Vec<String>,
    /// Routers in stack order, referred to by index.
    pub routers: Vec<Router>,
    /// Distinct chains; index 0 is the empty chain.
    pub chains: Vec<Chain>,
    /// Wires that carry a chain other than the empty one.
    pub wires: Vec<Wire>,
    /// The fleet, when the stack has `runtime` items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fleet: Option<Fleet>,
}

/// What a message passes on a wire.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// In the order of the stack.
    pub steps: Vec<Step>,
    /// Short cuts through runs of steps, in order and apart from each other. A reader may ignore them: they change
    /// how fast a message passes, never what becomes of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Table>,
}

impl Chain {
    /// A chain without tables.
    pub fn of(steps: Vec<Step>) -> Self {
        Self { steps, tables: Vec::new() }
    }
}

/// A short cut: which steps of a run can act at all on a message, by its value at one path.
///
/// For a message that comes to step `at` in `from..to` while its value at `path` is `v`, the steps of `from..to` that
/// are not in the list for `v` do nothing: their `when` is false or, for a `keep` without `when`, the message is kept.
/// No step of the run but the last changes the value at `path`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// First step of the run.
    pub from: u32,
    /// The step after its last one.
    pub to: u32,
    /// The path whose value decides.
    pub path: u32,
    /// Texts, numbers, booleans and `null`, each with the steps that can act when the value equals it, ascending.
    pub equal: Vec<(serde_json::Value, Vec<u32>)>,
    /// Beginnings of texts: of those that the value begins with the longest one counts, unless `equal` has the value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefix: Vec<(String, Vec<u32>)>,
    /// The steps that can act on every other value, and when there is none.
    pub other: Vec<u32>,
}

/// A path below `msg`: `["payload", 0, "soil pH"]`.
pub type Path = Vec<Seg>;

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Seg {
    /// An object's key.
    Key(String),
    /// A list's index, from 0.
    Index(u32),
}

/// What is known of a router apart from its steps. Its state (limits, counts, held messages) is one per router,
/// shared by its wires, and moves to the next stack by (`layer`, `name`, `kind`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Router {
    /// Name in the text.
    pub name: String,
    /// `filter`, `halt`, …
    pub kind: String,
    /// The layer that owns it; the team's own is `main`.
    pub layer: String,
    /// File and line where it stands.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Its doc comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
}

/// One wire of the deployed graph by static ids. A node inside a subflow instance has the id
/// `INSTANCE-NODE`, nested ones `OUTER-INNER-NODE`, as in Node-RED.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wire {
    /// Source node.
    pub from: String,
    /// Output, from 0.
    pub port: u32,
    /// Destination node.
    pub to: String,
    /// Index into [`ChainSet::chains`].
    pub chain: u32,
}

/// One router on one wire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Index into [`ChainSet::routers`].
    pub router: u32,
    /// Applies when true; absent means always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Cond>,
    /// What it does.
    pub op: Op,
}

/// A condition: total, pure (but for `sample`), always ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cond {
    /// A constant.
    Const(bool),
    /// Negation.
    Not(Box<Cond>),
    /// All, left to right, stopping at the first false.
    And(Vec<Cond>),
    /// Any, left to right, stopping at the first true.
    Or(Vec<Cond>),
    /// A comparison; false when an operand is absent or the types do not fit, so `ne` never appears: it is `not` of `eq`.
    Cmp(Cmp, Operand, Operand),
    /// Equal to one of the values.
    InList(Operand, Vec<serde_json::Value>),
    /// Numbers (or texts) between two ends; `true`: the high end belongs to it.
    InRange(Operand, Operand, Operand, bool),
    /// An address inside a network, `10.0.0.0/8`; the operand is text.
    InCidr(Operand, String),
    /// Text matches a regular expression (index), anywhere unless anchored.
    Matches(Operand, u32),
    /// Text contains text, or a list contains a value.
    Contains(Operand, Operand),
    /// Text starts with text.
    StartsWith(Operand, Operand),
    /// Text ends with text.
    EndsWith(Operand, Operand),
    /// The value's type.
    Is(Operand, Type),
    /// The path leads somewhere (a value of `null` is there; `undefined` is not).
    Has(u32),
    /// The operand is exactly `true`.
    Truth(Operand),
    /// True for this share of messages, chosen at random (0 to 1).
    Sample(f64),
    /// True for this share of keys, by hash: the same key always gets the same answer.
    SampleBy(f64, Operand),
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cmp {
    /// `==`, by value and type
    Eq,
    /// `<`, numbers or texts
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// Types that `is` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Type {
    Number,
    String,
    Bool,
    Object,
    List,
    Null,
    Bytes,
}

/// A value, or absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operand {
    /// A constant.
    Lit(serde_json::Value),
    /// A path of the message (index).
    Path(u32),
    /// Unary minus on a number.
    Neg(Box<Operand>),
    /// Arithmetic on numbers; `add` also joins two texts. Absent when the types do not fit.
    Arith(Arith, Box<Operand>, Box<Operand>),
    /// A function of [`Func`].
    Call(Func, Vec<Operand>),
    /// A condition's outcome as a value.
    Cond(Box<Cond>),
    /// A list of operands; absent members become `null`.
    List(Vec<Operand>),
    /// An object of operands; absent members are left out.
    Object(Vec<(String, Operand)>),
}

/// Arithmetic operators, on IEEE doubles as in JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Arith {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}

/// Functions: pure and total; absent when an operand is absent or of the wrong type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Func {
    /// Code points of a text, members of a list or object, bytes of a buffer.
    Len,
    /// Lower case.
    Lower,
    /// Upper case.
    Upper,
    /// Without white space at both ends.
    Trim,
    /// Absolute value.
    Abs,
    /// Least of the numbers.
    Min,
    /// Greatest of the numbers.
    Max,
    /// To the nearest integer, halves up, as JavaScript's `Math.round`.
    Round,
    /// FNV-1a 32 of the canonical JSON text, as a number.
    Hash,
    /// Bytes of the value written as JSON.
    Size,
    /// Text that is an IP address, in canonical form; else absent.
    Ip,
}

/// What a router does on one wire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// `filter`: stops what does not pass the condition.
    Keep(Cond),
    /// `halt`
    Halt {
        /// Said to people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Raised at the source node.
        as_error: bool,
    },
    /// `set`: changes in order; each sees those before it.
    Set(Vec<Change>),
    /// `redirect`: delivered to this node instead (the remaining steps of the chain still run).
    Redirect {
        /// Node id.
        to: String,
    },
    /// `limit`
    Limit(Limit),
    /// `tap`
    Tap(Tap),
    /// `break`
    Break(Break),
    /// `remote`
    Remote(Remote),
    /// `call`
    Call(Call),
}

/// One change of `set`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// `msg.path = operand`; objects on the way are made; nothing happens when the operand is absent or
    /// something on the way is no object or list.
    Assign(u32, Operand),
    /// `delete msg.path`
    Delete(u32),
}

/// A rate: `count` messages in `per_ms` milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many.
    pub count: f64,
    /// In how many milliseconds.
    pub per_ms: f64,
    /// How many at once (a full bucket); at least 1.
    pub burst: f64,
}

/// `limit`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Token bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// One bucket per value of this; absent counts as one key of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<Operand>,
    /// Duplicates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinct: Option<Distinct>,
    /// What happens to those over the limit.
    pub over: Over,
    /// Most keys remembered; the least recently used one is forgotten.
    pub max_keys: u32,
}

/// `distinct by E within D`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distinct {
    /// Key.
    pub by: Operand,
    /// Window in milliseconds.
    pub within_ms: f64,
}

/// What happens to messages over a limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Over {
    /// Stopped and counted.
    Halt,
    /// Held and let go at the rate; at most so many, then stopped and counted.
    Hold {
        /// Messages.
        max: u64,
    },
}

/// `tap`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tap {
    /// Where copies go.
    pub sink: Sink,
    /// Which part of the message.
    pub select: Select,
    /// Each N-th matching message; 1 means all.
    pub every: u64,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Rate>,
    /// A full sink delays the message instead of dropping the copy.
    pub block: bool,
}

/// Part of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Select {
    /// All of it.
    Whole,
    /// Without these paths.
    Omit(Vec<u32>),
    /// These paths alone.
    Only(Vec<u32>),
}

/// A tap's sink.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Sink {
    /// One line of JSON each.
    Stdout,
    /// Read by `routec tap`.
    Stream,
    /// NDJSON file.
    File {
        /// Path, relative to the working directory of the runtime.
        path: String,
        /// Bytes after which a new file is begun.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rotate: Option<u64>,
        /// Old files kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<u32>,
    },
    /// A node gets the copy as a message.
    Node(String),
    /// A named count.
    Counter(String),
    /// NATS subject.
    Nats(String),
    /// MQTT topic.
    Mqtt(String),
    /// Zenoh key expression.
    Zenoh(String),
    /// OTLP endpoint.
    Otlp(String),
}

/// `break`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Break {
    /// Begins to hold at this matching message (1: at once).
    pub hits: u64,
    /// Most messages held; one more goes the way of `then_pass`.
    pub max: u64,
    /// How long each is held, milliseconds.
    pub for_ms: f64,
    /// After that: delivered, or stopped and counted.
    pub then_pass: bool,
    /// Reports instead of holding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<Vec<LogPart>>,
}

/// A piece of a log line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogPart {
    /// Fixed text.
    Text(String),
    /// A value; absent prints `absent`.
    Value(Operand),
}

/// `remote`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remote {
    /// Runtimes of the fleet, by name; at least one.
    pub to: Vec<String>,
    /// How one of them is chosen.
    pub choose: Choose,
    /// What happens when none can be reached or the queue is full.
    pub unreachable: Unreachable,
    /// Given up after so long, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<f64>,
    /// What the other side must have done before it acknowledges.
    pub ack: Ack,
}

/// How one of several runtimes is chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choose {
    /// The first that can be reached, in the order written.
    Order,
    /// By hash of the operand; absent hashes as `null`.
    Hash(Operand),
    /// In turn.
    RoundRobin,
    /// The one with the lowest measured round trip.
    Latency,
}

/// What happens to a message whose runtime cannot be reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Unreachable {
    /// Stopped and counted.
    Halt,
    /// Goes on in the chain, to the local node.
    Pass,
    /// Raised at the source node.
    Error,
    /// Kept, up to so many bytes, until it can be sent.
    Spool {
        /// Bytes.
        bytes: u64,
    },
}

/// When the receiver acknowledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ack {
    /// Written to its journal.
    Stored,
    /// Handed to the node.
    Delivered,
}

/// `call`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Registered name of the module.
    pub plugin: String,
    /// Its options.
    pub options: serde_json::Value,
    /// When it fails.
    pub on_fault: OnFault,
}

/// What happens to the message when a module fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFault {
    /// Goes on.
    Pass,
    /// Stopped and counted.
    Halt,
    /// Raised at the source node.
    Error,
}

/// The fleet as one runtime sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fleet {
    /// The name of the runtime that this was compiled for.
    pub me: String,
    /// All runtimes, this one included.
    pub runtimes: Vec<Runtime>,
    /// Ids of nodes that live elsewhere and are not started here.
    pub absent: Vec<String>,
    /// Where each of them lives, an index into `runtimes`; a node beyond the end of this list lives nobody knows where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub homes: Vec<u32>,
}

/// One runtime of the fleet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runtime {
    /// Name.
    pub name: String,
    /// `zenoh`, `nats`, `mqtt`
    pub transport: String,
    /// Where it listens and is reached, `tcp/10.0.0.2:7447`.
    pub address: String,
    /// JetStream, for `nats`.
    pub durable: bool,
    /// Messages that wait for it at the most.
    pub queue: u64,
    /// Tags.
    pub tags: std::collections::BTreeMap<String, String>,
}
