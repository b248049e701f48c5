//! The words and signs of the language: one table for the parser's suggestions, completions and every editor.

use crate::class::Class;

/// What part of the language a word belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// Begins an item.
    Item,
    /// Begins a router.
    Router,
    /// Begins or joins a clause.
    Clause,
    /// Names a sink or a transport.
    Sink,
    /// Selects nodes.
    Selector,
    /// An operator written as a word.
    Operator,
    /// A literal.
    Literal,
    /// A word of a test's statements.
    Step,
}

impl Category {
    /// How words of this category are shown.
    pub const fn class(self) -> Class {
        match self {
            Self::Item => Class::Item,
            Self::Router => Class::Router,
            Self::Clause => Class::Clause,
            Self::Sink => Class::Sink,
            Self::Selector => Class::Selector,
            Self::Operator => Class::WordOperator,
            Self::Literal => Class::Literal,
            Self::Step => Class::Step,
        }
    }
}

/// Where a word may be a name all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reserved {
    /// Nowhere.
    Always,
    /// A stack, layer, schema, runtime or router may bear it, but no constant, parameter, predicate or set of nodes.
    Reference,
    /// Wherever the grammar does not want the keyword at that place.
    Never,
}

/// A word of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyword {
    /// As written.
    pub word: &'static str,
    /// Where it belongs.
    pub category: Category,
    /// Whether it can be a name.
    pub reserved: Reserved,
    /// One line for hover and completion.
    pub doc: &'static str,
}

/// A word that is no name anywhere.
const fn w(word: &'static str, category: Category, doc: &'static str) -> Keyword {
    Keyword { word, category, reserved: Reserved::Always, doc }
}

/// A word that begins or joins a clause.
const fn c(word: &'static str, category: Category, doc: &'static str) -> Keyword {
    Keyword { word, category, reserved: Reserved::Reference, doc }
}

/// A word that is one only where the grammar wants it.
const fn k(word: &'static str, category: Category, doc: &'static str) -> Keyword {
    Keyword { word, category, reserved: Reserved::Never, doc }
}

