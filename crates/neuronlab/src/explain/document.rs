//! A page of words, formulas and tables, to be written as text, Markdown or LaTeX. (HTML and pictures are `draw`'s.)

use super::Math;
use super::math::{Line, Print, latex_words};
use crate::text::in_line;
use std::fmt::{Display, Formatter, Write};

/// A page.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// What follows.
    pub blocks: Vec<Block>,
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Words(String),
    /// What the letters of formulas mean: not in text, where quantities have names.
    Legend(String),
    /// Formulas below each other.
    Formulas(Vec<Math>),
    /// A table.
    Table(Table),
}

/// Cells in rows, each of as many cells as there are heads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// Names of the columns.
    pub head: Vec<String>,
    /// Rows; one whose first cell is empty continues the one above.
    pub rows: Vec<Vec<String>>,
    /// Columns of words, aligned to the left.
    pub left: Vec<usize>,
}

/// Characters in a line of text.
const WIDTH: usize = 100;

impl Document {
    /// With a heading before the blocks that follow.
    pub(super) fn heading(&mut self, words: impl Into<String>) {
        self.blocks.push(Block::Heading(words.into()));
    }

    pub(super) fn words(&mut self, words: impl Into<String>) {
        self.blocks.push(Block::Words(words.into()));
    }

    /// As Markdown with the formulas that GitHub renders.
    pub fn markdown(&self) -> String {
        let mut out = format!("## {}\n", markdown_words(&self.title));
        for block in &self.blocks {
            out.push('\n');
            let _ = match block {
                Block::Heading(words) => writeln!(out, "### {}", markdown_words(words)),
                Block::Words(words) | Block::Legend(words) => writeln!(out, "{}", markdown_words(words)),
                Block::Formulas(formulas) => writeln!(out, "```math\n{}\n```", aligned(formulas)),
                Block::Table(table) => write!(out, "{}", table.markdown()),
            };
        }
        out
    }

    /// As a LaTeX document that compiles with pdflatex, xelatex and lualatex.
    pub fn latex(&self) -> String {
        let mut out = String::from(
            "\\documentclass{article}\n\\usepackage[utf8]{inputenc}\n\\usepackage[T1]{fontenc}\n\\usepackage{amsmath}\n\
             \\usepackage[margin=2cm]{geometry}\n\\usepackage{longtable}\n\\allowdisplaybreaks\n\\setlength{\\parindent}{0pt}\n\
             \\begin{document}\n",
        );
        let _ = writeln!(out, "\\section*{{{}}}", latex_words(&self.title));
        for block in &self.blocks {
            let _ = match block {
                Block::Heading(words) => writeln!(out, "\n\\subsection*{{{}}}", latex_words(words)),
                Block::Words(words) | Block::Legend(words) => writeln!(out, "\n{}", latex_words(words)),
                Block::Formulas(formulas) => {
                    writeln!(out, "{{\\small\n\\begin{{align*}}\n{}\n\\end{{align*}}}}", rows(formulas))
                }
                Block::Table(table) => write!(out, "{}", table.latex()),
            };
        }
        out.push_str("\\end{document}\n");
        out
    }
}

/// As text, in lines of at most 100 characters where words and formulas allow.
impl Display for Document {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.title)?;
        for block in self.blocks.iter().filter(|block| !matches!(block, Block::Legend(_))) {
            writeln!(f, "\n{block}")?;
        }
        Ok(())
    }
}

impl Display for Block {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Heading(words) => write!(f, "{words}"),
            Self::Words(words) | Self::Legend(words) => write!(f, "{}", wrapped(words, "", WIDTH)),
            Self::Formulas(formulas) => {
                let lines: Vec<String> = formulas.iter().map(|m| wrapped(&m.text(), "  ", WIDTH)).collect();
                write!(f, "{}", lines.join("\n"))
            }
            Self::Table(table) => write!(f, "{table}"),
        }
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let width = |column: usize| {
            let cells = std::iter::once(&self.head).chain(&self.rows);
            cells.map(|row| row[column].chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().enumerate().map(|(i, cell)| {
                let space = " ".repeat(widths[i] - cell.chars().count());
                if self.left.contains(&i) { format!("{cell}{space}") } else { format!("{space}{cell}") }
            });
            format!(" {}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_string()
        };
        let rule = "─".repeat(widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1));
        write!(f, "{}\n {rule}", line(&self.head))?;
        self.rows.iter().try_for_each(|row| write!(f, "\n{}", line(row)))
    }
}

