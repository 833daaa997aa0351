//! One neuron over the plane of the network's inputs.

use super::key::Key;
use super::plane::plane;
use super::samples::{dots, points, points_shown, scaled};
use crate::explain::{Neuron, sums};
use crate::scalar::Real;
use crate::train::Trainer;

/// What the picture of a neuron shows.
pub const NEURON_CAPTION: &str = "Orange where the neuron's weighted sum is above 0, blue where it is below; the line is where it is 0. Dots are training samples, coloured by their targets.";

/// A picture of a neuron of a network of two inputs: orange where its weighted sum is above 0, blue where it is below, the line
/// where it is 0; full colour where tanh of the sum would be saturated. Dots are training samples.
///
/// # Panics
/// If the network has not two inputs.
pub fn neuron<T: Real>(trainer: &Trainer<T>, neuron: &Neuron) -> String {
    let [first, second] = &trainer.task().input_names[..] else {
        panic!("a network of two inputs");
    };
    let colour = |rows: &[[f64; 2]]| {
        let sums = sums(trainer, neuron.place, &scaled(trainer.task(), rows));
        sums.into_iter().map(|z| 0.5 + 0.5 * z.tanh()).collect()
    };
    let title = format!("{}: its weighted sum over the plane of the inputs", neuron.name);
    let areas = vec!["sum below 0".into(), "sum above 0".into()];
    let key = Key { areas, dots: dots(trainer), note: points_shown(trainer) };
    plane(&title, colour, 1, &points(trainer), [first, second], &key)
}
