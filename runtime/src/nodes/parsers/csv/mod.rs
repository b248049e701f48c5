//! `csv`: between texts of comma-separated values and objects (Node-RED's 70-CSV.js). Node-RED has two parsers of its
//! own, which agree with no library: the old one (`legacy.rs`) and one after RFC 4180 (`rfc.rs`).

mod legacy;
mod rfc;
mod write;

use route_chain::{Message, Object, Value};

use crate::node::{Level, Node, NodeCx, NodeInfo, Status};
use crate::nodes::sequence::parts;
use crate::nodes::value::coerce;
use crate::nodes::value::props::{Props, say_lost};

/// When a line of names is written.
#[derive(Clone, Copy, PartialEq)]
enum Header {
    Never,
    Once,
    Always,
}

/// How texts are read and written.
struct Settings {
    rfc: bool,
    template: String,
    separator: String,
    line_end: String,
    /// All rows in one message, or a message for each.
    many: bool,
    header_in: bool,
    header_out: Header,
    skip: usize,
    numbers: bool,
    empty_texts: bool,
    nulls: bool,
}

/// The names of the columns; an empty one is left out.
type Columns = Vec<String>;

struct Csv {
    settings: Settings,
    columns: Columns,
    /// The node names no columns itself.
    no_template: bool,
    /// What old templates are split at.
    split_at: String,
    /// The columns are numbered after the cells of a first row, and only for this message.
    counted: bool,
    header_sent: bool,
    warned: bool,
    /// Rows that came as parts of a sequence.
    store: Vec<Value>,
}

/// What was read from a text.
struct Read {
    rows: Vec<Object>,
    /// What is left open at the end, if the old parser read it.
    last: Option<Object>,
    line_breaks: usize,
    is_malformed: bool,
}

/// Makes a `csv` node.
pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let plain = |text: String| text.replace("\\t", "\t").replace("\\n", "\n").replace("\\r", "\r");
    let rfc = props.text("spec") == "rfc";
    let settings = Settings {
        rfc,
        template: props.text("temp"),
        separator: plain(props.text_or("sep", ",")),
        line_end: plain(props.text_or("ret", if rfc { "\r\n" } else { "\n" })),
        many: props.text_or("multi", "one") != "one",
        header_in: matches!(props.json("hdrin"), serde_json::Value::Bool(true)),
        header_out: match props.text_or("hdrout", "none").as_str() {
            "none" | "false" => Header::Never,
            "once" => Header::Once,
            _ => Header::Always,
        },
        skip: coerce::parse_int(&Value::text(props.text_or("skip", "0"))).max(0.0) as usize,
        numbers: !props.has("strings") || props.flag("strings"),
        empty_texts: props.truthy("include_empty_strings"),
        nulls: props.truthy("include_null_values"),
    };
    let columns = match rfc {
        true => rfc::columns(&settings.template).map_err(|_| "Malformed columns template.".to_owned())?,
        false => legacy::columns(&settings.template, ","),
    };
    Ok(Box::new(Csv {
        no_template: is_empty(&columns),
        columns,
        settings,
        split_at: ",".to_owned(),
        counted: false,
        header_sent: false,
        warned: false,
        store: Vec::new(),
    }))
}

/// Whether there are no names of columns.
fn is_empty(columns: &[String]) -> bool {
    columns.is_empty() || matches!(columns, [only] if only.is_empty())
}

impl Csv {
    fn write(&mut self, mut msg: Message, cx: &mut NodeCx<'_>) -> Result<(), String> {
        let later = parts::of(&msg).and_then(|parts| parts::number(parts, "index")).is_some_and(|n| n > 0.0);
        if !(self.no_template && later) {
            self.columns = self.own_columns()?;
        }
        let payload = msg.get("payload").cloned().unwrap_or_default();
        let named = match msg.get("columns") {
            None => None,
            Some(columns) if coerce::truthy(columns) => Some(coerce::to_text(columns)),
            Some(_) => Some(String::new()),
        };
        let mut writer = write::Writer {
            settings: &self.settings,
            columns: std::mem::take(&mut self.columns),
            named: named.as_deref(),
            header_sent: self.header_sent,
            lacks_template: false,
        };
        let written = writer.write(&payload);
        let lacks_template = writer.lacks_template;
        self.header_sent = writer.header_sent;
        self.columns = writer.columns;
        if lacks_template && !std::mem::replace(&mut self.warned, true) {
            cx.log(Level::Warn, "No columns template specified for object -> CSV.");
        }
        let text = written?;
        msg.set("columns", Value::text(self.named(self.settings.rfc)));
        if !text.is_empty() {
            msg.set("payload", Value::text(text));
            cx.send(0, msg.clone());
        }
        cx.done(&msg);
        Ok(())
    }

