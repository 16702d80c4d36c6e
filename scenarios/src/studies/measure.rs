//! The paper's measures over any answer sheets: recordings or a run's own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pluriverse_agents::kinds::recorded::{RecordedAnswer, Recording};
use pluriverse_agents::parse::ParseRule;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::outcome::Outcome;
use pluriverse_worlds::survey::measures::diversity::{Mean, mean_edge, minimum_spanning_tree, pairs};
use pluriverse_worlds::survey::measures::{alignment, item};
use pluriverse_worlds::survey::{AnswerSheets, ReferenceSheet, Survey};
use serde::Serialize;

/// Answers of a society whose agents are known by their cultures.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Society {
    /// Code of each agent's culture, by agent.
    pub cultures: Vec<Arc<str>>,
    /// The answers.
    pub sheets: AnswerSheets,
}

/// One edge or pair, by the agents' cultures.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PairFigure {
    /// The first agent.
    pub a: Arc<str>,
    /// The second agent.
    pub b: Arc<str>,
    /// Their distance in percent.
    pub distance: Option<f64>,
    /// Items both answered.
    pub common_items: u32,
    /// Σ (x − y)².
    pub squared_sum: i64,
    /// Σ Δ².
    pub max_squared_sum: i64,
}

/// One edge of the minimum spanning tree.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct EdgeFigure {
    /// The first agent.
    pub a: Arc<str>,
    /// The second agent.
    pub b: Arc<str>,
    /// Its length in percent.
    pub distance: f64,
}

/// One agent's alignment.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct AlignmentFigure {
    /// The agent's culture.
    pub culture: Arc<str>,
    /// Its alignment in percent.
    pub alignment: Option<f64>,
    /// Items compared.
    pub items_compared: u32,
    /// Items answered.
    pub items_answered: u32,
}

/// The measures of a society.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Measures {
    /// Diversity_P in percent; `None` when nobody answered.
    pub pairwise_diversity: Option<f64>,
    /// Diversity_S in percent.
    pub structural_diversity: Option<f64>,
    /// Alignment in percent.
    pub alignment: Option<f64>,
    /// Every pair of agents.
    pub pairs: Vec<PairFigure>,
    /// The tree behind Diversity_S.
    pub tree: Vec<EdgeFigure>,
    /// Every agent.
    pub agents: Vec<AlignmentFigure>,
    /// Answers that are numbers and no option: they count under parse rule `paper`.
    pub out_of_range: u64,
    /// Requests without an answer, by outcome.
    pub missing: BTreeMap<&'static str, u64>,
}

/// Measures a society. `references` are the reference sheets by culture code.
pub fn measure(society: &Society, survey: &Survey, references: &BTreeMap<Arc<str>, ReferenceSheet>) -> Measures {
    let spans = survey.squared_spans();
    let sheets = &society.sheets;
    let name = |agent: AgentId| society.cultures[agent.index()].clone();
    // An agent without any answer has no distances: it is left out, and its alignment says so.
    let present: Vec<AgentId> = sheets.agent_ids().filter(|&agent| sheets.answered_any(agent)).collect();
    let pairs = pairs(sheets, &spans, &present);
    let by_pair: BTreeMap<(AgentId, AgentId), Option<f64>> =
        pairs.iter().map(|pair| ((pair.a, pair.b), pair.distance.percent())).collect();
    let tree = minimum_spanning_tree(present.len(), |a, b| by_pair[&(present[a], present[b])]);
    let agents: Vec<AlignmentFigure> = sheets
        .agent_ids()
        .map(|agent| {
            let scored =
                references.get(&name(agent)).map(|reference| alignment::of_agent(sheets, &spans, agent, reference));
            AlignmentFigure {
                culture: name(agent),
                alignment: scored.and_then(|scored| scored.percent),
                items_compared: scored.map_or(0, |scored| scored.items),
                items_answered: sheets.row(agent).iter().filter(|cell| cell.is_answer()).count() as u32,
            }
        })
        .collect();
    Measures {
        pairwise_diversity: Mean::of(pairs.iter().filter_map(|pair| pair.distance.percent())).value,
        structural_diversity: tree.as_deref().and_then(mean_edge),
        alignment: Mean::of(agents.iter().filter_map(|agent| agent.alignment)).value,
        tree: tree
            .unwrap_or_default()
            .into_iter()
            .map(|edge| EdgeFigure { a: name(present[edge.a]), b: name(present[edge.b]), distance: edge.length })
            .collect(),
        pairs: pairs
            .into_iter()
            .map(|pair| PairFigure {
                a: name(pair.a),
                b: name(pair.b),
                distance: pair.distance.percent(),
                common_items: pair.distance.common_items,
                squared_sum: pair.distance.squared_sum,
                max_squared_sum: pair.distance.max_squared_sum,
            })
            .collect(),
        agents,
        out_of_range: sheets.outside_options(survey),
        missing: sheets.outcomes().failures().map(|(outcome, count)| (outcome.name(), count)).collect(),
    }
}

/// Whether per-item alignment repeats a slip of the published scripts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemVariant {
    /// Answers are compared as they are.
    Plain,
    /// One is added to every answer before it is compared, as the published figure's script does.
    AsReleased,
}

/// D_q and A_q of one item.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ItemFigure {
    /// The item.
    pub item: Arc<str>,
    /// D_q, 0 to 1.
    pub diversity: Option<f64>,
    /// A_q, at most 1.
    pub alignment: Option<f64>,
}

/// D_q and A_q of the items that all agents answered and all their populations have data on (the published
/// figure 1 right).
pub fn items(
    society: &Society,
    survey: &Survey,
    references: &BTreeMap<Arc<str>, ReferenceSheet>,
    variant: ItemVariant,
) -> Vec<ItemFigure> {
    let added = match variant {
        ItemVariant::Plain => 0,
        ItemVariant::AsReleased => 1,
    };
    let agents = society.cultures.len();
    (0..survey.len())
        .filter_map(|index| {
            let answered = item::answers(&society.sheets, index);
            let targets: Vec<(i32, f64)> = item::answers_with_targets(&society.sheets, index, |agent| {
                references.get(&society.cultures[agent.index()])
            });
            if targets.len() < agents {
                return None;
            }
            let answers: Vec<i32> = answered.into_iter().map(|(_, answer)| answer).collect();
            let shifted: Vec<(i32, f64)> =
                targets.into_iter().map(|(answer, target)| (answer + added, target)).collect();
            let span = survey.items[index].span();
            Some(ItemFigure {
                item: survey.items[index].id.clone(),
                diversity: item::diversity(&answers, span).value,
                alignment: item::alignment(&shifted, span).value,
            })
        })
        .collect()
}

/// The society of a recording's agents in one round, in the order of their codes.
pub fn recorded_society(
    recording: &Recording,
    round: u32,
    cultures: &BTreeSet<Arc<str>>,
    survey: &Survey,
    rule: ParseRule,
) -> Society {
    let mut sheets = AnswerSheets::new(cultures.len(), survey.len());
    for (agent, culture) in (0..).map(AgentId).zip(cultures) {
        for (index, item) in survey.items.iter().enumerate() {
            let answer = match recording.answer(culture, round, item, rule) {
                RecordedAnswer::Given(answer, _) => Ok(answer),
                RecordedAnswer::Missing(outcome, _) => Err(outcome),
            };
            sheets.set(agent, index, answer);
        }
    }
    Society { cultures: cultures.iter().cloned().collect(), sheets }
}

/// Whether a round of recordings is unusable: nobody in it answered anything.
pub fn unusable(society: &Society) -> bool {
    society.sheets.outcomes().get(Outcome::Answered) == 0
}
