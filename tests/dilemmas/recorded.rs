//! Moral dilemmas: recordings in the published layout to their digits where they are at hand, and the same code on recordings the
//! tests make themselves.

use std::collections::BTreeMap;
use std::path::Path;

use pluriverse_scenarios::commands::Exit;
use pluriverse_scenarios::inputs::dilemmas::{EMBEDDED, Humans, RecordedModel, recordings};
use pluriverse_scenarios::studies::dilemmas::{Constants, ModelStudy, study};
use pluriverse_worlds::dilemmas::Dimension;

use crate::support::{command, json, with_published};

const CONSTANTS: Constants = Constants { decision_temperature: 0.5, reliability_scale: 0.04 };

const HEADER: &str = "country,scenario,category,vanilla_p_spare_preferred,preferred_on_right,n_left,n_right,p_spare_preferred,\
    delta_star_1,delta_star_2,reliability_r,delta_opt_micro";

/// A recording of two countries in which vanilla is always ½, the panel's decision always 0.7 and the final one the human share
/// of GBR.
fn recording() -> String {
    let humans = Humans::find(EMBEDDED, Path::new("")).expect("embedded");
    let gap = 0.5 * libm::log(0.7 / 0.3);
    let mut lines = vec![HEADER.to_owned()];
    for country in ["BRA", "GBR"] {
        for (number, dimension) in Dimension::ALL.into_iter().enumerate() {
            let share = humans.shares["GBR"].of(dimension);
            for (side, delta) in [(0, -gap), (1, gap)] {
                let scenario = 2 * number + side;
                let reliability = libm::exp(-0.01 / 0.04);
                lines.push(format!(
                    "{country},{scenario},{},0.5,{side},1,1,{share},0.2,0.1,{reliability},{delta}",
                    dimension.name()
                ));
            }
        }
    }
    // As published: lines end the Windows way.
    lines.join("\r\n")
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

fn read(at: &Path) -> Vec<RecordedModel> {
    recordings(at, &[]).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// MIS by way and country; the empty name is the macro average.
fn misalignments(found: &ModelStudy) -> BTreeMap<(&str, &str), f64> {
    let of = |way: usize| {
        let way = &found.ways[way];
        let countries = found.countries.iter().map(String::as_str).zip(&way.score.countries);
        let each = countries.map(move |(code, country)| ((way.name, code), country.misalignment));
        each.chain([((way.name, ""), way.score.misalignment)])
    };
    (0..found.ways.len()).flat_map(of).collect()
}

#[test]
fn recorded_dilemmas_come_to_the_published_figures() {
    with_published("recorded dilemmas", |shared| {
        let oracle = json(&shared.join("oracles/disca/mis.json"));
        let beside = shared.join("recordings/disca/human_amce.json").display().to_string();
        let models = read(&shared.join("recordings/disca"));
        assert!(!models.is_empty());
        let mut rows = 0;
        // The shares beside the recordings and the embedded ones are the same people.
        for reference in [&*beside, EMBEDDED] {
            let humans = Humans::find(reference, Path::new("")).expect("a reference");
            for model in &models {
                let found = study(&model.rows, &humans.shares, CONSTANTS);
                rows += found.scenarios.len();
                assert!(found.scenarios.iter().all(|row| row.deviation() < 1e-9));
                let figures = misalignments(&found);
                for way in ["vanilla", "final", "without_prior"] {
                    let expected = |value: &serde_json::Value| value[way].as_f64().expect("a number");
                    let published = &oracle[&model.name];
                    assert!((figures[&(way, "")] - expected(&published["macro"])).abs() < 1e-9, "{} {way}", model.name);
                    for code in &found.countries {
                        let published = expected(&published["per_country"][code]);
                        assert!(
                            (figures[&(way, code.as_str())] - published).abs() < 1e-9,
                            "{} {code} {way}",
                            model.name
                        );
                    }
                }
                for (way, stated) in
                    [("constant 0.5", 0.483), ("constant 0.65", 0.227), ("mean of the other countries", 0.074)]
                {
                    assert!((figures[&(way, "")] - stated).abs() < 5e-4, "{way}");
                }
            }
        }
        assert_eq!(rows, 2 * 12_400);
    });
}

#[test]
fn a_recording_made_by_hand_comes_to_what_was_put_in() {
    let folder = folder(&[("made.csv", &recording())]);
    let models = read(folder.path());
    assert_eq!(models.iter().map(|model| &*model.name).collect::<Vec<_>>(), ["made"]);
    let humans = Humans::find(EMBEDDED, Path::new("")).expect("embedded");
    let found = study(&models[0].rows, &humans.shares, CONSTANTS);
    assert_eq!((found.scenarios.len(), &*found.countries), (24, &["BRA".to_owned(), "GBR".to_owned()][..]));
    assert!(found.furthest().expect("scenarios").deviation() < 1e-15);
    assert!(found.scenarios.iter().all(|row| (row.without_prior - 0.7).abs() < 1e-12));
    let figures = misalignments(&found);
    assert!((figures[&("vanilla", "BRA")] - figures[&("constant 0.5", "BRA")]).abs() < 1e-15);
    assert!(figures[&("final", "GBR")] < 1e-12 && figures[&("final", "BRA")] > 0.01);
    // Of two countries the mean of the others is the other: GBR's shares, for BRA.
    assert!((figures[&("final", "BRA")] - figures[&("mean of the other countries", "BRA")]).abs() < 1e-12);
    assert_eq!(found.ways.iter().map(|way| way.improved).collect::<Vec<_>>()[..3], [None, Some(2), Some(2)]);
    let last = &found.ways[1].score;
    assert_eq!((last.chance, last.identification), (0.5, Some(0.5)), "the same answers in both countries know none");
}

#[test]
fn countries_that_lack_a_dimension_are_named_and_not_scored() {
    let text: Vec<String> = recording()
        .lines()
        .filter(|line| !line.starts_with("BRA") || !line.contains("Age"))
        .map(str::to_owned)
        .collect();
    let folder = folder(&[("made.csv", &text.join("\n"))]);
    let humans = Humans::find(EMBEDDED, Path::new("")).expect("embedded");
    let found = study(&read(folder.path())[0].rows, &humans.shares, CONSTANTS);
    assert_eq!((found.countries, found.incomplete), (vec!["GBR".to_owned()], vec!["BRA".to_owned()]));
    assert_eq!(found.ways.len(), 5, "one country has no others to average");
}

#[test]
fn what_cannot_be_read_is_told_with_file_line_and_column() {
    let whole = recording();
    let cases = [
        (whole.replacen("reliability_r", "reliability", 1), "line 1: there is no column `reliability_r`"),
        (
            whole.replacen("Gender,0.5", "Gender,nan", 1),
            "line 4, column vanilla_p_spare_preferred: `nan` is not from 0 to 1",
        ),
        (
            whole.replacen("Fitness,0.5", "Fitness,", 1),
            "line 8, column vanilla_p_spare_preferred: `` is not from 0 to 1",
        ),
        (HEADER.to_owned(), "no scenario is recorded in it"),
        (String::new(), "line 1: there is no column `country`"),
    ];
    for (text, message) in cases {
        let folder = folder(&[("fine.csv", &whole), ("odd.csv", &text)]);
        let errors = recordings(folder.path(), &[]).err().expect("refused");
        assert!(errors[0].message.contains("odd.csv: ") && errors[0].message.contains(message), "{errors:?}");
        assert!(recordings(folder.path(), &["fine".to_owned()]).is_ok(), "the other one can be read");
        assert_eq!(command(&["study", "dilemmas", &folder.path().display().to_string()]), Exit::Mistake);
    }
    let nothing = folder(&[("notes.txt", "")]);
    assert!(recordings(nothing.path(), &[]).err().expect("refused")[0].message.contains("holds no recording"));
}

#[test]
fn countries_outside_the_human_reference_are_refused_unless_left_out() {
    let folder = folder(&[("made.csv", &recording().replace("BRA", "XYZ"))]);
    let path = folder.path().display().to_string();
    assert_eq!(command(&["study", "dilemmas", &path]), Exit::Mistake);
    assert_eq!(command(&["study", "dilemmas", &path, "--countries", "GBR"]), Exit::Done);
    assert_eq!(command(&["study", "dilemmas", &path, "--countries", "GRB"]), Exit::Mistake);
    let shares =
        r#"{"Species": 0.8, "Gender": 0.5, "Age": 0.7, "Fitness": 0.6, "SocialValue": 0.7, "Utilitarianism": 0.75}"#;
    let humans = format!(r#"{{"human_amce_share": {{"XYZ": {shares}, "GBR": {shares}}}}}"#);
    std::fs::write(folder.path().join("own.json"), humans).expect("written");
    let own = folder.path().join("own.json").display().to_string();
    assert_eq!(command(&["--json", "study", "dilemmas", &path, "--human", &own]), Exit::Done);
    std::fs::write(&own, "{}").expect("written");
    assert_eq!(command(&["study", "dilemmas", &path, "--human", &own]), Exit::Mistake);
}

#[test]
fn the_embedded_reference_marks_who_rests_on_few_people() {
    let humans = Humans::find(EMBEDDED, Path::new("")).expect("embedded");
    let unreliable: Vec<&str> =
        humans.shares.keys().map(String::as_str).filter(|code| humans.unreliable(code)).collect();
    assert_eq!(unreliable, ["ETH", "ZWE"]);
}
