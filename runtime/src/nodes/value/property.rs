//! Property expressions, `payload.a[0]["b c"][msg.topic]`, as `normalisePropertyExpression`, `getObjectProperty` and
//! `setObjectProperty` of `@node-red/util` read them.

use route_chain::{MAX_DEPTH, Message, Object, Value};

use super::coerce;

/// A step of a property expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Seg {
    /// `.key` or `["key"]`
    Key(String),
    /// `[0]`, or digits between two points.
    Index(usize),
    /// `[msg.other]`: the key stands in the message.
    Nested(Vec<Seg>),
}

/// Why a property could not be read or set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// The expression is none.
    Invalid(String),
    /// Something on the way is undefined or null.
    NoParent(String),
}

impl Fault {
    /// As a handler that throws it tells `catch` nodes.
    pub(crate) fn thrown(&self) -> String {
        match self {
            Fault::Invalid(text) => format!("Error: {text}"),
            Fault::NoParent(text) => format!("TypeError: {text}"),
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Invalid(text) | Fault::NoParent(text) => f.write_str(text),
        }
    }
}

/// A property expression below `msg`, ready to use. One that is invalid says so when it is used, as in Node-RED.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    segs: Result<Vec<Seg>, Fault>,
    /// As it was written.
    pub(crate) text: String,
}

impl Path {
    /// Reads an expression; a leading `msg.` is dropped.
    pub(crate) fn new(text: &str) -> Self {
        Self {
            segs: parse(text.strip_prefix("msg.").unwrap_or(text)).map_err(Fault::Invalid),
            text: text.to_owned(),
        }
    }

    /// The property of a message: undefined when it is not there, an error when its parent is not there.
    pub(crate) fn get(&self, msg: &Message) -> Result<Value, Fault> {
        match self.segs.as_deref() {
            Ok([Seg::Key(key)]) => Ok(msg.get(key).cloned().unwrap_or_default()),
            Ok(segs) => get(msg.root(), segs),
            Err(fault) => Err(fault.clone()),
        }
    }

    /// Sets or (with undefined) deletes. `Ok(false)`: something on the way is neither object nor list.
    pub(crate) fn set(&self, msg: &mut Message, value: Value) -> Result<bool, Fault> {
        match self.segs.as_deref() {
            Ok([Seg::Key(key)]) => {
                is_bounded(&value, 1)?;
                match value {
                    Value::Undefined => drop(msg.remove(key)),
                    value => msg.set(key, value),
                }
                Ok(true)
            }
            Ok(segs) => set(msg.root_mut(), segs, value),
            Err(fault) => Err(fault.clone()),
        }
    }
}

/// Reads an expression into its steps. The faults are worded as Node-RED words them, positions in characters from 0.
pub(crate) fn parse(text: &str) -> Result<Vec<Seg>, String> {
    let chars: Vec<char> = text.chars().collect();
    Parser { chars: &chars, segs: Vec::new(), start: 0 }.run()
}

struct Parser<'a> {
    chars: &'a [char],
    segs: Vec<Seg>,
    /// Where the step that is being read begins.
    start: usize,
}

fn invalid(what: impl std::fmt::Display) -> String {
    format!("Invalid property expression: {what}")
}

