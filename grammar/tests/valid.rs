//! Everything valid parses without a finding, into the tree that is meant.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use route_grammar::ast::*;
use route_grammar::{FileId, parse};

fn ok(text: &str) -> File {
    let (file, found) = parse(text, FileId(0));
    let shown: Vec<_> = found
        .iter()
        .map(|d| format!("{} {} at {:?}", d.code(), d.message, text.get(d.primary.span.range())))
        .collect();
    assert!(found.is_empty(), "{shown:#?}");
    file
}

/// The shape of an expression, with every operator's operands in parentheses.
fn shape(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Binary { op, left, right, .. } => format!("({} {op:?} {})", shape(left), shape(right)),
        ExprKind::Unary(op, e) => format!("({op:?} {})", shape(e)),
        ExprKind::Range { low, high, inclusive } => {
            format!("{}..{}{}", shape(low), if *inclusive { "" } else { "<" }, shape(high))
        }
        ExprKind::Is(e, name) => format!("({} is {})", shape(e), name.text),
        ExprKind::Paren(e) => shape(e),
        ExprKind::Number(n) => format!("{n}"),
        ExprKind::Path(p) => {
            let mut out = p.root.text.clone();
            for s in &p.segments {
                out += &match s {
                    Segment::Key(k) => format!(".{}", k.text),
                    Segment::Index(i, _) => format!("[{i}]"),
                };
            }
            out
        }
        ExprKind::Call { name, args } => {
            format!("{}({})", name.text, args.iter().map(shape).collect::<Vec<_>>().join(", "))
        }
        other => format!("{other:?}"),
    }
}

fn expr(text: &str) -> String {
    let file = ok(&format!("predicate p = {text}\n"));
    match &file.items[0].kind {
        ItemKind::Predicate { body, .. } => shape(body),
        other => panic!("{other:?}"),
    }
}

