//! How the samples that are held back fare over the run, beside those that are learned.

use super::panels::{Panel, Path, panels};
use crate::draw::decimals;
use crate::scalar::Real;
use crate::train::History;

/// The loss after each epoch, of training samples and of those that are held back; none where none are.
pub fn held_back<T: Real>(history: &History<T>) -> Option<String> {
    let steps = history.steps_per_epoch();
    let mean = |(epoch, losses): (usize, &[T])| {
        let sum: f64 = losses.iter().map(|loss| loss.to_f64()).sum();
        (epoch as f64 + 1.0, sum / losses.len() as f64)
    };
    let training: Vec<(f64, f64)> = history.losses.chunks_exact(steps).enumerate().map(mean).collect();
    let looked = (0..training.len()).filter_map(|epoch| Some((epoch as f64 + 1.0, history.held_back(epoch)?.loss)));
    let held_back: Vec<(f64, f64)> = looked.collect();
    let lowest = held_back.iter().copied().reduce(|best, next| if next.1 < best.1 { next } else { best })?;
    let path = |name: &str, points: Vec<(f64, f64)>| {
        let last = points.last().map_or(f64::NAN, |point| point.1);
        Path { name: format!("{name}, at last {last}"), label: format!("{name} {}", decimals(last)), points }
    };
    let paths = vec![path("training", training), path("held back", held_back)];
    let panel = Panel { title: "loss".into(), paths, logarithmic: false };
    let about = "The mean of the losses of each epoch's steps, and the loss of the held-back samples after it.";
    let note = format!("Of the held-back samples it was lowest after {} epochs: {}.", lowest.0, decimals(lowest.1));
    Some(panels("Loss of the samples that are held back", about, "epochs", &[panel], &[note]))
}
