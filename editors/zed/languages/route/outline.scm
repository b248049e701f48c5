(doc_comment) @annotation

(stack
  "stack" @context
  name: (name) @name) @item
(layer
  "layer" @context
  name: (name) @name) @item
(constant
  "const" @context
  name: (name) @name) @item
(parameter_item
  "param" @context
  name: (name) @name) @item
(let
  "let" @context
  name: (name) @name) @item
(predicate
  "predicate" @context
  name: (name) @name) @item
(schema
  "schema" @context
  name: (name) @name) @item
(runtime
  "runtime" @context
  name: (name) @name) @item
(router
  kind: _ @context
  name: (name) @name) @item
(call_router
  kind: _ @context
  name: (name) @name) @item
(test
  "test" @context
  name: (string) @name) @item
