//! The command line.

pub(crate) mod control;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use control::{Apply, Control, Debug, DebugAction, Plan, Rollback, Status, Tap};

use crate::render::Format;

/// Checks, explains and runs message-router stacks on flow graphs.
///
/// Exit status: 0 clean, 1 findings, 2 wrong use or unreadable input.
#[derive(Debug, Parser)]
#[command(name = "routec", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
    /// How findings are written [default: full, or as `route.toml` says]
    #[arg(long, global = true, value_enum)]
    pub(crate) output_format: Option<Format>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check a stack against the flow graph
    Check(Check),
    /// Format `.route` files
    Fmt(Fmt),
    /// Print what a rule is about, or the chain of each wire
    Explain(Explain),
    /// Draw the flow with the routers on its wires
    Graph(Graph),
    /// Write a file of names for the nodes of a flow
    Names(Names),
    /// Write down which nodes a stack names and on which wires its routers sit, so that renames and losses show
    Lock(Lock),
    /// Write a schema of what recorded messages have in common
    Infer(Infer),
    /// Turn a JSON Schema into a `schema` item, or the schemas of a stack into JSON Schema
    Schema(Schema),
    /// Run the tests of a stack
    Test(Test),
    /// Show what every router does with a message, and why
    Trace(Trace),
    /// Send recorded messages through a stack, and tell which fare otherwise than with another one
    Replay(Replay),
    /// Compile a stack to a chain file
    Build(Build),
    /// Run a flow with a stack on it
    Run(Run),
    /// Show what `apply` would change
    Plan(Plan),
    /// Compile a stack against the flows that run, and put it in place
    Apply(Apply),
    /// Put an earlier stack back in place, or list those that there are
    Rollback(Rollback),
    /// Show the running stack: routers and their counts
    Status(Status),
    /// Print the messages of a wire, or the copies of a tap, as they pass
    Tap(Tap),
    /// Work with messages that breakpoints hold
    Debug(Debug),
    /// Link a runtime without links of its own to its fleet; the plugin for Node-RED starts it
    #[command(hide = true)]
    Uplink(Uplink),
    /// Serve editors: the language server, over standard input and output
    Lsp,
    /// Write the completions of a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// How a stack is compiled.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Compile {
    /// Value of a parameter
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub(crate) params: Vec<String>,
    /// The runtime of the fleet that this is compiled for
    #[arg(long = "as", value_name = "RUNTIME")]
    pub(crate) as_runtime: Option<String>,
    /// Make findings of a rule errors, by its code or name; `warnings` for all that warn
    #[arg(long, value_name = "RULE")]
    pub(crate) deny: Vec<String>,
    /// Make findings of a rule warnings
    #[arg(long, value_name = "RULE")]
    pub(crate) warn: Vec<String>,
    /// Silence the findings of a rule
    #[arg(long, value_name = "RULE")]
    pub(crate) allow: Vec<String>,
    /// Leave a pass of the optimiser out; `routec explain --passes` lists them
    #[arg(long, value_name = "PASS")]
    pub(crate) without: Vec<String>,
    /// Leave all of them out
    #[arg(long, conflicts_with = "without")]
    pub(crate) no_opt: bool,
    /// No pass runs but what belongs to lowering
    #[arg(skip)]
    pub(crate) as_written: bool,
    /// The last pass that runs
    #[arg(skip)]
    pub(crate) last_pass: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Uplink {
    /// Folder of this runtime alone, for spools and marks
    #[arg(long)]
    pub(crate) state: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// `.route` files, or folders with one
    #[arg(required = true, value_name = "STACK")]
    pub(crate) stacks: Vec<PathBuf>,
    /// The deployed flows, or their folder [default: as `route.toml` says, or `flows.json` beside the stack]
    #[arg(long)]
    pub(crate) flows: Option<PathBuf>,
    /// Put in what may be put in without looking
    #[arg(long)]
    pub(crate) fix: bool,
    /// Show what `--fix` would change, and write nothing
    #[arg(long, conflicts_with = "fix")]
    pub(crate) diff: bool,
    /// Print what a message costs at most on each wire: conditions, regular expressions, copies
    #[arg(long, conflicts_with_all = ["fix", "diff", "watch"])]
    pub(crate) cost: bool,
    /// Check again whenever a file changes
    #[arg(long, conflicts_with = "diff")]
    pub(crate) watch: bool,
    /// Take so many warnings as no finding
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) max_warnings: usize,
    #[command(flatten)]
    pub(crate) compile: Compile,
}

