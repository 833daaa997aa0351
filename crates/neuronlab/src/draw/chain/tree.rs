//! The tree of the chain rule, drawn.

use super::nodes::{Edge, Nodes};
use crate::draw::layout::Labels;
use crate::draw::svg::{Anchor, Font, Point, Stroke, Svg, fit, label_size, width, wrap};
use crate::explain::{Explanation, significant};

/// Width of the picture, at least.
const WIDTH: f64 = 480.0;
/// Left and right of the outermost quantities.
const MARGIN: f64 = 14.0;
/// From one line of words to the next.
const LINE: f64 = 17.0;
/// From one line of a label to the next.
const LABEL_LINE: f64 = 13.0;

/// The chain rule for a weight: the loss at the top, below each quantity what it depends on, and on each line the derivative
/// between the two. Each quantity is drawn once.
///
/// Of the listed paths as many are drawn as there is room for, and the picture says so.
pub fn chain(why: &Explanation) -> String {
    draw(why, &Nodes::new(why, false), false)
}

/// The same with each path drawn apart from where it leaves the others: the product of its derivatives stands at its leaf, and
/// the sum of these products is the gradient.
pub fn chain_unrolled(why: &Explanation) -> String {
    draw(why, &Nodes::new(why, true), true)
}

fn draw(why: &Explanation, nodes: &Nodes, apart: bool) -> String {
    let title = format!("Chain rule: ∂L/∂{} = {}", why.parameter, significant(why.sum, 6));
    let plan = Plan::new(nodes);
    let across = plan.width;
    let when = match (&why.experiment, why.step) {
        (Some(experiment), Some(step)) => format!("{experiment}, step {step}: "),
        _ => String::new(),
    };
    let about = format!("{when}{} {}.", why.parameter, why.role);
    let about = wrap(&about, Font::SMALL, across - 2.0 * MARGIN);
    let top = 30.0 + LINE * about.len() as f64 + 16.0;
    let (labels, homeless) = plan.labels(nodes);
    let mut notes = notes(why, nodes, apart);
    notes.extend(homeless);
    let notes: Vec<String> = notes.iter().flat_map(|note| wrap(note, Font::SMALL, across - 2.0 * MARGIN)).collect();
    let below = top + plan.height + if apart { 34.0 } else { 14.0 };
    let height = below + LINE * notes.len() as f64 + 8.0;

    let mut svg = Svg::new(across, height, &title, &notes.join(" "));
    svg.text(Font::STRONG, Anchor::Start, (MARGIN, 22.0), &fit(&title, Font::STRONG, across - 2.0 * MARGIN));
    for (line, words) in about.iter().enumerate() {
        svg.text(Font::SMALL, Anchor::Start, (MARGIN, 40.0 + LINE * line as f64), words);
    }
    let down = |(x, y): Point| (x, top + y);
    for edge in &nodes.edges {
        let words = format!("{} = {} = {}", edge.symbols, edge.factor, edge.value);
        svg.edge(stroke(edge), down(plan.place(nodes, edge.parent)), down(plan.place(nodes, edge.child)), &words);
    }
    for (lines, at) in &labels {
        for (i, line) in lines.iter().enumerate() {
            let middle = LABEL_LINE * (i as f64 - (lines.len() as f64 - 1.0) / 2.0);
            svg.label(down((at.0, at.1 + middle)), line);
        }
    }
    for (i, node) in nodes.all.iter().enumerate() {
        let at = down(plan.place(nodes, i));
        svg.boxed(at, &node.words);
        if let Some(product) = node.product {
            let words = format!("product {}", significant(product, 4));
            svg.text(Font::LABEL, Anchor::Middle, (at.0, at.1 + 26.0), &words);
        }
    }
    for (line, words) in notes.iter().enumerate() {
        svg.text(Font::SMALL, Anchor::Start, (MARGIN, below + LINE * (line + 1) as f64 - 5.0), words);
    }
    svg.finish()
}

