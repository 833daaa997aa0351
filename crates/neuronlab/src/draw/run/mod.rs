//! What happened along a run: the loss, the learning rate, the curvature.

mod loss;
mod rate;
mod sharpness;

pub use loss::loss_curve;
pub use rate::rate_curve;
pub use sharpness::sharpness;
