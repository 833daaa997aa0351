//! SOURCE: an experiment file, a built-in experiment, or a results folder.

use crate::args::SourceArgs;
use neuronlab::{Error, Experiment, Result, Results};
use std::io::Read;
use std::path::Path;

fn path_extension(source: &str) -> Option<&str> {
    Path::new(source).extension().and_then(|extension| extension.to_str())
}

/// Whether a name, or else what the file holds, is that of a table: its first line has cells, and no field of an experiment.
fn is_table(source: &str) -> bool {
    let extension = path_extension(source).unwrap_or_default().to_lowercase();
    if extension == "toml" {
        return false;
    }
    let first = || {
        let mut start = vec![];
        let file = std::fs::File::open(source).ok()?;
        file.take(4096).read_to_end(&mut start).ok()?;
        let line = String::from_utf8_lossy(&start).lines().next()?.to_string();
        Some(!line.contains(['=', '#', '[']) && line.contains([',', ';', '\t']))
    };
    ["csv", "tsv", "data", "dat", "txt"].contains(&extension.as_str()) || first().unwrap_or_default()
}

/// A word as a shell takes it, whatever it is made of.
fn for_shell(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

impl SourceArgs {
    /// The experiment with its changes. The exact name of a built-in one comes first; `./xor` is a file or folder.
    pub(crate) fn experiment(&self) -> Result<Experiment> {
        let path = Path::new(&self.source);
        if Experiment::built_in_names().any(|name| name == self.source) {
            Experiment::built_in(&self.source)?.with(&self.set)
        } else if path.is_dir() {
            Results::open(path)?.experiment(&self.set)
        } else if path.is_file() && is_table(&self.source) {
            let hint = format!(
                "neuronlab experiment --from {} --target COLUMN > mine.toml makes an experiment of it",
                for_shell(&self.source)
            );
            let got = format!("`{}`, a table", self.source);
            let expected = "an experiment file, a results folder or the name of an experiment".into();
            Err(Error::Field { field: "SOURCE".into(), expected, got, hint: Some(hint) })
        } else if path.exists() {
            Experiment::read_with(path, &self.set)
        } else {
            Err(self.nothing())
        }
    }

    fn nothing(&self) -> Error {
        let path_like = self.source.contains(std::path::MAIN_SEPARATOR) || path_extension(&self.source).is_some();
        let names: Vec<&str> = Experiment::built_in_names().collect();
        let hint = Experiment::built_in(&self.source).err().and_then(|e| match e {
            Error::Field { hint, .. } => hint,
            _ => None,
        });
        Error::Field {
            field: "SOURCE".into(),
            expected: format!("an experiment file, a results folder or one of `{}`", names.join("`, `")),
            got: if path_like {
                format!("`{}`, which does not exist", self.source)
            } else {
                format!("`{}`", self.source)
            },
            hint,
        }
    }
}
