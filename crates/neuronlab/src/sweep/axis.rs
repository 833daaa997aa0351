//! What a sweep varies: a field of the experiment and its values.

use crate::error::{Error, Result};
use crate::experiment::field_called;
use crate::random::NumpyRng;
use std::collections::HashSet;

/// A field and the values it takes: `optimizer.lr=log:1e-3:1:13`, `optimizer.momentum=lin:0:0.9:10`, `init=zeros,normal`.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    field: String,
    /// As they would stand behind `--set field=`; of a range that is drawn from, its ends.
    values: Vec<String>,
    range: Option<Range>,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Range {
    logarithmic: bool,
    from: f64,
    to: f64,
    /// How many, both ends included; none where they are drawn at random.
    count: Option<usize>,
    /// Whether values are rounded to whole numbers.
    whole: bool,
}

/// An axis has at most so many values.
const MOST_VALUES: usize = 1_000_000;

impl Axis {
    /// From `field=values`. `random` axes are ranges without a count, or lists to choose from. Where `whole` says that the field
    /// holds a whole number, the values of a range are rounded.
    ///
    /// # Errors
    /// The text says nothing of the kind, or names a value twice.
    pub fn parse(text: &str, random: bool, whole: impl FnOnce(&str) -> bool) -> Result<Self> {
        let example =
            if random { "optimizer.lr=log:1e-3:1" } else { "optimizer.lr=log:1e-3:1:13 or init=zeros,normal" };
        let bad = |expected: String| {
            Error::field("--vary", expected, format!("`{text}`")).with_hint(format!("for example {example}"))
        };
        if text.chars().any(char::is_control) {
            return Err(bad("one line".into()));
        }
        let parts = text.split_once('=').map(|(field, values)| (field.trim(), values.trim()));
        let (field, values) = parts
            .filter(|(field, values)| !field.is_empty() && !values.is_empty())
            .ok_or_else(|| bad("field=values".into()))?;
        if let Some(meant) = bare_range(field, values, random) {
            let error =
                Error::field("--vary", "a range as log:FROM:TO:COUNT or lin:FROM:TO:COUNT", format!("`{text}`"));
            return Err(error.with_hint(format!("did you mean `{meant}`?")));
        }
        let range = match values.split_once(':') {
            Some((scale @ ("log" | "lin"), rest)) => {
                Some(Range::parse(scale == "log", rest, random, whole(field)).map_err(bad)?)
            }
            _ => None,
        };
        let list = range.map_or_else(|| split(values), |range| range.values());
        if list.iter().any(String::is_empty) {
            return Err(bad("values with commas, none of them empty".into()));
        }
        let mut seen = HashSet::new();
        if let Some(twice) = list.iter().find(|value| !seen.insert(plain(value))) {
            return Err(Error::field("--vary", format!("each value of `{field}` once"), format!("`{twice}` twice")));
        }
        Ok(Self { field: field.into(), values: list, range, text: format!("{field}={values}") })
    }

    /// The field's path in the experiment.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// As it was written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether its values are spaced by equal factors; `None` for a list.
    pub fn is_logarithmic(&self) -> Option<bool> {
        self.range.map(|range| range.logarithmic)
    }

    /// All values, in order; the ends of a range without a count.
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// Values of which all others are of the kind: the ends of a range, or all of a list.
    pub(super) fn extremes(&self) -> impl Iterator<Item = &String> {
        let step = if self.range.is_some() { (self.values.len() - 1).max(1) } else { 1 };
        self.values.iter().step_by(step)
    }

    /// One value at random.
    pub(super) fn draw(&self, rng: &mut NumpyRng) -> String {
        match &self.range {
            None => self.values[rng.integer(self.values.len() as u32) as usize].clone(),
            Some(range) => range.value(rng.uniform()),
        }
    }
}

