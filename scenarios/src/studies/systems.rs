//! Answer sheets that studies compare: systems of one agent a culture, from a folder of recordings or from a run.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::kinds::recorded::Recording;
use pluriverse_agents::parse::ParseRule;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::record::directory::RunDirectory;
use pluriverse_worlds::survey::{AnswerSheets, Reference, Survey};

use super::measure::{recorded_society, unusable};
use super::setting::{Setting, choose_cultures};
use crate::file::diagnose::suggestion;
use crate::inputs::asset::AssetError;
use crate::inputs::finished::FinishedRun;
use crate::inputs::recordings::Index;

/// What to study.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Codes of the cultures; empty: all that every system has.
    pub cultures: Vec<String>,
    /// Names of the systems; empty: all.
    pub systems: Vec<String>,
    /// The round; 0 is before any exposure.
    pub round: u32,
}

/// A system's answers as they were found.
#[derive(Clone, Debug)]
enum Kept {
    /// Replies, to be read by a rule.
    Replies(Recording),
    /// Answers that were read already, by replicate.
    Answers(Vec<AnswerSheets>),
}

/// Systems of one agent a culture, with what they are measured against.
#[derive(Clone, Debug)]
pub struct Source {
    /// The items.
    pub survey: Survey,
    /// The human reference.
    pub reference: Reference,
    /// Codes of the cultures, in order.
    pub cultures: Vec<Arc<str>>,
    /// The round.
    pub round: u32,
    /// Backbones of recordings that are no systems here, because they were not recorded for all of these cultures.
    pub left_out: Vec<Arc<str>>,
    systems: Vec<(Arc<str>, Kept)>,
}

/// One system: a sheet for each culture, in the order of the source's.
#[derive(Clone, PartialEq, Debug)]
pub struct System {
    /// Its name.
    pub name: Arc<str>,
    /// Its answers, row by culture.
    pub sheets: AnswerSheets,
}

impl Source {
    /// Systems from a folder of recordings (a backbone each) or a run directory (a society and backbone each; of several
    /// agents of a culture the first, in the first arm; its replicates are samples).
    pub fn read(dir: &Path, base: &Path, choice: &Choice) -> Result<Self, Vec<AssetError>> {
        let source = if RunDirectory::holds_a_run(dir) {
            Self::of_run(dir, base, choice).map_err(|error| vec![error])?
        } else {
            Self::of_recordings(dir, choice)?
        };
        if source.cultures.len() < 2 {
            return Err(vec![AssetError::new("fewer than two agents: a system needs two cultures or more")]);
        }
        if source.systems.is_empty() {
            return Err(vec![AssetError::new(format!("{} holds no system with these cultures", dir.display()))]);
        }
        Ok(source)
    }

