//! The largest eigenvalue of the Hessian over a run, and what the learning rate allows.

use super::plot::{Line, lines};
use crate::explain::Sharpness;

/// A picture of the sharpness along a run; above the dashed line steps grow. `name` is that of the experiment.
pub fn sharpness(name: &str, along: &[Sharpness]) -> String {
    let largest = along.iter().map(|at| (at.step as f64, at.largest)).collect();
    let limit: Vec<_> = along.iter().filter_map(|at| Some((at.step as f64, at.threshold?))).collect();
    let mut curves = vec![Line::new("largest eigenvalue", largest)];
    if !limit.is_empty() {
        curves.push(Line::new("above it, steps grow", limit));
    }
    lines(&format!("Curvature of the loss along the run of {name}"), "step", &curves)
}