#[derive(Debug, Args)]
pub(crate) struct Fmt {
    /// `.route` files, or folders with some; `-` formats standard input to standard output
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Write nothing; exit 1 when a file would change
    #[arg(long)]
    pub(crate) check: bool,
    /// Write nothing; print what would change
    #[arg(long)]
    pub(crate) diff: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code or name of a rule, such as `R1001` or `unknown-node`; or a `.route` file, or a folder with one
    #[arg(value_name = "RULE|STACK", required_unless_present_any = ["all", "passes"])]
    pub(crate) what: Option<PathBuf>,
    /// List all rules
    #[arg(long, conflicts_with_all = ["what", "flows", "wire"])]
    pub(crate) all: bool,
    /// List the passes of the optimiser
    #[arg(long, conflicts_with_all = ["what", "flows", "wire", "all"])]
    pub(crate) passes: bool,
    /// Show the chains as they are after this pass
    #[arg(long, value_name = "PASS")]
    pub(crate) after: Option<String>,
    /// The deployed flows, or their folder [default: as `route.toml` says, or `flows.json` beside the stack]
    #[arg(long)]
    pub(crate) flows: Option<PathBuf>,
    /// Only wires between these nodes, by name or id: `A -> B`
    #[arg(long, value_name = "A -> B")]
    pub(crate) wire: Option<String>,
    #[command(flatten)]
    pub(crate) compile: Compile,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PictureFormat {
    /// A picture for browsers, laid out
    Svg,
    /// For Graphviz
    Dot,
    /// For Markdown files
    Mermaid,
}

#[derive(Debug, Args)]
pub(crate) struct Graph {
    /// A `.route` file, a folder with one, or `flows.json` alone
    #[arg(value_name = "STACK|FLOWS")]
    pub(crate) what: PathBuf,
    /// The deployed flows, or their folder [default: as `route.toml` says, or `flows.json` beside the stack]
    #[arg(long)]
    pub(crate) flows: Option<PathBuf>,
    /// What is written [default: by the ending of `--out`, else mermaid]
    #[arg(long, value_enum)]
    pub(crate) format: Option<PictureFormat>,
    /// Where to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Only this tab, by label or id
    #[arg(long = "tab", value_name = "NAME")]
    pub(crate) tabs: Vec<String>,
    /// Only what is near this node: a name, a glob, an id, or a selector such as `"Format" in tab "Alerts"`
    #[arg(long, value_name = "NODE")]
    pub(crate) focus: Vec<String>,
    /// How many wires away from it
    #[arg(long, value_name = "N", default_value_t = 2, requires = "focus")]
    pub(crate) hops: u32,
    /// Only wires with this router, and the nodes at their ends
    #[arg(long = "router", value_name = "NAME")]
    pub(crate) routers: Vec<String>,
    /// Only wires with routers, and the nodes at their ends
    #[arg(long)]
    pub(crate) routed: bool,
    #[command(flatten)]
    pub(crate) compile: Compile,
}

#[derive(Debug, Args)]
pub(crate) struct Lock {
    /// `.route` files, or folders with one; `route.lock` is beside them
    #[arg(default_value = ".", hide_default_value = true, value_name = "STACK")]
    pub(crate) stacks: Vec<PathBuf>,
    /// The deployed flows, or their folder [default: as `route.toml` says, or `flows.json` beside the stack]
    #[arg(long)]
    pub(crate) flows: Option<PathBuf>,
    /// Write nothing; show what would change, and exit 1 when something would
    #[arg(long)]
    pub(crate) check: bool,
    #[command(flatten)]
    pub(crate) compile: Compile,
}

#[derive(Debug, Args)]
pub(crate) struct Infer {
    /// Recorded messages: a JSON object in each line, as `tap … to file` writes them, or one JSON list
    #[arg(required = true)]
    pub(crate) recorded: Vec<PathBuf>,
    /// Name of the schema [default: after the file, or after the node]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// A schema for each output that messages came from, with the wires that carry it
    #[arg(long)]
    pub(crate) each: bool,
    /// The flows that they were recorded in, or their folder, for the names of nodes
    #[arg(long, requires = "each")]
    pub(crate) flows: Option<PathBuf>,
    /// Write JSON Schema
    #[arg(long)]
    pub(crate) json_schema: bool,
    /// Name texts one by one where there are so many at the most; 0 never does
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) literals: usize,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// A JSON Schema (`.json`); or a `.route` file, or a folder with one
    pub(crate) what: PathBuf,
    /// Name of the schema that is made, or of the one that is wanted
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The deployed flows, or their folder [default: as `route.toml` says, or `flows.json` beside the stack]
    #[arg(long)]
    pub(crate) flows: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) compile: Compile,
}

