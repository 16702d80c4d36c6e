//! `Observe`: what is measured on the ballots of a tick, and what the rules make of them.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::journal::{Event, Journal};
use pluriverse_engine::observation::{Observation, Observations};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::{Purpose, Streams};
use pluriverse_engine::tick::Clock;

use super::ballot_box::BallotBox;
use super::design::{Election, Elections, Stage};
use super::profile::{agents, counts_by_agent, counts_by_group, profile};
use super::state::{Ballots, VotePercept};
use crate::budgeting::count::Counted;
use crate::budgeting::electorate::Electorate;
use crate::budgeting::exact::{Exact, fraction, to_f64};
use crate::budgeting::measures::stability::mean_jaccard;
use crate::budgeting::measures::uncertainty::{Interval, bootstrap};
use crate::budgeting::measures::{Breadth, Pooling, RowCounts, SearchLimit, Verdict};
use crate::budgeting::tally::{Contest, Rule, RuleFault};
use crate::culture::{Culture, Cultures};

/// Agents up to which each of them is looked at by itself, and intervals are made by drawing agents.
const LOOKED_AT: usize = 2_000;

/// Resamples of an interval.
const RESAMPLES: usize = 1_000;

/// Streams that draw agents for intervals.
const BOOTSTRAP: Purpose = Purpose("vote.bootstrap");

/// What the rules made of this tick's ballots: filled by the observer, written by the recorder.
#[derive(Resource, Default, Debug)]
pub struct CountedVotes(pub Vec<(Rule, Result<Counted, RuleFault>)>);

/// Measures the ballots of this tick, and has them counted where they decide.
pub fn observe_votes(
    clock: Res<Clock>,
    percept: Res<VotePercept>,
    elections: Res<Elections>,
    ballots: Res<Ballots>,
    streams: Res<Streams>,
    cultures: Res<Cultures>,
    members: Query<(&AgentId, &Culture)>,
    mut observations: ResMut<Observations>,
    mut counted: ResMut<CountedVotes>,
    mut journal: ResMut<Journal>,
) {
    counted.0.clear();
    let Some(design) = percept.0 else {
        return;
    };
    let election = &elections.0[usize::from(design.election)];
    let mut culture_of = vec![Culture(0); ballots.0.agents()];
    for (agent, culture) in &members {
        culture_of[agent.index()] = *culture;
    }
    let observed = Observed { election, ballots: &ballots.0, cultures: &cultures, culture_of: &culture_of };
    let mut rng = streams.of(BOOTSTRAP).stream(AgentId(0), clock.tick);
    let mut figures = observed.of_society(&mut rng);
    figures.extend(observed.of_projects());
    figures.extend(observed.of_cultures());
    if design.stage == Stage::Vote {
        counted.0 = count(election, &ballots.0);
        for (rule, fault) in counted.0.iter().filter_map(|(rule, counted)| Some((rule, counted.as_ref().err()?))) {
            let reason = Arc::from(fault.to_string());
            journal.push(Event::NotDone { subject: Arc::from(rule.name()), reason });
        }
        let done = counted.0.iter().filter_map(|(rule, counted)| Some((*rule, counted.as_ref().ok()?)));
        figures.extend(done.flat_map(|(rule, counted)| of_rule(rule, counted, election)));
    }
    observations.0.extend(figures);
}

/// What the rules of an election make of some ballots; nothing where nobody voted.
pub fn count(election: &Election, ballots: &BallotBox) -> Vec<(Rule, Result<Counted, RuleFault>)> {
    let profile = profile(ballots, election.form, |agent| Arc::from(agent.0.to_string()));
    let instance = &election.paper.instance;
    let Ok(electorate) = Electorate::new(&profile, instance.len(), election.unit) else {
        return Vec::new();
    };
    let contest = Contest::new(instance, &electorate, &election.ties);
    let increments = election.increments(&electorate.voters());
    let each = election.rules.iter();
    each.map(|&rule| (rule, Counted::of(&contest, rule, &increments, SearchLimit::default()))).collect()
}

/// Ballots and whose they are.
struct Observed<'a> {
    election: &'a Election,
    ballots: &'a BallotBox,
    cultures: &'a Cultures,
    culture_of: &'a [Culture],
}

