//! A session with `routec lsp`, as an editor has it: over pipes, with the binary that users run.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod disk;
mod editor;
mod ending;
mod names;
mod stacks;

use route_tests::{Running, eventually, folder};
use serde_json::json;

use editor::{Editor, FLOWS, applied, labels};

#[test]
fn a_session() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", "")]);
    let mut editor = Editor::open(dir.path(), "");

    // Typed half, then wrong, then right.
    assert_eq!(editor.findings("halt hot on \"Read"), ["R0002"]);
    assert_eq!(editor.findings("halt hot on \"Read sensr\" -> *\n"), ["R1001"]);
    assert_eq!(editor.findings("halt hot on \"Read sensor\" -> *\n"), [""; 0]);

    // Names of nodes by any of their words.
    let items = editor.at("textDocument/completion", "tap t on * -> \"alarm te$0\"\n", json!({}));
    assert_eq!(labels(&items), ["Text of the alarm"]);
    assert_eq!(items["items"][0]["detail"], "debug in tab Greenhouse");
    let items = editor.at("textDocument/completion", "tap t on tab \"$0\"\n", json!({}));
    assert_eq!(labels(&items), ["Greenhouse"]);
    let items = editor.at("textDocument/completion", "const hot = 3\n$0\n", json!({}));
    assert!(["filter", "len", "hot"].iter().all(|word| labels(&items).contains(word)));

    // What a router sits on, and what a word means.
    let hover = editor.at("textDocument/hover", "tap t$0 on * -> * { to stream }\n", json!({}));
    assert!(hover["contents"]["value"].as_str().unwrap().contains("tap `t` sits on 1 wire"));
    let hover = editor.at(
        "textDocument/hover",
        "/// Too hot.\nconst hot = 3\nhalt h on * -> * { when msg.é > ho$0t }\n",
        json!({}),
    );
    assert_eq!(hover["contents"]["value"], "```route\nconst hot = 3\n```\n\nToo hot.");
    let text = "let all = tab \"Greenhouse\"\ntap t on al$0l or all -> * { to stream }\n";
    let hover =
        editor.at("textDocument/hover", text.replace("al$0l or all", "* and (al$0l)").as_str(), json!({}));
    assert!(hover["contents"]["value"].as_str().unwrap().contains("sits on 1 wire"), "{hover}");
    let hover = editor.at("textDocument/hover", "let al$0l = tab \"Greenhouse\"\n", json!({}));
    assert!(
        hover["contents"]["value"]
            .as_str()
            .unwrap()
            .contains("2 nodes with wires: 1 wire from them, 1 wire to them"),
        "{hover}"
    );

    // Into the flows, and to a name's declaration.
    let found =
        editor.at("textDocument/definition", "tap t on \"Read$0 sensor\" -> * { to stream }\n", json!({}));
    assert!(found[0]["uri"].as_str().unwrap().ends_with("flows.json"));
    assert_eq!(found[0]["range"]["start"]["line"], 2);

    // Renamed everywhere, in texts and paths nowhere.
    let text = "const ho$0t = 3\nhalt h on * -> * { when msg.hot > hot and msg.x != \"hot\" } // hot\n";
    let edit = editor.at("textDocument/rename", text, json!({ "newName": "warm" }));
    let edits = &edit["changes"][&editor.uri];
    let wanted = "const warm = 3\nhalt h on * -> * { when msg.hot > warm and msg.x != \"hot\" } // hot\n";
    assert_eq!(applied(&text.replace("$0", ""), edits), wanted);

    // A fix, put in.
    let text = "halt h on * -> * { when msg.a > 3 and msg.a$0 > 1 }\n";
    let actions = editor.at("textDocument/codeAction", text, json!({}));
    let action = &actions.as_array().unwrap()[0];
    assert_eq!(action["title"], "R2050: take it out");
    let edits = &action["edit"]["changes"][&editor.uri];
    assert_eq!(applied(&text.replace("$0", ""), edits), "halt h on * -> * { when msg.a > 3 }\n");

    // One style.
    let text = "halt   h on *->*{when msg.a>3}\n";
    editor.write(text);
    let edits = editor.ask("textDocument/formatting", json!({ "textDocument": { "uri": editor.uri } }));
    assert_eq!(applied(text, &edits), "halt h on * -> * { when msg.a > 3 }\n");

    let about = json!({ "textDocument": { "uri": editor.uri } });
    let hints = editor.ask("textDocument/inlayHint", about.clone());
    assert_eq!(hints[0]["label"], "1 wire");
    let tokens = editor.ask("textDocument/semanticTokens/full", about.clone());
    assert_eq!(tokens["data"].as_array().unwrap()[..5], [json!(0), json!(0), json!(4), json!(7), json!(0)]);
    let symbols = editor.ask("textDocument/documentSymbol", about);
    assert_eq!((&symbols[0]["name"], &symbols[0]["detail"]), (&json!("h"), &json!("router")));
}

