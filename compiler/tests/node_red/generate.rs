//! Chain sets and messages at random, of every kind of router, condition and value that there is.

use proptest::prelude::*;
use proptest::sample::select;
use route_chain::ir::{self, Arith, Chain, ChainSet, Change, Cmp, Cond, Func, Op, Operand, Type};
use route_chain::{Message, Object, Value};
use serde_json::{Value as Json, json};

const REGEXES: [&str; 8] = ["^a+", "x|é", "(?i)AA", "a.*x$", r"^\d+\.", "(a|aa)+b", r"\bk\b", ""];

pub(crate) fn paths() -> Vec<ir::Path> {
    let paths = json!([
        ["a"],
        ["b", "c"],
        ["b", "d", 0],
        ["gone", "far"],
        ["b"],
        ["toString"],
        ["__proto__", "x"],
        ["live", "x"],
        ["b", "length"],
        ["a", 1, "k"],
        ["soil pH"],
    ]);
    serde_json::from_value(paths).unwrap()
}

fn path() -> impl Strategy<Value = u32> {
    prop_oneof![6 => 0..4_u32, 1 => 4..11_u32]
}

fn text() -> impl Strategy<Value = &'static str> {
    select(vec![
        "a",
        "aa",
        "aax",
        "",
        "é",
        "A",
        "k",
        "ǅ",
        "ΑΣ",
        " a\u{feff}",
        "10.0.0.1",
        "::ffff:10.9.9.9",
        "fe80::1",
        "3",
        "a\u{10000}",
        "a\u{e000}",
        "\"\\\n\u{1}",
        "__proto__",
        "${a}`'\u{2028}",
        "a b k 12.",
    ])
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-3..4_i32).prop_map(f64::from),
        1 => select(vec![-0.0, 0.5, -0.5, 2.5, 1e300, 5e-324, f64::MAX, f64::MIN, 1e21, 1e-7, 0.49999999999999994, 9007199254740993.0]),
    ]
}

fn scalar() -> impl Strategy<Value = Json> {
    prop_oneof![
        1 => Just(Json::Null),
        1 => any::<bool>().prop_map(Json::from),
        3 => number().prop_map(Json::from),
        5 => text().prop_map(Json::from),
        1 => Just(json!([1, "a", null])),
        1 => Just(json!({ "k": 1 })),
        1 => Just(json!({ "k": "aa", "__proto__": [2], "d": [{}] })),
    ]
}

fn operand() -> impl Strategy<Value = Operand> {
    let leaf = prop_oneof![2 => scalar().prop_map(Operand::Lit), 3 => path().prop_map(Operand::Path)];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let arith = select(vec![Arith::Add, Arith::Sub, Arith::Mul, Arith::Div, Arith::Rem]);
        let func = select(vec![
            Func::Len,
            Func::Lower,
            Func::Upper,
            Func::Trim,
            Func::Abs,
            Func::Min,
            Func::Max,
            Func::Round,
            Func::Hash,
            Func::Size,
            Func::Ip,
        ]);
        let key = select(vec!["k", "__proto__", "soil pH"]);
        prop_oneof![
            1 => inner.clone().prop_map(|a| Operand::Neg(Box::new(a))),
            3 => (arith, inner.clone(), inner.clone()).prop_map(|(op, a, b)| Operand::Arith(op, Box::new(a), Box::new(b))),
            3 => (func, prop::collection::vec(inner.clone(), 1..2)).prop_map(|(f, args)| Operand::Call(f, args)),
            1 => (select(vec![Func::Min, Func::Max, Func::Len]), prop::collection::vec(inner.clone(), 0..4)).prop_map(|(f, args)| Operand::Call(f, args)),
            1 => prop::collection::vec(inner.clone(), 0..3).prop_map(Operand::List),
            1 => prop::collection::vec((key, inner.clone()), 0..3).prop_map(|all| Operand::Object(all.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
            1 => (path(), number()).prop_map(|(path, n)| Operand::Cond(Box::new(Cond::Cmp(Cmp::Lt, Operand::Path(path), Operand::Lit(n.into()))))),
            1 => inner.prop_map(|a| Operand::Cond(Box::new(Cond::InRange(a, Operand::Lit(json!(0)), Operand::Lit(json!(3)), true)))),
        ]
    })
}

