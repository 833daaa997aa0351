//! What happened along a run: the loss, the learning rate, the curvature, weights and gradients.

mod gradients;
mod held_back;
mod loss;
mod losses;
mod panels;
mod rate;
mod sharpness;
mod weights;

pub use gradients::gradients;
pub use held_back::held_back;
pub use loss::{loss_curve, loss_curve_log};
pub use losses::losses;
pub use rate::rate_curve;
pub use sharpness::sharpness;
pub use weights::weights;
