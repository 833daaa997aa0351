//! The path of every parameter over a run.

use super::panels::{Panel, Path, panels};
use crate::explain::{Trace, significant};
use crate::nn::Tensor;

/// Parameters of a tensor that are drawn.
const MOST: usize = 16;
/// Tensors that are drawn.
const TENSORS: usize = 12;

/// A frame for each tensor, and in it a line for each of its parameters, with its last value; of a large tensor the parameters
/// that moved most, and the picture says so.
pub fn weights(trace: &Trace) -> String {
    let (mut all, mut notes) = (Vec::new(), Vec::new());
    for tensor in trace.tensors.iter().take(TENSORS) {
        let (drawn, count) = (moved_most(trace, tensor.range.clone()), tensor.range.len());
        let title = if drawn.len() < count {
            format!("{}: the {} of {count} that moved most", tensor.name, drawn.len())
        } else {
            tensor.name.clone()
        };
        let paths = drawn.into_iter().map(|place| path(trace, tensor, place)).collect();
        all.push(Panel { title, paths, logarithmic: false });
    }
    if trace.tensors.len() > TENSORS {
        notes.push(format!("Shown: {TENSORS} of {} tensors.", trace.tensors.len()));
    }
    let last = trace.moments.last().map_or(0, |moment| moment.step);
    let title = format!("Weights of {} over the run", trace.experiment);
    let about =
        format!("Each line is a parameter, from the start to step {last}; at its end its index and last value.");
    panels(&title, &about, "epoch", &all, &notes)
}

/// The places that are drawn, in their order.
fn moved_most(trace: &Trace, places: std::ops::Range<usize>) -> Vec<usize> {
    let range = |place: usize| {
        let values = trace.moments.iter().map(|moment| moment.parameters[place]).filter(|w| w.is_finite());
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), w| (low.min(w), high.max(w)));
        high - low
    };
    let mut drawn: Vec<usize> = places.collect();
    drawn.sort_by(|&a, &b| range(b).total_cmp(&range(a)));
    drawn.truncate(MOST);
    drawn.sort_unstable();
    drawn
}

fn path(trace: &Trace, tensor: &Tensor, place: usize) -> Path {
    let epoch = |step: u64| step as f64 / trace.steps_per_epoch as f64;
    let points = trace.moments.iter().map(|moment| (epoch(moment.step), moment.parameters[place])).collect();
    let last = trace.moments.last().map_or(f64::NAN, |moment| moment.parameters[place]);
    let name = &trace.names[place];
    let index = name.strip_prefix(&tensor.name).unwrap_or(name);
    Path { name: format!("{name}, at last {last}"), label: format!("{index} {}", significant(last, 3)), points }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;
    use crate::explain::Timeline;

    /// Each parameter has its last value at its line, where it is pointed at to the last digit.
    #[test]
    fn lines_end_at_the_runs_own_weights() {
        let mut run = Timeline::<f32>::new(&Experiment::built_in("xor").unwrap()).unwrap();
        let picture = weights(&Trace::along(&mut run, &Trace::steps(40, 8), |_| {}).unwrap());
        let model = run.at(40).unwrap().model();
        for (place, w) in model.parameters().iter().enumerate() {
            let (name, w) = (model.network().parameter_name(place), f64::from(*w));
            assert!(picture.contains(&format!("<title>{name}, at last {w}</title>")), "{name} {w}: {picture}");
        }
    }

    #[test]
    fn of_a_large_tensor_those_that_moved_most_are_drawn() {
        let settings = ["network.layers=[{out_features=30},{out_features=1}]".to_string()];
        let experiment = Experiment::built_in("xor").unwrap().with(&settings).unwrap();
        let mut run = Timeline::<f32>::new(&experiment).unwrap();
        let picture = weights(&Trace::along(&mut run, &Trace::steps(8, 4), |_| {}).unwrap());
        assert!(picture.contains(">lin1.weight: the 16 of 60 that moved most<"), "{picture}");
    }
}