fn cmp() -> impl Strategy<Value = Cmp> {
    select(vec![Cmp::Eq, Cmp::Eq, Cmp::Lt, Cmp::Le, Cmp::Gt, Cmp::Ge])
}

fn cond() -> impl Strategy<Value = Cond> {
    let ty = select(vec![
        Type::Number,
        Type::String,
        Type::Bool,
        Type::Object,
        Type::List,
        Type::Null,
        Type::Bytes,
    ]);
    let net = select(vec!["10.0.0.0/8", "::/0", "0.0.0.0/0", "fe80::/10", "10.0.0.1/32"]);
    let lit = |json: Json| Operand::Lit(json);
    let regexes = REGEXES.len() as u32;
    let leaf = prop_oneof![
        4 => (cmp(), path(), scalar()).prop_map(move |(cmp, p, v)| Cond::Cmp(cmp, Operand::Path(p), lit(v))),
        3 => (cmp(), operand(), operand()).prop_map(|(cmp, a, b)| Cond::Cmp(cmp, a, b)),
        1 => (operand(), prop::collection::vec(scalar(), 0..7)).prop_map(|(a, list)| Cond::InList(a, list)),
        1 => (path(), prop::collection::vec(text().prop_map(Json::from), 0..7)).prop_map(|(p, list)| Cond::InList(Operand::Path(p), list)),
        1 => (operand(), operand(), operand(), any::<bool>()).prop_map(|(a, l, h, c)| Cond::InRange(a, l, h, c)),
        1 => (path(), number(), number(), any::<bool>()).prop_map(|(p, l, h, c)| Cond::InRange(Operand::Path(p), Operand::Lit(l.into()), Operand::Lit(h.into()), c)),
        1 => (operand(), net).prop_map(|(a, net)| Cond::InCidr(a, net.into())),
        2 => (path(), 0..regexes).prop_map(|(p, re)| Cond::Matches(Operand::Path(p), re)),
        1 => (operand(), 0..regexes).prop_map(|(a, re)| Cond::Matches(a, re)),
        1 => (operand(), operand()).prop_map(|(a, b)| Cond::Contains(a, b)),
        1 => (operand(), operand()).prop_map(|(a, b)| Cond::StartsWith(a, b)),
        1 => (path(), text()).prop_map(|(p, t)| Cond::StartsWith(Operand::Path(p), Operand::Lit(t.into()))),
        1 => (operand(), operand()).prop_map(|(a, b)| Cond::EndsWith(a, b)),
        1 => (operand(), ty).prop_map(|(a, ty)| Cond::Is(a, ty)),
        1 => path().prop_map(Cond::Has),
        1 => operand().prop_map(Cond::Truth),
        1 => (0.0..=1.0).prop_map(Cond::Sample),
        1 => (0.0..1.0, operand()).prop_map(|(share, a)| Cond::SampleBy(share, a)),
        1 => any::<bool>().prop_map(Cond::Const),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|c| Cond::Not(Box::new(c))),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Cond::And),
            prop::collection::vec(inner, 0..4).prop_map(Cond::Or),
        ]
    })
}

fn rate() -> impl Strategy<Value = ir::Rate> {
    (1..4_u32, 0..4_u32).prop_map(|(count, burst)| ir::Rate {
        count: count.into(),
        per_ms: 100.0,
        burst: burst.into(),
    })
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => (path(), operand()).prop_map(|(path, value)| Change::Assign(path, value)),
        1 => path().prop_map(Change::Delete),
    ]
}

fn limit() -> impl Strategy<Value = Op> {
    let parts = (
        prop::option::of(rate()),
        prop::option::of(operand()),
        prop::option::of(operand()),
        prop::option::of(0..3_u64),
        1..3_u32,
    );
    parts.prop_map(|(rate, per, by, hold, max_keys)| {
        let over = hold.map_or(ir::Over::Halt, |max| ir::Over::Hold { max });
        let distinct = by.map(|by| ir::Distinct { by, within_ms: 60.0 });
        Op::Limit(ir::Limit { rate, per, distinct, over, max_keys })
    })
}

