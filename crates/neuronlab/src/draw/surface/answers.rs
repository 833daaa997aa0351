//! What the network of a run answers over the plane of its inputs.

use super::key::Key;
use super::plane::{TITLE, plane};
use super::samples::{dots, points, points_shown, scaled};
use crate::error::{Error, Result};
use crate::scalar::Real;
use crate::train::{Task, Trainer};

/// The answer of a run's network all over the plane of its two inputs, with the training samples.
///
/// # Errors
/// The network has not two inputs, or its targets are neither classes nor 0 and 1, so that two colours would say nothing.
pub fn answer_surface<T: Real>(trainer: &Trainer<T>) -> Result<String> {
    let task = trainer.task();
    let [first, second] = two_classes_or_more(trainer)?;
    let outputs = trainer.model().network().out_features();
    let answer = |rows: &[[f64; 2]]| trainer.predict(&scaled(task, rows)).into_iter().map(Real::to_f64).collect();
    let key = Key { dots: dots(trainer), note: points_shown(trainer), ..Key::default() };
    Ok(plane(TITLE, answer, outputs, &points(trainer), [first, second], &key))
}

/// The names of the two inputs of a task whose answers colours can tell.
pub(super) fn two_classes_or_more<T: Real>(trainer: &Trainer<T>) -> Result<[&str; 2]> {
    let task = trainer.task();
    let names = two_inputs(task)?;
    if !task.train.y.iter().all(|&y| y == T::constant(0.0) || y == T::constant(1.0)) {
        let error = Error::field("surface", "a task whose targets are classes, or 0 and 1", "targets of other numbers");
        return Err(error.with_hint("--neurons draws every neuron's weighted sum instead"));
    }
    Ok(names)
}

/// The names of the two inputs.
pub(super) fn two_inputs<T: Real>(task: &Task<T>) -> Result<[&str; 2]> {
    match &task.input_names[..] {
        [first, second] => Ok([first, second]),
        names => Err(Error::field("surface", "a network of two inputs, which make a plane", names.len())),
    }
}