#[test]
fn without_flows_the_text_is_looked_at_alone() {
    let dir = folder(&[("s.route", "")]);
    let mut editor = Editor::open(dir.path(), "");
    assert_eq!(editor.findings("halt h on -> *\n"), ["-", "R0001"]);
}

#[test]
fn what_is_written_is_helped_with() {
    let recorded = "{\"msg\":{\"payload\":{\"wind\":3}}}\n";
    let toml = "[lsp]\nrecordings = [\"old.ndjson\"]\n";
    let dir =
        folder(&[("flows.json", FLOWS), ("s.route", ""), ("route.toml", toml), ("old.ndjson", recorded)]);
    let mut editor = Editor::open(dir.path(), "");

    // Fields out of schemas and of recorded messages.
    let text = "schema R { payload: { temperature: number, unit?: string } }\ncarry R on * -> *\nhalt h on * -> * { when msg.payload.$0 }\n";
    assert_eq!(
        labels(&editor.at("textDocument/completion", text, json!({}))),
        ["temperature", "unit", "wind"]
    );
    let items = editor.at("textDocument/completion", "halt h on * -> * { when source.$0 }\n", json!({}));
    assert!(labels(&items).contains(&"tab"));

    // A name is completed to what means just that node.
    let items = editor.at("textDocument/completion", "halt h on \"sens$0\" -> *\n", json!({}));
    assert_eq!(items["items"][0]["textEdit"]["newText"], "\"Read sensor\"");
    let items = editor.at("textDocument/completion", "$0", json!({}));
    let len =
        items["items"].as_array().unwrap().iter().find(|i| i["label"] == "round" && i["kind"] == 3).unwrap();
    assert!(len["insertText"].as_str().unwrap().starts_with("round(${1:"), "{len}");

    // Signatures.
    let help = editor.at(
        "textDocument/signatureHelp",
        "predicate p(a, b) = a > b\nhalt h on * -> * { when p(msg.a, $0 }\n",
        json!({}),
    );
    assert_eq!((&help["signatures"][0]["label"], &help["activeParameter"]), (&json!("p(a, b)"), &json!(1)));
    let help = editor.at("textDocument/signatureHelp", "tap t on * -> * {\n  every $0\n}\n", json!({}));
    assert_eq!(
        help["signatures"][0]["parameters"][help["activeParameter"].as_u64().unwrap() as usize]["label"],
        "every"
    );

    // Refusals.
    for (text, new, why) in [
        ("const h$0 = 3\n", "when", "`when` is a word of the language"),
        ("const h$0 = 3\n", "3x", "`3x` is no name: letters, digits and `_`, and no digit first"),
        ("const h$0 = 3\nconst g = 4\n", "g", "the stack declares a `g` already"),
        (
            "tap t on \"Read $0sensor\" -> * { to stream }\n",
            "x",
            "a name in quotes is a node's or a file's: it is changed where it is given",
        ),
    ] {
        let params = editor.params(text, json!({ "newName": new }));
        assert_eq!(editor.refused("textDocument/rename", params), why);
    }
    let params = editor.uri();
    assert_eq!(editor.refused("textDocument/moniker", params), "`textDocument/moniker` is not known here");
}

