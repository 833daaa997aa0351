//! Pictures of a model and its training, made of the things themselves.

use super::{Diagram, loss_curve, surface};
use crate::nn::Model;
use crate::scalar::Real;
use std::fmt::{self, Display, Formatter};

/// An SVG picture: the text of a file, and an image in a notebook.
///
/// ```
/// use neuronlab::draw::Picture;
///
/// let picture = Picture::loss_curve(&[1.0f32, 0.5, 0.25, 0.125], 1);
/// # let folder = tempfile::tempdir().unwrap();
/// # std::env::set_current_dir(folder.path()).unwrap();
/// std::fs::write("loss.svg", picture)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture(String);

impl Picture {
    /// The network with its weights: blue adds, orange takes away, width is size.
    pub fn network<S: Real>(model: &Model<S>) -> Self {
        Self(super::network(model.network(), &numbers(model.parameters())))
    }

    /// The network in its last step: in each neuron its activation a, and below it ∂L/∂a, which the backward pass left.
    ///
    /// Of a batch its first row; nothing where no pass was made yet.
    pub fn step<S: Real>(model: &Model<S>) -> Self {
        let words = |layer: usize, neuron: usize| match layer.checked_sub(1) {
            None => vec![short(model.input().get(neuron))],
            Some(l) => {
                let values = model.layer(l);
                vec![short(values.a.get(neuron)), short(values.da.get(neuron))]
            }
        };
        let title = "One step: each neuron's activation, and below it the derivative of the loss";
        Self(Diagram::new(model.network()).title(title).weights(&numbers(model.parameters())).inside(words).draw())
    }

    /// The losses of a run against the epoch, and their moving average.
    pub fn loss_curve<S: Real>(losses: &[S], steps_per_epoch: usize) -> Self {
        Self(loss_curve(&numbers(losses), steps_per_epoch.max(1)))
    }

    /// The answer of a model of two inputs to every point around the samples `x`, whose targets are `y`.
    ///
    /// The class of a sample is its target, 0 or 1; where there are several outputs, the largest.
    ///
    /// # Panics
    /// If the model has not two inputs, or not `O` outputs.
    #[track_caller]
    pub fn surface<S: Real, const O: usize>(model: &Model<S>, x: &[[S; 2]], y: &[[S; O]]) -> Self {
        let shape = (model.network().in_features(), model.network().out_features());
        assert!(
            shape == (2, O),
            "surface: expected a model of 2 inputs and {O} outputs, got {} and {}",
            shape.0,
            shape.1
        );
        let class = |target: &[S; O]| match target.as_slice() {
            [one] => usize::from(one.to_f64() >= 0.5),
            _ => crate::train::largest(&numbers(target)),
        };
        let points: Vec<_> = x.iter().zip(y).map(|(x, y)| (x.map(Real::to_f64), class(y))).collect();
        let answer = |points: &[[f64; 2]]| {
            let mut model = model.clone();
            model.eval();
            let inputs: Vec<S> = points.as_flattened().iter().map(|&v| S::constant(v)).collect();
            numbers(model.forward(&inputs))
        };
        let classes: Vec<String> = (0..O.max(2)).map(|class| format!("class {class}")).collect();
        Self(surface(answer, O, &points, ["x1", "x2"], &classes))
    }

    /// The text of the picture.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for Picture {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<[u8]> for Picture {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

fn numbers<S: Real>(values: &[S]) -> Vec<f64> {
    values.iter().map(|&value| value.to_f64()).collect()
}

/// So short that it has room in a neuron.
fn short<S: Real>(value: Option<&S>) -> String {
    match value.map(|&value| value.to_f64()) {
        None => String::new(),
        Some(value) if value != 0.0 && !(1e-3..1e3).contains(&value.abs()) => format!("{value:.1e}"),
        Some(value) => format!("{:.4}", value + 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Linear, Loss, Network};

    fn model() -> Model<f32> {
        let network = Network::sequential([Linear::new(2, 1).bias(false).tanh()]).unwrap();
        Model::new(network, vec![0.5, -0.25]).unwrap()
    }

    #[test]
    fn a_step_is_shown_when_it_was_made() {
        let mut model = model();
        assert!(!Picture::step(&model).as_str().contains(">-2.0000<"));
        model.forward(&[1.0, 2.0]);
        model.backward(&Loss::MSE_LOSS, &[1.0]);
        let picture = Picture::step(&model);
        assert!(picture.as_str().contains(">X#0<") && picture.as_str().contains(">-2.0000<"), "{picture}");
    }

    /// A run of one epoch, no run, and a surface around one sample are pictures.
    #[test]
    fn there_is_always_a_picture() {
        for picture in [
            Picture::loss_curve::<f64>(&[], 0),
            Picture::loss_curve(&[1.0f32], 4),
            Picture::surface(&model(), &[[0.0, 0.0]], &[[1.0]]),
            Picture::network(&model()),
        ] {
            assert!(picture.as_str().starts_with("<svg") && picture.as_str().trim_end().ends_with("</svg>"));
        }
    }

    #[test]
    #[should_panic(expected = "surface: expected a model of 2 inputs and 2 outputs, got 2 and 1")]
    fn a_surface_of_other_targets_is_refused() {
        Picture::surface(&model(), &[[0.0, 0.0]], &[[1.0, 0.0]]);
    }
}
