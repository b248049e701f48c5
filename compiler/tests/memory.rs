//! What is found with a memory of the texts before is what is found from nothing.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::HashMap;

use proptest::prelude::*;
use route_compiler::{Files, Input, Memory, check, compile, flow};

struct Two(HashMap<&'static str, String>);

impl Files for Two {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0.get(path).cloned().ok_or_else(|| "no such file".to_owned())
    }
}

const FLOWS: &str = r#"[
 {"id":"t","type":"tab","label":"T"},
 {"id":"a","type":"inject","z":"t","name":"A","wires":[["b","c"]]},
 {"id":"b","type":"function","z":"t","name":"B","wires":[["c"],["d"]],"outputs":2},
 {"id":"c","type":"http request","z":"t","name":"C","wires":[["d"]]},
 {"id":"d","type":"debug","z":"t","name":"D","wires":[]}
]"#;

const ROOT: &str = r#"stack s
use "common.route"
/// Hot.
const hot = 30
predicate far(x) = x > hot * 2
schema R { topic: string payload: { t: number, unit?: "C" | "F" } }
carry R on "A" -> *
let some = "B" or type "http request"
filter f on "A" -> * { keep when msg.payload.t in -40..hot }
halt h on some -> * { when far(msg.payload.t) and msg.payload.unit != "C" }
halt again on some -> * { when msg.payload.t > 70 }
layer l {
  tap t on * -> "D" { when near to stream }
  allow(R2050) "so it is"
  tap u on "B".2 -> * { when msg.a > 3 and msg.a > 1 to counter "u" }
}
set site on * -> "C" { msg.site = "north" delete msg.old }
limit slow on * -> * { at most 3/s per msg.topic }
break x on "A" -> "B" { log "{msg.topic}" }
test "all" { send "A" -> "B" { payload: { t: 3, unit: "C" } } expect delivered }
"#;

const PIECES: &[&str] = &[
    "",
    " ",
    "\n",
    "}",
    "{",
    "\"",
    "A",
    "msg.x",
    "hot",
    "0",
    "and ",
    "not ",
    "x",
    "// ",
    "/// d\n",
    "é",
    "halt z on * -> * { when msg.q > 3 }\n",
    "const hot = 3\n",
    "use \"common.route\"\n",
    "->",
    "*",
    ".",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn edits_find_what_a_run_from_nothing_finds(
        edits in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>(), 0..25usize, prop::sample::select(PIECES)), 1..10),
    ) {
        let graph = flow::read(FLOWS).unwrap();
        let mut files = Two(HashMap::from([
            ("s.route", ROOT.to_owned()),
            ("common.route", "predicate near = msg.payload.t < 10\nconst spare = 1\n".to_owned()),
        ]));
        let mut memory = Memory::default();
        for (root, at, cut, piece) in edits {
            let text = files.0.get_mut(if root { "s.route" } else { "common.route" }).unwrap();
            let mut from = at.index(text.len() + 1);
            while !text.is_char_boundary(from) { from -= 1; }
            let mut to = (from + cut).min(text.len());
            while !text.is_char_boundary(to) { to += 1; }
            text.replace_range(from..to, piece);
            let input = || Input::new(&files, "s.route", &graph, ("flows.json", FLOWS));
            let kept = check(input(), &mut memory);
            let fresh_graph = flow::read(FLOWS).unwrap();
            let fresh = compile(Input::new(&files, "s.route", &fresh_graph, ("flows.json", FLOWS)));
            prop_assert_eq!(&kept.diagnostics, &fresh.diagnostics, "{}", &files.0["s.route"]);
            prop_assert_eq!(&kept.stack.routers, &fresh.stack.routers);
        }
    }
}
