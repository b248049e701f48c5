//! The registry of codes: each with its title and its long form. A code is never reused.

use route_grammar::Code;

/// What is known of a code.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The code.
    pub code: Code,
    /// In a few words.
    pub title: &'static str,
    /// The long form.
    pub explanation: &'static str,
}

macro_rules! codes {
    ($($name:ident $code:literal $title:literal $text:literal)*) => {
        $(#[doc = $title] pub const $name: Code = Code($code);)*
        /// Every code of this crate, ascending.
        pub const ALL: &[Entry] =
            &[$(Entry { code: $name, title: $title, explanation: $text }),*];
    };
}

codes! {
    UNKNOWN_NODE "R1001" "unknown node" "A quoted name is the name of a node of the flow graph, written exactly as in the editor. Nodes without a name are reached by `type`, by `id`, or by `next to` a node that has one."
    UNKNOWN_TAB "R1002" "unknown tab" "`tab \"…\"` names a tab by its label."
    UNKNOWN_GROUP "R1003" "unknown group" "`group \"…\"` names a group by its name; groups without a name cannot be selected this way."
    UNKNOWN_TYPE "R1004" "unknown type" "`type \"…\"` names nodes by their Node-RED type. The flow graph has no node of this type."
    UNKNOWN_SUBFLOW "R1005" "unknown subflow" "`subflow \"…\"` names the nodes inside a subflow definition, in all of its instances."
    UNKNOWN_ID "R1006" "unknown id" "`id \"…\"` names a node by its id in `flows.json`, or by its run-time id inside a subflow instance."
    AMBIGUOUS_NODE "R1007" "a name that several nodes bear" "A plain name must mean exactly one node, so that a node added later cannot change what a router does. Narrow it with `in`, `and` or `next to`, name it by `id`, or write a glob if all of them are meant."
    UNKNOWN_RUNTIME "R1008" "unknown runtime" "A runtime is declared by a `runtime` item before messages can go to it."
    UNKNOWN_NAME "R1009" "unknown name" "A bare name is one of a `let`, `const`, `param` or `predicate`. Names of nodes are quoted, fields of the message begin with `msg`."
    WRONG_NAME "R1010" "a name of another kind" "A `let` names nodes and stands in selectors; constants, parameters and predicates stand in expressions."
    DUPLICATE "R1011" "declared twice" "A name is declared once in the whole stack, used files included; a router's name is unique in its layer, because its state is kept under it."
    SHADOWED "R1012" "a name hides another" "A predicate's parameter that bears the name of a constant hides it in that predicate."
    UNUSED "R1013" "unused" "Nothing refers to this declaration."
    NO_OUTPUT "R1014" "no such output" "Outputs are counted from 1, as in the editor, or named by their label."
    DISABLED_NODE "R1015" "a disabled node" "A disabled node, or one on a disabled tab or in a disabled group, does not run and has no wires."
    NO_MATCH "R1016" "a pattern that matches nothing" "A glob, a regular expression or an empty tab selects no node at present."
    BAD_REGEX "R1017" "not a regular expression" "Regular expressions have the syntax of the `regex` crate, which runs in linear time and therefore knows neither look-around nor back references."
    USE_CYCLE "R1018" "files that use each other" "A file cannot bring itself in, directly or through others."
    UNREADABLE "R1019" "a file that cannot be read" "Paths of `use` are relative to the file that they stand in."
    UNKNOWN_SCHEMA "R1020" "unknown schema" "A schema is declared by a `schema` item."
    PARAM_MISSING "R1021" "a required parameter is not set" "A parameter without a default must be set by the environment: `--param name=value`, or ROUTE_PARAM_NAME."
    PARAM_UNKNOWN "R1022" "a parameter that the stack has not" "A parameter was set that no `param` item declares."
    PARAM_VALUE "R1023" "a parameter of the wrong type" "The text that a parameter is set to is read as a literal of its declared type."
    UNKNOWN_FUNCTION "R1024" "unknown function" "Functions are `len lower upper trim abs min max round has sample hash size ip`; a predicate is called by its name."
    ARITY "R1025" "the wrong number of values" "A function or predicate takes as many values as it declares."
    RECURSION "R1026" "a name defined by itself" "Predicates, constants and selectors are put in place where they are used; one that uses itself would never end."
    UNUSED_ALLOW "R1027" "an `allow` that silences nothing" "The finding that it was written for is gone; take it out."
    UNKNOWN_CODE "R1028" "unknown code in `allow`" "`allow` names the code of a warning, such as `R1013`. Errors cannot be silenced."
    PORT_OF_DEST "R1029" "an output after the arrow" "Messages leave a node by an output and enter by its one input."
    UNKNOWN_FIELD_OF_END "R1030" "unknown field of `source` or `dest`" "Known are id, name, type, tab, group and, of the source, port."
    UNKNOWN_ROUTER "R1031" "unknown router in a test" "`expect tap`, `held by` and `stopped by` name a router of the stack."
    OVERLAY "R1040" "something that an overlay cannot do" "An overlay lies on top of the stack for a while, and the stack is as before when it is taken away. So it has routers and the names that they use, a name that no layer of the stack bears, and no `runtime` or `place`."
    NEVER_COMPARES "R2001" "operands that can never compare" "Values of different types are never equal and never ordered, so this comparison is the same for every message."
    WRONG_LITERAL "R2002" "the wrong kind of literal" "Durations are written `30s`, sizes `64KiB`, rates `10/s`, percentages `5%`; one does not stand for another."
    UNKNOWN_FIELD "R2003" "a field that the schema has not" "The wire carries a schema, and the path is not in it. Add it to the schema or correct the path."
    NOT_A_CONDITION "R2004" "not a condition" "After `when` stands something that is true or false."
    BAD_CIDR "R2005" "not a network" "A network is an address, a slash, and the number of leading bits that count."
    NOT_CONSTANT "R2006" "not a constant" "This value is needed before any message is there."
    MISPLACED "R2007" "something that cannot stand here" "Ranges and `cidr` stand after `in`, regular expressions after `matches`, and clauses that name a field take a path of the message."
    UNKNOWN_VALUE_TYPE "R2008" "unknown type" "Types of values are number, string, bool, object, list, null and bytes; schemas and parameters also know any, and a schema the names of other schemas."
    WRONG_OPERAND "R2009" "an operand of the wrong type" "Arithmetic is for numbers, `matches`, `starts with` and `ends with` for text; on anything else they are never true."
    TOO_LARGE "R2010" "a condition that grows too large" "Predicates are put in place; a chain of them that doubles at each step grows without bound."
    BAD_LOG "R2011" "a log text that cannot be read" "Between braces stands an expression; `{{` is a brace."
    SOME_UNKNOWN_FIELD "R2012" "a field that some wires have not" "Some of the wires that the router sits on carry a schema without this field, so the condition can never hold there."
    NO_WIRE "R3001" "ends that no wire joins" "Both ends exist, but the flow graph has no wire between them: the router does nothing."
    UNBOUNDED_BREAK "R3002" "a breakpoint without a bound" "Without `hold` a breakpoint keeps at most 100 messages for 30s each and then lets them pass; say what you want."
    TARGET "R3003" "a target that cannot be delivered to" "Redirects and taps go to exactly one node that runs; Node-RED would drop messages to any other without a word."
    PLACED_TWICE "R3004" "a node on two runtimes" "Each node lives on one runtime."
    MISSING_CLAUSE "R3005" "a router that says nothing" "Each kind of router has a clause without which it has no meaning."
    RUNTIME_CLAUSE "R3006" "a runtime that cannot be reached" "A runtime says once how it is reached: `zenoh`, `nats` or `mqtt`, and an address."
}

/// The entry of a code such as `R1001`.
pub fn find(code: &str) -> Option<&'static Entry> {
    ALL.iter().find(|entry| entry.code.0 == code)
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn codes_ascend_and_explain_themselves() {
        assert!(ALL.windows(2).all(|pair| pair[0].code.0 < pair[1].code.0));
        assert!(ALL.iter().all(|entry| entry.explanation.ends_with('.') && !entry.title.is_empty()));
    }
}
