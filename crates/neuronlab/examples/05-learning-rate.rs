//! Lesson 5. The learning rate scales the step; the step goes down.
//!
//! `cargo run --release -p neuronlab --example 05-learning-rate`

use neuronlab::{Experiment, Trainer};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let xor = Experiment::built_in("xor")?;
    println!("{:>8}  {:>19}  {:>5}", "lr", "mean absolute error", "right");
    for lr in [0.000_01, 0.0001, 0.001, 0.02, 0.05, 0.1, 1.0] {
        let mut trainer = Trainer::<f32>::new(&xor.with(&[format!("optimizer.lr={lr}")])?)?;
        trainer.run(&mut ())?;
        let samples = &trainer.task().train;
        let evaluation = trainer.evaluate(&samples.x, &samples.y);
        println!("{lr:>8}  {:>19.6}  {:>3.0} %", evaluation.mean_absolute_error, 100.0 * evaluation.right);
    }
    println!();
    println!(
        "Too small: not there after 2001 epochs. Too large: L1's slope never fades, so the network jumps about its goal."
    );
    Ok(())
}
