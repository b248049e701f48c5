; A predicate is no scope: its own name would be known in it alone. Parameters shadow nothing, since that is a finding.

(file) @local.scope

(constant name: (name) @local.definition)
(parameter_item name: (name) @local.definition)
(let name: (name) @local.definition)
(predicate name: (name) @local.definition)
(parameter) @local.definition
(schema name: (name) @local.definition)
(runtime name: (name) @local.definition)
(router name: (name) @local.definition)
(call_router name: (name) @local.definition)

(reference) @local.reference
(function) @local.reference
(type) @local.reference
