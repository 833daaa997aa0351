//! Lesson 7. Pictures: the loss curve, the decision surface, the network, its neurons, a weight's gradient, the chain rule, weights
//! and gradients over one run, the landscape that it walked over, and the success of many runs, as SVG files.
//!
//! `cargo run --release -p neuronlab --example 07-pictures -- docs/figures`

use neuronlab::draw::{ComputationGraph, Picture};
use neuronlab::explain::{Explanation, Landscape, Moment, Neuron, Plane, Sharpness, Timeline, Trace};
use neuronlab::sweep::{Options, Sweep, SweepMemory};
use neuronlab::{Experiment, History, Trainer, draw};
use std::ops::ControlFlow;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or("figures".into()));
    std::fs::create_dir_all(&folder)?;

    let mut trainer = Trainer::<f32>::new(&Experiment::built_in("xor")?)?;
    let mut history = History::new(&trainer);
    trainer.run(&mut history)?;

    let model = trainer.model();
    let (x, y) = ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0], [1.0], [1.0], [0.0]]);
    let mut run = Timeline::<f32>::new(trainer.experiment())?;
    let trace = Trace::along(&mut run, &Trace::steps(trainer.steps(), 300), |_| {})?;
    let moment = Moment::new(run.at(400)?, Some(&[1]))?;
    let why = Explanation::new(&Moment::new(run.at(400)?, None)?, "lin2.weight[1,3]")?;
    for (name, picture) in [
        ("loss.svg", Picture::loss_curve(&history.losses, history.steps_per_epoch()).to_string()),
        ("surface.svg", Picture::surface(model, &x, &y).to_string()),
        ("network.svg", Picture::network(model).to_string()),
        ("explanation.svg", draw::explanation(&why)),
        ("graph.svg", ComputationGraph::of_tensors(&moment).svg()),
        ("graph-neurons.svg", ComputationGraph::of_neurons(&moment, 0)?.svg()),
        ("chain.svg", draw::chain(&why)),
        ("chain-unrolled.svg", draw::chain_unrolled(&why)),
        ("anatomy.svg", draw::anatomy(&moment, 0, "H#1_2", true)?),
        ("neurons.svg", draw::neuron_surfaces(&trainer)?),
        ("weights.svg", draw::weights(&trace)),
        ("gradients.svg", draw::gradients(&trace)),
        ("landscape.svg", draw::landscape(&Landscape::new(&trainer, &trace, Plane::Principal)?)),
        ("neuron.svg", draw::neuron(&trainer, &Neuron::new(&trainer, "H#1_2")?)),
        ("animation.svg", draw::animation(&mut run, &draw::animation_steps(trainer.steps(), 24), |_| {})?),
        ("sharpness.svg", bent()?),
        ("sweep.svg", many()?),
    ] {
        std::fs::write(folder.join(name), picture)?;
        println!("{}", folder.join(name).display());
    }
    Ok(())
}

/// How the loss bends while plain steps of 0.5 go down it.
fn bent() -> Result<String, neuronlab::Error> {
    let settings = ["batch=full", "optimizer.momentum=0", "optimizer.lr=0.5"].map(String::from);
    let mut run = Timeline::<f32>::new(&Experiment::built_in("xor-mse")?.with(&settings)?)?;
    let steps: Vec<u64> = (0..=150).collect();
    Ok(draw::sharpness("xor-mse, lr 0.5", &Sharpness::along(&mut run, &steps, None, |_| {})?))
}

/// Two thousand runs at each of nine learning rates.
fn many() -> Result<String, Box<dyn std::error::Error>> {
    let vary = ["optimizer.lr=log:1e-3:0.1:9".to_string()];
    let sweep = Sweep::new(Experiment::built_in("xor")?, &vary, 2000, None, false)?;
    let memory = SweepMemory::new(sweep)?;
    memory.train(&memory.missing(), &Options::default(), &|_| ControlFlow::Continue(()))?;
    Ok(draw::sweep_plot(memory.sweep(), &memory.tallies()?).expect("one axis has a picture"))
}
