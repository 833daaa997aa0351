//! What must be true of every picture.

mod readable;
