//! Voting rules, measures and files against the published oracles: exact where the oracle is exact, 1e-12 elsewhere.
//! The rules' own properties are tested beside their code.

mod agents;
mod files;
mod frequency;
mod rules;

use std::path::{Path, PathBuf};

use pluriverse_worlds::budgeting::exact::{Exact, parse};
use pluriverse_worlds::budgeting::pabulib::{self, Election};
use pluriverse_worlds::budgeting::{Electorate, Instance, VoterUnit};
use serde_json::Value;

use crate::support::{json, with_published};

/// An instance and what is expected of it.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) file: Election,
    pub(super) electorate: Electorate,
    pub(super) oracle: Value,
}

impl Case {
    pub(super) fn instance(&self) -> &Instance {
        &self.file.instance
    }

    /// Ids of projects, in this order.
    pub(super) fn ids(&self, projects: &[usize]) -> Vec<String> {
        projects.iter().map(|&project| self.instance().projects()[project].id.to_string()).collect()
    }
}

/// What was found, to be compared with what an oracle says.
#[derive(Debug)]
pub(super) enum Found {
    /// Exact.
    Exact(Exact),
    /// To 1e-12, of 1 or of the figure where that is larger.
    Real(f64),
    /// A word or a truth or a list, exactly.
    Same(Value),
}

impl Found {
    pub(super) fn check(&self, expected: &Value, what: &str) {
        match self {
            Self::Same(found) => assert_eq!(found, expected, "{what}"),
            Self::Real(found) => {
                let expected = expected.as_f64().unwrap_or_else(|| panic!("{what}: {expected} is no number"));
                assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{what}: {found}, not {expected}");
            }
            Self::Exact(found) => {
                let text = expected.as_str().map_or_else(|| expected.to_string(), str::to_owned);
                let expected = parse(&text).unwrap_or_else(|| panic!("{what}: {text} is no number"));
                assert_eq!(*found, expected, "{what}");
            }
        }
    }
}

/// Reads a file.
pub(super) fn read(path: &Path) -> Election {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    pabulib::read(&text).unwrap_or_else(|faults| panic!("{}: {faults:?}", path.display()))
}

/// Runs a check on every instance of the oracle.
pub(super) fn with_cases(test: &str, check: impl Fn(&Case)) {
    with_published(test, |folder| {
        let folder = folder.join("oracles/budgeting");
        let instances = instances(&folder);
        assert!(instances.len() >= 7, "seven instances are published");
        for path in instances {
            let file = read(&path);
            let electorate = Electorate::new(&file.profile, file.instance.len(), VoterUnit::Ballot).expect("voters");
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            check(&Case { name, file, electorate, oracle: json(&path.with_extension("json")) });
        }
    });
}

fn instances(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let is_instance = |path: &PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy();
        name.starts_with("pb") && name.ends_with(".pb")
    };
    let mut paths: Vec<PathBuf> = entries.filter(is_instance).collect();
    paths.sort();
    paths
}
