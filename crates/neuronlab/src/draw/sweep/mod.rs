//! A sweep as a picture and as a page.

mod categories;
mod dots;
mod errors;
mod line;
mod map;
mod measures;
mod page;
mod places;
mod plot;
mod words;

pub use page::sweep_files;
pub use plot::sweep_plot;
pub use words::{close_means, right_means, right_share_means};
