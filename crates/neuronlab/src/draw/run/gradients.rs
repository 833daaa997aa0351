//! How large the gradients of each layer are over a run.

use super::panels::{Panel, Path, panels};
use crate::explain::{Trace, significant};

/// Tensors that are drawn.
const MOST: usize = 16;

/// The root mean square of the gradients of each tensor, on an axis of powers of ten: which layers learn, and which hardly do.
pub fn gradients(trace: &Trace) -> String {
    let (mut paths, mut zero) = (Vec::new(), false);
    for tensor in trace.tensors.iter().take(MOST) {
        let mut points: Vec<(f64, f64)> = trace
            .moments
            .iter()
            .filter_map(|moment| {
                let gradients = &moment.gradients.as_ref()?[tensor.range.clone()];
                Some((moment.step as f64 / trace.steps_per_epoch as f64, root_mean_square(gradients)))
            })
            .collect();
        zero |= points.iter().any(|point| point.1 == 0.0);
        points.retain(|point| point.1 != 0.0);
        let last = points.last().map_or(f64::NAN, |point| point.1);
        let label = format!("{} {}", tensor.name, significant(last, 3));
        paths.push(Path { name: format!("{}, at last {last}", tensor.name), label, points });
    }
    let mut notes = Vec::new();
    notes.extend(
        zero.then(|| "Steps whose gradients are all 0 have no place on this axis; they are left out.".to_string()),
    );
    notes.extend((trace.tensors.len() > MOST).then(|| format!("Shown: {MOST} of {} tensors.", trace.tensors.len())));
    let title = format!("Gradients of {} over the run", trace.experiment);
    let about = "Root mean square of the gradients of each tensor in some steps, each on the samples of its step; at the end of each line its last size.";
    let panel = Panel { title: "size of the gradients".into(), paths, logarithmic: true };
    panels(&title, about, "epoch", &[panel], &notes)
}

fn root_mean_square(values: &[f64]) -> f64 {
    (values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;
    use crate::explain::{Moment, Timeline};

    /// The number at a line's end is made of the gradients of that step.
    #[test]
    fn sizes_are_those_of_the_step() {
        let mut run = Timeline::<f64>::new(&Experiment::built_in("xor-mse").unwrap()).unwrap();
        let picture = gradients(&Trace::along(&mut run, &[0, 3, 7], |_| {}).unwrap());
        let moment = Moment::new(run.at(7).unwrap(), None).unwrap();
        let first = moment.network().tensors().next().unwrap();
        let size = root_mean_square(&moment.gradients[first.range.clone()]);
        let words = format!("<title>{}, at last {size}</title>", first.name);
        assert!(picture.contains(&words), "{words}: {picture}");
    }
}
