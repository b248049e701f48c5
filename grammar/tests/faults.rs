//! Every fault is reported once, at the right words, in the user's words.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use route_grammar::{FileId, parse};

/// Checks that exactly the findings marked with `//^^^ error[CODE]: message` are made; a mark points at the last
/// line above it that is none.
fn check(marked: &str) {
    let mut text = String::new();
    let mut wanted = Vec::new();
    let mut above = 0;
    for line in marked.lines() {
        match line.trim_start().strip_prefix("//^") {
            Some(rest) => {
                let column = line.len() - rest.len() - 1;
                let carets = 1 + rest.chars().take_while(|c| *c == '^').count();
                let start = above + column;
                wanted.push((start, start + carets, rest.trim_start_matches('^').trim().to_owned()));
            }
            None => {
                above = text.len();
                text += line;
                text += "\n";
            }
        }
    }
    let (_, found) = parse(&text, FileId(0));
    let found: Vec<_> = found
        .iter()
        .map(|d| {
            let r = d.primary.span.range();
            (r.start, r.end, format!("error[{}]: {}", d.code(), d.message))
        })
        .collect();
    assert_eq!(found, wanted, "\n{text}");
}

#[test]
fn missing_on() {
    check(
        r#"
filter f sensors -> * { keep when true }
       //^^^^^^^ error[R0001]: expected `on`, found `sensors`
let a = *
"#,
    );
}

#[test]
fn missing_operand_is_seen_where_it_is_missing() {
    check(
        r#"
tap t on * -> * {
  when msg.a >
  to stdout
//^^ error[R0001]: expected an expression, found `to`
}
"#,
    );
}

#[test]
fn several_faults_in_one_run() {
    check(
        r#"
let a = tab
  stack s
//^^^^^ error[R0001]: expected nodes, found `stack`
tap t on * -> * {
  wehn msg.a == 1
//^^^^ error[R0001]: expected a clause, found `wehn`
  to stdout
  hits = 3
     //^ error[R0001]: expected an expression, found `=`
}
predicate p = msg.a = 3
                  //^ error[R0001]: expected an item or the end of the file, found `=`
param x number = 3
      //^^^^^^ error[R0001]: expected `:`, `=`, an item or the end of the file, found `number`
halt last on * -> * { reason "x" }
"#,
    );
}

#[test]
fn unknown_items_are_told_apart() {
    check(
        r#"
  stakc greenhouse
//^^^^^ error[R0001]: expected an item, found `stakc`
let a = *
"#,
    );
    let (file, found) =
        parse("filtr x on * -> * {\n  keep when a\n}\nstakc s\nlet a = *\nbad {\nlet b = *\n", FileId(0));
    assert_eq!((file.items.len(), found.len()), (2, 3));
    assert_eq!(found[0].suggestions[0].text, "write `filter`");
}

#[test]
fn text_and_numbers() {
    check(
        r#"
let a = "open
      //^^^^^ error[R0002]: this string has no end on its line
const c = 30x
        //^^^ error[R0004]: `30x` is not a number, duration, size or rate
const d = "a\qb"
          //^^ error[R0003]: `\q` is no escape
let when = *
  //^^^^ error[R0015]: `when` is a word of the language and cannot be a name
let e = *
"#,
    );
}

#[test]
fn clauses_of_another_router() {
    check(
        r#"
halt h on * -> * { hits 3 }
                 //^^^^^^ error[R0007]: `halt` has no clause `hits`
tap t on * -> * { when true to stdout when false }
                                    //^^^^^^^^^^ error[R0008]: `when` is given twice
filter f on * -> * { keep when true drop when false }
                                  //^^^^^^^^^^^^^^^ error[R0008]: `keep when` and `drop when` exclude each other
limit  l on * -> * { when true }
     //^ error[R0009]: `limit l` needs `at most` or `distinct`
remote r on * -> * { to stdout }
                   //^^^^^^^^^ error[R0013]: a `remote` cannot send there
set    s on * -> * { source.id = 1 }
                   //^^^^^^^^^ error[R0014]: `source.id` is not a part of the message
"#,
    );
}

#[test]
fn a_tap_does_not_count_by_key() {
    check(
        r#"
tap some on * -> * {
  to stream
  at most 1/s burst 2 per msg.topic
                        //^^^^^^^^^ error[R0007]: a `tap` does not count by key
}
limit few on * -> * { at most 1/s per msg.topic }
"#,
    );
}

#[test]
fn braces() {
    check(
        r#"
tap  t on * -> * {
               //^ error[R0005]: this `{` of the tap is never closed
  to stdout

halt h on * -> *
"#,
    );
    check(
        r#"
stack s
  }
//^ error[R0006]: this `}` closes nothing
"#,
    );
}

#[test]
fn a_fault_does_not_hide_what_surrounds_it() {
    let (file, found) = parse("tap a on * -> * {\n  when (\n  to stdout\n}\nlet b = *\n", FileId(0));
    assert_eq!((file.items.len(), found.len()), (2, 1));
}

#[test]
fn expressions() {
    check(
        r#"
predicate p = 1 < msg.a < 3
                      //^ error[R0010]: comparisons cannot stand in a row
predicate q = 1..3
            //^^^^ error[R0011]: a range stands only after `in`
let     a = "x".0
              //^ error[R0004]: outputs are counted from `1`
"#,
    );
}

#[test]
fn limits() {
    let codes = |text: &str| parse(text, FileId(0)).1.iter().map(|d| d.code()).collect::<Vec<_>>();
    let nested = |n: usize| format!("predicate p = {}1{}", "(".repeat(n), ")".repeat(n));
    assert!(codes(&nested(64)).is_empty());
    assert_eq!(codes(&nested(65)), ["R0021"]);
    assert_eq!(codes(&" ".repeat(4 * 1024 * 1024 + 1)), ["R0020"]);
    assert!(codes(&"stack a\n".repeat(20_000)).is_empty());
    assert_eq!(codes(&"stack a\n".repeat(20_001)), ["R0022"]);
    assert_eq!(codes(&format!("predicate p = {}1", "- ".repeat(100_000))), ["R0023"]);
    assert_eq!(codes(&format!("let p = {}a", "upstream of ".repeat(10_000))), ["R0023"]);
}

#[test]
fn orphans() {
    let (_, found) = parse("let a = *\n/// about nothing\n", FileId(0));
    assert_eq!(found.iter().map(|d| (d.code(), d.primary.span.start)).collect::<Vec<_>>(), [("R0012", 10)]);
}

#[test]
fn statements_of_tests() {
    check(
        r#"
test "t" {
  expect stoped by f
       //^^^^^^ error[R0001]: expected an expression or an outcome, found `stoped`
  expect delivered twice
  stub "A" { pas }
//^^^^ error[R0001]: expected `times`, found `stub`
           //^^^ error[R0001]: expected `pass`, `send` or `}`, found `pas`
  send * -> * 5
            //^ error[R0001]: expected `{`, found `5`
  expect 1 +
  }
//^ error[R0001]: expected an expression, found `}`
"#,
    );
}