    fn own_columns(&self) -> Result<Columns, String> {
        match self.settings.rfc {
            true => rfc::columns(&self.settings.template),
            false => Ok(legacy::columns(&self.settings.template, &self.split_at)),
        }
    }

    /// `msg.columns`: the names, separated by commas.
    fn named(&self, drop_empty: bool) -> String {
        let kept = self.columns.iter().filter(|name| !drop_empty || !name.is_empty());
        let name = |name: &String| match self.settings.rfc {
            true => write::quoted(name, ","),
            false if name.contains(',') => format!("\"{name}\""),
            false => name.clone(),
        };
        kept.map(name).collect::<Vec<_>>().join(",")
    }

    fn read(&mut self, msg: Message, text: &str, cx: &mut NodeCx<'_>) -> Result<(), String> {
        let place = parts::of(&msg).map(|parts| {
            let number = |key| parts::number(parts, key);
            (number("index").unwrap_or(0.0), number("count"))
        });
        let read = match self.settings.rfc {
            true => match self.read_rfc(text, place.map(|(index, _)| index))? {
                Some(read) => read,
                None => return Ok(()),
            },
            false => self.read_legacy(text, place.map(|(index, _)| index)),
        };
        if read.is_malformed {
            cx.log(Level::Warn, "Malformed CSV data - output probably corrupt.");
        }
        if self.settings.many {
            self.send_all(&msg, read, place, cx);
        } else {
            self.send_each(&msg, read.rows, place, cx);
        }
        cx.done(&msg);
        Ok(())
    }

    fn send_all(
        &mut self,
        msg: &Message,
        read: Read,
        place: Option<(f64, Option<f64>)>,
        cx: &mut NodeCx<'_>,
    ) {
        let mut msg = msg.clone();
        let mut rows: Vec<Value> = read.rows.into_iter().map(|row| Value::Object(row.into())).collect();
        if let Some((index, count)) = place.filter(|_| read.line_breaks <= 1) {
            // A line of a file that comes line by line: all of them make one message.
            match (self.settings.rfc, read.last) {
                (true, _) => self.store.append(&mut rows),
                (false, Some(last)) => self.store.push(Value::Object(last.into())),
                (false, None) => {}
            }
            if count != Some(index + 1.0) {
                return;
            }
            rows = std::mem::take(&mut self.store);
            msg.remove("parts");
        }
        msg.set("payload", Value::list(rows));
        msg.set("columns", Value::text(self.named(true)));
        cx.send(0, msg);
    }

    fn send_each(
        &mut self,
        msg: &Message,
        rows: Vec<Object>,
        place: Option<(f64, Option<f64>)>,
        cx: &mut NodeCx<'_>,
    ) {
        let last = place.is_some_and(|(index, count)| count.is_some_and(|count| index + 1.0 >= count));
        let columns = Value::text(self.named(true));
        let total = rows.len();
        for (at, row) in rows.into_iter().enumerate() {
            let mut out = msg.clone();
            out.set("columns", columns.clone());
            out.set("payload", Value::Object(row.into()));
            match place {
                None => {
                    out.remove("parts");
                    let id = msg.get("_msgid").cloned().unwrap_or_default();
                    let (index, count) = (Value::Number(at as f64), Value::Number(total as f64));
                    parts::set(&mut out, &[("id", id), ("index", index), ("count", count)]);
                }
                Some((index, count)) => {
                    let before = self.settings.skip as f64 + f64::from(u8::from(self.settings.header_in));
                    let count = Value::Number(count.unwrap_or(f64::NAN) - before);
                    parts::set(&mut out, &[("index", Value::Number(index - before)), ("count", count)]);
                }
            }
            if last {
                out.set("complete", Value::Bool(true));
            }
            cx.send(0, out);
        }
        if last && total == 0 {
            cx.send(0, Message::from_object([("complete", Value::Bool(true))].into_iter().collect()));
        }
    }
}

impl Node for Csv {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        if self.settings.rfc {
            cx.status(Status::clear());
        }
        let resets = msg.get("reset").is_some();
        if resets {
            self.header_sent = false;
        }
        let done = match msg.get("payload").cloned() {
            None => {
                if !resets {
                    cx.send(0, msg.clone());
                }
                return cx.done(&msg);
            }
            Some(Value::Text(text)) => self.read(msg.clone(), &text, cx),
            Some(Value::Undefined | Value::Bool(_) | Value::Number(_)) => {
                let text = "This node only handles CSV strings or js objects.";
                if !self.settings.rfc {
                    cx.log(Level::Warn, text);
                    return cx.done(&msg);
                }
                cx.status(Status::new("red", "dot", text));
                Err(format!("Error: {text}"))
            }
            Some(_) => self.write(msg.clone(), cx),
        };
        if let Err(fault) = done {
            cx.error(&fault, Some(&msg));
        }
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        say_lost(cx, self.store.len());
    }
}

#[cfg(test)]
mod tests {
    use crate::nodes::testkit::Bench;
    use serde_json::{Value as Json, json};

