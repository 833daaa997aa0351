//! Lesson 2. A loss: one number that says how wrong an answer is, and a slope that says which way is less wrong.
//!
//! `cargo run --release -p neuronlab --example 02-loss`

use neuronlab::Loss;

fn main() {
    println!("one output, target 1");
    println!("{:>8}  {:>8} {:>8}  {:>8} {:>8}", "output", "L1", "slope", "MSE", "slope");
    for output in [-1.0f64, 0.0, 0.5, 0.9, 1.0, 1.1, 2.0] {
        let [l1, mse] = [Loss::L1_LOSS, Loss::MSE_LOSS].map(|loss| {
            let mut slope = [0.0];
            loss.gradient(&[output], &[1.0], 1, &mut slope);
            (loss.value(&[output], &[1.0], 1), slope[0])
        });
        println!("{output:>8}  {:>8.3} {:>8.1}  {:>8.3} {:>8.1}", l1.0, l1.1, mse.0, mse.1);
    }
    println!();
    println!(
        "L1's slope is 1 however small the error: near the goal its steps overshoot. MSE's slope fades with the error."
    );

    // Two classes: the outputs are any numbers; softmax makes them probabilities, and the loss is −ln of the right one.
    println!();
    let mut probabilities = [2.0f64, -1.0];
    let value = Loss::CROSS_ENTROPY_LOSS.value(&probabilities, &[1.0, 0.0], 2);
    Loss::CROSS_ENTROPY_LOSS.answer(&mut probabilities);
    println!("outputs 2 and -1 are probabilities {:.4} and {:.4}", probabilities[0], probabilities[1]);
    println!("if the first class is right, the loss is -ln {:.4} = {value:.4}", probabilities[0]);
}
