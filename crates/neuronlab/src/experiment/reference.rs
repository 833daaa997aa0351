//! The experiment file's reference, made from the types: a JSON schema for editors and a page for people.

use super::Experiment;
use super::shape::branches;
use serde_json::Value as Schema;
use std::fmt::Write;
use std::sync::LazyLock;

/// The JSON schema of the types, in which every named choice is a table.
pub(super) fn types() -> &'static Schema {
    /// A constant, made once: a sweep checks thousands of experiments against it.
    static TYPES: LazyLock<Schema> = LazyLock::new(|| schemars::schema_for!(Experiment).to_value());
    &TYPES
}

/// The JSON schema of an experiment file, for editors: a choice may be its bare name where no field is required.
pub fn schema() -> Schema {
    let plain = types();
    let mut root = plain.clone();
    if let Some(definitions) = root["$defs"].as_object_mut() {
        for definition in definitions.values_mut() {
            let Some(variants) = definition["oneOf"].as_array_mut() else { continue };
            let bare: Vec<Schema> = variants.iter().filter_map(|v| bare_name(plain, v)).collect();
            variants.extend(bare);
        }
    }
    root
}

/// `{ "const": name }` for a named choice that requires nothing but its name.
fn bare_name(root: &Schema, variant: &Schema) -> Option<Schema> {
    let name = variant["properties"]["name"]["const"].as_str()?;
    let required = |schema: &Schema| schema["required"].as_array().map_or(0, Vec::len);
    let inner = resolve_reference(root, variant);
    let of_inner = if std::ptr::eq(inner, variant) { 0 } else { required(inner) };
    let description = &variant["description"];
    (required(variant) == 1 && of_inner == 0)
        .then(|| serde_json::json!({ "type": "string", "const": name, "description": description }))
}

/// One of the things that a field can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The name in experiment files.
    pub name: String,
    /// What it is, in a line.
    pub description: String,
}

/// What a field of the experiment can name: `data`, `init`, `loss`, `optimizer`, `schedule`, or `activation` of a layer.
pub fn choices(field: &str) -> Vec<Choice> {
    let root = types();
    let definition = match field {
        "activation" => &root["$defs"]["Activation"],
        field => resolve(root, &root["properties"][field]),
    };
    let variants = definition["oneOf"].as_array().into_iter().flatten();
    let choice = |variant: &Schema| Choice {
        name: variant["properties"]["name"]["const"].as_str().unwrap_or_default().into(),
        description: paragraph(&variant["description"]).replace('\n', " "),
    };
    variants.map(choice).collect()
}

/// The page `docs/experiment.md`: every field with its type, default and meaning.
pub fn reference() -> String {
    let root = types();
    let mut page = String::from(
        "# The experiment file\n\n\
         <!-- Made from the types by `neuronlab experiment --markdown`; do not edit. -->\n\n\
         A TOML file that says all there is to a run; with the program's version it gives the run again, bit for bit.\n\
         `neuronlab experiment xor` prints one, `neuronlab experiment --schema` prints a JSON schema for editors.\n\n\
         - Every field can be replaced on the command line: `--set optimizer.lr=0.05`, `--set init=zeros`,\n  \
         `--set network.layers.0.out_features=8`.\n\
         - An unknown field is an error. A field with a default may be left out.\n\
         - Where a field is one of several named choices, the bare name stands for the choice with its defaults:\n  \
         `init = \"normal\"` is `init = { name = \"normal\" }`.\n\
         - Numbers are finite: `nan` and `inf` are refused.\n\n",
    );
    section(&mut page, root, root, "", 2);
    page
}

/// The depth of fields of a named choice, below that of all headings.
const WITHIN_CHOICE: usize = 9;

