//! Votes as people read them: what was named and funded, how broad that is, and what arms and societies differ in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pluriverse_worlds::budgeting::exact::to_f64;
use pluriverse_worlds::budgeting::measures::between::Between;
use pluriverse_worlds::budgeting::vote::is_vote;
use pluriverse_worlds::budgeting::vote::jury::Jury;
use pluriverse_worlds::survey::state::asks_the_survey;

use super::effects::change_with_interval;
use super::output::{figure, percent, table};
use super::trajectory::{Figure, Poll, TickEffect, Trajectory};
use crate::comparison::against;
use crate::resolve::Resolved;

/// The votes of a run at one place of the timeline.
pub struct Votes<'a> {
    /// The tick.
    pub tick: u32,
    /// The round the scenario counts.
    pub round: u32,
    resolved: &'a Resolved,
    /// One column a society and arm.
    pub columns: Vec<Column<'a>>,
}

/// The votes of one arm of a society, by replicate.
pub struct Column<'a> {
    /// The society.
    pub society: Arc<str>,
    /// The arm.
    pub arm: Arc<str>,
    /// Its polls, by replicate.
    pub polls: Vec<&'a Poll>,
}

impl Column<'_> {
    /// The mean over replicates of a figure; `None` where it is undefined in one of them.
    pub fn mean(&self, of: impl Fn(&Poll) -> Option<f64>) -> Option<f64> {
        let values: Option<Vec<f64>> = self.polls.iter().map(|poll| of(poll)).collect();
        values.filter(|values| !values.is_empty()).map(|values| values.iter().sum::<f64>() / values.len() as f64)
    }

    /// A figure of the society.
    pub fn figure(&self, metric: &str) -> Option<f64> {
        self.mean(|poll| poll.figures.get(metric).and_then(|figure| figure.value))
    }

    /// The interval of a figure, where there is one replicate.
    pub fn interval(&self, metric: &str) -> Option<(f64, f64)> {
        match self.polls.as_slice() {
            [poll] => poll.figures.get(metric).and_then(|figure: &Figure| figure.interval),
            _ => None,
        }
    }

    /// How often each project was named, over all replicates, in the order of the ballot paper.
    pub fn counts(&self) -> Vec<u64> {
        let mut counts: Vec<u64> = Vec::new();
        for poll in &self.polls {
            counts.resize(poll.counts.len().max(counts.len()), 0);
            for (sum, (_, count)) in counts.iter_mut().zip(&poll.counts) {
                *sum += count;
            }
        }
        counts
    }

    /// What a rule funds in each outcome it has over the replicates, most frequent first, with how often.
    pub fn funded(&self, rule: &str) -> Vec<(Vec<Arc<str>>, usize)> {
        let mut outcomes: BTreeMap<Vec<Arc<str>>, usize> = BTreeMap::new();
        for funded in self.polls.iter().filter_map(|poll| poll.funded.get(rule)) {
            let mut funded = funded.clone();
            funded.sort_by(|one, other| pluriverse_worlds::budgeting::tally::natural(one, other));
            *outcomes.entry(funded).or_default() += 1;
        }
        let mut outcomes: Vec<(Vec<Arc<str>>, usize)> = outcomes.into_iter().collect();
        outcomes.sort_by(|(_, one), (_, other)| other.cmp(one));
        outcomes
    }
}

/// Figures of a vote: metric, what it is called, factor, decimals.
pub const FIGURES: [(&str, &str, f64, usize); 13] = [
    ("vote_entropy", "entropy (nats)", 1.0, 3),
    ("vote_hill1", "effective projects (Hill 1)", 1.0, 2),
    ("vote_hill2", "effective projects (Hill 2)", 1.0, 2),
    ("vote_breadth", "breadth above the least possible, 0-1", 1.0, 3),
    ("vote_coverage", "projects named", 1.0, 1),
    ("vote_coverage_5_percent", "projects with 5 % or more", 1.0, 1),
    ("vote_top4_share", "share of the top four %", 100.0, 1),
    ("vote_gini", "Gini of counts", 1.0, 3),
    ("vote_alpha", "alpha: effective projects of an agent", 1.0, 2),
    ("vote_beta", "beta: effective number of distinct agents", 1.0, 2),
    ("vote_information", "agent-project information (nats)", 1.0, 3),
    ("vote_stability", "an agent's ballots alike (Jaccard)", 1.0, 3),
    ("vote_missing", "missing ballots %", 100.0, 1),
];