impl Range {
    /// From what stands behind the scale; the error is what was expected.
    fn parse(logarithmic: bool, text: &str, random: bool, whole: bool) -> std::result::Result<Self, String> {
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        let (from, to, count) = match parts[..] {
            [from, to] if random => (from, to, None),
            [from, to, count] if !random => (from, to, Some(count)),
            _ if random => return Err("log:FROM:TO or lin:FROM:TO".into()),
            _ => return Err("log:FROM:TO:COUNT or lin:FROM:TO:COUNT".into()),
        };
        let count = match count.map(str::parse) {
            None => None,
            Some(Ok(count)) if (2..=MOST_VALUES).contains(&count) => Some(count),
            Some(_) => return Err(format!("a range of 2 to {MOST_VALUES} values")),
        };
        let end = |text: &str| text.parse().ok().filter(|value: &f64| value.is_finite());
        let (Some(from), Some(to)) = (end(from), end(to)) else {
            return Err("a range between two finite numbers".into());
        };
        if logarithmic && (from <= 0.0 || to <= 0.0) {
            return Err("a logarithmic range between numbers above 0".into());
        }
        if from == to {
            return Err("a range between two different numbers".into());
        }
        Ok(Self { logarithmic, from, to, count, whole })
    }

    fn values(&self) -> Vec<String> {
        let last = self.count.unwrap_or(2) - 1;
        (0..=last).map(|i| self.value(i as f64 / last as f64)).collect()
    }

    /// The value at a share of the way; the ends are exact.
    fn value(&self, share: f64) -> String {
        let Self { logarithmic, from, to, whole, .. } = *self;
        let value = match share {
            0.0 => from,
            1.0 => to,
            _ if logarithmic => from * libm::pow(to / from, share),
            // Each end by itself, as their difference may not be a finite number.
            _ => from.mul_add(1.0 - share, to * share),
        };
        // (0 added, there is no −0.)
        if whole { (value.round() + 0.0).to_string() } else { number(value) }
    }
}

/// `lr=0.1:0.2` as it is meant, with a scale, a count and the whole path of the field.
fn bare_range(field: &str, values: &str, random: bool) -> Option<String> {
    let parts: Vec<&str> = values.split(':').map(str::trim).collect();
    let numbers = parts.iter().all(|part| part.parse::<f64>().is_ok());
    let field = if field.contains('.') { field.into() } else { field_called(field).unwrap_or_else(|| field.into()) };
    let count = match parts[..] {
        _ if !numbers || !(2..=3).contains(&parts.len()) => return None,
        _ if random => String::new(),
        [_, _, count] if count.parse::<usize>().is_ok() => format!(":{count}"),
        _ => ":5".into(),
    };
    Some(format!("{field}=lin:{}:{}{count}", parts[0], parts[1]))
}

/// A value as another one may be written that means the same. A whole number is itself: a seed may have more digits than `f64`.
fn plain(value: &str) -> String {
    match (value.parse::<i128>(), value.parse::<f64>()) {
        (Ok(whole), _) => whole.to_string(),
        (_, Ok(number)) => (number + 0.0).to_string(),
        _ => value.into(),
    }
}

/// A value for people: of a long fraction the first four digits, of `{name="normal",std=0.5}` `normal(std=0.5)`.
pub fn brief(value: &str) -> String {
    if let Some(call) = value.starts_with('{').then(|| as_call(value)).flatten() {
        return call;
    }
    match value.parse::<f64>() {
        // Of a whole number every digit may matter, as of a seed.
        _ if value.parse::<i128>().is_ok() => value.into(),
        Ok(number) if value.len() > 8 && number != 0.0 => {
            let rounded: f64 = format!("{number:.3e}").parse().unwrap_or(number);
            let (plain, short) = (rounded.to_string(), format!("{rounded:e}"));
            if plain.len() > 8 { short } else { plain }
        }
        _ => value.into(),
    }
}

/// A table with a name as PyTorch prints a module.
fn as_call(value: &str) -> Option<String> {
    let table = format!("value = {value}").parse::<toml::Table>().ok()?;
    let table = table.get("value")?.as_table()?;
    let name = table.get("name")?.as_str()?;
    let settings = table.iter().filter(|(key, _)| *key != "name").map(|(key, value)| format!("{key}={value}"));
    let settings = settings.collect::<Vec<_>>().join(", ");
    Some(if settings.is_empty() { name.into() } else { format!("{name}({settings})") })
}

/// To twelve digits, so that 10⁻² is 0.01 and 0.1 + 0.2 is 0.3.
fn number(value: f64) -> String {
    let rounded: f64 = format!("{value:.11e}").parse().unwrap_or(value);
    let (plain, short) = (rounded.to_string(), format!("{rounded:e}"));
    if plain.len() > 15 && short.len() < plain.len() { short } else { plain }
}

