//! Known truths: what societies made to be one thing or another come to.

use std::sync::Arc;

use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::figures::*;
use super::people::{PeopleOnItems, options_in_order};
use super::steer::Steering;
use crate::culture::Culture;
use crate::pluralism::bias::multinomial;
use crate::survey::measures::by_culture::{Group, HumanAnswers, HumanShares};
use crate::survey::{Item, Scale, Survey};

fn item(id: &str, options: usize, scale: Scale) -> Item {
    Item {
        id: Arc::from(id),
        theme: Arc::from("theme"),
        question: Arc::from("?"),
        options: (0..options).map(|option| Arc::from(option.to_string())).collect(),
        scale,
        first_code: 1,
        paper: true,
    }
}

fn survey(items: Vec<Item>) -> Survey {
    Survey { name: Arc::from("s"), source: Arc::from(""), items, aside: 0 }
}

/// People by culture, `None` for one without reference, over items by their shares.
fn people(survey: &Survey, cultures: &[Option<&[&[f64]]>]) -> PeopleOnItems {
    let of = |items: &&[&[f64]]| -> HumanShares {
        items.iter().map(|shares| Some(HumanAnswers::new(shares.to_vec()))).collect()
    };
    PeopleOnItems::new(survey, Arc::new(cultures.iter().map(|items| items.as_ref().map(of)).collect()))
}

fn group(culture: u16, options: &[u64]) -> Group {
    Group { culture: Culture(culture), options: options.to_vec(), outside: 0 }
}

fn value(found: &[Measured], name: &str) -> Option<f64> {
    found.iter().find(|measured| measured.name == name).expect("measured").mean().value
}

fn about(found: Option<f64>, expected: f64) -> bool {
    found.is_some_and(|found| (found - expected).abs() < 1e-9)
}

const LEFT: &[f64] = &[0.5, 0.3, 0.15, 0.05];
const RIGHT: &[f64] = &[0.05, 0.15, 0.3, 0.5];

#[test]
fn the_last_option_of_some_items_stands_outside_their_order() {
    for (id, options, scale, in_order) in [
        ("Q254", 5, Scale::Ordinal, 4),
        ("Q254", 4, Scale::Ordinal, 4),
        ("Q221", 4, Scale::Ordinal, 3),
        ("Q1", 4, Scale::Ordinal, 4),
        ("Q7", 2, Scale::Binary, 2),
        ("Q42", 3, Scale::Nominal, 0),
    ] {
        assert_eq!(options_in_order(&item(id, options, scale)), in_order, "{id} {options}");
    }
}

#[test]
fn one_agent_a_culture_is_read_beside_the_best_single_answer() {
    let survey = survey(vec![item("a", 4, Scale::Ordinal)]);
    let people = people(&survey, &[Some(&[LEFT])]);
    // The median of 0.5, 0.3, 0.15, 0.05 is the first option, and so is the mode.
    let found = over_cultures(&DISTRIBUTION, &[vec![group(0, &[1, 0, 0, 0])]], &people);
    assert!(about(value(&found, "distribution_w1"), 0.25), "{found:?}");
    assert!(about(value(&found, "distribution_w1_best_single"), 0.25));
    for undefined in ["variance_ratio", "entropy_gap", "distribution_jsd", "distribution_tv_nominal"] {
        assert_eq!(value(&found, undefined), None, "{undefined}");
    }
    assert_eq!(value(&found, "distribution_thin"), Some(1.0));
    let found = over_cultures(&OVERTON_OF_CULTURES, &[vec![group(0, &[1, 0, 0, 0])]], &people);
    // Three options reach a tenth of the people.
    assert!(about(value(&found, "overton_own_coverage"), 1.0 / 3.0));
    assert!(about(value(&found, "overton_own_attainable"), 1.0 / 3.0));
    assert!(about(value(&found, "overton_own_coverage_people"), (0.5 + 0.3 + 0.15) / 3.0));
}

#[test]
fn agents_who_all_answer_as_the_mode_keep_one_answer_and_no_variance() {
    let survey = survey(vec![item("a", 4, Scale::Ordinal)]);
    let people = people(&survey, &[Some(&[LEFT]), Some(&[RIGHT])]);
    let groups = [vec![group(0, &[30, 0, 0, 0]), group(1, &[0, 0, 0, 30])]];
    let found = over_cultures(&DISTRIBUTION, &groups, &people);
    assert_eq!(value(&found, "variance_ratio"), Some(0.0));
    assert!(value(&found, "entropy_gap").is_some_and(|gap| gap < -1.0));
    let pooled = pooled(&OVERTON, &groups, &people);
    // All four reach a tenth of both peoples together, and two of them are given.
    assert!(about(value(&pooled, "overton_coverage"), 0.5) && about(value(&pooled, "overton_over_reach"), 0.0));
    let steering = Steering::of(&groups, &people);
    assert_eq!(steering.identification.map(|found| found.rate), Some(1.0));
    // Both go beyond the means of their people.
    assert!(steering.steer.iter().all(|steer| steer.is_some_and(|steer| steer > 1.0)), "{:?}", steering.steer);
}

