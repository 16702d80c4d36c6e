//! What a page is made of, read from the run directory.

use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::kinds::language_model::REQUESTS;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::record::RecordError;
use pluriverse_engine::record::read::read_portions;
use pluriverse_engine::seed::SHARED_ARM;
use pluriverse_worlds::exposure::design::Treatment;
use pluriverse_worlds::survey::AnswerSheets;
use pluriverse_worlds::survey::record::RecordAnswers;

use crate::commands::trajectory::{TickEffect, Trajectory};
use crate::commands::votes::of_answers;
use crate::inputs::figures;
use crate::inputs::run::{StrandAnswers, UnknownItems, answers_where};
use crate::resolve::{Resolved, ResolvedSociety};

/// Everything a page is made of.
pub(super) struct Sources<'a> {
    pub(super) societies: Vec<OfSociety<'a>>,
    /// By strand, of all societies.
    pub(super) trajectories: Vec<Trajectory>,
    /// Levels and effects of votes; none where nothing was compared.
    pub(super) other_effects: Vec<TickEffect>,
}

/// What is known of one society.
pub(super) struct OfSociety<'a> {
    pub(super) society: &'a ResolvedSociety,
    /// By strand.
    pub(super) trajectories: Vec<Trajectory>,
    /// Levels and effects; none where nothing was compared.
    pub(super) effects: Vec<TickEffect>,
    /// Answers of the arm that is drawn, in replicate 0; none where none were recorded.
    pub(super) answers: Option<Answers>,
    /// What was said where nothing could be read.
    pub(super) unread: Vec<Unread>,
}

/// Answers of one strand, first and last.
pub(super) struct Answers {
    /// The arm.
    pub(super) arm: Arc<str>,
    /// Numbers of the agents, by row.
    pub(super) agents: Vec<AgentId>,
    /// Their cultures.
    pub(super) cultures: Vec<Arc<str>>,
    /// The first answers, and those of the last exposure (or the last tick): round and sheets. One entry where both are
    /// one.
    pub(super) ends: Vec<(u32, AnswerSheets)>,
}

/// An example of a request that brought no answer.
pub(super) struct Unread {
    pub(super) backbone: Arc<str>,
    pub(super) outcome: Arc<str>,
    pub(super) item: Arc<str>,
    pub(super) reply: Arc<str>,
    pub(super) reason: Arc<str>,
}

impl<'a> Sources<'a> {
    pub(super) fn read(resolved: &'a Resolved, directory: &Path) -> Result<Self, RecordError> {
        let (trajectories, effects) = (figures::trajectories(directory)?, figures::effects(directory)?);
        let (effects, other_effects): (Vec<TickEffect>, Vec<TickEffect>) = effects.into_iter().partition(of_answers);
        let mut unread = unread(directory)?;
        let mut societies = Vec::new();
        for society in &resolved.societies {
            let of_society = |trajectory: &&Trajectory| trajectory.society == society.name;
            let own: Vec<Trajectory> = trajectories.iter().filter(of_society).cloned().collect();
            let answers = answers(resolved, society, &own, directory)?;
            let effects = effects.iter().filter(|effect| effect.society == society.name).cloned().collect();
            let (here, others) = unread.into_iter().partition(|(name, _)| *name == society.name);
            unread = others;
            let unread = here.into_iter().map(|(_, unread)| unread).collect();
            societies.push(OfSociety { society, trajectories: own, effects, answers, unread });
        }
        Ok(Self { societies, trajectories, other_effects })
    }
}

/// First and last answers of the exposed arm (or the first one), in replicate 0.
fn answers(
    resolved: &Resolved,
    society: &ResolvedSociety,
    trajectories: &[Trajectory],
    directory: &Path,
) -> Result<Option<Answers>, RecordError> {
    if resolved.scenario.record.answers == RecordAnswers::None {
        return Ok(None);
    }
    let arms = || society.strands.arms.iter().map(|&arm| &resolved.arms[arm]);
    let drawn = arms().find(|arm| arm.treatment == Treatment::Exposed).or_else(|| arms().next());
    let Some(arm) = drawn.map(|arm| arm.name.clone()) else {
        return Ok(None);
    };
    let rounds = trajectories.iter().filter(|t| t.replicate == 0 && (t.arm == arm || *t.arm == *SHARED_ARM));
    let rounds: Vec<_> = rounds.flat_map(|trajectory| &trajectory.rounds).collect();
    let last = rounds.iter().rev().find(|round| *round.mechanism == *"exposure").or(rounds.last());
    let Some(last) = last.map(|round| round.tick) else {
        return Ok(None);
    };
    let read = answers_where(directory, &resolved.survey, UnknownItems::Refused, &|name, tick| {
        let of_arm = name.arm == arm || *name.arm == *SHARED_ARM;
        name.society == society.name && name.replicate == 0 && of_arm && (tick == 0 || tick == last)
    });
    let strands = read
        .map_err(|error| RecordError::Malformed { path: directory.display().to_string(), reason: error.to_string() })?;
    Ok(joined(strands, arm))
}

fn joined(strands: Vec<StrandAnswers>, arm: Arc<str>) -> Option<Answers> {
    let first = strands.first()?;
    let (agents, cultures) = (first.agents.clone(), first.cultures.clone());
    let mut ends: Vec<(u32, (u32, AnswerSheets))> = strands.into_iter().flat_map(|strand| strand.ticks).collect();
    ends.sort_by_key(|(tick, _)| *tick);
    Some(Answers { arm, agents, cultures, ends: ends.into_iter().map(|(_, sheets)| sheets).collect() })
}

/// The first request of every society, backbone and outcome that brought no answer but a reply or a reason.
fn unread(directory: &Path) -> Result<Vec<(Arc<str>, Unread)>, RecordError> {
    let mut found: Vec<(Arc<str>, Unread)> = Vec::new();
    if !directory.join(format!("{}.parquet", REQUESTS.name)).exists() {
        return Ok(found);
    }
    let place = |name: &str| REQUESTS.columns.iter().position(|(column, _)| *column == name).unwrap_or_default();
    let [society, backbone, outcome, item, reply, reason] =
        ["society", "backbone", "outcome", "item", "reply", "reason"].map(place);
    read_portions(directory, &REQUESTS, &mut |columns| {
        for row in 0..columns[society].rows() {
            let text = |column: usize| columns[column].text(row);
            let answered = text(outcome) == Outcome::Answered.name();
            let known = |(of, known): &(Arc<str>, Unread)| {
                **of == *text(society) && *known.backbone == *text(backbone) && *known.outcome == *text(outcome)
            };
            if answered || found.iter().any(known) {
                continue;
            }
            let own = |column: usize| Arc::from(text(column));
            let unread = Unread {
                backbone: own(backbone),
                outcome: own(outcome),
                item: own(item),
                reply: own(reply),
                reason: own(reason),
            };
            found.push((own(society), unread));
        }
    })?;
    Ok(found)
}
