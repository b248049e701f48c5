//! Tests of a stack, resolved: what is sent, what is expected, which nodes are stubbed.

use route_grammar::{FileId, Span};

use crate::hir::Expr;

/// `test "…" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Its title.
    pub title: String,
    /// The layer that it stands in; the root file's is `main`.
    pub layer: String,
    /// Where it stands.
    pub file: FileId,
    /// The whole item.
    pub span: Span,
    /// Statements in order.
    pub steps: Vec<TestStep>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub struct TestStep {
    /// Place.
    pub span: Span,
    /// What it says.
    pub kind: StepKind,
}

/// What a statement says.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// A message on each of these wires.
    Send {
        /// Indices into [`crate::flow::FlowGraph::wires`].
        wires: Vec<u32>,
        /// An object that needs no message.
        message: Expr,
        /// How often.
        times: u64,
        /// Milliseconds between two of them.
        every_ms: f64,
    },
    /// What must have happened.
    Expect(Expectation),
    /// What nodes do with messages.
    Stub {
        /// Each node with what it sends for a message.
        nodes: Vec<(u32, Vec<Reply>)>,
    },
    /// This runtime cannot be reached any more.
    Unreachable(String),
    /// The clock moves on, milliseconds.
    Advance(f64),
}

/// `expect …`
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// It must not have happened.
    pub no: bool,
    /// What.
    pub outcome: Outcome,
    /// How often exactly; at least once when absent.
    pub times: Option<u64>,
    /// An object whose fields the message must have.
    pub with: Option<Expr>,
    /// A condition on the message.
    pub filter: Option<Expr>,
}

/// What can become of a message. Routers and runtimes are named, nodes are indices into
/// [`crate::flow::FlowGraph::nodes`]; `None` means any.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Outcome {
    Delivered(Option<Vec<u32>>),
    Redirected { by: Option<String>, to: Option<Vec<u32>> },
    Stopped(Option<String>),
    Held(Option<String>),
    Sent(Option<String>),
    Tap(String),
    Error(Option<String>),
    Nothing,
    That(Expr),
}

/// What a stubbed node sends for a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// An object; absent for the message that came.
    pub message: Option<Expr>,
    /// Output, from 0.
    pub output: u32,
    /// Whether it is sent.
    pub when: Option<Expr>,
}
