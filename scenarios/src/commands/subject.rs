//! What `pluriverse prompt` is asked for: an item of the survey, a ballot, a wake on the platform, or a dilemma.

use bevy_ecs::world::World;
use pluriverse_agents::kinds::language_model::post::wake_question;
use pluriverse_agents::kinds::language_model::{Questions, dilemma_question, question, vote_question};
use pluriverse_agents::kinds::panel::Speaker;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::exchange::Prompt;
use pluriverse_engine::tick::PlannedTick;
use pluriverse_worlds::budgeting::vote::is_vote;
use pluriverse_worlds::dilemmas::asked::is_dilemmas;
use pluriverse_worlds::dilemmas::scenario::Order;
use pluriverse_worlds::drafting::is_draft;
use pluriverse_worlds::survey::state::is_post;

use crate::file::diagnose::suggestion;
use crate::resolve::Resolved;

/// What stands in place of an item where the ballot is meant.
const BALLOT: &str = "ballot";

/// What stands in place of an item where a wake on the platform is meant.
const WAKE: &str = "wake";

/// Behind the name of a dilemma: with its options swapped.
const SWAPPED: &str = "/swapped";

/// What an agent is asked about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Subject {
    /// An item, by its place in the survey.
    Item(usize),
    /// What a vote asks.
    Ballot,
    /// What it is told when it wakes.
    Wake,
    /// A dilemma, by its place in the first set.
    Dilemma(usize, Order),
}

impl Subject {
    /// What is meant by a name, and without one by the round: the first of what happens in it.
    ///
    /// # Errors
    /// A name that stands for nothing.
    pub(super) fn named(name: Option<&str>, round: u32, resolved: &Resolved) -> Result<Self, String> {
        let survey = &resolved.survey;
        match name {
            None => Ok(Self::of_round(round, resolved)),
            Some(BALLOT) if survey.position(BALLOT).is_none() => Ok(Self::Ballot),
            Some(WAKE) if survey.position(WAKE).is_none() => Ok(Self::Wake),
            Some(id) => {
                let item = survey.position(id).map(Self::Item);
                item.or_else(|| Self::dilemma(id, resolved)).ok_or_else(|| {
                    let known = survey.items.iter().map(|item| &*item.id);
                    format!("the survey has no item `{id}`; {}", suggestion(id, known))
                })
            }
        }
    }

    /// What happens in a round where nothing else does; else the first item.
    fn of_round(round: u32, resolved: &Resolved) -> Self {
        let alone = |is: fn(&str) -> bool| {
            let mut ticks = resolved.plan.iter().filter(|tick| tick.round == round).peekable();
            ticks.peek().is_some() && ticks.all(|tick| is(&tick.mechanism))
        };
        if alone(is_post) {
            Self::Wake
        } else if alone(is_dilemmas) {
            Self::Dilemma(0, Order::Original)
        } else {
            Self::Item(0)
        }
    }

    fn dilemma(name: &str, resolved: &Resolved) -> Option<Self> {
        let scenarios = &resolved.dilemma_sets.first()?.scenarios;
        let (id, order) = name.strip_suffix(SWAPPED).map_or((name, Order::Original), |id| (id, Order::Swapped));
        Some(Self::Dilemma(scenarios.iter().position(|scenario| scenario.id == id)?, order))
    }

    /// Whether a tick asks this.
    fn is_asked_in(self, tick: &PlannedTick) -> bool {
        let mechanism = &tick.mechanism;
        is_vote(mechanism) == (self == Self::Ballot)
            && is_post(mechanism) == (self == Self::Wake)
            && !is_draft(mechanism)
            && is_dilemmas(mechanism) == matches!(self, Self::Dilemma(..))
    }

    /// The first tick of a round that asks this.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn tick(self, round: u32, resolved: &Resolved) -> Result<usize, String> {
        let found = resolved.plan.iter().position(|tick| tick.round == round && self.is_asked_in(tick));
        found.ok_or_else(|| {
            if self == Self::Ballot {
                return format!("the scenario has no vote in round {round}");
            }
            let last = resolved.plan.last().map_or(0, |tick| tick.round);
            format!("the scenario has rounds 0 to {last}, and no round {round}")
        })
    }

    /// What an agent, or a voice of its panel, is asked in the tick that has just begun.
    pub(super) fn prompt(self, world: &mut World, agent: AgentId, speaker: Speaker) -> Option<Prompt> {
        match self {
            Self::Wake => wake_question(world, agent),
            Self::Ballot => vote_question(world).map(|questions| questions.prompt_of(agent, speaker)),
            Self::Dilemma(place, order) => {
                dilemma_question(world).map(|questions| questions.prompt(agent, place, order, Some(speaker)))
            }
            Self::Item(item) => {
                let put = |questions: &Questions| questions.put_to(agent, item, speaker);
                question(world).map(|questions| questions.prompt(put(&questions)))
            }
        }
    }

    /// What it is called.
    pub(super) fn name(self, resolved: &Resolved) -> String {
        match self {
            Self::Wake => WAKE.to_owned(),
            Self::Ballot => BALLOT.to_owned(),
            Self::Dilemma(place, order) => {
                let swapped = if order == Order::Swapped { SWAPPED } else { "" };
                format!("dilemma {}{swapped}", resolved.dilemma_sets[0].scenarios[place].id)
            }
            Self::Item(item) => format!("item {}", resolved.survey.items[item].id),
        }
    }
}
