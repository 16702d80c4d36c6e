//! Arms set against each other by their ballots.

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::effect::Effect;
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::run::Strand;
use pluriverse_engine::seed::Purpose;
use pluriverse_worlds::budgeting::measures::uncertainty::Statistic;
use pluriverse_worlds::budgeting::measures::{Pooling, RowCounts};
use pluriverse_worlds::budgeting::vote::Elections;
use pluriverse_worlds::budgeting::vote::profile::counts_by_agent;
use pluriverse_worlds::budgeting::vote::state::{Ballots, VotePercept};
use rand::RngExt;

use super::ComparedSociety;
use super::society::{Contrast, State};

/// Streams that draw agents for intervals.
const AGENTS: Purpose = Purpose("inference.votes");

/// Agents beyond which figures have no interval.
const LOOKED_AT: usize = 2_000;

/// The name of a figure in tables.
const fn name(statistic: Statistic) -> &'static str {
    match statistic {
        Statistic::Shannon => "vote_entropy",
        Statistic::Hill1 => "vote_hill1",
        Statistic::Hill2 => "vote_hill2",
    }
}

/// One side of a contrast in one replicate.
struct Side {
    /// Its share in the estimate: below zero for the control.
    share: f64,
    counts: RowCounts,
    ballots: u64,
}

impl ComparedSociety {
    /// Every level and effect of a tick with ballots.
    pub(super) fn compare_votes(&self, strands: &[Strand], tick: u32) -> Vec<Effect> {
        let state = self.state(tick);
        let contrasts = match state {
            State::Shared => vec![Contrast::Level(0)],
            // There are no ballots from before any exposure to set others against.
            State::Forked => self.contrasts(false),
        };
        contrasts.into_iter().flat_map(|contrast| self.of_votes(strands, tick, contrast, state)).collect()
    }

    fn of_votes(&self, strands: &[Strand], tick: u32, contrast: Contrast, state: State) -> Vec<Effect> {
        let sides = self.sides_of_votes(strands, contrast, state);
        let agents = self.setting.cultures.len();
        let everybody: Vec<usize> = (0..agents).collect();
        let estimates = estimate(&sides, &everybody);
        let ends = (agents <= LOOKED_AT && agents > 1).then(|| self.ends(&sides, tick)).flatten();
        let (treatment, control) = self.names(contrast, state);
        let ballots = sides.iter().map(|side| side.ballots).sum();
        let effect = |(place, statistic): (usize, Statistic)| {
            let interval = ends.as_ref().map(|ends| ends[place]);
            Effect {
                society: self.name.clone(),
                treatment: treatment.clone(),
                control: control.clone(),
                metric: name(statistic),
                estimate: estimates.map(|estimates| estimates[place]),
                interval,
                answers: ballots,
                replicates: self.replicates as u32,
                agents: agents as u64,
                items: 0,
                resampled: if interval.is_some() { "agents" } else { "" },
                method: if interval.is_some() { "percentile" } else { "" },
                resamples: if interval.is_some() { self.resamples().len() as u32 } else { 0 },
            }
        };
        Statistic::ALL.into_iter().enumerate().map(effect).collect()
    }

    fn sides_of_votes(&self, strands: &[Strand], contrast: Contrast, state: State) -> Vec<Side> {
        let one = 1.0 / self.replicates as f64;
        let side = |share: f64, replicate: usize, arm: usize| {
            let place = self.place(replicate, (state == State::Forked).then_some(arm));
            let world = &strands[place].simulation.world;
            let design = world.resource::<VotePercept>().0?;
            let election = world.resource::<Elections>().0.get(usize::from(design.election))?;
            let projects = election.paper.instance.len();
            let ballots = &world.resource::<Ballots>().0;
            let counts = counts_by_agent(ballots, projects).ok()?;
            Some(Side { share, counts, ballots: ballots.outcomes().get(Outcome::Answered) })
        };
        let of = |replicate: usize| match contrast {
            Contrast::Level(arm) | Contrast::Before(arm) => vec![side(one, replicate, arm)],
            Contrast::Between(arm, control) => vec![side(one, replicate, arm), side(-one, replicate, control)],
        };
        (0..self.replicates).flat_map(of).flatten().collect()
    }

    /// Percentile intervals over agents, who are the same in every arm and replicate.
    fn ends(&self, sides: &[Side], tick: u32) -> Option<[(f64, f64); 3]> {
        let mut rng = self.streams.of(AGENTS).stream(AgentId(0), tick);
        let agents = self.setting.cultures.len();
        let mut drawn: [Vec<f64>; 3] = Default::default();
        for _ in 0..self.resamples().len() {
            let sample: Vec<usize> = (0..agents).map(|_| rng.random_range(0..agents as u64) as usize).collect();
            let estimates = estimate(sides, &sample)?;
            for (all, estimate) in drawn.iter_mut().zip(estimates) {
                all.push(estimate);
            }
        }
        Some(drawn.map(|mut all| {
            all.sort_unstable_by(f64::total_cmp);
            let at = |share: f64| all[((all.len() as f64 * share) as usize).min(all.len() - 1)];
            (at(0.025), at(0.975))
        }))
    }
}

/// The estimates over some agents; `None` where one side has no ballot of theirs.
fn estimate(sides: &[Side], agents: &[usize]) -> Option<[f64; 3]> {
    let mut estimates = [0.0; 3];
    for side in sides {
        let shares = side.counts.pooled(agents, Pooling::Approvals)?;
        for (sum, statistic) in estimates.iter_mut().zip(Statistic::ALL) {
            *sum += side.share * statistic.of(&shares);
        }
    }
    Some(estimates)
}