/// At the commas outside of brackets and quotes.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut depth, mut quoted) = (vec![String::new()], 0i32, false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 && !quoted {
            parts.push(String::new());
        } else {
            parts.last_mut().expect("at least one").push(c);
        }
    }
    parts.into_iter().map(|part| part.trim().to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        Axis::parse(text, false, |_| false).unwrap().values().to_vec()
    }

    fn message(text: &str) -> String {
        Axis::parse(text, false, |field| field == "stop.epochs").unwrap_err().to_string()
    }

    #[test]
    fn ranges_and_lists() {
        assert_eq!(values("lr=log:1e-3:1:4"), ["0.001", "0.01", "0.1", "1"]);
        assert_eq!(values("m=lin:0:0.9:4"), ["0", "0.3", "0.6", "0.9"]);
        assert_eq!(values("n=lin:8:2:4"), ["8", "6", "4", "2"]);
        assert_eq!(
            values("init=zeros, normal,{name=\"normal\",std=0.5}"),
            ["zeros", "normal", "{name=\"normal\",std=0.5}"]
        );
        assert_eq!(values("b=[1,2],[3]"), ["[1,2]", "[3]"]);
        assert_eq!(values("lr=log:1e-30:1e-20:2"), ["1e-30", "1e-20"]);
    }

    #[test]
    fn long_numbers_are_shortened_for_people() {
        let briefs = ["0.00177827941004", "1.3664483493e-4", "0.5", "kaiming_uniform", "123456789"].map(brief);
        assert_eq!(briefs, ["0.001778", "1.366e-4", "0.5", "kaiming_uniform", "123456789"]);
        let tables = ["{ std = 0.5, name = \"normal\" }", "{name='relu'}", "{max=1}", "{", "[1,2]"].map(brief);
        assert_eq!(tables, ["normal(std=0.5)", "relu", "{max=1}", "{", "[1,2]"]);
    }

    #[test]
    fn bad_axes() {
        for text in [
            "lr",
            "lr=",
            "=1",
            "lr=log:0:1:3",
            "lr=log:1:2",
            "lr=lin:1:1:3",
            "lr=lin:1:2:1",
            "lr=lin:a:2:3",
            "lr=1,,2",
            "lr=lin:0:inf:3",
            "lr=1,\n2",
        ] {
            assert!(Axis::parse(text, false, |_| false).is_err(), "{text}");
        }
        assert!(Axis::parse("lr=log:1:2:3", true, |_| false).is_err());
        let start = |text: &str| message(text).lines().next().unwrap_or_default().to_string();
        assert_eq!(
            start("lr=lin:0:1:1000000000"),
            "--vary: expected a range of 2 to 1000000 values, got `lr=lin:0:1:1000000000`"
        );
        let meant = |text: &str| message(text).lines().last().unwrap_or_default().to_string();
        assert_eq!(meant("lr=0.1:0.2"), "  hint: did you mean `optimizer.lr=lin:0.1:0.2:5`?");
        assert_eq!(meant("stop.epochs=10:100:7"), "  hint: did you mean `stop.epochs=lin:10:100:7`?");
        assert!(start("lr=log:0:1:3").contains("between numbers above 0"));
        assert_eq!(values("seed.torch=9007199254740992,9007199254740993").len(), 2);
        assert!(message("n=1,1.0").contains("`1.0` twice"));
        assert_eq!(message("lr=0.1,0.2,1e-1"), "--vary: expected each value of `lr` once, got `1e-1` twice");
    }

    #[test]
    fn fields_of_whole_numbers_get_whole_numbers() {
        let epochs = |text: &str| Axis::parse(text, false, |field| field == "stop.epochs").map(|a| a.values().to_vec());
        assert_eq!(epochs("stop.epochs=log:100:1000:4").unwrap(), ["100", "215", "464", "1000"]);
        assert!(message("stop.epochs=lin:1:3:9").contains("each value of `stop.epochs` once"));
        assert_eq!(epochs("stop.epochs=lin:1:123456789012345:2").unwrap(), ["1", "123456789012345"]);
        let drawn = Axis::parse("stop.epochs=lin:1:1000", true, |_| true).unwrap().draw(&mut NumpyRng::new(0));
        assert!(drawn.parse::<u64>().is_ok(), "{drawn}");
    }
}
