(router
  body: (block
    "{"
    (_)* @function.inside
    "}")?) @function.around
(call_router
  body: (block
    "{"
    (_)* @function.inside
    "}")?) @function.around
(test
  body: (block
    "{"
    (_)* @function.inside
    "}")) @function.around

(schema
  body: (fields
    "{"
    (_)* @class.inside
    "}")) @class.around
(layer
  body: (block
    "{"
    (_)* @class.inside
    "}")) @class.around

(comment)+ @comment.around
(doc_comment)+ @comment.around
