//! Lesson 6. Initialisation: what the scale of the first weights does to signals on their way through many layers.
//!
//! `cargo run --release -p neuronlab --example 06-initialisation`

use neuronlab::nn::Init;
use neuronlab::random::TorchRng;
use neuronlab::{Activation, Loss, Model, Network, Result};

const WIDTH: usize = 64;
const DEPTH: usize = 20;

fn main() -> Result<()> {
    let network = (0..DEPTH).fold(Network::new(WIDTH), |network, _| network.linear(WIDTH, false, Activation::TANH));
    let xavier = 1.0 / (WIDTH as f64).sqrt(); // √(2 / (fan_in + fan_out))
    let mut rng = TorchRng::new(0);
    let mut x = vec![0.0f64; WIDTH];
    rng.normal(&mut x, 0.0, 1.0);

    println!("{DEPTH} layers of {WIDTH} tanh neurons; root mean square of activations and of gradients by layer");
    println!(
        "{:>22}  {:>9} {:>9} {:>9}  {:>9} {:>9}",
        "weights", "a, first", "a, mid", "a, last", "da, first", "da, last"
    );
    let small = 0.5 * xavier;
    for (name, init) in [
        ("zeros".to_string(), Init::Zeros),
        (format!("N(0, {small:.4}^2)"), Init::Normal { mean: 0.0, std: small }),
        (format!("N(0, {xavier:.4}^2), Xavier"), Init::Normal { mean: 0.0, std: xavier }),
        ("N(0, 1)".into(), Init::Normal { mean: 0.0, std: 1.0 }),
    ] {
        let parameters = network.initialise(&init, &Init::Zeros, &mut TorchRng::new(1));
        let mut model = Model::new(network.clone(), parameters)?;
        model.forward(&x);
        model.backward(&Loss::MSE_LOSS, &[1.0; WIDTH]);
        let rms = |v: &[f64]| (v.iter().map(|v| v * v).sum::<f64>() / v.len() as f64).sqrt();
        let a = [0, DEPTH / 2, DEPTH - 1].map(|l| rms(&model.layer(l).a));
        let da = [0, DEPTH - 1].map(|l| rms(&model.layer(l).da));
        println!("{name:>22}  {:9.1e} {:9.1e} {:9.1e}  {:9.1e} {:9.1e}", a[0], a[1], a[2], da[0], da[1]);
    }
    println!();
    println!(
        "Too small: signals and gradients die out. Xavier: both live through. N(0, 1): neurons saturate, gradients explode."
    );
    println!("Zeros: nothing arrives, every gradient is exactly zero, and nothing will ever move.");
    Ok(())
}
