//! What an agent without words votes by: how much its answers to a survey speak for each project.
//!
//! For agent a and project p let `s[k]` in 0..1 be how much its answer to item k speaks for the project (the ballot
//! says which end of the scale does), and
//!
//! ```text
//! u[p] = mean of s[k] over the project's items that it answered
//! z[p] = (u[p] − μ[p]) / σ[p]
//! ```
//!
//! μ and σ are the mean and the standard deviation of u over people, one drawn from each population of the human
//! reference with equal weight, items being independent given the population. Raw means would compare the wording of
//! scales: where nearly everybody says a thing is never justifiable, everybody would vote for the project that it
//! speaks for. What is left says for what an agent stands out among people.

use std::sync::Arc;

use pluriverse_worlds::budgeting::vote::paper::{BallotPaper, Favours};
use pluriverse_worlds::survey::{Cell, Reference, Survey};

/// Where an answer is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Answer {
    /// On the agent's answer sheet.
    OnSheet(usize),
    /// Among the items that are asked for the vote alone.
    ForTheVote(usize),
}

/// One item's say in a project.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Say {
    answer: Answer,
    favours: Favours,
    /// Number of options − 1.
    span: f64,
    /// The code of the first option in the reference.
    first_code: i32,
}

impl Say {
    /// How much the option at this place, from 0, speaks for the project: 0 to 1. A number that is no option counts as
    /// the end it lies beyond.
    fn of_option(&self, place: i32) -> f64 {
        self.favours.support((f64::from(place) / self.span).clamp(0.0, 1.0))
    }
}

/// What answers say about one project.
#[derive(Clone, PartialEq, Debug)]
struct Leaning {
    says: Vec<Say>,
    mean: f64,
    deviation: f64,
    /// What the answers of each population of the reference say of it, by code; only of those with data.
    people: Vec<(Arc<str>, f64)>,
}

/// What answers say about the projects of a ballot.
#[derive(Clone, PartialEq, Debug)]
pub struct Leanings {
    projects: Vec<Leaning>,
    /// Items that the society's survey does not ask, and the ballot needs.
    pub for_the_vote: Arc<Survey>,
}

/// How far people's utilities scatter at least, where the reference knows too little to tell.
const LEAST_DEVIATION: f64 = 1e-3;

impl Leanings {
    /// What answers to `asked` say about a ballot. Items it needs beside them are taken from `whole`; ids that neither
    /// has are the error.
    pub fn new(
        paper: &BallotPaper,
        asked: &Survey,
        whole: &Survey,
        reference: &Reference,
    ) -> Result<Self, Vec<Arc<str>>> {
        let needed = paper.reasons.iter().flatten().map(|reason| &reason.item);
        let unknown: Vec<Arc<str>> =
            needed.clone().filter(|id| asked.position(id).is_none() && whole.position(id).is_none()).cloned().collect();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let extra = |id: &str| asked.position(id).is_none() && needed.clone().any(|needed| **needed == *id);
        let for_the_vote = whole.filtered(|item| extra(&item.id));
        let say = |reason: &pluriverse_worlds::budgeting::vote::paper::Reason| {
            let (answer, item) = if let Some(place) = asked.position(&reason.item) {
                (Answer::OnSheet(place), &asked.items[place])
            } else {
                let place = for_the_vote.position(&reason.item)?;
                (Answer::ForTheVote(place), &for_the_vote.items[place])
            };
            let span = f64::from(item.span().max(1));
            Some((Say { answer, favours: reason.favours, span, first_code: item.first_code }, item.id.clone()))
        };
        let projects = paper.reasons.iter().map(|reasons| {
            let (says, ids): (Vec<Say>, Vec<Arc<str>>) = reasons.iter().filter_map(say).unzip();
            let (mean, deviation, people) = among_people(&says, &ids, reference);
            Leaning { says, mean, deviation, people }
        });
        Ok(Self { projects: projects.collect(), for_the_vote: Arc::new(for_the_vote) })
    }

    /// How many projects there are.
    pub fn projects(&self) -> usize {
        self.projects.len()
    }

    /// What an agent's answers say about each project, standardised, into `utilities`. A project none of whose items
    /// it answered is one it is indifferent to.
    pub fn utilities(&self, sheet: &[Cell], for_the_vote: &[Cell], utilities: &mut [f64]) {
        for (utility, leaning) in utilities.iter_mut().zip(&self.projects) {
            let (mut sum, mut answered) = (0.0, 0_u32);
            for say in &leaning.says {
                let cell = match say.answer {
                    Answer::OnSheet(place) => sheet[place],
                    Answer::ForTheVote(place) => for_the_vote[place],
                };
                if let Some(answer) = cell.narrow() {
                    sum += say.of_option(answer - 1);
                    answered += 1;
                }
            }
            *utility = if answered == 0 { 0.0 } else { (sum / f64::from(answered) - leaning.mean) / leaning.deviation };
        }
    }

    /// What the answers of a population say about each project, in the mean over its people and standardised like an
    /// agent's: the human profile of a culture. It is indifferent to a project on whose items it has no data. `None` for
    /// a population without data on any.
    pub fn of_people(&self, culture: &str) -> Option<Vec<f64>> {
        let of = |leaning: &Leaning| {
            let (_, mean) = leaning.people.iter().find(|(code, _)| **code == *culture)?;
            Some((mean - leaning.mean) / leaning.deviation)
        };
        let known: Vec<Option<f64>> = self.projects.iter().map(of).collect();
        known.iter().any(Option::is_some).then(|| known.iter().map(|utility| utility.unwrap_or_default()).collect())
    }

    /// The standard deviation of a project's utility when all its items are asked again and every answer scatters by
    /// `dispersion`.
    pub fn scatter(&self, project: usize, dispersion: f64) -> f64 {
        let leaning = &self.projects[project];
        dispersion / (leaning.says.len().max(1) as f64).sqrt() / leaning.deviation
    }
}

/// Mean and standard deviation of a project's utility over people, and its mean in each population.
fn among_people(says: &[Say], ids: &[Arc<str>], reference: &Reference) -> (f64, f64, Vec<(Arc<str>, f64)>) {
    let mut people: Vec<(Arc<str>, f64)> = Vec::new();
    let mut within = 0.0;
    for culture in reference.cultures() {
        let known = says.iter().zip(ids).filter_map(|(say, id)| {
            let shares = reference.shares(culture, id)?;
            let total: f64 = shares.iter().map(|(_, share)| share).sum();
            let each = || shares.iter().map(|(code, share)| (say.of_option(code - say.first_code), share / total));
            let mean: f64 = each().map(|(support, share)| support * share).sum();
            let square: f64 = each().map(|(support, share)| support * support * share).sum();
            Some((mean, (square - mean * mean).max(0.0)))
        });
        let known: Vec<(f64, f64)> = known.collect();
        if !known.is_empty() {
            let items = known.len() as f64;
            people.push((culture.clone(), known.iter().map(|(mean, _)| mean).sum::<f64>() / items));
            within += known.iter().map(|(_, variance)| variance).sum::<f64>() / (items * items);
        }
    }
    if people.is_empty() {
        // Nobody was asked: as if all options were equally likely and a person answered one item.
        return (0.5, 0.5, people);
    }
    let populations = people.len() as f64;
    let mean = people.iter().map(|(_, utility)| utility).sum::<f64>() / populations;
    let between = people.iter().map(|(_, utility)| (utility - mean).powi(2)).sum::<f64>() / populations;
    (mean, (between + within / populations).sqrt().max(LEAST_DEVIATION), people)
}
