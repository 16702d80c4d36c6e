//! The hot path: one agent's answers to all items, without allocation and without a string.

use std::sync::LazyLock;

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::PurposeStreams;
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::exposure::peers::RowTotals;
use pluriverse_worlds::inference::normal::quantile;
use pluriverse_worlds::survey::Cell;
use rand_chacha::rand_core::Rng;

use super::model::Mind;
use crate::kinds::panel::PanelSums;

/// Bits of a draw that pick a normal number.
pub(super) const NORMAL_BITS: u32 = 12;

/// The standard normal distribution as 4096 equally likely values: the quantiles at the middles of equal shares.
/// Small enough for the first-level cache, and the same on every machine.
static NORMAL: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let n = 1_u32 << NORMAL_BITS;
    (0..n).map(|index| quantile((f64::from(index) + 0.5) / f64::from(n)) as f32).collect()
});

/// The standard normal number that so many low bits of a draw pick.
pub(super) fn normal_of(draw: u32) -> f32 {
    NORMAL[draw as usize & ((1 << NORMAL_BITS) - 1)]
}

/// An agent's random numbers for one tick: two bytes an item for life, four bytes an item a request.
pub struct Draws {
    person: Vec<u8>,
    request: Vec<u8>,
}

impl Draws {
    /// Room for this many items.
    pub fn new(items: usize) -> Self {
        Self { person: vec![0; items * 2], request: vec![0; items * 4] }
    }

    /// Draws for an agent: the person's from tick 0 of its stream at any tick, the request's from this tick's.
    pub fn draw(&mut self, person: &PurposeStreams, request: &PurposeStreams, agent: AgentId, tick: u32) {
        person.stream(agent, 0).fill_bytes(&mut self.person);
        request.stream(agent, tick).fill_bytes(&mut self.request);
    }

    /// The person's draw for an item, for life.
    pub(super) fn person(&self, item: usize) -> u32 {
        u32::from(u16::from_le_bytes(self.person.as_chunks::<2>().0[item]))
    }

    /// The request's draw for an item.
    pub(super) fn request(&self, item: usize) -> u32 {
        u32::from_le_bytes(self.request.as_chunks::<4>().0[item])
    }
}

/// What a surrogate answers on besides its disposition.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    /// How often everything was asked before.
    pub asked_before: u32,
    /// Sums over what it is shown, where it is shown anything.
    pub shown: Option<&'a RowTotals>,
    /// Its own answers of the round before, where they are shown or remembered.
    pub own: Option<&'a [Cell]>,
    /// Where its persona stands: (place of the item, normalised position), by place.
    pub stance: &'a [(u16, f32)],
}

/// One of an agent's answers, in the middle of a round: what it would say now about an item, by what it read.
pub struct Statement {
    /// Who says it.
    pub agent: AgentId,
    /// In which round of the platform.
    pub round: u32,
    /// Bits of the person's draw for the item.
    pub person: u16,
    /// A fresh draw.
    pub request: u32,
    /// How often everything was asked before.
    pub asked_before: u32,
    /// Weighted sum of the options read, and the sum of the weights.
    pub read: (f64, f64),
    /// Where the agent's persona stands on the item, where it says.
    pub stance: Option<f32>,
}

impl Statement {
    pub(super) fn moved(&self, mind: &Mind, disposition: f32, item: usize) -> f32 {
        let (mut position, span) = (disposition, mind.spans[item]);
        position += mind.trend(self.asked_before) * (0.5 - position);
        let (sum, weights) = self.read;
        if weights > 0.0 && span > 0.0 {
            let mean = (sum as f32 / weights as f32 - 1.0) / span;
            position += mind.conformity * (mean - position);
        }
        position
    }
}

