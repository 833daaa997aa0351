//! `neuronlab answer`: the exercise's questions, answered with evidence.

use crate::Failure;
use crate::answer::{Card, Lab};
use crate::args::AnswerArgs;
use crate::printer::Printer;
use neuronlab::Error;
use neuronlab::train::sha256;
use std::path::{Path, PathBuf};

/// Where what was trained is kept: the same command finds it there.
const WORK: &str = "runs/answers";

pub(crate) fn run(args: &AnswerArgs, printer: &mut Printer) -> Result<(), Failure> {
    let questions = args.question.each();
    if let (Some(out), false) = (&args.out, args.force) {
        questions.iter().try_for_each(|question| as_left(&file_of(out, question.key())))?;
    }
    let lab = Lab { quick: args.quick, work: Path::new(WORK) };
    let mut cards = vec![];
    for question in questions {
        let card = question.card(&lab)?;
        match &args.out {
            Some(out) => {
                write(out, question.key(), &card)?;
                printer.line(format_args!("Written: {}", file_of(out, question.key()).display()));
            }
            None if printer.json() => {}
            None => {
                if !cards.is_empty() {
                    printer.line("");
                }
                printer.line(card.text().trim_end());
            }
        }
        cards.push(card);
    }
    if printer.json() {
        match &cards[..] {
            [card] => printer.value(card),
            cards => printer.value(&cards),
        }
    }
    Ok(())
}

fn file_of(out: &Path, key: &str) -> PathBuf {
    out.join(format!("{key}-evidence.md"))
}

/// The card, and its pictures beside it.
fn write(out: &Path, key: &str, card: &Card) -> Result<(), Failure> {
    std::fs::create_dir_all(out).map_err(|source| Error::Io { action: "create", path: out.into(), source })?;
    for (name, picture) in card.parts.iter().flat_map(|part| &part.pictures) {
        super::write(&out.join(format!("{name}.svg")), picture)?;
    }
    let text = card.markdown();
    Ok(super::write(&file_of(out, key), &format!("{text}\n{}\n", mark(&text)))?)
}

/// The last line: who made the card, and a hash by which an edit shows.
fn mark(text: &str) -> String {
    format!("<!-- Made by `neuronlab answer`; do not edit. {} -->", sha256(text.as_bytes()))
}

/// Refuses to replace a card that is not as it was written.
fn as_left(file: &Path) -> Result<(), Failure> {
    let Ok(there) = std::fs::read_to_string(file) else { return Ok(()) };
    let whole = there.trim_end().rsplit_once('\n').is_some_and(|(text, last)| last == mark(text));
    if whole { Ok(()) } else { Err(Error::Exists { path: file.into(), holds: "was edited by hand".into() }.into()) }
}
