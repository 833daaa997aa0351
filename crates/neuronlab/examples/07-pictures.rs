//! Lesson 7. Pictures: the loss curve, the decision surface and the network of one run, and the success of many, as SVG files.
//!
//! `cargo run --release -p neuronlab --example 07-pictures -- docs/figures`

use neuronlab::draw::Picture;
use neuronlab::sweep::{Options, Sweep, SweepFolder};
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
    for (name, picture) in [
        ("loss.svg", Picture::loss_curve(&history.losses, history.steps_per_epoch()).to_string()),
        ("surface.svg", Picture::surface(model, &x, &y).to_string()),
        ("network.svg", Picture::network(model).to_string()),
        ("sweep.svg", many()?),
    ] {
        std::fs::write(folder.join(name), picture)?;
        println!("{}", folder.join(name).display());
    }
    Ok(())
}

/// Two thousand runs at each of nine learning rates.
fn many() -> Result<String, Box<dyn std::error::Error>> {
    let place = tempfile::tempdir()?;
    let vary = ["optimizer.lr=log:1e-3:0.1:9".to_string()];
    let sweep = Sweep::new(Experiment::built_in("xor")?, &vary, 2000, None, false)?;
    let folder = SweepFolder::create(place.path(), sweep, false)?;
    let options = Options::default();
    folder.train(&folder.missing(&options)?, &options, &|_| ControlFlow::Continue(()))?;
    let tallies = folder.finish(|_| vec![])?;
    Ok(draw::sweep_plot(folder.sweep(), &tallies).expect("one axis has a picture"))
}