impl Table {
    fn markdown(&self) -> String {
        let row = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|c| markdown_words(c).replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let sides: Vec<String> =
            (0..self.head.len()).map(|i| if self.left.contains(&i) { ":--" } else { "--:" }.to_string()).collect();
        let body: String = self.rows.iter().map(|cells| row(cells)).collect();
        format!("{}| {} |\n{body}", row(&self.head), sides.join(" | "))
    }

    fn latex(&self) -> String {
        let sides: String = (0..self.head.len()).map(|i| if self.left.contains(&i) { 'l' } else { 'r' }).collect();
        let row = |cells: &Vec<String>| {
            let cells: Vec<String> = cells.iter().map(|c| latex_words(c)).collect();
            format!("{} \\\\\n", cells.join(" & "))
        };
        let body: String = self.rows.iter().map(row).collect();
        format!(
            "{{\\footnotesize\n\\begin{{longtable}}{{{sides}}}\n{}\\hline\n\\endhead\n{body}\\end{{longtable}}}}\n",
            row(&self.head)
        )
    }
}

/// Formulas below each other, equal signs in line.
fn aligned(formulas: &[Math]) -> String {
    format!("\\begin{{aligned}}\n{}\n\\end{{aligned}}", rows(formulas))
}

const LATEX: Print = Print { write: Math::latex, equal: " = ", plus: "+ ", dot: " \\cdot ", open: "(", close: ")" };
const MATHML: Print = Print {
    write: Math::mathml,
    equal: "<mo>=</mo>",
    plus: "<mo>+</mo>",
    dot: "<mo>·</mo>",
    open: "<mo>(</mo>",
    close: "<mo>)</mo>",
};

/// Formulas as rows of an `align`.
fn rows(formulas: &[Math]) -> String {
    let line = |line: Line| {
        if line.continues { format!("& \\qquad {}", line.right) } else { format!("{} &{}", line.left, line.right) }
    };
    let lines = formulas.iter().flat_map(|formula| formula.lines(&LATEX));
    lines.map(line).collect::<Vec<_>>().join(" \\\\\n")
}

impl Block {
    /// Formulas as a table of MathML, equal signs in line; nothing of other blocks.
    pub fn mathml(&self) -> String {
        let Self::Formulas(formulas) = self else {
            return String::new();
        };
        let row = |line: Line| {
            let space = if line.continues { "<mspace width=\"2em\"/>" } else { "" };
            format!(
                "<mtr><mtd style=\"text-align:right\">{}</mtd><mtd style=\"text-align:left\">{space}{}</mtd></mtr>",
                line.left, line.right
            )
        };
        let rows: String = formulas.iter().flat_map(|m| m.lines(&MATHML)).map(row).collect();
        format!("<math display=\"block\" style=\"margin:.4rem 0;width:max-content\"><mtable>{rows}</mtable></math>")
    }
}

/// Words as Markdown leaves them.
fn markdown_words(words: &str) -> String {
    let mut out = String::new();
    for c in in_line(words).chars() {
        if "\\`*_{}[]<>#".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Words in lines of at most `width` characters; lines after the first are indented by 4 more than `indent`.
pub(super) fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let mut lines = vec![indent.to_string()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("a line");
        let empty = line.trim().is_empty();
        if !empty && line.chars().count() + 1 + word.chars().count() > width {
            let deeper = if indent.is_empty() { String::new() } else { format!("{indent}    ") };
            lines.push(deeper + word);
        } else {
            line.push_str(if empty { "" } else { " " });
            line.push_str(word);
        }
    }
    lines.join("\n")
}
