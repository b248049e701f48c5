//! The syntax tree of a `.route` file, with exact spans. Names are not resolved here.

use std::sync::Arc;

use crate::span::Span;

/// A whole file: the items that were understood, in order, and every comment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// Items in text order, which is stack order.
    pub items: Vec<Item>,
    /// `//` comments (not `///`), in text order.
    pub comments: Vec<Comment>,
}

/// A `//` comment with its slashes, without the line end.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// Text including `//`.
    pub text: String,
    /// Place.
    pub span: Span,
}

/// An identifier as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// The identifier.
    pub text: String,
    /// Place.
    pub span: Span,
}

/// A quoted string, unescaped; the span covers the quotes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Text {
    /// Unescaped contents.
    pub value: String,
    /// Place, quotes included.
    pub span: Span,
}

/// `allow(CODE) "why"` before an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Allow {
    /// The code silenced.
    pub code: Name,
    /// The reason given.
    pub why: Option<Text>,
    /// Whole clause.
    pub span: Span,
}

/// One item with what stands before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// `///` lines, without the slashes and one leading space.
    pub docs: Vec<String>,
    /// Lints silenced for this item.
    pub allows: Vec<Allow>,
    /// The item itself.
    pub kind: ItemKind,
    /// From the keyword to the last token (docs and allows not included).
    pub span: Span,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    /// `stack NAME`
    Stack(Name),
    /// `use "PATH"`
    Use(Text),
    /// `layer NAME { … }`
    Layer {
        /// Owner's name.
        name: Name,
        /// Items inside.
        items: Vec<Arc<Item>>,
    },
    /// `const NAME [: TYPE] = EXPR`
    Const {
        /// Name.
        name: Name,
        /// Declared type.
        ty: Option<Type>,
        /// Value.
        value: Expr,
    },
    /// `param NAME: TYPE [= EXPR]`
    Param {
        /// Name.
        name: Name,
        /// Declared type.
        ty: Option<Type>,
        /// Default; without it the parameter is required.
        default: Option<Expr>,
    },
    /// `let NAME = ENDS`
    Let {
        /// Name.
        name: Name,
        /// The set of nodes.
        ends: Ends,
    },
    /// `predicate NAME(params) = EXPR`
    Predicate {
        /// Name.
        name: Name,
        /// Parameters; empty when there are none.
        params: Vec<Name>,
        /// The condition.
        body: Expr,
    },
    /// `schema NAME { … }`
    Schema {
        /// Name.
        name: Name,
        /// Fields of the message.
        fields: Vec<Field>,
    },
    /// `carry NAME on WIRES`
    Carry {
        /// The schema.
        schema: Name,
        /// Where.
        wires: Wires,
    },
    /// `runtime NAME { … }`
    Runtime {
        /// Name.
        name: Name,
        /// How it is reached, its tags and limits.
        clauses: Vec<RuntimeClause>,
    },
    /// `place ENDS on RUNTIME`
    Place {
        /// The nodes.
        ends: Ends,
        /// Where they live.
        runtime: Name,
    },
    /// A router.
    Router(Router),
    /// `test "…" { … }`
    Test {
        /// Title.
        title: Text,
        /// Statements in order.
        steps: Vec<TestStep>,
    },
}

/// A schema's type.
#[derive(Clone, Debug, PartialEq)]
pub struct Type {
    /// What it is.
    pub kind: TypeKind,
    /// Place.
    pub span: Span,
}

/// What a type is.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// `number string bool object list null bytes any duration size rate` or a schema's name.
    Name(String),
    /// A literal: `"C"`, `1`, `true`, `null`.
    Literal(Box<Expr>),
    /// `{ a: T, b?: T }`
    Object(Vec<Field>),
    /// `[T]`
    List(Box<Type>),
    /// `A | B`
    Union(Vec<Type>),
    /// Not understood; already reported.
    Error,
}

/// `name[?]: TYPE`
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Field name (identifier or string).
    pub name: Name,
    /// May be absent.
    pub optional: bool,
    /// Its type.
    pub ty: Type,
}

