//! Panels that answer in text: from the readings of their voices' replies to one decision.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::exchange::RequestId;
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::{ArmStreams, Purpose};
use pluriverse_engine::tick::Clock;
use pluriverse_worlds::budgeting::ballot::{Ballot, BallotKind};
use pluriverse_worlds::budgeting::vote::design::Election;
use pluriverse_worlds::budgeting::vote::form::BallotForm;
use pluriverse_worlds::budgeting::vote::state::Spoilt;
use pluriverse_worlds::dilemmas::Scenario;
use pluriverse_worlds::dilemmas::asked::Judgement;
use pluriverse_worlds::panel::prior::CountryPrior;
use pluriverse_worlds::panel::{GapPair, OptionShares, PanelFault};
use pluriverse_worlds::survey::state::Distribution;
use pluriverse_worlds::survey::{Item, Scale};

use super::ask::Questions;
use super::decide::{Decision, choose};
use crate::form::Take;
use crate::kinds::panel::decision::draws as draws_of;
use crate::kinds::panel::{DRAWS, JUDGEMENT_DRAWS, Panel, PanelFigures, PanelLog, Speaker, Voices, decide, judge};
use crate::parse::Reading;
use crate::voting::read::BallotReading;

/// Streams of the importance sampling behind ballots.
const BALLOT_DRAWS: Purpose = Purpose("panel.ballot");

/// What panels decide with, and where they note it.
#[derive(SystemParam)]
pub(super) struct Deliberation<'w> {
    clock: Res<'w, Clock>,
    arm: Res<'w, ArmStreams>,
    log: ResMut<'w, PanelLog>,
}

impl Deliberation<'_> {
    /// Decides on an item by the readings of all voices, one a request in the order of their numbers, in the survey's
    /// order of options. Every voice must have said something: a panel is not what is left of one.
    pub(super) fn decide(
        &mut self,
        questions: &Questions,
        id: &RequestId,
        item: &Item,
        readings: &[&Reading],
        chance: u64,
    ) -> Decision {
        let Some((panel, voices)) = questions.panel(id.agent).map(|(panel, _)| panel).zip(questions.voices(id.agent))
        else {
            return silent(Outcome::Failed, "there is no panel", 0);
        };
        let mut spoken = match spoken(voices, panel.smoothing, readings, item.options.len()) {
            Ok(spoken) => spoken,
            Err(silent) => return silent,
        };
        let base = spoken.remove(0);
        let rng = self.arm.0.of(DRAWS).stream(id.agent, self.clock.tick);
        let place = id.slot as usize;
        let settings = &panel.settings;
        match decide(settings, item.scale, &base, &spoken, || draws_of(settings, &rng, place)) {
            Ok(decided) => {
                if let Some(figures) = decided.figures {
                    self.note(id.agent, item.id.clone(), figures);
                }
                let shares = decided.shares.as_slice().to_vec();
                let answer = choose(&shares, Take::Draw, chance).ok_or(Outcome::Unparsable);
                let distribution = Some(Distribution { shares, tail: 0.0, samples: None });
                Decision { answer, reading: 0, distribution, reason: None }
            }
            Err(fault) => refused(&fault),
        }
    }

    /// The ballot a panel casts on an election by the ballots of its voices, one a request in the order of their
    /// numbers: each project is corrected as an item of two options, named and not named.
    pub(super) fn vote(
        &mut self,
        panel: &Panel,
        voices: Voices,
        election: &Election,
        (agent, sample): (AgentId, u16),
        ballots: &[&BallotReading],
    ) -> BallotReading {
        let instance = &election.paper.instance;
        let supports = supports(voices, panel.smoothing, ballots, (election.form, instance.len()))?;
        let settings = &panel.settings;
        let rng = self.arm.0.of(BALLOT_DRAWS).stream(agent, self.clock.tick);
        let mut utilities = Vec::with_capacity(instance.len());
        for (place, project) in instance.projects().iter().enumerate() {
            let of = |support: &Vec<f64>| OptionShares::new(vec![1.0 - support[place], support[place]]);
            let number = usize::from(sample) * instance.len() + place;
            let decided = supports.iter().map(of).collect::<Result<Vec<_>, _>>().and_then(|mut spoken| {
                let base = spoken.remove(0);
                decide(settings, Scale::Binary, &base, &spoken, || draws_of(settings, &rng, number))
            });
            let decided = decided.map_err(|fault| Spoilt {
                outcome: Outcome::Unparsable,
                fault: None,
                reason: Arc::from(fault.to_string()),
            })?;
            if let Some(figures) = decided.figures {
                self.note(agent, project.id.clone(), figures);
            }
            utilities.push(decided.shares.as_slice()[1]);
        }
        Ok(election.form.of_utilities(&utilities, 0.5))
    }

    /// What a panel makes of a dilemma by what its voices prefer in both orders, the base first.
    pub(super) fn judge(
        &mut self,
        panel: &Panel,
        agent: AgentId,
        (place, scenario): (usize, &Scenario),
        spoken: &[GapPair],
        prior: &mut CountryPrior,
    ) -> Result<Judgement, (Outcome, Arc<str>)> {
        let Some((&base, personas)) = spoken.split_first() else {
            return Err((Outcome::Failed, Arc::from("there is no panel")));
        };
        let rng = self.arm.0.of(JUDGEMENT_DRAWS).stream(agent, self.clock.tick);
        let settings = &panel.settings;
        let draws = || draws_of(settings, &rng, place);
        let judged = judge(settings, &panel.judging, scenario.contrast, base, personas, (prior, draws));
        let (judgement, figures) = judged.map_err(|fault| (Outcome::Unparsable, Arc::from(fault.to_string())))?;
        self.note(agent, Arc::from(scenario.id.as_str()), figures);
        Ok(judgement)
    }

    /// Notes a decision.
    fn note(&mut self, agent: AgentId, subject: Arc<str>, figures: PanelFigures) {
        self.log.rows.push((agent, subject, figures));
    }
}