fn tap() -> impl Strategy<Value = Op> {
    let some = || prop::collection::vec(path(), 0..4);
    let part = prop_oneof![
        Just(ir::Select::Whole),
        some().prop_map(ir::Select::Omit),
        some().prop_map(ir::Select::Only)
    ];
    (part, 1..3_u64, prop::option::of(rate()), any::<bool>()).prop_map(|(select, every, at_most, block)| {
        Op::Tap(ir::Tap { sink: ir::Sink::Stdout, select, every, at_most, block })
    })
}

fn brk() -> impl Strategy<Value = Op> {
    (1..3_u64, any::<bool>(), prop::option::of(operand())).prop_map(|(hits, then_pass, log)| {
        let log = log.map(|value| vec![ir::LogPart::Text("x ".into()), ir::LogPart::Value(value)]);
        Op::Break(ir::Break { hits, max: 2, for_ms: 50.0, then_pass, log })
    })
}

fn op() -> impl Strategy<Value = Op> {
    let choose = prop_oneof![Just(ir::Choose::Order), operand().prop_map(ir::Choose::Hash)];
    let remote = choose.prop_map(|choose| {
        let (unreachable, ack) = (ir::Unreachable::Pass, ir::Ack::Stored);
        Op::Remote(ir::Remote { to: vec!["cloud".into()], choose, unreachable, ttl_ms: None, ack })
    });
    let on_fault = select(vec![ir::OnFault::Pass, ir::OnFault::Halt, ir::OnFault::Error]);
    let call = (select(vec!["pass", "stop", "fault"]), on_fault).prop_map(|(plugin, on_fault)| {
        Op::Call(ir::Call { plugin: plugin.into(), options: json!({}), on_fault })
    });
    prop_oneof![
        5 => cond().prop_map(Op::Keep),
        1 => (prop::option::of(text()), any::<bool>()).prop_map(|(reason, as_error)| Op::Halt { reason: reason.map(str::to_owned), as_error }),
        5 => prop::collection::vec(change(), 1..4).prop_map(Op::Set),
        1 => Just(Op::Redirect { to: "c".into() }),
        2 => limit(),
        2 => tap(),
        1 => brk(),
        1 => remote,
        1 => call,
    ]
}

/// A set of one chain.
pub(crate) fn set() -> impl Strategy<Value = ChainSet> {
    let some = prop::collection::vec((prop::option::weighted(0.7, cond()), op()), 1..7);
    // Long chains are cut into several functions.
    let many = prop::collection::vec((prop::option::weighted(0.97, cond()), op()), 97..130);
    // Those that remember something, met by every message.
    let state = prop_oneof![3 => limit(), 1 => tap(), 1 => brk()].prop_map(|op| (None, op));
    let states = prop::collection::vec(state, 1..3);
    prop_oneof![30 => some, 10 => states, 1 => many].prop_map(|steps| {
        let router = |at: usize| ir::Router {
            name: format!("r{at}"),
            kind: "any".into(),
            layer: "main".into(),
            file: String::new(),
            line: 1,
            doc: String::new(),
        };
        let routers = (0..steps.len()).map(router).collect();
        let step = |(at, (when, op))| ir::Step { router: at as u32, when, op };
        let steps = steps.into_iter().enumerate().map(step).collect();
        ChainSet {
            magic: ir::MAGIC.into(),
            version: ir::VERSION,
            stack: "s".into(),
            flows: String::new(),
            source: String::new(),
            paths: paths(),
            regexes: REGEXES.iter().map(|regex| (*regex).to_owned()).collect(),
            routers,
            chains: vec![Chain::default(), Chain::of(steps)],
            wires: vec![ir::Wire { from: "a".into(), port: 0, to: "b".into(), chain: 1 }],
            fleet: None,
        }
    })
}