    fn of_recordings(dir: &Path, choice: &Choice) -> Result<Self, Vec<AssetError>> {
        let one = |error| vec![error];
        let setting = Setting::embedded().map_err(one)?;
        let index = Index::of(dir).map_err(one)?;
        let models: Vec<&str> = chosen(index.models().into_iter(), &choice.systems).map_err(one)?;
        let cultures = if choice.cultures.is_empty() {
            // A backbone of one culture is no system, and must not keep the others from being any.
            let of = |model: &&str| Some(index.cultures(model, choice.round)).filter(|cultures| cultures.len() > 1);
            let common = models.iter().filter_map(of).reduce(|a, b| a.intersection(&b).copied().collect());
            common.unwrap_or_default().into_iter().map(Arc::from).collect()
        } else {
            choose_cultures(&choice.cultures, &index, &setting)?
        };
        let rounds = BTreeSet::from([choice.round]);
        let (mut systems, mut left_out, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for model in models {
            let whole = cultures.iter().all(|culture| index.cultures(model, choice.round).contains(&**culture));
            match index.read(model, &cultures, &rounds) {
                Ok(recording) if whole => systems.push((Arc::from(model), Kept::Replies(recording))),
                // A backbone that was not recorded for all of these cultures is no system of them.
                Ok(_) => left_out.push(Arc::from(model)),
                Err(mut found) => errors.append(&mut found),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let Setting { survey, reference, .. } = setting;
        let cultures = cultures.into_iter().collect();
        Ok(Self { survey, reference, cultures, round: choice.round, left_out, systems })
    }

    fn of_run(dir: &Path, base: &Path, choice: &Choice) -> Result<Self, AssetError> {
        let run = FinishedRun::read(dir, base)?;
        let resolved = &run.resolved;
        let tick = resolved.plan.iter().position(|tick| tick.round == choice.round);
        let tick = tick.ok_or_else(|| AssetError::new(format!("{} has no round {}", dir.display(), choice.round)))?;
        let mut found: Vec<(Arc<str>, Vec<(Arc<str>, AgentId)>, Vec<AnswerSheets>)> = Vec::new();
        for society in &resolved.societies {
            let arm = society.strands.arms.first().copied().unwrap_or_default();
            let sheets: Option<Vec<AnswerSheets>> = (0..society.strands.replicates)
                .map(|replicate| run.history(society, arm, replicate).ticks.get(&(tick as u32)).copied().cloned())
                .collect();
            let Some(sheets) = sheets else { continue };
            for (backbone, (name, _)) in resolved.backbones.iter().enumerate() {
                let mut agents: Vec<(Arc<str>, AgentId)> = Vec::new();
                for (id, agent) in (0..).map(AgentId).zip(&society.agents) {
                    let code = resolved.cultures.profile(agent.culture).code.clone();
                    if agent.backbone.index() == backbone && agents.iter().all(|(known, _)| *known != code) {
                        agents.push((code, id));
                    }
                }
                if !agents.is_empty() {
                    let several = resolved.societies.len() > 1;
                    let name = if several { format!("{}/{name}", society.name) } else { name.to_string() };
                    found.push((Arc::from(name), agents, sheets.clone()));
                }
            }
        }
        let names = chosen(found.iter().map(|(name, ..)| &**name), &choice.systems)?;
        let of_names = || found.iter().filter(|(name, ..)| names.contains(&&**name));
        let codes = |agents: &[(Arc<str>, AgentId)]| agents.iter().map(|(code, _)| code.clone()).collect();
        let common: BTreeSet<Arc<str>> = of_names()
            .map(|(_, agents, _)| codes(agents))
            .reduce(|a: BTreeSet<Arc<str>>, b| a.intersection(&b).cloned().collect())
            .unwrap_or_default();
        let cultures: Vec<Arc<str>> = if choice.cultures.is_empty() {
            common.into_iter().collect()
        } else {
            choice.cultures.iter().map(|code| Arc::from(code.as_str())).collect::<BTreeSet<_>>().into_iter().collect()
        };
        let rows = |agents: &[(Arc<str>, AgentId)]| -> Option<Vec<AgentId>> {
            let row = |code: &Arc<str>| agents.iter().find(|(known, _)| known == code).map(|(_, id)| *id);
            cultures.iter().map(row).collect()
        };
        let systems = of_names()
            .filter_map(|(name, agents, sheets)| {
                let rows = rows(agents)?;
                Some((name.clone(), Kept::Answers(sheets.iter().map(|sheets| sheets.of(&rows)).collect())))
            })
            .collect();
        Ok(Self {
            survey: resolved.survey.without_aside(),
            reference: (*resolved.reference).clone(),
            cultures,
            round: choice.round,
            left_out: Vec::new(),
            systems,
        })
    }

    /// Whether replies can be read by another rule.
    pub fn has_replies(&self) -> bool {
        self.systems.iter().any(|(_, kept)| matches!(kept, Kept::Replies(_)))
    }

    /// How many samples of every answer there are.
    pub fn samples(&self) -> usize {
        let of = |(_, kept): &(Arc<str>, Kept)| match kept {
            Kept::Answers(sheets) => sheets.len(),
            Kept::Replies(_) => 1,
        };
        self.systems.iter().map(of).min().unwrap_or(0)
    }

    /// The systems, replies read by a rule, the first sample of every answer. Systems in which nobody answered anything are
    /// left out.
    pub fn systems(&self, rule: ParseRule) -> Vec<System> {
        self.sample(0, rule)
    }

    /// The same of another sample, below [`Source::samples`].
    pub fn sample(&self, sample: usize, rule: ParseRule) -> Vec<System> {
        let cultures: BTreeSet<Arc<str>> = self.cultures.iter().cloned().collect();
        let read = |(name, kept): &(Arc<str>, Kept)| {
            let sheets = match kept {
                Kept::Answers(sheets) => sheets.get(sample)?.clone(),
                Kept::Replies(recording) => {
                    let society = recorded_society(recording, self.round, &cultures, &self.survey, rule);
                    if unusable(&society) {
                        return None;
                    }
                    society.sheets
                }
            };
            Some(System { name: name.clone(), sheets })
        };
        self.systems.iter().filter_map(read).collect()
    }
}

/// Those of the names that are asked for, or all; the first that is not there is an error.
fn chosen<'n>(known: impl Iterator<Item = &'n str>, asked: &[String]) -> Result<Vec<&'n str>, AssetError> {
    let known: Vec<&str> = known.collect();
    if let Some(unknown) = asked.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(AssetError {
            message: format!("there is no system `{unknown}`"),
            help: Some(suggestion(unknown, known)),
        });
    }
    Ok(known.into_iter().filter(|name| asked.is_empty() || asked.iter().any(|asked| asked == name)).collect())
}