impl Parser<'_> {
    fn run(mut self) -> Result<Vec<Seg>, String> {
        let len = self.chars.len();
        if len == 0 {
            return Err(invalid("zero-length"));
        }
        let (mut quote, mut in_box) = (None, false);
        let mut i = 0;
        while i < len {
            let c = self.chars[i];
            match (quote, c) {
                (Some(q), _) if c == q => {
                    self.end_of_quote(i, in_box)?;
                    quote = None;
                }
                (Some(_), _) => {}
                (None, '\'' | '"') => {
                    if i != self.start {
                        return Err(invalid(format!("unexpected {c} at position {i}")));
                    }
                    quote = Some(c);
                    self.start = i + 1;
                }
                (None, '.') => self.dot(i)?,
                (None, '[') => match self.open(i)? {
                    Some(behind) => {
                        i = behind;
                        continue;
                    }
                    None => in_box = true,
                },
                (None, ']') => {
                    self.close(i, in_box)?;
                    in_box = false;
                }
                (None, ' ') => return Err(invalid(format!("unexpected ' ' at position {i}"))),
                _ => {}
            }
            i += 1;
        }
        if in_box || quote.is_some() {
            return Err(invalid("unterminated expression"));
        }
        if self.start < len {
            self.segs.push(Seg::Key(self.slice(len)));
        }
        Ok(self.segs)
    }

    fn slice(&self, end: usize) -> String {
        self.chars[self.start..end].iter().collect()
    }

    fn end_of_quote(&mut self, i: usize, in_box: bool) -> Result<(), String> {
        if i == self.start {
            return Err(invalid(format!("zero-length string at position {}", self.start)));
        }
        self.segs.push(Seg::Key(self.slice(i)));
        let next = self.chars.get(i + 1);
        if in_box && next != Some(&']') {
            return Err(invalid(format!("unexpected array expression at position {}", self.start)));
        }
        if let Some(next) = next.filter(|c| !in_box && !matches!(c, '[' | '.')) {
            return Err(invalid(format!("unexpected {next} expression at position {}", i + 1)));
        }
        self.start = i + 1;
        Ok(())
    }

    fn dot(&mut self, i: usize) -> Result<(), String> {
        if i == 0 {
            return Err(invalid("unexpected . at position 0"));
        }
        if self.start != i {
            let key = self.slice(i);
            self.segs.push(index(&key).unwrap_or(Seg::Key(key)));
        }
        match self.chars.get(i + 1) {
            None => return Err(invalid("unterminated expression")),
            Some(c) if !(c.is_ascii_alphanumeric() || matches!(c, '$' | '_')) => {
                return Err(invalid(format!("unexpected {c} at position {}", i + 1)));
            }
            Some(_) => {}
        }
        self.start = i + 1;
        Ok(())
    }

    /// A bracket opens; the place behind it when a nested expression stood in it.
    fn open(&mut self, i: usize) -> Result<Option<usize>, String> {
        if i == 0 {
            return Err(invalid("unexpected [ at position 0"));
        }
        if self.start != i {
            self.segs.push(Seg::Key(self.slice(i)));
        }
        let rest = &self.chars[i + 1..];
        if rest.is_empty() {
            return Err(invalid("unterminated expression"));
        }
        if rest.starts_with(&['m', 's', 'g']) && matches!(rest.get(3), Some('.' | '[')) {
            return self.nested(i).map(Some);
        }
        if !matches!(rest[0], '"' | '\'') && !rest[0].is_ascii_digit() {
            return Err(invalid(format!("unexpected {} at position {}", rest[0], i + 1)));
        }
        self.start = i + 1;
        Ok(None)
    }

    fn nested(&mut self, i: usize) -> Result<usize, String> {
        let mut depth = 1;
        for j in i + 1..self.chars.len() {
            match self.chars[j] {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            if depth > 0 {
                continue;
            }
            let inner: String = self.chars[i + 1..j].iter().collect();
            let inner = parse(inner.strip_prefix("msg.").unwrap_or(&inner))
                .map_err(|_| format!("Invalid expression started at position {}", i + 1))?;
            // `[msg["a"]]` names the message itself first.
            let inner = match inner.split_first() {
                Some((Seg::Key(key), rest)) if key == "msg" && !rest.is_empty() => rest.to_vec(),
                _ => inner,
            };
            self.segs.push(Seg::Nested(inner));
            self.start = j + 1;
            return Ok(j + 1);
        }
        Err(invalid(format!("unmatched '[' at position {i}")))
    }

    fn close(&mut self, i: usize, in_box: bool) -> Result<(), String> {
        if !in_box {
            return Err(invalid(format!("unexpected ] at position {i}")));
        }
        if self.start != i {
            let at = index(&self.slice(i))
                .ok_or_else(|| invalid(format!("unexpected array expression at position {}", self.start)))?;
            self.segs.push(at);
        }
        self.start = i + 1;
        Ok(())
    }
}

