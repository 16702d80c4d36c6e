//! Arms compared after every tick: levels, effects and their intervals.

mod between;
mod posts;
mod society;
mod votes;

use pluriverse_engine::effect::{Comparison, Effect};
use pluriverse_engine::run::Strand;
use pluriverse_engine::tick::PlannedTick;
use pluriverse_worlds::budgeting::vote::is_vote;
use pluriverse_worlds::dilemmas::asked::is_dilemmas;
use pluriverse_worlds::drafting::is_draft;
use pluriverse_worlds::network::Network;
use pluriverse_worlds::survey::state::Sheets;
use pluriverse_worlds::survey::state::is_post;

use crate::resolve::{Resolved, ResolvedSociety};
use between::Between;

pub use between::{against, difference, named};
pub use society::{ComparedSociety, Contrast, Moment, Moments, PAIRED, measures_of};

/// What an arm's own answers before any exposure are called where later ones are compared with them.
pub const BEFORE: &str = "before";

/// The comparison of a scenario's arms and societies; `None` where no society has more than one strand and none is set
/// against another.
pub fn of(resolved: &Resolved) -> Option<Box<dyn Comparison>> {
    let mut first = 0;
    let mut societies = Vec::new();
    for society in &resolved.societies {
        let strands = strands_of(resolved, society);
        if strands > 1 {
            societies.push((ComparedSociety::of(resolved, society), first));
        }
        first += strands;
    }
    let between = Between::of(resolved);
    let compares = !societies.is_empty() || between.is_some();
    compares.then(|| -> Box<dyn Comparison> { Box::new(ArmComparison { societies, between }) })
}

/// How many strands a society is run in.
pub fn strands_of(resolved: &Resolved, society: &ResolvedSociety) -> usize {
    let arms = society.strands.arms.len();
    let each = if forks(resolved, society) { arms + 1 } else { 1 };
    each * society.strands.replicates as usize
}

/// Whether the arms of a society fork from answers they have in common.
pub fn forks(resolved: &Resolved, society: &ResolvedSociety) -> bool {
    resolved.fork.is_some() && society.strands.arms.len() > 1
}

struct ArmComparison {
    /// Societies of more than one strand, each with the place of its first.
    societies: Vec<(ComparedSociety, usize)>,
    /// Societies set against each other.
    between: Option<Between>,
}

impl Comparison for ArmComparison {
    fn compare(&mut self, strands: &[Strand], tick: u32, now: &PlannedTick) -> Vec<Effect> {
        if is_draft(&now.mechanism) {
            // Drafts are compared by method, within a society.
            return Vec::new();
        }
        if is_vote(&now.mechanism) {
            let votes = |(society, first): &(ComparedSociety, usize)| society.compare_votes(&strands[*first..], tick);
            return self.societies.iter().flat_map(votes).collect();
        }
        if is_post(&now.mechanism) {
            let posts = |(society, first): &(ComparedSociety, usize)| society.compare_posts(&strands[*first..], tick);
            return self.societies.iter().flat_map(posts).collect();
        }
        if is_dilemmas(&now.mechanism) {
            // Answers to the survey did not change in such a tick.
            return Vec::new();
        }
        let of = |(society, first): &(ComparedSociety, usize)| {
            society.compare(&Live { society, strands: &strands[*first..] }, tick)
        };
        let between = self.between.iter().flat_map(|between| between.compare(strands, tick));
        self.societies.iter().flat_map(of).chain(between).collect()
    }
}

/// The strands of a society as they stand in a run.
struct Live<'a> {
    society: &'a ComparedSociety,
    /// From the society's first on.
    strands: &'a [Strand],
}

impl Moments for Live<'_> {
    fn moment(&self, replicate: usize, arm: Option<usize>) -> Moment<'_> {
        let strand = &self.strands[self.society.place(replicate, arm)];
        let world = &strand.simulation.world;
        let sheets = world.resource::<Sheets>();
        Moment {
            current: &sheets.current,
            previous: (sheets.asked > 1).then_some(&sheets.previous),
            origin: sheets.origin.as_ref(),
            network: world.resource::<Network>(),
        }
    }
}
