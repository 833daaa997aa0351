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

/// The JSON schema of an experiment file, for editors: a choice may be its bare name where no field is required, a network
/// its sizes, a layer the number of its neurons.
pub fn schema() -> Schema {
    let plain = types();
    let mut root = plain.clone();
    let sizes = serde_json::json!({ "type": "string", "pattern": "^[0-9]+(-[0-9]+)+$" });
    let neurons = serde_json::json!({ "type": "integer", "minimum": 1 });
    let network = &mut root["properties"]["network"];
    let (description, long) = (network["description"].clone(), network["$ref"].clone());
    *network = serde_json::json!({ "description": description, "anyOf": [{ "$ref": long }, sizes] });
    let layers = &mut root["$defs"]["NetworkConfig"]["properties"]["layers"]["items"];
    *layers = serde_json::json!({ "anyOf": [layers.take(), neurons] });
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
         - Numbers are finite: `nan` and `inf` are refused.\n\
         - A network has a short form: `network = \"2-4-4-1\"` is one of 2 inputs (as the data must have) and layers of 4, 4 and 1\n  \
         neurons; `layers = [4, 4, 1]` says the same without the inputs. The layers have biases and tanh after each but the last; a\n  \
         number may stand beside written-out layers, `layers = [4, { out_features = 1, bias = false }]`. As an option:\n  \
         `--set network=2-4-4-1`.\n\n",
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
        let kind = match described_elsewhere(root, field, &join(path, name)) {
            Some(other) => format!("as [`{other}`](#{other})"),
            None => kind(root, field),
        };
        let _ = writeln!(page, "| `{name}` | {kind} | {default} | {meaning} |");
    }
    page.push('\n');
    for (name, field) in fields {
        let inner = resolve(root, field);
        let path = join(path, name);
        if described_elsewhere(root, field, &path).is_some() {
            continue;
        }
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

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.into() } else { format!("{path}.{name}") }
}

/// The first field of the experiment itself that is chosen from the same list as the field at `path`, if that is another one: each
/// list is described once.
fn described_elsewhere<'s>(root: &'s Schema, field: &Schema, path: &str) -> Option<&'s str> {
    let list = resolve(root, field)["oneOf"].as_array().filter(|v| v.iter().any(|v| v["properties"].is_object()))?;
    let same = |(_, field): &(&String, &Schema)| resolve(root, field)["oneOf"].as_array() == Some(list);
    let (first, _) = root["properties"].as_object()?.iter().find(same)?;
    (first != path).then_some(first)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_of_choices_is_described_once() {
        let page = reference();
        for list in ["**`kaiming_normal`**", "**`tanh`**", "**`adam`**"] {
            assert_eq!(page.matches(list).count(), 1, "{list}");
        }
        assert_eq!(page.matches("as [`init`](#init)").count(), 3);
        assert!(page.contains("\n## `init`\n") && !page.contains("## `init_bias`"));
    }

    #[test]
    fn the_schema_for_editors_knows_the_short_forms() {
        let root = schema();
        let network = root["properties"]["network"]["anyOf"].as_array().unwrap();
        assert!(network[0]["$ref"].is_string() && network[1]["pattern"].is_string(), "{network:?}");
        let items = &root["$defs"]["NetworkConfig"]["properties"]["layers"]["items"]["anyOf"];
        assert!(items[0]["$ref"].is_string() && items[1]["minimum"] == 1, "{items}");
    }
}
