//! Everything that is told of an election, exact numbers as fractions.

use std::collections::BTreeMap;
use std::sync::Arc;

use pluriverse_worlds::budgeting::count::{Axioms, Counted};
use pluriverse_worlds::budgeting::exact::{Exact, to_f64};
use pluriverse_worlds::budgeting::measures::axioms::Cohesive;
use pluriverse_worlds::budgeting::measures::breadth::{exact_length, rate_thresholds, share_thresholds};
use pluriverse_worlds::budgeting::measures::stability::mean_jaccard;
use pluriverse_worlds::budgeting::measures::uncertainty::{Statistic, jackknife};
use pluriverse_worlds::budgeting::measures::{Breadth, Pooling, RowCounts, Satisfaction, Verdict};
use pluriverse_worlds::budgeting::pabulib::Election;
use pluriverse_worlds::budgeting::tally::{Account, Allocation, Completion, Contest, Rule, tied_outcomes};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Counting, FollowTies, breadth};

/// Ballots up to which what each has left, or its load, is told one by one.
const ONE_BY_ONE: usize = 200;

/// An election and what the rules make of it.
#[derive(Serialize)]
pub(super) struct CountedElection {
    pub(super) file: Arc<str>,
    pub(super) description: Arc<str>,
    pub(super) vote_type: &'static str,
    pub(super) budget: String,
    pub(super) ballots: usize,
    /// Voters, as they are declared to be counted.
    pub(super) voters: String,
    pub(super) projects: Vec<ToldProject>,
    /// Ids from the highest score on, those of equal score together.
    pub(super) ranking: Vec<Vec<Arc<str>>>,
    pub(super) frequency: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agents: Option<Value>,
    pub(super) rules: Vec<ToldRule>,
}

/// A project.
#[derive(Serialize)]
pub(super) struct ToldProject {
    pub(super) id: Arc<str>,
    pub(super) name: Arc<str>,
    pub(super) cost: String,
    pub(super) score: String,
    pub(super) supporters: String,
}

/// What a rule makes of an election, or why it cannot.
#[derive(Serialize)]
pub(super) struct ToldRule {
    pub(super) rule: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cannot: Option<String>,
    /// Ids in the order of funding.
    pub(super) funded: Vec<Arc<str>>,
    pub(super) steps: Vec<Value>,
    /// Choices among equals: the one taken, and all of them.
    pub(super) ties: Vec<(Arc<str>, Vec<Arc<str>>)>,
    pub(super) stop: &'static str,
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(super) account: Value,
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(super) measures: Value,
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(super) axioms: Value,
    /// Every outcome that some way of breaking ties leads to.
    #[serde(skip_serializing_if = "Irresolute::is_not_asked_for")]
    pub(super) irresolute: Irresolute,
    /// Satisfaction, for the table.
    #[serde(skip)]
    pub(super) satisfaction: Option<Satisfaction>,
    /// Verdicts, for the table.
    #[serde(skip)]
    pub(super) verdicts: Option<Axioms>,
}

/// Every outcome that some way of breaking ties leads to.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Irresolute {
    /// Nobody asked, or the rule has a completion, whose ties are told step by step.
    NotAskedFor,
    /// There are too many ways to follow.
    TooMany,
    /// These.
    Outcomes(Vec<Vec<Arc<str>>>),
}

impl Irresolute {
    fn is_not_asked_for(&self) -> bool {
        matches!(self, Self::NotAskedFor)
    }

    fn of(contest: &Contest<'_>, rule: Rule, follow: FollowTies) -> Self {
        let completed = matches!(rule, Rule::EqualShares { completion, .. } if completion != Completion::None);
        if follow == FollowTies::No || completed {
            return Self::NotAskedFor;
        }
        let outcomes = tied_outcomes(contest, rule).ok().flatten();
        let told = |outcomes: Vec<Vec<usize>>| outcomes.iter().map(|outcome| ids(contest, outcome)).collect();
        outcomes.map_or(Self::TooMany, |outcomes| Self::Outcomes(told(outcomes)))
    }
}

