//! Lesson 8. The microscope: a run held still at one step, and the gradient of one weight in it, path by path.
//!
//! `cargo run --release -p neuronlab --example 08-microscope`

use neuronlab::explain::{Check, Explanation, Moment, Neuron, Timeline};
use neuronlab::{Experiment, Result};

fn main() -> Result<()> {
    // The exercise's run as it is before step 400, which takes sample 2.
    let mut run = Timeline::<f32>::new(&Experiment::built_in("xor")?)?;
    let moment = Moment::new(run.at(400)?, None)?;
    let why = Explanation::new(&moment, "lin2.weight[1,3]")?;

    println!("{} = {} {}", why.parameter, why.value, why.role);
    for path in &why.paths {
        let factors: Vec<String> = path.factors.iter().map(|(_, factor)| format!("{factor:.4}")).collect();
        println!("  {:<22} {:>9.6} = {}", path.neurons.join(" -> "), path.product, factors.join(" * "));
    }
    println!("  sum over {} paths       {:>9.6}", why.count, why.sum);
    println!("  backward pass          {:>9.6}", why.backward);
    println!("  central difference     {:>9.6}", why.difference.value);
    if let Some(update) = &why.update {
        println!("  the step it takes      {:>9.6}", update.change);
    }

    // Where a neuron of the first layer changes its mind, at the end of the run.
    let neuron = Neuron::new(run.at(8004)?, "H#1_2")?;
    if let Some(line) = &neuron.boundary {
        println!("H#1_2 is 0 where {:.4} x1 + {:.4} x2 + {:.4} = 0", line.normal[0], line.normal[1], line.offset);
    }

    // Every gradient of every sample against a difference quotient.
    let check = Check::new(run.at(8004)?, None, Check::TOLERANCE, |_| {})?;
    println!("{} gradients compared, {} wrong", check.compared, check.wrong);
    Ok(())
}
