//! What is measured on a platform, after every so many rounds and after the last.
//!
//! Activity and words are of the society's agents; shapes of threads, ties and votes are of everything on the platform,
//! with what guests do. Names begin with [`PLATFORM`].

mod attention;
mod impressions;
mod talk;
mod text;
mod ties;

use bevy_ecs::prelude::*;
use pluriverse_engine::observation::{Observation, Observations};

use self::talk::Talk;
use super::life::PostPercept;
use super::posting::{PlatformMetric, Posting};
use super::round::{History, Round};
use super::state::Platform;
use super::wording::Words;
use crate::culture::Cultures;

pub use impressions::SeenBy;
pub use text::CommonWords;

/// How the names of its metrics begin.
pub const PLATFORM: &str = "platform_";

/// The figures of the society after the round that was lived through last, by metric; none where nothing was measured.
#[derive(Resource, Clone, PartialEq, Debug, Default)]
pub struct PlatformFigures(pub Vec<(&'static str, Option<f64>)>);

impl PlatformFigures {
    /// A figure, where it was measured and is defined.
    pub fn get(&self, metric: &str) -> Option<f64> {
        self.0.iter().find(|(known, _)| *known == metric).and_then(|(_, value)| *value)
    }
}

/// A figure of the society.
fn figure(metric: &'static str, value: Option<f64>, n: u64) -> Observation {
    Observation::of_society(metric, value, n)
}

/// `Observe`: what the scenario asks for.
pub fn observe_platform(
    percept: Res<PostPercept>,
    round: Res<Round>,
    platform: Res<Platform>,
    words: Res<Words>,
    cultures: Res<Cultures>,
    history: Res<History>,
    mut seen_by: ResMut<SeenBy>,
    mut common: ResMut<CommonWords>,
    mut figures: ResMut<PlatformFigures>,
    mut observations: ResMut<Observations>,
) {
    figures.0.clear();
    let Some((_, posting)) = &percept.0 else {
        return;
    };
    if posting.observe.contains(&PlatformMetric::Impressions) {
        seen_by.take_in(&history.impressions, &words);
    }
    if !is_measured(posting, round.number) {
        return;
    }
    let talk = Talk::of(&platform);
    let mut out = Vec::new();
    for metric in &posting.observe {
        match metric {
            PlatformMetric::Attention => attention::observe(&platform, &mut out),
            PlatformMetric::Threads => talk.observe_threads(&platform, &mut out),
            PlatformMetric::Ties => ties::observe(&talk, &platform, &words, &mut out),
            PlatformMetric::Text => text::observe(&platform, &words, posting.window as usize, &mut common, &mut out),
            PlatformMetric::Impressions => seen_by.observe(&cultures, &mut out),
        }
    }
    let of_society = out.iter().filter(|figure| figure.scope == "society");
    figures.0 = of_society.map(|figure| (figure.metric, figure.value)).collect();
    observations.0.append(&mut out);
}

/// Whether a round of a phase, from 1, is one after which is measured.
const fn is_measured(posting: &Posting, round: u32) -> bool {
    round.is_multiple_of(posting.every) || round == posting.rounds
}
