[
  (block)
  (fields)
  (tags)
  (object)
  (list)
  (parenthesized_expression)
  (parenthesized_ends)
] @fold

(comment)+ @fold
(doc_comment)+ @fold