fn index(text: &str) -> Option<Seg> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok().map(Seg::Index) } else { None }
}

/// Replaces `[msg.x]` by what the message holds there.
pub(crate) fn resolve(segs: &[Seg], msg: &Object) -> Result<Vec<Seg>, Fault> {
    let one = |seg: &Seg| match seg {
        Seg::Nested(inner) => match get(msg, inner) {
            Ok(Value::Undefined) | Err(_) => {
                Err(Fault::Invalid("Invalid expression: undefined reference".to_owned()))
            }
            Ok(Value::Number(n)) if n >= 0.0 && n.fract() == 0.0 => Ok(Seg::Index(n as usize)),
            Ok(other) => Ok(Seg::Key(coerce::to_text(&other))),
        },
        other => Ok(other.clone()),
    };
    segs.iter().map(one).collect()
}

/// The value at a path below an object.
pub(crate) fn get(root: &Object, path: &[Seg]) -> Result<Value, Fault> {
    if path.iter().any(|seg| matches!(seg, Seg::Nested(_))) {
        return get(root, &resolve(path, root)?);
    }
    let Some((first, rest)) = path.split_first() else { return Ok(Value::Undefined) };
    let mut value = match first {
        Seg::Key(key) => root.get(key).cloned(),
        Seg::Index(at) => root.get(&at.to_string()).cloned(),
        Seg::Nested(_) => None,
    }
    .unwrap_or_default();
    for seg in rest {
        value = child(&value, seg)?;
    }
    Ok(value)
}

/// `value[seg]`
fn child(value: &Value, seg: &Seg) -> Result<Value, Fault> {
    if matches!(value, Value::Undefined | Value::Null) {
        let key = match seg {
            Seg::Key(key) => key.clone(),
            Seg::Index(at) => at.to_string(),
            Seg::Nested(_) => String::new(),
        };
        let what = coerce::to_text(value);
        return Err(Fault::NoParent(format!("Cannot read properties of {what} (reading '{key}')")));
    }
    Ok(match seg {
        Seg::Key(key) => member(value, key),
        Seg::Index(at) => element(value, *at),
        Seg::Nested(_) => None,
    }
    .unwrap_or_default())
}

/// `value.key`: members of objects, elements by name, and `length`.
pub(crate) fn member(value: &Value, key: &str) -> Option<Value> {
    match value {
        Value::Object(o) => o.get(key).cloned(),
        Value::List(items) if key == "length" => Some(Value::Number(items.len() as f64)),
        Value::Bytes(b) if key == "length" => Some(Value::Number(b.len() as f64)),
        Value::Text(s) if key == "length" => Some(Value::Number(s.encode_utf16().count() as f64)),
        Value::List(_) | Value::Bytes(_) | Value::Text(_) => match index(key)? {
            Seg::Index(at) if at.to_string() == key => element(value, at),
            _ => None,
        },
        _ => None,
    }
}

fn element(value: &Value, at: usize) -> Option<Value> {
    match value {
        Value::List(items) => items.get(at).cloned(),
        Value::Bytes(b) => b.get(at).map(|b| Value::Number(f64::from(*b))),
        Value::Object(o) => o.get(&at.to_string()).cloned(),
        Value::Text(s) => s.chars().nth(at).map(|c| Value::text(c.to_string())),
        _ => None,
    }
}

/// How far past its end a list may be set, so that a message cannot ask for all memory.
const MAX_GROW: usize = 1 << 20;

/// Sets the value at a path, making objects and lists on the way; undefined deletes. `Ok(false)`: something on the way
/// is neither object nor list.
pub(crate) fn set(root: &mut Object, path: &[Seg], value: Value) -> Result<bool, Fault> {
    let path = resolve(path, root)?;
    is_bounded(&value, path.len())?;
    let Some((first, rest)) = path.split_first() else { return Ok(false) };
    let deletes = matches!(value, Value::Undefined);
    let key = name(first);
    if rest.is_empty() {
        match deletes {
            true => drop(root.remove(&key)),
            false => root.insert(&key, value),
        }
        return Ok(true);
    }
    let slot = match root.get_mut(&key) {
        Some(slot) => slot,
        None if deletes => return Ok(false),
        None => {
            root.insert(&key, made_for(rest));
            match root.get_mut(&key) {
                Some(slot) => slot,
                None => return Ok(false),
            }
        }
    };
    Ok(set_in(slot, rest, value))
}

