//! `Observe`: what is measured on a society's answers after every tick.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::observation::{Observation, Observations};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::{Purpose, Streams};
use pluriverse_engine::simulation::TickOutcomes;
use pluriverse_engine::tick::Clock;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::counted::AnswersByCulture;
use super::item::Survey;
use super::measures::by_culture::{
    Heterogeneity, HumanAnswers, HumanShares, jensen_shannon, to_humans, wasserstein, wasserstein_floor,
};
use super::measures::diversity::Mean;
use super::measures::estimate::{self, Estimate};
use super::measures::item::Spread;
use super::measures::krippendorff::Coincidences;
use super::measures::polarisation::{bimodality, esteban_ray};
use super::measures::{alignment, diversity, drift, item};
use super::reference::ReferenceSheet;
use super::sheet::AnswerSheets;
use super::state::{AnswersWanted, Questionnaire, Sheets};
use crate::culture::{Culture, Cultures};
use crate::exposure::peers::PeerTotals;
use crate::network::Network;

/// What a scenario can ask to be measured.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Metric {
    /// Diversity_P: mean distance over pairs of agents.
    PairwiseDiversity,
    /// Diversity_S: mean edge of the minimum spanning tree.
    StructuralDiversity,
    /// Alignment with the human reference, for the society and by culture.
    Alignment,
    /// Agreement, plurality share, unanimity and answer entropy, averaged over items.
    Consensus,
    /// Share of answers changed since the last tick, their direction, and distance from the first answers.
    Drift,
    /// Krippendorff's α over items and agents (ordinal).
    KrippendorffAlpha,
    /// Esteban and Ray's polarisation and Sarle's coefficient of bimodality, averaged over items.
    Polarisation,
    /// Heterogeneity between and within cultures, and cultural F_ST, averaged over items.
    CultureStructure,
    /// Number of clusters of agents.
    Clusters,
    /// Distance of agents' answers from the distributions of the people they stand for.
    HumanDistance,
    /// D_q, A_q, agreement and entropy of every item.
    Items,
    /// Positions on the Inglehart–Welzel plane, and how they lie beside those of real populations.
    Plane,
    /// Which of the answers that people find reasonable a society gives.
    Overton,
    /// How near agents' distributions of answers are to their people's, item scales respected.
    Distribution,
    /// Whether agents of a culture stand nearest to its own people.
    Steerability,
    /// GlobalOpinionQA's score.
    GlobalOpinionQa,
    /// OpinionQA's scores.
    OpinionQa,
    /// What outcomes of votes are worth to agents and to human profiles, by power means.
    Jury,
}

