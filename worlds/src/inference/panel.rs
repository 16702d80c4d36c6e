//! What measures of one strand after one tick are made of.

use pluriverse_engine::agent::AgentId;

use crate::culture::Culture;
use crate::network::Network;
use crate::survey::Survey;
use crate::survey::measures::by_culture::HumanShares;
use crate::survey::reference::ReferenceSheet;
use crate::survey::sheet::AnswerSheets;

/// What does not change from strand to strand of a society.
#[derive(Clone, Copy)]
pub struct Population<'a> {
    /// The items.
    pub survey: &'a Survey,
    /// The culture of each agent, by agent.
    pub cultures: &'a [Culture],
    /// Reference sheets, by culture.
    pub references: &'a [Option<ReferenceSheet>],
    /// Human shares, by culture.
    pub humans: &'a [Option<HumanShares>],
    /// Agents whose pairs are compared: everybody, or a sample of a large society.
    pub paired: &'a [AgentId],
    /// Agents whose share in a figure is looked at one by one: some of those, always the same.
    pub looked_at: &'a [AgentId],
    /// Distance in percent up to which agents count as one cluster.
    pub cluster_within: f64,
}

/// One strand after one tick.
#[derive(Clone, Copy)]
pub struct Panel<'a> {
    /// What it has in common with others.
    pub population: Population<'a>,
    /// Who sees whom in it.
    pub network: &'a Network,
    /// Its answers.
    pub current: &'a AnswerSheets,
    /// Its answers one tick earlier; `None` after the first.
    pub previous: Option<&'a AnswerSheets>,
    /// Its first answers, where they are kept.
    pub origin: Option<&'a AnswerSheets>,
}

impl Panel<'_> {
    /// Number of measured items.
    pub fn items(&self) -> usize {
        self.population.survey.measured().len()
    }

    /// Number of agents.
    pub fn agents(&self) -> usize {
        self.population.cultures.len()
    }
}

/// Answers that both of two sheets hold: the first without what the second lacks.
pub fn in_common(of: &AnswerSheets, with: &AnswerSheets) -> AnswerSheets {
    let mut common = of.clone();
    for agent in of.agent_ids() {
        for (item, cell) in with.row(agent).iter().enumerate() {
            if !cell.is_answer() {
                common.set(agent, item, Err(cell.outcome()));
            }
        }
    }
    common
}