/// One table of fields, then a section for each field that has fields itself.
fn section(page: &mut String, root: &Schema, schema: &Schema, path: &str, depth: usize) {
    let fields = schema["properties"].as_object();
    let fields: Vec<_> = fields.into_iter().flatten().filter(|(_, field)| field["const"].is_null()).collect();
    if !fields.is_empty() {
        page.push_str("| field | type | default | meaning |\n|---|---|---|---|\n");
    }
    for (name, field) in &fields {
        let default = match (&field["default"], schema["required"].as_array()) {
            (_, Some(required)) if required.iter().any(|r| r == *name) => "required".into(),
            (Schema::Null, _) => "none".into(),
            (Schema::Object(choice), _) if choice.contains_key("name") => format!("`{}`", choice["name"]),
            (value, _) => format!("`{value}`"),
        };
        let meaning = text(&field["description"]);
        let _ = writeln!(page, "| `{name}` | {} | {default} | {meaning} |", kind(root, field));
    }
    page.push('\n');
    for (name, field) in fields {
        let inner = resolve(root, field);
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let (inner, path) = if inner["items"].is_object() {
            (resolve(root, &inner["items"]), format!("{path}.0"))
        } else {
            (inner, path)
        };
        let choices = inner["oneOf"].as_array().filter(|v| v.iter().any(|v| v["properties"].is_object()));
        // The parts of a schedule are schedules, which are listed where they stand alone.
        let listed = depth == WITHIN_CHOICE && choices.is_some();
        if (inner["properties"].is_object() || choices.is_some()) && !listed {
            let _ = writeln!(page, "{} `{path}`\n\n{}\n", "#".repeat(depth), paragraph(&inner["description"]));
            match choices {
                Some(choices) => choices.iter().for_each(|c| choice(page, root, c)),
                None => section(page, root, inner, &path, depth + 1),
            }
        }
    }
}

/// A named choice and its fields, as a list.
fn choice(page: &mut String, root: &Schema, variant: &Schema) {
    let name = variant["properties"]["name"]["const"].as_str().unwrap_or_default();
    let _ = writeln!(page, "**`{name}`**: {}\n", paragraph(&variant["description"]));
    let inner = if variant["$ref"].is_string() { resolve_reference(root, variant) } else { variant };
    section(page, root, inner, "", WITHIN_CHOICE);
    // A choice without fields leaves no empty table behind.
    while page.ends_with("\n\n\n") {
        page.pop();
    }
}

fn resolve_reference<'s>(root: &'s Schema, schema: &'s Schema) -> &'s Schema {
    let name = schema["$ref"].as_str().and_then(|r| r.strip_prefix("#/$defs/"));
    name.map_or(schema, |name| &root["$defs"][name])
}

/// The schema behind references and optional fields.
fn resolve<'s>(root: &'s Schema, schema: &'s Schema) -> &'s Schema {
    match branches(schema)[..] {
        [only] => resolve(root, only),
        _ => resolve_reference(root, schema),
    }
}

fn kind(root: &Schema, field: &Schema) -> String {
    let schema = resolve(root, field);
    if let Some(variants) = schema["oneOf"].as_array() {
        let names: Vec<String> = variants
            .iter()
            .filter_map(|v| v["properties"]["name"]["const"].as_str().or(v["const"].as_str()))
            .map(|name| format!("`{name}`"))
            .collect();
        return names.join(" \\| ");
    }
    if let branches @ [_, _, ..] = &branches(schema)[..] {
        return branches.iter().map(|branch| self::kind(root, branch)).collect::<Vec<_>>().join(" \\| ");
    }
    let kinds = &schema["type"];
    let kind = kinds.as_str().or_else(|| kinds[0].as_str()).unwrap_or_default();
    match kind {
        "array" if schema["items"]["$ref"] == "#/$defs/Schedule" => "list of schedules".into(),
        "array" => format!("list of {}", self::kind(root, &schema["items"])),
        "object" => "table".into(),
        "integer" => "whole number".into(),
        "string" => "text".into(),
        other => other.into(),
    }
}

/// A description in one line, for a cell of a table.
fn text(description: &Schema) -> String {
    description.as_str().unwrap_or_default().replace('\n', " ").replace('|', "\\|")
}

fn paragraph(description: &Schema) -> &str {
    description.as_str().unwrap_or_default()
}
