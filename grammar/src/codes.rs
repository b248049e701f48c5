//! The registry of syntax codes. Other crates hold registries of their own for names (R1xxx), types (R2xxx) and the stack (R3xxx).

use crate::diagnostic::Code;

macro_rules! codes {
    ($($name:ident = $code:literal, $title:literal;)*) => {
        $(#[doc = $title] pub const $name: Code = Code($code);)*
        /// Every syntax code with its title. Codes are never reused.
        pub const ALL: &[(Code, &str)] = &[$(($name, $title)),*];
    };
}

codes! {
    UNEXPECTED = "R0001", "text that does not belong here";
    UNTERMINATED = "R0002", "a string or regex without its end";
    ESCAPE = "R0003", "an unknown escape in a string";
    NUMBER = "R0004", "a number or unit that cannot be read";
    UNCLOSED = "R0005", "a brace that is never closed";
    STRAY_CLOSE = "R0006", "a closing brace without an opening one";
    FOREIGN_CLAUSE = "R0007", "a clause that this router does not have";
    DOUBLED_CLAUSE = "R0008", "a clause given twice";
    MISSING_CLAUSE = "R0009", "a clause that this router needs";
    CHAINED = "R0010", "comparisons in a row";
    RANGE = "R0011", "a range that does not follow `in`";
    ORPHAN = "R0012", "documentation or `allow` before nothing";
    TARGET = "R0013", "a target that this router cannot send to";
    NOT_MESSAGE = "R0014", "a path that is not part of the message";
    RESERVED = "R0015", "a word of the language used as a name";
    TOO_LARGE = "R0020", "a file over 4 MiB";
    TOO_NESTED = "R0021", "brackets nested deeper than 64";
    TOO_MANY_ITEMS = "R0022", "more than 20,000 items";
    TOO_LONG = "R0023", "an expression with too many operators";
}