impl Metric {
    /// Every metric, with what it measures.
    pub const ALL: [(Self, &'static str); 18] = [
        (Self::PairwiseDiversity, "mean distance over all pairs of agents (Diversity_P), 0-100"),
        (Self::StructuralDiversity, "mean edge of the minimum spanning tree over agents (Diversity_S), 0-100"),
        (Self::Alignment, "closeness to the human reference, of the society and by culture, 0-100"),
        (Self::Consensus, "agreement (van der Eijk), plurality share, unanimity and answer entropy, means over items"),
        (
            Self::Drift,
            "share of answers changed, share of changes in the direction of the peers' mean, distance from the first answers",
        ),
        (
            Self::KrippendorffAlpha,
            "Krippendorff's alpha (ordinal): 1 all agents agree item by item, 0 as if dealt at random",
        ),
        (Self::Polarisation, "Esteban-Ray polarisation and Sarle's bimodality coefficient, means over items"),
        (Self::CultureStructure, "cultural F_ST, heterogeneity within cultures and over all agents, means over items"),
        (Self::Clusters, "clusters of agents: parts of the tree when edges longer than cluster_within are cut"),
        (
            Self::HumanDistance,
            "Wasserstein-1 and Jensen-Shannon from the people agents stand for, means over cultures and items",
        ),
        (Self::Items, "D_q, A_q, agreement and entropy of every item"),
        (Self::Plane, "positions on the Inglehart-Welzel plane, of cultures and the society, beside real populations'"),
        (Self::Overton, "coverage of the answers that a tenth of the people give, with a sweep, and over-reach"),
        (
            Self::Distribution,
            "Wasserstein-1, Jensen-Shannon and total variation from people, variance ratio, entropy gap; scales respected",
        ),
        (Self::Steerability, "identification rate, margin and gain against other cultures, normalised steer"),
        (Self::GlobalOpinionQa, "GlobalOpinionQA: 1 - mean Jensen-Shannon distance from each culture's people"),
        (
            Self::OpinionQa,
            "OpinionQA: alignment with each culture's people, representativeness, consistency over themes",
        ),
        (Self::Jury, "welfare of vote outcomes over agents and human profiles: power means 1, 0, -1, -inf, and Gini"),
    ];

    /// Whether it is made from answers counted by culture.
    pub const fn counts_by_culture(self) -> bool {
        matches!(self, Self::CultureStructure | Self::HumanDistance | Self::Plane) || self.is_pluralism()
    }

    /// Whether it is a measure of pluralism on answers.
    pub const fn is_pluralism(self) -> bool {
        matches!(
            self,
            Self::Overton | Self::Distribution | Self::Steerability | Self::GlobalOpinionQa | Self::OpinionQa
        )
    }
}

/// What is measured, and how large a society may be for pairwise measures to be exact.
#[derive(Resource, Clone, PartialEq, Debug)]
pub struct Measurement {
    /// The metrics, in order.
    pub metrics: Vec<Metric>,
    /// Societies of more agents than this have their pairwise measures estimated from a seeded sample.
    pub exact_up_to: usize,
    /// Pairs drawn for an estimate of Diversity_P.
    pub sampled_pairs: usize,
    /// Agents in each sub-society drawn for an estimate of Diversity_S.
    pub sampled_tree: usize,
    /// Distance in percent up to which agents count as one cluster.
    pub cluster_within: f64,
}

/// Shares of real populations over the options, by [`Culture`]; `None` where the reference has no such population.
#[derive(Resource, Clone, Debug)]
pub struct HumanSharesOf(pub Arc<Vec<Option<HumanShares>>>);

/// The reference sheets agents are compared with, by [`Culture`]; `None` where the reference has no such population.
#[derive(Resource, Clone, Debug)]
pub struct ReferenceSheets(pub Vec<Option<ReferenceSheet>>);

impl Measurement {
    /// Whether a metric is measured.
    pub fn asks_for(&self, metric: Metric) -> bool {
        self.metrics.contains(&metric)
    }
}

/// Pairwise and structural diversity.
pub fn observe_diversity(
    clock: Res<Clock>,
    measurement: Res<Measurement>,
    questionnaire: Res<Questionnaire>,
    sheets: Res<Sheets>,
    streams: Res<Streams>,
    mut observations: ResMut<Observations>,
) {
    let asked = [Metric::PairwiseDiversity, Metric::StructuralDiversity, Metric::Clusters];
    if !asked.into_iter().any(|metric| measurement.asks_for(metric)) {
        return;
    }
    let sheets = &sheets.current;
    let spans = questionnaire.0.squared_spans();
    let agents: Vec<AgentId> = sheets.agent_ids().filter(|&agent| sheets.answered_any(agent)).collect();
    let exact = agents.len() <= measurement.exact_up_to;
    let rng = |purpose| streams.of(Purpose(purpose)).stream(AgentId(0), clock.tick);
    if measurement.asks_for(Metric::PairwiseDiversity) {
        observations.0.push(if exact {
            let mean = diversity::pairwise_diversity(sheets, &spans, &agents);
            Observation::of_society("pairwise_diversity", mean.value, mean.n)
        } else {
            let mut rng = rng("observer.pairwise_diversity");
            let drawn = measurement.sampled_pairs;
            estimated("pairwise_diversity", estimate::pairwise_diversity(sheets, &spans, &agents, drawn, &mut rng))
        });
    }
    let (tree, clusters) = (measurement.asks_for(Metric::StructuralDiversity), measurement.asks_for(Metric::Clusters));
    if exact || agents.len() <= measurement.sampled_tree {
        let edges = (tree || clusters)
            .then(|| diversity::tree(sheets, &spans, &agents))
            .flatten()
            .filter(|edges| !edges.is_empty());
        let n = agents.len() as u64;
        if tree {
            let value = edges.as_deref().and_then(diversity::mean_edge);
            observations.0.push(Observation::of_society("structural_diversity", value, n));
        }
        if clusters {
            let value = edges.as_deref().map(|edges| diversity::clusters(edges, measurement.cluster_within) as f64);
            observations.0.push(Observation::of_society("clusters", value, n));
        }
    } else if tree {
        let mut rng = rng("observer.structural_diversity");
        let size = measurement.sampled_tree;
        // Not the society's own tree: the metric's name says so.
        observations.0.push(estimated(
            "structural_diversity_of_sample",
            estimate::structural_diversity_of_sample(sheets, &spans, &agents, size, &mut rng),
        ));
    }
}

fn estimated(metric: &'static str, estimate: Estimate) -> Observation {
    Observation::of_society(metric, estimate.value, estimate.n).estimated(estimate.interval)
}

/// Alignment with the human reference.
pub fn observe_alignment(
    measurement: Res<Measurement>,
    questionnaire: Res<Questionnaire>,
    references: Res<ReferenceSheets>,
    cultures: Res<Cultures>,
    sheets: Res<Sheets>,
    agents: Query<(&AgentId, &Culture)>,
    mut observations: ResMut<Observations>,
) {
    if !measurement.asks_for(Metric::Alignment) {
        return;
    }
    let spans = questionnaire.0.squared_spans();
    let members = in_order(&agents);
    let scores: Vec<Option<f64>> = members
        .par_iter()
        .map(|&(agent, culture)| {
            let reference = references.0[culture.index()].as_ref()?;
            alignment::of_agent(&sheets.current, &spans, agent, reference).percent
        })
        .collect();
    let society = Mean::of(scores.iter().flatten().copied());
    observations.0.push(Observation::of_society("alignment", society.value, society.n));
    for (index, profile) in cultures.cultures.iter().enumerate() {
        let of_culture = members.iter().zip(&scores).filter(|((_, culture), _)| culture.index() == index);
        let mean = Mean::of(of_culture.clone().filter_map(|(_, score)| *score));
        if of_culture.count() > 0 {
            observations.0.push(Observation::of("alignment", "culture", profile.code.clone(), mean.value, mean.n));
        }
    }
}

/// What the items say: consensus over all of them, and each one's own figures.
pub fn observe_items(
    measurement: Res<Measurement>,
    questionnaire: Res<Questionnaire>,
    references: Res<ReferenceSheets>,
    sheets: Res<Sheets>,
    agents: Query<(&AgentId, &Culture)>,
    mut observations: ResMut<Observations>,
) {
    let consensus = measurement.asks_for(Metric::Consensus);
    let items = measurement.asks_for(Metric::Items);
    if !consensus && !items {
        return;
    }
    let members = in_order(&agents);
    let survey = &questionnaire.0;
    let figures: Vec<ItemFigures> = item::spreads(&sheets.current, survey)
        .par_iter()
        .enumerate()
        .map(|(index, spread)| {
            let pairs = items.then(|| ItemPairs::of(survey, &sheets.current, &references, &members, index));
            ItemFigures::of(spread, pairs)
        })
        .collect();
    if consensus {
        let mut push = |metric, mean: Mean| observations.0.push(Observation::of_society(metric, mean.value, mean.n));
        push("agreement", Mean::of(figures.iter().filter_map(|f| f.agreement)));
        push("plurality", Mean::of(figures.iter().filter_map(|f| f.plurality)));
        push(
            "unanimity",
            Mean::of(figures.iter().filter_map(|f| f.plurality).map(|share| f64::from(u8::from(share >= 1.0)))),
        );
        push("entropy", Mean::of(figures.iter().filter_map(|f| f.entropy)));
    }
    for (item, figures) in survey.measured().iter().zip(&figures) {
        if let Some(pairs) = &figures.pairs {
            let mut push = |metric, value, n| {
                observations.0.push(Observation::of(metric, "item", item.id.clone(), value, n));
            };
            push("item_diversity", pairs.diversity.value, pairs.diversity.n);
            push("item_alignment", pairs.alignment.value, pairs.alignment.n);
            push("item_agreement", figures.agreement, figures.answered);
            push("item_entropy", figures.entropy, figures.answered);
        }
    }
}

/// Figures of one item that the spread over its options tells.
struct ItemFigures {
    answered: u64,
    agreement: Option<f64>,
    plurality: Option<f64>,
    entropy: Option<f64>,
    pairs: Option<ItemPairs>,
}

impl ItemFigures {
    fn of(spread: &Spread, pairs: Option<ItemPairs>) -> Self {
        Self {
            answered: spread.options.iter().sum(),
            agreement: item::agreement(&spread.options),
            plurality: spread.plurality(),
            entropy: item::entropy(&spread.options),
            pairs,
        }
    }
}

/// D_q and A_q of one item.
struct ItemPairs {
    diversity: Mean,
    alignment: Mean,
}

impl ItemPairs {
    fn of(
        survey: &Survey,
        sheets: &AnswerSheets,
        references: &ReferenceSheets,
        members: &[(AgentId, Culture)],
        index: usize,
    ) -> Self {
        let span = survey.items[index].span();
        let answers: Vec<i32> = item::answers(sheets, index).into_iter().map(|(_, answer)| answer).collect();
        let targets =
            item::answers_with_targets(sheets, index, |agent| references.0[members[agent.index()].1.index()].as_ref());
        Self { diversity: item::diversity(&answers, span), alignment: item::alignment(&targets, span) }
    }
}

/// How answers are torn apart, how much of that lies between cultures, and how far they are from real people's.
pub fn observe_structure(
    measurement: Res<Measurement>,
    questionnaire: Res<Questionnaire>,
    humans: Res<HumanSharesOf>,
    sheets: Res<Sheets>,
    counted: Res<AnswersByCulture>,
    mut observations: ResMut<Observations>,
) {
    let survey = &questionnaire.0;
    let mut push = |metric, mean: Mean| observations.0.push(Observation::of_society(metric, mean.value, mean.n));
    if measurement.asks_for(Metric::KrippendorffAlpha) || measurement.asks_for(Metric::Polarisation) {
        let spreads = item::spreads(&sheets.current, survey);
        if measurement.asks_for(Metric::KrippendorffAlpha) {
            let coincidences = Coincidences::of(&spreads);
            push("krippendorff_alpha", Mean { value: coincidences.alpha(), n: coincidences.answers() });
        }
        if measurement.asks_for(Metric::Polarisation) {
            push("polarisation", Mean::of(spreads.iter().filter_map(|spread| esteban_ray(&spread.options))));
            push("bimodality", Mean::of(spreads.iter().filter_map(|spread| bimodality(&spread.options))));
        }
    }
    if !measurement.asks_for(Metric::CultureStructure) && !measurement.asks_for(Metric::HumanDistance) {
        return;
    }
    let groups = counted.of_first(survey.measured().len());
    if measurement.asks_for(Metric::CultureStructure) {
        let found: Vec<Heterogeneity> = groups.iter().filter_map(|groups| Heterogeneity::of(groups)).collect();
        push("cultural_fst", Mean::of(found.iter().filter_map(Heterogeneity::fst)));
        push("heterogeneity_within", Mean::of(found.iter().map(|heterogeneity| heterogeneity.within)));
        push("heterogeneity_total", Mean::of(found.iter().map(|heterogeneity| heterogeneity.total)));
    }
    if measurement.asks_for(Metric::HumanDistance) {
        let mut distance = |metric, of: fn(&[u64], &HumanAnswers) -> Option<f64>| {
            let items = groups.iter().enumerate();
            push(metric, Mean::of(items.filter_map(|(item, groups)| to_humans(item, groups, &humans.0, of))));
        };
        distance("human_w1", |options, human| wasserstein(options, &human.shares));
        distance("human_w1_floor", |options, human| wasserstein_floor(options.iter().sum(), &human.shares));
        distance("human_jsd", |options, human| human.jensen_shannon_excess(options));
        distance("human_jsd_uncorrected", |options, human| jensen_shannon(options, &human.shares));
    }
}

/// What the tick changed.
pub fn observe_drift(
    clock: Res<Clock>,
    measurement: Res<Measurement>,
    questionnaire: Res<Questionnaire>,
    network: Res<Network>,
    sheets: Res<Sheets>,
    mut observations: ResMut<Observations>,
) {
    if !measurement.asks_for(Metric::Drift) || clock.tick == 0 {
        return;
    }
    let peers = PeerTotals::new(&network, &sheets.previous);
    let change = drift::change(&sheets.previous, &sheets.current, questionnaire.0.measured().len(), &peers);
    let mut push = |metric, value, n| observations.0.push(Observation::of_society(metric, value, n));
    push("changed", change.changed_share(), change.comparable);
    // Also where nothing was shown: how far answers drift to the others' by themselves is what influence is read
    // against.
    push("toward_peers", change.toward_share(), change.directed);
    if let Some(origin) = &sheets.origin {
        let spans = questionnaire.0.squared_spans();
        let mean = drift::drift(origin, &sheets.current, &spans);
        push("drift", mean.value, mean.n);
    }
}

/// How many requests of the tick brought no answer, and why; and how many answers are numbers that are no option.
pub fn observe_missing(
    tick: Res<TickOutcomes>,
    questionnaire: Res<Questionnaire>,
    wanted: Res<AnswersWanted>,
    sheets: Res<Sheets>,
    mut observations: ResMut<Observations>,
) {
    let outcomes = tick.0;
    let asked = outcomes.asked();
    let share = |count: u64| (asked > 0).then(|| count as f64 / asked as f64);
    observations.0.push(Observation::of_society("missing", share(outcomes.missing()), asked));
    for (outcome, count) in outcomes.failures().filter(|&(outcome, _)| outcome != Outcome::NotAsked) {
        observations.0.push(Observation::of("missing", "outcome", Arc::from(outcome.name()), share(count), asked));
    }
    let answered = outcomes.get(Outcome::Answered);
    let outside = match *wanted {
        AnswersWanted::EveryTick => sheets.current.outside_options(&questionnaire.0),
        // The nearest option to an opinion is one.
        AnswersWanted::Never => 0,
    };
    let share = (answered > 0).then(|| outside as f64 / answered as f64);
    observations.0.push(Observation::of_society("out_of_range", share, answered));
}

/// Agents with their cultures, by id: the order of a query is not a promise.
fn in_order(agents: &Query<(&AgentId, &Culture)>) -> Vec<(AgentId, Culture)> {
    let mut members: Vec<(AgentId, Culture)> = agents.iter().map(|(&agent, &culture)| (agent, culture)).collect();
    members.sort_unstable_by_key(|&(agent, _)| agent);
    members
}
