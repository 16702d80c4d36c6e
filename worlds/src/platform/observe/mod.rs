//! What is measured on a platform, after every so many rounds and after the last.
//!
//! Figures are of the society's agents: what guests write is read by them and measured nowhere. Names begin with
//! [`PLATFORM`].

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
    mut observations: ResMut<Observations>,
) {
    let Some((_, posting)) = &percept.0 else {
        return;
    };
    if posting.observe.contains(&PlatformMetric::Impressions) {
        seen_by.take_in(&history.impressions, &words);
    }
    if !is_measured(posting, round.number) {
        return;
    }
    let talk = Talk::of(&platform, &words);
    let out = &mut observations.0;
    for metric in &posting.observe {
        match metric {
            PlatformMetric::Attention => attention::observe(&platform, out),
            PlatformMetric::Threads => talk.observe_threads(&platform, out),
            PlatformMetric::Ties => ties::observe(&talk, &platform, &words, out),
            PlatformMetric::Text => text::observe(&platform, &words, posting.window as usize, &mut common, out),
            PlatformMetric::Impressions => seen_by.observe(&cultures, out),
        }
    }
}

/// Whether a round of a phase, from 1, is one after which is measured.
const fn is_measured(posting: &Posting, round: u32) -> bool {
    round.is_multiple_of(posting.every) || round == posting.rounds
}