/// The option an agent would take: the model of [`answer_row`] for a single item, without refusals. `panel` is the
/// agent's stream of panel draws, where it has a panel.
pub fn option_now(mind: &Mind, culture: Culture, item: usize, statement: &Statement, panel: &PurposeStreams) -> u8 {
    if let Some(voices) = &mind.panel {
        let moved = |disposition: f32| f64::from(statement.moved(mind, disposition, item));
        let rng = panel.stream(statement.agent, statement.round);
        let mut sums = PanelSums::default();
        // Panels of a run were checked before it began; the middle is never taken.
        return voices.option(mind, culture, item, statement.request, &moved, &rng, &mut sums).unwrap_or(1);
    }
    let normal: &[f32] = &NORMAL;
    let mask = (1_usize << NORMAL_BITS) - 1;
    let span = mind.spans[item];
    let person = mind.dispositions(culture)[item] + mind.person * normal[usize::from(statement.person) & mask];
    let disposition = mind.pulled(person, statement.stance);
    let mut position = statement.moved(mind, disposition, item);
    position += mind.dispersion * normal[statement.request as usize & mask];
    ((position * span).clamp(0.0, span) + 1.5) as u8
}

impl Mind {
    /// Where a disposition is pulled to by the words of the agent's persona, where they speak of the item.
    pub(super) fn pulled(&self, disposition: f32, stance: Option<f32>) -> f32 {
        stance.map_or(disposition, |stance| disposition + self.persona_pull * (stance - disposition))
    }

    /// Where a disposition on an item is moved: by having been asked before, by the own answer, by what is shown.
    pub(super) fn moved(&self, disposition: f32, item: usize, trend: f32, situation: &Situation<'_>) -> f32 {
        let (mut position, span) = (disposition, self.spans[item]);
        position += trend * (0.5 - position);
        if let Some(own) = situation.own
            && let Some(answer) = own[item].narrow()
            && span > 0.0
        {
            position += self.anchoring * ((answer - 1) as f32 / span - position);
        }
        if let Some(shown) = situation.shown
            && shown.weights[item] > 0.0
            && span > 0.0
        {
            let mean = (shown.sums[item] as f32 / shown.weights[item] as f32 - 1.0) / span;
            position += self.conformity * (mean - position);
        }
        position
    }
}

/// Fills an agent's row.
pub fn answer_row(row: &mut [Cell], mind: &Mind, culture: Culture, draws: &Draws, situation: Situation<'_>) {
    let normal: &[f32] = &NORMAL;
    let mask = (1_usize << NORMAL_BITS) - 1;
    let dispositions = mind.dispositions(culture);
    let people = draws.person.as_chunks::<2>().0;
    let requests = draws.request.as_chunks::<4>().0;
    let trend = mind.trend(situation.asked_before);
    let (mut stances, mut spoken) = (situation.stance, next_spoken(situation.stance));
    for (index, cell) in row.iter_mut().enumerate() {
        let (span, request) = (mind.spans[index], u32::from_le_bytes(requests[index]));
        let mut stance = None;
        if index == spoken {
            stance = stances.first().map(|&(_, position)| position);
            stances = stances.get(1..).unwrap_or(&[]);
            spoken = next_spoken(stances);
        }
        if request >> NORMAL_BITS < mind.refused_below {
            *cell = Cell::missing(Outcome::Refused);
            continue;
        }
        let person = usize::from(u16::from_le_bytes(people[index])) & mask;
        let disposition = mind.pulled(dispositions[index] + mind.person * normal[person], stance);
        let mut position = mind.moved(disposition, index, trend, &situation);
        position += mind.dispersion * normal[request as usize & mask];
        // Clamped first: truncation then rounds to the nearest option.
        let option = (position * span).clamp(0.0, span) + 1.5;
        *cell = Cell::answer(option as u8);
    }
}

/// Place of the next item that a persona speaks of; no item's where there is none.
fn next_spoken(stances: &[(u16, f32)]) -> usize {
    stances.first().map_or(usize::MAX, |&(place, _)| usize::from(place))
}
