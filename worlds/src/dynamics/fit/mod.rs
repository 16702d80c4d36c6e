//! Which classical story a society follows: models fitted to its answers, round by round.
//!
//! Each model is taken in the mean: the expected step of an answer (from 0, the first option, to 1, the last) in one
//! round is linear in features of what the agent held, what it held at first, and what those it sees held. Fitted by
//! least squares over agents, items and rounds; intervals and errors are over items, because answers to one item hang
//! together.

mod gather;
mod solve;

use gather::{OfItem, gather};
use solve::{Solution, solve};

use crate::inference::resample::Resamples;
use crate::network::Network;
use crate::survey::Survey;
use crate::survey::sheet::AnswerSheets;

/// How many parts items are divided into for the error out of sample.
pub const FOLDS: usize = 5;

/// Confidences that are tried for models of bounded confidence.
pub const CONFIDENCES: [f64; 20] =
    [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0];

/// Rounds of one strand: its answers before and after each exposure round, and its first answers.
pub struct Rounds<'a> {
    /// Who sees whom.
    pub network: &'a Network,
    /// The first answers.
    pub first: &'a AnswerSheets,
    /// Before and after, round by round.
    pub steps: Vec<(&'a AnswerSheets, &'a AnswerSheets)>,
}

/// A classical model as it is fitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Story {
    /// Δ = s(m − x).
    DeGroot,
    /// Δ = a(m − x) + c(x₀ − x).
    FriedkinJohnsen,
    /// Δ = a(m − x) + c(x₀ − x) + b(β − x).
    BiasedFriedkinJohnsen,
    /// Δ = s(mean of oneself and those within ε − x).
    HegselmannKrause,
    /// Δ = r · mean over those seen of (y − x) where |y − x| < ε, else 0.
    Deffuant,
    /// Copied with probability r from one of those seen, else kept or, with probability e, anything.
    Voter,
    /// Δ = r · mean over those seen of (share of items alike) · (y − x).
    Axelrod,
}

impl Story {
    /// Every model.
    pub const ALL: [Self; 7] = [
        Self::DeGroot,
        Self::FriedkinJohnsen,
        Self::BiasedFriedkinJohnsen,
        Self::HegselmannKrause,
        Self::Deffuant,
        Self::Voter,
        Self::Axelrod,
    ];

    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeGroot => "DeGroot",
            Self::FriedkinJohnsen => "Friedkin–Johnsen",
            Self::BiasedFriedkinJohnsen => "biased Friedkin–Johnsen",
            Self::HegselmannKrause => "Hegselmann–Krause",
            Self::Deffuant => "Deffuant",
            Self::Voter => "voter",
            Self::Axelrod => "Axelrod",
        }
    }

    /// Names of its parameters, in order.
    pub const fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::DeGroot | Self::Axelrod => &["influence"],
            Self::FriedkinJohnsen => &["influence", "anchor"],
            Self::BiasedFriedkinJohnsen => &["influence", "anchor", "bias", "default"],
            Self::HegselmannKrause | Self::Deffuant => &["influence", "confidence"],
            Self::Voter => &["copying", "noise"],
        }
    }

    /// How many of the linear features it uses.
    const fn linear_features(self) -> usize {
        match self {
            Self::FriedkinJohnsen => 2,
            Self::BiasedFriedkinJohnsen => 4,
            _ => 1,
        }
    }
}

/// A parameter and its 95 % interval.
#[derive(Clone, PartialEq, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// The estimate; `None` where it is not determined.
    pub estimate: Option<f64>,
    /// The interval; `None` where there is none.
    pub interval: Option<(f64, f64)>,
    /// On every resample of items; NaN where it is not determined.
    pub drawn: Vec<f64>,
}

/// A model fitted to a society.
#[derive(Clone, PartialEq, Debug)]
pub struct Fitted {
    /// The model.
    pub story: Story,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Root mean squared error of its steps on items it was not fitted to.
    pub error: f64,
    /// By how much that is less than the error of "no change", as a share of it: 1 − error/error of no change, with its
    /// interval.
    pub gain: f64,
    /// The interval of the gain.
    pub gain_interval: Option<(f64, f64)>,
}

/// All models fitted to one arm of a society.
#[derive(Clone, PartialEq, Debug)]
pub struct Fit {
    /// The models, in the order they were asked for.
    pub models: Vec<Fitted>,
    /// Root mean squared step: the error of "no change".
    pub no_change: f64,
    /// Steps the fit rests on.
    pub steps: u64,
}

