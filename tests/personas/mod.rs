//! Personas: drawn from microdata, from aggregate shares or as written, they make the groups they came from, are told to
//! models, pull surrogates, and are the same on any number of threads and after an interruption.

mod bad;
mod file;
mod society;

use std::collections::BTreeMap;
use std::path::Path;

use pluriverse_agents::profile::record::PERSONAS;
use pluriverse_engine::record::read::read_table;
use serde_json::Value;

use crate::support::ScenarioFile;
use file::CellName;

/// A row of `personas.parquet`.
#[derive(Clone, PartialEq, Debug)]
struct Row {
    agent: i64,
    cell: CellName,
    source: String,
    values: BTreeMap<String, i64>,
}

fn personas(directory: &Path) -> Vec<Row> {
    let columns = read_table(directory, &PERSONAS).expect("readable");
    let column = |name: &str| {
        let place = PERSONAS.columns.iter().position(|(known, _)| *known == name).expect("a column");
        &columns[place]
    };
    let text = |name: &str, row| column(name).text(row).to_owned();
    let levels = |row| {
        let values: BTreeMap<String, Value> = serde_json::from_str(column("values").text(row)).expect("JSON");
        values.into_iter().map(|(id, level)| (id, level.as_i64().expect("a level"))).collect()
    };
    (0..columns[0].rows())
        .map(|row| Row {
            agent: column("agent").integer(row).expect("an agent"),
            cell: (text("culture", row), column("age_from").integer(row), text("sex", row), text("education", row)),
            source: text("source", row),
            values: levels(row),
        })
        .collect()
}

/// A scenario with a file of microdata beside it.
fn with_microdata(scenario: &str, data: &str) -> ScenarioFile {
    let written = ScenarioFile::new(scenario);
    std::fs::write(written.folder().join("wvs.csv"), data).expect("written");
    written
}
