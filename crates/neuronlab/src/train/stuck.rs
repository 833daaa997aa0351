//! Where a run is stuck: neurons that no sample moves any more.

use super::Trainer;
use super::notes::Note;
use crate::nn::is_flat_somewhere;
use crate::scalar::Real;

/// Neurons that are named; the rest is counted.
const MOST: usize = 4;

impl<T: Real> Trainer<T> {
    /// What keeps the network as it is now from learning more, if that is seen from its neurons: those whose activation has the slope 0 on every
    /// training sample are dead. No gradient reaches their weights, so they stay as they are.
    pub fn stuck(&self) -> Vec<Note> {
        let network = self.model.network();
        if !network.layers().iter().any(|layer| is_flat_somewhere(layer.activation.key())) {
            return vec![];
        }
        let mut alive: Vec<Vec<bool>> = network.layers().iter().map(|layer| vec![false; layer.out_features]).collect();
        let mut model = self.model.to_evaluate();
        for x in self.task.train.x.chunks(256 * network.in_features()) {
            model.forward(x);
            for (l, layer) in network.layers().iter().enumerate() {
                for (at, z) in model.layer(l).z.iter().enumerate() {
                    let neuron = at % layer.out_features;
                    let slope =
                        layer.activation_of(neuron, model.parameters()).derivative(normalised(&model, l, at, *z));
                    alive[l][neuron] |= !is_flat_somewhere(layer.activation.key()) || slope.to_f64() != 0.0;
                }
            }
        }
        alive.iter().enumerate().filter_map(|(l, alive)| self.dead(l, alive)).collect()
    }

    /// The note on the dead neurons of a layer.
    fn dead(&self, l: usize, alive: &[bool]) -> Option<Note> {
        let network = self.model.network();
        let dead: Vec<usize> = (0..alive.len()).filter(|&neuron| !alive[neuron]).collect();
        let shown: Vec<String> =
            dead.iter().take(MOST).map(|&n| format!("`{}`", network.neuron_name(l + 1, n))).collect();
        let more = dead.len().saturating_sub(MOST);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let activation = network.layers()[l].activation.key();
        let samples = self.task.train.x.len() / network.in_features();
        let unusual = format!(
            "dead: {}{more}. The slope of {activation} is 0 there on all {samples} training samples, so no gradient reaches the weights",
            shown.join(", ")
        );
        let usual = "a smaller optimizer.lr, init=\"kaiming_normal\", or leaky_relu, whose slope is nowhere 0";
        (!dead.is_empty()).then(|| Note::new(format!("network.layers.{l}.activation"), unusual, usual))
    }
}

/// What the activation is given: the weighted sum, or what batch normalisation makes of it.
fn normalised<T: Real>(model: &crate::nn::Model<T>, l: usize, at: usize, z: T) -> T {
    model.layer(l).norm.as_ref().map_or(z, |norm| norm.y[at])
}

#[cfg(test)]
mod tests {
    use crate::{Experiment, Trainer};

    fn xor(activation: &str) -> Trainer<f32> {
        let layers = format!("network.layers=[{{out_features=3,activation='{activation}'}},{{out_features=1}}]");
        Trainer::new(&Experiment::built_in("xor").unwrap().with(&[layers]).unwrap()).unwrap()
    }

    #[test]
    fn a_neuron_that_no_sample_moves_is_dead() {
        let mut trainer = xor("relu");
        // lin1.weight [3, 2], then its biases: the second neuron is below 0 on every sample.
        trainer.parameters_mut()[2..4].copy_from_slice(&[-1.0, -1.0]);
        trainer.parameters_mut()[6..9].copy_from_slice(&[1.0, -0.5, 1.0]);
        let notes = trainer.stuck();
        assert_eq!(notes.len(), 1);
        assert!(
            notes[0].unusual.starts_with("dead: `H#1_1`. The slope of relu is 0 there on all 4 training samples"),
            "{notes:?}"
        );
        let before = trainer.model().parameters()[2..4].to_vec();
        for _ in 0..40 {
            trainer.step().unwrap();
        }
        assert_eq!(trainer.model().parameters()[2..4], before, "no gradient reaches them");
    }

    #[test]
    fn what_has_a_slope_everywhere_is_not_dead() {
        for activation in ["leaky_relu", "tanh", "silu"] {
            let mut trainer = xor(activation);
            trainer.parameters_mut()[..9].fill(-1.0);
            assert_eq!(trainer.stuck(), [], "{activation}");
        }
    }
}