impl<'a> Votes<'a> {
    /// Every vote of a run, in order; polls before them are left out.
    pub fn of(resolved: &'a Resolved, trajectories: &'a [Trajectory]) -> Vec<Self> {
        let mut votes: Vec<Self> = Vec::new();
        for trajectory in trajectories {
            for poll in trajectory.votes.iter().filter(|poll| *poll.mechanism == *"vote") {
                let place = votes.iter().position(|vote| vote.tick == poll.tick).unwrap_or_else(|| {
                    votes.push(Self { tick: poll.tick, round: poll.round, resolved, columns: Vec::new() });
                    votes.len() - 1
                });
                let columns = &mut votes[place].columns;
                let known =
                    |column: &&mut Column<'_>| column.society == trajectory.society && column.arm == trajectory.arm;
                match columns.iter_mut().find(known) {
                    Some(column) => column.polls.push(poll),
                    None => columns.push(Column {
                        society: trajectory.society.clone(),
                        arm: trajectory.arm.clone(),
                        polls: vec![poll],
                    }),
                }
            }
        }
        votes.sort_by_key(|vote| vote.tick);
        votes
    }

    /// What a column is called: what tells it from the others.
    pub fn name(&self, column: &Column<'_>) -> String {
        let one_society = self.columns.iter().all(|other| other.society == column.society);
        let one_arm = self.columns.iter().all(|other| other.arm == column.arm);
        match (one_society, one_arm) {
            (true, true) => "all".to_owned(),
            (true, false) => column.arm.to_string(),
            (false, true) => column.society.to_string(),
            (false, false) => format!("{}, {}", column.society, column.arm),
        }
    }

