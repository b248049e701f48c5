//! JSON schemas: a library checks, what does not fit is told in the words of Ajv, which Node-RED uses.

use route_chain::Value;

/// What does not fit: a list of errors as Ajv has them, and one text.
pub(super) type Misfit = (Value, String);

#[cfg(feature = "json-schema")]
mod with_library {
    use jsonschema::Validator;
    use jsonschema::error::ValidationErrorKind;
    use serde_json::{Value as Json, json};

    use super::{Misfit, Value};

    /// A compiled schema.
    pub(in super::super) struct Schema(Validator);

    impl Schema {
        /// Compiles; without a `$schema` it is of draft 7.
        pub(in super::super) fn compile(schema: &Value) -> Result<Self, String> {
            let json = schema.to_json().unwrap_or_default();
            let mut options = jsonschema::options();
            if json.get("$schema").is_none() {
                options = options.with_draft(jsonschema::Draft::Draft7);
            }
            options.build(&json).map(Self).map_err(|e| e.to_string())
        }

        /// Checks a value.
        pub(in super::super) fn check(&self, value: &Value) -> Result<(), Misfit> {
            let json = value.to_json().unwrap_or_default();
            let mut errors = Vec::new();
            let mut texts = Vec::new();
            for error in self.0.iter_errors(&json) {
                let (keyword, params, text) = told(error.kind(), &error.to_string());
                let place = error.instance_path().to_string();
                texts.push(format!("data{place} {text}"));
                errors.push(json!({
                    "instancePath": place,
                    "schemaPath": format!("#{}", error.schema_path()),
                    "keyword": keyword,
                    "params": params,
                    "message": text,
                }));
            }
            match errors.is_empty() {
                true => Ok(()),
                false => Err((Value::from_json(&Json::Array(errors)), texts.join(", "))),
            }
        }
    }

    /// Keyword, parameters and text of an error.
    fn told(kind: &ValidationErrorKind, said: &str) -> (&'static str, Json, String) {
        use ValidationErrorKind as Kind;
        let limit = |keyword, comparison: &str, limit: &Json| {
            let params = json!({ "comparison": comparison, "limit": limit });
            (keyword, params, format!("must be {comparison} {limit}"))
        };
        let count = |keyword, what: &str, more: &str, limit: u64| {
            let text = format!("must NOT have {more} than {limit} {what}");
            (keyword, json!({ "limit": limit }), text)
        };
        match kind {
            Kind::Type { kind } => {
                let types = type_names(kind);
                (("type"), json!({ "type": types }), format!("must be {types}"))
            }
            Kind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let text = format!("must have required property '{name}'");
                ("required", json!({ "missingProperty": name }), text)
            }
            Kind::AdditionalProperties { unexpected } => (
                "additionalProperties",
                json!({ "additionalProperty": unexpected.first() }),
                "must NOT have additional properties".to_owned(),
            ),
            Kind::Enum { options } => (
                "enum",
                json!({ "allowedValues": &**options }),
                "must be equal to one of the allowed values".to_owned(),
            ),
            Kind::Constant { expected_value } => (
                "const",
                json!({ "allowedValue": &**expected_value }),
                "must be equal to constant".to_owned(),
            ),
            Kind::Minimum { limit: l } => limit("minimum", ">=", l),
            Kind::Maximum { limit: l } => limit("maximum", "<=", l),
            Kind::ExclusiveMinimum { limit: l } => limit("exclusiveMinimum", ">", l),
            Kind::ExclusiveMaximum { limit: l } => limit("exclusiveMaximum", "<", l),
            Kind::MinLength { limit } => count("minLength", "characters", "fewer", *limit),
            Kind::MaxLength { limit } => count("maxLength", "characters", "more", *limit),
            Kind::MinItems { limit } => count("minItems", "items", "fewer", *limit),
            Kind::MaxItems { limit } => count("maxItems", "items", "more", *limit),
            Kind::MinProperties { limit } => count("minProperties", "properties", "fewer", *limit),
            Kind::MaxProperties { limit } => count("maxProperties", "properties", "more", *limit),
            Kind::Pattern { pattern } => {
                ("pattern", json!({ "pattern": pattern }), format!("must match pattern \"{pattern}\""))
            }
            Kind::Format { format } => {
                ("format", json!({ "format": format }), format!("must match format \"{format}\""))
            }
            Kind::AnyOf { .. } => ("anyOf", json!({}), "must match a schema in anyOf".to_owned()),
            Kind::OneOfMultipleValid { .. } | Kind::OneOfNotValid { .. } => {
                ("oneOf", json!({}), "must match exactly one schema in oneOf".to_owned())
            }
            Kind::Not { .. } => ("not", json!({}), "must NOT be valid".to_owned()),
            _ => ("", json!({}), said.to_owned()),
        }
    }

    fn type_names(kind: &jsonschema::error::TypeKind) -> String {
        match kind {
            jsonschema::error::TypeKind::Single(one) => one.to_string(),
            jsonschema::error::TypeKind::Multiple(many) => {
                many.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(",")
            }
        }
    }
}

#[cfg(feature = "json-schema")]
pub(super) use with_library::Schema;

/// Stands for schemas where the feature `json-schema` is not built in: none compiles.
#[cfg(not(feature = "json-schema"))]
pub(super) struct Schema;

#[cfg(not(feature = "json-schema"))]
impl Schema {
    pub(super) fn compile(_: &Value) -> Result<Self, String> {
        Err("this build has no JSON schemas".to_owned())
    }
    pub(super) fn check(&self, _: &Value) -> Result<(), Misfit> {
        Ok(())
    }
}