impl Observed<'_> {
    fn projects(&self) -> usize {
        self.election.paper.instance.len()
    }

    fn pooled(&self) -> Vec<u64> {
        counts_by_group(self.ballots, self.projects(), 1, |_| 0).remove(0)
    }

    fn of_society(&self, rng: &mut impl rand::Rng) -> Vec<Observation> {
        let outcomes = self.ballots.outcomes();
        let cast = outcomes.get(Outcome::Answered);
        let missing = outcomes.missing() as f64 / outcomes.asked().max(1) as f64;
        let mut figures = vec![Observation::of_society("vote_missing", Some(missing), outcomes.asked())];
        let missing_as = |(outcome, count): (Outcome, u64)| {
            let share = count as f64 / outcomes.asked() as f64;
            Observation::of("vote_missing", "outcome", Arc::from(outcome.name()), Some(share), outcomes.asked())
        };
        figures.extend(outcomes.failures().map(missing_as));
        let Some(breadth) = Breadth::of(&self.pooled()) else {
            return figures;
        };
        let looked_at = self.ballots.agents() <= LOOKED_AT;
        let rows = looked_at.then(|| counts_by_agent(self.ballots, self.projects()).ok()).flatten();
        let intervals = rows.as_ref().and_then(|rows| bootstrap(rows, Pooling::Approvals, RESAMPLES, rng));
        let figure = |metric, value, interval: Option<Interval>| Observation {
            interval: interval.map(|interval| (interval.lower, interval.upper)),
            ..Observation::of_society(metric, value, cast)
        };
        figures.push(figure("vote_entropy", Some(breadth.shannon_nats()), intervals.map(|all| all.shannon)));
        figures.push(figure("vote_hill1", Some(breadth.hill1()), intervals.map(|all| all.hill1)));
        figures.push(figure("vote_hill2", Some(to_f64(&breadth.hill2())), intervals.map(|all| all.hill2)));
        figures.extend(self.breadth(&breadth, cast));
        figures.extend(rows.iter().flat_map(|rows| self.among_agents(rows)));
        figures.extend(self.among_cultures());
        figures
    }

    /// Figures of the pooled frequencies without intervals of their own.
    fn breadth(&self, breadth: &Breadth, cast: u64) -> Vec<Observation> {
        let ratio = |above: i64, below: i64| fraction(above, below).unwrap_or_default();
        let length = self.election.form.exact();
        let top = |most: usize| breadth.top_shares(most).last().map(to_f64);
        let figures = [
            ("vote_entropy_bits", Some(breadth.shannon_bits())),
            ("vote_coverage", Some(breadth.hill0() as f64)),
            ("vote_coverage_1_percent", Some(breadth.coverage_by_share(&ratio(1, 100)) as f64)),
            ("vote_coverage_5_percent", Some(breadth.coverage_by_share(&ratio(1, 20)) as f64)),
            ("vote_gini", Some(to_f64(&breadth.gini()))),
            ("vote_top_share", top(1)),
            ("vote_top4_share", top(4)),
            ("vote_breadth", length.and_then(|length| breadth.normalised_hill1(length))),
        ];
        figures.map(|(metric, value)| Observation::of_society(metric, value, cast)).to_vec()
    }

    fn among_agents(&self, rows: &RowCounts) -> Vec<Observation> {
        let diversity = rows.diversity(Pooling::Rows);
        let stabilities: Vec<f64> = agents(self.ballots).filter_map(|agent| self.stability(agent)).collect();
        let mean = stabilities.iter().sum::<f64>() / stabilities.len() as f64;
        let filled = rows.filled().len() as u64;
        let voters = |metric, value| Observation::of_society(metric, value, filled);
        vec![
            voters("vote_alpha", diversity.map(|diversity| diversity.alpha)),
            voters("vote_beta", diversity.map(|diversity| diversity.beta)),
            voters("vote_information", diversity.map(|diversity| diversity.mutual_information)),
            voters("vote_apart", rows.mean_total_variation().map(|apart| to_f64(&apart))),
            Observation::of_society(
                "vote_stability",
                (!stabilities.is_empty()).then_some(mean),
                stabilities.len() as u64,
            ),
        ]
    }

    /// How alike an agent's ballots are.
    fn stability(&self, agent: AgentId) -> Option<f64> {
        let ballots: Vec<Vec<usize>> = (0..self.ballots.samples())
            .filter_map(|sample| self.ballots.named(agent, sample).ok())
            .map(|named| named.iter().map(|&project| usize::from(project)).collect())
            .collect();
        mean_jaccard(ballots.iter().map(Vec::as_slice)).map(|alike| to_f64(&alike))
    }

    fn by_culture(&self) -> Vec<Vec<u64>> {
        let groups = self.cultures.cultures.len();
        counts_by_group(self.ballots, self.projects(), groups, |agent| self.culture_of[agent.index()].index())
    }

    fn among_cultures(&self) -> Vec<Observation> {
        let Ok(rows) = RowCounts::new(self.by_culture(), self.projects()) else {
            return Vec::new();
        };
        let diversity = rows.diversity(Pooling::Rows);
        let filled = rows.filled().len() as u64;
        vec![
            Observation::of_society("vote_beta_cultures", diversity.map(|diversity| diversity.beta), filled),
            Observation::of_society("vote_information_cultures", diversity.map(|of| of.mutual_information), filled),
        ]
    }

    fn of_projects(&self) -> Vec<Observation> {
        let counts = self.pooled();
        let all: u64 = counts.iter().sum();
        let projects = self.election.paper.instance.projects().iter();
        let each = projects.zip(counts).flat_map(|(project, count)| {
            let share = (all > 0).then(|| count as f64 / all as f64);
            [
                Observation::of("vote_count", "project", project.id.clone(), Some(count as f64), all),
                Observation::of("vote_share", "project", project.id.clone(), share, all),
            ]
        });
        each.collect()
    }

    fn of_cultures(&self) -> Vec<Observation> {
        let mut asked = vec![0_u64; self.cultures.cultures.len()];
        let mut missing = asked.clone();
        for agent in agents(self.ballots) {
            for sample in 0..self.ballots.samples() {
                let culture = self.culture_of[agent.index()].index();
                asked[culture] += 1;
                missing[culture] += u64::from(self.ballots.named(agent, sample).is_err());
            }
        }
        let mut figures = Vec::new();
        for (place, counts) in self.by_culture().iter().enumerate().filter(|(place, _)| asked[*place] > 0) {
            let code = self.cultures.cultures[place].code.clone();
            let cast = asked[place] - missing[place];
            let entropy = Breadth::of(counts).map(|breadth| breadth.shannon_nats());
            figures.push(Observation::of("vote_entropy", "culture", code.clone(), entropy, cast));
            let share = missing[place] as f64 / asked[place] as f64;
            figures.push(Observation::of("vote_missing", "culture", code, Some(share), asked[place]));
        }
        figures
    }
}

