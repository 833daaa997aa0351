//! An evidence card: question, short answer, experiments with their tables and pictures, what they do not show.

use crate::tables;
use serde::Serialize;
use std::fmt::Write;

/// All that stands on a card.
#[derive(Serialize)]
pub(crate) struct Card {
    pub(crate) question: &'static str,
    /// The short answer, in a paragraph.
    pub(crate) answer: String,
    pub(crate) parts: Vec<Part>,
    /// What none of it shows.
    pub(crate) not_shown: &'static str,
}

/// One piece of evidence.
#[derive(Serialize)]
pub(crate) struct Part {
    pub(crate) title: &'static str,
    /// What it is, and what is to be seen in it.
    pub(crate) words: String,
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    /// Pictures, each with its file's name, without its end.
    pub(crate) pictures: Vec<(String, String)>,
    /// What makes it again.
    pub(crate) command: String,
}

/// Width of the text on a terminal.
const WIDTH: usize = 98;

impl Card {
    /// As it stands on a terminal.
    pub(crate) fn text(&self) -> String {
        let mut out = format!("{}\n\n{}\n", self.question, tables::indented(&self.answer, "", WIDTH));
        for part in &self.parts {
            let _ = write!(out, "\n{}\n\n{}\n\n", part.title, tables::indented(&part.words, "", WIDTH));
            let head: Vec<&str> = part.head.iter().map(String::as_str).collect();
            out.push_str(&tables::table(&head, part.rows.iter().cloned(), &[0]));
            let _ = write!(out, "\n\n  {}\n", part.command);
        }
        let _ = write!(out, "\nWhat this does not show\n\n{}\n", tables::indented(self.not_shown, "", WIDTH));
        out
    }

    /// As it stands in `docs/answers`, its pictures beside it.
    pub(crate) fn markdown(&self) -> String {
        let mut out = format!("# {}\n\n{}\n", self.question, self.answer);
        for part in &self.parts {
            let _ = write!(out, "\n## {}\n\n{}\n\n", part.title, part.words);
            let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
            out.push_str(&row(&part.head));
            out.push_str(&row(&vec!["---".to_string(); part.head.len()]));
            part.rows.iter().for_each(|cells| out.push_str(&row(cells)));
            for (file, _) in &part.pictures {
                let _ = write!(out, "\n![{}]({file}.svg)\n", part.title);
            }
            let _ = write!(out, "\n```sh\n{}\n```\n", part.command);
        }
        let _ = write!(out, "\n## What this does not show\n\n{}\n", self.not_shown);
        out
    }
}

/// A share with its interval, in percent.
pub(crate) fn percent(share: neuronlab::sweep::Share) -> [String; 2] {
    let (low, high) = (share.low * 100.0, share.high * 100.0);
    // An interval of many runs that all agree is narrow, but it is no point.
    let interval = if high < 0.1 || low > 99.9 { format!("{low:.2}-{high:.2}") } else { format!("{low:.1}-{high:.1}") };
    [format!("{:.1} %", share.share * 100.0), interval]
}

/// An error, or a dash.
pub(crate) fn error(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), |v| format!("{v:.2e}"))
}

/// Cells of text.
pub(crate) fn cells<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(String::from).into()
}
