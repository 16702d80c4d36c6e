//! The program.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use pluriverse_scenarios::commands::cli::{Cli, LogForm};
use pluriverse_scenarios::commands::execute;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log(cli.log);
    ExitCode::from(execute(&cli).code())
}

/// Logs go to stderr, as much of them as `RUST_LOG` asks for; none of it touches what is recorded.
fn start_log(form: LogForm) {
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_default_env())
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match form {
        LogForm::Text => log.init(),
        LogForm::Json => log.json().init(),
    }
}