/// Fits models to the rounds of one arm, all replicates together. `None` where nothing can be compared.
pub fn fit(survey: &Survey, strands: &[Rounds<'_>], stories: &[Story], resamples: &Resamples) -> Option<Fit> {
    let items = gather(survey, strands);
    let steps: u64 = items.iter().map(|item| item.steps).sum();
    if steps == 0 {
        return None;
    }
    let no_change = (items.iter().map(|item| item.linear.squared).sum::<f64>() / steps as f64).sqrt();
    let models = stories.iter().map(|&story| fit_one(story, &items, steps, resamples)).collect();
    Some(Fit { models, no_change, steps })
}

/// The difference of a parameter between two arms of one society, with its interval: an effect on influence itself.
pub fn difference(treatment: &Parameter, control: &Parameter) -> Parameter {
    let drawn: Vec<f64> = treatment.drawn.iter().zip(&control.drawn).map(|(a, b)| a - b).collect();
    let estimate = treatment.estimate.zip(control.estimate).map(|(a, b)| a - b);
    Parameter { name: treatment.name, estimate, interval: percentiles(&drawn), drawn }
}

fn fit_one(story: Story, items: &[OfItem], steps: u64, resamples: &Resamples) -> Fitted {
    let estimates = solve(story, items, &vec![1.0; items.len()]).parameters(story);
    let drawn: Vec<Vec<f64>> = (0..resamples.len())
        .map(|resample| {
            let weights: Vec<f64> = (0..items.len()).map(|item| resamples.counts(item)[resample]).collect();
            solve(story, items, &weights).parameters(story)
        })
        .collect();
    let parameters = story
        .parameters()
        .iter()
        .enumerate()
        .map(|(place, name)| {
            let drawn: Vec<f64> = drawn.iter().map(|parameters| parameters[place]).collect();
            let estimate = Some(estimates[place]).filter(|value| value.is_finite());
            Parameter { name, estimate, interval: percentiles(&drawn), drawn }
        })
        .collect();
    let errors = errors_out_of_sample(story, items);
    let without: Vec<f64> = items.iter().map(|item| item.linear.squared).collect();
    let gain = |error: f64, without: f64| if without > 0.0 { 1.0 - (error / without).sqrt() } else { f64::NAN };
    let (drawn_errors, drawn_without) =
        (resamples.sums(errors.iter().copied()), resamples.sums(without.iter().copied()));
    let drawn_gains: Vec<f64> =
        drawn_errors.iter().zip(&drawn_without).map(|(error, without)| gain(*error, *without)).collect();
    let error: f64 = errors.iter().sum();
    Fitted {
        story,
        parameters,
        error: (error / steps as f64).sqrt(),
        gain: gain(error, without.iter().sum()),
        gain_interval: percentiles(&drawn_gains),
    }
}

/// Squared error on each item of what was fitted to the items of other folds. A model that cannot be fitted predicts no
/// change.
fn errors_out_of_sample(story: Story, items: &[OfItem]) -> Vec<f64> {
    let solutions: Vec<Solution> = (0..FOLDS)
        .map(|fold| {
            let others: Vec<f64> = (0..items.len()).map(|item| f64::from(u8::from(item % FOLDS != fold))).collect();
            solve(story, items, &others)
        })
        .collect();
    let error = |(place, item): (usize, &OfItem)| {
        let error = solutions[place % FOLDS].squared_error(story, item);
        if error.is_nan() { item.linear.squared } else { error }
    };
    items.iter().enumerate().map(error).collect()
}

/// The middle 95 % of resampled figures; `None` where they do not vary or too many are not determined.
fn percentiles(drawn: &[f64]) -> Option<(f64, f64)> {
    let mut known: Vec<f64> = drawn.iter().copied().filter(|value| value.is_finite()).collect();
    if known.is_empty() || known.len() * 20 < drawn.len() * 19 {
        return None;
    }
    known.sort_by(f64::total_cmp);
    let at = |share: f64| known[((known.len() - 1) as f64 * share).round() as usize];
    (known.first() != known.last()).then(|| (at(0.025), at(0.975)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::NullModel;
    use crate::dynamics::opinions::{Opinions, nearest_option};
    use crate::dynamics::story::{Nearness, Round};
    use crate::survey::{Item, Scale};
    use pluriverse_engine::agent::AgentId;
    use pluriverse_engine::seed::{Purpose, Streams};
    use rand::RngExt;
    use std::sync::Arc;

    const AGENTS: u32 = 40;
    const ITEMS: usize = 60;

    fn survey() -> Survey {
        let item = |index: usize| Item {
            id: Arc::from(format!("Q{index}")),
            theme: Arc::from(""),
            question: Arc::from(""),
            options: vec![Arc::from("o"); 101],
            scale: Scale::Ordinal,
            first_code: 1,
            paper: true,
        };
        Survey { name: Arc::from("s"), source: Arc::from(""), items: (0..ITEMS).map(item).collect(), aside: 0 }
    }

    /// Rounds of a society that follows a model, on a scale of a hundred steps.
    fn followed(model: &NullModel, rounds: usize) -> (Network, Vec<AnswerSheets>) {
        let streams = Streams::new(11, "s", 0);
        let mut rng = streams.of(Purpose("test")).stream(AgentId(0), 0);
        let cultures = vec![crate::culture::Culture(0); AGENTS as usize];
        let lattice = crate::network::generate::Model::WattsStrogatz { neighbours: 6, rewire: 0.2 };
        let network = Network::Graph(Arc::new(lattice.draw(&cultures, &mut rng)));
        let values = (0..AGENTS as usize * ITEMS).map(|_| rng.random::<f64>()).collect();
        let first = Opinions::new(ITEMS, values);
        let mut now = first.clone();
        let answers = |opinions: &Opinions| {
            let mut sheets = AnswerSheets::new(AGENTS as usize, ITEMS);
            for agent in sheets.agent_ids() {
                for (item, opinion) in opinions.row(agent.index()).iter().enumerate() {
                    sheets.set(agent, item, Ok(nearest_option(*opinion, 100).narrow().expect("an option")));
                }
            }
            sheets
        };
        let mut sheets = vec![answers(&now)];
        for _ in 0..rounds {
            let mut next = now.clone();
            model.step(&Round { now: &now, seen: &now, first: &first, network: &network }, &mut next, &mut rng);
            sheets.push(answers(&next));
            now = next;
        }
        (network, sheets)
    }

    fn fitted(model: &NullModel, story: Story) -> (Fit, Fitted) {
        let (network, sheets) = followed(model, 3);
        let steps = sheets.windows(2).map(|pair| (&pair[0], &pair[1])).collect();
        let rounds = [Rounds { network: &network, first: &sheets[0], steps }];
        let resamples = Resamples::draw(ITEMS, 200, &Streams::new(1, "s", 0).of(Purpose("items")));
        let fit = fit(&survey(), &rounds, &Story::ALL, &resamples).expect("steps");
        let one = fit.models.iter().find(|fitted| fitted.story == story).expect("the model").clone();
        (fit, one)
    }

    #[test]
    fn a_society_that_follows_a_story_is_told_by_it_with_the_parameters_it_has() {
        let cases: [(NullModel, Story, &[f64]); 6] = [
            // Own opinion and six others, each as often: 6/7 of the way to their mean.
            (NullModel::DeGroot { own: 1.0 }, Story::DeGroot, &[6.0 / 7.0]),
            (
                NullModel::BiasedFriedkinJohnsen { influence: 0.3, anchor: 0.2, bias: 0.0, default: 0.5 },
                Story::FriedkinJohnsen,
                &[0.3, 0.2],
            ),
            (
                NullModel::BiasedFriedkinJohnsen { influence: 0.3, anchor: 0.2, bias: 0.1, default: 0.8 },
                Story::BiasedFriedkinJohnsen,
                &[0.3, 0.2, 0.1, 0.8],
            ),
            (
                NullModel::HegselmannKrause { confidence: 0.3, nearness: Nearness::Item },
                Story::HegselmannKrause,
                &[1.0, 0.3],
            ),
            // Of an expected 1 − 1/e who listen some hear what has just been taken over, which nobody they see held
            // before.
            (NullModel::Voter { encounters: 1 }, Story::Voter, &[0.5, 0.1]),
            (NullModel::Deffuant { confidence: 0.25, convergence: 0.2, encounters: 1 }, Story::Deffuant, &[0.4, 0.25]),
        ];
        for (model, story, expected) in cases {
            let (fit, fitted) = fitted(&model, story);
            let best = fit.models.iter().map(|fitted| fitted.error).fold(f64::INFINITY, f64::min);
            // With everybody near enough, Hegselmann and Krause's mean is DeGroot's.
            assert!(fitted.error < 1.02 * best || story == Story::DeGroot, "{model:?}: {} of {best}", fitted.error);
            for (parameter, expected) in fitted.parameters.iter().zip(expected) {
                let estimate = parameter.estimate.expect("determined");
                // Encounters are drawn, and several in a round overlap.
                let within = if matches!(story, Story::Voter | Story::Deffuant) { 0.12 } else { 0.03 };
                assert!((estimate - expected).abs() < within, "{model:?} {}: {estimate}", parameter.name);
            }
            assert!(fitted.gain > 0.1, "{model:?}: {}", fitted.gain);
        }
    }

    #[test]
    fn a_society_in_which_nothing_moves_is_told_by_no_story() {
        let (fit, fitted) = fitted(&NullModel::FriedkinJohnsen { susceptibility: 0.0 }, Story::DeGroot);
        assert!(fit.no_change < 1e-12);
        assert!(fitted.parameters[0].estimate.expect("determined").abs() < 1e-9);
    }
}
