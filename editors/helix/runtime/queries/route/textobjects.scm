(router
  body: (block)? @function.inside) @function.around
(call_router
  body: (block)? @function.inside) @function.around
(predicate
  value: (_) @function.inside) @function.around

(schema
  body: (fields) @class.inside) @class.around
(layer
  body: (block) @class.inside) @class.around
(runtime
  body: (block) @class.inside) @class.around

(test
  body: (block) @test.inside) @test.around

(parameters
  ((_) @parameter.inside . ","? @parameter.around) @parameter.around)
(call
  ((_) @parameter.inside . ","? @parameter.around) @parameter.around)
(pair
  value: (_) @entry.inside) @entry.around

(comment) @comment.inside
(comment)+ @comment.around
(doc_comment) @comment.inside
(doc_comment)+ @comment.around
