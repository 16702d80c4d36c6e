//! Panels of surrogates: every voice of a panel is a disposition, and how it spreads over options is known exactly.
//!
//! In the terms of the response model, with the base neutral, for persona i of culture c:
//!
//! ```text
//! base      y  = V + house_deviation·z_house                                    a model told of no country
//! persona   y' = disposition of c + own_deviation·√(1 − shared)·z_persona       a model told its country and who it is
//!           y  = y' + persona_pull·(stance − y')                                on items its words speak of
//! ```
//!
//! Each is then moved by what the agent is shown, as a surrogate's disposition is, and scatters by the dispersion: option
//! o has the probability of the normal distribution between o − ½ and o + ½. The agent's answer is drawn from the
//! panel's corrected distribution by the request's own draw.

use pluriverse_engine::outcome::Outcome;
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::inference::normal::cumulative;
use pluriverse_worlds::panel::{OptionShares, PanelSettings};
use pluriverse_worlds::survey::{Cell, Scale};
use rand_chacha::ChaCha8Rng;

use super::answer::{Draws, NORMAL_BITS, Situation};
use super::model::Mind;
use crate::kinds::panel::decision::draws;
use crate::kinds::panel::{PanelSums, decide};

/// The voices of a surrogate's panel.
#[derive(Clone, PartialEq, Debug)]
pub struct PanelMind {
    pub(super) settings: PanelSettings,
    /// By item.
    pub(super) scales: Vec<Scale>,
    /// The base's dispositions by item; by culture where it was told its country.
    pub(super) base: Vec<Vec<f32>>,
    /// By culture and persona, dispositions by item.
    pub(super) personas: Vec<Vec<Vec<f32>>>,
}

impl PanelMind {
    fn base(&self, culture: Culture) -> &[f32] {
        let own = if self.base.len() > 1 { culture.index() } else { 0 };
        self.base.get(own).map_or(&[], Vec::as_slice)
    }

    /// Fills the row of an agent whose stream of panel draws at this tick is `rng`, and sums up its decisions.
    pub fn answer_row(
        &self,
        row: &mut [Cell],
        mind: &Mind,
        culture: Culture,
        draws: &Draws,
        situation: Situation<'_>,
        rng: &ChaCha8Rng,
    ) -> PanelSums {
        let mut sums = PanelSums::default();
        let trend = mind.trend(situation.asked_before);
        for (item, cell) in row.iter_mut().enumerate() {
            let request = draws.request(item);
            if request >> NORMAL_BITS < mind.refused_below {
                *cell = Cell::missing(Outcome::Refused);
                continue;
            }
            let moved = |position: f32| f64::from(mind.moved(position, item, trend, &situation));
            *cell = self
                .option(mind, culture, item, request, &moved, rng, &mut sums)
                .map_or(Cell::missing(Outcome::Failed), Cell::answer);
        }
        sums
    }

    /// The option an agent takes on an item, its voices moved by `moved`.
    pub(super) fn option(
        &self,
        mind: &Mind,
        culture: Culture,
        item: usize,
        request: u32,
        moved: &dyn Fn(f32) -> f64,
        rng: &ChaCha8Rng,
        sums: &mut PanelSums,
    ) -> Option<u8> {
        let options = mind.spans[item] as usize + 1;
        if options < 2 {
            return Some(1);
        }
        let spread = |dispositions: &[f32]| spread(moved(dispositions[item]), f64::from(mind.dispersion), options);
        let base = spread(self.base(culture))?;
        let personas = self.personas.get(culture.index())?;
        let personas: Option<Vec<OptionShares>> = personas.iter().map(|persona| spread(persona)).collect();
        let settings = &self.settings;
        // Panels of a run were checked before it began: what is left is a culture without personas.
        let decided = decide(settings, self.scales[item], &base, &personas?, || draws(settings, rng, item)).ok()?;
        if let Some(figures) = &decided.figures {
            sums.add(culture, figures);
        }
        Some(drawn(decided.shares.as_slice(), request))
    }
}

/// How a position with normal scatter spreads over options.
fn spread(position: f64, dispersion: f64, options: usize) -> Option<OptionShares> {
    let span = (options - 1) as f64;
    // A surrogate without scatter takes the nearest option; so narrow a normal does the same.
    let dispersion = dispersion.max(1e-6);
    let below = |edge: f64| cumulative(((edge - 0.5) / span - position) / dispersion);
    let mut before = 0.0;
    let shares = (1..=options).map(|option| {
        let up_to = if option == options { 1.0 } else { below(option as f64) };
        let share = (up_to - before).max(0.0);
        before = up_to;
        share
    });
    OptionShares::new(shares.collect()).ok()
}

/// An option, from 1, by the bits of a request that scatter a surrogate's answer.
fn drawn(shares: &[f64], request: u32) -> u8 {
    let levels = 1_u32 << NORMAL_BITS;
    let mut left = (f64::from(request & (levels - 1)) + 0.5) / f64::from(levels);
    let found = shares.iter().position(|share| {
        left -= share;
        left < 0.0
    });
    let last = shares.iter().rposition(|&share| share > 0.0).unwrap_or_default();
    found.unwrap_or(last) as u8 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_spreads_as_its_scatter_says() {
        let found = spread(0.5, 0.25, 3).expect("shares");
        let middle = cumulative(1.0) - cumulative(-1.0);
        assert!((found.as_slice()[1] - middle).abs() < 1e-12, "{found:?}");
        assert!((found.as_slice()[0] - found.as_slice()[2]).abs() < 1e-12);
        assert_eq!(spread(0.9, 0.0, 4).expect("shares").as_slice(), [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(spread(-3.0, 0.1, 2).expect("shares").as_slice(), [1.0, 0.0]);
    }

    #[test]
    fn draws_follow_the_shares_and_never_leave_them() {
        let shares = [0.25, 0.0, 0.75];
        let taken = |wanted| (0..1 << NORMAL_BITS).filter(|&request| drawn(&shares, request) == wanted).count();
        assert_eq!((taken(1), taken(2)), (1024, 0));
        assert_eq!(drawn(&[1.0, 0.0], u32::MAX), 1);
    }
}
