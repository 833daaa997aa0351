//! Lesson 4. Training, written out: draw a sample, forward, loss, backward, update; 2001 epochs of four steps.
//!
//! The numbers are those of `neuronlab train`, bit for bit.
//!
//! `cargo run --release -p neuronlab --example 04-training-loop`

use neuronlab::{Result, prelude::*};

fn main() -> Result<()> {
    let x = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    let y = [[0.0], [1.0], [1.0], [0.0]];

    let mut torch = TorchRng::new(2); // torch.manual_seed(2)
    let mut numpy = NumpyRng::new(0); // np.random.seed(0)

    let network = Network::sequential([
        Linear::new(2, 4).bias(false).tanh(),
        Linear::new(4, 4).bias(false).tanh(),
        Linear::new(4, 4).bias(false).tanh(),
        Linear::new(4, 1).bias(false),
    ])?;
    let mut net: Model<f32> = Model::init(network, &mut torch)?;
    torch.discard(8); // which the PyTorch notebook's summary draws
    net.init_weights(Init::Normal { mean: 0.0, std: 1.0 }, &mut torch);

    let loss_func = Loss::L1_LOSS;
    let mut optimizer = Sgd::new(0.02).momentum(0.9).build(&net)?;

    for epoch in 0..2001 {
        let mut loss = 0.0;
        for _ in 0..x.len() {
            let k = numpy.randint(x.len()); // np.random.randint(4)
            net.forward(&x[k]);
            loss = net.backward(&loss_func, &y[k]);
            optimizer.step(&mut net);
        }
        if epoch % 200 == 0 {
            println!("Epoch: {epoch}\tLoss: {loss:.10}");
        }
    }
    for (x, y) in x.iter().zip(&y) {
        println!("{x:?} -> {:9.6}, wanted {}", net.forward(x)[0], y[0]);
    }
    Ok(())
}
