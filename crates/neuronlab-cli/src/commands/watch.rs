//! Who follows a training run in the terminal: history, losses, progress bar, Ctrl-C.

use crate::printer::{self, Printer};
use indicatif::ProgressBar;
use neuronlab::scalar::Real;
use neuronlab::train::Epoch;
use neuronlab::{History, Listener, Step, Trainer};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Set by Ctrl-C.
pub(crate) static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// A long run is saved this often, so that little is lost if the machine stops.
const SAVE_EVERY: Duration = Duration::from_secs(30);

/// Steps between two looks at the clock, each of which costs a tenth of a small step.
const LOOK_EVERY: u64 = 64;

/// The first Ctrl-C ends the run after its step; another one, a second or more later, ends the program at once. (A program
/// such as `timeout` may send the same signal twice.)
pub(crate) fn listen_to_ctrl_c() {
    let mut first: Option<Instant> = None;
    let handler = move || {
        INTERRUPTED.store(true, Ordering::Relaxed);
        if first.get_or_insert_with(Instant::now).elapsed() > Duration::from_secs(1) {
            std::process::exit(130);
        }
    };
    // Where signals can't be caught, Ctrl-C ends the program as ever.
    let _ = ctrlc::set_handler(handler);
}

/// Keeps the history, prints the loss, moves the bar, listens to Ctrl-C.
pub(super) struct Watch<'p, T> {
    every: u64,
    /// Steps of the whole run.
    steps: u64,
    history: History<T>,
    printer: &'p mut Printer,
    saved: Instant,
    started: Instant,
    /// Appears when training takes long enough to be watched.
    bar: Option<ProgressBar>,
    /// The last epoch, if its loss was not printed: it is when the run ends.
    unprinted: Option<Epoch<T>>,
}

impl<'p, T: Real> Watch<'p, T> {
    pub(super) fn new(every: u64, trainer: &Trainer<T>, history: History<T>, printer: &'p mut Printer) -> Self {
        let steps = trainer.experiment().stop.epochs.saturating_mul(trainer.sampler().steps() as u64);
        let now = Instant::now();
        Self { every, steps, history, printer, saved: now, started: now, bar: None, unprinted: None }
    }

    pub(super) fn history(&self) -> &History<T> {
        &self.history
    }

    /// The run was just saved.
    pub(super) fn saved(&mut self) {
        self.saved = Instant::now();
    }

    pub(super) fn finish(mut self) -> History<T> {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        if let Some(epoch) = self.unprinted.take() {
            self.print(&epoch);
        }
        self.history
    }

    /// The notebook's line.
    fn print(&mut self, epoch: &Epoch<T>) {
        let line = format!("Epoch: {}\tLoss: {:.10}", epoch.epoch, epoch.last_loss.to_f64());
        match &self.bar {
            Some(bar) => bar.suspend(|| self.printer.line(line)),
            None => self.printer.line(line),
        }
    }

    fn show_bar(&mut self, step: u64) {
        if self.bar.is_none() && printer::watched() && self.started.elapsed() > Duration::from_millis(200) {
            let style = printer::bar_style("{wide_bar} step {pos}/{len}  {rate}  {eta} left");
            self.bar = Some(ProgressBar::new(self.steps).with_style(style).with_position(step));
        }
        if let Some(bar) = &self.bar {
            bar.set_position(step);
        }
    }
}

impl<T: Real> Listener<T> for Watch<'_, T> {
    #[inline]
    fn step(&mut self, step: &Step<'_, T>) -> ControlFlow<()> {
        let _ = self.history.step(step);
        if step.step.is_multiple_of(LOOK_EVERY) {
            self.show_bar(step.step);
            if self.saved.elapsed() > SAVE_EVERY {
                return ControlFlow::Break(());
            }
        }
        if INTERRUPTED.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn epoch(&mut self, epoch: &Epoch<T>) -> ControlFlow<()> {
        if epoch.epoch.is_multiple_of(self.every) {
            self.unprinted = None;
            self.print(epoch);
        } else {
            self.unprinted = Some(*epoch);
        }
        ControlFlow::Continue(())
    }
}
