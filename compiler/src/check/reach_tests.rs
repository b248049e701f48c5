//! Conditions and routers whose outcome is known beforehand.

use crate::testkit::check;

#[test]
fn parts_of_a_condition_that_others_decide() {
    check(
        r#"
halt a on * -> "Log" { when msg.payload > 5 and msg.payload < 3 }
//                                              ^^^^^^^^^^^^^^^ warning[R2051]: `msg.payload < 3` is never true
halt b on * -> "Log" { when msg.topic == "x" and has(msg.topic) }
//                                               ^^^^^^^^^^^^^^ warning[R2050]: `has(msg.topic)` is always true here
halt c on * -> "Log" { when msg.payload is number or msg.payload < 3 }
//                                                   ^^^^^^^^^^^^^^^ warning[R2051]: `msg.payload < 3` is never true
halt d on "Sensor 2" -> * { when not (msg.t in 0..9 and msg.t is string) }
//                                                      ^^^^^^^^^^^^^^^ warning[R2051]: `msg.t is string` is never true
halt e on "Sensor 1" -> * { when msg.topic starts with "plant/" and msg.topic matches /^plant\/[0-9]/ and msg.n % 2 == 0 }
filter f on * -> "Alarm" { keep when msg.unit != "C" or msg.unit != "F" }
//                                                      ^^^^^^^^^^^^^^^ warning[R2050]: `msg.unit != "F"` is always true here
tap g on * -> "Alarm" { when msg.payload.a > 1 and msg.payload is object to stream }
//                                                 ^^^^^^^^^^^^^^^^^^^^^ warning[R2050]: `msg.payload is object` is always true here
tap h on * -> "Alarm" { when msg.topic in [] to stream }
//                           ^^^^^^^^^^^^^^^ warning[R2051]: the condition of tap `h` is never true
"#,
    );
}

#[test]
fn what_does_not_read_the_message_is_left_alone() {
    check(
        r#"
param debug = false
const most = 5
halt a on * -> "Log" { when debug and msg.payload > most }
halt b on * -> * { when source.type == "mqtt in" and msg.payload > 3 }
halt c on * -> "Log" { when most > 3 }
tap d on * -> "Alarm" { when sample(5%) or sample(5%) to stream }
"#,
    );
}

#[test]
fn routers_that_no_message_reaches() {
    check(
        r#"
filter numbers on * -> "Log" { keep when msg.payload is number and msg.payload in 0..100 }
halt text on * -> "Log" { when msg.payload is string }
//   ^^^^ warning[R3050]: no message reaches halt `text`
halt cold on * -> "Log" { when msg.topic == "t" and msg.payload < 20 }
halt frost on * -> "Log" { when msg.payload < 0 or msg.topic == "t" and msg.payload < 10 }
//   ^^^^^ warning[R3050]: no message reaches halt `frost`
tap sure on * -> "Log" { when msg.payload <= 100 to stream }
//                            ^^^^^^^^^^^^^^^^^^ warning[R2050]: the condition of tap `sure` is always true here
halt rest on * -> "Log"
tap late on "Threshold" -> "Log" { to stream }
//  ^^^^ warning[R3050]: no message reaches tap `late`
"#,
    );
}

#[test]
fn a_router_is_reached_when_one_of_its_wires_leads_there() {
    check(
        r#"
halt quiet on "Threshold" -> "Log"
tap all on * -> * { to stream }
set unit on * -> "Alarm" { when not has(msg.unit) msg.unit = "C" }
tap odd on * -> "Alarm" { when not has(msg.unit) to stream }
//  ^^^ warning[R3050]: no message reaches tap `odd`
"#,
    );
}

#[test]
fn a_change_in_between_makes_all_things_possible() {
    check(
        r#"
halt high on * -> "Log" { when msg.payload > 10 }
set more on * -> "Log" { msg.payload = msg.payload + 1 }
halt higher on * -> "Log" { when msg.payload > 10 }
break look on * -> "Log" { when msg.topic == "x" hold at most 5 for 1s then pass }
halt again on * -> "Log" { when msg.payload > 10 }
"#,
    );
}

#[test]
fn routers_that_do_what_another_did() {
    check(
        r#"
tap one on * -> "Log" { when msg.payload > 1 to counter "c" }
tap two on * -> "Log" { when msg.payload > 1 to counter "c" }
//  ^^^ warning[R3051]: tap `two` does what tap `one` does
tap three on * -> "Alarm" { when msg.payload > 1 to counter "c" }
set unit on * -> "Log" { msg.payload = msg.payload + 1 }
tap four on * -> "Log" { when msg.payload > 1 to counter "c" }
"#,
    );
}

#[test]
fn a_thousand_rules_take_no_square_of_time() {
    let rule = |at: usize| {
        format!("halt h{at} on * -> \"Log\" {{ when msg.topic == \"t/{at}\" and msg.n > {} }}\n", at % 7)
    };
    let text: String = (0..1000).map(rule).chain([rule(3)]).collect();
    let output = crate::testkit::run_on(crate::testkit::FLOW, &text.replacen("h3 ", "first ", 1));
    let said: Vec<&str> = output.diagnostics.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(said, ["no message reaches halt `h3`"]);
}

#[test]
fn a_schema_decides() {
    check(
        r#"
schema Reading { topic: string payload: { t: number, unit: "C" | "F", ok?: bool } }
carry Reading on "Sensor 1" -> *
halt a on "Sensor 1" -> * { when msg.payload.t is number and msg.payload.t > 5 }
//                               ^^^^^^^^^^^^^^^^^^^^^^^ warning[R2050]: `msg.payload.t is number` is always true here
halt b on "Sensor 1" -> * { when msg.payload.unit == "C" or msg.payload.unit == "F" or msg.topic == "x" }
//                                                          ^^^^^^^^^^^^^^^^^^^^^^^ warning[R2050]: `msg.payload.unit == "F"` is always true here
halt c on "Sensor 1" -> * { when msg.payload.unit == "K" }
//                               ^^^^^^^^^^^^^^^^^^^^^^^ warning[R2051]: the condition of halt `c` is never true
halt d on "Sensor 1" -> * { when has msg.payload.ok and msg.payload.unit != "C" }
halt e on * -> "Threshold" { when msg.payload.unit == "K" }
"#,
    );
    // What a router changed is no longer as the schema has it.
    check(
        r#"
schema Reading { payload: { t: number, unit: "C" | "F" } }
carry Reading on "Sensor 1" -> *
set kelvin on "Sensor 1" -> * { when msg.payload.t > 200 msg.payload.unit = "K" }
halt c on "Sensor 1" -> * { when msg.payload.unit == "K" }
"#,
    );
}
