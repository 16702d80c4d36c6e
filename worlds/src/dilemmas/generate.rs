//! Generation of matched pairs: groups that differ in one dimension and in nothing else.

use std::collections::BTreeSet;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::dimension::Dimension;
use super::scenario::{Age, Animal, Character, Contrast, Control, Fitness, Label, Scenario, Sex, Status};

/// Draws after which a pair that has been seen before is taken all the same: short groups have few forms.
const TRIES: u32 = 64;

/// How many scenarios there are, and how large.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DilemmaSettings {
    /// Pairs of each dimension.
    pub pairs: u32,
    /// Controls.
    pub controls: u32,
    /// Most characters of a group, at least 2.
    pub largest_group: u32,
}

impl Default for DilemmaSettings {
    fn default() -> Self {
        Self { pairs: 20, controls: 9, largest_group: 5 }
    }
}

/// Settings no set can be generated with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DilemmaFault {
    /// One life more needs a second.
    #[error("`largest_group` is {largest}: more against fewer lives needs groups of at least 2")]
    SmallGroups {
        /// Most characters of a group.
        largest: u32,
    },
    /// Nothing to ask.
    #[error("there are no pairs: `pairs` must be at least 1")]
    NoPairs,
}

/// A set of dilemmas: pairs by dimension, then controls. In each the preferred side stands first in every other
/// scenario. Which they are depends on the settings and the stream alone; no country has part in it.
///
/// # Errors
/// Groups too small for the dimension of lives, or no pairs.
pub fn generate(settings: &DilemmaSettings, rng: &mut ChaCha8Rng) -> Result<Vec<Scenario>, DilemmaFault> {
    let largest = settings.largest_group;
    if largest < 2 {
        return Err(DilemmaFault::SmallGroups { largest });
    }
    if settings.pairs == 0 {
        return Err(DilemmaFault::NoPairs);
    }
    let mut scenarios = Vec::new();
    for dimension in Dimension::ALL {
        let mut seen = BTreeSet::new();
        for number in 0..settings.pairs {
            let [preferred, other] = fresh(&mut seen, || pair(dimension, largest, rng));
            let id = format!("{}-{}", dimension.name(), number + 1);
            let preferred_at = at(number);
            scenarios.push(Scenario { id, contrast: Contrast::Dimension(dimension), preferred, other, preferred_at });
        }
    }
    let mut seen = BTreeSet::new();
    for number in 0..settings.controls {
        let kind = if number.is_multiple_of(2) { Control::SameGroup } else { Control::NobodyOpposite };
        let size = 1 + number / 2 % largest;
        let preferred = fresh(&mut seen, || group(size, rng));
        let other = if kind == Control::SameGroup { preferred.clone() } else { Vec::new() };
        // Both kinds in both places.
        let preferred_at = at(number / 2);
        let id = format!("Control-{}", number + 1);
        scenarios.push(Scenario { id, contrast: Contrast::Control(kind), preferred, other, preferred_at });
    }
    Ok(scenarios)
}

const fn at(number: u32) -> Label {
    if number.is_multiple_of(2) { Label::A } else { Label::B }
}

/// What has not been drawn before, if there is any to be found.
fn fresh<T: Ord + Clone>(seen: &mut BTreeSet<T>, mut draw: impl FnMut() -> T) -> T {
    let mut drawn = draw();
    for _ in 0..TRIES {
        if !seen.contains(&drawn) {
            break;
        }
        drawn = draw();
    }
    seen.insert(drawn.clone());
    drawn
}

/// The preferred group and the other.
fn pair(dimension: Dimension, largest: u32, rng: &mut ChaCha8Rng) -> [Vec<Character>; 2] {
    if dimension == Dimension::Utilitarianism {
        let more = rng.random_range(2..=largest);
        let fewer = rng.random_range(1..more);
        let preferred = group(more, rng);
        // Those that are fewer are among those that are more: what differs is who is added.
        let other = preferred[..fewer as usize].to_vec();
        return [preferred, sorted(other)].map(sorted);
    }
    let size = rng.random_range(1..=largest);
    let both: Vec<[Character; 2]> = (0..size).map(|_| twins(dimension, rng)).collect();
    [0, 1].map(|side| sorted(both.iter().map(|twins| twins[side]).collect()))
}

/// Two characters that differ in one dimension: the preferred and the other.
fn twins(dimension: Dimension, rng: &mut ChaCha8Rng) -> [Character; 2] {
    let sex = pick([Sex::Female, Sex::Male], rng);
    let age = pick([Age::Young, Age::Adult, Age::Old], rng);
    let fitness = pick([Fitness::Fit, Fitness::Unmarked, Fitness::Unfit], rng);
    let status = pick([Status::High, Status::Unmarked, Status::Low], rng);
    let person = |sex, age, fitness, status| Character::Person { sex, age, fitness, status };
    match dimension {
        Dimension::Species => {
            let animal = pick([Animal::Dog, Animal::Cat], rng);
            [person(sex, age, fitness, status), Character::Animal(animal)]
        }
        Dimension::Gender => [Sex::Female, Sex::Male].map(|sex| person(sex, age, fitness, status)),
        Dimension::Age => [Age::Young, Age::Old].map(|age| person(sex, age, fitness, status)),
        Dimension::Fitness => [Fitness::Fit, Fitness::Unfit].map(|fitness| person(sex, age, fitness, status)),
        Dimension::SocialValue => [Status::High, Status::Low].map(|status| person(sex, age, fitness, status)),
        Dimension::Utilitarianism => [person(sex, age, fitness, status); 2],
    }
}