#[derive(Debug, Args)]
pub(crate) struct Names {
    /// `flows.json`, or its folder
    pub(crate) flows: PathBuf,
    /// Where to write [default: standard output]
    #[arg(long, short)]
    pub(crate) output: Option<PathBuf>,
}

/// How a stack is played: with messages of tests, of a file, of a recording.
#[derive(Debug, Args)]
pub(crate) struct Play {
    /// The deployed flows, or their folder [default: as `route.toml` says, or `flows.json` beside the stack]
    #[arg(long)]
    pub(crate) flows: Option<PathBuf>,
    /// What the dice of `sample` fall by
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) compile: Compile,
}

#[derive(Debug, Args)]
pub(crate) struct Test {
    /// A `.route` file, or a folder with one
    #[arg(default_value = ".", hide_default_value = true)]
    pub(crate) stack: PathBuf,
    /// Only tests with this in their names
    #[arg(long, short, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// Name the tests instead of running them
    #[arg(long)]
    pub(crate) list: bool,
    /// Show every router with what no test has met
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Fail when fewer of the outcomes of conditions were met, in percent
    #[arg(long, value_name = "PERCENT")]
    pub(crate) min_coverage: Option<f64>,
    /// Tests that run at a time [default: the number of cores]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    pub(crate) play: Play,
}

#[derive(Debug, Args)]
pub(crate) struct Trace {
    /// The message: a file with a JSON object, or `-`
    pub(crate) message: PathBuf,
    /// The wire that it is sent on, `A -> B`, `A.2 -> B`
    #[arg(long, value_name = "A -> B")]
    pub(crate) wire: String,
    /// A `.route` file, or a folder with one
    #[arg(long, default_value = ".", hide_default_value = true)]
    pub(crate) stack: PathBuf,
    #[command(flatten)]
    pub(crate) play: Play,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Recorded messages, a line each as `tap … to file` writes them
    pub(crate) recorded: PathBuf,
    /// A `.route` file, or a folder with one
    #[arg(long, default_value = ".", hide_default_value = true)]
    pub(crate) stack: PathBuf,
    /// The stack to compare with
    #[arg(long, value_name = "STACK")]
    pub(crate) against: Option<PathBuf>,
    /// End with status 1 when a message fares otherwise
    #[arg(long, requires = "against")]
    pub(crate) exit_code: bool,
    #[command(flatten)]
    pub(crate) play: Play,
}

#[derive(Debug, Args)]
pub(crate) struct Build {
    /// A `.route` file, or a folder with one
    #[arg(required_unless_present = "sources")]
    pub(crate) stack: Option<PathBuf>,
    /// Compile the `sources` that a runtime keeps of its stack, from a JSON file, instead
    #[arg(long, value_name = "FILE", requires = "flows", conflicts_with = "stack")]
    pub(crate) sources: Option<PathBuf>,
    /// The deployed flows, or their folder [default: as `route.toml` says, or `flows.json` beside the stack]
    #[arg(long)]
    pub(crate) flows: Option<PathBuf>,
    /// Where to write [default: standard output]
    #[arg(long, short)]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) compile: Compile,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// `flows.json`, or a folder with it and a stack
    pub(crate) flows: PathBuf,
    /// The stack: a `.route` file, or a chain file that `routec build` wrote [default: the `.route` file of the folder]
    #[arg(long)]
    pub(crate) stack: Option<PathBuf>,
    /// Where the control socket listens; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0")]
    pub(crate) control: std::net::SocketAddr,
    /// Folder for the control token, journals and spools [default: `.route` beside the flows]
    #[arg(long)]
    pub(crate) state: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) compile: Compile,
}
