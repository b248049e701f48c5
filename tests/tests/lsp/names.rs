//! Names in all texts that share them: found, renamed, offered.

use route_tests::folder;
use serde_json::{Value, json};

use super::editor::{Editor, FLOWS, applied, labels};

/// A text after a rename in it; the cursor is at `$0`.
fn renamed(editor: &mut Editor, marked: &str, new: &str) -> String {
    let edit = editor.at("textDocument/rename", marked, json!({ "newName": new }));
    applied(&marked.replace("$0", ""), &edit["changes"][&editor.uri])
}

fn refused(editor: &mut Editor, marked: &str, new: &str) -> String {
    let params = editor.params(marked, json!({ "newName": new }));
    editor.refused("textDocument/rename", params)
}

/// The files in which places were found, each with how many.
fn by_file(found: &Value) -> Vec<(String, usize)> {
    let mut files = std::collections::BTreeMap::new();
    for place in found.as_array().unwrap() {
        let file = place["uri"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        *files.entry(file).or_default() += 1;
    }
    files.into_iter().collect()
}

#[test]
fn a_name_is_what_the_tree_says_that_it_is() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", "")]);
    let mut editor = Editor::open(dir.path(), "");
    // A field, a key and a word of a clause are none of a name that is written alike.
    let text = "const te$0mp = 5\nschema S { temp: number }\nfilter f on * -> * { keep when msg.temp > temp }\ntest \"t\" { send * -> * { temp: temp } }\n";
    let wanted = "const warm = 5\nschema S { temp: number }\nfilter f on * -> * { keep when msg.temp > warm }\ntest \"t\" { send * -> * { temp: warm } }\n";
    assert_eq!(renamed(&mut editor, text, "warm"), wanted);
    assert_eq!(
        renamed(&mut editor, "filter ke$0ep on * -> * { keep when msg.a }\n", "f"),
        "filter f on * -> * { keep when msg.a }\n"
    );
    assert_eq!(
        renamed(&mut editor, "tap num$0ber on * -> * { when msg.a is number to stream }\n", "t"),
        "tap t on * -> * { when msg.a is number to stream }\n"
    );
    // A runtime, a router and a set of nodes of one name; values in a log.
    let text = "runtime a$0 { zenoh \"tcp/x:1\" }\nlet a = *\nremote a on a -> * { to a }\nbreak b on * -> * { log \"a {a}\" }\n";
    assert_eq!(
        renamed(&mut editor, text, "z"),
        "runtime z { zenoh \"tcp/x:1\" }\nlet a = *\nremote a on a -> * { to z }\nbreak b on * -> * { log \"a {a}\" }\n"
    );
    // A predicate's parameter is its own.
    let text = "const x = 1\npredicate p(x$0) = x > 1 and msg.x == x\npredicate q(x) = x == 2\n";
    assert_eq!(
        renamed(&mut editor, text, "y"),
        "const x = 1\npredicate p(y) = y > 1 and msg.x == y\npredicate q(x) = x == 2\n"
    );
    let text = "const te\u{301}m$0p = 1\npredicate p(x) = x > te\u{301}mp\n";
    assert_eq!(renamed(&mut editor, text, "t"), "const t = 1\npredicate p(x) = x > t\n");
}

/// A router's name is its layer's.
#[test]
fn routers_of_one_name_in_two_layers() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", "")]);
    let mut editor = Editor::open(dir.path(), "");
    let text = "halt f$0 on * -> *\nlayer l { halt f on * -> * }\n";
    assert_eq!(renamed(&mut editor, text, "g"), "halt g on * -> *\nlayer l { halt f on * -> * }\n");
    let text = "halt f$0 on * -> *\nlayer l { halt g on * -> * }\ntest \"t\" { send * -> * {} expect stopped by f }\n";
    assert_eq!(
        renamed(&mut editor, text, "h"),
        "halt h on * -> *\nlayer l { halt g on * -> * }\ntest \"t\" { send * -> * {} expect stopped by h }\n"
    );
    let both = "halt f$0 on * -> *\nlayer l { halt f on * -> * }\ntest \"t\" { send * -> * {} expect stopped by f }\n";
    assert_eq!(
        refused(&mut editor, both, "g"),
        "layer `l` has a router `f` too, and a test speaks of both: line 3 of `s.route`"
    );
}

