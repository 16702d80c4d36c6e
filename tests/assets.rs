//! What is embedded: whole, consistent, and in its own words.

use std::collections::BTreeMap;

use pluriverse_scenarios::inputs::asset::{Asset, REFERENCES, SURVEYS};
use pluriverse_scenarios::inputs::reference::reference;
use pluriverse_scenarios::inputs::survey::{disagreements, survey};
use pluriverse_scenarios::studies::setting::Setting;
use pluriverse_worlds::survey::{Scale, Survey};
use std::path::Path;

use crate::support::{json, with_published};

fn whole_survey() -> Survey {
    let here = Path::new("");
    let reference = reference(&Asset::find(&REFERENCES, "wvs7", here).expect("embedded")).expect("readable");
    survey(&Asset::find(&SURVEYS, "wvs7-values", here).expect("embedded"), &reference).expect("readable")
}

#[test]
fn the_survey_is_the_published_set_and_happiness() {
    let survey = whole_survey();
    let paper = survey.filtered(|item| item.paper);
    assert_eq!((survey.len(), paper.len()), (224, 223));
    assert!(survey.items.iter().all(|item| item.paper || &*item.id == "Q46"));
    let mut by_options: BTreeMap<i32, usize> = BTreeMap::new();
    for item in &paper.items {
        *by_options.entry(item.option_count()).or_default() += 1;
    }
    let expected = [(2, 30), (3, 30), (4, 92), (5, 21), (7, 1), (8, 1), (10, 39), (11, 9)];
    assert_eq!(by_options, BTreeMap::from(expected));
    let zero_based = paper.items.iter().filter(|item| item.first_code == 0).count();
    assert_eq!(zero_based, 18);
    assert!(survey.items.iter().all(|item| (item.scale == Scale::Binary) == (item.options.len() == 2)));
    let themes: std::collections::BTreeSet<&str> = survey.items.iter().map(|item| &*item.theme).collect();
    assert_eq!(themes.len(), 13);
}

#[test]
fn survey_and_reference_describe_the_same_options() {
    let setting = Setting::embedded().expect("assets");
    assert_eq!(disagreements(&setting.survey, &setting.reference), Vec::<String>::new());
}

#[test]
fn items_and_shares_are_the_published_figures() {
    with_published("figures", |folder| {
        let survey = whole_survey();
        let items = std::fs::read_to_string(folder.join("figures/wvs7_items.csv")).expect("readable");
        let rows: Vec<&str> = items.lines().skip(1).collect();
        assert_eq!(rows.len(), survey.len());
        for row in rows {
            let fields: Vec<&str> = row.split(',').collect();
            let item = &survey.items[survey.position(fields[0]).expect("the item")];
            assert_eq!(item.option_count().to_string(), fields[1], "{row}");
            assert_eq!(item.first_code.to_string(), fields[2], "{row}");
        }
        let here = Path::new("");
        let embedded = reference(&Asset::find(&REFERENCES, "wvs7", here).expect("embedded")).expect("readable");
        let table = folder.join("figures/wvs7_shares.csv").display().to_string();
        let published = reference(&Asset::find(&REFERENCES, &table, here).expect("there")).expect("readable");
        for culture in published.cultures() {
            for item in &survey.items {
                let round = |shares: &Vec<(i32, f64)>| -> Vec<(i32, i64)> {
                    shares.iter().map(|&(code, share)| (code, (share * 1e6).round() as i64)).collect()
                };
                assert_eq!(
                    embedded.shares(culture, &item.id).map(round),
                    published.shares(culture, &item.id).map(round),
                    "{culture} {}",
                    item.id
                );
            }
        }
    });
}

#[test]
fn no_question_and_no_option_is_copied() {
    with_published("wording", |folder| {
        let survey = whole_survey();
        let published = json(&folder.join("recordings/value-diversity/data/wvs.json"));
        let words = |text: &str| -> Vec<String> {
            let lower = text.to_lowercase();
            let plain: String = lower.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
            plain.split_whitespace().map(str::to_owned).collect()
        };
        let mut compared = 0;
        for original in published.as_array().expect("items") {
            let item = &survey.items[survey.position(original["Q_id"].as_str().expect("id")).expect("the item")];
            let question = words(original["question"].as_str().expect("text"));
            let ours = words(&item.question);
            let shared = ours.windows(6).find(|run| question.windows(6).any(|other| other == *run));
            assert_eq!(shared, None, "{}", item.id);
            for option in original["option"].as_array().expect("options") {
                let option = words(option.as_str().expect("text"));
                if option.len() > 1 {
                    assert!(item.options.iter().all(|ours| words(ours) != option), "{} {option:?}", item.id);
                }
            }
            compared += 1;
        }
        assert_eq!(compared, 223);
    });
}

#[test]
fn a_survey_and_reference_in_the_published_layout_are_read_with_their_first_codes() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    write(
        "items.json",
        r#"[{"Q_id": "A", "question": "Well? Choose: 1. Yes 2. No", "option": ["Yes", "No"]},
            {"Q_id": "B", "question": "How much?", "option": ["0", "1", "2"]}]"#,
    );
    write(
        "people.json",
        r#"{"AAA": {"A": {"2": 0.5, "1": 0.5}, "B": {"0": 0.7, "2": 0.1}}, "BBB": {"A": {}, "B": {"1": 1.0}}}"#,
    );
    let people = reference(&Asset::find(&REFERENCES, "people.json", folder.path()).expect("there")).expect("readable");
    let survey =
        survey(&Asset::find(&SURVEYS, "items.json", folder.path()).expect("there"), &people).expect("readable");
    assert_eq!(&*survey.items[0].question, "Well? Choose:");
    assert_eq!((survey.items[0].first_code, survey.items[1].first_code), (1, 0));
    assert_eq!(people.shares("AAA", "A"), Some(&vec![(2, 0.5), (1, 0.5)]));
    assert_eq!(people.shares("BBB", "A"), None);
    assert!(disagreements(&survey, &people).is_empty());
}
