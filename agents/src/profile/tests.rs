//! Tests of profiles with the assets of the project.

use std::collections::BTreeMap;
use std::sync::Arc;

use pluriverse_worlds::survey::{Reference, Survey};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use ron::extensions::Extensions;
use serde::de::DeserializeOwned;

use super::marginals::Marginals;
use super::pool::{Pool, PoolFault};
use super::*;

pub(super) fn from_ron<T: DeserializeOwned>(text: &str) -> Result<T, ron::error::SpannedError> {
    let dialect = Extensions::IMPLICIT_SOME | Extensions::UNWRAP_NEWTYPES | Extensions::UNWRAP_VARIANT_NEWTYPES;
    ron::Options::default().with_default_extension(dialect).from_str(text)
}

pub(super) fn dimensions() -> Dimensions {
    from_ron(include_str!("../../../assets/dimensions.ron")).expect("the asset can be read")
}

pub(super) fn survey() -> Survey {
    from_ron(include_str!("../../../assets/surveys/wvs7-values.ron")).expect("the asset can be read")
}

fn templates() -> ProfileTemplates {
    from_ron(include_str!("../../../assets/prompts/profile.ron")).expect("the asset can be read")
}

fn words() -> ProfileWords {
    ProfileWords::new(&templates(), &dimensions()).expect("the asset is right")
}

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// The levels of somebody who gave these answers and no others.
fn levels(answers: &[(&str, i32)]) -> BTreeMap<Arc<str>, Level> {
    let held: BTreeMap<&str, [(i32, f64); 1]> = answers.iter().map(|&(item, option)| (item, [(option, 1.0)])).collect();
    dimensions().levels(|item| held.get(item).map(<[_; 1]>::as_slice))
}

fn level(dimension: &str, answers: &[(&str, i32)]) -> Option<u8> {
    levels(answers).get(dimension).map(|level| level.0)
}

#[test]
fn the_ten_dimensions_fit_the_survey() {
    let (dimensions, survey) = (dimensions(), survey());
    assert_eq!(dimensions.faults(&survey), []);
    assert_eq!(dimensions.dimensions.len(), 10);
    assert!(dimensions.dimensions.iter().all(|dimension| dimension.levels.len() == 4));
    assert_eq!(dimensions.items().len(), 28);
}

#[test]
fn answers_become_levels_by_the_corrected_rules() {
    let cases: [(&str, &[(&str, i32)], Option<u8>); 16] = [
        ("religiosity", &[("Q6", 1)], Some(0)),
        ("religiosity", &[("Q6", 4)], Some(3)),
        // A position of exactly 0 counts as any other, and a quarter of the way up is no longer the lowest level.
        ("moral_acceptability", &[("Q177", 1), ("Q178", 1)], Some(3)),
        ("child_rearing", &[("Q8", 1), ("Q14", 1), ("Q15", 2), ("Q17", 2)], Some(0)),
        ("child_rearing", &[("Q8", 1), ("Q14", 1), ("Q15", 1), ("Q17", 1)], Some(1)),
        ("child_rearing", &[("Q8", 2), ("Q14", 2), ("Q15", 2), ("Q17", 1)], Some(2)),
        ("social_trust", &[("Q57", 1)], Some(0)),
        ("national_pride", &[("Q254", 5)], None),
        ("national_pride", &[("Q254", 4)], Some(3)),
        ("gender_equality", &[("Q29", 4), ("Q30", 4), ("Q31", 4), ("Q33", 5)], Some(0)),
        ("gender_equality", &[("Q33", 3)], Some(1)),
        ("postmaterialism", &[("Q154", 4), ("Q155", 2)], Some(0)),
        ("postmaterialism", &[("Q154", 3), ("Q155", 2)], Some(1)),
        ("postmaterialism", &[("Q154", 3), ("Q155", 1)], Some(3)),
        ("tolerance", &[("Q19", 2), ("Q20", 1), ("Q21", 1), ("Q22", 1), ("Q23", 1)], Some(3)),
        ("happiness", &[("Q57", 1)], None),
    ];
    for (dimension, answers, expected) in cases {
        assert_eq!(level(dimension, answers), expected, "{dimension} {answers:?}");
    }
}