fn ends(text: &str) -> String {
    fn show(e: &Ends) -> String {
        match &e.kind {
            EndsKind::All => "*".into(),
            EndsKind::Match { kind, pattern } => match pattern {
                Pattern::Exact(t) => format!("{kind:?}:{}", t.value),
                Pattern::Glob(t) => format!("{kind:?}:glob:{}", t.value),
                Pattern::Regex(t) => format!("{kind:?}:re:{}", t.value),
            },
            EndsKind::Name(n) => n.text.clone(),
            EndsKind::In(a, b) => format!("({} in {})", show(a), show(b)),
            EndsKind::Or(a, b) => format!("({} or {})", show(a), show(b)),
            EndsKind::And(a, b) => format!("({} and {})", show(a), show(b)),
            EndsKind::Except(a, b) => format!("({} except {})", show(a), show(b)),
            EndsKind::NextTo(a, b) => format!("({} next {})", show(a), show(b)),
            EndsKind::Upstream(a) => format!("(up {})", show(a)),
            EndsKind::Downstream(a) => format!("(down {})", show(a)),
            EndsKind::Port(a, Port::Index(i, _)) => format!("{}.{i}", show(a)),
            EndsKind::Port(a, Port::Label(l)) => format!("{}.'{}'", show(a), l.value),
            EndsKind::Paren(a) => show(a),
            EndsKind::Error => "error".into(),
        }
    }
    match &ok(&format!("let x = {text}\n")).items[0].kind {
        ItemKind::Let { ends, .. } => show(ends),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_greenhouse() {
    let text = include_str!("greenhouse.route");
    let file = ok(text);
    assert_eq!(file.items.len(), 22);
    assert_eq!(file.comments.len(), 2);
    assert_eq!(file.items[0].docs, ["What may move between the greenhouse's nodes, and where it goes."]);
    let ItemKind::Router(tap) = &file.items[16].kind else { panic!("{:?}", file.items[16]) };
    assert_eq!((tap.kind, tap.name.text.as_str(), tap.clauses.len()), (RouterKind::Tap, "audit", 3));
    assert_eq!(&text[tap.wires.span.range()], "* -> alarm");
    assert_eq!(&text[tap.clauses[0].span.range()], "when too_hot");
    assert_eq!(&text[file.items[2].span.range()], "param hot: number = 35");
}

#[test]
fn precedence() {
    assert_eq!(expr("a or b and not c == 1 + 2 * -3"), "(a Or (b And (Not (c Eq (1 Add (2 Mul (Neg 3)))))))");
    assert_eq!(expr("msg.a in -40..85"), "(msg.a In (Neg 40)..85)");
    assert_eq!(expr("msg.a in 0..<10 - 1"), "(msg.a In 0..<(10 Sub 1))");
    assert_eq!(
        expr("msg.a is number and not msg.b is text"),
        "((msg.a is number) And (Not (msg.b is text)))"
    );
    assert_eq!(expr("has msg.a or has(msg.b)"), "(has(msg.a) Or has(msg.b))");
    assert_eq!(
        expr(r#"msg.beds[0]["soil pH"].x > 1 / 2 / 3"#),
        "(msg.beds[0].soil pH.x Gt ((1 Div 2) Div 3))"
    );
    assert_eq!(expr("1 - 2 - 3"), "((1 Sub 2) Sub 3)");
}

#[test]
fn literals() {
    assert_eq!(expr("1.5h"), "Duration(5400000.0)");
    assert_eq!(expr("250ms"), "Duration(250.0)");
    assert_eq!(expr("64KiB"), "Size(65536)");
    assert_eq!(expr("10/s"), "Rate { count: 10.0, per_ms: 1000.0 }");
    assert_eq!(expr("5%"), "Percent(0.05)");
    assert_eq!(expr("10 % 3"), "(10 Rem 3)");
    assert_eq!(expr(r"msg.topic matches /^a\/[^/]+\/\d$/"), r#"(msg.topic Matches Regex("^a/[^/]+/\\d$"))"#);
    assert_eq!(expr(r#""a\n\"b\" \u{263a} ü""#), "Text(\"a\\n\\\"b\\\" ☺ ü\")");
    assert_eq!(expr("1e3"), "1000");
    assert!(expr(r#"ip(msg.ip) in cidr "10.0.0.0/8""#).contains("Cidr"));
}

#[test]
fn selectors() {
    assert_eq!(ends(r#"node "A" in tab "T""#), "(Node:A in Tab:T)");
    assert_eq!(
        ends(r#"type "function" in tab "A" next to "Sensor 1""#),
        "((Type:function in Tab:A) next Node:Sensor 1)"
    );
    assert_eq!(ends(r#"a or b and c except d"#), "((a or (b and c)) except d)");
    assert_eq!(ends(r#"upstream of "X" in tab "T" and b"#), "((up (Node:X in Tab:T)) and b)");
    assert_eq!(ends(r#"("A" or id "f1").2"#), "(Node:A or Id:f1).2");
    assert_eq!(ends(r#""A"."hot".1"#), "Node:A.'hot'.1");
    assert_eq!(ends(r#"type "mqtt *""#), "Type:glob:mqtt *");
    assert_eq!(ends(r"group ~/^g\d/"), r"Group:re:^g\d");
}

#[test]
fn every_clause() {
    let file = ok(r#"
allow(R3001) "known"
tap t on "A"."hot" -> * { when true to nats "s" only msg.a, msg.b["c"] every 10 at most 5/s burst 3 full block }
break b on * -> * { hits 3 log "x {msg.topic}" }
remote r on * -> * { to one of (a, b) by hash msg.topic unreachable pass ttl 5m ack delivered }
remote r2 on * -> * { to one of (a, b,) by round robin }
set s on * -> * { msg.x = { a: [1, 2], "b c": null, } delete msg.payload.y }
limit l on * -> * { distinct by msg._msgid within 5s over hold 64KiB }
call c on * -> * { geo_tag { field: "x" } on fault halt }
halt h on * -> *
filter f on * -> * { drop when not p(msg.a, 2) }
redirect d on * -> * { to other }
tap u on * -> * { to node "X" in tab "T" }
layer night { // owner
  halt x on * -> * { as error reason "r" }
}
schema S { a: [string] | null, "b c"?: { d: any } | -1 e: "x" }
predicate q(x, y) = x > y
runtime r { mqtt "mqtt://h" limit queue 10000 tags { a: "b", "c d": "e" } }
const c: duration = 5s
param need: string
test "t" {
  stub "A"
  advance 5s
  send * -> * {}
  expect no tap t
  expect stopped by f
  expect delivered to "A" where msg.a == 1
  expect delivered
  expect sent to cloud
  send "A".2 -> "B" { a: 1 } 20 times every 100ms
  expect not redirected by d to "A" 3 times with { a: { b: 1 } } where msg.a == 2
  expect error "no"
  expect no error
  expect not held
  expect nothing
  expect msg.a == 1 and not has msg.b
  expect not p(msg.a)
  stub "A" { pass send { a: msg.b } to "hot" when msg.a > 2 pass to 2 }
  unreachable cloud
}
"#);
    assert_eq!(file.items.len(), 18);
    assert_eq!(file.items[0].allows[0].code.text, "R3001");
    let ItemKind::Router(tap) = &file.items[0].kind else { panic!() };
    assert_eq!(tap.clauses.len(), 6);
    assert!(matches!(tap.clauses[5].kind, ClauseKind::FullBlock(true)));
}

#[test]
fn crlf_and_byte_order_mark() {
    let file = ok("\u{FEFF}stack a\r\n// note\r\nlet b = *\r\n");
    assert_eq!((file.items.len(), file.comments[0].text.as_str()), (2, "// note"));
}

#[test]
fn steps_of_tests() {
    let file = ok(r#"test "t" {
  send * -> * {} 20 times every 5s
  expect not redirected by d to "A" 3 times with { a: 1 } where msg.a == 2
  expect not p(msg.a)
  stub "A" { pass to 2 send { a: 1 } to "hot" when msg.a > 2 }
}
"#);
    let ItemKind::Test { steps, .. } = &file.items[0].kind else { panic!() };
    let [send, not, that, stub] = steps.as_slice() else { panic!("{steps:#?}") };
    assert!(matches!(&send.kind, TestStepKind::Send { times: Some(_), every: Some(_), .. }));
    let TestStepKind::Expect(Expect { no: true, outcome, times: Some(_), with: Some(_), filter: Some(_) }) =
        &not.kind
    else {
        panic!("{not:#?}")
    };
    assert!(matches!(outcome, Outcome::Redirected { by: Some(_), to: Some(_) }));
    assert!(matches!(&that.kind, TestStepKind::Expect(Expect { no: false, outcome: Outcome::That(_), .. })));
    let TestStepKind::Stub { replies, .. } = &stub.kind else { panic!("{stub:#?}") };
    assert!(matches!(&replies[0], Reply { message: None, output: Some(Port::Index(2, _)), when: None, .. }));
    assert!(matches!(
        &replies[1],
        Reply { message: Some(_), output: Some(Port::Label(_)), when: Some(_), .. }
    ));
}