#[test]
fn lenses_hints_links_and_symbols() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", ""), ("common.route", "const far = 3\n")]);
    let mut editor = Editor::open(dir.path(), "");
    let text = "use \"common.route\"\nparam hot = 3\nlayer l {\n  tap t on * -> * { when msg.a > hot + far to stream }\n}\ntest \"it\" { send * -> * { a: 9 } expect tap t }\n";
    assert_eq!(editor.findings(text), [""; 0]);
    let about = editor.uri();
    let lenses = editor.ask("textDocument/codeLens", about.clone());
    assert_eq!(
        (&lenses[0]["command"]["title"], &lenses[0]["command"]["command"]),
        (&json!("1 wire"), &json!("route.showWires"))
    );
    assert_eq!(lenses[0]["command"]["arguments"][2][0]["range"]["start"]["line"], 2);
    assert_eq!(lenses[1]["command"]["arguments"], json!([editor.uri, "it"]));
    let hints = editor.ask("textDocument/inlayHint", about.clone());
    assert_eq!((&hints[0]["label"], &hints[1]["label"]), (&json!("1 wire"), &json!(": number")));
    let links = editor.ask("textDocument/documentLink", about.clone());
    assert!(links[0]["target"].as_str().unwrap().ends_with("/common.route"));
    let symbols = editor.ask("workspace/symbol", json!({ "query": "ht" }));
    assert_eq!((&symbols[0]["name"], symbols.as_array().unwrap().len()), (&json!("hot"), 1));
    let outline = editor.ask("textDocument/documentSymbol", about.clone());
    assert_eq!(outline[1]["children"][0]["name"], "t");
    let hover =
        editor.at("textDocument/hover", "tap t on tab \"Green$0house\" -> * { to stream }\n", json!({}));
    assert_eq!(hover["contents"]["value"], "tab **Greenhouse**: 2 nodes, 1 wire from them");
}

/// Typed bit by bit, with characters of two units and line ends of two bytes.
#[test]
fn parts_of_a_text_are_replaced() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", "")]);
    let mut editor = Editor::open(dir.path(), "");
    editor.write("// \u{1F600}\u{1F600}\r\nhalt h on \"Read sensor\" -> *\r\n// end");
    let change = |line: u32, from: u32, to: u32, text: &str| json!({ "range": { "start": { "line": line, "character": from }, "end": { "line": line, "character": to } }, "text": text });
    let document = json!({ "uri": editor.uri, "version": 9 });
    let changes =
        [change(1, 11, 22, "Nobody"), change(0, 3, 5, "\u{e9}"), change(1, 99, 99, " { as error }")];
    editor.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    let params = editor.uri();
    let symbols = editor.ask("textDocument/documentSymbol", params);
    assert_eq!(symbols[0]["range"]["end"], json!({ "line": 1, "character": 36 }));
    let (_, found) = editor.told.iter().find(|(uri, _)| *uri == editor.uri).unwrap();
    assert_eq!(found[0]["code"], "R1001");
    assert_eq!(
        found[0]["range"],
        json!({ "start": { "line": 1, "character": 10 }, "end": { "line": 1, "character": 18 } })
    );
}

