//! One style, the same tree, every comment, and nothing left to do the second time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use route_grammar::{FileId, FormatError, format, parse};

const GREENHOUSE: &str = include_str!("greenhouse.route");

#[test]
fn the_greenhouse() {
    let once = format(GREENHOUSE).unwrap();
    assert_eq!(format(&once).unwrap(), once);
    insta::assert_snapshot!(once);
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
    assert_eq!(format(text).unwrap(), wanted);
    assert_eq!(format(wanted).unwrap(), wanted);
}

#[test]
fn faulty_text_is_left_alone() {
    assert!(matches!(format("tap {"), Err(FormatError::Syntax(_))));
}

/// A comment at every place where white space stands comes back.
#[test]
fn comments_everywhere() {
    let mut text = String::new();
    let mut count = 0;
    for line in GREENHOUSE.lines() {
        text += line;
        if !line.contains("//") {
            text += &format!(" // note {count}");
            count += 1;
        }
        text += "\n";
    }
    let once = format(&text).unwrap();
    for n in 0..count {
        assert_eq!(once.lines().filter(|l| l.ends_with(&format!("// note {n}"))).count(), 1, "note {n}");
    }
    assert_eq!(format(&once).unwrap(), once);
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
    let words = GREENHOUSE.split_whitespace().map(str::to_owned).chain(
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
    }

    #[test]
    fn formatting_is_idempotent(lines in proptest::sample::subsequence(GREENHOUSE.lines().collect::<Vec<_>>(), 0..60)) {
        if let Ok(once) = format(&lines.join("\n")) {
            prop_assert_eq!(format(&once).unwrap(), once);
        }
    }
}