/// Every keyword.
pub const ALL: &[Keyword] = &[
    w("stack", Category::Item, "names the stack"),
    w("use", Category::Item, "brings in another file's items"),
    w("layer", Category::Item, "groups routers under one owner"),
    w("const", Category::Item, "a named constant"),
    w("param", Category::Item, "a constant that the environment sets"),
    w("let", Category::Item, "names a set of nodes"),
    w("predicate", Category::Item, "names a condition"),
    w("schema", Category::Item, "the shape of messages"),
    w("carry", Category::Item, "says which wires carry a schema"),
    w("runtime", Category::Item, "a runtime of this fleet"),
    w("place", Category::Item, "where nodes live"),
    w("filter", Category::Router, "stops messages that do not pass"),
    w("halt", Category::Router, "stops matching messages"),
    w("tap", Category::Router, "copies messages to a sink"),
    w("break", Category::Router, "holds messages for the debugger"),
    w("remote", Category::Router, "sends to the same node on another runtime"),
    w("set", Category::Router, "changes the message"),
    w("redirect", Category::Router, "delivers to another node instead"),
    w("limit", Category::Router, "bounds rate, burst and duplicates"),
    w("call", Category::Router, "a router module of the user's own"),
    w("test", Category::Item, "a test that `routec test` runs"),
    w("allow", Category::Item, "silences one lint for the next item"),
    w("on", Category::Clause, "the wires that a router sits on; `on fault`: what a failing module does"),
    w("when", Category::Clause, "the condition of a router"),
    c("keep", Category::Clause, "`keep when`: messages that pass; in `file`, how many old files stay"),
    c("drop", Category::Clause, "`drop when`: messages that stop here"),
    c("reason", Category::Clause, "why messages are stopped"),
    c("as", Category::Clause, "`as error`: raise the reason at the source node"),
    k("error", Category::Clause, "raise an error at the source node"),
    c("to", Category::Clause, "where messages go"),
    c("omit", Category::Clause, "paths left out of the copy"),
    c("only", Category::Clause, "the only paths copied"),
    c("every", Category::Clause, "copy one of so many messages"),
    c("at", Category::Clause, "`at most`: an upper bound"),
    k("most", Category::Clause, "`at most`: an upper bound"),
    c("burst", Category::Clause, "how many at once"),
    c("per", Category::Clause, "the key that is counted apart"),
    c("full", Category::Clause, "what a full tap does"),
    k("block", Category::Clause, "wait until there is room"),
    c("hits", Category::Clause, "the first match that is held, by number; those before it pass"),
    c("hold", Category::Clause, "keep messages back"),
    c("for", Category::Clause, "for how long"),
    c("then", Category::Clause, "what follows when the time is up"),
    k("pass", Category::Clause, "let the message go on"),
    c("log", Category::Clause, "report instead of holding"),
    c("unreachable", Category::Clause, "what happens when the other runtime cannot be reached"),
    k("spool", Category::Clause, "keep on disk up to a size"),
    c("ttl", Category::Clause, "how long a message is worth sending"),
    c("ack", Category::Clause, "when the other side acknowledges"),
    k("stored", Category::Clause, "once it is stored there"),
    k("delivered", Category::Clause, "once it is delivered"),
    c("delete", Category::Clause, "removes a part of the message"),
    c("distinct", Category::Clause, "lets duplicates pass once"),
    c("by", Category::Clause, "the key or the way of choosing"),
    c("within", Category::Clause, "the window of time"),
    c("over", Category::Clause, "what happens over the limit"),
    k("fault", Category::Clause, "a module that fails"),
    k("one", Category::Clause, "`one of`: several runtimes"),
    k("of", Category::Clause, "joins `one`, `upstream` and `downstream` to what follows"),
    k("hash", Category::Clause, "always the same runtime for the same key"),
    k("round", Category::Clause, "`round robin`: each in turn"),
    k("robin", Category::Clause, "`round robin`: each in turn"),
    k("latency", Category::Clause, "the quickest runtime"),
    k("order", Category::Clause, "the first that can be reached"),
    k("rotate", Category::Clause, "size at which a file is rotated"),
    k("stdout", Category::Sink, "standard output"),
    k("stream", Category::Sink, "read by `routec tap`"),
    k("file", Category::Sink, "lines in a file"),
    k("nats", Category::Sink, "a NATS subject or server"),
    k("mqtt", Category::Sink, "an MQTT topic or broker"),
    k("zenoh", Category::Sink, "a Zenoh key or endpoint"),
    k("otlp", Category::Sink, "an OpenTelemetry collector"),
    k("counter", Category::Sink, "a named counter"),
    k("durable", Category::Clause, "through JetStream"),
    k("tags", Category::Clause, "labels of a runtime"),
    k("node", Category::Selector, "a node by name"),
    k("tab", Category::Selector, "all nodes of a tab"),
    k("group", Category::Selector, "all nodes of a group"),
    k("subflow", Category::Selector, "the nodes inside a subflow"),
    k("type", Category::Selector, "all nodes of a type"),
    k("id", Category::Selector, "a node by id"),
    k("upstream", Category::Selector, "all nodes that lead to these"),
    k("downstream", Category::Selector, "all nodes that these lead to"),
    k("next", Category::Selector, "`next to`: joined by a wire"),
    k("except", Category::Selector, "all of the left but those of the right"),
    w("in", Category::Operator, "in a list, a range or a set of nodes"),
    w("or", Category::Operator, "either"),
    w("and", Category::Operator, "both"),
    w("not", Category::Operator, "the opposite"),
    w("is", Category::Operator, "has that type"),
    w("matches", Category::Operator, "text matches a regex"),
    w("contains", Category::Operator, "text or list contains a value"),
    k("starts", Category::Operator, "`starts with`: text begins so"),
    k("ends", Category::Operator, "`ends with`: text ends so"),
    k("with", Category::Operator, "joins `starts` and `ends`"),
    c("has", Category::Operator, "whether a path leads somewhere"),
    c("cidr", Category::Operator, "a range of IP addresses"),
    w("true", Category::Literal, "the truth value"),
    w("false", Category::Literal, "the truth value"),
    w("null", Category::Literal, "the null value"),
    c("send", Category::Step, "sends a message"),
    c("expect", Category::Step, "what must have happened"),
    k("no", Category::Step, "must not have happened"),
    k("held", Category::Step, "by a breakpoint"),
    k("stopped", Category::Step, "by a router"),
    k("sent", Category::Step, "to a runtime"),
    k("redirected", Category::Step, "to another node than the wire's"),
    k("nothing", Category::Step, "no node and no tap got anything, nothing is held, no error was raised"),
    c("times", Category::Step, "how often"),
    c("where", Category::Step, "a condition on the message that it happened to"),
    c(
        "stub",
        Category::Step,
        "what a node does with messages in this test: nothing, or what stands in `{ … }`",
    ),
    c("advance", Category::Step, "the test's clock moves on"),
];

/// The keyword of that spelling.
pub fn lookup(word: &str) -> Option<&'static Keyword> {
    ALL.iter().find(|k| k.word == word)
}

/// A function of expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// As written.
    pub name: &'static str,
    /// What it takes, as shown to people.
    pub takes: &'static str,
    /// One line for hover and completion.
    pub doc: &'static str,
}

const fn f(name: &'static str, takes: &'static str, doc: &'static str) -> Function {
    Function { name, takes, doc }
}

/// Every function. `has` is a word operator that may be written like one: `has(msg.x)`.
pub const FUNCTIONS: &[Function] = &[
    f("len", "(value)", "characters of a text, members of a list or object, bytes of a Buffer"),
    f("lower", "(text)", "the text in lower case"),
    f("upper", "(text)", "the text in upper case"),
    f("trim", "(text)", "the text without white space at its ends"),
    f("abs", "(number)", "the number without its sign"),
    f("min", "(number, …)", "the least of its numbers"),
    f("max", "(number, …)", "the greatest of its numbers"),
    f("round", "(number)", "the nearest whole number, halves up"),
    f("hash", "(value)", "a whole number that equal values share"),
    f("size", "(value)", "bytes of the value as JSON text"),
    f("ip", "(text)", "an IP address, for `in cidr`"),
    f(
        "sample",
        "(percentage, key)",
        "true for that share of the messages; with a key, always for the same keys",
    ),
];

