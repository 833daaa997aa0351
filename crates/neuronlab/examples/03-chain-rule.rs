//! Lesson 3. The chain rule: the gradient of one weight, factor by factor, and a check of it by a small difference.
//!
//! `cargo run --release -p neuronlab --example 03-chain-rule`

use neuronlab::{Experiment, Loss, Result, Trainer};

fn main() -> Result<()> {
    // The exercise's network as it starts, on the sample (1, 1) → 0, in double precision (whose weights are other draws).
    let experiment = Experiment::built_in("xor")?.with(&["dtype=float64".into()])?;
    let trainer = Trainer::<f64>::new(&experiment)?;
    let mut model = trainer.model().clone();
    let (x, target) = ([1.0, 1.0], [0.0]);
    model.forward(&x);
    let loss = model.backward(&Loss::L1_LOSS, &target);
    println!("output {:.6}, target 0, L1 loss {loss:.6}", model.output()[0]);

    // lin3.weight[0,0] reaches the loss by one path: through neuron 0 of layer 3 and the output.
    let (dl_do, w4) = (model.layer(3).da[0], model.parameter("lin4.weight[0,0]")?);
    let slope = experiment.network.layers[2].activation.derivative(model.layer(2).z[0]);
    let input = model.layer(1).a[0];
    println!();
    println!("dL/dw = dL/do * do/da * da/di * di/dw      for w = lin3.weight[0,0]");
    println!("  dL/do = sign(output - target)          = {dl_do}");
    println!("  do/da = lin4.weight[0,0]               = {w4:.6}");
    println!("  da/di = 1 - tanh(i)^2                  = {slope:.6}");
    println!("  di/dw = the weight's input             = {input:.6}");
    println!("  product                                = {:.6}", dl_do * w4 * slope * input);

    let place = model.network().parameter("lin3.weight[0,0]")?;
    println!("  backward pass                          = {:.6}", model.gradients()[place]);

    let h = 1e-6;
    let mut at = |change: f64| {
        model.parameters_mut()[place] += change;
        let output = model.forward(&x).to_vec();
        Loss::L1_LOSS.value(&output, &target, 1)
    };
    let difference = (at(h) - at(-2.0 * h)) / (2.0 * h);
    println!("  (L(w + h) - L(w - h)) / 2h, h = 1e-6   = {difference:.6}");

    // lin2.weight[0,0] reaches the loss through neuron 0 of layer 2 and then through each of the four neurons of layer 3.
    let mut model = trainer.model().clone();
    model.forward(&x);
    model.backward(&Loss::L1_LOSS, &target);
    println!();
    println!("w = lin2.weight[0,0] has four paths, one through each neuron k of layer 3");
    let tanh = experiment.network.layers[0].activation;
    let first = tanh.derivative(model.layer(1).z[0]) * model.layer(0).a[0];
    let mut sum = 0.0;
    for k in 0..4 {
        let (w4, w3) =
            (model.parameter(&format!("lin4.weight[0,{k}]"))?, model.parameter(&format!("lin3.weight[{k},0]"))?);
        let product = dl_do * w4 * tanh.derivative(model.layer(2).z[k]) * w3 * first;
        println!("  through k = {k}                          {product:9.6}");
        sum += product;
    }
    let place = model.network().parameter("lin2.weight[0,0]")?;
    println!("  sum over paths                         {sum:9.6}");
    println!("  backward pass                          {:9.6}", model.gradients()[place]);
    Ok(())
}
