//! The run moment by moment: a slider moves surface, weights and values together.

use super::again;
use crate::draw::surface::{animation_steps, chosen_moments};
use crate::random::TorchReal;
use crate::scalar::Real;
use crate::train::Trainer;
use std::fmt::Write;

/// Moments of the run.
const MOMENTS: u64 = 20;

/// Where the plane of two inputs can be drawn, and the run is quickly made again.
pub(super) fn moments<T: Real + TorchReal>(page: &mut String, trainer: &Trainer<T>) {
    let steps = animation_steps(trainer.steps(), MOMENTS);
    let picture = again(trainer).and_then(|mut run| chosen_moments(&mut run, &steps).ok());
    let (Some(picture), true) = (picture, steps.len() > 1) else { return };
    let last = steps.len() - 1;
    let _ = writeln!(
        page,
        "<h2>The run, moment by moment</h2>\n<div class=\"moments\">\n\
         <p class=\"control\" hidden><label>Moment <input type=\"range\" min=\"0\" max=\"{last}\" value=\"{last}\"></label></p>\n\
         <div class=\"wide\">{picture}</div>\n</div>\n\
         <noscript><p class=\"soft\">This is the end of the run; other moments need JavaScript, or <code>neuronlab draw animation</code>.</p></noscript>"
    );
    restored(page, trainer);
}

/// That a run ended with other weights than its last ones, if it did: pictures of its way jump there.
pub(super) fn restored<T: Real>(page: &mut String, trainer: &Trainer<T>) {
    if let Some(epochs) = trainer.restored() {
        let s = if epochs == 1 { "" } else { "s" };
        let _ = writeln!(
            page,
            "<p class=\"soft\">At its end the run took back its best weights, those after {epochs} epoch{s}: that is the jump at the end.</p>"
        );
    }
}
