//! Pictures and pages of what training left: they read, and never train.
