//! Another run whose answers a placebo shows.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::record::manifest::{InputDigest, Manifest, RunStatus};
use pluriverse_engine::seed::{EXPOSED_ARM, SHARED_ARM};
use pluriverse_worlds::exposure::placebo::OtherAnswers;
use pluriverse_worlds::survey::AnswerSheets;
use pluriverse_worlds::survey::record::RecordAnswers;

use super::AgentSpec;
use super::inputs::Inputs;
use crate::file::diagnose::suggestion;
use crate::inputs::asset::AssetError;
use crate::inputs::run::{StrandAnswers, UnknownItems, answers};
use crate::load::of_manifest;

/// The answers of a run directory, read for the placebo arms of a scenario.
pub(super) struct OtherRun {
    strands: Vec<StrandAnswers>,
    name: String,
    /// Digest of its answers.
    pub(super) digest: InputDigest,
}

impl OtherRun {
    /// Reads a run directory, which must be whole, hold everybody's answers, and have asked the same survey.
    pub(super) fn read(name: &str, base: &Path, inputs: &Inputs) -> Result<Self, AssetError> {
        let directory = base.join(name);
        let unusable = |reason: String| AssetError::new(format!("run {name}: {reason}"));
        let manifest = Manifest::read(&directory).map_err(|error| unusable(error.to_string()))?;
        if !matches!(manifest.status, RunStatus::Complete { .. }) {
            return Err(unusable("it did not come to its end".to_owned()));
        }
        let scenario = of_manifest(&manifest).map_err(unusable)?;
        if scenario.record.answers != RecordAnswers::All {
            return Err(unusable("it recorded only some agents' answers".to_owned()));
        }
        let asked = inputs.digests.iter().find(|digest| digest.name.starts_with("survey "));
        let same = |digest: &&InputDigest| Some(&digest.blake3) == asked.map(|asked| &asked.blake3);
        if !manifest.inputs.iter().any(|digest| same(&digest)) {
            return Err(unusable(format!("it asked another survey ({})", scenario.survey)));
        }
        let strands = answers(&directory, &inputs.survey, UnknownItems::PassedOver)?;
        let bytes = std::fs::read(directory.join("answers.parquet")).map_err(|error| unusable(error.to_string()))?;
        let last = Path::new(name).file_name().map(|name| name.to_string_lossy().into_owned());
        let digest = InputDigest {
            name: format!("answers of run {}", last.unwrap_or_default()),
            blake3: blake3::hash(&bytes).to_hex().to_string(),
        };
        Ok(Self { strands, name: name.to_owned(), digest })
    }

    /// Its answers lined up with the agents of a society, one for each of its replicates: an agent's stand-in is one of
    /// the same culture, the next one for every further agent of that culture.
    pub(super) fn lined_up(
        &self,
        society: &str,
        agents: &[AgentSpec],
        inputs: &Inputs,
    ) -> Result<Vec<OtherAnswers>, AssetError> {
        let unusable = |reason: String| AssetError::new(format!("run {}: {reason}", self.name));
        let mut names: Vec<&Arc<str>> = self.strands.iter().map(|strand| &strand.name.society).collect();
        names.dedup();
        let source = match names.iter().find(|name| name.as_ref() == society) {
            Some(name) => (*name).clone(),
            None if names.len() == 1 => names[0].clone(),
            None => {
                let known = suggestion(society, names.iter().map(|name| &***name));
                return Err(unusable(format!("it has no society `{society}`; {known}")));
            }
        };
        let mut replicates: BTreeMap<u32, Vec<&StrandAnswers>> = BTreeMap::new();
        for strand in self.strands.iter().filter(|strand| strand.name.society == source) {
            if [EXPOSED_ARM, SHARED_ARM].contains(&&*strand.name.arm) {
                replicates.entry(strand.name.replicate).or_default().push(strand);
            }
        }
        if replicates.is_empty() {
            return Err(unusable(format!("society `{source}` has no arm `{EXPOSED_ARM}` in it")));
        }
        replicates.into_values().map(|strands| line_up(&strands, agents, inputs).map_err(unusable)).collect()
    }
}

fn line_up(strands: &[&StrandAnswers], agents: &[AgentSpec], inputs: &Inputs) -> Result<OtherAnswers, String> {
    let cultures = &strands[0].cultures;
    let mut members: BTreeMap<&str, Vec<AgentId>> = BTreeMap::new();
    for (row, culture) in (0..).map(AgentId).zip(cultures) {
        members.entry(culture).or_default().push(row);
    }
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rows = Vec::with_capacity(agents.len());
    for agent in agents {
        let code = &*inputs.cultures.profile(agent.culture).code;
        let stand_ins = members.get(code).ok_or_else(|| format!("it has no agent of culture {code}"))?;
        let next = used.entry(code).or_default();
        rows.push(stand_ins[*next % stand_ins.len()]);
        *next += 1;
    }
    let mut by_round: BTreeMap<u32, &AnswerSheets> = BTreeMap::new();
    let ticks: BTreeMap<u32, &(u32, AnswerSheets)> =
        strands.iter().flat_map(|strand| &strand.ticks).map(|(tick, sheets)| (*tick, sheets)).collect();
    for (round, sheets) in ticks.into_values() {
        by_round.insert(*round, sheets);
    }
    Ok(OtherAnswers { rounds: by_round.into_values().map(|sheets| sheets.of(&rows)).collect() })
}