/// Counts an election.
pub(super) fn counted_election(
    name: &Arc<str>,
    file: &Election,
    contest: &Contest<'_>,
    counting: &Counting,
) -> CountedElection {
    let (instance, electorate) = (contest.instance, contest.electorate);
    let support = electorate.support();
    let project = |place: usize| ToldProject {
        id: instance.projects()[place].id.clone(),
        name: instance.projects()[place].name.clone(),
        cost: instance.cost(place).to_string(),
        score: contest.scores[place].to_string(),
        supporters: electorate.in_voters(support[place]).to_string(),
    };
    let description = file.meta.iter().find(|(key, _)| **key == *"description");
    CountedElection {
        file: name.clone(),
        description: description.map(|(_, text)| text.clone()).unwrap_or_default(),
        vote_type: file.profile.kind.name(),
        budget: instance.budget().to_string(),
        ballots: file.profile.voters.len(),
        voters: electorate.voters().to_string(),
        projects: (0..instance.len()).map(project).collect(),
        ranking: contest.ranking().iter().map(|group| ids(contest, group)).collect(),
        frequency: breadth(file).map(|breadth| frequency(&breadth, file, contest)),
        agents: agents(file),
        rules: counting.rules.iter().map(|&rule| told(contest, rule, counting)).collect(),
    }
}

fn ids(contest: &Contest<'_>, projects: &[usize]) -> Vec<Arc<str>> {
    projects.iter().map(|&project| contest.instance.projects()[project].id.clone()).collect()
}

fn by_id<T>(contest: &Contest<'_>, values: Vec<T>) -> BTreeMap<Arc<str>, T> {
    contest.instance.projects().iter().map(|project| project.id.clone()).zip(values).collect()
}

fn words(values: Vec<Exact>) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

fn frequency(breadth: &Breadth, file: &Election, contest: &Contest<'_>) -> Value {
    let voters = Exact::from_integer(file.profile.voters.len().into());
    let projects = contest.instance.len();
    let length = exact_length(file.profile.voters.iter().map(|voter| voter.ballot.projects.len()));
    let shares = share_thresholds(projects);
    let by_share = shares.iter().map(|at| (at.to_string(), breadth.coverage_by_share(at)));
    let rates = rate_thresholds();
    let by_rate = rates.iter().map(|at| (at.to_string(), breadth.coverage_by_rate(&voters, at)));
    json!({
        "approvals": breadth.approvals().to_string(),
        "shares": by_id(contest, words(breadth.shares())),
        "approval_rates": breadth.rates(&voters).map(|rates| by_id(contest, words(rates))),
        "shannon_nats": breadth.shannon_nats(),
        "shannon_bits": breadth.shannon_bits(),
        "evenness": breadth.evenness(),
        "hill0": breadth.hill0(),
        "hill1": breadth.hill1(),
        "hill2": breadth.hill2().to_string(),
        "hill_infinity": breadth.hill_infinity().to_string(),
        "simpson": breadth.simpson().to_string(),
        "gini_simpson": breadth.gini_simpson().to_string(),
        "simpson_unbiased": breadth.simpson_unbiased().map(|value| value.to_string()),
        "miller_madow_nats": breadth.miller_madow_nats(),
        "gini": breadth.gini().to_string(),
        "coverage_by_share": by_share.collect::<BTreeMap<_, _>>(),
        "coverage_by_rate": by_rate.collect::<BTreeMap<_, _>>(),
        "top_shares": words(breadth.top_shares(5)),
        "projects_for_half": breadth.projects_for_half(),
        "exact_length": length,
        "normalised_hill1": length.and_then(|length| breadth.normalised_hill1(length)),
        "normalised_hill2": length.and_then(|length| breadth.normalised_hill2(length)).map(|value| value.to_string()),
    })
}

