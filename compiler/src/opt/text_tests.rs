//! From text to verdict: a generated stack means the same to the reference interpreter, to its chains as they were
//! lowered, and to its optimised chains, of every generated message.

#![allow(clippy::unwrap_used)]
use std::sync::Arc;

use proptest::prelude::*;
use route_chain::Message;
use route_chain::host::{CallResult, Host, Position, TapResult, Verdict};
use route_chain::ir::{self, ChainSet};
use route_chain::link::Linked;
use route_chain::state::States;
use route_chain::trace::Tracer;
use serde_json::{Value as Json, json};

use super::Passes;
use crate::testkit::Memory;
use crate::{Input, compile, flow};

const FLOW: &str = r#"[
 {"id":"t","type":"tab","label":"T"},
 {"id":"a","z":"t","type":"inject","name":"A","outputs":2,"wires":[["b","c"],["c"]]},
 {"id":"b","z":"t","type":"debug","name":"B","wires":[]},
 {"id":"c","z":"t","type":"change","name":"C","wires":[["d"]]},
 {"id":"d","z":"t","type":"debug","name":"D","wires":[]}
]"#;

/// What stands above every stack.
const HEAD: &str =
    "const three = 3\nlet ends = \"B\" or \"C\"\npredicate big(x, least) = x > least and x is number\n";

/// Writes down all that a stack shows to the world.
#[derive(Default)]
struct Desk {
    states: States,
    now_ms: f64,
    said: Vec<String>,
}

impl Host for Desk {
    fn states(&mut self) -> &mut States {
        &mut self.states
    }
    fn now_ms(&mut self) -> f64 {
        self.now_ms
    }
    fn random(&mut self) -> f64 {
        0.3
    }
    fn tap(&mut self, router: u32, _: &ir::Tap, _: &ir::Wire, msg: Message) -> TapResult {
        self.said.push(format!("tap {router}: {}", msg.to_json()));
        TapResult::Taken
    }
    fn log(&mut self, router: u32, text: &str) {
        self.said.push(format!("log {router}: {text}"));
    }
    fn call(&mut self, _: u32, _: &ir::Call, _: &ir::Wire, msg: Message) -> CallResult {
        CallResult::Pass(msg)
    }
}

impl Desk {
    fn verdict(&mut self, verdict: Verdict) {
        self.said.push(match verdict {
            Verdict::Deliver(msg) => format!("delivered {}", msg.to_json()),
            Verdict::Redirect { to, msg } => format!("to {to}: {}", msg.to_json()),
            Verdict::Stop { router, reason, as_error, msg } => {
                format!("stopped by {router} {reason:?} {as_error}: {}", msg.to_json())
            }
            Verdict::Hold { router, release_at_ms, msg, .. } => {
                format!("held by {router} until {release_at_ms}: {}", msg.to_json())
            }
            Verdict::Remote { router, key, msg, .. } => format!("remote {router} {key:?}: {}", msg.to_json()),
        });
    }
}

/// The wires of the flow.
const WIRES: [(&str, u32, &str); 4] = [("a", 0, "b"), ("a", 0, "c"), ("a", 1, "c"), ("c", 0, "d")];

/// What happened, in order, when each message was sent on each wire; `run` sends one.
fn story(
    set: &ChainSet,
    messages: &[Json],
    desk: &mut Desk,
    mut run: impl FnMut(&ir::Wire, Message, &mut Desk),
) -> Vec<String> {
    for msg in messages {
        for (from, port, to) in WIRES {
            let known =
                set.wires.iter().find(|w| (w.from.as_str(), w.port, w.to.as_str()) == (from, port, to));
            let chain = known.map_or(0, |wire| wire.chain);
            let wire = ir::Wire { from: from.to_owned(), port, to: to.to_owned(), chain };
            desk.now_ms += 130.0;
            desk.said.push(format!("{from}.{port} -> {to}"));
            run(&wire, Message::from_json(msg), desk);
        }
    }
    std::mem::take(&mut desk.said)
}

