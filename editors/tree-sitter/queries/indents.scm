; In the captures of nvim-treesitter.

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
] @indent.begin

["}" "]" ")"] @indent.branch

(block "}" @indent.end)
(fields "}" @indent.end)
(tags "}" @indent.end)
(object "}" @indent.end)
(list "]" @indent.end)

(ERROR) @indent.auto
(comment) @indent.ignore
