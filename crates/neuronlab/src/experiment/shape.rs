//! Does a document fit the types? Unknown keys, missing fields and values of the wrong kind, each by its path.
//!
//! The judge is the JSON schema that `schemars` derives from the types. Where the schema offers a choice of tables told
//! apart by `name`, a bare string stands for the table of that name: `init = "zeros"` is `init = { name = "zeros" }`.

use super::words::{elsewhere_called, value_called};
use crate::error::{Error, Result, did_you_mean, listed, unknown};
use crate::scalar::Dtype;
use serde_json::Value as Schema;
use toml::{Table, Value};

/// Checks a document and writes shorthands out.
pub(super) fn fit(document: &mut Table, schema: &Schema) -> Result<()> {
    Fit { root: schema }.table(document, &[schema], "")
}

/// A named choice with nothing but its name becomes a bare string again.
pub(super) fn shorten(value: Value) -> Value {
    match value {
        Value::Table(table) if table.len() == 1 && table.contains_key("name") => table["name"].clone(),
        Value::Table(table) => Value::Table(table.into_iter().map(|(key, value)| (key, shorten(value))).collect()),
        Value::Array(items) => Value::Array(items.into_iter().map(shorten).collect()),
        other => other,
    }
}

/// Refuses numbers that are not finite in the precision of the run.
pub(super) fn finite(value: &Value, path: &str, dtype: Dtype) -> Result<()> {
    match value {
        Value::Table(table) => table.iter().try_for_each(|(key, value)| finite(value, &join(path, key), dtype)),
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(i, item)| finite(item, &join(path, &i.to_string()), dtype))
        }
        Value::Float(f) if !f.is_finite() => Err(Error::field(path, "a finite number", f)),
        // What is more than 0 where that is wanted must be so in the precision of the run.
        Value::Float(f) if dtype == Dtype::Float32 && *f != 0.0 && *f as f32 == 0.0 => {
            let got = format!("{f:e}, which rounds to 0 (with dtype = \"float64\" it does not)");
            Err(Error::field(path, "a number that is not 0 in float32, or 0", got))
        }
        Value::Float(f) if dtype == Dtype::Float32 && !(*f as f32).is_finite() => {
            Err(Error::field(path, "a number that float32 holds", f).with_hint("dtype = \"float64\" holds larger ones"))
        }
        _ => Ok(()),
    }
}

/// Sets one field from `path=value`; the value is TOML, or else a word.
pub(super) fn set(document: &mut Table, setting: &str) -> Result<()> {
    let Some((path, text)) = setting.split_once('=') else {
        return Err(
            Error::field("--set", "field=value", format!("`{setting}`")).with_hint("for example optimizer.lr=0.05")
        );
    };
    let (path, text) = (path.trim(), text.trim());
    let value = format!("value = {text}")
        .parse::<Table>()
        .ok()
        .filter(|table| table.len() == 1)
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| Value::String(text.into()));

    let mut keys: Vec<&str> = path.split('.').collect();
    let last = keys.pop().unwrap_or_default();
    let mut at = &mut *document;
    for (depth, key) in keys.iter().enumerate() {
        let here = keys[..=depth].join(".");
        let next = match at.entry(*key).or_insert_with(|| Value::Table(Table::new())) {
            // `layers.0` and the like: step into the element as well.
            Value::Array(items) => return set_in_list(items, &keys[depth + 1..], last, value, &here),
            // A bare name, as `--set init=normal` leaves it, becomes the table of that name.
            entry @ Value::String(_) => {
                let name = std::mem::replace(entry, Value::Table(Table::new()));
                entry.as_table_mut().map(|table| table.insert("name".into(), name));
                entry
            }
            other => other,
        };
        at = next.as_table_mut().ok_or_else(|| Error::field(&here, "a table of fields", "a plain value"))?;
    }
    at.insert(last.into(), value);
    Ok(())
}

/// The rest of a path behind a list: a place from 0, then maybe a field of the element.
fn set_in_list(items: &mut [Value], keys: &[&str], last: &str, value: Value, here: &str) -> Result<()> {
    let (place, rest) = keys.split_first().map_or((last, None), |(place, rest)| (*place, Some(rest)));
    let count = items.len();
    let item = place.parse::<usize>().ok().and_then(|i| items.get_mut(i));
    let item =
        item.ok_or_else(|| Error::field(here, format!("a place from 0 to {}", count.saturating_sub(1)), place))?;
    match (rest, item) {
        (None, item) => *item = value,
        (Some(rest), Value::Table(table)) => {
            let path = rest.iter().chain([&last]).copied().collect::<Vec<_>>().join(".");
            return set(table, &format!("{path}={value}"));
        }
        (Some(_), _) => return Err(Error::field(format!("{here}.{place}"), "a table of fields", "a plain value")),
    }
    Ok(())
}

