//! The graph as a picture: nodes in columns and rows, edges with arrows.

use super::{ComputationGraph, Edge, Kind, Node};
use crate::draw::layout::Labels;
use crate::draw::svg::{Anchor, Font, Point, Stroke, Svg, fit, label_size, width, wrap};

/// Left and right of everything.
const MARGIN: f64 = 14.0;
/// From one line of words to the next.
const LINE: f64 = 17.0;
/// From one line of a node to the next.
const NODE_LINE: f64 = 14.0;
/// Between a node's rim and its words.
const PAD: f64 = 8.0;
/// Width of the widest node.
const WIDEST: f64 = 240.0;
/// Length of an arrow's head.
const HEAD: f64 = 6.0;

impl ComputationGraph {
    /// As an SVG.
    pub fn svg(&self) -> String {
        let plan = Plan::new(self);
        let room = plan.width - 2.0 * MARGIN;
        let about = wrap(&self.about, Font::SMALL, room);
        let heads = if self.heads.is_empty() { 0.0 } else { LINE };
        let top = 40.0 + LINE * about.len() as f64 + heads;
        let (labels, homeless) = plan.labels(self);
        let more = format!("Labels that had no room on their lines, and are read by pointing at these: {homeless}.");
        let notes = self.notes.iter().map(String::as_str).chain((homeless > 0).then_some(&*more));
        let notes: Vec<String> = notes.flat_map(|note| wrap(note, Font::SMALL, room)).collect();
        let below = top + plan.height + 12.0;
        let height = below + LINE * notes.len() as f64 + 10.0;
        let mut svg = Svg::new(plan.width, height, &self.title, &format!("{} {}", self.about, self.notes.join(" ")));
        svg.text(Font::STRONG, Anchor::Start, (MARGIN, 22.0), &fit(&self.title, Font::STRONG, room));
        for (line, words) in about.iter().enumerate() {
            svg.text(Font::SMALL, Anchor::Start, (MARGIN, 40.0 + LINE * line as f64), words);
        }
        for (column, words) in self.heads.iter().enumerate() {
            svg.text(Font::SMALL, Anchor::Middle, (plan.columns[column].0, top - 14.0), words);
        }
        for edge in &self.edges {
            self.draw_edge(&mut svg, &plan, top, edge);
        }
        for (words, (x, y)) in labels {
            svg.label((x, top + y), words);
        }
        for node in &self.nodes {
            let (x, y) = plan.centre(node);
            draw(&mut svg, node, (x, top + y), plan.columns[node.column].1);
        }
        for (line, words) in notes.iter().enumerate() {
            svg.text(Font::SMALL, Anchor::Start, (MARGIN, below + LINE * (line + 1) as f64 - 5.0), words);
        }
        svg.finish()
    }

    fn draw_edge(&self, svg: &mut Svg, plan: &Plan, top: f64, edge: &Edge) {
        let (from, to) = plan.ends(&self.nodes[edge.from], &self.nodes[edge.to]);
        let (from, to) = ((from.0, top + from.1), (to.0, top + to.1));
        let stroke = if edge.backward || edge.minus { Stroke::MINUS } else { Stroke::PLUS };
        let stroke = stroke.wide(1.0 + 2.0 * edge.share);
        svg.edge(stroke, from, to, &edge.words);
        let length = (to.0 - from.0).hypot(to.1 - from.1).max(1e-9);
        let (along, across) = (((to.0 - from.0) / length, (to.1 - from.1) / length), HEAD * 0.5);
        let back = (to.0 - HEAD * along.0, to.1 - HEAD * along.1);
        let side = |sign: f64| (back.0 - sign * across * along.1, back.1 + sign * across * along.0);
        let whole = Stroke { dashes: None, ..stroke };
        svg.polyline(whole, &[side(1.0), to, side(-1.0)]);
    }
}

fn draw(svg: &mut Svg, node: &Node, centre: Point, wide: f64) {
    let rim = match node.kind {
        Kind::Given => Stroke::AXIS,
        Kind::Forward => Stroke::FIRST.wide(1.4),
        Kind::Backward => Stroke::MEAN.wide(1.4),
    };
    let (_, high) = size(node);
    svg.card(rim, centre, (wide, high), &node.lines.join("\n"));
    let first = centre.1 - high / 2.0 + PAD + 8.0;
    for (i, line) in node.lines.iter().enumerate() {
        let font = font(i, line);
        let words = fit(line, font, wide - 2.0 * PAD + 0.1);
        svg.text(font, Anchor::Middle, (centre.0, first + NODE_LINE * i as f64), &words);
    }
}

/// Names are bold: the first line, and one with a shape.
fn font(i: usize, line: &str) -> Font {
    if i == 0 || line.ends_with(']') { Font::NAME } else { Font::LABEL }
}