#[test]
fn every_item_of_a_dimension_counts_the_same_whatever_its_range() {
    let dimensions = dimensions();
    let politics = dimensions.by_id("political_participation").expect("a dimension");
    let held = BTreeMap::from([("Q199", [(2, 1.0)]), ("Q200", [(3, 5.0)]), ("Q209", [(1, 2.0)])]);
    let position = politics.position(|item| held.get(item).map(<[_; 1]>::as_slice)).expect("answers");
    assert!((position - (2.0 / 3.0 + 0.0 + 1.0) / 3.0).abs() < 1e-15);
}

#[test]
fn dimensions_that_cannot_be_read_off_the_survey_are_told_all_at_once() {
    let mut wrong = dimensions();
    wrong.dimensions[0].items[0].item = Arc::from("Q999");
    wrong.dimensions[1].id = wrong.dimensions[0].id.clone();
    wrong.dimensions[2].items[0].score = dimensions::Score::Rises { options: 11 };
    wrong.dimensions[3].levels.swap(0, 1);
    wrong.dimensions[4].items.clear();
    wrong.dimensions[8].items[0].score = dimensions::Score::OneOf { these: vec![1, 5], options: 4 };
    let faults: Vec<String> = wrong.faults(&survey()).iter().map(ToString::to_string).collect();
    let parts = ["no item Q999", "an id of its own", "10 options", "falls from level", "rests on no item", "not all"];
    assert_eq!(faults.len(), parts.len(), "{faults:?}");
    for part in parts {
        assert!(faults.iter().any(|fault| fault.contains(part)), "{part}: {faults:?}");
    }
}

#[test]
fn a_given_profile_is_read_checked_and_put_into_words() {
    let text = "(age: (from: 36, to: 55), sex: Female, education: Middle, income: Low, residence: Rural, \
                religion: Catholic, region: \"Bavaria\", values: {\"religiosity\": 1, \"social_trust\": 2})";
    let profile: Profile = from_ron(text).expect("a profile");
    assert_eq!(profile.faults(&dimensions()), []);
    assert_eq!(
        &*words().of(&profile),
        "You are a woman, 36 to 55 years old, with a secondary education, on a low income, living in the countryside, \
         from Bavaria, Catholic. Religion matters to you, among other things. You are wary of people you do not know."
    );
    let written = ron::to_string(&profile).expect("can be written");
    assert_eq!(ron::from_str::<Profile>(&written).expect("can be read back"), profile);

    assert!(from_ron::<Profile>("(gender: Female)").is_err());
    assert!(from_ron::<Profile>("(age: (from: 3, until: 5))").is_err());
    let wrong: Profile = from_ron("(age: (from: 9, to: 3), region: \" \", values: {\"luck\": 1, \"happiness\": 4})")
        .expect("readable all the same");
    let faults: Vec<String> = wrong.faults(&dimensions()).iter().map(ToString::to_string).collect();
    assert_eq!(faults.len(), 4, "{faults:?}");
    assert!(faults.iter().any(|fault| fault.contains("levels 0 to 3")), "{faults:?}");
}

#[test]
fn what_a_profile_does_not_tell_is_left_unsaid() {
    let cases = [
        ("()", ""),
        ("(sex: Male)", "You are a man."),
        ("(age: (from: 0, to: 35))", "You are a person, under 36."),
        ("(age: (from: 56))", "You are a person, 56 or older."),
        ("(region: \"36001\")", ""),
        ("(values: {\"happiness\": 0})", "You are very happy with your life."),
        ("(values: {\"happiness\": 9, \"luck\": 0})", ""),
    ];
    for (text, expected) in cases {
        assert_eq!(&*words().of(&from_ron(text).expect("a profile")), expected, "{text}");
    }
}

#[test]
fn a_study_may_bring_its_own_language() {
    let mut german = templates();
    german.whole = "{person}\n{values}".to_owned();
    german.person = "Sie sind {traits}.".to_owned();
    german.sex.female = "eine Frau".to_owned();
    german.region = "aus {region}".to_owned();
    german.regions = BTreeMap::from([(Arc::from("276002"), "Bayern".to_owned())]);
    german.values = BTreeMap::from([(
        Arc::from("happiness"),
        ["Sie sind sehr glücklich.", "Sie sind glücklich.", "Sie sind wenig glücklich.", "Sie sind unglücklich."]
            .map(str::to_owned)
            .to_vec(),
    )]);
    let words = ProfileWords::new(&german, &dimensions()).expect("right");
    let profile: Profile =
        from_ron("(sex: Female, region: \"276002\", values: {\"happiness\": 3})").expect("a profile");
    assert_eq!(&*words.of(&profile), "Sie sind eine Frau, aus Bayern.\nSie sind unglücklich.");

    german.ages.within = "{frist} bis {last}".to_owned();
    german.values.insert(Arc::from("tolerance"), vec!["nein".to_owned()]);
    german.values.insert(Arc::from("luck"), Vec::new());
    let errors = ProfileWords::new(&german, &dimensions()).err().expect("wrong");
    assert_eq!(errors.len(), 4, "{errors:?}");
}

