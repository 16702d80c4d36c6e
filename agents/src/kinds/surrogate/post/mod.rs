//! Surrogates on the platform: they read, are moved by what they read, vote by agreement, and say where they stand.
//!
//! An agent's stance on an item is what the response model would answer now, with the weighted mean of the positions it
//! read within its memory in the place of peers' answers:
//!
//! ```text
//! y' = y + conformity·(Σ w·x / Σ w − y)          w = 1 + votes·log₂(1 + score) + karma·log₂(1 + karma), up to 15
//! ```
//!
//! The same holds of its answers when it is asked the survey again, so that what posting does to answers is known: it
//! is `conformity` of the way to what was read.

mod decide;
mod live;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::seed::{ArmStreams, Purpose, PurposeStreams, Streams};
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::platform::action::Sort;
use pluriverse_worlds::platform::posting::{Habits, Posting, SocialProof};
use pluriverse_worlds::platform::state::{FeedOf, Platform, Reader};
use pluriverse_worlds::survey::AnswerSheets;
use pluriverse_worlds::survey::state::Sheets;

use super::drafted::DRAFTED_POST;
use super::{AnswersBySurrogate, PERSON, Surrogates};
use crate::drafts::AnswerDrafting;
use crate::persona::{Persona, Personas};

pub use decide::{Odds, Scratch};
pub use live::{act_on_snapshot, live_to_the_end, live_until_next_turn};

/// Streams of what an agent does on the platform.
pub const ACT: Purpose = Purpose("platform.act");

/// Streams of panels that decide what is said on the platform.
const PANEL: Purpose = Purpose("platform.panel");

/// Who of a society is a surrogate, by agent: what it is and how it thinks.
#[derive(Resource, Clone, Debug, Default)]
pub struct Posters(Vec<Option<Poster>>);

/// A surrogate that posts.
type Poster = (Backbone, Culture, Persona, AnswerDrafting);

impl Posters {
    /// A surrogate.
    fn get(&self, agent: AgentId) -> Option<Poster> {
        self.0.get(agent.index()).copied().flatten()
    }
}

/// Notes once who is a surrogate: a lookup by id in place of a query an agent.
pub fn know_posters(
    agents: Query<(&AgentId, &Backbone, &Culture, &Persona, Option<&AnswerDrafting>), With<AnswersBySurrogate>>,
    sheets: Res<Sheets>,
    mut posters: ResMut<Posters>,
) {
    if posters.0.is_empty() {
        posters.0.resize(sheets.current.agents(), None);
        for (agent, &backbone, &culture, &persona, way) in &agents {
            posters.0[agent.index()] = Some((backbone, culture, persona, way.copied().unwrap_or_default()));
        }
    }
}

/// What surrogates decide by.
pub struct Deciding<'a> {
    posting: &'a Posting,
    odds: Odds,
    proof: SocialProof,
    posters: &'a Posters,
    surrogates: &'a Surrogates,
    personas: &'a Personas,
    answers: &'a AnswerSheets,
    person: PurposeStreams,
    act: PurposeStreams,
    panel: PurposeStreams,
    drafted: PurposeStreams,
    asked_before: u32,
    /// The round of the platform, and over how many rounds positions that were read are kept.
    round: u32,
    window: u32,
    /// How impressions are written: of every so many-th agent; 0 of nobody.
    every: u32,
    /// The feed of everybody's posts, where it is the same for all who read it in this round.
    hot: Option<Vec<u32>>,
}

impl<'a> Deciding<'a> {
    fn new(
        posting: &'a Posting,
        (posters, surrogates, personas): (&'a Posters, &'a Surrogates, &'a Personas),
        sheets: &'a Sheets,
        (streams, arm): (&Streams, &ArmStreams),
        (round, window): (u32, u32),
    ) -> Self {
        use pluriverse_worlds::platform::posting::{RecordImpressions, Visible};
        let shown = |visible: Visible, weight: f64| if visible == Visible::Shown { weight } else { 0.0 };
        let every = match posting.impressions {
            RecordImpressions::None => 0,
            RecordImpressions::Sample(every) => every,
            RecordImpressions::All => 1,
        };
        let proof = SocialProof {
            votes: shown(posting.votes, posting.proof.votes),
            karma: shown(posting.karma, posting.proof.karma),
        };
        Self {
            posting,
            odds: Odds::of(&posting.habits),
            proof,
            posters,
            surrogates,
            personas,
            answers: &sheets.current,
            person: streams.of(PERSON),
            act: arm.0.of(ACT),
            panel: arm.0.of(PANEL),
            drafted: arm.0.of(DRAFTED_POST),
            asked_before: sheets.asked,
            round,
            window,
            every,
            hot: None,
        }
    }

    /// Reads the feed of everybody's posts once for all, where the platform stands still and its order is the same at
    /// every moment.
    fn read_together(&mut self, platform: &Platform) {
        if platform.rules().ranker.is_steady() {
            let mut reader = Reader::default();
            let limit = self.posting.budget.feed.min(100) as usize;
            // Nothing is drawn for a steady order.
            platform.feed(FeedOf::Everybody, Sort::Hot, limit, platform.now(), &mut |_| 0, &mut reader);
            self.hot = Some(reader.posts);
        }
    }

    fn habits(&self) -> &Habits {
        &self.posting.habits
    }
}
