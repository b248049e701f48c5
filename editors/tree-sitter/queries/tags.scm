(stack name: (name) @name) @definition.module
(layer name: (name) @name) @definition.module
(runtime name: (name) @name) @definition.module

((doc_comment)* @doc
  .
  [
    (constant name: (name) @name)
    (parameter_item name: (name) @name)
    (let name: (name) @name)
  ] @definition.constant
  (#strip! @doc "^///\\s*"))

((doc_comment)* @doc
  .
  (predicate name: (name) @name) @definition.function
  (#strip! @doc "^///\\s*"))

((doc_comment)* @doc
  .
  (schema name: (name) @name) @definition.type
  (#strip! @doc "^///\\s*"))

((doc_comment)* @doc
  .
  [
    (router name: (name) @name)
    (call_router name: (name) @name)
  ] @definition.function
  (#strip! @doc "^///\\s*"))

(call function: (function) @name) @reference.call
(plugin module: (module) @name) @reference.call
(outcome router: (reference) @name) @reference.call
(carry schema: (reference) @name) @reference.type
