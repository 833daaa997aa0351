//! A weight's gradient as a picture, as a page, and as a piece of a notebook.

mod diagram;
mod graph;
mod page;

pub use diagram::explanation;
pub use page::{explanation_notes, explanation_page};

/// For tests. One input, two classes: a path enters log-softmax at one neuron and leaves it at another.
#[cfg(test)]
fn classes() -> crate::explain::Moment {
    use crate::nn::{Activation, Loss, Model, Network};
    let network = Network::new(1).linear(2, false, Activation::LOG_SOFTMAX);
    let model = Model::<f64>::new(network, vec![0.5, -0.25]).unwrap();
    crate::explain::Moment::of_model(&model, &Loss::NLL_LOSS, &[0.8], &[0.0, 1.0]).unwrap()
}
