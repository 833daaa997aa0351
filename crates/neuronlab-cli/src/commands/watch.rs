//! Who follows a training run in the terminal: history, losses, progress bar, Ctrl-C.

use crate::printer::{self, Printer};
use indicatif::ProgressBar;
use neuronlab::scalar::Real;
use neuronlab::train::{Epoch, HeldBack};
use neuronlab::{History, Listener, Step, Trainer};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Set by Ctrl-C.
pub(crate) static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// A long run is saved this often, so that little is lost if the machine stops.
const SAVE_EVERY: Duration = Duration::from_secs(30);

/// Steps between two looks at the clock at most: each look costs a tenth of a small step.
const LOOK_EVERY: u64 = 64;
/// Between two looks there should be no more time than this.
const LOOK_AFTER: Duration = Duration::from_millis(20);

/// Set when the work has ended because of it.
static NOTICED: AtomicBool = AtomicBool::new(false);

/// So long the work may take to notice; of what takes longer, such as a step over millions of rows, the program ends within.
const PATIENCE: Duration = Duration::from_millis(900);

/// The work has ended: what is done now, such as saving, may take its time.
pub(crate) fn noticed() {
    NOTICED.store(true, Ordering::Relaxed);
}

/// After an interruption and what had to be done: whether there is time for something that may be left out. If it takes too long,
/// the program ends in the middle of it.
pub(super) fn may_go_on() -> bool {
    NOTICED.store(false, Ordering::Relaxed);
    !PATIENCE_IS_OVER.load(Ordering::Relaxed)
}

/// Set when nothing is waited for any more.
static PATIENCE_IS_OVER: AtomicBool = AtomicBool::new(false);

/// The first Ctrl-C ends the run after its step, or, where that takes too long, the program, with the last words; files stay
/// whole, whenever that is. Another one, a second or more later, ends the program at once. (A program such as `timeout` may send
/// the same signal twice.)
pub(crate) fn listen_to_ctrl_c(last_words: impl Fn() -> String + Send + 'static) {
    let mut first: Option<Instant> = None;
    let mut last_words = Some(last_words);
    let handler = move || {
        INTERRUPTED.store(true, Ordering::Relaxed);
        if let Some(last_words) = last_words.take() {
            std::thread::spawn(move || {
                wait(PATIENCE, &NOTICED, &PATIENCE_IS_OVER, || {
                    printer::note(&last_words());
                    std::process::exit(130);
                });
            });
        }
        if first.get_or_insert_with(Instant::now).elapsed() > Duration::from_secs(1) {
            std::process::exit(130);
        }
    };
    // Where signals can't be caught, Ctrl-C ends the program as ever.
    let _ = ctrlc::set_handler(handler);
}

/// Waits so long for the work to notice; then patience is over, and if it has not noticed, so is the rest.
fn wait(patience: Duration, noticed: &AtomicBool, is_over: &AtomicBool, end: impl FnOnce()) {
    std::thread::sleep(patience);
    is_over.store(true, Ordering::Relaxed);
    if !noticed.load(Ordering::Relaxed) {
        end();
    }
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
    /// The last look at the clock, the steps until the next one, and the step of it.
    looked: Instant,
    look_every: u64,
    look_at: u64,
    /// Appears when training takes long enough to be watched.
    bar: Option<ProgressBar>,
    /// The last epoch, if its loss was not printed: it is when the run ends.
    unprinted: Option<Epoch<T>>,
}

impl<'p, T: Real> Watch<'p, T> {
    pub(super) fn new(every: u64, trainer: &Trainer<T>, history: History<T>, printer: &'p mut Printer) -> Self {
        let steps = trainer.experiment().stop.epochs.saturating_mul(trainer.sampler().steps() as u64);
        let now = Instant::now();
        Self {
            every,
            steps,
            history,
            printer,
            saved: now,
            started: now,
            looked: now,
            look_every: 1,
            look_at: 0,
            bar: None,
            unprinted: None,
        }
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
        let held_back = epoch.held_back.map_or(String::new(), |HeldBack { loss, right }| {
            format!("\tHeld back: {loss:.10}, right {:.1} %", 100.0 * right)
        });
        let line = format!("Epoch: {}\tLoss: {:.10}{held_back}", epoch.epoch, epoch.last_loss.to_f64());
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
        if step.step >= self.look_at {
            // Steps of a second each are looked at one by one.
            let slow = self.looked.elapsed() > LOOK_AFTER;
            self.look_every = if slow { self.look_every.div_ceil(2) } else { (self.look_every * 2).min(LOOK_EVERY) };
            (self.looked, self.look_at) = (Instant::now(), step.step + self.look_every);
            self.show_bar(step.step);
            if self.saved.elapsed() > SAVE_EVERY {
                return ControlFlow::Break(());
            }
        }
        if INTERRUPTED.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn epoch(&mut self, epoch: &Epoch<T>) -> ControlFlow<()> {
        let _ = Listener::epoch(&mut self.history, epoch);
        if epoch.epoch.is_multiple_of(self.every) {
            self.unprinted = None;
            self.print(epoch);
        } else {
            self.unprinted = Some(*epoch);
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Work that notices is left to end by itself; what does not is ended once patience is over, and not before.
    #[test]
    fn patience_ends_what_does_not_notice() {
        for notices in [false, true] {
            let (noticed, is_over, mut ended) = (AtomicBool::new(notices), AtomicBool::new(false), None);
            let (begin, patience) = (Instant::now(), Duration::from_millis(30));
            wait(patience, &noticed, &is_over, || ended = Some(begin.elapsed()));
            assert!(is_over.into_inner());
            assert_eq!(ended.is_some(), !notices);
            assert!(ended.is_none_or(|after| after >= patience));
        }
    }
}
