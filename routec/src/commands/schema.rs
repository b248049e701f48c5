//! `routec schema`: JSON Schema to a `schema` item, and the schemas of a stack to JSON Schema.

use std::path::Path;

use route_compiler::shapes;
use serde_json::Value as Json;

use crate::args::Schema;
use crate::compile::compile_project;
use crate::fault::Fault;
use crate::input::Project;
use crate::render::Style;
use crate::{Outcome, input, to_stderr, to_stdout};

pub(crate) fn run(args: &Schema, style: Style) -> Result<Outcome, Fault> {
    let is_json = args.what.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if is_json { from_json(&args.what, args.name.as_deref()) } else { to_json(args, style) }
}

fn from_json(path: &Path, name: Option<&str>) -> Result<Outcome, Fault> {
    let shown = path.display();
    let document: Json = serde_json::from_str(&input::json(path)?)
        .map_err(|e| Fault::new(format!("`{shown}` is no JSON: {e}")))?;
    jsonschema::meta::validate(&document)
        .map_err(|e| Fault::new(format!("`{shown}` is no JSON Schema: at `{}`: {e}", e.instance_path())))?;
    let read = shapes::from_json_schema(&document).map_err(|e| Fault::new(format!("`{shown}`: {e}")))?;
    let title = document["title"].as_str().map(str::to_owned);
    let stem = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = name.map_or_else(|| shapes::name_of(&title.unwrap_or_else(stem)), str::to_owned);
    to_stdout(&shapes::item(&name, &read.shape))?;
    if !read.left_out.is_empty() {
        to_stderr("left out, because a schema of this language has no place for it:\n");
        read.left_out.iter().for_each(|what| to_stderr(&format!("  {what}\n")));
    }
    Ok(Outcome::Clean)
}

fn to_json(args: &Schema, style: Style) -> Result<Outcome, Fault> {
    let project = Project::of_stack(&args.what, args.flows.as_deref(), "routec schema")?;
    let compiled = compile_project(&project, &args.compile)?;
    let schemas = &compiled.output.stack.schemas;
    if compiled.output.set.is_none() {
        compiled.report_errors(style.or(project.format));
        return Ok(Outcome::Findings);
    }
    let documents: Vec<(&str, Json)> = schemas
        .iter()
        .filter(|(name, _)| args.name.as_ref().is_none_or(|wanted| wanted == name))
        .map(|(name, shape)| (name.as_str(), shapes::to_json_schema(name, shape)))
        .collect();
    let value = match (documents.as_slice(), &args.name) {
        ([], Some(name)) => return Err(Fault::new(format!("no schema is named `{name}`"))),
        ([], None) => return Err(Fault::new("the stack has no schema")),
        ([(_, one)], _) => one.clone(),
        (many, _) => many.iter().map(|(name, document)| ((*name).to_owned(), document.clone())).collect(),
    };
    let text = serde_json::to_string_pretty(&value)
        .map_err(|e| Fault::new(format!("cannot write the schema: {e}")))?;
    to_stdout(&format!("{text}\n"))?;
    Ok(Outcome::Clean)
}
