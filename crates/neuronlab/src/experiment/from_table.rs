//! An experiment for a table: what most people would begin with.

use super::Experiment;
use crate::data::{Column, CsvFile, Data, Dataset, Missing, Targets};
use crate::error::{Error, Result};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use toml::{Table, Value};

/// Settings of the table that are tried, one after the other.
const MOST_TRIES: usize = 30;
/// Words that may stand among the numbers of a column for missing values.
const MOST_MISSING: usize = 5;
/// Values that a column has at least, if some are missing.
const LEAST_VALUES: usize = 5;
/// Words of a column that become inputs.
const MOST_WORDS: usize = 50;
/// Distinct whole numbers that are taken for classes.
const MOST_CLASSES: usize = 10;

impl Experiment {
    /// The text of an experiment file that learns the `targets` of a table from its other columns: a network of two hidden layers,
    /// Adam, a fifth of the samples held back, and the best weights kept. How the table is written is found out: header, decimal
    /// commas, missing values (filled with the mean), words (an input each). Columns that say nothing a network could use are left out:
    /// numbers and names of rows, dates, and those of which nearly all values are missing.
    ///
    /// # Errors
    /// The table can't be read, or has no such columns.
    pub fn text_for_table(path: &Path, targets: &[String]) -> Result<String> {
        let mut file = CsvFile::new(path, targets.to_vec());
        if targets.is_empty() {
            let names = match file.column_names() {
                Ok(names) => names,
                Err(error) => follow(&mut file, error).and_then(|()| file.column_names())?,
            };
            let got = "nothing";
            let hint = names.last().map_or(String::new(), |last| format!("--target \"{last}\", the last one"));
            let expected =
                format!("the column to learn, one of {}", crate::error::listed(names.iter().map(String::as_str)));
            return Err(Error::field("--target", expected, got).with_hint(hint));
        }
        let data = fitted(&mut file)?;
        if data.len() < 2 {
            return Err(Error::file(path, "two rows or more, to learn from and to hold back", data.len()));
        }
        if let Targets::Classes { names, .. } = &data.targets
            && names.len() > data.len() / 2
        {
            let got = format!("`{}`, with {} words in {} rows", targets[0], names.len(), data.len());
            return Err(Error::field("--target", "numbers, or words of which each stands in several rows", got));
        }
        let text = text(&file, &data);
        Self::from_toml(&text, "the experiment")?;
        Ok(text)
    }
}

/// Reads the table; what its refusals say is to be written is written.
fn fitted(file: &mut CsvFile) -> Result<Dataset> {
    for _ in 0..MOST_TRIES {
        let data = match Data::Csv(file.clone()).load() {
            Ok(data) => data,
            Err(error) => {
                follow(file, error)?;
                continue;
            }
        };
        if take_for_missing(file, &data)? {
            continue;
        }
        // What differs in most rows is a name or a number of a sample.
        let long = |words: &[String]| words.len() > MOST_WORDS.min(data.len() / 2);
        let named = data.reading.columns.iter().filter(|column| long(&column.words)).map(|column| &column.name);
        let mut useless: Vec<String> = named.chain(scarce(&data)).cloned().collect();
        if useless.len() == data.reading.columns.len() {
            let got = format!("words that differ in most rows, or hardly a value, in `{}`", useless.join("`, `"));
            return Err(Error::file(&file.path, "a column of inputs that a network can use", got));
        }
        useless.extend(data.reading.row_numbers.iter().cloned());
        if useless.is_empty() || useless.len() == data.reading.columns.len() {
            return Ok(data);
        }
        file.one_hot.retain(|name| !useless.contains(name));
        file.exclude.extend(useless);
    }
    Data::Csv(file.clone()).load()
}

