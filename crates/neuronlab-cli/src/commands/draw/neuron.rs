//! `draw chain` and `draw neuron`: one weight, one neuron at a moment.

use crate::Failure;
use crate::args::{DrawChainArgs, DrawNeuronArgs};
use crate::moment::Default;
use neuronlab::draw;
use neuronlab::explain::{Explanation, Moment};
use neuronlab::random::TorchReal;
use neuronlab::scalar::Real;

pub(super) fn chain<T: Real + TorchReal>(args: &DrawChainArgs) -> Result<String, Failure> {
    let mut moment = args.moment.moment::<T>(Default::LastStep)?;
    let samples = (!args.sample.is_empty()).then_some(&args.sample[..]);
    moment.check_paths(samples, 1)?;
    let why = Explanation::new(&Moment::new(moment.trainer()?, samples)?, &args.weight)?;
    Ok(if args.unroll { draw::chain_unrolled(&why) } else { draw::chain(&why) })
}

pub(super) fn anatomy<T: Real + TorchReal>(args: &DrawNeuronArgs) -> Result<String, Failure> {
    let mut moment = args.moment.moment::<T>(Default::End)?;
    let trainer = moment.trainer()?;
    // Before a pass is made.
    trainer.model().network().neuron(&args.neuron)?;
    Ok(draw::anatomy(&Moment::new(trainer, Some(&[args.sample]))?, 0, &args.neuron, args.biology)?)
}