    /// What a node makes of payloads.
    fn check(config: Json, payloads: Json, expected: Json) {
        let mut node = Bench::new(super::make, config.clone());
        for payload in payloads.as_array().into_iter().flatten() {
            node.receive(json!({ "payload": payload }));
        }
        assert_eq!(node.payloads(), expected, "{config} {payloads} {:?}", node.errors());
    }

    #[test]
    fn reads_with_both_parsers() {
        let text = "# c\na,b\n1,\"x, \"\"y\"\"\"\n007,\n";
        for spec in ["", "rfc"] {
            let config = json!({"hdrin": true, "multi": "mult", "skip": "1", "spec": spec});
            check(config, json!([text]), json!([[{"a": 1, "b": "x, \"y\""}, {"a": "007"}]]));
        }
        let mut node = Bench::new(super::make, json!({"temp": "a,,c", "sep": ";", "strings": false}));
        let sent = node.receive(json!({"payload": "1;2;3\n4;5;6"})).sent();
        assert_eq!(
            (&sent[0][1]["payload"], &sent[1][1]["parts"]["index"], &sent[0][1]["columns"]),
            (&json!({"a": "1", "c": "3"}), &json!(1), &json!("a,c"))
        );
    }

    #[test]
    fn without_a_template() {
        check(json!({}), json!(["1,2\n3,4"]), json!([{"col1": 1, "col2": 2}, {"col1": 3, "col2": 4}]));
        check(
            json!({"spec": "rfc"}),
            json!(["1,2\n3,4"]),
            json!([{"col1": 1, "col2": 2}, {"col1": 3, "col2": 4}]),
        );
    }

    #[test]
    fn empty_and_missing_cells() {
        let config = |spec: &str| json!({"temp": "a,b,c", "include_empty_strings": true, "include_null_values": true, "spec": spec});
        check(config(""), json!(["1,,\"\""]), json!([{"a": 1, "b": null, "c": ""}]));
        check(config("rfc"), json!(["1,,\"\""]), json!([{"a": 1, "b": null, "c": null}]));
        check(json!({"temp": "a,b"}), json!([",1"]), json!([{"b": 1}]));
    }

    #[test]
    fn numbers() {
        let text = "1,-2.5,1e3,1E+2,007,0x1f,+5,.5,1.";
        let legacy = json!([{"col1": 1, "col2": -2.5, "col3": 1000, "col4": 100, "col5": "007", "col6": "0x1f", "col7": "+5", "col8": 0.5, "col9": "1."}]);
        check(json!({}), json!([text]), legacy);
        let rfc = json!([{"col1": 1, "col2": -2.5, "col3": 1000, "col4": 100, "col5": "007", "col6": 31, "col7": "+5", "col8": 0.5, "col9": 1}]);
        check(json!({"spec": "rfc"}), json!([text]), rfc);
    }

    #[test]
    fn writes() {
        let rows = json!([{"a": 1, "b": "x,y"}, {"b": null, "c": true}]);
        check(json!({"hdrout": "once", "ret": "\\n"}), json!([rows, {"a": 2}]), {
            json!(["a,b\n1,\"x,y\"\n,null\n", "2\n"])
        });
        check(json!({"temp": "a,b,c", "hdrout": "all"}), json!([{"a": "q\"", "c": {"k": 1}}]), {
            json!(["a,b,c\n\"q\"\"\",,\"{\"\"k\"\":1}\"\n"])
        });
        check(json!({}), json!([[[1, 2], [3, "x\ny"]], [1, 2, 3]]), json!(["1,2\n3,\"x\ny\"\n", "1,2,3\n"]));
        check(json!({"spec": "rfc", "temp": "a,b"}), json!([[{"a": 1, "b": 2}], [[3, 4]]]), {
            json!(["1,2\r\n", "3,4\r\n"])
        });
    }

    #[test]
    fn lines_of_a_file() {
        let mut node = Bench::new(super::make, json!({"temp": "a,b", "multi": "mult"}));
        for (index, line) in ["1,2", "3,4"].iter().enumerate() {
            node.receive(json!({"payload": line, "parts": {"id": 1, "index": index, "count": 2}}));
        }
        assert_eq!(
            node.sent(),
            json!([[0, {"payload": [{"a": 1, "b": 2}, {"a": 3, "b": 4}], "columns": "a,b"}]])
        );
    }

    #[test]
    fn faults() {
        let mut node = Bench::new(super::make, json!({"spec": "rfc", "hdrin": true}));
        node.receive(json!({"payload": "a,b\"c\n1,2"})).receive(json!({"payload": 5}));
        let errors = node.errors();
        assert_eq!(
            errors,
            [
                "UnquotedQuoteError: Quote found in the middle of an unquoted field",
                "Error: This node only handles CSV strings or js objects."
            ]
        );
    }
}
