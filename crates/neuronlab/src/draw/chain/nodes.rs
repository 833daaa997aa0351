//! What the picture of the chain rule consists of: quantities and the derivatives between them, along the listed paths.

use crate::explain::{Explanation, PathPart, significant};
use std::collections::BTreeMap;

/// Quantities of a level that are drawn once.
const WIDEST: usize = 6;
/// Paths that are drawn apart.
const LEAVES: usize = 8;

/// A quantity: the loss, one on a path, or the weight.
#[derive(Debug)]
pub(super) struct Node {
    /// Its name and value.
    pub(super) words: String,
    /// How many levels below the loss it stands.
    pub(super) level: usize,
    /// Where it stands in its level, in steps from the left.
    pub(super) at: f64,
    /// The product along the path that ends here, where paths are drawn apart.
    pub(super) product: Option<f64>,
}

/// A derivative between two quantities.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) parent: usize,
    pub(super) child: usize,
    /// ∂parent/∂child
    pub(super) symbols: String,
    /// What that is, such as the name of a weight.
    pub(super) factor: String,
    pub(super) value: f64,
    /// Of the sizes of all drawn products the part that goes through it.
    pub(super) share: f64,
}

/// All of it.
#[derive(Debug)]
pub(super) struct Nodes {
    pub(super) all: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// Steps from the first to the last of the widest level.
    pub(super) steps: f64,
    /// Paths that are drawn, and the sum of their products.
    pub(super) paths: usize,
    pub(super) sum: f64,
}

/// A quantity among those of its level: the sample of its row, and its neuron.
type Place = (u32, usize);
/// Nodes by their level and the quantities down to them, and edges by their ends.
type Known = (BTreeMap<(usize, Vec<Place>), usize>, BTreeMap<(usize, usize), usize>);

impl Nodes {
    /// Of the largest paths as many as there is room for: each quantity once, or each path `apart`.
    pub(super) fn new(why: &Explanation, apart: bool) -> Self {
        let mut paths: Vec<&PathPart> = why.paths.iter().collect();
        paths.truncate(if apart { LEAVES } else { fitting(&paths) });
        // Neighbours in the network are neighbours in the picture.
        paths.sort_by_cached_key(|path| places(path));
        let all = paths.iter().map(|path| path.product.abs()).filter(|size| size.is_finite()).sum::<f64>();
        let mut nodes = Self { all: vec![], edges: vec![], steps: 0.0, paths: paths.len(), sum: 0.0 };
        let mut known: Known = (BTreeMap::new(), BTreeMap::new());
        for (leaf, path) in paths.iter().enumerate() {
            nodes.sum += path.product;
            let share = if path.product.is_finite() { path.product.abs() / all.max(f64::MIN_POSITIVE) } else { 1.0 };
            nodes.add(why, path, (leaf, share), apart, &mut known);
        }
        if apart {
            nodes.above_leaves();
        } else {
            nodes.in_the_middle(&known.0);
        }
        nodes
    }

    /// A path from the loss down to the weight, without what stands already.
    fn add(
        &mut self,
        why: &Explanation,
        path: &PathPart,
        (leaf, share): (usize, f64),
        apart: bool,
        (known, ends): &mut Known,
    ) {
        let (places, last) = (places(path), path.quantities.len() + 1);
        let mut parent = None;
        for level in 0..=last {
            let own = if apart { places[..level.min(last - 1)].to_vec() } else { of_level(&places, level) };
            // The weight stands below each path, or once.
            let own = if apart && level == last { [own, vec![(u32::MAX, leaf)]].concat() } else { own };
            let node = *known.entry((level, own)).or_insert_with(|| {
                let product = (apart && level == last).then_some(path.product);
                self.all.push(Node { words: words(why, path, level), level, at: leaf as f64, product });
                self.all.len() - 1
            });
            if let Some(parent) = parent {
                let edge = *ends.entry((parent, node)).or_insert_with(|| {
                    let (factor, value) = &path.factors[last - level];
                    let symbols = format!("∂{}/∂{}", name(why, path, level - 1), name(why, path, level));
                    self.edges.push(Edge {
                        parent,
                        child: node,
                        symbols,
                        factor: factor.text(),
                        value: *value,
                        share: 0.0,
                    });
                    self.edges.len() - 1
                });
                self.edges[edge].share = (self.edges[edge].share + share).min(1.0);
            }
            parent = Some(node);
        }
    }

    /// Each level in the middle, in the order of neurons.
    fn in_the_middle(&mut self, known: &BTreeMap<(usize, Vec<Place>), usize>) {
        let mut levels: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for ((level, _), node) in known {
            levels.entry(*level).or_default().push(*node);
        }
        self.steps = levels.values().map(|level| level.len() as f64 - 1.0).fold(0.0, f64::max);
        for level in levels.values() {
            for (i, &node) in level.iter().enumerate() {
                self.all[node].at = (self.steps - (level.len() as f64 - 1.0)) / 2.0 + i as f64;
            }
        }
    }

    /// Each quantity above the middle of the paths through it.
    fn above_leaves(&mut self) {
        self.steps = self.paths.saturating_sub(1) as f64;
        let deepest = self.all.iter().map(|node| node.level).max().unwrap_or(0);
        for level in (0..deepest).rev() {
            for node in (0..self.all.len()).filter(|&node| self.all[node].level == level).collect::<Vec<_>>() {
                let below = self.edges.iter().filter(|edge| edge.parent == node).map(|edge| self.all[edge.child].at);
                let (low, high) = below.fold((f64::MAX, f64::MIN), |(low, high), at| (low.min(at), high.max(at)));
                self.all[node].at = f64::midpoint(low, high);
            }
        }
    }
}

/// How many of the paths leave no level too wide.
fn fitting(paths: &[&PathPart]) -> usize {
    let mut levels: BTreeMap<usize, Vec<Place>> = BTreeMap::new();
    let fits = |path: &&&PathPart| {
        places(path).into_iter().enumerate().all(|(level, place)| {
            let level = levels.entry(level).or_default();
            if !level.contains(&place) {
                level.push(place);
            }
            level.len() <= WIDEST
        })
    };
    paths.iter().take_while(fits).count()
}

/// The quantities of a path from the loss downwards.
fn places(path: &PathPart) -> Vec<Place> {
    path.quantities.iter().rev().map(|quantity| (quantity.sample, quantity.neuron)).collect()
}

/// The one of a level; none of loss and weight, of which there is one.
fn of_level(places: &[Place], level: usize) -> Vec<Place> {
    level.checked_sub(1).and_then(|at| places.get(at)).copied().into_iter().collect()
}

/// The name of the quantity of a path at a level.
fn name<'e>(why: &'e Explanation, path: &'e PathPart, level: usize) -> &'e str {
    match path.quantities.len().checked_sub(level) {
        Some(at) if level > 0 => &path.quantities[at].name,
        Some(_) => "L",
        None => &why.parameter,
    }
}

/// Name and value, and the sample where there are several.
fn words(why: &Explanation, path: &PathPart, level: usize) -> String {
    let quantity = path.quantities.len().checked_sub(level).and_then(|at| path.quantities.get(at));
    let value = match quantity {
        Some(quantity) => quantity.value,
        None if level == 0 => why.loss.2,
        None => why.value,
    };
    let sample = quantity.filter(|_| why.samples.len() > 1).map(|quantity| format!(", sample {}", quantity.sample));
    format!("{} = {}{}", name(why, path, level), significant(value, 4), sample.unwrap_or_default())
}
