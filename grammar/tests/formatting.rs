//! One style, the same tree, every comment, and nothing left to do the second time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use route_grammar::format::WIDTH;
use route_grammar::{FileId, FormatError, format, parse};

const GREENHOUSE: &str = include_str!("greenhouse.route");
/// Everything that the greenhouse does not have.
const REST: &str = include_str!("rest.route");

/// Formats, and asserts that a second time changes nothing.
#[track_caller]
fn once(text: &str) -> String {
    let once = format(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert_eq!(format(&once).as_deref(), Ok(once.as_str()), "formatting again changes the text");
    once
}

#[test]
fn the_greenhouse() {
    insta::assert_snapshot!(once(GREENHOUSE));
}

#[test]
fn every_other_item_and_clause() {
    insta::assert_snapshot!(once(REST));
}

#[test]
fn spaces_breaks_and_comments() {
    let text = "/// about a\n  allow( R3001 )  \"why\"  let a=\"A\" .2   or( b )  // kept\n\n\n\n// own line\ntap  t on a->* {\n\n\n   when not msg.x  in - 1 .. 3 and f(msg.y ,2)\n to stdout // sink\n  // last\n }\nlayer l { halt h on *->* {reason \"r\"} }\nschema S {a?:string,b : [ number ]}";
    let wanted = r#"/// about a
allow(R3001) "why"
let a = "A".2 or (b) // kept

// own line
tap t on a -> * {
  when not msg.x in -1..3 and f(msg.y, 2)
  to stdout // sink
  // last
}
layer l {
  halt h on * -> * { reason "r" }
}
schema S { a?: string, b: [number] }
"#;
    assert_eq!(once(text), wanted);
}

#[test]
fn long_lines_are_broken_where_they_are_loosest() {
    insta::assert_snapshot!(once(
        r#"predicate out_of_bounds = msg.payload.temperature > 85 and msg.payload.unit == "C" or msg.payload.temperature > 185 and msg.payload.unit == "F" or has msg.payload.error
let important = node "Raise alarm" in tab "Alerts" or group "Leaf camera" or type "mqtt out" in tab "Sensors" except "Spare lamp"
tap audit on "Sensor 1" or "Sensor 2" or "Sensor 3" or "Sensor 4" -> node "Raise alarm" in tab "Alerts" or "Store" { when msg.topic in ["greenhouse/bed/1", "greenhouse/bed/2", "greenhouse/bed/3", "greenhouse/bed/4", "greenhouse/bed/5"] to file "audit.ndjson" { rotate 10MiB keep 5 } }
set site on * -> * { msg.site = { name: "north", beds: 12, kind: "glass", owner: "the gardening club", since: 1987, heated: true } }
tap lean on * -> "Store" { only msg.topic, msg.payload.temperature, msg.payload.humidity, msg.payload.pressure, msg.payload.unit to stdout }
halt odd on * -> "Store" { when not (msg.payload.temperature > 1 and msg.payload.temperature < 2 and msg.payload.humidity > 3 or has msg.error) reason "the text of a reason is never broken, however long it may be, because it is one token of the text" }
schema Reading { topic: string, payload: { temperature: number, humidity?: number, unit: "C" | "F" | "K" }, at: string }
remote far on * -> tab "History" { to one of (north, south, east, west) by hash max(msg.payload.temperature, msg.payload.humidity, 1) unreachable spool 64MiB }
test "a reading that is far too hot is neither stored nor sent, whoever asks" { send "Sensor 1" -> "Store" { payload: 99 } expect stopped by odd }
"#
    ));
}

#[test]
fn line_ends_stay_what_they_are() {
    assert_eq!(once("let a=*\r\nlet b = *\r\n"), "let a = *\r\nlet b = *\r\n");
}

#[test]
fn nothing_is_nothing() {
    assert_eq!(once(""), "");
    assert_eq!(once("\n\n"), "");
    assert_eq!(once("\n// alone\n\n"), "// alone\n");
}

#[test]
fn faulty_text_is_left_alone() {
    assert!(matches!(format("tap {"), Err(FormatError::Syntax(_))));
}

/// Where a comment can stand: every place at which the text with a comment put in still parses.
fn with_comment(text: &str, at: usize, comment: &str) -> Option<String> {
    let new = format!("{}{comment}{}", &text[..at], &text[at..]);
    let (file, found) = parse(&new, FileId(0));
    (found.is_empty() && file.comments.len() == parse(text, FileId(0)).0.comments.len() + 1).then_some(new)
}

/// The ends of all tokens, and thereby every boundary.
fn boundaries(text: &str) -> Vec<usize> {
    let mut all: Vec<usize> = route_grammar::tokens::tokens(text)
        .into_iter()
        .flat_map(|(span, _)| [span.start as usize, span.end as usize])
        .chain([0, text.len()])
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A comment put at any boundary of two tokens comes back, once, and all others too.
#[test]
fn a_comment_at_every_token_boundary_comes_back() {
    for text in [GREENHOUSE, REST] {
        let (mut tried, mut taken) = (0, 0);
        // Every seventh boundary, in one of two ways: the text is parsed anew for each.
        for (nth, at) in boundaries(text).into_iter().enumerate().filter(|(nth, _)| nth % 7 == 0) {
            for comment in [["// 5f1c2a\n", "\n// 5f1c2a\n"][nth % 2]] {
                tried += 1;
                let Some(new) = with_comment(text, at, comment) else { continue };
                taken += 1;
                let out = once(&new);
                assert_eq!(out.matches("// 5f1c2a").count(), 1, "{new}\n{out}");
            }
        }
        // Inside a path, a documentation line or a literal there is no place for one.
        assert!(taken * 10 > tried * 7, "{taken} of {tried}");
    }
}

/// All of them at once.
#[test]
fn comments_at_all_boundaries_come_back_together() {
    for text in [GREENHOUSE, REST] {
        let mut new = text.to_owned();
        let mut count = 0;
        for at in boundaries(text).into_iter().rev() {
            if with_comment(text, at, "// c\n").is_some() {
                new.insert_str(at, &format!("// note {count};\n"));
                count += 1;
            }
        }
        let out = once(&new);
        assert!((0..count).all(|n| out.matches(&format!("// note {n};")).count() == 1));
    }
}

#[test]
fn no_prefix_panics() {
    for (at, _) in GREENHOUSE.char_indices() {
        let (_, found) = parse(&GREENHOUSE[..at], FileId(0));
        for d in found {
            assert!(GREENHOUSE[..at].get(d.primary.span.range()).is_some(), "{d:?}");
        }
    }
}

fn soup() -> impl Strategy<Value = String> {
    let words = GREENHOUSE.split_whitespace().chain(REST.split_whitespace()).map(str::to_owned).chain(
        [
            "{", "}", "(", ")", "[", "]", "/", "\"", "//", "///", "..", "\n", "~/", "é", "\\", "- ", "'",
            "msg.", "\u{FEFF}",
        ]
        .map(str::to_owned),
    );
    let words: Vec<String> = words.collect();
    let gaps = vec!["", " ", "\n", "\r\n"];
    proptest::collection::vec((proptest::sample::select(words), proptest::sample::select(gaps)), 0..60)
        .prop_map(|parts| parts.into_iter().map(|(w, g)| w + g).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn soup_never_panics_and_marks_real_text(text in soup()) {
        let (_, found) = parse(&text, FileId(0));
        for d in found {
            prop_assert!(text.get(d.primary.span.range()).is_some());
        }
        if let Ok(out) = format(&text) {
            prop_assert_eq!(format(&out).unwrap(), out);
        }
    }

    #[test]
    fn formatting_is_idempotent(lines in proptest::sample::subsequence(REST.lines().collect::<Vec<_>>(), 0..45)) {
        if let Ok(once) = format(&lines.join("\n")) {
            prop_assert_eq!(format(&once).unwrap(), once);
        }
    }

    /// Whatever the widths of names, lines stay within the width unless one token is longer.
    #[test]
    fn lines_are_as_short_as_they_can_be(names in proptest::collection::vec("[a-z]{1,30}", 1..12)) {
        let list: Vec<String> = names.iter().map(|n| format!("\"{n}\"")).collect();
        let tests: Vec<String> = names.iter().map(|n| format!("msg.{n} == 1")).collect();
        let text = format!(
            "halt h on {} -> * {{ when msg.topic in [{}] and ({}) }}\n",
            list.join(" or "), list.join(", "), tests.join(" or "),
        );
        let out = format(&text).unwrap();
        prop_assert!(out.lines().all(|line| line.len() <= WIDTH), "{}", out);
        prop_assert_eq!(format(&out).unwrap(), out);
    }
}
