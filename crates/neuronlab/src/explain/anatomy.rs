//! One neuron in one row of a moment: what it was given, what it made of it, and what it would have made of something else.

use super::explanation::Pass;
use super::moment::{Derivative, Moment};
use super::weight::forward;

impl Moment {
    /// The forward pass of every neuron for a row, layer by layer.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn passes(&self, row: usize) -> Vec<Pass> {
        assert!(row < self.samples.len(), "row {row} of {}", self.samples.len());
        forward(self, row)
    }

    /// The derivative of the activation of a neuron by what that was given, in a row; layers are counted from 1.
    pub fn slope(&self, row: usize, (layer, neuron): (usize, usize)) -> f64 {
        let width = self.network().layers()[layer - 1].out_features;
        let at = row * width + neuron;
        match &self.locals[layer - 1].activation {
            Derivative::Each(d) => d[at],
            Derivative::Row(d) | Derivative::Column(d) => d[at * width + neuron],
        }
    }

    /// What the activation of a neuron would make of another number in a row; of a softmax the others of the layer stay.
    pub fn activated(&self, row: usize, (layer, neuron): (usize, usize), given: f64) -> f64 {
        let config = &self.network().layers()[layer - 1];
        let activation = config.activation_of(neuron, &self.parameters);
        if activation.is_elementwise() {
            return activation.value(given);
        }
        let (width, values) = (config.out_features, &self.layers[layer - 1]);
        let sums = values.norm.as_ref().map_or(&values.z, |norm| &norm.y);
        let mut sums = sums[row * width..(row + 1) * width].to_vec();
        sums[neuron] = given;
        let mut outputs = vec![0.0; width];
        activation.forward(&activation.numbers(), &sums, &mut outputs, width);
        outputs[neuron]
    }
}
