//! Fitting a surrogate to recordings, by moments and with common random numbers: the same recordings give the same
//! parameters, bit for bit.
//!
//! The targets are the recorded Diversity_P and Alignment, the coefficients of the weighted regression of answers on
//! (1, P − ½, W − P, H − P), the share of answers changed between rounds 0 and 1, and the change of Diversity_P.
//! Each of [`ITERATIONS`] steps simulates [`FIT_SEEDS`] societies and moves every parameter by what its own target
//! misses. The regression weighs items by (m − 1)², as the paper's distance does.

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::Streams;
use pluriverse_worlds::culture::{Culture, Cultures};
use pluriverse_worlds::exposure::peers::{PeerTotals, RowTotals};
use pluriverse_worlds::network::Network;
use pluriverse_worlds::survey::measures::diversity::Mean;
use pluriverse_worlds::survey::measures::{alignment, diversity};
use pluriverse_worlds::survey::{AnswerSheets, ReferenceSheet, Survey};
use rayon::prelude::*;

use super::answer::{Draws, Situation, answer_row};
use super::model::{HumanPositions, Mind, PERSONA_PULL, Parameters};
use super::{PERSON, REQUEST};

/// Steps of the fit.
pub const ITERATIONS: usize = 60;

/// Societies simulated in each step.
pub const FIT_SEEDS: u64 = 40;

/// First seed of the fit: far from the seeds people choose, so that checks on seeds 0, 1, 2 … are out of sample.
const FIRST_FIT_SEED: u64 = 1_000_000;

/// Share of deviation variance taken for dispersion where no exposure round was recorded to tell: the median over the
/// recorded backbones.
const UNRECORDED_DISPERSION_SHARE: f64 = 0.09;

/// What a surrogate is fitted to: one agent a culture, as recorded.
pub struct Recorded<'a> {
    /// The preset's name: it decides the deviations.
    pub name: &'a str,
    /// The agents' cultures.
    pub cultures: Vec<Culture>,
    /// Answers of round 0.
    pub before: AnswerSheets,
    /// Answers of round 1, where an exposure was recorded.
    pub after: Option<AnswerSheets>,
}

/// What surrounds a fit: survey, people, and the references alignment is measured against.
pub struct Setting<'a> {
    /// The survey.
    pub survey: &'a Survey,
    /// The cultures of the asset.
    pub cultures: &'a Cultures,
    /// Human positions.
    pub human: &'a HumanPositions,
    /// Reference sheets by culture.
    pub references: &'a [Option<ReferenceSheet>],
}

/// Figures of a society, recorded or simulated.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Figures {
    /// Diversity_P, in percent.
    pub diversity: f64,
    /// Diversity_S, in percent.
    pub structural: f64,
    /// Alignment, in percent.
    pub alignment: f64,
    /// Change of Diversity_P from round 0 to round 1, in points.
    pub diversity_change: Option<f64>,
    /// Share of answers changed from round 0 to round 1, 0 to 1.
    pub changed: Option<f64>,
}

/// The figures of recorded or simulated sheets.
pub fn figures(
    setting: &Setting<'_>,
    recorded: &Recorded<'_>,
    before: &AnswerSheets,
    after: Option<&AnswerSheets>,
) -> Figures {
    let spans = setting.survey.squared_spans();
    let agents: Vec<AgentId> = before.agent_ids().collect();
    let diversity_of = |sheets| diversity::pairwise_diversity(sheets, &spans, &agents).value.unwrap_or(f64::NAN);
    let scores = agents.iter().zip(&recorded.cultures).filter_map(|(&agent, culture)| {
        let reference = setting.references[culture.index()].as_ref()?;
        alignment::of_agent(before, &spans, agent, reference).percent
    });
    let before_diversity = diversity_of(before);
    Figures {
        diversity: before_diversity,
        structural: diversity::structural_diversity(before, &spans, &agents).unwrap_or(f64::NAN),
        alignment: Mean::of(scores).value.unwrap_or(f64::NAN),
        diversity_change: after.map(|after| diversity_of(after) - before_diversity),
        changed: after.and_then(|after| changed_share(before, after)),
    }
}

fn changed_share(before: &AnswerSheets, after: &AnswerSheets) -> Option<f64> {
    let pairs: Vec<bool> = before
        .agent_ids()
        .flat_map(|agent| (0..before.items()).map(move |item| (agent, item)))
        .filter_map(|(agent, item)| Some(before.get(agent, item).ok()? != after.get(agent, item).ok()?))
        .collect();
    (!pairs.is_empty()).then(|| pairs.iter().filter(|&&changed| changed).count() as f64 / pairs.len() as f64)
}

/// Fits a surrogate to recordings.
pub fn fit(setting: &Setting<'_>, recorded: &Recorded<'_>) -> Parameters {
    let target = figures(setting, recorded, &recorded.before, recorded.after.as_ref());
    let target_moments = Moments::of(setting, recorded, std::iter::once(&recorded.before));
    let mut parameters = start(recorded, &target_moments);
    for _ in 0..ITERATIONS {
        let runs = simulate_seeds(setting, recorded, &parameters, FIRST_FIT_SEED, FIT_SEEDS);
        let moments = Moments::of(setting, recorded, runs.iter().map(|(before, _)| before));
        let simulated = mean_figures(setting, recorded, &runs);
        step(&mut parameters, (&target, &target_moments), (&simulated, &moments));
    }
    parameters
}