/// A group of people of any kind.
fn group(size: u32, rng: &mut ChaCha8Rng) -> Vec<Character> {
    (0..size).map(|_| twins(Dimension::Utilitarianism, rng)[0]).collect()
}

fn sorted(mut characters: Vec<Character>) -> Vec<Character> {
    characters.sort_unstable();
    characters
}

fn pick<T: Copy, const N: usize>(from: [T; N], rng: &mut ChaCha8Rng) -> T {
    from[rng.random_range(0..N as u32) as usize]
}

#[cfg(test)]
mod tests {
    use super::super::scenario::Order;
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    fn generated(seed: u64) -> Vec<Scenario> {
        generate(&DilemmaSettings::default(), &mut ChaCha8Rng::seed_from_u64(seed)).expect("a set")
    }

    /// A character without what a dimension is about.
    fn without(dimension: Dimension, character: Character) -> Character {
        let Character::Person { sex, age, fitness, status } = character else { return character };
        match dimension {
            Dimension::Gender => Character::Person { sex: Sex::Female, age, fitness, status },
            Dimension::Age => Character::Person { sex, age: Age::Adult, fitness, status },
            Dimension::Fitness => Character::Person { sex, age, fitness: Fitness::Unmarked, status },
            Dimension::SocialValue => Character::Person { sex, age, fitness, status: Status::Unmarked },
            Dimension::Species | Dimension::Utilitarianism => character,
        }
    }

    #[test]
    fn pairs_differ_in_their_dimension_and_in_nothing_else() {
        for scenario in generated(1) {
            let Some(dimension) = scenario.contrast.dimension() else { continue };
            assert_ne!(scenario.preferred, scenario.other, "{}", scenario.id);
            let rest = |side: &[Character]| sorted(side.iter().map(|c| without(dimension, *c)).collect());
            match dimension {
                Dimension::Species => {
                    assert_eq!(scenario.lives_apart(), 0);
                    assert!(scenario.preferred.iter().all(|c| matches!(c, Character::Person { .. })));
                    assert!(scenario.other.iter().all(|c| matches!(c, Character::Animal(_))));
                }
                Dimension::Utilitarianism => {
                    assert!(scenario.lives_apart() > 0);
                    let mut more = scenario.preferred.clone();
                    for life in &scenario.other {
                        let place = more.iter().position(|c| c == life).expect("the fewer are among the more");
                        more.remove(place);
                    }
                }
                _ => assert_eq!(rest(&scenario.preferred), rest(&scenario.other), "{}", scenario.id),
            }
        }
    }

    #[test]
    fn sets_are_balanced_distinct_and_a_function_of_their_stream() {
        let scenarios = generated(1);
        assert_eq!(scenarios.len(), 6 * 20 + 9);
        assert_eq!(scenarios, generated(1));
        assert_ne!(scenarios, generated(2));
        let ids: BTreeSet<&str> = scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
        assert_eq!(ids.len(), scenarios.len());
        for dimension in Dimension::ALL {
            let of: Vec<&Scenario> =
                scenarios.iter().filter(|s| s.contrast == Contrast::Dimension(dimension)).collect();
            assert_eq!(of.iter().filter(|scenario| scenario.preferred_at == Label::B).count(), 10);
            let distinct: BTreeSet<_> = of.iter().map(|scenario| (&scenario.preferred, &scenario.other)).collect();
            assert_eq!(distinct.len(), of.len(), "{}", dimension.name());
        }
    }

    #[test]
    fn controls_hold_the_same_group_or_nobody_opposite() {
        let controls: Vec<Scenario> = generated(1).into_iter().filter(|s| s.contrast.dimension().is_none()).collect();
        assert_eq!(controls.len(), 9);
        for scenario in &controls {
            match scenario.contrast {
                Contrast::Control(Control::SameGroup) => assert_eq!(scenario.preferred, scenario.other),
                _ => assert!(scenario.other.is_empty() && !scenario.preferred.is_empty()),
            }
        }
        for kind in [Control::SameGroup, Control::NobodyOpposite] {
            let places: BTreeSet<Label> = controls
                .iter()
                .filter(|s| s.contrast == Contrast::Control(kind))
                .map(|scenario| scenario.preferred_at)
                .collect();
            assert_eq!(places.len(), 2);
        }
    }

    #[test]
    fn swapping_the_order_exchanges_who_is_spared() {
        for scenario in generated(3) {
            for label in [Label::A, Label::B] {
                let shown = scenario.spared(label, Order::Original);
                assert_eq!(shown, scenario.spared(label.other(), Order::Swapped));
            }
            let certain = if scenario.preferred_label(Order::Original) == Label::B { 1.0 } else { 0.0 };
            assert!((scenario.spares_preferred(certain) - 1.0).abs() < 1e-15);
        }
    }

    #[test]
    fn settings_without_pairs_or_room_for_more_lives_are_refused() {
        let generated = |pairs, largest_group| {
            let settings = DilemmaSettings { pairs, largest_group, ..DilemmaSettings::default() };
            generate(&settings, &mut ChaCha8Rng::seed_from_u64(1))
        };
        assert_eq!(generated(1, 1), Err(DilemmaFault::SmallGroups { largest: 1 }));
        assert_eq!(generated(0, 5), Err(DilemmaFault::NoPairs));
        assert_eq!(generated(1, 2).expect("a set").len(), 6 + 9);
    }
}
