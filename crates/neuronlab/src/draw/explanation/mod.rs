//! A weight's gradient as a picture, as a page, and as a piece of a notebook.

mod diagram;
mod graph;
mod page;

pub use diagram::explanation;
pub use page::{explanation_notes, explanation_page};