#[test]
fn agents_who_answer_uniformly_are_nobodys_people() {
    let survey = survey(vec![item("a", 4, Scale::Ordinal)]);
    let people = people(&survey, &[Some(&[LEFT]), Some(&[RIGHT])]);
    let groups = [vec![group(0, &[10; 4]), group(1, &[10; 4])]];
    let steering = Steering::of(&groups, &people);
    assert_eq!(steering.identification.map(|found| (found.rate, found.chance, found.tied)), Some((0.5, 0.5, 2)));
    assert!(about(steering.margin[0], 0.0) && about(steering.gain[0], 0.0));
    assert!(steering.steer.iter().all(|steer| steer.is_some_and(|steer| steer.abs() < 1e-9)));
    let pooled = pooled(&OVERTON, &groups, &people);
    assert!(about(value(&pooled, "overton_coverage"), 1.0));
    let own = over_cultures(&OVERTON_OF_CULTURES, &groups, &people);
    assert!(about(value(&own, "overton_own_over_reach"), 0.25), "the option of a twentieth of the people");
}

#[test]
fn agents_who_answer_as_their_people_do_reach_every_target() {
    let survey = survey(vec![item("a", 4, Scale::Ordinal), item("b", 4, Scale::Nominal)]);
    let people = people(&survey, &[Some(&[LEFT, LEFT]), Some(&[RIGHT, RIGHT])]);
    let of_item = || vec![group(0, &[50, 30, 15, 5]), group(1, &[5, 15, 30, 50])];
    let groups = [of_item(), of_item()];
    let found = over_cultures(&DISTRIBUTION, &groups, &people);
    for (name, expected) in [("distribution_w1", 0.0), ("distribution_tv_nominal", 0.0)] {
        assert!(about(value(&found, name), expected), "{name}");
    }
    assert!(value(&found, "variance_ratio").is_some_and(|ratio| (ratio - 1.0).abs() < 0.02));
    assert!(about(value(&over_cultures(&GLOBAL_OPINION_QA, &groups, &people), "global_opinion_qa"), 1.0));
    assert!(about(value(&over_cultures(&OPINION_QA, &groups, &people), "opinion_qa"), 1.0));
    let steering = Steering::of(&groups, &people);
    assert_eq!(steering.identification.map(|found| found.rate), Some(1.0));
    assert!(steering.steer.iter().all(|steer| about(*steer, 1.0)));
}

#[test]
fn nominal_items_enter_no_ordinal_formula() {
    let survey = survey(vec![item("a", 4, Scale::Nominal)]);
    let people = people(&survey, &[Some(&[LEFT]), Some(&[RIGHT])]);
    let groups = [vec![group(0, &[5, 9, 9, 9]), group(1, &[9, 9, 9, 5])]];
    let found = over_cultures(&DISTRIBUTION, &groups, &people);
    for ordinal in ["distribution_w1", "distribution_w1_people", "distribution_w1_best_single", "variance_ratio"] {
        assert_eq!(value(&found, ordinal), None, "{ordinal}");
    }
    for any in ["distribution_jsd", "distribution_jsd_people", "distribution_tv_nominal", "entropy_gap"] {
        assert!(value(&found, any).is_some(), "{any}");
    }
    assert_eq!(value(&over_cultures(&OPINION_QA, &groups, &people), "opinion_qa"), None);
    assert_eq!(people.nominal(), 1);
    let steering = Steering::of(&groups, &people);
    assert_eq!((steering.identification, steering.margin), (None, vec![None]));
}

#[test]
fn a_culture_without_reference_counts_nowhere() {
    let survey = survey(vec![item("a", 4, Scale::Ordinal)]);
    let people = people(&survey, &[Some(&[LEFT]), None]);
    let alone = [vec![group(0, &[20, 10, 5, 5])]];
    let with = [vec![group(0, &[20, 10, 5, 5]), group(1, &[0, 0, 0, 40])]];
    for figures in [&DISTRIBUTION[..], &OPINION_QA[..], &OVERTON_OF_CULTURES[..]] {
        let (alone, with) = (over_cultures(figures, &alone, &people), over_cultures(figures, &with, &people));
        for (alone, with) in alone.iter().zip(&with) {
            assert_eq!(alone.items, with.items, "{}", alone.name);
        }
        assert!(with.iter().all(|measured| measured.cultures[1].1.value.is_none()));
    }
    assert_eq!(pooled(&OVERTON, &alone, &people), pooled(&OVERTON, &with, &people));
    let steering = Steering::of(&with, &people);
    assert_eq!((steering.cultures, steering.identification), (vec![Culture(0)], None));
}

