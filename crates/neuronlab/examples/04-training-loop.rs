//! Lesson 4. Training, written out: draw a sample, forward, loss, backward, update; 2001 epochs of four steps.
//!
//! The numbers are those of `neuronlab train`, bit for bit.
//!
//! `cargo run --release -p neuronlab --example 04-training-loop`

use neuronlab::nn::Init;
use neuronlab::optim::{Optimizer, Sgd};
use neuronlab::random::{NumpyRng, TorchRng};
use neuronlab::{Activation, Loss, Model, Network, Result};

fn main() -> Result<()> {
    let x = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    let y = [[0.0], [1.0], [1.0], [0.0]];

    let mut torch = TorchRng::new(2); // torch.manual_seed(2)
    torch.discard(52); //              what the notebook draws before
    let mut numpy = NumpyRng::new(0); // np.random.seed(0)

    let network = Network::new(2)
        .linear(4, false, Activation::TANH)
        .linear(4, false, Activation::TANH)
        .linear(4, false, Activation::TANH)
        .linear(1, false, Activation::IDENTITY);
    let normal = Init::Normal { mean: 0.0, std: 1.0 };
    let parameters: Vec<f32> = network.initialise(normal, Init::Zeros, &mut torch);
    let mut model = Model::new(network, parameters)?;

    let loss = Loss::L1_LOSS;
    let sgd = Optimizer::Sgd(Sgd { lr: 0.02, momentum: 0.9, ..Sgd::default() });
    let mut velocity = sgd.state(model.parameters().len());

    for epoch in 0..2001 {
        let mut last = 0.0;
        for _ in 0..4 {
            let k = numpy.integer(4) as usize; // np.random.randint(4)
            model.forward(&x[k]);
            last = model.backward(&loss, &y[k]);
            let (parameters, gradients) = model.parameters_and_gradients();
            sgd.step(sgd.hyper(), parameters, gradients, &mut velocity);
        }
        if epoch % 200 == 0 {
            println!("Epoch: {epoch}\tLoss: {last:.10}");
        }
    }
    for (x, y) in x.iter().zip(&y) {
        println!("{x:?} -> {:9.6}, wanted {}", model.forward(x)[0], y[0]);
    }
    Ok(())
}
