//! `routec infer`, `schema` and `check --cost` as a user runs them.
#![allow(clippy::unwrap_used)]

use route_tests::{folder, routec};

const FLOWS: &str = r#"[
 {"id":"t","type":"tab","label":"T"},
 {"id":"a","z":"t","type":"inject","name":"Bed 1","wires":[["b"]]},
 {"id":"b","z":"t","type":"debug","name":"B","wires":[]}
]"#;

#[test]
fn a_recording_gives_a_schema_that_its_stack_can_carry() {
    let line = |from: &str, payload: &str| {
        format!(
            "{{\"at\":1,\"router\":\"audit\",\"from\":\"{from}\",\"port\":0,\"to\":\"b\",\"msg\":{{\"payload\":{payload}}}}}\n"
        )
    };
    let recorded = line("a", "{\"t\":1.5,\"ok\":true}") + &line("a", "{\"t\":2}") + &line("x", "\"hello\"");
    let dir = folder(&[("flows.json", FLOWS), ("rec.ndjson", &recorded)]);
    let here = dir.path();
    let inferred = routec(here, &["infer", "rec.ndjson", "--each", "--flows", "flows.json"]);
    insta::assert_snapshot!(inferred.stdout, @r#"
    /// Inferred from 2 messages.
    schema Bed1 {
      payload: { t: number, ok?: bool }
    }
    carry Bed1 on id "a".1 -> *

    /// Inferred from 1 message.
    schema X {
      payload: string
    }
    carry X on id "x".1 -> *
    "#);
    insta::assert_snapshot!(routec(here, &["infer", "rec.ndjson", "--name", "Any"]).stdout, @r"
    /// Inferred from 3 messages.
    schema Any {
      payload: { t: number, ok?: bool } | string
    }
    ");
    let first = inferred.stdout.split("\n\n").next().unwrap();
    std::fs::write(
        here.join("s.route"),
        format!("{first}\nhalt h on \"Bed 1\" -> * {{ when msg.payload.t is string }}\n"),
    )
    .unwrap();
    routec(here, &["check", "s.route"]).fails_with(1, "R2051");
    routec(here, &["infer", "flows.json", "--json-schema"]).succeeds_with("\"title\": \"Flows\"");
    routec(here, &["infer", "none.ndjson"]).fails_with(2, "no such file");
    std::fs::write(here.join("bad.ndjson"), "{}\nnot json\n").unwrap();
    routec(here, &["infer", "bad.ndjson"]).fails_with(2, "`bad.ndjson`, line 2");
}

#[test]
fn json_schema_comes_in_and_goes_out() {
    let schema = r#"{"title":"bed reading","type":"object","required":["payload"],
        "properties":{"payload":{"type":"number","minimum":3}}}"#;
    let dir = folder(&[("flows.json", FLOWS), ("reading.json", schema), ("bad.json", "{\"type\":\"text\"}")]);
    let here = dir.path();
    let item = routec(here, &["schema", "reading.json"]);
    insta::assert_snapshot!(item.stdout, @r"
    schema BedReading {
      payload: number
    }
    ");
    assert!(item.stderr.ends_with("  /properties/payload: minimum\n"), "{item:?}");
    routec(here, &["schema", "bad.json"]).fails_with(2, "`bad.json` is no JSON Schema: at `/type`");
    std::fs::write(here.join("s.route"), format!("{}carry BedReading on \"Bed 1\" -> *\n", item.stdout))
        .unwrap();
    insta::assert_snapshot!(routec(here, &["schema", "s.route"]).stdout, @r#"
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "BedReading",
      "type": "object",
      "properties": {
        "payload": {
          "type": "number"
        }
      },
      "required": [
        "payload"
      ]
    }
    "#);
    routec(here, &["schema", "s.route", "--name", "Other"]).fails_with(2, "no schema is named `Other`");
}

#[test]
fn the_cost_of_a_wire_is_told() {
    let stack = "filter f on \"Bed 1\" -> * { keep when msg.topic matches /^b[0-9]+x/ and msg.payload.t > 3 }\n\
                 set s on \"Bed 1\" -> * { msg.site.name = \"north\" }\n";
    let dir = folder(&[("flows.json", FLOWS), ("s.route", stack)]);
    let here = dir.path();
    insta::assert_snapshot!(routec(here, &["check", "s.route", "--cost"]).stdout, @r#"
    at most, for a message on  routers  tests  regexes  scans  copies
    "Bed 1".1 -> "B"                 2      1        1      0       2
    "#);
    let lines = routec(here, &["check", "s.route", "--cost", "--output-format", "json-lines"]);
    assert_eq!(
        lines.stdout,
        "{\"wires\":[\"\\\"Bed 1\\\".1 -> \\\"B\\\"\"],\"routers\":2,\"tests\":1,\"regexes\":1,\"scans\":0,\"copies\":2}\n"
    );
    routec(here, &["check", "s.route", "--cost", "--output-format", "sarif"])
        .fails_with(2, "no place for them");
}