/// What a rule's outcome means to voters, which axioms it keeps (1 kept, 0 not, nothing where not decided), and in which
/// place it funds what.
fn of_rule(rule: Rule, counted: &Counted, election: &Election) -> Vec<Observation> {
    let (satisfaction, axioms) = (&counted.satisfaction, &counted.axioms);
    let holds = |verdict: &Verdict| match verdict {
        Verdict::Holds => Some(1.0),
        Verdict::Violated { .. } => Some(0.0),
        Verdict::NotDecided => None,
    };
    let exact = |value: &Exact| Some(to_f64(value));
    let figures = [
        ("tally_spent", satisfaction.budget_used.as_ref().map(to_f64)),
        ("tally_satisfaction", exact(&satisfaction.cardinality.average)),
        ("tally_satisfaction_gini", exact(&satisfaction.cardinality.gini)),
        ("tally_represented", exact(&satisfaction.with_funded)),
        ("tally_fair_share", Some(satisfaction.fair_share.capped_ratio.value)),
        ("tally_jr", axioms.justified_representation.as_ref().and_then(holds)),
        ("tally_ejr_plus", axioms.ejr_plus.as_ref().and_then(holds)),
        ("tally_ejr", holds(&axioms.cardinality.ejr)),
        ("tally_pjr", holds(&axioms.cardinality.pjr)),
    ];
    let funded = counted.allocation.funded.len() as u64;
    let of_rule = |(metric, value)| Observation::of(metric, "rule", Arc::from(rule.name()), value, funded);
    let place = |(place, &project): (usize, &usize)| {
        let subject = format!("{}/{}", rule.name(), election.paper.instance.projects()[project].id);
        Observation::of("tally_place", "funded", Arc::from(subject), Some(place as f64 + 1.0), funded)
    };
    let places = counted.allocation.funded.iter().enumerate().map(place);
    figures.into_iter().map(of_rule).chain(places).collect()
}
