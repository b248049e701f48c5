[
  (block)
  (fields)
  (tags)
  (object)
  (list)
  (parameters)
  (call)
  (parenthesized_expression)
  (parenthesized_ends)
] @indent

["}" "]" ")"] @outdent
