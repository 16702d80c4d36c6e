//! `report.html`: one self-contained page about a run, readable without scripts and without a network.
//!
//! Made from the files of the run directory alone, so that `run` and `report` write the same bytes. Text that an agent
//! or a model wrote is data: the markup escapes whatever is put into it, and the page's own policy lets no other script
//! run.

mod chart;
mod compared;
mod dendrogram;
mod effects;
mod frame;
mod items;
mod missing;
mod network;
mod panels;
mod platform;
mod sources;
mod table;
mod trajectories;
mod votes;
mod what;

use std::path::Path;

use maud::{Markup, html};
use pluriverse_engine::record::RecordError;
use pluriverse_engine::record::directory::RunDirectory;
use pluriverse_engine::record::manifest::RunStatus;

use crate::resolve::Resolved;
use sources::{OfSociety, Sources};

pub use compared::{comparison_page, how_to_read};
pub use frame::{GENERATOR, SCRIPT_DIGEST};

/// Name of the page in a run directory.
pub const REPORT: &str = "report.html";

/// Writes the page of a run into its directory.
pub fn write(resolved: &Resolved, status: &RunStatus, directory: &Path) -> Result<(), RecordError> {
    RunDirectory::write_text(directory, REPORT, &page(resolved, status, directory)?)
}

/// The page of a run whose tables are whole.
pub fn page(resolved: &Resolved, status: &RunStatus, directory: &Path) -> Result<String, RecordError> {
    let sources = Sources::read(resolved, directory)?;
    let several = sources.societies.len() > 1;
    let body = html! {
        (what::head(resolved, status))
        @if several { (contents(&sources)) }
        @for (number, society) in sources.societies.iter().enumerate() {
            section.society id={ "society-" (number) } {
                @if several { h2 { (society.society.name) " " small { (agents(society)) } } }
                (of_society(resolved, society))
            }
        }
        (votes::section(resolved, &sources.trajectories, &sources.other_effects))
        (platform::section(resolved, &sources.trajectories, &sources.other_effects))
        (panels::section(&sources.trajectories))
        (what::details("What was run", resolved))
    };
    Ok(frame::page(&resolved.scenario.name, &body))
}

fn contents(sources: &Sources<'_>) -> Markup {
    html! {
        nav { @for (number, society) in sources.societies.iter().enumerate() {
            a href={ "#society-" (number) } { (society.society.name) } " "
        } }
    }
}

fn of_society(resolved: &Resolved, society: &OfSociety<'_>) -> Markup {
    html! {
        @for notice in &society.society.strands.notices { p.notice { (notice) } }
        (trajectories::section(resolved, society))
        (effects::section(resolved, society))
        (items::section(resolved, society))
        (dendrogram::section(resolved, society))
        (network::section(resolved, society))
        (missing::section(society))
    }
}

fn agents(society: &OfSociety<'_>) -> String {
    crate::commands::output::counted(society.society.agents.len() as u64, "agent", "agents")
}
