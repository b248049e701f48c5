//! A text that several stacks have, and one that is no file.

use route_tests::folder;
use serde_json::json;

use super::editor::{Editor, FLOWS};

/// Uses a name that only the stack around it declares.
const PART: &str = "filter f on \"Read sensor\" -> * { keep when limit_hit }\n";
const WHOLE: &str = "predicate limit_hit = msg.payload > 3\nuse \"part.route\"\n";

#[test]
fn a_part_is_looked_at_in_the_stack_that_uses_it() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", ""), ("part.route", PART)]);
    let mut editor = Editor::open(dir.path(), "");
    editor.open_text("part.route", PART);
    assert_eq!(editor.shown("part.route"), ["R1009"], "alone, it lacks a name");
    editor.write(WHOLE);
    assert_eq!(editor.shown("part.route"), [""; 0], "the stack has it");

    // Neither requests about the part nor flows that change make it a stack of its own.
    let place = json!({ "textDocument": { "uri": editor.beside("part.route") }, "position": { "line": 0, "character": 8 } });
    let hover = editor.ask("textDocument/hover", place);
    assert!(hover["contents"]["value"].as_str().unwrap().contains("filter `f` sits on 1 wire"), "{hover}");
    std::fs::write(dir.path().join("flows.json"), FLOWS.replace("Greenhouse", "Glasshouse")).unwrap();
    editor.look();
    assert_eq!(editor.shown("part.route"), [""; 0]);

    editor.write("predicate limit_hit = msg.payload > 3\n");
    assert_eq!(editor.shown("part.route"), ["R1009"], "nobody uses it any more");
    editor.write(WHOLE);
    assert_eq!(editor.shown("part.route"), [""; 0]);
    editor.close_text("s.route");
    assert_eq!(editor.shown("part.route"), ["R1009"], "the stack is gone");
}

#[test]
fn what_one_stack_says_of_a_part_another_does_not_take_back() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", ""), ("part.route", PART)]);
    let mut editor = Editor::open(dir.path(), "");
    editor.open_text("part.route", PART);
    editor.write("use \"part.route\"\n");
    assert_eq!(editor.shown("part.route"), ["R1009"]);
    editor.open_text("z.route", WHOLE);
    assert_eq!(editor.shown("part.route"), ["R1009"], "the second stack is content, the first is not");

    // What both say is said once, and stays as long as one of them says it.
    editor.write_text("part.route", &format!("{PART}filter"));
    assert_eq!(editor.shown("part.route"), ["R1009", "R0001"]);
    editor.close_text("s.route");
    assert_eq!(editor.shown("part.route"), ["R0001"]);
    editor.close_text("z.route");
    assert_eq!(editor.shown("part.route"), ["R1009", "R0001"]);
    editor.close_text("part.route");
    assert_eq!(editor.shown("part.route"), [""; 0]);
}

/// What mends a finding is offered, whichever of the stacks it comes from.
#[test]
fn fixes_of_every_stack_that_has_a_part() {
    let part = "halt h on * -> * { when msg.a > low and msg.a > 1 }\n";
    let dir = folder(&[("flows.json", FLOWS), ("s.route", ""), ("part.route", part)]);
    let mut editor = Editor::open(dir.path(), "const low = 0\nuse \"part.route\"\n");
    editor.open_text("part.route", part);
    editor.open_text("z.route", "const low = 3\nuse \"part.route\"\n");
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 60 } });
    let uri = editor.beside("part.route");
    let actions =
        editor.ask("textDocument/codeAction", json!({ "textDocument": { "uri": uri }, "range": range }));
    let titles: Vec<&str> =
        actions.as_array().unwrap().iter().map(|action| action["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["R2050: take it out", "fix all: 1 certain fix"]);
}

/// Of two texts that use each other each is a stack, whichever was opened first.
#[test]
fn texts_that_use_each_other_keep_their_findings() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", ""), ("part.route", "use \"s.route\"\n")]);
    let mut editor = Editor::open(dir.path(), "");
    editor.open_text("part.route", "use \"s.route\"\n");
    editor.write("use \"part.route\"\n");
    let both = |editor: &mut Editor| [editor.shown("s.route"), editor.shown("part.route")].concat();
    assert!(both(&mut editor).contains(&"R1018".to_owned()), "{:?}", both(&mut editor));
    editor.write_text("part.route", "");
    assert_eq!(both(&mut editor), [""; 0]);
}

