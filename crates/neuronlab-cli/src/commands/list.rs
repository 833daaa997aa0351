//! `neuronlab list`: what an experiment can name.

use crate::args::{ListArgs, ListKind};
use crate::printer::Printer;
use crate::tables;
use neuronlab::experiment::{Choice, choices};
use neuronlab::optim::{Optimizer, Schedule};
use neuronlab::{Activation, Loss};
use serde_json::json;

pub(crate) fn run(args: &ListArgs, printer: &mut Printer) {
    let choices = choices_of(args.kind);
    if printer.json() {
        let all = choices.iter().map(|c| {
            let (class, formula) = details(args.kind, &c.name);
            json!({ "name": c.name, "description": c.description, "torch": class, "formula": formula })
        });
        printer.value(&all.collect::<Vec<_>>());
    }
    for choice in choices {
        let (class, formula) = details(args.kind, &choice.name);
        let class = if class.is_empty() { String::new() } else { format!("  ({class})") };
        printer.heading(format_args!("{}{class}", choice.name));
        for text in [choice.description, formula.to_string()] {
            if !text.is_empty() {
                printer.line(tables::indented(&text, "    ", 100));
            }
        }
    }
}

/// All of a kind.
pub(super) fn choices_of(kind: ListKind) -> Vec<Choice> {
    choices(match kind {
        ListKind::Activations => "activation",
        ListKind::Losses => "loss",
        ListKind::Inits => "init",
        ListKind::Optimizers => "optimizer",
        ListKind::Schedules => "schedule",
        ListKind::Datasets => "data",
    })
}

/// PyTorch's class and the formula, where a kind of things has them.
pub(super) fn details(kind: ListKind, name: &str) -> (&'static str, &'static str) {
    let none = ("", "");
    match kind {
        ListKind::Activations => {
            Activation::all().iter().find(|a| a.key() == name).map_or(none, |a| (a.name(), a.formula()))
        }
        ListKind::Losses => Loss::all().iter().find(|l| l.key() == name).map_or(none, |l| (l.name(), l.formula())),
        ListKind::Optimizers => {
            Optimizer::all().iter().find(|o| o.key() == name).map_or(none, |o| (o.name(), o.formula()))
        }
        ListKind::Schedules => Schedule::ALL.iter().find(|s| s.0 == name).map_or(none, |s| (s.1, s.2)),
        ListKind::Inits | ListKind::Datasets => none,
    }
}
