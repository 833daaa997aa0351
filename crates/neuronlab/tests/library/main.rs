//! What the library promises, one file a topic.

/// Batch normalisation, against PyTorch.
mod batch_norm;
/// Which samples make which step, and that a step allocates nothing.
mod batches;
/// What several of these need: golden files, cases of laws, comparisons.
mod common;
/// What the fuzzer tries, again.
mod corpus;
/// Second derivatives, against PyTorch and differences.
mod curvature;
/// Data sets, splits, and the user's own tables.
mod data;
/// Random experiments of every method and setting, against PyTorch.
mod differential;
/// Dropout, against PyTorch.
mod dropout;
/// tanh, exp and ln, against better ones.
mod elementary;
/// What the microscope says is true.
mod explain;
/// Weights that are given, tensors that are frozen, and the best-known worked example.
mod given;
/// Laws that hold for any network.
mod gradients;
/// Held-back samples: looked at, watched, and which weights are kept.
mod held_back;
/// Every formula is LaTeX.
mod latex;
/// Weights of classes, samples that do not count, penalties.
mod losses;
/// Activations, losses, optimizers and schedules, against PyTorch.
mod methods;
/// The exercise written down naively, as the judge of the engine.
mod naive;
/// The exercise's run, against the one that PyTorch made.
mod notebook;
/// PReLU, whose slopes are learned, against PyTorch.
mod prelu;
/// The two random streams, against PyTorch and NumPy.
mod streams;
/// Tables as people have them.
mod tables;