/// The figures of `seeds` simulated societies, one after the other.
pub fn validate(
    setting: &Setting<'_>,
    recorded: &Recorded<'_>,
    parameters: &Parameters,
    first_seed: u64,
    seeds: u64,
) -> Vec<Figures> {
    simulate_seeds(setting, recorded, parameters, first_seed, seeds)
        .iter()
        .map(|(before, after)| figures(setting, recorded, before, Some(after)))
        .collect()
}

fn start(recorded: &Recorded<'_>, moments: &Moments) -> Parameters {
    let [constant, scale_use, lean, pull] = moments.coefficients;
    Parameters {
        acquiescence: constant,
        scale_use,
        self_expression_lean: lean,
        culture_pull: pull,
        house_deviation: moments.shared.max(1e-4).sqrt(),
        own_deviation: (0.9 * moments.own.max(1e-6)).sqrt(),
        dispersion: (0.1 * moments.own.max(1e-6)).sqrt(),
        conformity: 0.0,
        conformity_fitted: recorded.after.is_some(),
        refusal: missing_share(&recorded.before),
        retest_trend: 0.0,
        persona_pull: PERSONA_PULL,
        anchoring: 0.0,
    }
}

fn missing_share(sheets: &AnswerSheets) -> f64 {
    let outcomes = sheets.outcomes();
    let total = (sheets.agents() * sheets.items()).max(1) as f64;
    1.0 - outcomes.get(Outcome::Answered) as f64 / total
}

/// One step of the fit: every parameter moves by what its own target misses.
fn step(parameters: &mut Parameters, target: (&Figures, &Moments), simulated: (&Figures, &Moments)) {
    let limited = |ratio: f64| {
        if ratio.is_finite() { ratio.clamp(0.5, 2.0) } else { 1.0 }
    };
    let miss = |index: usize| target.1.coefficients[index] - simulated.1.coefficients[index];
    parameters.acquiescence += miss(0);
    parameters.scale_use += miss(1);
    parameters.self_expression_lean += miss(2);
    parameters.culture_pull += miss(3);
    let ratio = target.0.diversity / simulated.0.diversity;
    let variance = (parameters.own_deviation.powi(2) + parameters.dispersion.powi(2)) * limited(ratio * ratio);
    let distance = |alignment: f64| (1.0 - alignment / 100.0).powi(2);
    // Views shared by a backbone's agents lower alignment and leave diversity as it is.
    parameters.house_deviation = (parameters.house_deviation.powi(2)
        + 0.5 * (distance(target.0.alignment) - distance(simulated.0.alignment)))
    .clamp(0.0, 0.09)
    .sqrt();
    if let (Some(changed), Some(simulated_changed)) = (target.0.changed, simulated.0.changed) {
        parameters.dispersion =
            (parameters.dispersion * limited(changed / simulated_changed)).min((0.5 * variance).sqrt());
        let miss = target.0.diversity_change.unwrap_or(0.0) - simulated.0.diversity_change.unwrap_or(0.0);
        parameters.conformity = (parameters.conformity - 0.01 * miss).clamp(-0.5, 0.5);
    } else {
        parameters.dispersion = (UNRECORDED_DISPERSION_SHARE * variance).sqrt();
    }
    parameters.own_deviation = (variance - parameters.dispersion.powi(2)).max(0.0).sqrt();
}

fn simulate_seeds(
    setting: &Setting<'_>,
    recorded: &Recorded<'_>,
    parameters: &Parameters,
    first_seed: u64,
    seeds: u64,
) -> Vec<(AnswerSheets, AnswerSheets)> {
    let mind = Mind::new(recorded.name, parameters, setting.survey, setting.human, setting.cultures);
    (first_seed..first_seed + seeds)
        .into_par_iter()
        .map(|seed| simulate(&mind, &recorded.cultures, setting.survey.len(), seed))
        .collect()
}

/// Rounds 0 and 1 of one society on a complete network.
fn simulate(mind: &Mind, cultures: &[Culture], items: usize, seed: u64) -> (AnswerSheets, AnswerSheets) {
    let streams = Streams::new(seed, "calibration", 0);
    let (person, request) = (streams.of(PERSON), streams.of(REQUEST));
    let mut draws = Draws::new(items);
    let mut round = |tick: u32, shown: Option<&PeerTotals<'_>>| {
        let mut sheets = AnswerSheets::new(cultures.len(), items);
        let mut totals = RowTotals::new(items);
        for ((agent, &culture), row) in (0..).zip(cultures).zip(sheets.cells_mut().chunks_mut(items)) {
            draws.draw(&person, &request, AgentId(agent), tick);
            if let Some(peers) = shown {
                peers.fill(AgentId(agent), &mut totals);
            }
            let situation = Situation { asked_before: tick, shown: shown.map(|_| &totals), own: None, stance: &[] };
            answer_row(row, mind, culture, &draws, situation);
        }
        sheets
    };
    let before = round(0, None);
    let network = Network::Complete { agents: cultures.len() as u32 };
    let after = round(1, Some(&PeerTotals::new(&network, &before)));
    (before, after)
}

