//! What agents that answer in text remember of a round.

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::tick::{Clock, Turns};
use pluriverse_worlds::exposure::design::MemoryPolicy;
use pluriverse_worlds::survey::state::{AnswerIntents, Percept, Sheets};

use super::SpeaksToModel;
use super::ask::CurrentQuestions;
use crate::memory::{Memory, RememberedItem, RememberedRound};

/// `Perceive`: agents begin to remember with the answers they gave before they were first shown anything.
pub(super) fn begin_to_remember(
    clock: Res<Clock>,
    percept: Res<Percept>,
    sheets: Res<Sheets>,
    mut agents: Query<(&AgentId, &mut Memory), With<SpeaksToModel>>,
) {
    if percept.exposure().is_none() {
        return;
    }
    for (&agent, mut memory) in &mut agents {
        if memory.is_empty() && memory.policy() != MemoryPolicy::None {
            let own = |item| RememberedItem { own: sheets.current.get(agent, item).ok(), shown: Vec::new() };
            let items = (0..sheets.current.items()).map(own).collect();
            memory.keep(RememberedRound { round: clock.now.round.saturating_sub(1), items });
        }
    }
}

/// `Interpret`: those who acted remember what they answered, and what they were shown before they did. A survey asked
/// between exposures is no part of what they remember.
pub(super) fn remember(
    clock: Res<Clock>,
    turns: Res<Turns>,
    current: Res<CurrentQuestions>,
    intents: Res<AnswerIntents>,
    mut agents: Query<(&AgentId, &mut Memory), With<SpeaksToModel>>,
) {
    let Some(questions) = current.0.as_ref().filter(|questions| questions.design().is_some()) else {
        return;
    };
    let acting = turns.acting();
    for (&agent, mut memory) in &mut agents {
        if memory.policy() == MemoryPolicy::None || !acting.includes(agent) {
            continue;
        }
        let seen = matches!(memory.policy(), MemoryPolicy::Seen(_));
        let items = (0..intents.0.items()).map(|item| RememberedItem {
            own: intents.0.get(agent, item).ok(),
            shown: if seen {
                questions.peers(agent, item).into_iter().map(|(_, shown)| shown).collect()
            } else {
                Vec::new()
            },
        });
        let items = items.collect();
        memory.keep(RememberedRound { round: clock.now.round, items });
    }
}