/// An editor shows what a file was, beside what it is.
#[test]
fn another_scheme_is_another_text() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", "")]);
    let mut editor = Editor::open(dir.path(), "halt now on * -> *\n");
    let old = editor.uri.replace("file://", "git:");
    let document = json!({ "uri": old, "languageId": "route", "version": 1, "text": "halt before" });
    editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
    assert_eq!(editor.shown("s.route"), [""; 0]);
    let about = editor.uri();
    assert_eq!(editor.ask("textDocument/documentSymbol", about)[0]["name"], "now");
}

/// A text that was never saved, and a file whose name is no UTF-8, have no flows, but a syntax.
#[test]
fn texts_without_a_path() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", "")]);
    let mut editor = Editor::open(dir.path(), "");
    for uri in ["untitled:Untitled-1".to_owned(), editor.beside("%FF.route")] {
        let text = "halt   h on * -> *\nfilter";
        let document = json!({ "uri": uri, "languageId": "route", "version": 1, "text": text });
        editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
        let symbols = editor.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri } }));
        assert_eq!(symbols[0]["name"], "h");
        let found = editor.told.iter().find(|(known, _)| *known == uri).unwrap().1.clone();
        assert_eq!((&found[0]["severity"], &found[1]["code"]), (&json!(3), &json!("R0001")), "{found}");
        let change = json!([{ "text": "halt   h on * -> *\n" }]);
        let document = json!({ "uri": uri, "version": 2 });
        editor.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": change }));
        let edits = editor.ask("textDocument/formatting", json!({ "textDocument": { "uri": uri } }));
        assert_eq!(edits[0]["newText"], "halt h on * -> *\n");
    }
}

/// Whatever was opened, written, used and closed before, an editor shows what a new one with the same texts shows.
#[test]
fn what_is_shown_does_not_depend_on_what_was_before() {
    const NAMES: [&str; 4] = ["s.route", "b.route", "c.route", "d.route"];
    const PIECES: [&str; 5] = [
        "const one = 1\n",
        "filter f on * -> * { keep when msg.a > one }\n",
        "filter g on \"nobody\" -> * { keep when two }\n",
        "predicate two = msg.b > 2\n",
        "halt",
    ];
    let dir =
        folder(&[("flows.json", FLOWS), ("s.route", ""), ("b.route", PIECES[0]), ("c.route", PIECES[3])]);
    // A generator of numbers as good as is needed here; the same ones each time.
    let mut state = 7_u64;
    let mut next = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut editor = Editor::open(dir.path(), "");
    let mut texts: [Option<String>; 4] = [Some(String::new()), None, None, None];
    for round in 0..60 {
        let at = next(NAMES.len());
        if at > 0 && texts[at].is_some() && next(3) == 0 {
            texts[at] = None;
            editor.close_text(NAMES[at]);
        } else {
            // Each uses later ones alone: in a cycle the order of opening tells which is the root.
            let uses = (at + 1..NAMES.len()).filter(|_| next(2) == 0);
            let mut text: String = uses.map(|used| format!("use \"{}\"\n", NAMES[used])).collect();
            text.extend((0..next(3)).map(|_| PIECES[next(PIECES.len())]));
            match texts[at].replace(text.clone()) {
                Some(_) => editor.write_text(NAMES[at], &text),
                None => editor.open_text(NAMES[at], &text),
            }
        }
        if round % 3 > 0 {
            continue;
        }
        let mut new = Editor::open(dir.path(), texts[0].as_deref().unwrap());
        for (name, text) in NAMES.iter().zip(&texts).skip(1).rev() {
            text.iter().for_each(|text| new.open_text(name, text));
        }
        for name in NAMES {
            let (mut now, mut wanted) = (editor.shown(name), new.shown(name));
            now.sort();
            wanted.sort();
            assert_eq!(now, wanted, "{name} in round {round}: {texts:?}");
        }
    }
}
