//! How many replicates an effect of a given size needs, from a pilot.

use super::normal::quantile;

/// Two-sided level of the test whose power is told.
pub const LEVEL: f64 = 0.05;

/// What an effect varies by.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Variation {
    /// Variance of the estimate because items, and agents where they are drawn, are few, however many replicates there
    /// are: true effects differ from one to the next.
    pub drawn: f64,
    /// Variance of a single replicate's estimate because answers are given by chance; with R replicates it is an Rth of
    /// this.
    pub chance: f64,
}

impl Variation {
    /// What the influences of items (or agents) say, replicate by replicate: treatment less control, at least two
    /// replicates of equally many. `None` for fewer.
    ///
    /// An influence varies from replicate to replicate by chance alone; what of its mean is more than that is the
    /// item's own.
    pub fn of(influences: &[&[f64]]) -> Option<Self> {
        let replicates = influences.len() as f64;
        let units = influences.first().map_or(0, |of| of.len());
        if influences.len() < 2 {
            return None;
        }
        let (mut squared_means, mut chance) = (0.0, 0.0);
        for unit in 0..units {
            let mean = influences.iter().map(|of| of[unit]).sum::<f64>() / replicates;
            squared_means += mean * mean;
            chance += influences.iter().map(|of| (of[unit] - mean).powi(2)).sum::<f64>() / (replicates - 1.0);
        }
        Some(Self { drawn: (squared_means - chance / replicates).max(0.0), chance })
    }

    /// Standard error of the effect with this many replicates.
    pub fn standard_error(&self, replicates: u64) -> f64 {
        (self.drawn + self.chance / replicates.max(1) as f64).sqrt()
    }

    /// Fewest replicates with which an effect of this size is told from none with this probability, at the two-sided
    /// level of 5 %; `None` where no number suffices, because items and agents alone make more of a difference than
    /// that.
    pub fn replicates_for(&self, effect: f64, power: f64) -> Option<u64> {
        let wanted = effect.abs() / (quantile(1.0 - LEVEL / 2.0) + quantile(power));
        let left = wanted * wanted - self.drawn;
        (left > 0.0).then(|| ((self.chance / left).ceil() as u64).max(1))
    }

    /// The smallest effect that this many replicates tell from none with this probability.
    pub fn smallest_effect(&self, replicates: u64, power: f64) -> f64 {
        (quantile(1.0 - LEVEL / 2.0) + quantile(power)) * self.standard_error(replicates)
    }

    /// What the smallest effect comes down to with ever more replicates.
    pub fn limit(&self, power: f64) -> f64 {
        (quantile(1.0 - LEVEL / 2.0) + quantile(power)) * self.drawn.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::normal::cumulative;
    use rand::RngExt;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn normal(rng: &mut ChaCha8Rng) -> f64 {
        quantile(rng.random_range(1e-12..1.0 - 1e-12))
    }

    /// Influences of 200 items in so many replicates: items differ by `own`, answers by `chance`.
    fn pilot(rng: &mut ChaCha8Rng, replicates: usize, own: f64, chance: f64) -> Vec<Vec<f64>> {
        let items: Vec<f64> = (0..200).map(|_| own * normal(rng) / 200.0).collect();
        (0..replicates).map(|_| items.iter().map(|item| item + chance * normal(rng) / 200.0).collect()).collect()
    }

    fn of(pilot: &[Vec<f64>]) -> Option<Variation> {
        Variation::of(&pilot.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    #[test]
    fn what_items_and_chance_do_is_told_apart() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for (own, chance) in [(1.0, 2.0), (0.0, 2.0), (3.0, 1.0)] {
            let (mut items, mut noise) = (0.0, 0.0);
            for _ in 0..200 {
                let pilot = pilot(&mut rng, 4, own, chance);
                let found = of(&pilot).expect("four replicates");
                items += found.drawn / 200.0;
                noise += found.chance / 200.0;
            }
            let (true_items, true_noise) = (own * own / 200.0, chance * chance / 200.0);
            assert!((noise - true_noise).abs() < 0.03 * true_noise, "{noise} {true_noise}");
            // Cut at zero, the first is a little too large where items do not differ.
            assert!((items - true_items).abs() < 0.05 * true_items + 0.06 * true_noise, "{items} {true_items}");
        }
        assert_eq!(of(&pilot(&mut rng, 1, 1.0, 1.0)), None);
    }

    #[test]
    fn as_many_replicates_as_are_told_have_the_power_that_is_asked_for() {
        let variation = Variation { drawn: 0.004, chance: 0.5 };
        for power in [0.5, 0.8, 0.95] {
            let replicates = variation.replicates_for(0.3, power).expect("enough");
            let reached = |replicates| cumulative(0.3 / variation.standard_error(replicates) - quantile(0.975));
            assert!(reached(replicates) >= power && (replicates == 1 || reached(replicates - 1) < power));
        }
        assert_eq!(variation.replicates_for(0.1, 0.8), None);
        let smallest = variation.limit(0.8);
        assert!(variation.smallest_effect(1_000_000_000, 0.8) < smallest * 1.001);
        assert_eq!(variation.replicates_for(smallest * 0.999, 0.8), None);
        assert!(variation.replicates_for(smallest * 1.001, 0.8).is_some());
    }
}