struct Fit<'s> {
    root: &'s Schema,
}

impl<'s> Fit<'s> {
    /// The schema behind `$ref`, and the branch of an optional field that is not `null`, if there is one such branch.
    fn resolve(&self, schema: &'s Schema) -> &'s Schema {
        if let Some(name) = schema["$ref"].as_str().and_then(|r| r.strip_prefix("#/$defs/")) {
            return self.resolve(&self.root["$defs"][name]);
        }
        match branches(schema)[..] {
            [only] => self.resolve(only),
            _ => schema,
        }
    }

    /// A number, or a list of numbers.
    fn number_or_list(&self, value: &mut Value, branches: &[&'s Schema], path: &str) -> Result<()> {
        let wants_list = value.is_array();
        match branches.iter().find(|branch| (kind(branch) == "array") == wants_list) {
            Some(branch) if !value.is_str() && !value.is_table() => self.value(value, branch, path),
            _ => Err(Error::field(path, "a finite number, or a list of them", describe(value))),
        }
    }

    fn value(&self, value: &mut Value, schema: &'s Schema, path: &str) -> Result<()> {
        let field = schema;
        let schema = self.resolve(schema);
        if let Some(variants) = schema["oneOf"].as_array() {
            return self.choice(value, variants, path);
        }
        if let branches @ [_, _, ..] = &branches(schema)[..] {
            return self.number_or_list(value, branches, path);
        }
        let expected = self.expected(path, field);
        let wrong = |value: &Value| {
            let error = Error::field(path, &expected, describe(value));
            Err(match elsewhere_called(path) {
                Some(meant) => error.with_hint(format!("did you mean `{meant}`?")),
                None => error,
            })
        };
        match kind(schema) {
            "object" => match value {
                Value::Table(table) => self.table(table, &[schema], path),
                other => wrong(other),
            },
            "array" => match value {
                // Pairs such as Adam's betas have a number of elements.
                Value::Array(items) if wrong_length(items.len(), schema) => {
                    let expected = format!("a list of {} numbers", schema["minItems"]);
                    Err(Error::field(path, expected, format!("a list of {}", items.len())))
                }
                Value::Array(items) => items
                    .iter_mut()
                    .enumerate()
                    .try_for_each(|(i, item)| self.value(item, &schema["items"], &join(path, &i.to_string()))),
                other => wrong(other),
            },
            "number" => match value {
                Value::Integer(i) => {
                    *value = Value::Float(*i as f64);
                    Ok(())
                }
                Value::Float(f) if f.is_finite() => Ok(()),
                other => wrong(other),
            },
            "integer" => match value {
                Value::Integer(i) if within(*i, schema) => Ok(()),
                other => wrong(other),
            },
            "boolean" if !value.is_bool() => wrong(value),
            // A word that looks like a number is a word where words are wanted: `--set data.targets=…`, columns by number.
            "string" if matches!(value, Value::Integer(_) | Value::Float(_)) => {
                *value = Value::String(value.to_string());
                Ok(())
            }
            "string" => match value {
                Value::String(word) => one_of(word, schema, path),
                other => wrong(other),
            },
            _ => Ok(()),
        }
    }

    /// A choice: plain words, or tables told apart by `name`.
    fn choice(&self, value: &mut Value, variants: &'s [Schema], path: &str) -> Result<()> {
        let tag = |variant: &'s Schema| variant["properties"]["name"]["const"].as_str();
        if let Value::String(word) = value {
            let words: Vec<&str> = variants.iter().flat_map(|v| words(v).chain(tag(v))).collect();
            if !words.contains(&word.as_str()) {
                return Err(no_such_value(path, word, &words));
            }
            if variants.iter().any(|v| words_contain(v, word)) {
                return Ok(());
            }
            *value = Value::Table(Table::from_iter([("name".to_string(), Value::String(word.clone()))]));
        }
        let names: Vec<&str> = variants.iter().filter_map(tag).collect();
        let Value::Table(table) = value else {
            let names: Vec<&str> = variants.iter().flat_map(|v| words(v).chain(tag(v))).collect();
            return Err(Error::field(path, format!("one of `{}`", names.join("`, `")), describe(value)));
        };
        let field = join(path, "name");
        let name = match table.get("name") {
            Some(Value::String(name)) => name.clone(),
            Some(other) => return Err(Error::field(field, "a word", describe(other))),
            None => return Err(Error::field(field, format!("one of `{}`", names.join("`, `")), "nothing")),
        };
        let has = |v: &'s Schema, key: &str| [v, self.resolve(v)].iter().any(|s| s["properties"][key].is_object());
        if let Some(variant) = variants.iter().find(|v| tag(v) == Some(&name))
            && let Some(key) = table.keys().find(|key| !has(variant, key))
        {
            let owners: Vec<&str> = variants.iter().filter(|v| has(v, key)).filter_map(tag).collect();
            if !owners.is_empty() {
                let expected = format!("a field of `{name}`");
                let hint = format!("it is one of {}", listed(owners));
                return Err(Error::field(join(path, key), expected, format!("`{key}`")).with_hint(hint));
            }
        }
        match variants.iter().find(|v| tag(v) == Some(&name)) {
            Some(variant) if variant["$ref"].is_string() => self.table(table, &[variant, self.resolve(variant)], path),
            Some(variant) => self.table(table, &[variant], path),
            None => Err(no_such_value(&field, &name, &names)),
        }
    }

    /// A table whose fields are those of all `schemas`.
    fn table(&self, table: &mut Table, schemas: &[&'s Schema], path: &str) -> Result<()> {
        let fields = || schemas.iter().filter_map(|s| s["properties"].as_object()).flatten();
        for (key, value) in table.iter_mut() {
            let Some((_, schema)) = fields().find(|(name, _)| *name == key) else {
                // A table of anything, such as tensors by name, is looked at by who reads it.
                if schemas.iter().any(|s| s["additionalProperties"] == true) {
                    continue;
                }
                return Err(self.unknown_field(path, key, fields().map(|(name, _)| name.as_str())));
            };
            self.value(value, schema, &join(path, key))?;
        }
        for name in schemas.iter().flat_map(|schema| required(schema)) {
            if !table.contains_key(name) {
                let path = join(path, name);
                let schema = fields().find(|(field, _)| *field == name).map(|(_, schema)| schema);
                let expected = schema.map_or("a value".into(), |schema| self.expected(&path, schema));
                return Err(Error::field(path, expected, "nothing"));
            }
        }
        Ok(())
    }

    /// What a field wants, with an example where it has some or holds more than a number.
    fn expected(&self, path: &str, field: &'s Schema) -> String {
        let schema = self.resolve(field);
        let kind_of_field = expected_kind(schema);
        let whole = kind(schema) == "object" || schema["oneOf"].is_array() || field["examples"].is_array();
        match self.example(field).filter(|_| whole) {
            Some(example) => {
                let name = path.rsplit('.').next().unwrap_or(path);
                format!("{kind_of_field}, such as `{name} = {example}`")
            }
            None => kind_of_field,
        }
    }

    /// A value of a field as it would stand in a file: of a table what is required, of a choice the first that requires nothing.
    fn example(&self, field: &'s Schema) -> Option<String> {
        let schema = self.resolve(field);
        if let Some(example) = field["examples"].get(0).or(schema["examples"].get(0)) {
            return Some(example.to_string());
        }
        if let Some(variants) = schema["oneOf"].as_array() {
            let plain = |v: &&'s Schema| required(v).chain(required(self.resolve(v))).all(|name| name == "name");
            let named = variants.iter().find(plain).map(|v| &v["properties"]["name"]["const"]);
            return named.filter(|name| name.is_string()).map(Schema::to_string);
        }
        match kind(schema) {
            "object" => {
                let field = |name| Some(format!("{name} = {}", self.example(&schema["properties"][name])?));
                let fields: Option<Vec<String>> = required(schema).map(field).collect();
                fields.map(|fields| format!("{{ {} }}", fields.join(", ")))
            }
            "integer" => Some("0".into()),
            _ => None,
        }
    }

    fn unknown_field<'a>(&self, path: &str, key: &str, fields: impl Iterator<Item = &'a str> + Clone) -> Error {
        let all = listed(fields.clone());
        let place = if path.is_empty() { "experiment" } else { path };
        let error = Error::field(place, format!("only the fields {all}"), format!("`{key}`"));
        // A field of just this name is meant rather than one that sounds like it.
        let other = || {
            let meant = elsewhere_called(key)?;
            // A field of this very table, whose place is known better here.
            let own = meant.rsplit('.').next().filter(|own| fields.clone().any(|field| field == *own));
            Some(own.map_or_else(|| meant.to_string(), |own| join(path, own)))
        };
        let elsewhere = elsewhere(self.root, key).or_else(other).map(|found| match found {
            top if top == key => {
                format!("`{key}` is a field of the experiment, not of `{place}`; in a file it stands above the first [table]")
            }
            path => format!("did you mean `{path}`?"),
        });
        let hint = elsewhere.or_else(|| did_you_mean(key, fields));
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

/// The error for a word that is none of `names`, with what other programs mean by it.
fn no_such_value(path: &str, word: &str, names: &[&str]) -> Error {
    let error = unknown(path, word, names.iter().copied());
    match value_called(word, names) {
        Some(meant) => error.with_hint(format!("did you mean `{meant}`?")),
        None => error,
    }
}

/// The path of a field of this name that is nearest to the top.
pub(super) fn elsewhere(root: &Schema, key: &str) -> Option<String> {
    let fit = Fit { root };
    let mut level = vec![(String::new(), root)];
    for _ in 0..DEEPEST {
        // Fields that are always there, then those of a choice.
        let (mut below, mut chosen) = (vec![], vec![]);
        for (path, schema) in level {
            let schema = fit.resolve(schema);
            let fields = |schema| {
                let own = [schema, fit.resolve(schema)].into_iter().filter_map(|s| s["properties"].as_object());
                own.flatten().map(|(name, schema)| (join(&path, name), schema)).collect::<Vec<_>>()
            };
            below.extend(fields(schema));
            chosen.extend(schema["oneOf"].as_array().into_iter().flatten().flat_map(fields));
            if schema["items"].is_object() {
                below.push((join(&path, "0"), &schema["items"]));
            }
        }
        below.extend(chosen);
        let named = |path: &str| path.rsplit('.').next() == Some(key);
        if let Some((path, _)) = below.iter().find(|(path, _)| named(path)) {
            return Some(path.clone());
        }
        level = below;
    }
    None
}

/// `network.layers.0.init.std` is as deep as fields lie.
const DEEPEST: usize = 5;

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.into() } else { format!("{path}.{key}") }
}

/// The branches of a schema that are not `null`.
pub(super) fn branches(schema: &Schema) -> Vec<&Schema> {
    schema["anyOf"].as_array().into_iter().flatten().filter(|branch| branch["type"] != "null").collect()
}

/// The JSON type of a schema; that of an optional field is the one beside `null`.
fn kind(schema: &Schema) -> &str {
    match &schema["type"] {
        Schema::Array(kinds) => kinds.iter().filter_map(Schema::as_str).find(|k| *k != "null").unwrap_or("any"),
        kind => kind.as_str().unwrap_or("any"),
    }
}

/// Whether a list of fixed length has another one.
fn wrong_length(length: usize, schema: &Schema) -> bool {
    let (least, most) = (schema["minItems"].as_u64(), schema["maxItems"].as_u64());
    least.is_some() && least == most && least != Some(length as u64)
}

fn expected_kind(schema: &Schema) -> String {
    match kind(schema) {
        "object" => "a table of fields".into(),
        "array" => "a list".into(),
        "number" => "a finite number".into(),
        "integer" if schema["minimum"] == 0 => format!("a whole number from 0 to {}", largest(schema)),
        "integer" => "a whole number".into(),
        "boolean" => "true or false".into(),
        "string" => "a word or text".into(),
        _ if schema["oneOf"].is_array() => "a name".into(),
        _ => "a value".into(),
    }
}

/// The names of the fields that a table must have.
fn required(schema: &Schema) -> impl Iterator<Item = &str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Schema::as_str)
}

fn largest(schema: &Schema) -> i64 {
    if schema["format"] == "uint32" { i64::from(u32::MAX) } else { i64::MAX }
}

fn within(i: i64, schema: &Schema) -> bool {
    schema["minimum"] != 0 || (0..=largest(schema)).contains(&i)
}

/// The plain words that a schema allows.
fn words(schema: &Schema) -> impl Iterator<Item = &str> {
    let list = schema["enum"].as_array().into_iter().flatten();
    list.chain((schema["type"] == "string").then_some(&schema["const"])).filter_map(Schema::as_str)
}

fn words_contain(schema: &Schema, word: &str) -> bool {
    words(schema).any(|w| w == word)
}

fn one_of(word: &str, schema: &Schema, path: &str) -> Result<()> {
    let allowed: Vec<&str> = words(schema).collect();
    if allowed.is_empty() || allowed.contains(&word) { Ok(()) } else { Err(unknown(path, word, allowed)) }
}

pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Table(_) => "a table".into(),
        Value::Array(_) => "a list".into(),
        Value::String(word) => format!("the word `{word}`"),
        other => other.to_string(),
    }
}
