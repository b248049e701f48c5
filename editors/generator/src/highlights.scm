; Captures are classes of `grammar/src/class.rs`. Editors differ in which of two patterns for one node they prefer, so there is
; one for each.

(comment) @Comment
(doc_comment) @Doc

(string) @Text
(escape_sequence) @Escape
(interpolation_start) @Embed
(interpolation_end) @Embed
(regex) @Regex
(number) @Number
(unit) @Unit

(stack name: (name) @NameSpace)
(layer name: (name) @NameSpace)
(runtime name: (name) @NameSpace)
(router name: (name) @NameRouter)
(call_router name: (name) @NameRouter)
(predicate name: (name) @NamePredicate)
(constant name: (name) @NameValue)
(parameter_item name: (name) @NameValue)
(let name: (name) @NameValue)
(schema name: (name) @NameSchema)
(parameter) @Parameter
(reference) @Reference
(code) @Code

((function) @Function
  (#any-of? @Function FUNCTIONS))
((function) @Call
  (#not-any-of? @Call FUNCTIONS))
(module) @Call

(root) @Root
(property) @Property
(type) @Type
(all) @All

"->" @Arrow
(binary_expression
  operator: ["*" "/"] @Sign)
["==" "!=" "<" "<=" ">" ">=" ".." "..<" "+" "-" "%" "=" "|" "?"] @Sign
["(" ")" "[" "]" "{" "}"] @Bracket
["," ":" "."] @Separator
