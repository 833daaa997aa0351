//! The training samples over a plane of two inputs: where they stand, their classes, and what these are called.

use crate::scalar::Real;
use crate::train::{Task, Trainer};

/// Training samples that are drawn.
const MOST_POINTS: usize = 2000;
/// Training samples of two inputs, as they stand in the user's data, and their classes.
pub(in crate::draw) fn points<T: Real>(trainer: &Trainer<T>) -> Vec<([f64; 2], usize)> {
    let task = trainer.task();
    let outputs = trainer.model().network().out_features();
    let unscaled = |x: &[T]| [0, 1].map(|i| task.original(i, x[i]).to_f64());
    // None of a sample that is marked as not to be counted.
    let class = |y: &[T]| match y {
        [one] => Some(usize::from(one.to_f64() > 0.5)),
        several => {
            let class = several.iter().position(|&v| v == T::constant(1.0));
            if task.classes.is_empty() { class.or(Some(0)) } else { class }
        }
    };
    let rows = task.train.x.chunks_exact(2).zip(task.train.y.chunks_exact(outputs));
    rows.take(MOST_POINTS).filter_map(|(x, y)| Some((unscaled(x), class(y)?))).collect()
}

/// Says that not all training samples are among the points, if they are not.
pub(in crate::draw) fn points_shown<T: Real>(trainer: &Trainer<T>) -> Option<String> {
    let n = trainer.task().train.x.len() / trainer.task().input_names.len();
    (n > MOST_POINTS).then(|| format!("The first {MOST_POINTS} of {n} training samples are shown."))
}

/// What the classes of [`points`] are called.
pub(in crate::draw) fn dots<T: Real>(trainer: &Trainer<T>) -> Vec<String> {
    let task = trainer.task();
    let two_values = || task.train.y.iter().all(|&y| y == T::constant(0.0) || y == T::constant(1.0));
    match &task.target_names[..] {
        names if !task.classes.is_empty() => {
            // A number alone would not say of what.
            let of = |class: &String| match names {
                [name] if class.parse::<f64>().is_ok() => format!("{name} = {class}"),
                _ => class.clone(),
            };
            task.classes.iter().map(of).collect()
        }
        [name] if two_values() => vec![format!("{name} = 0"), format!("{name} = 1")],
        [name] => vec![format!("{name} up to 0.5"), format!("{name} above 0.5")],
        names => names.to_vec(),
    }
}

/// Rows of two inputs as the network is given them.
pub(in crate::draw) fn scaled<T: Real>(task: &Task<T>, rows: &[[f64; 2]]) -> Vec<T> {
    let mut flat = rows.as_flattened().to_vec();
    if let Some(scaling) = &task.scaling {
        scaling.apply(&mut flat);
    }
    flat.into_iter().map(T::constant).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;

    #[test]
    fn colours_have_names() {
        let names = |settings: &[&str]| {
            let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
            dots(&Trainer::<f32>::new(&Experiment::built_in("xor").unwrap().with(&settings).unwrap()).unwrap())
        };
        assert_eq!(names(&[]), ["y = 0", "y = 1"]);
        assert_eq!(names(&["loss=cross_entropy", "network.layers=[{out_features=2}]"]), ["y = 0", "y = 1"]);
    }
}
