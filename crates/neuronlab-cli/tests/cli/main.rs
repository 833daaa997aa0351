//! The program as a user meets it.

/// What goes wrong and how it is said: message, exit code, nothing lost.
mod bad_input;
/// README and generated pages: every command runs, every page is up to date.
mod documents;
/// Control characters in names, cells and arguments.
mod escapes;
/// Where files are written, and how much of one is read.
mod files;
/// What would swamp the machine, and long lists.
mod limits;
/// Other verbs: predict, summary, data, experiment, bench.
mod look;
/// Hints to the right word, files that are not overwritten, short forms, completions and manual pages.
mod manners;
/// Explain, step, check: a run looked at.
mod microscope;
/// The notebook: its cells are built and run, its losses are the program's.
mod notebook;
/// A folder to work in, and the program in it.
mod place;
/// Sweep, shard, merge, replay.
mod sweep;
/// Tables as people have them, held-back samples, shared folders.
mod tables;
/// Train, interrupt, resume.
mod train;