/// Takes the few words that stand among the numbers of a column for missing values; whether there are new ones.
///
/// # Errors
/// There are more than a few.
fn take_for_missing(file: &mut CsvFile, data: &Dataset) -> Result<bool> {
    let format = file.format();
    let columns = data.reading.columns.iter().map(|column| (&column.name, &column.words));
    let target = match &data.targets {
        Targets::Classes { names, .. } => Some((&data.target_names[0], names)),
        Targets::Numbers(_) => None,
    };
    let (mut meant, mut numbers) = (vec![], vec![]);
    for (column, words) in columns.chain(target) {
        let others: Vec<&String> = words.iter().filter(|word| format.number(word).is_none()).collect();
        if others.is_empty() || 2 * others.len() >= words.len() {
            continue;
        }
        if others.len() > MOST_MISSING {
            let got = format!("`{}`, `{}` and {} more words among them", others[0], others[1], others.len() - 2);
            return Err(Error::file(&file.path, format!("numbers in column `{column}`"), got));
        }
        meant.extend(others.into_iter().cloned());
        numbers.push(column.clone());
    }
    file.one_hot.retain(|name| !numbers.contains(name));
    meant.retain(|word| !file.na_values.contains(word));
    meant.sort_unstable();
    meant.dedup();
    if !meant.is_empty() {
        file.missing = Missing::Mean;
    }
    file.na_values.extend(meant.iter().cloned());
    Ok(!meant.is_empty())
}

/// The columns of which nearly all values are missing: too few are left for a mean over the training samples.
fn scarce(data: &Dataset) -> Vec<&String> {
    let width = data.input_names.len();
    let enough = LEAST_VALUES.max(data.len() / 10);
    let mut at = 0;
    let of_column = |column: &&Column| {
        let missing = data.inputs.iter().skip(at).step_by(width).filter(|x| x.is_nan()).count();
        at += column.width();
        missing > 0 && data.len() - missing < enough
    };
    data.reading.columns.iter().filter(of_column).map(|column| &column.name).collect()
}

/// Does what the hint of an error says.
fn follow(file: &mut CsvFile, error: Error) -> Result<()> {
    let (Error::Field { hint, .. } | Error::File { hint, .. } | Error::Cell { hint, .. }) = &error else {
        return Err(error);
    };
    let Some((field, value)) = hint.as_deref().and_then(setting) else { return Err(error) };
    let before = file.clone();
    let words = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(|word| Some(word.as_str()?.to_string())).collect()
    };
    match field.as_str() {
        "header" => file.header = value.as_bool().unwrap_or(true),
        "delimiter" => file.delimiter = value.as_str().unwrap_or_default().into(),
        "decimal" => file.decimal = value.try_into().unwrap_or_default(),
        "missing" => file.missing = Missing::Mean,
        "one_hot" => file.one_hot = words(&value),
        "exclude" => file.exclude.extend(words(&value)),
        _ => {}
    }
    if *file == before { Err(error) } else { Ok(()) }
}

/// `data.FIELD=VALUE` at the beginning of a hint.
fn setting(hint: &str) -> Option<(String, Value)> {
    let (field, rest) = hint.strip_prefix("data.")?.split_once('=')?;
    // Values end with a quote, a bracket, or the last letter of `true` and `false`.
    let ends = rest.char_indices().filter(|(_, c)| ['"', ']', 'e'].contains(c)).map(|(i, _)| i + 1);
    let mut values = ends.filter_map(|end| format!("value = {}", &rest[..end]).parse::<Table>().ok());
    let value = values.find_map(|mut table| table.remove("value"))?;
    Some((field.into(), value))
}