/// Refuses a value that would be nested too deep below so many steps: a message that is put into itself again and again
/// would grow without bound.
pub(crate) fn is_bounded(value: &Value, steps: usize) -> Result<(), Fault> {
    match MAX_DEPTH.checked_sub(steps) {
        Some(room) if value.is_within(room) => Ok(()),
        _ => Err(Fault::Invalid("the message would be nested too deep or be too large".to_owned())),
    }
}

fn name(seg: &Seg) -> String {
    match seg {
        Seg::Key(key) => key.clone(),
        Seg::Index(at) => at.to_string(),
        Seg::Nested(_) => "undefined".to_owned(),
    }
}

/// What is made where nothing is: a list when the next step is a number.
fn made_for(rest: &[Seg]) -> Value {
    match rest.first() {
        Some(Seg::Index(_)) => Value::list(vec![]),
        _ => Value::object::<&str>([]),
    }
}

/// Sets below a value that is there.
fn set_in(at: &mut Value, path: &[Seg], value: Value) -> bool {
    let Some((seg, rest)) = path.split_first() else { return false };
    match at {
        Value::Object(_) => {
            let Some(object) = at.as_object_mut() else { return false };
            let key = name(seg);
            let deletes = matches!(value, Value::Undefined);
            if rest.is_empty() {
                match deletes {
                    true => drop(object.remove(&key)),
                    false => object.insert(&key, value),
                }
                return true;
            }
            if object.get(&key).is_none() {
                if deletes {
                    return false;
                }
                object.insert(&key, made_for(rest));
            }
            object.get_mut(&key).is_some_and(|slot| set_in(slot, rest, value))
        }
        Value::List(_) => {
            let by_name = matches!(seg, Seg::Key(_));
            let (Some(Seg::Index(at_index)), Some(list)) = (index(&name(seg)), at.as_list_mut()) else {
                return false;
            };
            set_in_list(list, at_index, by_name, rest, value)
        }
        Value::Bytes(bytes) => {
            let Some(Seg::Index(i)) = index(&name(seg)) else { return false };
            if let (true, Some(byte)) = (rest.is_empty(), std::sync::Arc::make_mut(bytes).get_mut(i)) {
                *byte = coerce::to_number(&value).rem_euclid(256.0) as u8;
            }
            rest.is_empty()
        }
        _ => false,
    }
}

