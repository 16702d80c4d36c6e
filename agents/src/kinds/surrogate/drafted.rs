//! Answers a surrogate takes from among several drafts.
//!
//! A draft is what it would answer: its disposition, moved by whatever moves it, and a scatter of its own. Of the drafts
//! it takes the one nearest to its disposition before anything moved it, its own stance. Drafts that are to be diverse
//! repel each other, so that they reach to both sides of where it is moved to. This is assumed, not found: no recording
//! holds drafts.

use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::Purpose;
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::survey::Cell;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::answer::{Draws, NORMAL_BITS, Situation, Statement, normal_of};
use super::model::Mind;
use crate::drafts::AnswerDrafting;

/// Streams of drafts of answers.
pub const DRAFTED: Purpose = Purpose("surrogate.drafted");

/// The same on the platform.
pub const DRAFTED_POST: Purpose = Purpose("platform.drafted");

/// Drafts of answers and what they scatter by.
pub struct Drafting {
    way: AnswerDrafting,
    normals: Vec<f64>,
    rng: ChaCha8Rng,
}

impl Drafting {
    /// `None` where an agent answers at once.
    pub fn new(way: AnswerDrafting, rng: impl FnOnce() -> ChaCha8Rng) -> Option<Self> {
        let drafts = way.drafts()?;
        Some(Self { way, normals: vec![0.0; usize::from(drafts)], rng: rng() })
    }

    /// The option among drafts around `moved` that is nearest to `stance`, from 1; of equal ones the first. Positions
    /// are normalised: 0 is the first option, 1 the last.
    fn take(&mut self, mind: &Mind, item: usize, stance: f32, moved: f32) -> u8 {
        for normal in &mut self.normals {
            *normal = f64::from(normal_of(self.rng.next_u32()));
        }
        self.way.spread(&mut self.normals);
        let span = mind.spans[item];
        let option = |normal: &f64| {
            let position = moved + mind.dispersion * *normal as f32;
            ((position * span).clamp(0.0, span) + 1.5) as u8
        };
        let far = |option: &u8| (f32::from(*option - 1) - stance * span).abs();
        let drafts = self.normals.iter().map(option);
        drafts.min_by(|one, other| far(one).total_cmp(&far(other))).unwrap_or(1)
    }
}

/// Fills an agent's row, as [`super::answer::answer_row`] does for agents that answer at once: refusals are the same.
pub fn draft_row(
    row: &mut [Cell],
    mind: &Mind,
    culture: Culture,
    draws: &Draws,
    situation: Situation<'_>,
    drafting: &mut Drafting,
) {
    let dispositions = mind.dispositions(culture);
    let trend = mind.trend(situation.asked_before);
    for (item, cell) in row.iter_mut().enumerate() {
        let person = dispositions[item] + mind.person * normal_of(draws.person(item));
        let stance = mind.pulled(person, on(situation.stance, item));
        let moved = mind.moved(stance, item, trend, &situation);
        let option = drafting.take(mind, item, stance, moved);
        let refused = draws.request(item) >> NORMAL_BITS < mind.refused_below;
        *cell = if refused { Cell::missing(Outcome::Refused) } else { Cell::answer(option) };
    }
}

/// Where a persona stands on an item, where it says.
fn on(stances: &[(u16, f32)], item: usize) -> Option<f32> {
    let place = stances.binary_search_by_key(&item, |&(place, _)| usize::from(place)).ok()?;
    Some(stances[place].1)
}

/// The option an agent takes among drafts in the middle of a round.
pub fn option_drafted(
    mind: &Mind,
    culture: Culture,
    item: usize,
    statement: &Statement,
    drafting: &mut Drafting,
) -> u8 {
    let person = mind.dispositions(culture)[item] + mind.person * normal_of(u32::from(statement.person));
    let stance = mind.pulled(person, statement.stance);
    let moved = statement.moved(mind, stance, item);
    // A place of its own in the stream: what is drafted does not depend on what was drafted before.
    drafting.rng.set_word_pos(u128::from(statement.request) << 4);
    drafting.take(mind, item, stance, moved)
}