/// Who cast the ballots, where the file tells.
fn agents(file: &Election) -> Option<Value> {
    let names = &file.profile.agents;
    let mut rows = vec![vec![0_u64; file.instance.len()]; names.len()];
    let mut ballots: Vec<Vec<&[usize]>> = vec![Vec::new(); names.len()];
    for voter in &file.profile.voters {
        let agent = voter.agent? as usize;
        ballots[agent].push(&voter.ballot.projects);
        for &project in &voter.ballot.projects {
            rows[agent][project] += 1;
        }
    }
    let rows = RowCounts::new(rows, file.instance.len()).ok().filter(|_| !names.is_empty())?;
    let diversity = rows.diversity(Pooling::Rows)?;
    let by_agent = |values: Vec<Value>| names.iter().cloned().zip(values).collect::<BTreeMap<_, _>>();
    let entropies = rows.entropies().into_iter().map(Value::from).collect();
    let stability = ballots.iter().map(|of| mean_jaccard(of.iter().copied()).map(|alike| alike.to_string()).into());
    let knife = |statistic| {
        let knife = jackknife(&rows, statistic, Pooling::Rows)?;
        let left_out = knife.leave_one_out.iter().map(|value| Value::from(*value)).collect();
        Some(json!({
            "estimate": knife.estimate,
            "leave_one_agent_out": by_agent(left_out),
            "standard_error": knife.standard_error,
            "bias_corrected": knife.bias_corrected,
        }))
    };
    Some(json!({
        "agents": names,
        "gamma": diversity.gamma,
        "alpha": diversity.alpha,
        "beta": diversity.beta,
        "mutual_information_nats": diversity.mutual_information,
        "shannon_nats": by_agent(entropies),
        "mean_total_variation": rows.mean_total_variation().map(|apart| apart.to_string()),
        "mean_jaccard_within": by_agent(stability.collect()),
        "jackknife": {
            "shannon_nats": knife(Statistic::Shannon),
            "hill1": knife(Statistic::Hill1),
            "hill2": knife(Statistic::Hill2),
        },
    }))
}

fn told(contest: &Contest<'_>, rule: Rule, counting: &Counting) -> ToldRule {
    let counted = match Counted::of(contest, rule, &counting.increments, counting.limit) {
        Ok(counted) => counted,
        Err(fault) => return cannot(rule, fault.to_string()),
    };
    let allocation = &counted.allocation;
    let tied = allocation.steps.iter().filter(|step| step.tied.len() > 1);
    let id = |project: usize| contest.instance.projects()[project].id.clone();
    ToldRule {
        rule: rule.name(),
        cannot: None,
        funded: ids(contest, &allocation.funded),
        steps: steps(contest, allocation),
        ties: tied.map(|step| (id(step.project), ids(contest, &step.tied))).collect(),
        stop: allocation.stop.words(),
        account: account(&allocation.account),
        measures: measures(&counted.satisfaction),
        axioms: json!({
            "JR": counted.axioms.justified_representation.as_ref().map(|verdict| told_verdict(contest, verdict)),
            "EJR_plus": counted.axioms.ejr_plus.as_ref().map(|verdict| told_verdict(contest, verdict)),
            "cardinality": cohesive(contest, &counted.axioms.cardinality),
            "cost": counted.axioms.cost.as_ref().map(|cost| cohesive(contest, cost)),
        }),
        irresolute: Irresolute::of(contest, rule, counting.follow_ties),
        satisfaction: Some(counted.satisfaction),
        verdicts: Some(counted.axioms),
    }
}

fn cannot(rule: Rule, why: String) -> ToldRule {
    ToldRule {
        rule: rule.name(),
        cannot: Some(why),
        funded: Vec::new(),
        steps: Vec::new(),
        ties: Vec::new(),
        stop: "",
        account: Value::Null,
        measures: Value::Null,
        axioms: Value::Null,
        irresolute: Irresolute::NotAskedFor,
        satisfaction: None,
        verdicts: None,
    }
}

