//! The log: on stderr, as much of it as `RUST_LOG` asks for. None of it touches what is recorded.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Directive;

use super::cli::LogForm;

/// Parts of the program that would log what servers say, word for word, before it is freed of secrets.
const SILENT: [&str; 4] = ["async_openai=off", "hyper=off", "hyper_util=off", "reqwest=off"];

/// Starts the log.
pub fn start_log(form: LogForm) {
    let filter = SILENT
        .iter()
        .filter_map(|directive| directive.parse::<Directive>().ok())
        .fold(EnvFilter::from_default_env(), EnvFilter::add_directive);
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match form {
        LogForm::Text => log.init(),
        LogForm::Json => log.json().init(),
    }
}
