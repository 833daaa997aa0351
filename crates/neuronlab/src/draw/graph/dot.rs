//! The graph in the language of Graphviz, for those who want to lay it out or style it themselves.

use super::{ComputationGraph, Kind};
use crate::text::printable;
use std::fmt::Write;

impl ComputationGraph {
    /// As a `digraph`, for `dot -Tsvg` and other programs that know it.
    pub fn dot(&self) -> String {
        let mut text = format!(
            "digraph {} {{\n  label={};\n  labelloc=t;\n  rankdir=TB;\n  fontname=\"Helvetica\";\n  \
             node [shape=box, fontname=\"Helvetica\", fontsize=11];\n  edge [fontname=\"Helvetica\", fontsize=10];\n",
            quoted(&self.title),
            quoted(&format!("{}\n{}", self.title, self.about))
        );
        for (i, node) in self.nodes.iter().enumerate() {
            let look = match node.kind {
                Kind::Given => "style=filled, fillcolor=\"#eef1f4\"",
                Kind::Forward => "color=\"#2166ac\"",
                Kind::Backward => "color=\"#c65f00\"",
            };
            let _ = writeln!(text, "  n{i} [label={}, {look}];", quoted(&node.lines.join("\n")));
        }
        for edge in &self.edges {
            let colour = if edge.backward || edge.minus { "#c65f00" } else { "#2166ac" };
            let style = if edge.minus { ", style=dashed" } else { "" };
            let label = if edge.label.is_empty() { String::new() } else { format!(", label={}", quoted(&edge.label)) };
            let _ = writeln!(
                text,
                "  n{} -> n{} [color=\"{colour}\"{style}, tooltip={}{label}];",
                edge.from,
                edge.to,
                quoted(&edge.words)
            );
        }
        text + "}\n"
    }
}

/// A string as the language has it; `\n` is a line of its own.
fn quoted(words: &str) -> String {
    let lines: Vec<String> =
        words.split('\n').map(|line| printable(line).replace('\\', "\\\\").replace('"', "\\\"")).collect();
    format!("\"{}\"", lines.join("\\n"))
}
