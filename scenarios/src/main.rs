//! The program.

use std::process::ExitCode;

use clap::Parser;
use pluriverse_scenarios::commands::cli::Cli;
use pluriverse_scenarios::commands::execute;
use pluriverse_scenarios::commands::log::start_log;

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log(cli.log);
    ExitCode::from(execute(&cli).code())
}
