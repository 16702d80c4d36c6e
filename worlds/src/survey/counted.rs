//! Answers counted by culture once a tick, for every observer that needs them.

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::AgentId;

use super::measures::by_culture::{Group, groups};
use super::observe::{Measurement, Metric};
use super::state::{Questionnaire, Sheets};
use crate::culture::Culture;

/// How the agents of every culture answered every item in the tick being run: by item, cultures ascending, the items
/// asked aside included. Empty where no metric needs it.
#[derive(Resource, Clone, Default, Debug)]
pub struct AnswersByCulture(pub Vec<Vec<Group>>);

impl AnswersByCulture {
    /// The answers to the first `items` items.
    pub fn of_first(&self, items: usize) -> &[Vec<Group>] {
        &self.0[..items.min(self.0.len())]
    }
}

/// Counts the answers of the tick, where a metric needs them.
pub fn count_by_culture(
    measurement: Res<Measurement>,
    questionnaire: Res<Questionnaire>,
    sheets: Res<Sheets>,
    agents: Query<(&AgentId, &Culture)>,
    mut counted: ResMut<AnswersByCulture>,
) {
    counted.0.clear();
    if measurement.metrics.iter().copied().any(Metric::counts_by_culture) {
        let mut cultures = vec![Culture(0); sheets.current.agents()];
        for (agent, &culture) in &agents {
            cultures[agent.index()] = culture;
        }
        counted.0 = groups(&sheets.current, &cultures, &questionnaire.0);
    }
}
