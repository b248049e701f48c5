//! The words of the language: one table for the parser's suggestions, editors and completions.

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

/// A word of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyword {
    /// As written.
    pub word: &'static str,
    /// Where it belongs.
    pub category: Category,
    /// One line for hover and completion.
    pub doc: &'static str,
}

const fn k(word: &'static str, category: Category, doc: &'static str) -> Keyword {
    Keyword { word, category, doc }
}

/// Every keyword.
pub const ALL: &[Keyword] = &[
    k("stack", Category::Item, "names the stack"),
    k("use", Category::Item, "brings in another file's items"),
    k("layer", Category::Item, "groups routers under one owner"),
    k("const", Category::Item, "a named constant"),
    k("param", Category::Item, "a constant that the environment sets"),
    k("let", Category::Item, "names a set of nodes"),
    k("predicate", Category::Item, "names a condition"),
    k("schema", Category::Item, "the shape of messages"),
    k("carry", Category::Item, "says which wires carry a schema"),
    k("runtime", Category::Item, "a runtime of this fleet"),
    k("place", Category::Item, "where nodes live"),
    k("filter", Category::Router, "stops messages that do not pass"),
    k("halt", Category::Router, "stops matching messages"),
    k("tap", Category::Router, "copies messages to a sink"),
    k("break", Category::Router, "holds messages for the debugger"),
    k("remote", Category::Router, "sends to the same node on another runtime"),
    k("set", Category::Router, "changes the message"),
    k("redirect", Category::Router, "delivers to another node instead"),
    k("limit", Category::Router, "bounds rate, burst and duplicates"),
    k("call", Category::Router, "a router module of the user's own"),
    k("test", Category::Item, "a test that `routec test` runs"),
    k("allow", Category::Item, "silences one lint for the next item"),
    k("on", Category::Clause, "the wires that a router sits on; `on fault`: what a failing module does"),
    k("when", Category::Clause, "the condition of a router"),
    k("keep", Category::Clause, "`keep when`: messages that pass; in `file`, how many old files stay"),
    k("drop", Category::Clause, "`drop when`: messages that stop here"),
    k("reason", Category::Clause, "why messages are stopped"),
    k("as", Category::Clause, "`as error`: raise the reason at the source node"),
    k("error", Category::Clause, "raise an error at the source node"),
    k("to", Category::Clause, "where messages go"),
    k("omit", Category::Clause, "paths left out of the copy"),
    k("only", Category::Clause, "the only paths copied"),
    k("every", Category::Clause, "copy one of so many messages"),
    k("at", Category::Clause, "`at most`: an upper bound"),
    k("most", Category::Clause, "`at most`: an upper bound"),
    k("burst", Category::Clause, "how many at once"),
    k("per", Category::Clause, "the key that is counted apart"),
    k("full", Category::Clause, "what a full tap does"),
    k("block", Category::Clause, "wait until there is room"),
    k("hits", Category::Clause, "break only at the hit of that number"),
    k("hold", Category::Clause, "keep messages back"),
    k("for", Category::Clause, "for how long"),
    k("then", Category::Clause, "what follows when the time is up"),
    k("pass", Category::Clause, "let the message go on"),
    k("log", Category::Clause, "report instead of holding"),
    k("unreachable", Category::Clause, "what happens when the other runtime cannot be reached"),
    k("spool", Category::Clause, "keep on disk up to a size"),
    k("ttl", Category::Clause, "how long a message is worth sending"),
    k("ack", Category::Clause, "when the other side acknowledges"),
    k("stored", Category::Clause, "once it is stored there"),
    k("delivered", Category::Clause, "once it is delivered"),
    k("delete", Category::Clause, "removes a part of the message"),
    k("distinct", Category::Clause, "lets duplicates pass once"),
    k("by", Category::Clause, "the key or the way of choosing"),
    k("within", Category::Clause, "the window of time"),
    k("over", Category::Clause, "what happens over the limit"),
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
    k("in", Category::Operator, "in a list, a range or a set of nodes"),
    k("or", Category::Operator, "either"),
    k("and", Category::Operator, "both"),
    k("not", Category::Operator, "the opposite"),
    k("is", Category::Operator, "has that type"),
    k("matches", Category::Operator, "text matches a regex"),
    k("contains", Category::Operator, "text or list contains a value"),
    k("starts", Category::Operator, "`starts with`: text begins so"),
    k("ends", Category::Operator, "`ends with`: text ends so"),
    k("with", Category::Operator, "joins `starts` and `ends`"),
    k("has", Category::Operator, "whether a path leads somewhere"),
    k("cidr", Category::Operator, "a range of IP addresses"),
    k("true", Category::Literal, "the truth value"),
    k("false", Category::Literal, "the truth value"),
    k("null", Category::Literal, "the null value"),
    k("send", Category::Step, "sends a message"),
    k("expect", Category::Step, "what must have happened"),
    k("no", Category::Step, "must not have happened"),
    k("held", Category::Step, "by a breakpoint"),
    k("stopped", Category::Step, "by a router"),
    k("sent", Category::Step, "to a runtime"),
    k("where", Category::Step, "a condition on the message delivered"),
    k("stub", Category::Step, "the node does nothing in this test"),
    k("advance", Category::Step, "the test's clock moves on"),
];

/// The keyword of that spelling.
pub fn lookup(word: &str) -> Option<&'static Keyword> {
    ALL.iter().find(|k| k.word == word)
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn agrees_with_the_grammar() {
        let grammar = include_str!("route.pest");
        let in_grammar: Vec<&str> =
            grammar.lines().filter(|l| l.starts_with("k_")).filter_map(|l| l.split('"').nth(1)).collect();
        let in_table: Vec<&str> = ALL.iter().map(|k| k.word).collect();
        assert_eq!(in_table, in_grammar);
    }
}
