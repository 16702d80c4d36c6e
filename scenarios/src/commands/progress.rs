//! Progress of a run: a bar on a terminal, plain lines otherwise, nothing when asked to be quiet.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pluriverse_engine::exchange::Snapshot;
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
pub struct Progress {
    form: Form,
    /// What the exchange of the current tick belongs to.
    currency: String,
    last_shown: Duration,
}

enum Form {
    /// Not at all.
    Silent,
    /// As a bar.
    Bar(ProgressBar),
    /// As lines.
    Lines,
}

/// How often the exchange of a tick is shown as a line.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// How often it is shown as a bar.
const BAR_EVERY: Duration = Duration::from_millis(100);

impl Progress {
    /// Progress on stderr.
    pub fn new(loudness: Loudness) -> Self {
        Self { form: Self::form(loudness), currency: String::new(), last_shown: Duration::ZERO }
    }

    /// The currency in which money is shown.
    pub fn in_currency(&mut self, currency: &str) {
        currency.clone_into(&mut self.currency);
    }

    fn form(loudness: Loudness) -> Form {
        if loudness == Loudness::Quiet {
            return Form::Silent;
        }
        if !std::io::stderr().is_terminal() {
            return Form::Lines;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        Form::Bar(bar)
    }

    /// Says that `done` of `total` steps are done, and what the last was.
    pub fn step(&self, done: u64, total: u64, what: &str) {
        match &self.form {
            Form::Silent => {}
            Form::Bar(bar) => {
                bar.set_length(total);
                bar.set_message(what.to_owned());
                bar.set_position(done);
            }
            Form::Lines => complain(&format!("{done}/{total} {what}")),
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Form::Bar(bar) = &self.form {
            bar.finish_and_clear();
        }
    }
}

impl Watch for Progress {
    fn tick_done(&mut self, tick: u32, total: u32, now: &PlannedTick) {
        let what = format!("{}, round {}", now.mechanism, now.round);
        self.step(u64::from(tick) + 1, u64::from(total), &what);
        self.last_shown = Duration::ZERO;
    }

    fn exchanging(&mut self, snapshot: &Snapshot) {
        let every = match self.form {
            Form::Silent => return,
            Form::Bar(_) => BAR_EVERY,
            Form::Lines => LINE_EVERY,
        };
        if snapshot.elapsed < self.last_shown {
            // The exchange of another tick.
            self.last_shown = Duration::ZERO;
        }
        if snapshot.elapsed.saturating_sub(self.last_shown) < every {
            return;
        }
        self.last_shown = snapshot.elapsed;
        let line = told(snapshot, &self.currency);
        match &self.form {
            Form::Silent => {}
            Form::Bar(bar) => bar.set_message(line),
            Form::Lines => complain(&format!("  {line}")),
        }
    }
}

/// How an exchange stands, on one line.
fn told(snapshot: &Snapshot, currency: &str) -> String {
    let mut parts = vec![format!("{}/{} settled", snapshot.settled, snapshot.requests)];
    parts.extend(snapshot.failures().map(|(outcome, count)| format!("{} {count}", outcome.name())));
    parts.push(format!("{} in flight", snapshot.in_flight));
    if snapshot.waiting > 0 {
        parts.push(format!("{} to repeat", snapshot.waiting));
    }
    if snapshot.spent.tokens() > 0 {
        parts.push(format!("{} tokens", snapshot.spent.tokens()));
    }
    if snapshot.spent.money > 0.0 {
        parts.push(format!("{:.2} {currency}", snapshot.spent.money));
    }
    if let Some(left) = snapshot.time_left() {
        let seconds = left.as_secs();
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        parts.push(if hours > 0 {
            format!("{hours}:{minutes:02}:{seconds:02} left")
        } else {
            format!("{minutes}:{seconds:02} left")
        });
    }
    parts.join(", ")
}