/// Flows that break and heal, and a used file that is open with text that is not saved.
#[test]
fn files_change_beside_the_text() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", ""), ("common.route", "const far = 3\n")]);
    let mut editor = Editor::open(dir.path(), "");
    let text = "use \"common.route\"\nhalt h on \"Read sensor\" -> * { when msg.a > far }\n";
    assert_eq!(editor.findings(text), [""; 0]);

    let common = editor.uri.replace("s.route", "common.route");
    let document = json!({ "uri": common, "languageId": "route", "version": 1, "text": "const near = 3\n" });
    editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
    let about = editor.uri();
    editor.ask("textDocument/foldingRange", about.clone());
    let told = |editor: &Editor, uri: &str| {
        let found =
            editor.told.iter().find(|(known, _)| known == uri).map(|(_, d)| d.clone()).unwrap_or_default();
        found
            .as_array()
            .unwrap()
            .iter()
            .map(|d| d["code"].as_str().unwrap_or("-").to_owned())
            .collect::<Vec<_>>()
    };
    let uri = editor.uri.clone();
    assert_eq!(
        (told(&editor, &uri), told(&editor, &common)),
        (vec!["R1009".to_owned()], vec!["R1013".to_owned()])
    );
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": common } }));

    std::fs::write(dir.path().join("flows.json"), "[{ broken").unwrap();
    editor.tell("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    editor.ask("textDocument/foldingRange", about.clone());
    assert_eq!(told(&editor, &uri), ["-"]);
    std::fs::write(dir.path().join("flows.json"), FLOWS.replace("Read sensor", "Read it")).unwrap();
    editor.tell("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    editor.ask("textDocument/foldingRange", about);
    assert_eq!(told(&editor, &uri), ["R1001"]);
}

/// Every kind of request at the end of half-typed texts has an answer, and the server lives on.
#[test]
fn half_typed_texts() {
    let text = include_str!("../../../grammar/tests/greenhouse.route").replace('\n', "\r\n");
    let dir = folder(&[("flows.json", FLOWS), ("s.route", "")]);
    let mut editor = Editor::open(dir.path(), "");
    let methods = [
        "completion",
        "hover",
        "definition",
        "references",
        "prepareRename",
        "signatureHelp",
        "codeAction",
        "codeLens",
        "documentLink",
        "documentSymbol",
        "foldingRange",
        "inlayHint",
        "semanticTokens/full",
        "semanticTokens/range",
        "formatting",
        "rangeFormatting",
    ];
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).filter(|at| at % 37 == 0).collect();
    for end in ends {
        let params = editor.params(&format!("{}$0", &text[..end]), json!({}));
        for method in methods {
            let response = editor.response(&format!("textDocument/{method}"), params.clone());
            assert!(response.get("error").is_none(), "{method} at {end}: {response}");
        }
    }
}

#[test]
fn odd_requests_are_survived() {
    let dir = folder(&[("s.route", "")]);
    let mut editor = Editor::open(dir.path(), "");
    for params in [
        json!(null),
        json!({}),
        json!({ "textDocument": 3 }),
        json!({ "textDocument": { "uri": "untitled:1" }, "position": { "line": -1 } }),
    ] {
        editor.response("textDocument/completion", params.clone());
        editor.tell("textDocument/didChange", params);
    }
    editor.tell(
        "textDocument/didOpen",
        json!({ "textDocument": { "uri": "untitled:1", "text": "halt", "version": 1 } }),
    );
    let outside =
        json!({ "textDocument": { "uri": editor.uri }, "position": { "line": 4_000_000, "character": 9 } });
    assert!(editor.response("textDocument/hover", outside).get("error").is_none());
}

/// While a runtime runs other flows than the file has, those count.
#[test]
fn flows_of_a_running_runtime() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", "")]);
    let running = Running::start(dir.path(), &["flows.json"]);
    std::fs::write(dir.path().join("flows.json"), FLOWS.replace("Read sensor", "Read it")).unwrap();
    let mut editor = Editor::open(dir.path(), "");
    let text = "halt h on \"Read sensor\" -> *\n";
    eventually("the runtime's flows count", || editor.findings(text).is_empty());
    assert!(running.interrupt());
    eventually("the file's flows count again", || editor.findings(text) == ["R1001"]);
}
