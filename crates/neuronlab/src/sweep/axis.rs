//! What a sweep varies: a field of the experiment and its values.

use crate::error::{Error, Result};
use crate::random::NumpyRng;

/// A field and the values it takes: `optimizer.lr=log:1e-3:1:13`, `optimizer.momentum=lin:0:0.9:10`, `init=zeros,normal`.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    field: String,
    values: Values,
    text: String,
}

#[derive(Debug, Clone, PartialEq)]
enum Values {
    /// As they would stand behind `--set field=`.
    List(Vec<String>),
    Range {
        logarithmic: bool,
        from: f64,
        to: f64,
        /// How many, both ends included; none where they are drawn at random.
        count: Option<usize>,
    },
}

/// An axis has at most so many values.
const MOST_VALUES: usize = 1_000_000;

impl Axis {
    /// From `field=values`. `random` axes are ranges without a count, or lists to choose from.
    pub fn parse(text: &str, random: bool) -> Result<Self> {
        let bad = |expected: &str| {
            let example =
                if random { "optimizer.lr=log:1e-3:1" } else { "optimizer.lr=log:1e-3:1:13 or init=zeros,normal" };
            Err(Error::field("--vary", expected, format!("`{text}`")).with_hint(format!("for example {example}")))
        };
        let Some((field, values)) = text.split_once('=').map(|(field, values)| (field.trim(), values.trim())) else {
            return bad("field=values");
        };
        if field.is_empty() || values.is_empty() {
            return bad("field=values");
        }
        let values = match values.split_once(':') {
            Some((scale @ ("log" | "lin"), rest)) => match range(scale == "log", rest, random) {
                Some(range) => range,
                None if random => return bad("log:FROM:TO or lin:FROM:TO, finite, for log above 0"),
                None => {
                    return bad("log:FROM:TO:COUNT or lin:FROM:TO:COUNT, finite, for log above 0, at least 2 of them");
                }
            },
            _ => Values::List(split(values)),
        };
        if let Values::List(list) = &values
            && list.iter().any(String::is_empty)
        {
            return bad("values with commas, none of them empty");
        }
        Ok(Self {
            field: field.into(),
            values,
            text: format!("{field}={}", text.split_once('=').expect("was split").1.trim()),
        })
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
        match self.values {
            Values::Range { logarithmic, .. } => Some(logarithmic),
            Values::List(_) => None,
        }
    }

    /// All values, in order; the ends of a range without a count.
    pub fn values(&self) -> Vec<String> {
        match &self.values {
            Values::List(list) => list.clone(),
            &Values::Range { logarithmic, from, to, count } => {
                let last = count.unwrap_or(2) - 1;
                (0..=last).map(|i| number(between(logarithmic, from, to, i as f64 / last as f64))).collect()
            }
        }
    }

    /// One value at random.
    pub(super) fn draw(&self, rng: &mut NumpyRng) -> String {
        match &self.values {
            Values::List(list) => list[rng.integer(list.len() as u32) as usize].clone(),
            &Values::Range { logarithmic, from, to, .. } => number(between(logarithmic, from, to, rng.uniform())),
        }
    }
}

/// A value for people: of a long number the first four digits.
pub fn brief(value: &str) -> String {
    match value.parse::<f64>() {
        Ok(number) if value.len() > 8 && number != 0.0 => {
            let rounded: f64 = format!("{number:.3e}").parse().unwrap_or(number);
            let (plain, short) = (rounded.to_string(), format!("{rounded:e}"));
            if plain.len() > 8 { short } else { plain }
        }
        _ => value.into(),
    }
}

fn range(logarithmic: bool, text: &str, random: bool) -> Option<Values> {
    let parts: Vec<&str> = text.split(':').map(str::trim).collect();
    let (ends, count) = match parts[..] {
        [from, to] if random => ([from, to], None),
        [from, to, count] if !random => {
            ([from, to], Some(count.parse().ok().filter(|c| (2..=MOST_VALUES).contains(c))?))
        }
        _ => return None,
    };
    let [from, to] = [ends[0].parse::<f64>().ok()?, ends[1].parse::<f64>().ok()?];
    let fits = from.is_finite() && to.is_finite() && from != to && (!logarithmic || (from > 0.0 && to > 0.0));
    fits.then_some(Values::Range { logarithmic, from, to, count })
}

/// The ends are exact.
fn between(logarithmic: bool, from: f64, to: f64, share: f64) -> f64 {
    match share {
        0.0 => from,
        1.0 => to,
        _ if logarithmic => from * libm::pow(to / from, share),
        _ => (to - from).mul_add(share, from),
    }
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
        Axis::parse(text, false).unwrap().values()
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
        assert_eq!(briefs, ["0.001778", "1.366e-4", "0.5", "kaiming_uniform", "1.235e8"]);
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
        ] {
            assert!(Axis::parse(text, false).is_err(), "{text}");
        }
        assert!(Axis::parse("lr=log:1:2:3", true).is_err());
    }
}