fn text(file: &CsvFile, data: &Dataset) -> String {
    let (outputs, loss, classes) = match &data.targets {
        Targets::Classes { names, .. } => (names.len(), "cross_entropy", true),
        Targets::Numbers(numbers) => match few_whole_numbers(numbers, data.target_names.len()) {
            Some(count) => (count, "cross_entropy", true),
            None => (data.target_names.len(), "mse", false),
        },
    };
    let stem = file.path.file_stem().map_or(String::new(), |stem| stem.to_string_lossy().into_owned());
    let plain: String = stem.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '-' }).collect();
    let name = Some(plain.trim_matches('-')).filter(|name| !name.is_empty()).unwrap_or("mine");
    let what = if classes {
        format!("{outputs} classes: an output for each")
    } else {
        "numbers: no activation after the last layer".to_string()
    };
    format!(
        "# Made of a table of {} samples by `neuronlab experiment --from`. Change what you like; train it with `neuronlab train FILE`.\n\
         format = 1\n\
         name = \"{name}\"\n\
         seed = {{ torch = 0, numpy = 0 }}\n\
         # A fifth of the samples is held back{}.\n\
         split = {{ test = 0.2, seed = 0, stratify = {} }}\n\
         # {what}.\n\
         network = {{ layers = [16, 16, {outputs}] }}\n\
         loss = \"{loss}\"\n\
         optimizer = {{ name = \"adam\", lr = 0.01 }}\n\
         batch = {{ name = \"shuffle\", size = 32 }}\n\
         # Ends early when the held-back samples no longer gain, with the best weights.\n\
         stop = {{ epochs = 200, monitor = \"held_back\", patience = 20, restore_best = true }}\n\n\
         {}{}",
        data.len(),
        if stratifies(data, classes) { ", of each class" } else { "" },
        stratifies(data, classes),
        remarks(file),
        table(file)
    )
}

/// What was left out, and what was taken for a missing value, for who reads the file.
fn remarks(file: &CsvFile) -> String {
    // A name with an end of a line in it must not end the remark.
    let listed =
        |names: &[String]| crate::text::in_line(&crate::error::listed(names.iter().map(String::as_str))).into_owned();
    let mut remarks = String::new();
    if !file.exclude.is_empty() {
        let names = listed(&file.exclude);
        let _ =
            writeln!(remarks, "# Left out, since they name, number or date the rows, or hold hardly a value: {names}.");
    }
    if !file.na_values.is_empty() {
        let words = listed(&file.na_values);
        let _ = writeln!(remarks, "# Taken for missing values, since numbers stand around them: {words}.");
    }
    remarks
}

/// Whether each class has samples enough for both sides.
fn stratifies(data: &Dataset, classes: bool) -> bool {
    let keys: Vec<u64> = match &data.targets {
        Targets::Classes { labels, .. } => labels.iter().map(|&label| u64::from(label)).collect(),
        Targets::Numbers(numbers) => numbers.iter().map(|v| v.to_bits()).collect(),
    };
    let mut counts = std::collections::HashMap::new();
    for key in keys {
        *counts.entry(key).or_insert(0) += 1;
    }
    classes && counts.len() > 1 && counts.values().all(|&count: &usize| count > 1) && data.len() >= 5 * counts.len()
}

/// How many different numbers there are, if they are classes: whole ones, few, each several times.
fn few_whole_numbers(numbers: &[f64], columns: usize) -> Option<usize> {
    let whole = columns == 1 && numbers.iter().all(|v| v.fract() == 0.0);
    let distinct: BTreeSet<u64> = numbers.iter().map(|v| (v + 0.0).to_bits()).collect();
    (whole && (2..=MOST_CLASSES).contains(&distinct.len()) && numbers.len() >= 5 * distinct.len())
        .then_some(distinct.len())
}