#[test]
fn no_rename_changes_what_a_word_means() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", "")]);
    let mut editor = Editor::open(dir.path(), "");
    for (text, new, why) in [
        (
            "const li$0m = 1\npredicate p(x) = x > lim\n",
            "x",
            "`x` is a parameter of the predicate `p`: `lim` there would mean that, line 2 of `s.route`",
        ),
        (
            "const lim = 1\npredicate p(x$0) = x > lim\n",
            "lim",
            "`lim` is mentioned in this predicate, and would mean the parameter: line 2 of `s.route`",
        ),
        ("predicate p(x$0, y) = x > y\n", "y", "the predicate has a parameter `y` already"),
        (
            "let a$0ll = *\ntap t on * -> * { to all }\n",
            "stdout",
            "`stdout` would mean something else there: line 2 of `s.route`",
        ),
        ("schema S$0 { a: number }\n", "number", "`number` is a type of the language"),
        ("const a$0 = 3\n", "x\u{b2}", "`x\u{b2}` is no name: letters, digits and `_`, and no digit first"),
        ("const a$0 = 3\n", "keep", "`keep` is a word of the language"),
    ] {
        assert_eq!(refused(&mut editor, text, new), why);
    }
}

/// A part declares what the stacks around it use, and the other way round; one of the stacks is open, one is not.
#[test]
fn names_go_through_all_texts_of_a_stack() {
    let part = "predicate limit_hit = msg.a > bound\n";
    let closed = "use \"part.route\"\nconst bound = 4\nfilter g on * -> * { keep when limit_hit }\n";
    let other = "const bound = 5\nuse \"elsewhere.route\"\n";
    let dir = folder(&[
        ("flows.json", FLOWS),
        ("s.route", ""),
        ("part.route", part),
        ("closed.route", closed),
        ("other.route", other),
        ("elsewhere.route", ""),
    ]);
    let text = "const bound = 3\nuse \"part.route\"\nfilter f on * -> * { keep when limit_hit }\n";
    let mut editor = Editor::open(dir.path(), text);
    editor.open_text("part.route", part);
    let part_uri = editor.beside("part.route");
    let at = |character: u32| {
        json!({
            "textDocument": { "uri": part_uri },
            "position": { "line": 0, "character": character },
            "context": { "includeDeclaration": true },
            "newName": "beyond",
        })
    };
    let (predicate, bound) = (at(12), at(30));
    let found = editor.ask("textDocument/references", predicate.clone());
    let everywhere = [("closed.route", 1), ("part.route", 1), ("s.route", 1)];
    assert_eq!(by_file(&found), everywhere.map(|(file, count)| (file.to_owned(), count)));
    let edit = editor.ask("textDocument/rename", predicate);
    let closed_uri = editor.beside("closed.route");
    assert!(applied(closed, &edit["changes"][&closed_uri]).contains("keep when beyond"), "{edit}");
    assert!(applied(text, &edit["changes"][&editor.uri]).contains("keep when beyond"), "{edit}");

    // Both stacks declare what the part uses; the one that has nothing to do with it keeps its own.
    let edit = editor.ask("textDocument/rename", bound.clone());
    assert_eq!(edit["changes"].as_object().unwrap().len(), 3, "{edit}");
    let found = editor.ask("textDocument/definition", bound);
    assert_eq!(by_file(&found), [("s.route".to_owned(), 1)], "the open stack's");

    // What the stack around it declares is offered in the part.
    let place = json!({ "textDocument": { "uri": part_uri }, "position": { "line": 0, "character": 29 } });
    let items = editor.ask("textDocument/completion", place);
    assert!(labels(&items).contains(&"bound"));
    editor.write("predicate above(a, b) = a > b\nuse \"part.route\"\n");
    editor.write_text("part.route", "halt h on * -> * { when above(msg.a, ");
    let place = json!({ "textDocument": { "uri": part_uri }, "position": { "line": 0, "character": 37 } });
    let help = editor.ask("textDocument/signatureHelp", place);
    assert_eq!(help["signatures"][0]["label"], "above(a, b)");
}

/// Each file once, however the editor escapes its name and whatever links lead to its folder.
#[test]
fn symbols_of_the_workspace_are_told_once() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", ""), ("my (copy).route", "const zzz = 1\n")]);
    #[cfg(unix)]
    for link in ["l1", "l2"] {
        std::os::unix::fs::symlink(".", dir.path().join(link)).unwrap();
    }
    let mut editor = Editor::open(dir.path(), "");
    editor.open_text("my%20%28copy%29.route", "const zzz = 1\n");
    let symbols = editor.ask("workspace/symbol", json!({ "query": "zzz" }));
    assert_eq!(symbols.as_array().unwrap().len(), 1, "{symbols}");
    assert!(symbols[0]["location"]["uri"].as_str().unwrap().ends_with("/my%20%28copy%29.route"));
}