/// Width and height of a node by itself.
fn size(node: &Node) -> (f64, f64) {
    let line = |(i, line): (usize, &String)| width(line, font(i, line));
    let widest = node.lines.iter().enumerate().map(line).fold(0.0, f64::max);
    (WIDEST.min(widest + 2.0 * PAD), 2.0 * PAD + NODE_LINE * node.lines.len() as f64 - 4.0)
}

/// Where nodes stand, from the top of the graph.
struct Plan {
    width: f64,
    height: f64,
    /// The middle of each column, and the width of its nodes.
    columns: Vec<(f64, f64)>,
    /// The middle of each row.
    rows: Vec<f64>,
    /// From a neuron to the next one of its column, where columns have no rows in common.
    step: f64,
}

impl Plan {
    fn new(graph: &ComputationGraph) -> Self {
        let count = graph.nodes.iter().map(|node| node.column + 1).max().unwrap_or(0);
        // A gap holds an arrow, or a label with lines that lead to it.
        let label = |edge: &Edge| {
            let beside = graph.nodes[edge.from].column != graph.nodes[edge.to].column;
            if beside && !edge.label.is_empty() { label_size(&edge.label).0 } else { 0.0 }
        };
        let widest = graph.edges.iter().map(label).fold(0.0, f64::max);
        let gap = if widest > 0.0 { 70.0 + widest } else { 40.0 };
        let (mut x, mut columns) = (MARGIN, Vec::with_capacity(count));
        for column in 0..count {
            let of_column = graph.nodes.iter().filter(|node| node.column == column);
            let head = graph.heads.get(column).map_or(0.0, |head| width(head, Font::SMALL));
            let wide = of_column.map(|node| size(node).0).fold(head, f64::max);
            columns.push((x + wide / 2.0, wide));
            x += wide + gap;
        }
        let highest = |row: Option<usize>| {
            let of_row = graph.nodes.iter().filter(|node| row.is_none_or(|row| node.row == row as f64));
            of_row.map(|node| size(node).1).fold(0.0, f64::max)
        };
        let last = graph.nodes.iter().map(|node| node.row).fold(0.0, f64::max) as usize;
        let vertical = graph.edges.iter().any(|edge| graph.nodes[edge.from].column == graph.nodes[edge.to].column);
        let mut rows = vec![highest(vertical.then_some(0)) / 2.0];
        for row in 1..=last {
            let step = if vertical {
                f64::midpoint(highest(Some(row - 1)), highest(Some(row))) + 36.0
            } else {
                highest(None) + 14.0
            };
            rows.push(rows[row - 1] + step);
        }
        let height = rows[last] + highest(vertical.then_some(last)) / 2.0;
        let step = highest(None) + 14.0;
        let across = (x - gap + MARGIN).max(480.0).ceil();
        let shift = (across - (x - gap + MARGIN)) / 2.0;
        for (middle, _) in &mut columns {
            *middle += shift.max(0.0);
        }
        Self { width: across, height, columns, rows, step }
    }

    fn centre(&self, node: &Node) -> Point {
        (self.columns[node.column].0, self.rows[node.row as usize] + node.row.fract() * self.step)
    }

    /// Labels that have room, with their places, and how many have none.
    fn labels<'g>(&self, graph: &'g ComputationGraph) -> (Vec<(&'g str, Point)>, usize) {
        let mut taken = Labels::default();
        for node in &graph.nodes {
            taken.take(self.centre(node), (self.columns[node.column].1, size(node).1));
        }
        let (mut placed, mut homeless) = (vec![], 0);
        for edge in graph.edges.iter().filter(|edge| !edge.label.is_empty()) {
            let (from, to) = self.ends(&graph.nodes[edge.from], &graph.nodes[edge.to]);
            let size = label_size(&edge.label);
            // From the middle outwards.
            let parts = (0..=8).flat_map(|i| [0.5 + 0.04 * f64::from(i), 0.5 - 0.04 * f64::from(i)]);
            let places = parts.map(|part| (from.0 + part * (to.0 - from.0), from.1 + part * (to.1 - from.1)));
            let inside = |at: &Point| at.0 - size.0 / 2.0 >= 4.0 && at.0 + size.0 / 2.0 <= self.width - 4.0;
            match taken.put(places.filter(inside), size) {
                Some(at) => placed.push((&*edge.label, at)),
                None => homeless += 1,
            }
        }
        (placed, homeless)
    }

    /// Where an edge leaves a node, and where it arrives: below or above it in one column, else at its sides.
    fn ends(&self, from: &Node, to: &Node) -> (Point, Point) {
        let (a, b) = (self.centre(from), self.centre(to));
        if from.column == to.column {
            let sign = (b.1 - a.1).signum();
            ((a.0, a.1 + sign * size(from).1 / 2.0), (b.0, b.1 - sign * size(to).1 / 2.0))
        } else {
            let sign = (b.0 - a.0).signum();
            let half = |node: &Node| self.columns[node.column].1 / 2.0;
            ((a.0 + sign * half(from), a.1), (b.0 - sign * half(to), b.1))
        }
    }
}