/// Types of values: those that messages hold, then those of constants and schemas alone.
pub const TYPES: &[(&str, &str)] = &[
    ("number", "an IEEE double"),
    ("string", "text"),
    ("bool", "`true` or `false`"),
    ("object", "keys and values"),
    ("list", "values in order"),
    ("null", "`null`"),
    ("bytes", "a Buffer"),
    ("any", "whatever it is"),
    ("duration", "such as `30s`; of constants and parameters"),
    ("size", "such as `64KiB`; of constants and parameters"),
    ("rate", "such as `10/s`; of constants and parameters"),
];

/// Units of durations and rates, longest first where one begins another.
pub const TIME_UNITS: &[(&str, &str)] =
    &[("ms", "millisecond"), ("s", "second"), ("m", "minute"), ("h", "hour"), ("d", "day")];

/// Units of sizes with their bytes.
pub const SIZE_UNITS: &[(&str, u64)] = &[
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
];

/// Where paths begin, besides declared names.
pub const ROOTS: &[(&str, &str)] =
    &[("msg", "the message"), ("source", "the node that sends it"), ("dest", "the node that receives it")];

/// What `source` and `dest` tell; only a source has a port.
pub const END_FIELDS: &[&str] = &["id", "name", "type", "tab", "group", "port"];

/// Operators written as signs, longest first where one begins another.
pub const SIGNS: &[&str] =
    &["==", "!=", "<=", ">=", "..<", "..", "<", ">", "+", "-", "*", "/", "%", "=", "|", "?"];

/// What may follow a backslash in a text, besides `u{263a}`.
pub const ESCAPES: &[char] = &['n', 't', 'r', '"', '\\', '/', '{', '}'];

#[cfg(test)]
mod tests {
    use super::*;

    const GRAMMAR: &str = include_str!("route.pest");

    /// A rule with its right side.
    fn rule(name: &str) -> &'static str {
        let named = |(at, _): &(usize, &str)| {
            let after = GRAMMAR[at + 1..].strip_prefix(name);
            after.is_some_and(|rest| rest.trim_start().starts_with('='))
        };
        let found = GRAMMAR.match_indices('\n').find(named);
        let (at, _) = found.unwrap_or_else(|| panic!("no rule `{name}`"));
        let rest = &GRAMMAR[at + 1..];
        &rest[..rest.find("}\n").unwrap_or(rest.len())]
    }

    fn quoted(name: &str) -> Vec<&'static str> {
        rule(name).split('"').skip(1).step_by(2).collect()
    }

    fn words(name: &str) -> Vec<&'static str> {
        let parts = rule(name).split(|c: char| !c.is_alphanumeric() && c != '_');
        parts.filter_map(|part| part.strip_prefix("k_")).collect()
    }

    #[test]
    fn agrees_with_the_grammar() {
        let in_grammar: Vec<&str> =
            GRAMMAR.lines().filter(|l| l.starts_with("k_")).filter_map(|l| l.split('"').nth(1)).collect();
        let in_table: Vec<&str> = ALL.iter().map(|k| k.word).collect();
        assert_eq!(in_table, in_grammar);
    }

    #[test]
    fn reserved_words_are_those_of_the_grammar() {
        let always = [words("item_word"), words("word")].concat();
        let reference = words("soft_word");
        for keyword in ALL {
            let wanted = match () {
                () if always.contains(&keyword.word) => Reserved::Always,
                () if reference.contains(&keyword.word) => Reserved::Reference,
                () => Reserved::Never,
            };
            assert_eq!(keyword.reserved, wanted, "`{}`", keyword.word);
        }
    }

    #[test]
    fn units_and_signs_are_those_of_the_grammar() {
        let sorted = |mut list: Vec<&'static str>| {
            list.sort_unstable();
            list
        };
        let mut routers: Vec<&str> = words("router_kind");
        routers.push("call");
        let kinds = ALL.iter().filter(|k| k.category == Category::Router).map(|k| k.word);
        assert_eq!(kinds.collect::<Vec<_>>(), routers);
        assert_eq!(TIME_UNITS.iter().map(|u| u.0).collect::<Vec<_>>(), quoted("time_unit"));
        assert_eq!(SIZE_UNITS.iter().map(|u| u.0).collect::<Vec<_>>(), quoted("size"));
        let mut signs = vec!["=", "|", "?"];
        for line in GRAMMAR.lines().filter(|l| l.starts_with("op_")) {
            signs.extend(line.split('"').nth(1));
        }
        assert_eq!(sorted(SIGNS.to_vec()), sorted(signs));
    }

    #[test]
    fn longer_ones_come_first_where_one_begins_another() {
        let units: Vec<&str> = TIME_UNITS.iter().map(|u| u.0).collect();
        for list in [SIGNS, units.as_slice()] {
            for (at, sign) in list.iter().enumerate() {
                assert!(!list[..at].iter().any(|before| sign.starts_with(before)), "`{sign}`");
            }
        }
    }
}