fn refers(set: &ChainSet, messages: &[Json]) -> Vec<String> {
    let mut desk = Desk::default();
    let tracer = Tracer::bind(Arc::new(set.clone()), &mut desk.states).unwrap();
    story(set, messages, &mut desk, |wire, msg, desk| {
        let verdict = tracer.run(Position::start(wire.chain), wire, msg, desk).0;
        desk.verdict(verdict);
    })
}

fn runs(set: &ChainSet, messages: &[Json]) -> Vec<String> {
    let mut desk = Desk::default();
    let running = Linked::link(set.clone()).unwrap().bind(&mut desk.states);
    story(set, messages, &mut desk, |wire, msg, desk| {
        let verdict = running.run(wire.chain, wire, msg, desk);
        desk.verdict(verdict);
    })
}

fn one(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(of).prop_map(str::to_owned)
}

fn path() -> impl Strategy<Value = String> {
    one(&["msg.a", "msg.a.k", "msg.a[0]", "msg.b", "msg.topic"])
}

fn literal() -> impl Strategy<Value = String> {
    one(&["0", "1", "2.5", "-1", "three", "\"\"", "\"a\"", "\"ab\"", "\"b\"", "true", "null"])
}

fn number() -> impl Strategy<Value = String> {
    one(&[
        "0",
        "1",
        "2.5",
        "-1",
        "three",
        "len(msg.b)",
        "msg.a + 1",
        "-msg.a",
        "msg.a * 2 - 1",
        "msg.a % 2",
        "abs(msg.a)",
    ])
}

fn text() -> impl Strategy<Value = String> {
    one(&["\"\"", "\"a\"", "\"ab\"", "lower(msg.b)", "msg.b + \"b\"", "source.name", "dest.type"])
}

fn test() -> impl Strategy<Value = String> {
    let order = || one(&["<", "<=", ">", ">="]);
    prop_oneof![
        5 => (path(), one(&["==", "!="]), literal()).prop_map(|(p, op, v)| format!("{p} {op} {v}")),
        4 => (path(), order(), number()).prop_map(|(p, op, v)| format!("{p} {op} {v}")),
        2 => (path(), order(), text()).prop_map(|(p, op, v)| format!("{p} {op} {v}")),
        2 => (path(), one(&["0..3", "0..<3", "-1..1", "[0, 1]", "[\"a\", \"ab\", 1]", "[]"])).prop_map(|(p, v)| format!("{p} in {v}")),
        3 => (path(), one(&["starts with", "ends with", "contains"]), text()).prop_map(|(p, op, v)| format!("{p} {op} {v}")),
        2 => (path(), one(&["/^a/", "/^(?:a|ab)$/", "/b/", "/^a[b]*$/", "/(?i)A/"])).prop_map(|(p, v)| format!("{p} matches {v}")),
        2 => (path(), one(&["number", "string", "bool", "object", "list", "null"])).prop_map(|(p, v)| format!("{p} is {v}")),
        2 => path().prop_map(|p| format!("has {p}")),
        1 => (path(), number()).prop_map(|(p, v)| format!("big({p}, {v})")),
        1 => one(&["sample(20%)", "sample(50%)", "dest.name == \"B\"", "source.port == 2", "size(msg.a) > 5", "hash(msg.a) % 2 == 0", "msg.a"]),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    test().prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

fn wires() -> impl Strategy<Value = String> {
    one(&["* -> *", "\"A\" -> *", "\"A\".2 -> *", "* -> ends", "\"C\" -> \"D\"", "\"A\" -> \"B\""])
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        literal(),
        path(),
        number(),
        text(),
        test().prop_map(|test| format!("({test})")),
        one(&["[msg.a, 1]", "{ k: msg.b, \"x y\": 2 }"])
    ]
}

/// A router without its name: kind, wires, clauses.
fn router() -> impl Strategy<Value = (&'static str, String, String)> {
    let when = prop::option::weighted(0.8, condition())
        .prop_map(|when| when.map_or(String::new(), |when| format!("when {when} ")));
    let when = when.boxed();
    let change = prop_oneof![
        4 => (path(), value()).prop_map(|(p, v)| format!("{p} = {v}")),
        1 => path().prop_map(|p| format!("delete {p}")),
    ];
    let with = |kind: &'static str, rest: BoxedStrategy<String>| {
        (wires(), when.clone(), rest).prop_map(move |(wires, when, rest)| (kind, wires, when + &rest))
    };
    let keep = (one(&["keep", "drop"]), condition()).prop_map(|(verb, e)| format!("{verb} when {e}"));
    let changes = prop::collection::vec(change, 1..3).prop_map(|changes| changes.join("\n  "));
    let tap = one(&[
        "to stream",
        "every 2 to stream",
        "omit msg.a.k to stream",
        "only msg.a, msg.b to stream",
        "at most 2/s to stream",
    ]);
    let limit = one(&[
        "at most 2/s",
        "at most 1/s per msg.a",
        "distinct by msg.b within 1s",
        "at most 3/s over hold 5",
    ]);
    let held = one(&[
        "hold at most 5 for 1s then pass",
        "hits 2 hold at most 5 for 1s then drop",
        "log \"{msg.a} {len(msg.b)}\"",
    ]);
    prop_oneof![
        3 => with("filter", keep.boxed()),
        3 => with("halt", Just("reason \"no\"".to_owned()).boxed()),
        3 => with("set", changes.boxed()),
        2 => with("tap", tap.boxed()),
        1 => with("limit", limit.boxed()),
        1 => with("break", held.boxed()),
        1 => with("redirect", Just("to node \"D\"".to_owned()).boxed()),
    ]
}

