//! The loss over a plane through a run's last parameters, and the run's path over it.

use super::trace::Trace;
use crate::error::{Error, Result};
use crate::limits::ends;
use crate::random::TorchRng;
use crate::scalar::Real;
use crate::train::Trainer;

/// Heights a side.
const CELLS: usize = 51;

/// Which plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plane {
    /// Two random directions, each neuron's weights as long as the neuron's own (Li et al. 2018, "Visualizing the loss landscape
    /// of neural nets"), drawn from PyTorch's stream with a seed.
    Random(u64),
    /// Two parameters, by their places.
    Along(usize, usize),
    /// The two directions in which the run's path is widest: its principal components.
    Principal,
}

/// Heights of the loss over a plane.
#[derive(Debug, Clone)]
pub struct Landscape {
    /// Name of the experiment.
    pub experiment: String,
    /// What the two directions are called.
    pub names: [String; 2],
    /// Ends of both axes: values of the parameters, or distances from the last ones in lengths of the direction.
    pub x: (f64, f64),
    /// The second.
    pub y: (f64, f64),
    /// Cells a side.
    pub side: usize,
    /// The loss of all training samples at the centre of each cell, row by row, the highest y first.
    pub losses: Vec<f64>,
    /// The run's path, projected on the plane.
    pub path: Vec<(f64, f64)>,
    /// The loss at the run's last parameters.
    pub last: f64,
    /// Of the squares of the path's distances from its end the part that lies in the plane.
    pub inside: f64,
}

impl Landscape {
    /// Through the parameters that a run has now; `trace` is its way to them.
    ///
    /// # Errors
    /// Two directions that are none: a parameter twice, a path without a second direction. More work than can be waited for.
    pub fn new<T: Real>(trainer: &Trainer<T>, trace: &Trace, plane: Plane) -> Result<Self> {
        let last: Vec<f64> = trainer.model().parameters().iter().map(|w| w.to_f64()).collect();
        let rows = trainer.task().train.x.len() / trainer.model().network().in_features();
        let work = ((CELLS * CELLS) as u128).saturating_mul(rows as u128).saturating_mul(last.len() as u128);
        ends(("network.layers", work, "a smaller network, or fewer samples"), "the landscape")?;
        let ways: Vec<Vec<f64>> = trace
            .moments
            .iter()
            .map(|moment| moment.parameters.iter().zip(&last).map(|(w, end)| w - end).collect())
            .collect();
        let (directions, names) = directions(trainer, trace, plane, (&last, &ways))?;
        let shift = match plane {
            Plane::Along(a, b) => (last[a], last[b]),
            _ => (0.0, 0.0),
        };
        let flat: Vec<(f64, f64)> = ways.iter().map(|way| project(way, &directions)).collect();
        let all: f64 = ways.iter().map(|way| dot(way, way)).sum();
        let length = |(a, b): &(f64, f64)| {
            let place: Vec<f64> = directions[0].iter().zip(&directions[1]).map(|(u, v)| a * u + b * v).collect();
            dot(&place, &place)
        };
        let inside = if all > 0.0 { flat.iter().map(length).sum::<f64>() / all } else { 1.0 };
        let least = if plane == Plane::Principal { 0.0 } else { 1.0 };
        let (x, y) = (range(flat.iter().map(|p| p.0), least), range(flat.iter().map(|p| p.1), least));
        let mut there = trainer.clone();
        let mut height = |a: f64, b: f64| {
            for (i, w) in there.parameters_mut().iter_mut().enumerate() {
                *w = T::constant(last[i] + a * directions[0][i] + b * directions[1][i]);
            }
            let train = &trainer.task().train;
            there.evaluate(&train.x, &train.y).loss
        };
        let centre = |k: usize, (low, high): (f64, f64)| low + (high - low) * (k as f64 + 0.5) / CELLS as f64;
        let losses =
            (0..CELLS * CELLS).map(|k| height(centre(k % CELLS, x), centre(CELLS - 1 - k / CELLS, y))).collect();
        let moved = |(low, high): (f64, f64), by: f64| (low + by, high + by);
        Ok(Self {
            experiment: trace.experiment.clone(),
            names,
            x: moved(x, shift.0),
            y: moved(y, shift.1),
            side: CELLS,
            losses,
            path: flat.into_iter().map(|(a, b)| (a + shift.0, b + shift.1)).collect(),
            last: height(0.0, 0.0),
            inside,
        })
    }
}

