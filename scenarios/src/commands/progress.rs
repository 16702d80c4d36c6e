//! Progress of a run: a bar on a terminal, plain lines otherwise, nothing when asked to be quiet.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pluriverse_engine::run::Watch;
use pluriverse_engine::tick::PlannedTick;

use super::output::complain;

/// How much is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loudness {
    /// Nothing.
    Quiet,
    /// As fits where it goes.
    Normal,
}

impl From<bool> for Loudness {
    fn from(quiet: bool) -> Self {
        if quiet { Self::Quiet } else { Self::Normal }
    }
}

/// Shows how far a run is.
pub enum Progress {
    /// Not at all.
    Silent,
    /// As a bar.
    Bar(ProgressBar),
    /// As lines.
    Lines,
}

impl Progress {
    /// Progress on stderr.
    pub fn new(loudness: Loudness) -> Self {
        if loudness == Loudness::Quiet {
            return Self::Silent;
        }
        if !std::io::stderr().is_terminal() {
            return Self::Lines;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        Self::Bar(bar)
    }

    /// Says that `done` of `total` steps are done, and what the last was.
    pub fn step(&self, done: u64, total: u64, what: &str) {
        match self {
            Self::Silent => {}
            Self::Bar(bar) => {
                bar.set_length(total);
                bar.set_message(what.to_owned());
                bar.set_position(done);
            }
            Self::Lines => complain(&format!("{done}/{total} {what}")),
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

impl Watch for Progress {
    fn tick_done(&mut self, tick: u32, total: u32, now: &PlannedTick) {
        let what = format!("{}, round {}", now.mechanism, now.round);
        self.step(u64::from(tick) + 1, u64::from(total), &what);
    }
}