/// A clause of `runtime`.
#[derive(Clone, Debug, PartialEq)]
pub struct RuntimeClause {
    /// What it says.
    pub kind: RuntimeClauseKind,
    /// Place.
    pub span: Span,
}

/// What a clause of `runtime` says.
#[derive(Clone, Debug, PartialEq)]
pub enum RuntimeClauseKind {
    /// `zenoh "tcp/host:port"` (any constant text expression)
    Zenoh(Expr),
    /// `nats "nats://host:port" [durable]`
    Nats {
        /// Address.
        address: Expr,
        /// JetStream.
        durable: bool,
    },
    /// `mqtt "mqtt://host:port"`
    Mqtt(Expr),
    /// `tags { key: "value", … }`
    Tags(Vec<(Name, Text)>),
    /// `limit NAME VALUE`, e.g. `limit queue 10000`
    Limit(Name, Expr),
}

/// `ENDS -> ENDS`
#[derive(Clone, Debug, PartialEq)]
pub struct Wires {
    /// Sources (with ports).
    pub from: Ends,
    /// Destinations.
    pub to: Ends,
    /// Both sides and the arrow.
    pub span: Span,
}

/// A set of nodes as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Ends {
    /// What it is.
    pub kind: EndsKind,
    /// Place.
    pub span: Span,
}

/// How a quoted name matches.
#[derive(Clone, Debug, PartialEq)]
pub enum Pattern {
    /// Exactly this.
    Exact(Text),
    /// A string with `*` or `?` in it.
    Glob(Text),
    /// `~/regex/`; the text is the regex, the span covers `~/…/`.
    Regex(Text),
}

/// What the quoted name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `"X"` or `node "X"`
    Node,
    /// `tab`
    Tab,
    /// `group`
    Group,
    /// `subflow`: the definition's inner nodes, in every instance
    Subflow,
    /// `type`
    Type,
    /// `id`
    Id,
}

/// A selector.
#[derive(Clone, Debug, PartialEq)]
pub enum EndsKind {
    /// `*`
    All,
    /// `[kind] "pattern"`
    Match {
        /// What is matched.
        kind: Kind,
        /// Against what.
        pattern: Pattern,
    },
    /// A `let` name.
    Name(Name),
    /// `X in Y`
    In(Box<Ends>, Box<Ends>),
    /// `X or Y`
    Or(Box<Ends>, Box<Ends>),
    /// `X and Y`
    And(Box<Ends>, Box<Ends>),
    /// `X except Y`
    Except(Box<Ends>, Box<Ends>),
    /// `X next to Y`: those of X joined by a wire to one of Y
    NextTo(Box<Ends>, Box<Ends>),
    /// `upstream of X`
    Upstream(Box<Ends>),
    /// `downstream of X`
    Downstream(Box<Ends>),
    /// `X.2` or `X."label"`
    Port(Box<Ends>, Port),
    /// `(X)`; kept for the formatter
    Paren(Box<Ends>),
    /// Not understood; already reported.
    Error,
}