#[test]
fn the_divergence_told_is_the_one_without_the_bias_of_counting() {
    const ITEMS: usize = 6000;
    let survey = survey((0..ITEMS).map(|number| item(&number.to_string(), 4, Scale::Ordinal)).collect());
    let shares: Vec<&[f64]> = vec![LEFT; ITEMS];
    let people = people(&survey, &[Some(&shares)]);
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for (truth, n) in [(LEFT, 40), (&[0.25; 4][..], 40)] {
        let draw = |_| vec![group(0, &multinomial(truth, n, &mut rng))];
        let groups: Vec<Vec<Group>> = (0..ITEMS).map(draw).collect();
        let found = over_cultures(&DISTRIBUTION, &groups, &people);
        let exact: Vec<u64> = truth.iter().map(|share| (share * 1e9) as u64).collect();
        let true_divergence = value(
            &over_cultures(&DISTRIBUTION, &vec![vec![group(0, &exact)]; ITEMS], &people),
            "distribution_jsd_uncorrected",
        )
        .expect("answers");
        let plain = value(&found, "distribution_jsd_uncorrected").expect("answers") - true_divergence;
        let left = value(&found, "distribution_jsd").expect("answers") - true_divergence;
        assert!(plain > 0.0 && left.abs() < 0.1 * plain, "{plain} {left}");
        if truth == LEFT {
            // Agents drawn from the people themselves show what people show.
            for (figure, of_people) in [
                ("distribution_w1", "distribution_w1_people"),
                ("distribution_jsd_uncorrected", "distribution_jsd_people"),
            ] {
                let (figure, of_people) = (value(&found, figure), value(&found, of_people));
                let ratio = figure.expect("answers") / of_people.expect("answers");
                assert!((ratio - 1.0).abs() < 0.05, "{ratio}");
            }
        }
    }
}

proptest! {
    #[test]
    fn figures_stay_in_their_ranges_and_two_names_of_one_thing_agree(
        first in prop::collection::vec(0_u64..6, 5), second in prop::collection::vec(0_u64..6, 5),
        humans in prop::collection::vec(0.01_f64..1.0, 5), others in prop::collection::vec(0.01_f64..1.0, 5),
    ) {
        let normal = |shares: &[f64]| -> Vec<f64> {
            let total: f64 = shares.iter().sum();
            shares.iter().map(|share| share / total).collect()
        };
        let (humans, others) = (normal(&humans), normal(&others));
        let survey = survey(vec![item("a", 5, Scale::Ordinal)]);
        let people = people(&survey, &[Some(&[&humans]), Some(&[&others])]);
        let groups = [vec![group(0, &first), group(1, &second)]];
        let figures: Vec<FigureOf> = [&DISTRIBUTION[..], &GLOBAL_OPINION_QA, &OPINION_QA, &OVERTON_OF_CULTURES].concat();
        let found = over_cultures(&figures, &groups, &people);
        let unbounded = ["variance_ratio", "entropy_gap", "distribution_jsd"];
        for measured in found.iter().filter(|measured| !unbounded.contains(&measured.name)) {
            for value in measured.items.iter().flatten() {
                prop_assert!((-1e-12..=1.0 + 1e-12).contains(value), "{} {}", measured.name, value);
            }
        }
        if let (Some(w1), Some(score)) = (value(&found, "distribution_w1"), value(&found, "opinion_qa")) {
            prop_assert!((w1 + score - 1.0).abs() < 1e-9);
        }
        if let (Some(distance), Some(score)) =
            (value(&found, "distribution_jsd_distance"), value(&found, "global_opinion_qa"))
        {
            prop_assert!((distance + score - 1.0).abs() < 1e-9);
        }
        let pooled = pooled(&OVERTON, &groups, &people);
        if let Some(coverage) = value(&pooled, "overton_coverage") {
            prop_assert!(coverage <= value(&pooled, "overton_attainable").expect("both") + 1e-12);
        }
        let sweep = super::figures::sweep(&groups, &people);
        prop_assert_eq!(sweep[2].1.value, value(&pooled, "overton_coverage"));
        // Turned round, cultures in other places, everything else is as it was.
        let turned = Steering::of(&[vec![group(0, &second), group(1, &first)]],
            &self::people(&survey, &[Some(&[&others]), Some(&[&humans])]));
        let steering = Steering::of(&groups, &people);
        let near = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-9,
            (a, b) => a.is_none() && b.is_none(),
        };
        prop_assert!(near(steering.margin[0], turned.margin[0]) && near(steering.gain[0], turned.gain[0]));
        prop_assert!(near(steering.steer[0], turned.steer[1]) && near(steering.steer[1], turned.steer[0]));
    }
}
