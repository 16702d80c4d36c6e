//! The command line: one module a command, thin over the studies and the run.

pub mod calibrate;
pub mod carry;
pub mod check;
pub mod cli;
mod costs;
pub mod dilemmas;
pub mod drafts;
pub mod effects;
pub mod embed;
pub mod export;
pub mod fit;
pub mod list;
pub mod log;
pub mod measure;
pub mod money;
pub mod output;
pub mod panels;
pub mod ping;
pub mod platform;
pub mod pluralism;
pub mod power;
pub mod progress;
pub mod prompt;
pub mod published;
pub mod replay;
pub mod report;
pub mod run;
pub mod set_against;
mod sets;
pub mod show;
pub mod story;
pub mod study;
mod subject;
mod tally;
pub mod target;
pub mod trajectory;
mod voices;
pub mod votes;
mod wakes;

use cli::{Cli, Command};
use output::Form;
use progress::Progress;

/// Carries a command out.
pub fn execute(cli: &Cli) -> Exit {
    let form = if cli.json { Form::Json } else { Form::Tables };
    let progress = Progress::new(cli.quiet.into());
    match &cli.command {
        Command::Run(args) => run::execute(args, form, progress),
        Command::Check(args) => check::execute(args, form),
        Command::List => list::execute(form),
        Command::Measure(args) => measure::execute(args, form),
        Command::Calibrate(args) => calibrate::execute(args, form, &progress),
        Command::Replay(args) => replay::execute(args, form, progress),
        Command::Show(args) => show::execute(args, form),
        Command::Prompt(args) => prompt::execute(args, form),
        Command::Ping(args) => ping::execute(args, form),
        Command::Export(args) => export::execute(args),
        Command::Embed(args) => embed::execute(args, form),
        Command::Report(args) => report::execute(args, form),
        Command::Compare(args) => report::compare(args, form),
        Command::Fit(args) => fit::execute(args, form),
        Command::Power(args) => power::execute(args, form),
        Command::Tally(args) => tally::execute(args, form),
        Command::Study(args) => study::execute(args, form, &progress),
    }
}

/// How a command ends: the process's exit code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Done.
    Done,
    /// The run or the fit failed.
    Failed,
    /// The scenario, the input or the command line has a mistake; nothing was written.
    Mistake,
    /// Stopped before the end, resumably.
    Stopped,
}

impl Exit {
    /// 0 done, 1 failed, 2 mistake, 3 stopped.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Mistake => 2,
            Self::Stopped => 3,
        }
    }
}
