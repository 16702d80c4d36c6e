//! What commands print: data to stdout, complaints to stderr.

use std::io::{IsTerminal, Write};

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use serde::Serialize;

use crate::inputs::asset::AssetError;

/// What a command prints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Tables and sentences for people.
    Tables,
    /// JSON for programs.
    Json,
}

/// Prints to stdout. A reader that went away (`| head`) is no error; anything else ends the process with code 1,
/// because what was asked for did not arrive.
pub fn say(text: &str) {
    let mut stdout = std::io::stdout().lock();
    if let Err(error) = writeln!(stdout, "{text}").and_then(|()| stdout.flush())
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        complain(&format!("error: cannot print: {error}"));
        std::process::exit(1);
    }
}

/// Prints to stderr.
pub fn complain(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "{text}");
}

/// Prints what is wrong with an input, and what to write instead, to stderr.
pub fn complain_of(error: &AssetError) {
    let help = error.help.as_ref().map(|help| format!("\n  help: {help}")).unwrap_or_default();
    complain(&format!("error: {}{help}", error.message));
}

/// Asks on a terminal; where nobody is there to answer, the answer is yes.
pub fn confirm(question: &str) -> bool {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return true;
    }
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "{question} [y/N] ");
    let _ = stderr.flush();
    drop(stderr);
    let mut answer = String::new();
    let _ = std::io::stdin().read_line(&mut answer);
    matches!(answer.trim(), "y" | "Y" | "yes")
}

/// Prints as JSON.
pub fn say_json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => say(&text),
        Err(error) => complain(&format!("error: cannot print JSON: {error}")),
    }
}

/// A plain table: text left, figures right, one rule below the header.
pub fn table(headers: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table
        .load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')))
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(headers.to_vec());
    for row in rows {
        table.add_row(row.clone());
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 1));
        let figures = rows.iter().filter_map(|row| row.get(index)).filter(|cell| !cell.is_empty());
        let numeric = figures
            .clone()
            .all(|cell| cell.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '–' | '≈')));
        if numeric && figures.count() > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// A number of things.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A figure with this many decimals, or a dash.
pub fn figure(value: Option<f64>, decimals: usize) -> String {
    match value {
        Some(value) => format!("{value:.decimals$}"),
        None => "–".to_owned(),
    }
}

/// A share as percent, or a dash.
pub fn percent(value: Option<f64>) -> String {
    figure(value.map(|share| share * 100.0), 1)
}

/// A change with its sign.
pub fn signed(value: Option<f64>, decimals: usize) -> String {
    match value {
        Some(value) => {
            // A change too small to show has no sign to show either.
            let printed = format!("{value:+.decimals$}");
            if printed.bytes().any(|byte| matches!(byte, b'1'..=b'9')) { printed } else { printed.replace('-', "+") }
        }
        None => "–".to_owned(),
    }
}