/// A society of two cultures: 60 young, 30 old and 10 of unknown age in one, all of one weight; few in the other.
fn cells() -> Cells {
    let mut cells =
        Cells::new(vec![Demographic::Age, Demographic::Sex], vec![(Arc::from("Q6"), 4), (Arc::from("Q57"), 2)]);
    let (culture, other): (Arc<str>, Arc<str>) = (Arc::from("AAA"), Arc::from("BBB"));
    let bands = AgeBands::default();
    for person in 0..100_u8 {
        let age = match person {
            0..60 => Some(Trait::Age(bands.of(20))),
            60..90 => Some(Trait::Age(bands.of(70))),
            _ => None,
        };
        let sex = if person % 3 == 0 { Sex::Male } else { Sex::Female };
        let answers = [Some(if person < 60 { 3 } else { 0 }), (person < 60).then_some(person % 2)];
        cells.add(&culture, &vec![age, Some(Trait::Sex(sex))], 2.0, &answers);
    }
    cells.add(&other, &vec![None, None], 1.0, &[Some(0), None]);
    cells
}

#[test]
fn cells_too_small_give_up_their_last_trait_and_keep_their_weight() {
    let cells = cells();
    let pool = Pool::new(&cells, "AAA", 15.0, &dimensions()).expect("large enough");
    // Young men (20) and women (40) stay apart; old men are 10, so the old are told without a sex, but old women (20)
    // with it; the ten of unknown age are told as anybody of the culture.
    let of = |text: &str| {
        let wanted: Profile = from_ron(text).expect("a profile");
        let same = |found: &Profile| found.age == wanted.age && found.sex == wanted.sex;
        let entry = pool.entries().iter().find(|entry| same(&entry.profile)).expect("an entry");
        (entry.share, entry.respondents)
    };
    assert_eq!(pool.entries().len(), 5);
    assert_eq!(of("(age: (from: 0, to: 35), sex: Male)"), (0.2, 20));
    assert_eq!(of("(age: (from: 0, to: 35), sex: Female)"), (0.4, 40));
    assert_eq!(of("(age: (from: 56), sex: Female)"), (0.2, 20));
    assert_eq!(of("(age: (from: 56))"), (0.1, 30));
    assert_eq!(of("()"), (0.1, 100));
    let old = pool.entries().iter().find(|entry| entry.profile.age == Some(AgeBand { from: 56, to: None }));
    assert_eq!(old.expect("the old").profile.values, BTreeMap::from([(Arc::from("religiosity"), Level(0))]));
}

#[test]
fn profiles_are_drawn_as_often_as_their_cells_weigh_and_the_same_from_the_same_stream() {
    let pool = Pool::new(&cells(), "AAA", 15.0, &dimensions()).expect("large enough");
    let draw = |seed| {
        let mut rng = rng(seed);
        (0..4000).map(|_| pool.draw(&mut rng).clone()).collect::<Vec<_>>()
    };
    let drawn = draw(7);
    assert_eq!(drawn, draw(7));
    assert_ne!(drawn, draw(8));
    for entry in pool.entries() {
        let share = drawn.iter().filter(|profile| **profile == entry.profile).count() as f64 / 4000.0;
        assert!((share - entry.share).abs() < 0.03, "{share} for {entry:?}");
    }
}

#[test]
fn cultures_too_small_or_absent_have_no_pool() {
    let (cells, dimensions) = (cells(), dimensions());
    let fault = |culture: &str, minimum| Pool::new(&cells, culture, minimum, &dimensions).expect_err("no pool");
    assert_eq!(fault("BBB", 2.0), PoolFault::TooSmall { culture: Arc::from("BBB"), effective: 1.0, minimum: 2.0 });
    assert!(fault("CCC", 2.0).to_string().contains("AAA, BBB"));
    for minimum in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(fault("AAA", minimum), PoolFault::Minimum { .. }));
    }
    assert_eq!(Pool::new(&cells, "BBB", 1.0, &dimensions).expect("one is enough").entries().len(), 1);
}

