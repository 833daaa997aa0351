//! Formulas, written once, as text, LaTeX or MathML.

use crate::text::in_line;
use serde::{Serialize, Serializer};

/// A formula.
#[derive(Debug, Clone, PartialEq)]
pub enum Math {
    /// A number, as Rust writes it: `-0.25`, `1.5e-9`.
    Number(String),
    /// A quantity with the name that it has in text, such as `lin2.weight[1,3]`, and its letter, layer and index in print.
    Symbol {
        /// Its name in text.
        name: String,
        /// Its letter, with a dash for a derivative.
        letter: &'static str,
        /// The layer, above in parentheses; empty if there is none.
        layer: String,
        /// The index below; empty if there is none.
        index: String,
    },
    /// Words.
    Words(String),
    /// ∂above/∂below
    Partial(Box<Math>, Box<Math>),
    /// f(x), with a name in upright letters.
    Apply(String, Box<Math>),
    /// Factors.
    Product(Vec<Math>),
    /// Terms.
    Sum(Vec<Math>),
    /// Σ over an index.
    SumOver(String, Box<Math>),
    /// The same, several times.
    Equal(Vec<Math>),
    /// What a function is given, with commas.
    List(Vec<Math>),
}

use Math::{Apply, Equal, List, Number, Partial, Product, Sum, SumOver, Symbol, Words};

impl Math {
    pub(super) fn words(words: impl Into<String>) -> Self {
        Words(words.into())
    }

    pub(super) fn partial(above: Math, below: Math) -> Self {
        Partial(Box::new(above), Box::new(below))
    }

    pub(super) fn apply(function: impl Into<String>, to: Math) -> Self {
        Apply(function.into(), Box::new(to))
    }

    /// In a line of text.
    pub fn text(&self) -> String {
        match self {
            Number(number) => number.clone(),
            Symbol { name, .. } => name.clone(),
            Words(words) => words.clone(),
            Partial(above, below) => format!("∂{}/∂{}", above.text(), below.text()),
            Apply(function, to) => format!("{function}({})", to.text()),
            // Numbers close together, so that a line breaks between terms.
            Product(factors) if factors.iter().all(|f| matches!(f, Number(_))) => join(factors, "·", Math::text),
            Product(factors) => join(factors, " · ", |f| f.grouped(Math::text, "(", ")")),
            Sum(terms) => {
                let sum = join(terms, " + ", Math::text);
                sum.replace("+ -", "- ")
            }
            SumOver(index, term) => format!("Σ_{index} {}", term.text()),
            Equal(sides) => join(sides, " = ", Math::text),
            List(parts) => join(parts, ", ", Math::text),
        }
    }

    /// For the mathematics of LaTeX, with `amsmath`.
    pub fn latex(&self) -> String {
        match self {
            Number(number) => match number.split_once('e') {
                Some((digits, power)) => format!("{digits} \\cdot 10^{{{power}}}"),
                None => number.clone(),
            },
            Symbol { letter, layer, index, .. } => {
                let (bare, dash) = letter.strip_suffix('′').map_or((*letter, ""), |bare| (bare, "\\prime"));
                let layer = if layer.is_empty() { String::new() } else { format!("({layer})") };
                let above = format!("{dash}{layer}");
                let above = if above.is_empty() { above } else { format!("^{{{above}}}") };
                let below = if index.is_empty() { String::new() } else { format!("_{{{index}}}") };
                let bare = match bare {
                    "γ" => "\\gamma",
                    "β" => "\\beta",
                    "α" => "\\alpha",
                    "x̂" => "\\hat{x}",
                    other => other,
                };
                format!("{bare}{above}{below}")
            }
            Words(words) => format!("\\text{{{}}}", latex_words(words)),
            Partial(above, below) => {
                format!("\\frac{{\\partial {}}}{{\\partial {}}}", above.latex(), below.latex())
            }
            Apply(function, to) => {
                let (bare, dash) = function.strip_suffix('′').map_or((&function[..], ""), |bare| (bare, "'"));
                // Not \operatorname, which GitHub refuses.
                format!("\\mathrm{{{}}}{dash}({})", latex_words(bare), to.latex())
            }
            Product(factors) => join(factors, " \\cdot ", |f| f.grouped(Math::latex, "\\left(", "\\right)")),
            Sum(terms) => join(terms, " + ", Math::latex).replace("+ -", "- "),
            SumOver(index, term) => format!("\\sum_{{{index}}} {}", term.latex()),
            Equal(sides) => join(sides, " = ", Math::latex),
            List(parts) => join(parts, ", ", Math::latex),
        }
    }