fn steps(contest: &Contest<'_>, allocation: &Allocation) -> Vec<Value> {
    let each = allocation.steps.iter().map(|step| {
        let mut told = json!({
            "project": contest.instance.projects()[step.project].id,
            "value": step.value.as_ref().map(ToString::to_string),
            "tied": ids(contest, &step.tied),
        });
        if let (Some(payment), Some(fields)) = (&step.payment, told.as_object_mut()) {
            fields.insert("largest_payment".to_owned(), payment.largest.to_string().into());
            fields.insert("payers_of_largest".to_owned(), payment.payers.to_string().into());
            fields.insert("effective_votes".to_owned(), payment.effective_votes.to_string().into());
        }
        told
    });
    each.collect()
}

fn account(account: &Account) -> Value {
    match account {
        Account::Plain => Value::Null,
        Account::Loads { loads } => {
            let told: Vec<String> =
                (0..loads.len()).map(|ballot| loads.of(ballot).to_string()).take(ONE_BY_ONE).collect();
            json!({ "loads": (loads.len() <= ONE_BY_ONE).then_some(told) })
        }
        Account::Purses { endowment, left, raised } => {
            let told: Vec<String> =
                (0..left.len()).map(|ballot| left.of(ballot).to_string()).take(ONE_BY_ONE).collect();
            json!({
                "endowment": endowment.to_string(),
                "left_in_all": left.total().to_string(),
                "left": (left.len() <= ONE_BY_ONE).then_some(told),
                "increment": raised.as_ref().map(|raised| raised.step.to_string()),
                "increments_tried": raised.as_ref().map(|raised| raised.tried),
            })
        }
        Account::Optimum { welfare, sets } => json!({
            "optimum": welfare.to_string(),
            "optimal_sets": sets.map(|sets| sets.to_string()),
        }),
    }
}

fn measures(satisfaction: &Satisfaction) -> Value {
    let histogram: BTreeMap<String, String> =
        satisfaction.histogram.iter().map(|(funded, voters)| (funded.to_string(), voters.to_string())).collect();
    let spread = |spread: &pluriverse_worlds::budgeting::measures::satisfaction::Spread| {
        json!({
            "welfare": spread.welfare.to_string(),
            "average": spread.average.to_string(),
            "gini": spread.gini.to_string(),
            "least": spread.least.to_string(),
        })
    };
    let fair = |figure: &pluriverse_worlds::budgeting::measures::satisfaction::Figure| json!({ "exact": figure.exact.as_ref().map(ToString::to_string), "value": figure.value });
    json!({
        "total_cost": satisfaction.total_cost.to_string(),
        "budget_used": satisfaction.budget_used.as_ref().map(ToString::to_string),
        "exhaustive": satisfaction.exhaustive,
        "exhaustive_over_supported": satisfaction.exhaustive_over_supported,
        "cardinality": spread(&satisfaction.cardinality),
        "cost": spread(&satisfaction.cost),
        "share_with_a_funded_project": satisfaction.with_funded.to_string(),
        "histogram": histogram,
        "fair_share_ratio": fair(&satisfaction.fair_share.capped_ratio),
        "fair_share_closeness": fair(&satisfaction.fair_share.closeness),
        "category_proportionality": satisfaction.category_proportionality,
    })
}

fn told_verdict(contest: &Contest<'_>, verdict: &Verdict) -> Value {
    match verdict {
        Verdict::Holds => json!({ "verdict": "holds" }),
        Verdict::Violated { by } => json!({ "verdict": "violated", "by": ids(contest, by) }),
        Verdict::NotDecided => json!({ "verdict": "not decided" }),
    }
}

fn cohesive(contest: &Contest<'_>, found: &Cohesive) -> Value {
    let verdict = |verdict| told_verdict(contest, verdict);
    json!({
        "EJR": verdict(&found.ejr),
        "EJR_x_strict": verdict(&found.ejr_x),
        "EJR_1_strict": verdict(&found.ejr_1),
        "EJR_x_weak": verdict(&found.ejr_x_weak),
        "EJR_1_weak": verdict(&found.ejr_1_weak),
        "PJR": verdict(&found.pjr),
        "cohesive_sets_examined": found.sets,
        "complete": found.complete,
    })
}

/// A share as a number for tables.
pub(super) fn number(value: &Exact) -> f64 {
    to_f64(value)
}