fn set_in_list(list: &mut Vec<Value>, at: usize, by_name: bool, rest: &[Seg], value: Value) -> bool {
    let deletes = matches!(value, Value::Undefined);
    if rest.is_empty() && deletes {
        match list.get_mut(at) {
            // `delete list["1"]` leaves a hole, `list.splice(1, 1)` none.
            Some(slot) if by_name => *slot = Value::Undefined,
            Some(_) => drop(list.remove(at)),
            None => {}
        }
        return true;
    }
    if at >= list.len() {
        if deletes || at - list.len() > MAX_GROW {
            return false;
        }
        list.resize(at + 1, Value::Undefined);
    }
    if rest.is_empty() {
        list[at] = value;
        return true;
    }
    if matches!(list[at], Value::Undefined) {
        if deletes {
            return false;
        }
        list[at] = made_for(rest);
    }
    set_in(&mut list[at], rest, value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    fn msg(json: Json) -> Message {
        Message::from_json(&json)
    }

    /// What an expression finds in a message.
    fn finds(expression: &str, expected: Json) {
        let msg = msg(json!({"topic": "b", "n": 1, "payload": {"a": [1, {"b": 2}], "x y": 3, "0": "zero"}}));
        let found = Path::new(expression).get(&msg);
        let found = found.map(|v| v.to_json().unwrap_or(json!("(undefined)")));
        assert_eq!(found.unwrap_or_else(|fault| json!(fault.to_string())), expected, "{expression}");
    }

    #[test]
    fn reads() {
        finds("payload.a[1].b", json!(2));
        finds("msg.payload.a[1].b", json!(2));
        finds("payload.a[1][msg.topic]", json!(2));
        finds("payload.a[msg.n].b", json!(2));
        finds("payload.a[msg[\"n\"]].b", json!(2));
        finds("payload['x y']", json!(3));
        finds("payload.a.length", json!(2));
        finds("payload.a.1.b", json!(2));
        finds("payload[0]", json!("zero"));
        finds("payload.none", json!("(undefined)"));
        finds("none.a", json!("Cannot read properties of undefined (reading 'a')"));
        finds("payload.a[msg.none]", json!("Invalid expression: undefined reference"));
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, fault) in [
            ("", "Invalid property expression: zero-length"),
            ("a..b", "Invalid property expression: unexpected . at position 2"),
            (".a", "Invalid property expression: unexpected . at position 0"),
            ("a.", "Invalid property expression: unterminated expression"),
            ("a[", "Invalid property expression: unterminated expression"),
            ("a b", "Invalid property expression: unexpected ' ' at position 1"),
            ("a['x", "Invalid property expression: unterminated expression"),
            ("a['']", "Invalid property expression: zero-length string at position 3"),
            ("a[x]", "Invalid property expression: unexpected x at position 2"),
            ("a[1x]", "Invalid property expression: unexpected array expression at position 2"),
            ("a]", "Invalid property expression: unexpected ] at position 1"),
            ("a'b'", "Invalid property expression: unexpected ' at position 1"),
            ("a[msg.b", "Invalid property expression: unmatched '[' at position 1"),
            ("a[msg.b c]", "Invalid expression started at position 2"),
        ] {
            assert_eq!(parse(text), Err(fault.to_owned()), "{text}");
        }
    }

    /// What a message is after a property was set (null: deleted).
    fn sets(before: Json, expression: &str, value: Json, expected: (bool, Json)) {
        let mut msg = msg(before);
        let value = if value.is_null() { Value::Undefined } else { Value::from_json(&value) };
        let done = Path::new(expression).set(&mut msg, value);
        assert_eq!((done, msg.to_json()), (Ok(expected.0), expected.1), "{expression}");
    }

    #[test]
    fn sets_and_deletes() {
        sets(json!({}), "a.b[1].k", json!(7), (true, json!({"a": {"b": [null, {"k": 7}]}})));
        sets(json!({"a": "text"}), "a.b", json!(1), (false, json!({"a": "text"})));
        sets(json!({"a": null}), "a.b", json!(1), (false, json!({"a": null})));
        sets(json!({"l": [1, 2, 3]}), "l[1]", json!(null), (true, json!({"l": [1, 3]})));
        sets(json!({"l": [1]}), "l[3]", json!(4), (true, json!({"l": [1, null, null, 4]})));
        sets(json!({"a": {"b": 1}}), "a.b", json!(null), (true, json!({"a": {}})));
        sets(json!({}), "a.b", json!(null), (false, json!({})));
        sets(json!({"t": "x"}), "o[msg.t]", json!(1), (true, json!({"t": "x", "o": {"x": 1}})));
    }

    #[test]
    fn a_change_is_not_seen_by_a_clone() {
        let mut one = msg(json!({"payload": {"a": {"b": 1}}}));
        let other = one.clone();
        assert_eq!(Path::new("payload.a.b").set(&mut one, Value::Number(2.0)), Ok(true));
        assert_eq!(other.to_json(), json!({"payload": {"a": {"b": 1}}}));
    }
    #[test]
    fn a_message_put_into_itself_again_and_again_stays_bounded() {
        let path = Path::new("payload.inner");
        let mut msg = Message::from_json(&json!({"payload": {}}));
        let fault = (0..1000).find_map(|_| {
            let whole = msg.get("payload").cloned().unwrap_or_default();
            path.set(&mut msg, whole).err()
        });
        assert!(fault.is_some_and(|fault| fault.to_string().contains("nested too deep")));
    }
}