/// An output.
#[derive(Clone, Debug, PartialEq)]
pub enum Port {
    /// Counted from 1, as in the editor.
    Index(u32, Span),
    /// The output with that label.
    Label(Text),
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Place.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `1.5`
    Number(f64),
    /// `"text"`
    Text(String),
    /// `true`, `false`
    Bool(bool),
    /// `null`
    Null,
    /// `/regex/`
    Regex(String),
    /// `30s`, in milliseconds
    Duration(f64),
    /// `64KiB`, in bytes
    Size(u64),
    /// `10/s`: count per milliseconds
    Rate {
        /// How many.
        count: f64,
        /// In how many milliseconds.
        per_ms: f64,
    },
    /// `5%` as 0.05
    Percent(f64),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{ a: 1, "b c": 2 }`
    Object(Vec<(Name, Expr)>),
    /// `msg.a[0]["b"]`, `source.name`, `dest.id`, or a bare name (no segments)
    Path(Path),
    /// `f(a, b)`
    Call {
        /// Function or predicate.
        name: Name,
        /// Arguments.
        args: Vec<Expr>,
    },
    /// `cidr "10.0.0.0/8"`
    Cidr(Text),
    /// `a..b` (inclusive) or `a..<b`; only after `in`
    Range {
        /// Low end.
        low: Box<Expr>,
        /// High end.
        high: Box<Expr>,
        /// Whether the high end belongs to it.
        inclusive: bool,
    },
    /// `not e`, `-e`
    Unary(UnaryOp, Box<Expr>),
    /// `a op b`
    Binary {
        /// Operator.
        op: BinaryOp,
        /// Place of the operator.
        op_span: Span,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `e is TYPE`
    Is(Box<Expr>, Name),
    /// `(e)`; kept for the formatter
    Paren(Box<Expr>),
    /// Not understood; already reported.
    Error,
}

/// A path into the message, the wire's ends, or a named thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// `msg`, `source`, `dest`, or a constant's, parameter's or predicate's name.
    pub root: Name,
    /// Steps below the root.
    pub segments: Vec<Segment>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Segment {
    /// `.name` or `["name"]`
    Key(Name),
    /// `[0]`
    Index(u32, Span),
}

/// Prefix operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `not`
    Not,
    /// `-`
    Neg,
}

/// Infix operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Or,
    And,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    /// `in` a list, a range or a `cidr`
    In,
    Matches,
    Contains,
    StartsWith,
    EndsWith,
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}

/// The router kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum RouterKind {
    Filter,
    Halt,
    Tap,
    Break,
    Remote,
    Set,
    Redirect,
    Limit,
    Call,
}

/// `KIND NAME on WIRES { clauses }`; clauses may also stand on lines of their own.
#[derive(Clone, Debug, PartialEq)]
pub struct Router {
    /// Kind.
    pub kind: RouterKind,
    /// Name.
    pub name: Name,
    /// Where it sits.
    pub wires: Wires,
    /// Clauses in order. Which clause belongs to which kind is checked by the parser.
    pub clauses: Vec<Clause>,
}

/// A clause with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// What it says.
    pub kind: ClauseKind,
    /// Place.
    pub span: Span,
}

/// What a clause says.
#[derive(Clone, Debug, PartialEq)]
pub enum ClauseKind {
    /// `when E`
    When(Expr),
    /// `keep when E`
    KeepWhen(Expr),
    /// `drop when E`
    DropWhen(Expr),
    /// `reason "…"`
    Reason(Text),
    /// `as error`
    AsError,
    /// `to …`
    To(Target),
    /// `omit PATH, PATH`
    Omit(Vec<(Path, Span)>),
    /// `only PATH, PATH`
    Only(Vec<(Path, Span)>),
    /// `every N`
    Every(Expr),
    /// `at most RATE [burst N] [per E]`
    AtMost {
        /// A rate expression.
        rate: Expr,
        /// Burst size.
        burst: Option<Expr>,
        /// Key.
        per: Option<Expr>,
    },
    /// `full drop|block`
    FullBlock(bool),
    /// `hits N`
    Hits(Expr),
    /// `hold at most N for D then pass|drop`
    Hold {
        /// How many messages.
        at_most: Expr,
        /// How long each.
        duration: Expr,
        /// `true` for `pass`, `false` for `drop`.
        then_pass: bool,
    },
    /// `log "… {msg.topic}"`
    Log(Text),
    /// `unreachable …`
    Unreachable(Unreachable),
    /// `ttl D`
    Ttl(Expr),
    /// `ack stored|delivered`; `true` for `delivered`
    AckDelivered(bool),
    /// `msg.path = E`
    Assign {
        /// Where.
        path: Path,
        /// Its place.
        path_span: Span,
        /// What.
        value: Expr,
    },
    /// `delete msg.path`
    Delete {
        /// Where.
        path: Path,
        /// Its place.
        path_span: Span,
    },
    /// `distinct by E within D`
    Distinct {
        /// Key.
        by: Expr,
        /// Window.
        within: Expr,
    },
    /// `over halt`
    OverHalt,
    /// `over hold N` or `over hold SIZE`
    OverHold(Expr),
    /// `PLUGIN { options }`
    Plugin {
        /// Registered name of the module.
        name: Name,
        /// An object expression.
        options: Option<Expr>,
    },
    /// `on fault pass|halt|error`
    OnFault(OnFault),
}

/// `on fault …`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum OnFault {
    Pass,
    Halt,
    Error,
}

/// `unreachable …`
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Unreachable {
    Spool(Expr),
    Halt,
    Pass,
    Error,
}

/// What `to` names.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// `stdout`, `stream`, `file "…" { … }`, `nats "…"`, …
    Sink(Sink),
    /// `node "X" [in …]` or another selector: for `tap` and `redirect`
    Ends(Ends),
    /// A bare name: a runtime for `remote`, a `let` for `tap` and `redirect`
    Name(Name),
    /// `one of (A, B) by …`
    OneOf {
        /// Runtimes.
        runtimes: Vec<Name>,
        /// How one is chosen.
        by: Choose,
    },
}

/// How one of several runtimes is chosen.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Choose {
    Hash(Expr),
    RoundRobin,
    Latency,
    Order,
}

/// A tap's sink.
#[derive(Clone, Debug, PartialEq)]
pub struct Sink {
    /// What it is.
    pub kind: SinkKind,
    /// Place.
    pub span: Span,
}

/// What a sink is.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum SinkKind {
    Stdout,
    Stream,
    File {
        path: Text,
        /// `rotate SIZE`
        rotate: Option<Expr>,
        /// `keep N`
        keep: Option<Expr>,
    },
    Nats(Text),
    Mqtt(Text),
    Zenoh(Text),
    Otlp(Text),
    Counter(Text),
}

/// A statement of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestStep {
    /// What it says.
    pub kind: TestStepKind,
    /// Place.
    pub span: Span,
}

/// What a statement of a test says.
#[derive(Clone, Debug, PartialEq)]
pub enum TestStepKind {
    /// `send ENDS -> ENDS { message } [N times [every D]]`
    Send {
        /// The wires; each carries the message.
        wires: Wires,
        /// An object expression.
        message: Expr,
        /// How often.
        times: Option<Expr>,
        /// How much time lies between two of them.
        every: Option<Expr>,
    },
    /// `expect …`
    Expect(Expect),
    /// `stub ENDS [{ replies }]`: what nodes do with messages; without replies nothing
    Stub {
        /// The nodes.
        ends: Ends,
        /// What they send, in order.
        replies: Vec<Reply>,
    },
    /// `unreachable RUNTIME`: it cannot be reached from now on
    Unreachable(Name),
    /// `advance D`: the test's clock moves on
    Advance(Expr),
}

/// `expect [no|not] OUTCOME [N times] [with { … }] [where EXPR]`
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// It must not have happened.
    pub no: bool,
    /// What.
    pub outcome: Outcome,
    /// How often exactly; at least once when absent.
    pub times: Option<Expr>,
    /// An object expression: fields that the message must have with these values.
    pub with: Option<Expr>,
    /// A condition on the message.
    pub filter: Option<Expr>,
}

/// What can become of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// `delivered [to ENDS]`
    Delivered(Option<Ends>),
    /// `redirected [by NAME] [to ENDS]`
    Redirected {
        /// Router.
        by: Option<Name>,
        /// Destination.
        to: Option<Ends>,
    },
    /// `stopped [by NAME]`
    Stopped(Option<Name>),
    /// `held [by NAME]`
    Held(Option<Name>),
    /// `sent [to RUNTIME]`
    Sent(Option<Name>),
    /// `tap NAME`
    Tap(Name),
    /// `error ["…"]`
    Error(Option<Text>),
    /// `nothing`
    Nothing,
    /// A condition on the message that came last to a node or another runtime.
    That(Expr),
}

/// `pass [to OUTPUT] [when E]` or `send { message } [to OUTPUT] [when E]`: what a stubbed node sends for a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// An object expression; absent for `pass`, which sends what came.
    pub message: Option<Expr>,
    /// The output; the first when absent.
    pub output: Option<Port>,
    /// Whether it is sent.
    pub when: Option<Expr>,
    /// Place.
    pub span: Span,
}
