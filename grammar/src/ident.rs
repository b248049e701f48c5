//! What is a name, as the grammar's `ident` has it, for those who look at a text without parsing it.

use pest::unicode::{XID_CONTINUE, XID_START};

/// Whether a name can begin with it.
pub fn is_start(c: char) -> bool {
    c == '_' || XID_START(c)
}

/// Whether a name can go on with it.
pub fn is_part(c: char) -> bool {
    c == '_' || XID_CONTINUE(c)
}

/// Whether a text is one name. Words of the language are names here; [`crate::keywords`] tells them.
pub fn is_name(text: &str) -> bool {
    text.starts_with(is_start) && text.chars().all(is_part)
}

/// Where the name begins that ends at the end of a text; the text's end when none does.
pub fn start_of_last(text: &str) -> usize {
    text.trim_end_matches(is_part).len()
}

#[cfg(test)]
mod tests {
    use pest::Parser as _;

    use super::*;
    use crate::parse::{RouteParser, Rule};

    #[test]
    fn the_grammar_takes_the_same() {
        for text in [
            "a",
            "_",
            "a1",
            "1a",
            "",
            "x\u{b2}",
            "\u{24b6}",
            "e\u{301}x",
            "\u{301}",
            "温室",
            "a b",
            "\u{37a}",
            "·a",
            "a·",
        ] {
            let taken = RouteParser::parse(Rule::ident, text);
            let taken = taken.is_ok_and(|pairs| pairs.as_str() == text);
            assert_eq!(is_name(text), taken, "{text}");
        }
        assert_eq!(start_of_last("msg.te\u{301}"), 4);
        assert_eq!(start_of_last("msg."), 4);
    }
}
