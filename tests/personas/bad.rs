//! Files that cannot be used, and what is asked of personas that cannot be had: refused with the reason.

use super::file::{PLAIN, people, write};
use super::with_microdata;
use crate::support::{ScenarioFile, loaded, mistakes_of};

const SCENARIO: &str = r#"Scenario(
    name: "bad",
    backbones: { "house": Surrogate(preset: "claude-opus-4.7") },
    items: Only(["Q57"]),
    population: [(culture: "BRA", backbone: "house", personas: Microdata(file: "wvs.csv", by: [Age, Religion] MORE))],
    timeline: [Survey],
)"#;

/// What is said of a file, and the notices of a scenario that can be run with it.
fn told(data: &str, more: &str) -> Result<Vec<String>, String> {
    let file = with_microdata(&SCENARIO.replace("MORE", more), data);
    let flat = |text: String| text.replace("│", " ").split_whitespace().collect::<Vec<_>>().join(" ");
    match loaded(&file.path(), &[], None) {
        Ok(resolved) => Ok(resolved.societies[0].strands.notices.clone()),
        Err(error) => Err(flat(error.render())),
    }
}

/// A good file with a column of religions.
fn good() -> String {
    let plain = write(&people(600, 8), PLAIN);
    let mut lines = plain.lines();
    let header = lines.next().expect("a header").replace("note", "Q289,note");
    let rows: Vec<String> = lines.map(|line| line.replace(",\"said", ",1,\"said")).collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

/// The file with the field of a column in a line (from 1) replaced.
fn with_field(data: &str, line: usize, column: &str, field: &str) -> String {
    let mut lines: Vec<String> = data.lines().map(str::to_owned).collect();
    let place = lines[0].split(',').position(|name| name == column).expect("a column");
    let mut fields: Vec<&str> = lines[line - 1].split(',').collect();
    fields[place] = field;
    let changed = fields.join(",");
    lines[line - 1] = changed;
    lines.join("\n")
}

fn renamed(data: &str, column: &str, name: &str) -> String {
    data.replacen(&format!(",{column},"), &format!(",{name},"), 1)
}

/// The line of somebody from Brazil.
fn brazilian(data: &str) -> usize {
    data.lines().position(|line| line.contains(",BRA,")).expect("somebody") + 1
}

#[test]
fn a_file_that_cannot_be_used_is_refused_with_the_reason_and_the_place() {
    let good = good();
    let line = brazilian(&good);
    let at = |column: &str| format!("wvs.csv: line {line}, column {column}:");
    let cases = [
        (String::new(), String::new(), "wvs.csv: the file is empty".to_owned()),
        (good.replace(',', "|"), String::new(), "names columns such as B_COUNTRY_ALPHA, Q260 or Q1".to_owned()),
        ("PK\u{3}\u{4}rest".to_owned(), String::new(), "an archive or a spreadsheet".to_owned()),
        (renamed(&good, "W_WEIGHT", "w"), String::new(), "line 1, column W_WEIGHT: there is no such column".to_owned()),
        (renamed(&good, "W_WEIGHT", "S017"), String::new(), "(S017 would do)".to_owned()),
        (renamed(&good, "Q289", "q"), String::new(), "line 1, column Q289: there is no such column".to_owned()),
        (renamed(&good, "Q6", "Q6A"), String::new(), "line 1, column Q6: there is no such column".to_owned()),
        (with_field(&good, line, "Q6", "7"), String::new(), format!("{} code 7 is none of", at("Q6"))),
        (with_field(&good, line, "Q6", "Very"), String::new(), format!("{} `Very` is no code", at("Q6"))),
        (with_field(&good, line, "W_WEIGHT", "-1"), String::new(), format!("{} `-1` is no weight", at("W_WEIGHT"))),
        (with_field(&good, line, "Q289", "11"), String::new(), format!("{} code 11 is none of 0 to 9", at("Q289"))),
        (
            good.replace(",BRA,", ",ARG,"),
            String::new(),
            "nobody in the file is of BRA; it has AND, ARG, DEU".to_owned(),
        ),
        (good.clone(), ", minimum: 5000.0".to_owned(), "fewer than the 5000 asked for".to_owned()),
        (good.clone(), ", minimum: 0.0".to_owned(), "a number of people from 1 on, not 0".to_owned()),
        (good.clone(), ", coding: Inverted, weights: Column(\"W\")".to_owned(), "(W_WEIGHT would do)".to_owned()),
        (good.clone(), ", ages: [5]".to_owned(), "age bands begin at 0 and rise".to_owned()),
    ];
    for (data, more, reason) in cases {
        match told(&data, &more) {
            Ok(_) => panic!("read, though {reason}"),
            Err(said) => assert!(said.contains(&reason), "{reason}\n{said}"),
        }
    }
}

#[test]
fn everything_that_is_wrong_with_a_file_is_told_at_once_and_points_at_its_name() {
    let good = good();
    let line = brazilian(&good);
    let twice = with_field(&with_field(&good, line, "Q6", "7"), line, "Q57", "no");
    let said = told(&twice, "").expect_err("refused");
    for part in ["column Q6: code 7", "column Q57: `no` is no code", "scenario.ron:5:", "2 mistakes"] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    let no_columns = renamed(&renamed(&good, "Q6", "A"), "Q289", "B");
    let said = told(&no_columns, "").expect_err("refused");
    assert!(said.contains("column Q6:") && said.contains("column Q289:"), "{said}");
}

#[test]
fn what_a_file_lacks_can_be_done_without_where_the_scenario_says_so() {
    let good = good();
    let line = brazilian(&good);
    let plain = told(&good, "").expect("read");
    assert!(!plain.iter().any(|notice| notice.contains("without weights")), "{plain:?}");
    let unweighted = told(&renamed(&good, "W_WEIGHT", "w"), ", weights: None").expect("read");
    assert!(unweighted.iter().any(|notice| notice.contains("without weights")), "{unweighted:?}");
    let unknown = told(&with_field(&good, line, "Q6", "7"), ", unknown_codes: Missing").expect("read");
    assert!(unknown.iter().any(|notice| notice.contains("Q6 (1)")), "{unknown:?}");
    let small = told(&good, ", minimum: 100.0").expect("read");
    assert!(small.iter().any(|notice| notice.contains("hold effectively fewer than 100 people")), "{small:?}");
    // What is wrong with people of other cultures is nobody's business here.
    let other = good.lines().position(|line| line.contains(",DEU,")).expect("somebody") + 1;
    assert_eq!(told(&with_field(&good, other, "Q6", "7"), "").expect("read"), plain);
}

#[test]
fn what_members_ask_for_and_cannot_have_is_told_at_once() {
    let said = mistakes_of(
        r#"Scenario(
            name: "bad",
            backbones: {
                "house": Surrogate(preset: "claude-opus-4.7", with: (persona_pull: 1.5)),
                "panel": Panel(over: "house", personas: Microdata(file: "nowhere.csv")),
            },
            population: [
                (culture: "BRA", backbone: "house", persona: "You fish.", personas: Marginals),
                (culture: "BRA", backbone: "panel", personas: Marginals),
                (culture: "BRA", backbone: "house", personas: Given([])),
                (culture: "BRA", backbone: "house", count: 1, personas: Given([(age: (from: 30, to: 29)), (sex: Male)])),
                (culture: "BRA", backbone: "house", personas: Given([(values: {"hapiness": 1, "religiosity": 7})])),
            ],
            timeline: [Survey],
        )"#,
    );
    let said = said.replace("│", " ").split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "persona_pull is 1.5",
        "nowhere.csv: No such file",
        "either `persona`, a text for all its agents, or `personas`",
        "is a panel, which answers through personas of its own",
        "nobody is given",
        "2 profiles are given to 1",
        "ages from 30 to 29 hold nobody",
        "there is no value dimension `hapiness`",
        "`religiosity` has levels 0 to 3",
        "9 mistakes",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
}

#[test]
fn a_region_or_a_study_s_own_words_are_told_as_they_are_written() {
    let file = ScenarioFile::new(
        r#"Scenario(
            name: "own",
            backbones: { "house": Surrogate(preset: "claude-opus-4.7") },
            items: Only(["Q57"]),
            population: [(culture: "BRA", backbone: "house", personas: Given([(region: "Bahia", values: {"calm": 0})]))],
            dimensions: "own.ron",
            timeline: [Survey],
        )"#,
    );
    let own = r#"Dimensions(name: "own", source: "ours", dimensions: [(id: "calm", name: "calm",
        items: [(item: "Q57", score: Falls(options: 2))],
        levels: [(from: 0.5, words: "You are calm."), (from: 0.0, words: "You are not calm.")])])"#;
    std::fs::write(file.folder().join("own.ron"), own).expect("written");
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    let persona = resolved.societies[0].agents[0].persona;
    assert_eq!(&*resolved.personas.text(persona), "You are a person, from Bahia. You are calm.");
}
