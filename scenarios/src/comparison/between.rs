//! Societies set against one of them: differences of levels and of effects, over the same items.

use std::sync::Arc;

use pluriverse_engine::effect::Effect;
use pluriverse_engine::run::Strand;
use pluriverse_worlds::exposure::design::Treatment;
use pluriverse_worlds::inference::Measure;
use pluriverse_worlds::inference::effect::Combined;

use super::society::State;
use super::{ComparedSociety, Contrast, Live, strands_of};
use crate::resolve::Resolved;

/// Stands before the name of the other society in what a figure is compared with.
const AGAINST: &str = "society ";

/// The other society and its side of the comparison; `None` where a figure is compared within its own society.
pub fn against(control: &str) -> Option<&str> {
    control.strip_prefix(AGAINST)
}

/// The name of a side of another society.
pub fn named(society: &str, side: &str) -> String {
    format!("{AGAINST}{society}, {side}")
}

/// The name of what one arm is more than another.
pub fn difference(treatment: &str, control: &str) -> String {
    format!("{treatment} − {control}")
}

/// One society and all that are set against it, each with the place of its first strand.
pub(super) struct Between {
    first: (ComparedSociety, usize),
    others: Vec<(ComparedSociety, usize)>,
}

/// The figures of one side: by contrast its name and measures.
type Figures = Vec<(Arc<str>, Vec<(Measure, Combined)>, u64)>;

impl Between {
    /// What a scenario wants; `None` where nothing is set against anything.
    pub(super) fn of(resolved: &Resolved) -> Option<Self> {
        let against = resolved.against?;
        let mut place = 0;
        let mut all = Vec::new();
        for society in &resolved.societies {
            all.push((ComparedSociety::of(resolved, society), place));
            place += strands_of(resolved, society);
        }
        let first = all.remove(against);
        // The same resamples of items for all: what items have in common with themselves cancels out.
        let resamples = first.0.resamples().clone();
        let others = all.into_iter().map(|(society, place)| (society.resampled_as(resamples.clone()), place));
        Some(Self { others: others.collect(), first })
    }

    /// Every difference after a tick of the survey.
    pub(super) fn compare(&self, strands: &[Strand], tick: u32) -> Vec<Effect> {
        let first = figures(&self.first, strands, tick);
        let of_other = |other: &(ComparedSociety, usize)| {
            let own = figures(other, strands, tick);
            differences(&other.0, &own, &self.first.0.name, &first)
        };
        self.others.iter().flat_map(of_other).collect()
    }
}

fn figures((society, place): &(ComparedSociety, usize), strands: &[Strand], tick: u32) -> Figures {
    let live = Live { society, strands: &strands[*place..] };
    let state = society.state(tick);
    let mut contrasts = match state {
        State::Shared => vec![Contrast::Level(0)],
        State::Forked => (0..society.arm_names().count()).map(Contrast::Level).collect(),
    };
    let both = society.arm_of(Treatment::Exposed).zip(society.arm_of(Treatment::ReAsk));
    if let (State::Forked, Some((exposed, re_ask))) = (state, both)
        && exposed != re_ask
    {
        contrasts.push(Contrast::Between(exposed, re_ask));
    }
    let of = |contrast| {
        let (terms, answers) = society.terms(&live, tick, contrast);
        let measures = terms.iter().map(|(measure, terms)| (*measure, Combined::of(terms, society.agents())));
        let (treatment, control) = society.names(contrast, state);
        let name = if control.is_empty() { treatment } else { Arc::from(difference(&treatment, &control)) };
        (name, measures.collect(), answers)
    };
    contrasts.into_iter().map(of).collect()
}

fn differences(society: &ComparedSociety, own: &Figures, other: &str, of_other: &Figures) -> Vec<Effect> {
    let mut effects = Vec::new();
    for (side, measures, answers) in own {
        let Some((_, others, more)) = of_other.iter().find(|(known, ..)| known == side) else {
            continue;
        };
        for (measure, combined) in measures {
            let Some((_, from)) = others.iter().find(|(known, _)| known == measure) else {
                continue;
            };
            let control = Arc::from(named(other, side));
            effects.push(society.told(*measure, &combined.less(from), (side.clone(), control), answers + more));
        }
    }
    effects
}
