//! The largest eigenvalue of the Hessian over a run, and what the learning rate allows.

use crate::draw::plot::{Line, lines};
use crate::explain::{Sharpness, significant};

/// A limit so many times as high as all eigenvalues would press them to the ground.
const FAR: f64 = 10.0;

/// A picture of the sharpness along a run; above the dashed line steps grow. `name` is that of the experiment.
pub fn sharpness(name: &str, along: &[Sharpness]) -> String {
    let points: Vec<_> = along.iter().map(|at| (at.step as f64, at.largest)).collect();
    let limit: Vec<_> = along.iter().filter_map(|at| Some((at.step as f64, at.threshold?))).collect();
    let highest = points.iter().fold(0.0f64, |highest, at| highest.max(at.1));
    let lowest = limit.iter().fold(f64::INFINITY, |lowest, at| lowest.min(at.1));
    let mut curves = vec![Line::new("largest eigenvalue", points)];
    if !limit.is_empty() && highest > 0.0 && lowest > FAR * highest {
        curves.push(Line::new(&format!("above {}, steps grow", significant(lowest, 3)), vec![]));
    } else if !limit.is_empty() {
        curves.push(Line::new("above it, steps grow", limit));
    }
    lines(&format!("Curvature of the loss along the run of {name}"), "step", &curves)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_far_limit_is_said_and_not_drawn() {
        let along = |threshold| [0, 9].map(|step| Sharpness { step, largest: 6.5, threshold: Some(threshold) });
        assert!(sharpness("xor", &along(7.0)).contains(">above it, steps grow<"));
        let far = sharpness("xor", &along(190.0));
        assert!(far.contains(">above 190, steps grow<") && !far.contains(">100<"), "{far}");
    }
}
