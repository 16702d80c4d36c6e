//! Which classical story a society follows: models fitted to its answers, round by round.
//!
//! Each model is taken in the mean: the expected step of an answer (from 0, the first option, to 1, the last) in one round
//! is linear in features of what the agent held, what it held at first, and what those it sees held. Fitted by least squares
//! over agents, items and rounds; intervals and errors are over items, because answers to one item hang together.

use pluriverse_engine::agent::AgentId;

use super::bounded::distance;
use super::opinions::Opinions;
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

    const fn features(self) -> usize {
        match self {
            Self::FriedkinJohnsen => 2,
            Self::BiasedFriedkinJohnsen => 4,
            _ => 1,
        }
    }

    const fn confidences(self) -> &'static [f64] {
        match self {
            Self::HegselmannKrause | Self::Deffuant => &CONFIDENCES,
            _ => &[1.0],
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
    /// The models, in order of [`Story::ALL`].
    pub models: Vec<Fitted>,
    /// Root mean squared step: the error of "no change".
    pub no_change: f64,
    /// Steps the fit rests on.
    pub steps: u64,
}

/// Fits every model to the rounds of one arm, all replicates together. `None` where nothing can be compared.
pub fn fit(survey: &Survey, strands: &[Rounds<'_>], resamples: &Resamples) -> Option<Fit> {
    let cells = Cells::of(survey, strands);
    let squares: Vec<f64> =
        cells.by_item.iter().map(|item| item.iter().map(|cell| cell.step * cell.step).sum()).collect();
    let steps: u64 = cells.by_item.iter().map(|item| item.len() as u64).sum();
    if steps == 0 {
        return None;
    }
    let no_change = (squares.iter().sum::<f64>() / steps as f64).sqrt();
    let models = Story::ALL.into_iter().map(|story| fit_one(story, &cells, &squares, resamples)).collect();
    Some(Fit { models, no_change, steps })
}

/// The difference of a parameter between two arms of one society, with its interval: an effect on influence itself.
pub fn difference(treatment: &Parameter, control: &Parameter) -> Parameter {
    let drawn: Vec<f64> = treatment.drawn.iter().zip(&control.drawn).map(|(a, b)| a - b).collect();
    let estimate = treatment.estimate.zip(control.estimate).map(|(a, b)| a - b);
    Parameter { name: treatment.name, estimate, interval: percentiles(&drawn), drawn }
}

/// One answer before and after a round.
struct Cell {
    /// What came to what was: x' − x.
    step: f64,
    x: f64,
    first: f64,
    /// Mean of those seen.
    mean: f64,
    /// For each confidence: Hegselmann and Krause's mean less x, and Deffuant's mean step.
    bounded: Vec<(f64, f64)>,
    /// Axelrod's mean step.
    alike: f64,
    /// Share of those seen who hold what was answered next.
    copied: f64,
    options: f64,
}

struct Cells {
    by_item: Vec<Vec<Cell>>,
}

impl Cells {
    fn of(survey: &Survey, strands: &[Rounds<'_>]) -> Self {
        let mut by_item: Vec<Vec<Cell>> = survey.items.iter().map(|_| Vec::new()).collect();
        for strand in strands {
            let first = Opinions::of_answers(strand.first, survey);
            for (before, after) in &strand.steps {
                let (before, after) = (Opinions::of_answers(before, survey), Opinions::of_answers(after, survey));
                for agent in 0..before.agents() {
                    add_agent(&mut by_item, survey, strand.network, (&first, &before, &after), agent);
                }
            }
        }
        Self { by_item }
    }
}

fn add_agent(
    by_item: &mut [Vec<Cell>],
    survey: &Survey,
    network: &Network,
    (first, before, after): (&Opinions, &Opinions, &Opinions),
    agent: usize,
) {
    let own = before.row(agent);
    let peers = network.peers(AgentId(agent as u32));
    let seen: Vec<(f64, &[f64], f64)> = (0..peers.len())
        .map(|place| {
            let row = before.row(peers.get(place).index());
            (peers.weight(place), row, share_alike(own, row))
        })
        .collect();
    for (index, cells) in by_item.iter_mut().enumerate() {
        let (x, next, first) = (own[index], after.row(agent)[index], first.row(agent)[index]);
        let others: Vec<(f64, f64, f64)> = seen
            .iter()
            .map(|(weight, row, alike)| (*weight, row[index], *alike))
            .filter(|(_, y, _)| !y.is_nan())
            .collect();
        let weights: f64 = others.iter().map(|(weight, ..)| weight).sum();
        if x.is_nan() || next.is_nan() || first.is_nan() || weights <= 0.0 {
            continue;
        }
        let mean_of = |of: &dyn Fn(f64, f64) -> f64| {
            others.iter().map(|&(weight, y, alike)| weight * of(y, alike)).sum::<f64>() / weights
        };
        let near = |confidence: f64| {
            let within = others.iter().filter(|(_, y, _)| (y - x).abs() <= confidence);
            let (sum, count) = within.fold((x, 1.0), |(sum, count), &(_, y, _)| (sum + y, count + 1.0));
            (sum / count - x, mean_of(&|y, _| if (y - x).abs() < confidence { y - x } else { 0.0 }))
        };
        cells.push(Cell {
            step: next - x,
            x,
            first,
            mean: mean_of(&|y, _| y),
            bounded: CONFIDENCES.iter().map(|&confidence| near(confidence)).collect(),
            alike: mean_of(&|y, alike| alike * (y - x)),
            copied: mean_of(&|y, _| f64::from(u8::from((y - next).abs() < 1e-9))),
            options: f64::from(survey.items[index].option_count()),
        });
    }
}

/// Share of items on which two rows hold the same.
fn share_alike(a: &[f64], b: &[f64]) -> f64 {
    let (mut same, mut both) = (0_u32, 0_u32);
    for difference in a.iter().zip(b).map(|(a, b)| a - b).filter(|difference| !difference.is_nan()) {
        both += 1;
        same += u32::from(difference.abs() < 1e-9);
    }
    // Rows with nothing in common have no distance either.
    if distance(a, b).is_none() { 0.0 } else { f64::from(same) / f64::from(both) }
}

fn fit_one(story: Story, cells: &Cells, squares: &[f64], resamples: &Resamples) -> Fitted {
    let all = vec![1.0; cells.by_item.len()];
    let fitter = Fitter::new(story, cells);
    let estimates = fitter.solve(&all);
    let weights =
        |resample: usize| -> Vec<f64> { (0..all.len()).map(|item| resamples.counts(item)[resample]).collect() };
    let drawn: Vec<Solution> = (0..resamples.len()).map(|resample| fitter.solve(&weights(resample))).collect();
    let told = |solution: &Solution| told(story, solution);
    let parameters = story
        .parameters()
        .iter()
        .enumerate()
        .map(|(place, name)| {
            let drawn: Vec<f64> = drawn.iter().map(|solution| told(solution)[place]).collect();
            let estimate = Some(told(&estimates)[place]).filter(|value| !value.is_nan());
            Parameter { name, estimate, interval: percentiles(&drawn), drawn }
        })
        .collect();
    // Errors on items of a fold by what was fitted to the others.
    let mut errors = vec![0.0; cells.by_item.len()];
    for fold in 0..FOLDS {
        let others: Vec<f64> = (0..all.len()).map(|item| f64::from(u8::from(item % FOLDS != fold))).collect();
        let solution = fitter.solve(&others);
        for item in (fold..all.len()).step_by(FOLDS) {
            errors[item] =
                cells.by_item[item].iter().map(|cell| (cell.step - predicted(story, cell, &solution)).powi(2)).sum();
        }
    }
    let steps: f64 = cells.by_item.iter().map(|item| item.len() as f64).sum();
    let gain = |error: f64, without: f64| if without > 0.0 { 1.0 - (error / without).sqrt() } else { f64::NAN };
    let error: f64 = errors.iter().sum();
    let (drawn_errors, drawn_without) =
        (resamples.sums(errors.iter().copied()), resamples.sums(squares.iter().copied()));
    let drawn_gains: Vec<f64> =
        drawn_errors.iter().zip(&drawn_without).map(|(error, without)| gain(*error, *without)).collect();
    Fitted {
        story,
        parameters,
        error: (error / steps).sqrt(),
        gain: gain(error, squares.iter().sum()),
        gain_interval: percentiles(&drawn_gains),
    }
}

/// Coefficients of the features, and the confidence they go with.
#[derive(Clone, PartialEq, Debug)]
struct Solution {
    coefficients: [f64; 4],
    /// Place among [`Story::confidences`].
    confidence: usize,
}

/// A solution in the terms of the model's parameters.
fn told(story: Story, solution: &Solution) -> Vec<f64> {
    let [a, c, constant, slope] = solution.coefficients;
    match story {
        Story::DeGroot | Story::Axelrod => vec![a],
        Story::FriedkinJohnsen | Story::Voter => vec![a, c],
        // d − b·x is b(β − x).
        Story::BiasedFriedkinJohnsen => vec![a, c, slope, constant / slope],
        Story::HegselmannKrause | Story::Deffuant => vec![a, story.confidences()[solution.confidence]],
    }
}

fn features(story: Story, cell: &Cell, confidence: usize) -> [f64; 4] {
    match story {
        Story::DeGroot => [cell.mean - cell.x, 0.0, 0.0, 0.0],
        Story::FriedkinJohnsen => [cell.mean - cell.x, cell.first - cell.x, 0.0, 0.0],
        Story::BiasedFriedkinJohnsen => [cell.mean - cell.x, cell.first - cell.x, 1.0, -cell.x],
        Story::HegselmannKrause => [cell.bounded[confidence].0, 0.0, 0.0, 0.0],
        Story::Deffuant => [cell.bounded[confidence].1, 0.0, 0.0, 0.0],
        // Copied from one of those seen, or replaced by the middle in the mean.
        Story::Voter => [cell.mean - cell.x, 0.5 - cell.x, 0.0, 0.0],
        Story::Axelrod => [cell.alike, 0.0, 0.0, 0.0],
    }
}

fn predicted(story: Story, cell: &Cell, solution: &Solution) -> f64 {
    let features = features(story, cell, solution.confidence);
    features.iter().zip(&solution.coefficients).map(|(feature, coefficient)| feature * coefficient).sum()
}

/// Sums over the answers to one item: of products of features, of features and steps, of squared steps.
#[derive(Clone, Copy, Default)]
struct Moments {
    products: [[f64; 4]; 4],
    with_step: [f64; 4],
    squared: f64,
}

/// What a model is fitted from, item by item.
enum Fitter {
    /// Least squares, for every confidence that is tried.
    Squares { story: Story, moments: Vec<Vec<Moments>> },
    /// Maximum likelihood of a mixture of keeping, copying and noise, from answers that are alike in all it knows of them.
    Likelihood { alike: Vec<Vec<Alike>> },
}

/// Answers to one item of which as many of those seen held the same.
struct Alike {
    /// 1 where the answer was kept.
    kept: f64,
    /// Share of those seen who held it.
    copied: f64,
    options: f64,
    count: f64,
}

impl Fitter {
    fn new(story: Story, cells: &Cells) -> Self {
        if story == Story::Voter {
            return Self::Likelihood { alike: cells.by_item.iter().map(|item| alike(item)).collect() };
        }
        let moments_of = |confidence: usize| {
            let of_item = |item: &Vec<Cell>| {
                let mut moments = Moments::default();
                for cell in item {
                    let features = features(story, cell, confidence);
                    for (row, a) in moments.products.iter_mut().zip(features) {
                        row.iter_mut().zip(features).for_each(|(sum, b)| *sum += a * b);
                    }
                    moments.with_step.iter_mut().zip(features).for_each(|(sum, a)| *sum += a * cell.step);
                    moments.squared += cell.step * cell.step;
                }
                moments
            };
            cells.by_item.iter().map(of_item).collect()
        };
        Self::Squares { story, moments: (0..story.confidences().len()).map(moments_of).collect() }
    }

    /// The best coefficients when each item counts as often as its weight says.
    fn solve(&self, weights: &[f64]) -> Solution {
        match self {
            Self::Squares { story, moments } => {
                let each = moments.iter().enumerate().map(|(confidence, moments)| {
                    let (coefficients, error) = least_squares(&summed(moments, weights), story.features());
                    (error, Solution { coefficients, confidence })
                });
                let best = each.min_by(|a, b| a.0.total_cmp(&b.0));
                best.map_or(Solution { coefficients: [f64::NAN; 4], confidence: 0 }, |(_, solution)| solution)
            }
            Self::Likelihood { alike } => mixture(alike, weights),
        }
    }
}

fn summed(moments: &[Moments], weights: &[f64]) -> Moments {
    let mut sum = Moments::default();
    for (moments, weight) in moments.iter().zip(weights).filter(|(_, weight)| **weight > 0.0) {
        for (row, more) in sum.products.iter_mut().zip(&moments.products) {
            row.iter_mut().zip(more).for_each(|(sum, more)| *sum += weight * more);
        }
        sum.with_step.iter_mut().zip(&moments.with_step).for_each(|(sum, more)| *sum += weight * more);
        sum.squared += weight * moments.squared;
    }
    sum
}

/// Solves for the first `n` coefficients by elimination with pivoting; what is not determined is NaN. Also the squared error.
fn least_squares(moments: &Moments, n: usize) -> ([f64; 4], f64) {
    let mut rows: Vec<Vec<f64>> = (0..n)
        .map(|row| {
            let mut cells = moments.products[row][..n].to_vec();
            cells.push(moments.with_step[row]);
            cells
        })
        .collect();
    for column in 0..n {
        let largest = |a: &usize, b: &usize| rows[*a][column].abs().total_cmp(&rows[*b][column].abs());
        let pivot = (column..n).max_by(largest).unwrap_or(column);
        rows.swap(column, pivot);
        if rows[column][column].abs() < 1e-9 {
            return ([f64::NAN; 4], f64::INFINITY);
        }
        let lead = rows[column].clone();
        for (place, row) in rows.iter_mut().enumerate().filter(|(place, _)| *place != column) {
            let _ = place;
            let factor = row[column] / lead[column];
            row.iter_mut().zip(&lead).for_each(|(cell, above)| *cell -= factor * above);
        }
    }
    let mut coefficients = [0.0; 4];
    for (place, row) in rows.iter().enumerate() {
        coefficients[place] = row[n] / row[place];
    }
    let explained: f64 = coefficients[..n].iter().zip(&moments.with_step).map(|(c, with)| c * with).sum();
    (coefficients, moments.squared - explained)
}

fn alike(item: &[Cell]) -> Vec<Alike> {
    let mut found: Vec<Alike> = Vec::new();
    for cell in item {
        let kept = f64::from(u8::from(cell.step.abs() < 1e-9));
        let same =
            |known: &&mut Alike| (known.kept - kept).abs() < 0.5 && known.copied.to_bits() == cell.copied.to_bits();
        match found.iter_mut().find(same) {
            Some(known) => known.count += 1.0,
            None => found.push(Alike { kept, copied: cell.copied, options: cell.options, count: 1.0 }),
        }
    }
    found
}

/// Copying and noise of the voter model by expectation–maximisation: an answer is kept, copied from one of those seen, or
/// any of the options.
fn mixture(alike: &[Vec<Alike>], weights: &[f64]) -> Solution {
    const STEPS: usize = 60;
    let (mut copying, mut noise) = (0.1, 0.1);
    for _ in 0..STEPS {
        let (mut copied, mut any, mut total) = (0.0, 0.0, 0.0);
        for (item, weight) in alike.iter().zip(weights).filter(|(_, weight)| **weight > 0.0) {
            for answers in item {
                let kept = (1.0 - copying - noise) * answers.kept;
                let (from_others, at_random) = (copying * answers.copied, noise / answers.options);
                let share = weight * answers.count / (kept + from_others + at_random);
                copied += share * from_others;
                any += share * at_random;
                total += weight * answers.count;
            }
        }
        if total == 0.0 {
            return Solution { coefficients: [f64::NAN; 4], confidence: 0 };
        }
        (copying, noise) = (copied / total, any / total);
    }
    Solution { coefficients: [copying, noise, 0.0, 0.0], confidence: 0 }
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
    use crate::dynamics::story::Round;
    use crate::dynamics::{NullModel, opinions::nearest_option};
    use crate::survey::{Item, Scale};
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
        Survey { name: Arc::from("s"), source: Arc::from(""), items: (0..ITEMS).map(item).collect() }
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
        let fit = fit(&survey(), &rounds, &resamples).expect("steps");
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
                NullModel::HegselmannKrause { confidence: 0.3, nearness: super::super::story::Nearness::Item },
                Story::HegselmannKrause,
                &[1.0, 0.3],
            ),
            // Of an expected 1 − 1/e who listen some hear what has just been taken over, which nobody they see held before.
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
