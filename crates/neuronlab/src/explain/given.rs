//! Gradients that a user worked out by hand or with another program, read from a file.

use crate::error::{Error, Result};
use crate::file;
use crate::nn::Network;
use crate::nn::by_name::{self, Entry, Kind, Misfit};
use std::path::Path;

/// Significant digits that only a program writes.
const MANY: i32 = 8;

/// How files call them.
const GRADIENTS: Kind = Kind { columns: &["gradient", "grad"], within: "gradients" };

/// A gradient that somebody gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The parameter's place in the list of parameters.
    pub place: usize,
    /// Its gradient.
    pub gradient: f64,
    /// Half a unit of the last decimal place that was written: so far rounding may have moved it.
    pub rounding: f64,
}

impl Given {
    /// Reads gradients: CSV with the columns `parameter` and `gradient`, or JSON as `{"lin1.weight[0,0]": 0.25}` or
    /// `{"lin1.weight": [[0.25, …], …]}` (such as `{name: p.grad.tolist() …}` of PyTorch's `named_parameters`); TOML and
    /// safetensors, if the file's name ends so.
    ///
    /// # Errors
    /// A file that is none of them; a name or a shape that the network has not; what is not a finite number; a parameter given
    /// twice.
    pub fn read(path: &Path, network: &Network) -> Result<Vec<Self>> {
        let mut given = Vec::new();
        for entry in by_name::read(path, file::MOST, &GRADIENTS)? {
            let places = by_name::places(network, &entry.name, &entry.values);
            let places = places.map_err(|misfit| refused(path, entry, misfit))?;
            given.extend(places.into_iter().map(|(place, number)| Self {
                place,
                gradient: number.value,
                rounding: number.rounding,
            }));
        }
        if given.is_empty() {
            return Err(Error::file(path, "gradients of parameters", "none"));
        }
        if let Some(name) = by_name::twice(network, given.iter().map(|one| one.place)) {
            return Err(Error::file(path, "each parameter once", format!("{name} twice")));
        }
        believe(&mut given);
        Ok(given)
    }
}

/// Where in the file something does not fit the network.
fn refused(path: &Path, entry: Entry, misfit: Misfit) -> Error {
    let expected = match misfit.hint {
        Some(hint) => format!("{} ({hint})", misfit.expected),
        None => misfit.expected,
    };
    match entry.cell {
        Some((line, column)) => Error::cell(path, line, &column, expected, misfit.got),
        None if misfit.unknown => Error::file(path, format!("names of parameters: {expected}"), misfit.got),
        None => Error::file(path, format!("{expected} for {}", entry.name), misfit.got),
    }
}

/// How far the numbers of a file may be rounded, seen together.
///
/// Where one has the many digits of a program, nobody rounded by hand: the program left out zeros at the end, and 0.5 is no
/// rounded 0.46. Where all are 0, none says how many decimals were meant.
fn believe(given: &mut [Given]) {
    let written = || given.iter().filter(|g| g.gradient != 0.0 && g.rounding > 0.0);
    let digits = |g: &Given| (g.gradient.abs() / (2.0 * g.rounding)).log10().floor() as i32 + 1;
    let finest = match written().map(digits).max() {
        None => 0.0,
        Some(most) if most >= MANY => written().fold(f64::INFINITY, |least, g| least.min(g.rounding)),
        Some(_) => f64::INFINITY,
    };
    for g in given {
        g.rounding = g.rounding.min(finest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::by_name::Written;

    /// A spreadsheet's semicolons, and a name with a comma that nobody put in quotes.
    #[test]
    fn gradients_take_the_delimiters_of_data() {
        let network = crate::Experiment::built_in("xor").unwrap().network(2).unwrap();
        let read = |text: &str| {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), text).unwrap();
            Given::read(file.path(), &network)
        };
        for delimiter in [",", ";", "\t"] {
            let text = format!("parameter{delimiter}gradient\nlin1.weight[0,1]{delimiter}0.25\n");
            let given = read(&text).unwrap();
            assert_eq!((given[0].place, given[0].gradient), (1, 0.25), "{text}");
        }
        let error = read("parameter;gradient\nlin1.weight[0,1];0,25\n").unwrap_err().to_string();
        assert!(
            error.contains("line 2, column gradient: expected a finite number, got `0,25` of lin1.weight[0,1]"),
            "{error}"
        );
        assert!(error.contains("hint: decimals stand behind a point"), "{error}");
    }

    /// `json.dumps` of Python.
    #[test]
    fn nan_in_json_is_named() {
        let network = crate::Experiment::built_in("xor").unwrap().network(2).unwrap();
        for (word, text) in [
            ("NaN", "{\"lin1.weight[0,0]\": 0.5,\n \"lin1.weight[0,1]\": NaN}"),
            ("Infinity", "{\n\"lin1.weight[0,1]\": Infinity}"),
            ("-Infinity", "{\n\"lin1.weight[0,1]\":-Infinity}"),
            ("nan", "{\n\"lin1.weight[0,1]\": nan\n}"),
            ("inf", "{\n\"lin1.weight[0,1]\": inf\n}"),
            ("-1e999", "{\n\"lin1.weight[0,1]\": -1e999}"),
        ] {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), text).unwrap();
            let error = Given::read(file.path(), &network).unwrap_err().to_string();
            let expected =
                format!("expected finite numbers, as JSON has them, got `{word}` of lin1.weight[0,1] in line 2");
            assert!(error.contains(&expected) && error.contains("hint: "), "{error}");
        }
    }

    #[test]
    fn nan_in_a_table_is_named() {
        let network = crate::Experiment::built_in("xor").unwrap().network(2).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "parameter,gradient\nlin1.bias[0],nan\n").unwrap();
        let error = Given::read(file.path(), &network).unwrap_err().to_string();
        assert!(
            error.contains("expected a finite number, got `nan` of lin1.bias[0]\n  hint: what is no number"),
            "{error}"
        );
    }

    #[test]
    fn a_file_says_how_far_its_numbers_are_rounded() {
        let roundings = |texts: &[&str]| {
            let written = texts.iter().map(|text| Written::new(text).unwrap());
            let mut given: Vec<Given> =
                written.map(|one| Given { place: 0, gradient: one.value, rounding: one.rounding }).collect();
            believe(&mut given);
            given.iter().map(|g| format!("{:.0e}", g.rounding)).collect::<Vec<_>>()
        };
        // By hand, with digits as they come; four decimals, as PyTorch prints.
        assert_eq!(roundings(&["-0.7355", "0.24705", "0.0"]), ["5e-5", "5e-6", "5e-2"]);
        assert_eq!(roundings(&["0.0463", "0.0000", "-1.2000e-05"]), ["5e-5", "5e-5", "5e-10"]);
        // A program's numbers: a short one is exact. All zeros: no rounding excuses them.
        assert_eq!(roundings(&["0.04632811248302460", "0.5", "0.0"]), ["5e-18"; 3]);
        assert_eq!(roundings(&["0.0", "0.000", "0"]), ["0e0"; 3]);
    }
}