    /// As the inside of MathML's `<math>`.
    pub fn mathml(&self) -> String {
        match self {
            Number(number) => match number.split_once('e') {
                Some((digits, power)) => {
                    let power = format!("<msup><mn>10</mn><mrow>{}</mrow></msup>", mathml_number(power));
                    format!("<mrow>{}<mo>·</mo>{power}</mrow>", mathml_number(digits))
                }
                None => mathml_number(number),
            },
            Symbol { letter, layer, index, .. } => {
                let letter = format!("<mi>{letter}</mi>");
                let layer = format!("<mrow><mo>(</mo><mn>{layer}</mn><mo>)</mo></mrow>");
                let below = format!("<mtext>{index}</mtext>");
                match (layer.contains("<mn></mn>"), index.is_empty()) {
                    (true, true) => letter,
                    (true, false) => format!("<msub>{letter}{below}</msub>"),
                    (false, true) => format!("<msup>{letter}{layer}</msup>"),
                    (false, false) => format!("<msubsup>{letter}{below}{layer}</msubsup>"),
                }
            }
            Words(words) => format!("<mtext>{}</mtext>", escape(words)),
            Partial(above, below) => format!(
                "<mfrac><mrow><mo>∂</mo>{}</mrow><mrow><mo>∂</mo>{}</mrow></mfrac>",
                above.mathml(),
                below.mathml()
            ),
            Apply(function, to) => {
                format!("<mrow><mi>{}</mi><mo>(</mo>{}<mo>)</mo></mrow>", escape(function), to.mathml())
            }
            Product(factors) => {
                let grouped = |f: &Math| f.grouped(Math::mathml, "<mo>(</mo>", "<mo>)</mo>");
                format!("<mrow>{}</mrow>", join(factors, "<mo>·</mo>", grouped))
            }
            Sum(terms) => {
                let sum = join(terms, "<mo>+</mo>", Math::mathml);
                let sum = sum.replace("<mo>+</mo><mn>−", "<mo>−</mo><mn>");
                format!("<mrow>{}</mrow>", sum.replace("<mo>+</mo><mrow><mn>−", "<mo>−</mo><mrow><mn>"))
            }
            SumOver(index, term) => {
                format!("<mrow><munder><mo>∑</mo><mi>{index}</mi></munder>{}</mrow>", term.mathml())
            }
            Equal(sides) => join(sides, "<mo>=</mo>", Math::mathml),
            List(parts) => join(parts, "<mo>,</mo>", Math::mathml),
        }
    }

    /// The formula in lines that a page is wide enough for: the left side, and what stands behind it.
    pub(super) fn lines(&self, print: &Print) -> Vec<Line> {
        let Equal(sides) = self else {
            return vec![Line { right: (print.write)(self), ..Line::default() }];
        };
        let mut lines: Vec<Line> = Vec::new();
        for side in &sides[1..] {
            let parts = match side {
                Sum(terms) if terms.len() > TERMS => long_sum(print.equal, terms, "", print),
                Product(factors) => match factors.split_last() {
                    Some((Sum(terms), before)) if terms.len() > 1 => {
                        let front = (print.write)(&Product(before.to_vec()));
                        let front = format!("{}{front}{}{}", print.equal, print.dot, print.open);
                        long_sum(&front, terms, print.close, print)
                    }
                    _ => vec![side.line(print)],
                },
                side => vec![side.line(print)],
            };
            // A side behind the one before it, where there is room.
            match (lines.last_mut(), &parts[..]) {
                (Some(line), [part]) if line.length + part.length <= LENGTH => {
                    line.right.push_str(&part.right);
                    line.length += part.length;
                }
                _ => lines.extend(parts),
            }
        }
        if let Some(first) = lines.first_mut() {
            first.left = (print.write)(&sides[0]);
        }
        lines
    }

    fn line(&self, print: &Print) -> Line {
        let right = format!("{}{}", print.equal, (print.write)(self));
        Line { left: String::new(), right, length: self.text().chars().count() + 3, continues: false }
    }

    /// In parentheses where it stands among factors and is a sum, or a number below 0.
    fn grouped(&self, write: fn(&Math) -> String, open: &str, close: &str) -> String {
        let group = match self {
            Sum(terms) => terms.len() > 1,
            Equal(_) => true,
            _ => false,
        };
        if group { format!("{open}{}{close}", write(self)) } else { write(self) }
    }
}

/// How formulas are written in lines.
pub(super) struct Print {
    pub(super) write: fn(&Math) -> String,
    pub(super) equal: &'static str,
    pub(super) plus: &'static str,
    pub(super) dot: &'static str,
    pub(super) open: &'static str,
    pub(super) close: &'static str,
}

/// A line of a formula.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pub(super) left: String,
    pub(super) right: String,
    /// Characters that it has as text.
    length: usize,
    /// Whether it goes on with a sum.
    pub(super) continues: bool,
}