#[test]
fn the_profile_of_a_group_is_its_traits_with_its_levels() {
    let (cells, dimensions) = (cells(), dimensions());
    let young = [Trait::Age(AgeBand { from: 0, to: Some(35) })];
    let profile = cells.profile("AAA", &young, &dimensions).expect("people");
    assert_eq!((profile.age, profile.sex), (Some(AgeBand { from: 0, to: Some(35) }), None));
    assert_eq!(profile.values[&Arc::from("religiosity")], Level(3));
    assert_eq!(profile.values[&Arc::from("social_trust")], Level(1));
    assert_eq!(cells.profile("AAA", &[], &dimensions).expect("people").values[&Arc::from("religiosity")], Level(2));
    assert_eq!(cells.profile("AAA", &[Trait::Income(Income::Low)], &dimensions), None);
}

fn reference() -> Reference {
    let mut reference = Reference::new("r", "");
    reference.insert("AAA", "Q6", vec![(4, 0.1), (1, 0.6), (2, 0.2), (-1, 0.1)]).expect("shares");
    reference.insert("AAA", "Q57", vec![(2, 0.9), (7, 5.0)]).expect("shares");
    reference
}

#[test]
fn marginals_are_drawn_item_by_item_from_their_shares() {
    let (survey, dimensions) = (survey(), dimensions());
    let marginals = Marginals::new(&reference(), "AAA", &survey, &dimensions).expect("shares");
    let mut rng = rng(3);
    let drawn: Vec<Profile> = (0..4000).map(|_| marginals.draw(&dimensions, &mut rng)).collect();
    let share = |level| {
        let on = drawn.iter().filter(|profile| profile.values[&Arc::from("religiosity")] == Level(level)).count();
        on as f64 / drawn.len() as f64
    };
    for (level, expected) in [(0, 6.0 / 9.0), (1, 2.0 / 9.0), (2, 0.0), (3, 1.0 / 9.0)] {
        assert!((share(level) - expected).abs() < 0.03, "{level}: {}", share(level));
    }
    // Codes that are no option are left out, and dimensions without shares are not told.
    assert!(drawn.iter().all(|profile| profile.values.len() == 2));
    assert!(drawn.iter().all(|profile| profile.values[&Arc::from("social_trust")] == Level(3)));
    let whole = marginals.whole(&dimensions);
    assert_eq!(whole.values[&Arc::from("religiosity")], Level(0));
    let fault = Marginals::new(&reference(), "BBB", &survey, &dimensions).expect_err("no shares");
    assert!(fault.to_string().ends_with("it holds AAA"));
}

proptest! {
    #[test]
    fn a_dimension_has_a_level_of_its_own_for_every_position(position in 0.0..=1.0_f64) {
        for dimension in dimensions().dimensions {
            let level = usize::from(dimension.level(position).0);
            prop_assert!(position >= dimension.levels[level].from);
            prop_assert!(level == 0 || position < dimension.levels[level - 1].from);
        }
    }

    #[test]
    fn shares_of_a_pool_sum_to_one_whatever_the_minimum(
        people in prop::collection::vec((0_u8..100, 0_u8..3, 0.0..3.0_f64, 0_u8..4), 1..60),
        minimum in 1.0..30.0_f64,
    ) {
        let mut cells = Cells::new(vec![Demographic::Sex, Demographic::Age], vec![(Arc::from("Q6"), 4)]);
        let bands = AgeBands::default();
        for (age, sex, weight, answer) in people {
            let sex = [None, Some(Trait::Sex(Sex::Male)), Some(Trait::Sex(Sex::Female))][usize::from(sex)].clone();
            cells.add(&Arc::from("AAA"), &vec![sex, Some(Trait::Age(bands.of(age)))], weight, &[Some(answer)]);
        }
        if let Ok(pool) = Pool::new(&cells, "AAA", minimum, &dimensions()) {
            let total: f64 = pool.entries().iter().map(|entry| entry.share).sum();
            prop_assert!((total - 1.0).abs() < 1e-9);
            prop_assert!(pool.entries().iter().all(|entry| entry.effective >= minimum));
        }
    }
}