fn mean_figures(setting: &Setting<'_>, recorded: &Recorded<'_>, runs: &[(AnswerSheets, AnswerSheets)]) -> Figures {
    let each: Vec<Figures> =
        runs.par_iter().map(|(before, after)| figures(setting, recorded, before, Some(after))).collect();
    let mean = |of: &dyn Fn(&Figures) -> Option<f64>| Mean::of(each.iter().filter_map(of)).value;
    Figures {
        diversity: mean(&|f| Some(f.diversity)).unwrap_or(f64::NAN),
        structural: mean(&|f| Some(f.structural)).unwrap_or(f64::NAN),
        alignment: mean(&|f| Some(f.alignment)).unwrap_or(f64::NAN),
        diversity_change: mean(&|f| f.diversity_change),
        changed: mean(&|f| f.changed),
    }
}

/// What the regression of answers on the human positions says.
struct Moments {
    /// Of 1, P − ½, W − P and H − P; the first less ½.
    coefficients: [f64; 4],
    /// Residual variance shared by a society's agents.
    shared: f64,
    /// Residual variance of each on its own.
    own: f64,
}

impl Moments {
    fn of<'s>(
        setting: &Setting<'_>,
        recorded: &Recorded<'_>,
        societies: impl Iterator<Item = &'s AnswerSheets>,
    ) -> Self {
        let societies: Vec<&AnswerSheets> = societies.collect();
        let rows = |visit: &mut dyn FnMut(usize, usize, f64, [f64; 4], f64)| {
            for (society, sheets) in societies.iter().enumerate() {
                for item in (0..setting.survey.len()).filter(|&item| setting.human.known[item]) {
                    let span = f64::from(setting.survey.items[item].span());
                    for (agent, culture) in sheets.agent_ids().zip(&recorded.cultures) {
                        if let Ok(answer) = sheets.get(agent, item) {
                            let (pooled, pole) = (setting.human.pooled[item], setting.human.pole[item]);
                            let own = setting.human.own[culture.index()][item];
                            let regressors = [1.0, pooled - 0.5, pole - pooled, own - pooled];
                            let position = (f64::from(answer) - 1.0) / span;
                            visit(society, item, span * span, regressors, position - 0.5);
                        }
                    }
                }
            }
        };
        let mut normal = [[0.0; 5]; 4];
        rows(&mut |_, _, weight, x, y| {
            for (row, &xi) in normal.iter_mut().zip(&x) {
                for (cell, value) in row.iter_mut().zip(x.iter().chain(std::iter::once(&y))) {
                    *cell += weight * xi * value;
                }
            }
        });
        let coefficients = solve(normal);
        // Per society and item: Σr, Σr², n.
        let mut groups = vec![(0.0, 0.0, 0.0); societies.len() * setting.survey.len()];
        let (mut total, mut total_weight) = (0.0, 0.0);
        rows(&mut |society, item, weight, x, y| {
            let residual = y - x.iter().zip(&coefficients).map(|(x, c)| x * c).sum::<f64>();
            let group = &mut groups[society * setting.survey.len() + item];
            *group = (group.0 + residual, group.1 + residual * residual, group.2 + 1.0);
            total += weight * residual * residual;
            total_weight += weight;
        });
        let (mut shared, mut shared_weight) = (0.0, 0.0);
        for (index, &(sum, squares, n)) in groups.iter().enumerate().filter(|(_, group)| group.2 > 1.0) {
            let span = f64::from(setting.survey.items[index % setting.survey.len()].span());
            shared += span * span * (sum * sum - squares) / (n * (n - 1.0));
            shared_weight += span * span;
        }
        let shared = if shared_weight > 0.0 { shared / shared_weight } else { 0.0 };
        Self { coefficients, shared, own: if total_weight > 0.0 { total / total_weight - shared } else { 0.0 } }
    }
}

/// Solves four linear equations by elimination with pivoting; a singular system gives zeros for what it leaves open.
fn solve(mut rows: [[f64; 5]; 4]) -> [f64; 4] {
    for column in 0..4 {
        let pivot =
            (column..4).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs())).unwrap_or(column);
        rows.swap(column, pivot);
        if rows[column][column].abs() < 1e-12 {
            continue;
        }
        for row in (0..4).filter(|&row| row != column) {
            let factor = rows[row][column] / rows[column][column];
            let pivot_row = rows[column];
            for (cell, above) in rows[row].iter_mut().zip(pivot_row) {
                *cell -= factor * above;
            }
        }
    }
    std::array::from_fn(|index| {
        let diagonal = rows[index][index];
        if diagonal.abs() < 1e-12 { 0.0 } else { rows[index][4] / diagonal }
    })
}
