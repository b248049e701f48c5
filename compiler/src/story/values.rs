//! Values as people read them: short, on one line.

use route_chain::{Message, Value};

/// Characters of a value that are shown.
const SHOWN: usize = 60;

/// A value, cut when it is long; `None`: `absent`.
pub fn short(value: Option<&Value>) -> String {
    match value {
        None => "absent".to_owned(),
        Some(Value::Undefined) => "undefined".to_owned(),
        Some(Value::Bytes(bytes)) => format!("a Buffer of {} bytes", bytes.len()),
        Some(value) => cut(&value.to_text(), SHOWN),
    }
}

/// A message on one line, without its `_msgid`.
pub fn message(msg: &Message, most: usize) -> String {
    let mut shown = msg.clone();
    shown.remove("_msgid");
    cut(&shown.to_value().to_text(), most)
}

/// The text, or its beginning and how much is missing.
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((at, _)) => {
            let kept = text.get(..at).unwrap_or_default();
            format!("{kept}… ({} characters)", text.chars().count())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut_and_say_so() {
        assert_eq!(short(None), "absent");
        assert_eq!(short(Some(&Value::text("é\n"))), r#""é\n""#);
        assert_eq!(short(Some(&Value::bytes([1, 2]))), "a Buffer of 2 bytes");
        let long = short(Some(&Value::text("é".repeat(1000))));
        assert!(long.starts_with("\"éé") && long.ends_with("é… (1002 characters)"), "{long}");
    }
}
