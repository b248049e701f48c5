//! Flows and stacks of any size.

use std::fmt::Write;

/// Tabs of a hundred nodes, each in rows of ten: an inject, functions and switches, a debug.
pub fn flows(nodes: usize) -> String {
    let mut text = String::from("[");
    for at in 0..nodes {
        let (tab, row, column) = (at / 100, at / 10, at % 10);
        if at % 100 == 0 {
            let _ = write!(text, "{{\"id\":\"t{tab}\",\"type\":\"tab\",\"label\":\"Line {tab}\"}},");
        }
        let ty = match column {
            0 => "inject",
            9 => "debug",
            5 => "switch",
            _ => "function",
        };
        let wires = if column == 9 { String::new() } else { format!("[\"n{}\"]", at + 1) };
        let _ = write!(
            text,
            "{{\"id\":\"n{at}\",\"type\":\"{ty}\",\"z\":\"t{tab}\",\"name\":\"Row {row} step {column}\",\"x\":{},\"y\":{},\"wires\":[{wires}]}},",
            column * 100,
            row % 10 * 60
        );
    }
    text.pop();
    text.push(']');
    text
}

/// Routers of every kind, most on the wires of one row or one tab, a few on all wires of a type.
pub fn stack(routers: usize, nodes: usize) -> String {
    let (rows, tabs) = (nodes / 10, nodes.div_ceil(100));
    let mut text =
        String::from("stack line\nconst hot = 60\npredicate far(x) = x > hot * 2 and msg.unit == \"C\"\n");
    for at in 0..routers {
        let (row, tab, step) = (at * 7919 % rows, at * 31 % tabs, at % 9);
        let on = match at % 10 {
            0 => format!("tab \"Line {tab}\" and type \"function\" -> *"),
            1 => format!("\"Row {row} step {step}\" or \"Row {} step {step}\" -> *", (row + 1) % rows),
            _ => format!("\"Row {row} step {step}\" -> \"Row {row} step {}\"", step + 1),
        };
        let _ = match at % 5 {
            0 => writeln!(
                text,
                "filter r{at} on {on} {{ keep when msg.payload in -40..{} and msg.unit in [\"C\", \"F\"] }}",
                90 + at % 9
            ),
            1 => writeln!(
                text,
                "tap r{at} on {on} {{ when far(msg.payload) or msg.topic starts with \"bed/{at}\" to counter \"c{at}\" }}"
            ),
            2 => writeln!(
                text,
                "halt r{at} on {on} {{ when msg.topic == \"bed/{at}\" reason \"no longer there\" }}"
            ),
            3 => writeln!(text, "set r{at} on {on} {{ when not has msg.site msg.site = \"north\" }}"),
            _ => writeln!(text, "limit r{at} on {on} {{ at most {}/s per msg.topic }}", 1 + at % 50),
        };
    }
    text
}