/// The distribution of every speaker, the base's first: the mean over both orders, so that they weigh alike.
fn spoken(
    voices: Voices,
    smoothing: f64,
    readings: &[&Reading],
    options: usize,
) -> Result<Vec<OptionShares>, Decision> {
    let draws = usize::from(voices.draws());
    let mut speakers: Vec<(Speaker, Vec<f64>)> = Vec::new();
    for (place, replies) in readings.chunks(draws).enumerate() {
        let speaker = voices.at((place * draws) as u16).speaker;
        let shares = in_one_order(replies, smoothing, options).ok_or_else(|| {
            let reading = replies.first();
            let outcome = reading.and_then(|reading| reading.answer.err()).unwrap_or(Outcome::Unparsable);
            let why = reading.and_then(|reading| reading.reason.as_deref()).unwrap_or("it chose no option");
            silent(outcome, &format!("{} gave no answer: {why}", name(speaker)), place * draws)
        })?;
        match speakers.last_mut() {
            Some((known, sums)) if *known == speaker => {
                for (sum, share) in sums.iter_mut().zip(shares) {
                    *sum += share;
                }
            }
            _ => speakers.push((speaker, shares)),
        }
    }
    speakers.into_iter().map(|(_, sums)| OptionShares::new(sums).map_err(|fault| refused(&fault))).collect()
}

/// The shares of the options over the replies of one voice in one order: the model's own where it gives them, else how
/// often each was chosen, smoothed. `None` where no reply chose any.
fn in_one_order(readings: &[&Reading], smoothing: f64, options: usize) -> Option<Vec<f64>> {
    let mut sums = vec![0.0; options];
    let mut counted = 0.0;
    for reading in readings {
        match (&reading.distribution, reading.answer) {
            (Some(distribution), Ok(_)) => {
                let given: f64 = distribution.shares.iter().sum();
                for (sum, share) in sums.iter_mut().zip(&distribution.shares) {
                    *sum += share / given;
                }
            }
            // Rule `paper` lets numbers pass that are no option.
            (None, Ok(answer)) => {
                if let Some(sum) = usize::try_from(answer - 1).ok().and_then(|place| sums.get_mut(place)) {
                    *sum += 1.0;
                    counted += 1.0;
                }
            }
            (_, Err(_)) => {}
        }
    }
    if counted > 0.0 {
        for sum in &mut sums {
            *sum += smoothing / options as f64;
        }
    }
    let total: f64 = sums.iter().sum();
    (total > 0.0).then(|| sums.iter().map(|sum| sum / total).collect())
}