/// Blue and whole above 0, orange and dashed below, as wide as what it carries; what is no number is as wide as can be.
fn stroke(edge: &Edge) -> Stroke {
    let stroke = if edge.value < 0.0 { Stroke::MINUS } else { Stroke::PLUS };
    stroke.wide(1.0 + 5.0 * edge.share)
}

/// What stands below the tree.
fn notes(why: &Explanation, nodes: &Nodes, apart: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let (shown, sum) = (nodes.paths as u128, significant(nodes.sum, 6));
    let products = if apart { "The products at the leaves" } else { "The products along the paths" };
    if shown < why.count {
        let others = significant(why.sum - nodes.sum, 4);
        notes.push(format!("Folded: drawn are the {shown} largest of {} paths.", why.count));
        let whole = significant(why.sum, 6);
        notes.push(format!(
            "{products} add up to {sum}; the other paths add {others}, which gives ∂L/∂{} = {whole}.",
            why.parameter
        ));
    } else if shown == 1 {
        notes.push(format!("There is one path: its product is ∂L/∂{} = {sum}.", why.parameter));
    } else {
        notes.push(format!("{products} add up to ∂L/∂{} = {sum}.", why.parameter));
    }
    notes.push("Wide lines carry much of it; derivatives below 0 are orange and dashed.".into());
    notes
}

/// Where quantities and labels stand, from the top of the tree.
struct Plan {
    width: f64,
    height: f64,
    /// The middle of the first quantity, and from one to the next.
    first: f64,
    step: f64,
    /// The middle of each level.
    levels: Vec<f64>,
}

impl Plan {
    fn new(nodes: &Nodes) -> Self {
        let wide = |words: &str| width(words, Font::LABEL) + 12.0;
        let mut widest = nodes.all.iter().map(|node| wide(&node.words)).fold(0.0, f64::max);
        let labels = nodes.edges.iter().map(|edge| label_size(&edge.symbols).0).fold(0.0, f64::max);
        widest = widest.max(labels);
        let step = widest + 12.0;
        let across = WIDTH.max(2.0 * MARGIN + widest + nodes.steps * step).ceil();
        let first = (across - nodes.steps * step) / 2.0;
        let deepest = nodes.all.iter().map(|node| node.level).max().unwrap_or(0);
        let mut levels = vec![10.0];
        for level in 1..=deepest {
            let edges = nodes.edges.iter().filter(|edge| nodes.all[edge.child].level == level).count() as f64;
            let rows = (edges / (nodes.steps + 1.0)).ceil().clamp(1.0, 6.0);
            // Where lines cross, labels need more room than they have.
            let rows = if rows > 1.0 { rows + 1.0 } else { rows };
            let fan = if edges > 1.0 { 14.0 } else { 0.0 };
            levels.push(levels[level - 1] + 46.0 + fan + 30.0 * rows);
        }
        Self { width: across, height: levels[deepest] + 10.0, first, step, levels }
    }

    fn place(&self, nodes: &Nodes, node: usize) -> Point {
        let node = &nodes.all[node];
        (self.first + self.step * node.at, self.levels[node.level])
    }

