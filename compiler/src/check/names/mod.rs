//! Names: what is declared, and what nodes, tabs and files are called.

route_grammar::rules! {
    unknown_node UNKNOWN_NODE
    unknown_tab UNKNOWN_TAB
    unknown_group UNKNOWN_GROUP
    unknown_type UNKNOWN_TYPE
    unknown_subflow UNKNOWN_SUBFLOW
    unknown_id UNKNOWN_ID
    ambiguous_node AMBIGUOUS_NODE
    unknown_runtime UNKNOWN_RUNTIME
    unknown_name UNKNOWN_NAME
    wrong_kind_of_name WRONG_NAME
    duplicate DUPLICATE
    shadowed SHADOWED
    unused UNUSED
    no_output NO_OUTPUT
    disabled_node DISABLED_NODE
    no_match NO_MATCH
    bad_regex BAD_REGEX
    use_cycle USE_CYCLE
    unreadable UNREADABLE
    unknown_schema UNKNOWN_SCHEMA
    missing_param PARAM_MISSING
    unknown_param PARAM_UNKNOWN
    bad_param PARAM_VALUE
    unknown_function UNKNOWN_FUNCTION
    arity ARITY
    recursion RECURSION
    unused_allow UNUSED_ALLOW
    unknown_rule UNKNOWN_CODE
    output_of_destination PORT_OF_DEST
    unknown_field_of_end UNKNOWN_FIELD_OF_END
    unknown_router UNKNOWN_ROUTER
    overlay_beyond_its_reach OVERLAY
    dangling_id DANGLING_ID
}