/// Around values and 0, with air, and at least so far on both sides.
fn range(values: impl Iterator<Item = f64>, least: f64) -> (f64, f64) {
    let (low, high) = values.fold((-least, least), |(low, high): (f64, f64), v| (low.min(v), high.max(v)));
    let air = 0.15 * (high - low).max(1e-6);
    (low - air, high + air)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The place in the plane that is nearest to a vector: the directions need not be at right angles.
fn project(way: &[f64], [u, v]: &[Vec<f64>; 2]) -> (f64, f64) {
    let (uu, uv, vv) = (dot(u, u), dot(u, v), dot(v, v));
    let (a, b) = (dot(way, u), dot(way, v));
    let det = uu * vv - uv * uv;
    ((a * vv - b * uv) / det, (b * uu - a * uv) / det)
}

type Directions = ([Vec<f64>; 2], [String; 2]);

fn directions<T: Real>(
    trainer: &Trainer<T>,
    trace: &Trace,
    plane: Plane,
    (last, ways): (&[f64], &[Vec<f64>]),
) -> Result<Directions> {
    match plane {
        Plane::Along(a, b) if a == b => {
            Err(Error::field("along", "two different parameters", format!("`{}` twice", trace.names[a])))
        }
        Plane::Along(a, b) => {
            let unit = |place: usize| (0..last.len()).map(|i| f64::from(u8::from(i == place))).collect();
            Ok(([unit(a), unit(b)], [a, b].map(|place| trace.names[place].clone())))
        }
        Plane::Random(seed) => {
            let mut rng = TorchRng::new(seed);
            let both = [0, 1].map(|_| random(trainer, last, &mut rng));
            Ok((both, ["first random direction", "second random direction"].map(String::from)))
        }
        Plane::Principal => {
            let (first, share) = widest(ways, &[])?;
            let (second, other) = widest(ways, std::slice::from_ref(&first))?;
            let name =
                |which: &str, share: f64| format!("{which} principal direction ({:.0} % of the path)", 100.0 * share);
            Ok(([first, second], [name("first", share), name("second", other)]))
        }
    }
}

/// A random direction in which each neuron's weights are as long as they are in the network; all other tensors as a whole.
fn random<T: Real>(trainer: &Trainer<T>, last: &[f64], rng: &mut TorchRng) -> Vec<f64> {
    let mut direction = vec![0.0f64; last.len()];
    rng.normal(&mut direction, 0.0, 1.0);
    for tensor in trainer.model().network().tensors() {
        let neuron = if tensor.shape.len() > 1 { tensor.shape[1] } else { tensor.range.len() };
        for (d, w) in direction[tensor.range.clone()].chunks_mut(neuron).zip(last[tensor.range].chunks(neuron)) {
            let scale = (dot(w, w) / dot(d, d).max(f64::MIN_POSITIVE)).sqrt();
            for d in d {
                *d *= scale;
            }
        }
    }
    direction
}

/// The direction of length 1 in which the ways are widest, at right angles to those that are known, and its part of the sum of
/// their squares: the power method on the products of the ways with one another, of which there are few.
fn widest(ways: &[Vec<f64>], known: &[Vec<f64>]) -> Result<(Vec<f64>, f64)> {
    let rest: Vec<Vec<f64>> = ways
        .iter()
        .map(|way| {
            let along: Vec<f64> = known.iter().map(|k| dot(way, k)).collect();
            (0..way.len()).map(|i| way[i] - known.iter().zip(&along).map(|(k, a)| a * k[i]).sum::<f64>()).collect()
        })
        .collect();
    let total: f64 = ways.iter().map(|way| dot(way, way)).sum();
    // The longest way is a good beginning.
    let mut direction = rest.iter().max_by(|a, b| dot(a, a).total_cmp(&dot(b, b))).cloned().unwrap_or_default();
    for _ in 0..200 {
        let mut next = vec![0.0; direction.len()];
        for way in &rest {
            let along = dot(way, &direction);
            next.iter_mut().zip(way).for_each(|(n, w)| *n += along * w);
        }
        let length = dot(&next, &next).sqrt();
        if !(length > 1e-200 && length.is_finite()) {
            let error = Error::field("plane", "a path with two principal directions", "one with fewer");
            return Err(error.with_hint("a longer run, or random directions, or --along two parameters"));
        }
        direction = next.into_iter().map(|n| n / length).collect();
    }
    let share = rest.iter().map(|way| dot(way, &direction).powi(2)).sum::<f64>() / total;
    Ok((direction, share))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;
    use crate::explain::Timeline;

    fn of(plane: Plane) -> (Landscape, f64) {
        let mut run = Timeline::<f64>::new(&Experiment::built_in("xor-mse").unwrap()).unwrap();
        let trace = Trace::along(&mut run, &Trace::steps(200, 20), |_| {}).unwrap();
        let trainer = run.at(200).unwrap();
        let loss = trainer.evaluate(&trainer.task().train.x, &trainer.task().train.y).loss;
        (Landscape::new(trainer, &trace, plane).unwrap(), loss)
    }

    /// In each plane the run ends where it ended, at the loss that it had.
    #[test]
    fn the_path_ends_at_the_last_loss() {
        for plane in [Plane::Random(1), Plane::Along(0, 5), Plane::Principal] {
            let (landscape, loss) = of(plane);
            assert_eq!(landscape.last, loss, "{plane:?}");
            assert_eq!(landscape.losses.len(), landscape.side * landscape.side);
            let &(x, y) = landscape.path.last().unwrap();
            let inside = |v: f64, (low, high): (f64, f64)| low < v && v < high;
            assert!(inside(x, landscape.x) && inside(y, landscape.y), "{plane:?}: {x} {y}");
            assert!((0.0..=1.0 + 1e-9).contains(&landscape.inside), "{}", landscape.inside);
        }
    }

    /// No other plane holds as much of the path.
    #[test]
    fn the_principal_plane_holds_most_of_the_path() {
        let principal = of(Plane::Principal).0.inside;
        assert!(principal > of(Plane::Random(1)).0.inside && principal > of(Plane::Along(0, 5)).0.inside);
    }
}