    /// Labels with their places: symbols and number, the number alone, or, where there is no room for either, a note.
    fn labels(&self, nodes: &Nodes) -> (Vec<(Vec<String>, Point)>, Option<String>) {
        let mut taken = Labels::default();
        for (i, node) in nodes.all.iter().enumerate() {
            taken.take(self.place(nodes, i), (width(&node.words, Font::LABEL) + 12.0, 23.0));
        }
        let (mut placed, mut unnamed) = (Vec::new(), Vec::new());
        for edge in &nodes.edges {
            let (from, to) = (self.place(nodes, edge.parent), self.place(nodes, edge.child));
            let number = significant(edge.value, 4);
            let both = [edge.symbols.clone(), number.clone()];
            // From the middle outwards.
            let parts = (0..=12).flat_map(|i| [0.5 + 0.03 * f64::from(i), 0.5 - 0.03 * f64::from(i)]);
            let places: Vec<Point> =
                parts.map(|part| (from.0 + part * (to.0 - from.0), from.1 + part * (to.1 - from.1))).collect();
            let inside = |at: &Point, wide: f64| at.0 - wide / 2.0 >= 4.0 && at.0 + wide / 2.0 <= self.width - 4.0;
            let size = (label_size(&both[0]).0.max(label_size(&number).0), 2.0 * LABEL_LINE + 2.0);
            let at = taken.put(places.iter().copied().filter(|at| inside(at, size.0)), size);
            if let Some(at) = at {
                placed.push((both.to_vec(), at));
                continue;
            }
            unnamed.push(format!("{} = {number}", edge.symbols));
            let at = taken.put(places.iter().copied(), label_size(&number));
            placed.extend(at.map(|at| (vec![number], at)));
        }
        let note =
            (!unnamed.is_empty()).then(|| format!("Symbols that had no room on their lines: {}.", unnamed.join(", ")));
        (placed, note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::Moment;
    use crate::nn::{Activation, Loss, Model, Network};

    /// One input, `wide` neurons of tanh, one output.
    fn moment(wide: usize) -> Moment {
        let network = Network::new(1).linear(1, false, Activation::TANH).linear(wide, false, Activation::TANH);
        let network = network.linear(1, false, Activation::IDENTITY);
        let weights = (0..=2 * wide).map(|i| 0.3 + 0.1 * (i % 5) as f64).collect();
        let model = Model::<f64>::new(network, weights).unwrap();
        Moment::of_model(&model, &Loss::MSE_LOSS, &[0.8], &[1.0]).unwrap()
    }

    /// The words on lines, as (symbols, number).
    fn derivatives(picture: &str) -> Vec<(String, f64)> {
        let titles = picture.split("<title>").skip(2).map(|rest| rest.split_once("</title>").unwrap().0);
        let read = |title: &str| {
            let parts: Vec<&str> = title.split(" = ").collect();
            (parts[0].to_string(), parts[parts.len() - 1].parse().unwrap())
        };
        titles.map(read).collect()
    }

    /// The numbers of the picture are those of the moment, and along each path they make the gradient.
    #[test]
    fn derivatives_on_lines_make_the_gradient() {
        let moment = moment(2);
        let why = Explanation::new(&moment, "lin1.weight[0,0]").unwrap();
        let on_lines = derivatives(&chain(&why));
        let value = |name: &str| on_lines.iter().find(|line| line.0 == name).unwrap_or_else(|| panic!("{name}")).1;
        let through = |n: usize| {
            value(&format!("∂Y#0/∂H#2_{n}"))
                * value(&format!("∂H#2_{n}/∂z(H#2_{n})"))
                * value(&format!("∂z(H#2_{n})/∂H#1_0"))
        };
        let first = value("∂H#1_0/∂z(H#1_0)") * value("∂z(H#1_0)/∂lin1.weight[0,0]");
        let gradient = value("∂L/∂Y#0") * (through(0) + through(1)) * first;
        assert!((gradient - moment.gradients[0]).abs() < 1e-15);
        // Once each: nine derivatives, unrolled eleven, for the paths share the first.
        assert_eq!(on_lines.len(), 9);
        let unrolled = chain_unrolled(&why);
        assert_eq!(derivatives(&unrolled).len(), 1 + 2 * 5);
        let products = unrolled.split(">product ").skip(1).map(|rest| rest.split_once('<').unwrap().0);
        let sum: f64 = products.map(|text| text.parse::<f64>().unwrap()).sum();
        assert!((sum - why.sum).abs() < 1e-3 * why.size, "{unrolled}");
    }

    #[test]
    fn more_paths_than_fit_are_folded() {
        let why = Explanation::new(&moment(20), "lin1.weight[0,0]").unwrap();
        assert!(chain(&why).contains(">Folded: drawn are the 6 largest of 20 paths.<"), "{}", chain(&why));
        assert!(chain_unrolled(&why).contains(">Folded: drawn are the 8 largest of 20 paths.<"));
        let few = Explanation::new(&moment(2), "lin3.weight[0,1]").unwrap();
        assert!(chain(&few).contains(">There is one path: its product is ∂L/∂lin3.weight[0,1] = "));
    }
}
