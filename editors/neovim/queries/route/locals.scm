[
  (file)
  (predicate)
] @local.scope

(constant name: (name) @local.definition.constant)
(parameter_item name: (name) @local.definition.constant)
(let name: (name) @local.definition.var)
(predicate name: (name) @local.definition.function
  (#set! definition.function.scope "parent"))
(parameter) @local.definition.parameter
(schema name: (name) @local.definition.type)
(runtime name: (name) @local.definition.namespace)
(router name: (name) @local.definition.function)
(call_router name: (name) @local.definition.function)

(reference) @local.reference
(function) @local.reference
(type) @local.reference
