//! Every kind of picture: right without a style sheet, inside its frame, readable, and the same wherever it is drawn.

mod every;
mod layout;
#[cfg(feature = "pictures")]
mod render;
mod structure;
