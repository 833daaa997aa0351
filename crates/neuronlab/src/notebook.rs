//! How things show themselves in a notebook whose kernel is evcxr (the feature `notebook`).
//!
//! A cell that ends with an expression calls `evcxr_display` on it. What is printed between the two marks below is shown in
//! the richest of the given forms that the page can show; texts and pictures are stored with the notebook.

use crate::draw::{Picture, explanation_notes};
use crate::explain::Explanation;
use crate::nn::{Activation, Loss, Model, Network, Summary};
use crate::optim::Stepper;
use std::fmt::Display;

/// Gives the kernel one content in several forms, each with its media type.
fn show(forms: &[(&str, &str)]) {
    for (media_type, content) in forms {
        println!("EVCXR_BEGIN_CONTENT {media_type}\n{}\nEVCXR_END_CONTENT", content.trim_end());
    }
}

fn show_text(thing: &impl Display) {
    show(&[("text/plain", &thing.to_string())]);
}

impl Network {
    /// Shows its layers; for evcxr.
    pub fn evcxr_display(&self) {
        show_text(self);
    }
}

impl<S> Model<S> {
    /// Shows its layers; for evcxr.
    pub fn evcxr_display(&self) {
        show_text(self);
    }
}

impl Summary {
    /// Shows its table; for evcxr.
    pub fn evcxr_display(&self) {
        show_text(self);
    }
}

impl Activation {
    /// Shows its name and settings; for evcxr.
    pub fn evcxr_display(&self) {
        show_text(self);
    }
}

impl Loss {
    /// Shows its name; for evcxr.
    pub fn evcxr_display(&self) {
        show_text(self);
    }
}

impl<S> Stepper<S> {
    /// Shows its rule; for evcxr.
    pub fn evcxr_display(&self) {
        show_text(self);
    }
}

impl Explanation {
    /// Shows its picture and its page; for evcxr. As text where there is no room for more.
    pub fn evcxr_display(&self) {
        show(&[("text/html", &explanation_notes(self)), ("text/plain", &self.document().to_string())]);
    }
}

impl Picture {
    /// Shows itself; for evcxr. On a paper of its own, so that it can be seen on a dark page too, and no wider than the page.
    pub fn evcxr_display(&self) {
        let paper = "<svg style=\"max-width:100%;height:auto\" ";
        show(&[("image/svg+xml", &self.as_str().replacen("<svg ", paper, 1))]);
    }
}