/// How much each voice's ballots speak for each project, the base's first.
///
/// # Errors
/// A voice without any ballot, as its first one is spoilt.
fn supports(
    voices: Voices,
    smoothing: f64,
    ballots: &[&BallotReading],
    (form, projects): (BallotForm, usize),
) -> Result<Vec<Vec<f64>>, Spoilt> {
    let draws = usize::from(voices.draws());
    let of_voice = |(place, ballots): (usize, &[&BallotReading])| {
        let cast: Vec<&Ballot> = ballots.iter().filter_map(|ballot| ballot.as_ref().ok()).collect();
        if !cast.is_empty() {
            return Ok(support(&cast, smoothing, form, projects));
        }
        let speaker = name(voices.at((place * draws) as u16).speaker);
        let spoilt = ballots.first().and_then(|ballot| ballot.as_ref().err());
        let why = spoilt.map_or("it was not asked", |spoilt| &spoilt.reason);
        Err(Spoilt {
            outcome: spoilt.map_or(Outcome::Unparsable, |spoilt| spoilt.outcome),
            fault: spoilt.and_then(|spoilt| spoilt.fault.clone()),
            reason: Arc::from(format!("{speaker} cast no ballot: {why}")),
        })
    };
    ballots.chunks(draws).enumerate().map(of_voice).collect()
}

/// How much ballots speak for each project, 0 to 1, what is not named by 0: approvals 1, rankings from 1 for the first to
/// just above ½ for the last, points their share of the most given on the ballot.
fn support(ballots: &[&Ballot], smoothing: f64, form: BallotForm, projects: usize) -> Vec<f64> {
    let mut sums = vec![smoothing / 2.0; projects];
    for ballot in ballots {
        let most = ballot.points.iter().copied().max().unwrap_or_default().max(1);
        let named = ballot.projects.len() as f64;
        for (place, &project) in ballot.projects.iter().enumerate() {
            sums[project] += match ballot.points.get(place) {
                Some(&points) => (points as f64 / most as f64).clamp(0.0, 1.0),
                None if form.kind() == BallotKind::Ranking => 1.0 - place as f64 / (2.0 * named),
                None => 1.0,
            };
        }
    }
    let total = ballots.len() as f64 + smoothing;
    sums.iter().map(|sum| sum / total).collect()
}

/// A voice in a message to people.
pub(super) fn name(speaker: Speaker) -> String {
    match speaker {
        Speaker::Base => "the base of the panel".to_owned(),
        Speaker::Persona(place) => format!("persona {} of the panel", place + 1),
    }
}

fn silent(outcome: Outcome, why: &str, reading: usize) -> Decision {
    Decision { answer: Err(outcome), reading, distribution: None, reason: Some(Arc::from(why)) }
}

fn refused(fault: &PanelFault) -> Decision {
    silent(Outcome::Unparsable, &fault.to_string(), 0)
}

#[cfg(test)]
mod tests {
    use pluriverse_worlds::budgeting::vote::form::Named;

    use super::*;

    #[test]
    fn ballots_speak_for_what_they_name_as_their_form_says() {
        let cases: [(BallotForm, &[usize], &[i64], [f64; 4]); 3] = [
            (BallotForm::Approval(Named::Any), &[0, 2], &[], [1.0, 0.0, 1.0, 0.0]),
            (BallotForm::Ranking(Named::Any), &[2, 0], &[], [0.75, 0.0, 1.0, 0.0]),
            (BallotForm::Cumulative { points: 10 }, &[3, 1], &[8, 2], [0.0, 0.25, 0.0, 1.0]),
        ];
        for (form, projects, points, expected) in cases {
            let ballot = Ballot { projects: projects.to_vec(), points: points.to_vec() };
            assert_eq!(support(&[&ballot], 0.0, form, 4), expected);
            // Half a reply more on either side.
            let smoothed = support(&[&ballot], 1.0, form, 4);
            assert!(
                smoothed.iter().zip(expected).all(|(found, plain)| (found - f64::midpoint(plain, 0.5)).abs() < 1e-12)
            );
        }
    }
}