/// The table's settings that are not at their defaults.
fn table(file: &CsvFile) -> String {
    let all = |file: &CsvFile| Table::try_from(file).expect("plain values");
    let usual = all(&CsvFile::new("", vec![]));
    let mut own = all(&CsvFile { standardize: true, ..file.clone() });
    own.retain(|field, value| usual.get(field) != Some(value));
    own.insert("name".into(), "csv".into());
    let document = Table::from_iter([("data".to_string(), Value::Table(own))]);
    toml::to_string(&document).expect("plain values")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Trainer;

    fn made(rows: &str, target: &str) -> String {
        let file = tempfile::Builder::new().prefix("my table ").suffix(".csv").tempfile().unwrap();
        std::fs::write(file.path(), rows).unwrap();
        let text = Experiment::text_for_table(file.path(), &[target.into()]).unwrap();
        Trainer::<f32>::new(&Experiment::from_toml(&text, "made").unwrap()).unwrap();
        text
    }

    /// Semicolons, decimal commas, missing values, words, numbers of rows, names: all at once.
    #[test]
    fn a_table_with_everything_is_understood() {
        let row = |i: usize| {
            let ca = if i.is_multiple_of(7) { "?".into() } else { format!("{},5", i % 4) };
            format!("{i};name {i};{};{ca};{}\n", ["F", "M"][i % 2], ["yes", "no", "maybe"][i % 3])
        };
        let rows: String = (1..=30).map(row).collect();
        let text = made(&format!("Id;who;sex;ca;num\n{rows}"), "num");
        for part in [
            "decimal = \",\"",
            "missing = \"mean\"",
            "one_hot = [\"sex\"]",
            "exclude = [\"Id\", \"who\"]",
            "layers = [16, 16, 3]",
            "loss = \"cross_entropy\"",
            "stratify = true",
            "standardize = true",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(text.contains("name = \"my-table-"), "{text}");
    }

    /// A slip, a dash, a word: the column is numbers nevertheless, and the file says what was made of it.
    #[test]
    fn a_word_among_numbers_is_a_missing_value() {
        let row = |i: usize| {
            let a = if i == 7 { "O.5".into() } else { format!("{}.25", i * i % 91) };
            let y = if i.is_multiple_of(20) { "-".into() } else { format!("{}.5", i * 7 % 53) };
            format!("{a},{y}\n")
        };
        let rows: String = (0..120).map(row).collect();
        let text = made(&format!("a,y\n{rows}"), "y");
        assert!(
            text.contains("na_values = [\"-\", \"O.5\"]") || text.contains("na_values = [\"O.5\", \"-\"]"),
            "{text}"
        );
        assert!(
            !text.contains("exclude") && text.contains("loss = \"mse\"") && text.contains("missing = \"mean\""),
            "{text}"
        );
        assert!(text.contains("# Taken for missing values"), "{text}");
    }

    #[test]
    fn what_can_not_be_learned_is_refused() {
        let refused = |rows: &str| {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), rows).unwrap();
            Experiment::text_for_table(file.path(), &["y".into()]).unwrap_err().to_string()
        };
        assert!(refused("x,y\n1,2\n").contains("two rows or more, to learn from and to hold back, got 1"));
        assert!(refused("x,y\n?,1\n?,2\n?,3\n").contains("a column of inputs that a network can use"));
        let date = refused("x,y\n1,2024-01-01\n2,2024-01-02\n");
        assert!(date.contains("hint: a date or a time is no number") && !date.contains("exclude"), "{date}");
        assert!(refused("x,y\n1e400,1\n2,2\n").contains("hint: the largest number is about 1.8e308"));
    }

    #[test]
    fn targets_say_which_loss() {
        let rows = |target: &dyn Fn(usize) -> String| -> String {
            (0..40).map(|i| format!("{}.5,{}", i * i % 17, target(i))).collect::<Vec<_>>().join("\n")
        };
        let classes = made(&format!("x,y\n{}", rows(&|i| (1 + i % 3).to_string())), "y");
        assert!(classes.contains("layers = [16, 16, 3]") && classes.contains("cross_entropy"), "{classes}");
        let numbers = made(&format!("x,y\n{}", rows(&|i| format!("{i}.25"))), "y");
        assert!(
            numbers.contains("layers = [16, 16, 1]")
                && numbers.contains("\"mse\"")
                && numbers.contains("stratify = false")
        );
        let error = Experiment::text_for_table(Path::new("/nowhere.csv"), &[]).unwrap_err().to_string();
        assert!(error.starts_with("can't read"), "{error}");
    }
}