    /// Names of all columns.
    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| self.name(column)).collect()
    }

    /// The names of the projects, by id.
    pub fn projects(&self) -> Vec<(Arc<str>, Arc<str>)> {
        let ids = self.columns.iter().flat_map(|column| &column.polls).map(|poll| &poll.counts).next();
        let name = |id: &Arc<str>| {
            let papers = self.resolved.elections.iter().map(|election| &election.paper.instance);
            let found = papers.into_iter().find_map(|instance| Some(&instance.projects()[instance.find(id)?]));
            found.map(|project| project.name.clone()).unwrap_or_default()
        };
        ids.into_iter().flatten().map(|(id, _)| (id.clone(), name(id))).collect()
    }

    /// The rules ballots were counted by.
    pub fn rules(&self) -> Vec<Arc<str>> {
        let polls = self.columns.iter().flat_map(|column| &column.polls);
        polls
            .map(|poll| &poll.rules)
            .next()
            .map(|rules| rules.iter().map(|(rule, _)| rule.clone()).collect())
            .unwrap_or_default()
    }

    /// Missing ballots by culture, one line a column that has any.
    pub fn missing(&self) -> Vec<String> {
        let line = |column: &Column<'_>| {
            let mut by_culture: BTreeMap<&Arc<str>, (u64, u64)> = BTreeMap::new();
            for (culture, asked, missing) in column.polls.iter().flat_map(|poll| &poll.missing) {
                let sums = by_culture.entry(culture).or_default();
                *sums = (sums.0 + asked, sums.1 + missing);
            }
            let (asked, missing) = by_culture.values().fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
            let each: Vec<String> = by_culture
                .iter()
                .filter(|(_, (_, missing))| *missing > 0)
                .map(|(culture, (asked, missing))| format!("{culture} {missing} of {asked}"))
                .collect();
            (missing > 0).then(|| {
                format!(
                    "{}: {missing} of {asked} ballots are missing and count nowhere: {}",
                    self.name(column),
                    each.join(", ")
                )
            })
        };
        self.columns.iter().filter_map(line).collect()
    }

    /// How far every two columns lie apart: names, total variation, Jensen–Shannon in nats, Hellinger.
    pub fn between(&self) -> Vec<(String, String, f64, f64, f64)> {
        let mut pairs = Vec::new();
        for (place, first) in self.columns.iter().enumerate() {
            for second in &self.columns[place + 1..] {
                if let Some(between) = Between::of(&first.counts(), &second.counts()) {
                    let apart = to_f64(&between.total_variation);
                    let (one, other) = (self.name(first), self.name(second));
                    pairs.push((one, other, apart, between.divergence_nats, between.hellinger));
                }
            }
        }
        pairs
    }

    /// Rules that a scenario names and that decided nothing in some column, with where they did not.
    pub fn without_outcome(&self) -> Vec<String> {
        let named: BTreeSet<&str> =
            self.resolved.elections.iter().flat_map(|election| &election.rules).map(|rule| rule.name()).collect();
        // Of several elections each has rules of its own.
        let alone = self.resolved.elections.len() == 1;
        let lacks = |column: &Column<'_>, rule: &str| {
            column.polls.iter().any(|poll| !poll.rules.iter().any(|(known, _)| **known == *rule))
        };
        let rules = named.into_iter().filter(|_| alone);
        rules
            .flat_map(|rule| {
                self.columns.iter().filter(move |column| lacks(column, rule)).map(move |column| (rule, column))
            })
            .map(|(rule, column)| format!("{rule}: no outcome in {}; events.jsonl.zst says why", self.name(column)))
            .collect()
    }

    /// The tables and sentences.
    pub fn render(&self, effects: &[TickEffect]) -> Vec<String> {
        let mut parts = vec![self.counts_table(), self.figures_table(), self.rules_table()];
        let between = self.between();
        if !between.is_empty() && between.len() <= MOST_PAIRS {
            let row = |(one, other, apart, shannon, hellinger): &(String, String, f64, f64, f64)| {
                let figures = [apart, shannon, hellinger].map(|value| figure(Some(*value), 4));
                [one.clone(), other.clone()].into_iter().chain(figures).collect()
            };
            let rows: Vec<Vec<String>> = between.iter().map(row).collect();
            parts.push(table(&["between", "and", "total variation", "Jensen-Shannon (nats)", "Hellinger"], &rows));
        }
        parts.extend(self.jury_table());
        parts.extend(self.effects_table(effects));
        let missing: Vec<String> = self.missing().into_iter().chain(self.without_outcome()).collect();
        if !missing.is_empty() {
            parts.push(missing.join("\n"));
        }
        parts.push(LEGEND.to_owned());
        parts
    }

    fn counts_table(&self) -> String {
        let names = self.names();
        let mut headers = vec!["project", "name"];
        headers.extend(names.iter().map(String::as_str));
        let shares: Vec<Vec<u64>> = self.columns.iter().map(Column::counts).collect();
        let totals: Vec<u64> = shares.iter().map(|counts| counts.iter().sum()).collect();
        let rows: Vec<Vec<String>> = self
            .projects()
            .into_iter()
            .enumerate()
            .map(|(place, (id, name))| {
                let mut row = vec![id.to_string(), name.to_string()];
                row.extend(shares.iter().zip(&totals).map(|(counts, total)| {
                    let count = counts.get(place).copied().unwrap_or_default();
                    let share = (*total > 0).then(|| count as f64 / *total as f64);
                    format!("{count} ({} %)", percent(share))
                }));
                row
            })
            .collect();
        let title =
            if self.resolved.elections.len() > 1 { format!("Vote in tick {}", self.tick) } else { "Vote".to_owned() };
        format!("{title}: how often each project is named\n{}", table(&headers, &rows))
    }

    fn figures_table(&self) -> String {
        let names = self.names();
        let mut headers = vec!["of the vote"];
        headers.extend(names.iter().map(String::as_str));
        let rows: Vec<Vec<String>> = FIGURES
            .iter()
            .map(|(metric, name, factor, decimals)| {
                let mut row = vec![(*name).to_owned()];
                row.extend(self.columns.iter().map(|column| {
                    let value = figure(column.figure(metric).map(|value| value * factor), *decimals);
                    match column.interval(metric) {
                        Some((low, high)) => {
                            let [low, high] = [low, high].map(|end| figure(Some(end * factor), *decimals));
                            format!("{value} [{low}, {high}]")
                        }
                        None => value,
                    }
                }));
                row
            })
            .collect();
        table(&headers, &rows)
    }

    fn rules_table(&self) -> String {
        let headers =
            ["rule", "", "funds", "spent %", "satisfaction", "Gini", "represented %", "JR", "EJR+", "EJR", "PJR"];
        let mut rows = Vec::new();
        for rule in self.rules() {
            for column in &self.columns {
                let of = |metric: &'static str| {
                    column.mean(|poll| {
                        let (_, figures) = poll.rules.iter().find(|(known, _)| *known == rule)?;
                        figures.get(metric).copied().flatten()
                    })
                };
                let outcomes = column.funded(&rule);
                let told = outcomes.first().map_or_else(String::new, |(funded, times)| {
                    let more = if outcomes.len() > 1 {
                        format!(" ({times} of {})", column.polls.len())
                    } else {
                        String::new()
                    };
                    format!("{}{more}", funded.join(","))
                });
                let mut row = vec![rule.to_string(), self.name(column), told, percent(of("tally_spent"))];
                row.extend([figure(of("tally_satisfaction"), 3), figure(of("tally_satisfaction_gini"), 3)]);
                row.push(percent(of("tally_represented")));
                row.extend(["tally_jr", "tally_ejr_plus", "tally_ejr", "tally_pjr"].map(|metric| kept(of(metric))));
                rows.push(row);
            }
        }
        table(&headers, &rows)
    }

    /// What outcomes are worth to juries, where that was observed.
    fn jury_table(&self) -> Option<String> {
        let of = |rule: &Arc<str>, column: &Column<'_>, metric: &str| {
            column.mean(|poll| poll.rules.iter().find(|(known, _)| known == rule)?.1.get(metric).copied().flatten())
        };
        let mut rows = Vec::new();
        for (jury, name) in [(Jury::Agents, "agents"), (Jury::People, "people's profiles")] {
            let metrics = jury.metrics();
            for rule in self.rules() {
                for column in self.columns.iter().filter(|column| of(&rule, column, metrics[0]).is_some()) {
                    let mut row = vec![name.to_owned(), rule.to_string(), self.name(column)];
                    let [welfare @ .., _, _] = metrics;
                    let [means @ .., nothing] = welfare;
                    row.extend(means.map(|metric| figure(of(&rule, column, metric), 3)));
                    row.push(percent(of(&rule, column, nothing)));
                    rows.push(row);
                }
            }
        }
        let headers = ["jury", "rule", "", "utilitarian", "Nash", "harmonic", "Rawls", "Gini", "with nothing %"];
        (!rows.is_empty()).then(|| {
            format!(
                "What outcomes are worth to a jury: power means of the share of a juror's ballot that is funded\n{}",
                table(&headers, &rows)
            )
        })
    }

    /// Levels of arms and their differences, where arms are compared.
    fn effects_table(&self, effects: &[TickEffect]) -> Option<String> {
        let here = effects.iter().filter(|effect| effect.tick == self.tick && !effect.control.is_empty());
        let rows: Vec<Vec<String>> = here
            .map(|effect| {
                let name =
                    FIGURES.iter().find(|(metric, ..)| **metric == *effect.metric).map_or("", |(_, name, ..)| name);
                let contrast = format!("{} − {}", effect.treatment, effect.control);
                vec![
                    effect.society.to_string(),
                    contrast,
                    name.to_owned(),
                    change_with_interval(effect, &effect.metric),
                ]
            })
            .collect();
        (!rows.is_empty()).then(|| {
            let told = table(&["society", "arms", "of the vote", "difference [95 %]"], &rows);
            format!("What arms differ in, agents drawn anew for the intervals\n{told}")
        })
    }
}

/// Pairs of columns that are printed.
const MOST_PAIRS: usize = 10;

const LEGEND: &str = "\
named: ballots that name a project, and its share of all that was named. Intervals: agents drawn anew (percentile); with
fewer than about ten agents they are too narrow. JR, EJR+, EJR, PJR: axioms of proportionality, 1 kept, 0 not, – not
defined or not decided";

/// Whether an axiom was kept, or in what share of the replicates.
fn kept(share: Option<f64>) -> String {
    match share {
        Some(share) if share.fract().abs() < f64::EPSILON => format!("{share:.0}"),
        other => figure(other, 2),
    }
}

/// Whether an effect is on votes.
pub fn of_votes(effect: &TickEffect) -> bool {
    is_vote(&effect.mechanism)
}

/// Whether an effect is on answers to the survey, and within a society.
pub fn of_answers(effect: &TickEffect) -> bool {
    asks_the_survey(&effect.mechanism) && against(&effect.control).is_none()
}