/// What a message may hold: also what JSON has not.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        12 => scalar().prop_map(|json| Value::from_json(&json)),
        2 => Just(Value::Undefined),
        1 => select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0]).prop_map(Value::Number),
        1 => prop::collection::vec(any::<u8>(), 0..4).prop_map(Value::bytes),
        1 => select(vec![0.0, 1e12, f64::NAN, 253_402_300_800_000.0, -62_167_219_200_001.0, 8.64e15]).prop_map(Value::Date),
        1 => (0..1).prop_map(|_| Value::opaque("ServerResponse", ())),
        1 => Just(Value::list(vec![Value::Undefined, Value::object([("k", Value::Undefined)])])),
    ]
}

/// Messages of several shapes.
pub(crate) fn message() -> impl Strategy<Value = Message> {
    let parts = (value(), value(), prop::collection::vec(value(), 0..3), value(), any::<u8>());
    parts.prop_map(|(a, c, d, whole, shape)| {
        let inner = vec![("c", c), ("d", Value::list(d))];
        let mut root = vec![("a", a), ("b", if shape & 6 == 6 { whole } else { Value::object(inner) })];
        if shape & 1 == 1 {
            root.reverse();
        }
        if shape & 8 == 8 {
            root.push(("toString", Value::text("a")));
        }
        Message::from_object(root.into_iter().collect::<Object>())
    })
}

/// An expression made of pieces.
pub(crate) fn expression() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a",
        "b",
        "k",
        "ß",
        "é",
        ".",
        "^",
        "$",
        r"\d",
        r"\w",
        r"\s",
        r"\W",
        r"\b",
        r"\B",
        "[a-c]",
        "[^a]",
        "[^/é]",
        "a*",
        "b+",
        "a?",
        "a{2}",
        "[ab]{1,3}",
        ".*",
        ".+?",
        "(a|b)",
        "(?:ab|a)*",
        "(?i:k)",
        "(?i)",
        "(?s)",
        "(?m)",
        "(?im:^a)",
        "[[:alpha:]--b]",
        "[a-z&&[^b]]",
        r"\x{E9}",
        r"\pL",
        r"\p{Greek}",
        "|",
        "/",
        " ",
        "(?x) a #\n",
        r"\b{start}",
        r"\b{end}",
        r"[\d.]",
        "(a+)+",
        "[]a]",
        "a{,2}",
        r"(?i:[^K])",
        r"(?i)\P{Lu}",
        r"[\w&&\d]",
    ]);
    prop_oneof![
        8 => prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat()),
        1 => "[ab(|)*+?\\[\\]^$.{}\\\\d,1-]{0,6}",
    ]
}

/// A text for it.
pub(crate) fn searched() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[abkKcß/é 1\n]{0,8}", 1 => "[ab\u{212a}ſsSα\u{10400}\u{10428}٣.]{0,6}"]
}

/// What is an address, or nearly one.
pub(crate) fn address() -> impl Strategy<Value = String> {
    let part = select(vec![
        "0", "1", "10", "255", "256", "01", "ffff", "FE80", "12345", "", "g", "1.2.3.4", "0.0.0.0",
    ]);
    let colons = prop::collection::vec(part.clone(), 1..9).prop_map(|parts| parts.join(":"));
    let gap = (prop::collection::vec(part.clone(), 0..5), prop::collection::vec(part.clone(), 0..5));
    prop_oneof![
        2 => prop::collection::vec(part, 3..5).prop_map(|parts| parts.join(".")),
        2 => (any::<[u8; 4]>()).prop_map(|bytes| std::net::Ipv4Addr::from(bytes).to_string()),
        2 => colons,
        4 => gap.prop_map(|(head, tail)| format!("{}::{}", head.join(":"), tail.join(":"))),
        2 => prop::collection::vec(select(vec![0_u16, 0, 1, 0xffff]), 8).prop_map(|parts| {
            let parts: Vec<String> = parts.iter().map(|part| format!("{part:x}")).collect();
            parts.join(":")
        }),
        1 => "[0-9a-f:.]{0,12}",
    ]
}