/// Characters of text whose print fits into a line.
const LENGTH: usize = 76;
/// Terms of a sum that stand in one line of print.
const TERMS: usize = 3;
/// Factors of all terms that stand in one line of print.
const FACTORS: usize = 6;

fn long_sum(front: &str, terms: &[Math], end: &str, print: &Print) -> Vec<Line> {
    let factors = |term: &Math| if let Product(factors) = term { factors.len() } else { 1 };
    let longest = terms.iter().map(factors).max().unwrap_or(1);
    let parts: Vec<&[Math]> = terms.chunks((FACTORS / longest).clamp(1, TERMS)).collect();
    let last = parts.len() - 1;
    let line = |(k, part): (usize, &&[Math])| {
        let sum = Sum(part.to_vec());
        let sign = match (k, starts_below_zero(&part[0])) {
            (0, _) => front,
            (_, true) => "",
            (_, false) => print.plus,
        };
        let right = format!("{sign}{}{}", (print.write)(&sum), if k == last { end } else { "" });
        Line { left: String::new(), right, length: sum.text().chars().count() + 4, continues: k > 0 }
    };
    parts.iter().enumerate().map(line).collect()
}

fn starts_below_zero(term: &Math) -> bool {
    match term {
        Number(number) => number.starts_with('-'),
        Product(factors) => factors.first().is_some_and(starts_below_zero),
        _ => false,
    }
}

/// As text.
impl Serialize for Math {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

fn join(parts: &[Math], between: &str, write: impl Fn(&Math) -> String) -> String {
    parts.iter().map(write).collect::<Vec<_>>().join(between)
}

/// The sign goes with the digits: as an operator it would stand apart from them.
fn mathml_number(number: &str) -> String {
    format!("<mn>{}</mn>", number.replace('-', "−"))
}

/// Words as LaTeX wants them outside of mathematics.
pub(super) fn latex_words(words: &str) -> String {
    let mut out = String::new();
    for c in in_line(words).chars() {
        match c {
            '#' | '_' | '%' | '&' | '$' | '{' | '}' => out.extend(['\\', c]),
            '\\' => out.push_str("\\textbackslash{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '<' | '>' | '|' => out.extend(['$', c, '$']),
            'Σ' => out.push_str("$\\Sigma$"),
            '∂' => out.push_str("$\\partial$"),
            'λ' => out.push_str("$\\lambda$"),
            'γ' => out.push_str("$\\gamma$"),
            'β' => out.push_str("$\\beta$"),
            'α' => out.push_str("$\\alpha$"),
            '\u{302}' => {
                // A hat over the letter before it.
                let letter = out.pop().unwrap_or(' ');
                out.push_str("$\\hat{");
                out.extend([letter, '}', '$']);
            }
            'μ' => out.push_str("$\\mu$"),
            'δ' => out.push_str("$\\delta$"),
            '·' => out.push_str("$\\cdot$"),
            '→' => out.push_str("$\\to$"),
            '←' => out.push_str("$\\leftarrow$"),
            '−' => out.push_str("$-$"),
            '²' => out.push_str("$^2$"),
            '′' => out.push_str("$'$"),
            '…' => out.push_str("\\dots{}"),
            '≈' => out.push_str("$\\approx$"),
            '≤' => out.push_str("$\\le$"),
            c => out.push(c),
        }
    }
    out
}

fn escape(words: &str) -> String {
    in_line(words).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight() -> Math {
        Symbol { name: "lin2.weight[1,3]".into(), letter: "w", layer: "2".into(), index: "1,3".into() }
    }

    #[test]
    fn one_formula_three_ways() {
        let loss = Symbol { name: "L".into(), letter: "L", layer: String::new(), index: String::new() };
        let terms = Sum(vec![Number("0.5".into()), Number("-2e-9".into())]);
        let formula = Equal(vec![Math::partial(loss, weight()), Product(vec![weight(), terms])]);
        assert_eq!(formula.text(), "∂L/∂lin2.weight[1,3] = lin2.weight[1,3] · (0.5 - 2e-9)");
        assert_eq!(
            formula.latex(),
            "\\frac{\\partial L}{\\partial w^{(2)}_{1,3}} = w^{(2)}_{1,3} \\cdot \\left(0.5 - 2 \\cdot 10^{-9}\\right)"
        );
        assert!(
            formula.mathml().contains("<mo>(</mo><mrow><mn>0.5</mn><mo>−</mo><mrow><mn>2</mn>"),
            "{}",
            formula.mathml()
        );
    }

    #[test]
    fn words_are_safe_in_latex() {
        assert_eq!(latex_words("H#1_2 50 % {x}"), "H\\#1\\_2 50 \\% \\{x\\}");
    }
}
