//! The rules of the parser, one file each. Those of names, types, flows and fleets live in the compiler.

crate::rules! {
    unexpected UNEXPECTED
    unterminated UNTERMINATED
    unknown_escape UNKNOWN_ESCAPE
    bad_number BAD_NUMBER
    unclosed UNCLOSED
    stray_close STRAY_CLOSE
    foreign_clause FOREIGN_CLAUSE
    doubled_clause DOUBLED_CLAUSE
    missing_clause MISSING_CLAUSE
    chained_comparison CHAINED_COMPARISON
    lone_range LONE_RANGE
    orphan ORPHAN
    foreign_target FOREIGN_TARGET
    not_message NOT_MESSAGE
    reserved_word RESERVED_WORD
    file_too_large FILE_TOO_LARGE
    nested_too_deep NESTED_TOO_DEEP
    too_many_items TOO_MANY_ITEMS
    expression_too_long EXPRESSION_TOO_LONG
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::{FileId, MAX_BYTES, MAX_ITEMS, Rule, parse};

    fn found(text: &str) -> Vec<&'static str> {
        parse(text, FileId(0)).1.iter().map(|d| d.code()).collect()
    }

    /// Faults too long to be written into the long form.
    fn made(rule: &Rule) -> Option<String> {
        match rule.code {
            "R0020" => Some(" ".repeat(MAX_BYTES + 1)),
            "R0022" => Some("halt a on * -> *\n".repeat(MAX_ITEMS + 1)),
            "R0023" => Some(format!("predicate p = {}", ["msg.a"; 300].join(" or "))),
            _ => None,
        }
    }

    #[test]
    fn every_example_is_what_it_says() {
        for rule in super::ALL {
            if let Some(text) = made(rule) {
                assert_eq!(found(&text), [rule.code]);
                assert!(rule.examples().is_empty(), "{}", rule.code);
                continue;
            }
            for heading in ["Fails", "Passes"] {
                let all = rule.examples();
                let mut under = all.iter().filter(|e| e.heading == heading && e.info == "route").peekable();
                assert!(under.peek().is_some(), "{} has no example that {heading}", rule.code);
                for example in under {
                    let wanted: &[&str] = if heading == "Fails" { &[rule.code] } else { &[] };
                    assert_eq!(found(&example.text), wanted, "{}", example.text);
                }
            }
        }
    }
}