fn stack() -> impl Strategy<Value = String> {
    prop::collection::vec((router(), any::<bool>()), 1..10).prop_map(|routers| {
        let mut text = HEAD.to_owned();
        for (at, ((kind, wires, clauses), layered)) in routers.into_iter().enumerate() {
            let router = format!("{kind} r{at} on {wires} {{\n  {clauses}\n}}\n");
            text += &if layered { format!("layer l{} {{\n{router}}}\n", at % 2) } else { router };
        }
        text
    })
}

fn message() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        (-1..4_i32).prop_map(|n| json!(n)),
        prop::sample::select(vec!["", "a", "ab", "b", "A"]).prop_map(|text| json!(text)),
        any::<bool>().prop_map(|b| json!(b)),
        Just(json!(null)),
    ];
    let value = prop_oneof![
        4 => leaf.clone(),
        1 => leaf.clone().prop_map(|v| json!({ "k": v })),
        1 => leaf.prop_map(|v| json!([v])),
    ];
    let maybe = prop::option::weighted(0.8, value);
    (maybe.clone(), maybe.clone(), maybe).prop_map(|(a, b, topic)| {
        let fields = [("a", a), ("b", b), ("topic", topic)];
        fields
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, max_global_rejects: 1500, ..ProptestConfig::default() })]
    #[test]
    fn a_text_means_one_thing(text in stack(), messages in prop::collection::vec(message(), 6)) {
        let graph = flow::read(FLOW).unwrap();
        let files = Memory::of(&[("s.route", &text)]);
        let of = |passes| compile(Input { passes, ..Input::new(&files, "s.route", &graph, ("flows.json", FLOW)) });
        let written = of(Passes::NONE);
        // Some conditions can never compare, and are refused.
        prop_assume!(written.set.is_some());
        let written = written.set.unwrap();
        let wanted = refers(&written, &messages);
        prop_assert_eq!(&runs(&written, &messages), &wanted, "as written\n{}", text);
        for passes in [Passes::LOWERED, Passes::ALL] {
            let set = of(passes).set.unwrap();
            route_chain::format::check(&set).unwrap();
            prop_assert_eq!(&runs(&set, &messages), &wanted, "{:?}\n{}", passes, text);
            prop_assert_eq!(&refers(&set, &messages), &wanted, "{:?}, by the reference interpreter\n{}", passes, text);
        }
    }
}
