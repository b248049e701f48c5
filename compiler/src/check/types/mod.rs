//! Types: operands, literals, fields of schemas.

route_grammar::rules! {
    never_compares NEVER_COMPARES
    wrong_literal WRONG_LITERAL
    unknown_field UNKNOWN_FIELD
    not_a_condition NOT_A_CONDITION
    bad_cidr BAD_CIDR
    not_constant NOT_CONSTANT
    misplaced MISPLACED
    unknown_value_type UNKNOWN_VALUE_TYPE
    wrong_operand WRONG_OPERAND
    grows_too_large TOO_LARGE
    bad_log BAD_LOG
    field_missing_on_some SOME_UNKNOWN_FIELD
    absent_turns_on ABSENT_TURNS_ON
    always_true ALWAYS_TRUE
    always_false ALWAYS_FALSE
}
