//! `train --lr 0.1`: what stands in the experiment has no option of its own, and the error says which field is meant.

use crate::args::Args;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Error};
use neuronlab::experiment::field_called;

/// The error, with `--set` in place of the guesses where the unknown option is the name of a field.
pub(crate) fn with_field(mut error: Error, words: &[String]) -> Error {
    if error.kind() == ErrorKind::UnknownArgument
        && takes_settings(words)
        && let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg)
        && let Some(setting) = setting(option, words)
    {
        error.remove(ContextKind::SuggestedArg);
        let tip = format!("it is a field of the experiment: --set {setting}");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

/// Whether the verb replaces fields.
fn takes_settings(words: &[String]) -> bool {
    let program = Args::command();
    let verb = words.iter().skip(1).find_map(|word| program.find_subcommand(word));
    verb.is_some_and(|verb| verb.get_arguments().any(|argument| argument.get_long() == Some("set")))
}

/// `optimizer.lr=0.1` for `--lr 0.1` and `--learning-rate=0.1`.
fn setting(option: &str, words: &[String]) -> Option<String> {
    let option = option.split('=').next().filter(|option| option.starts_with("--"))?;
    let field = field_called(option.trim_start_matches('-'))?;
    let at = words.iter().position(|word| word.split('=').next() == Some(option))?;
    let behind = words.get(at + 1).filter(|next| !next.starts_with("--")).map(String::as_str);
    let value = words[at].split_once('=').map(|(_, value)| value).or(behind).unwrap_or("VALUE");
    let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "._-+,".contains(c));
    Some(if plain { format!("{field}={value}") } else { format!("'{field}={value}'") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn tip(line: &str) -> String {
        let words: Vec<String> = line.split(' ').map(String::from).collect();
        let Err(error) = Args::try_parse_from(&words) else { panic!("{line} was understood") };
        with_field(error, &words).to_string()
    }

    #[test]
    fn the_field_that_is_meant_is_named() {
        let cases = [
            ("neuronlab train --lr 0.1", "--set optimizer.lr=0.1"),
            ("neuronlab train xor --learning-rate=0.1", "--set optimizer.lr=0.1"),
            ("neuronlab train --epochs 10 --lr 1", "--set stop.epochs=10"),
            ("neuronlab train --seed 3", "--set seed.torch=3"),
            ("neuronlab train --momentum 0.9", "--set optimizer.momentum=0.9"),
            ("neuronlab --json train --batch-size 4", "--set batch.size=4"),
            ("neuronlab train --optimizer adam", "--set optimizer=adam"),
            ("neuronlab train --loss", "--set loss=VALUE"),
            ("neuronlab train --weight_decay -1e-3", "--set optimizer.weight_decay=-1e-3"),
            ("neuronlab sweep --init {name='normal'}", "--set 'init={name='normal'}'"),
            ("neuronlab data moons --noise 0.1", "--set data.noise=0.1"),
            ("neuronlab explain --activation relu", "--set network.layers.0.activation=relu"),
        ];
        for (line, setting) in cases {
            let error = tip(line);
            assert!(error.contains(&format!("tip: it is a field of the experiment: {setting}\n")), "{line}: {error}");
            assert!(!error.contains("similar argument") && !error.contains("as a value"), "{line}: {error}");
        }
    }

    #[test]
    fn other_options_keep_their_errors() {
        assert!(tip("neuronlab train --forse").contains("'--force'"));
        assert!(tip("neuronlab train --frob 1").contains("unexpected argument '--frob'"));
        assert!(!tip("neuronlab predict runs/xor --lr 1").contains("--set"), "predict replaces nothing");
    }
}
