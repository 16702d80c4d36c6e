//! A finished run taken apart again: its scenario, its networks, and what every strand answered in every tick.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::record::manifest::{Manifest, RunStatus};
use pluriverse_engine::seed::SHARED_ARM;
use pluriverse_worlds::network::Network;
use pluriverse_worlds::survey::AnswerSheets;
use pluriverse_worlds::survey::record::RecordAnswers;
use pluriverse_worlds::survey::state::asks_the_survey;

use super::asset::AssetError;
use super::run::{StrandAnswers, StrandName, UnknownItems, answers};
use crate::comparison::{Moment, Moments};
use crate::load::load_run;
use crate::resolve::{Resolved, ResolvedSociety};

/// A run that came to its end and recorded everybody's answers.
pub struct FinishedRun {
    /// The scenario it carried out.
    pub resolved: Resolved,
    /// Its manifest.
    pub manifest: Manifest,
    strands: BTreeMap<StrandName, StrandAnswers>,
}

impl FinishedRun {
    /// Reads a run directory. `base` is the folder its relative paths (survey, reference, cultures) start from.
    pub fn read(directory: &Path, base: &Path) -> Result<Self, AssetError> {
        let shown = directory.display();
        let (manifest, resolved) = load_run(directory, base)
            .map_err(|error| AssetError::new(error.render().trim_start_matches("error: ").to_owned()))?;
        let how = match &manifest.status {
            RunStatus::Complete { .. } => None,
            RunStatus::Running => Some(format!("{shown} never ended")),
            RunStatus::Interrupted { ticks, reason } => Some(format!("{shown} stopped after {ticks} ticks: {reason}")),
        };
        if let Some(message) = how {
            return Err(AssetError { message, help: Some("take it up with run --resume --out first".to_owned()) });
        }
        match resolved.scenario.record.answers {
            RecordAnswers::All => {}
            RecordAnswers::None => return Err(too_few(&format!("{shown} recorded no answers"))),
            RecordAnswers::Sample(_) => return Err(too_few(&format!("{shown} recorded only some agents' answers"))),
        }
        let strands = answers(directory, &resolved.survey, UnknownItems::Refused)?;
        let strands = strands.into_iter().map(|strand| (strand.name.clone(), strand)).collect();
        let run = Self { resolved, manifest, strands };
        if run.is_whole() { Ok(run) } else { Err(AssetError::new(format!("{shown}: its answers are not whole"))) }
    }

    /// Whether every agent of every strand is there in every tick.
    fn is_whole(&self) -> bool {
        let ticks = self.resolved.plan.iter().filter(|tick| asks_the_survey(&tick.mechanism)).count();
        self.resolved.societies.iter().all(|society| {
            let histories = self.histories(society);
            histories.by_replicate.iter().flatten().all(|history| {
                let everybody = |sheets: &&AnswerSheets| sheets.agents() == society.agents.len();
                history.ticks.len() == ticks && history.ticks.values().all(everybody)
            })
        })
    }

    /// What one arm of a society answered in one replicate, tick by tick from the first on.
    pub fn history<'r>(&'r self, society: &'r ResolvedSociety, arm: usize, replicate: u32) -> History<'r> {
        let name = |arm: &Arc<str>| StrandName { society: society.name.clone(), arm: arm.clone(), replicate };
        let shared = name(&Arc::from(SHARED_ARM));
        let own = name(&self.resolved.arms[arm].name);
        let strands = [self.strands.get(&shared), self.strands.get(&own)];
        let ticks = strands.into_iter().flatten().flat_map(|strand| &strand.ticks);
        History {
            ticks: ticks.map(|(tick, (_, sheets))| (*tick, sheets)).collect(),
            network: society.network_of(self.resolved.seed(), replicate),
        }
    }

    /// What every arm of a society answered in every replicate.
    pub fn histories<'r>(&'r self, society: &'r ResolvedSociety) -> Histories<'r> {
        let replicates = 0..society.strands.replicates;
        let arms = &society.strands.arms;
        let of = |replicate| arms.iter().map(|&arm| self.history(society, arm, replicate)).collect();
        Histories { by_replicate: replicates.map(of).collect() }
    }
}

fn too_few(message: &str) -> AssetError {
    AssetError { message: message.to_owned(), help: Some("run it with record: (answers: All)".to_owned()) }
}

/// What one arm of a replicate answered.
pub struct History<'r> {
    /// Answers as of each tick.
    pub ticks: BTreeMap<u32, &'r AnswerSheets>,
    /// Who sees whom.
    pub network: Network,
}

/// What every arm of a society answered, by replicate and by place among the arms that were run.
pub struct Histories<'r> {
    /// The arms of each replicate.
    pub by_replicate: Vec<Vec<History<'r>>>,
}

impl Histories<'_> {
    /// The strands as they stood after a tick.
    pub fn at(&self, tick: u32) -> AtTick<'_> {
        AtTick { histories: self, tick }
    }
}

/// The strands of a finished run as they stood after a tick.
pub struct AtTick<'h> {
    histories: &'h Histories<'h>,
    tick: u32,
}

impl Moments for AtTick<'_> {
    fn moment(&self, replicate: usize, arm: Option<usize>) -> Moment<'_> {
        let history = &self.histories.by_replicate[replicate][arm.unwrap_or(0)];
        Moment {
            current: history.ticks[&self.tick],
            previous: history.ticks.range(..self.tick).next_back().map(|(_, before)| *before),
            origin: history.ticks.first_key_value().map(|(_, first)| *first),
            network: &history.network,
        }
    }
}
