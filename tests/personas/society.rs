//! Societies of people.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pluriverse_agents::profile::Demographic;
use pluriverse_agents::profile::microdata::MicrodataSettings;
use pluriverse_agents::profile::tally::ItemTally;
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_scenarios::commands::Exit;
use pluriverse_scenarios::inputs::microdata;
use pluriverse_tests::{Act, Arrival, Loopback, chosen_option};

use super::file::{CULTURES, CellName, Layout, PLAIN, Person, dimensions, level, mean, people, survey, write};
use super::{personas, with_microdata};
use crate::run_directory::answers;
use crate::support::{FinishedRun, ScenarioFile, command, digests, json, loaded, run};

const DRAWN: &str = r#"Scenario(
    name: "drawn",
    backbones: { "house": Surrogate(preset: "claude-opus-4.7") },
    items: Only(["Q6", "Q57"]),
    population: [(cultures: ["BRA", "DEU", "NGA"], backbone: "house", count: 1500,
        personas: Microdata(file: "wvs.csv", by: [Age, Sex, Education], minimum: 1.0))],
    timeline: [Survey],
    observe: [],
    record: (network: None),
)"#;

const MIXED: &str = r#"Scenario(
    name: "mixed",
    backbones: { "house": Surrogate(preset: "claude-3.5-haiku") },
    population: [
        (cultures: ["BRA", "DEU"], backbone: "house", count: 3, personas: Microdata(file: "wvs.csv")),
        (cultures: ["BRA", "NZL"], backbone: "house", count: 3, personas: Marginals),
        (culture: "CHN", backbone: "house", count: 3, personas: Given([
            (sex: Female, values: {"religiosity": 0}), (region: "Anhui", values: {"social_trust": 3}),
        ])),
        (culture: "MEX", backbone: "house", count: 2),
    ],
    arms: [Exposed, ReAsk],
    timeline: [Survey, Exposure(rounds: 2), Vote(), Post(rounds: 1), Survey],
)"#;

const ASKED: &str = r#"Scenario(
    name: "asked",
    backbones: { "model": OpenAi(base_url: "URL", model: "loopback-1", backoff: 0.01) },
    items: Only(["Q1", "Q57"]),
    population: [
        (culture: "BRA", backbone: "model", count: 2, personas: Microdata(file: "wvs.csv", by: [Age])),
        (culture: "NZL", backbone: "model", count: 3, personas: Given([
            (age: (from: 20, to: 29), sex: Female, education: Higher, residence: Rural, religion: NoReligion,
                region: "Otago", values: {"religiosity": 3, "happiness": 0}),
            (income: Low),
        ])),
    ],
    timeline: [Survey],
)"#;

fn carried(file: &ScenarioFile, set: &[&str], threads: usize, order: SystemOrder) -> FinishedRun {
    let resolved = loaded(&file.path(), set, None).unwrap_or_else(|error| panic!("{}", error.render()));
    run(&resolved, threads, order)
}

fn simply(file: &ScenarioFile, set: &[&str]) -> FinishedRun {
    carried(file, set, 2, SystemOrder::AsRegistered)
}

fn server() -> Loopback {
    let say = |arrival: &Arrival| Act::Say(format!("\\boxed{{{}}}", chosen_option(&arrival.body).min(2)));
    Loopback::start(move |arrival| (Duration::from_millis(1), say(arrival)))
}

fn systems(server: &Loopback) -> BTreeSet<String> {
    let text = |arrival: &Arrival| arrival.body["messages"][0]["content"].as_str().unwrap_or_default().to_owned();
    server.arrivals().iter().map(text).collect()
}

#[test]
fn cells_of_twenty_thousand_people_have_the_weighted_means_they_were_made_from() {
    let people = people(20_000, 1);
    let file = with_microdata("", &write(&people, PLAIN));
    let (survey, items) = (survey(), dimensions().items());
    let cross = vec![Demographic::Education, Demographic::Age, Demographic::Sex];
    let settings = MicrodataSettings { cross, ..MicrodataSettings::default() };
    let (read, _) = microdata::read(&file.folder().join("wvs.csv"), "wvs.csv", &survey, &items, &settings)
        .unwrap_or_else(|errors| panic!("{}", errors[0].message));
    assert_eq!(read.respondents, 20_000);
    let mut by_cell: BTreeMap<CellName, Vec<&Person>> = BTreeMap::new();
    for person in &people {
        by_cell.entry(person.cell()).or_default().push(person);
    }
    let cells = CULTURES.map(|code| read.cells.of_culture(code).count());
    assert_eq!(cells.iter().sum::<usize>(), by_cell.len());
    let (mut seen, mut compared) = (0, 0);
    for culture in CULTURES {
        for (key, tally) in read.cells.of_culture(culture) {
            let of_cell = |members: &&Vec<&Person>| {
                members[0].culture == culture
                    && members.len() as u64 == tally.respondents()
                    && (members.iter().map(|person| person.weight).sum::<f64>() - tally.weight()).abs() < 1e-9
            };
            let members = by_cell.values().find(of_cell).unwrap_or_else(|| panic!("{culture} {key:?}"));
            seen += members.len();
            for id in &items {
                let first = survey.items[survey.position(id).expect("an item")].first_code;
                let found = read.cells.answers(tally, id).and_then(ItemTally::mean);
                let expected = mean(members.iter().copied(), id).map(|mean| mean - f64::from(first) + 1.0);
                match (found, expected) {
                    (Some(found), Some(expected)) => assert!((found - expected).abs() < 1e-9, "{key:?} {id}"),
                    other => assert_eq!(other, (None, None), "{key:?} {id}"),
                }
                compared += 1;
            }
        }
    }
    assert_eq!((seen, compared), (20_000, by_cell.len() * items.len()));
}

#[test]
fn agents_are_people_of_their_culture_s_cells_as_often_as_the_cells_weigh() {
    let people = people(20_000, 2);
    let finished = simply(&with_microdata(DRAWN, &write(&people, PLAIN)), &[]);
    let rows = personas(&finished.directory());
    assert_eq!(rows.len(), 4500);
    let mut members: BTreeMap<CellName, Vec<&Person>> = BTreeMap::new();
    for person in &people {
        members.entry(person.cell()).or_default().push(person);
    }
    let mut drawn: BTreeMap<&CellName, f64> = BTreeMap::new();
    for row in &rows {
        *drawn.entry(&row.cell).or_default() += 1.0 / 1500.0;
    }
    for row in rows.iter().take(400) {
        let members = || members[&row.cell].iter().copied();
        let religiosity = mean(members(), "Q6").map(|mean| level((4.0 - mean) / 3.0));
        assert_eq!(row.values.get("religiosity").copied(), religiosity, "{:?}", row.cell);
        let moral = (177..=182).filter_map(|item| mean(members(), &format!("Q{item}")));
        let moral: Vec<f64> = moral.map(|mean| (mean - 1.0) / 9.0).collect();
        let moral = level(moral.iter().sum::<f64>() / moral.len() as f64);
        assert_eq!(row.values["moral_acceptability"], moral, "{:?}", row.cell);
    }
    let weight_of = |members: &[&Person]| members.iter().map(|person| person.weight).sum::<f64>();
    let of = |cell: &CellName| -> f64 {
        let of_culture = members.iter().filter(|(other, _)| other.0 == cell.0);
        weight_of(&members[cell]) / of_culture.map(|(_, members)| weight_of(members)).sum::<f64>()
    };
    let mut total = 0.0;
    for (cell, share) in drawn {
        let expected = of(cell);
        let error = (expected * (1.0 - expected) / 1500.0).sqrt();
        assert!((share - expected).abs() < 4.5 * error, "{cell:?}: {share} against {expected}");
        total += expected;
    }
    assert!(total > 2.99, "{total}");
}

#[test]
fn how_a_file_is_laid_out_makes_no_other_people() {
    let people = people(3_000, 3);
    let of = |layout| {
        simply(&with_microdata(DRAWN, &write(&people, layout)), &["population=[(cultures: [\"BRA\", \"DEU\"], backbone: \"house\", count: 50, personas: Microdata(file: \"wvs.csv\"))]"]).files()["personas.parquet"].clone()
    };
    let plain = of(PLAIN);
    for layout in [
        Layout { separator: ';', preamble: "World Values Survey\nWave 7;;;\n\n", ..PLAIN },
        Layout { separator: '\t', preamble: "\u{feff}", inverted: true },
    ] {
        assert_eq!(of(layout), plain, "{:?}", layout.separator);
    }
}

#[test]
fn people_are_the_same_on_any_number_of_threads_and_differ_between_seeds() {
    let file = with_microdata(MIXED, &write(&people(4_000, 4), PLAIN));
    let one = carried(&file, &[], 1, SystemOrder::AsRegistered);
    assert_eq!(carried(&file, &[], 4, SystemOrder::Shuffled(5)).digests(), one.digests());
    let rows = personas(&one.directory());
    let sources: Vec<&str> = rows.iter().map(|row| &*row.source).collect();
    let counts = ["microdata", "marginals", "given"].map(|source| sources.iter().filter(|of| **of == source).count());
    assert_eq!(counts, [6, 6, 3]);
    // An agent is the same person whatever else is in the scenario's timeline or arms.
    let alone = simply(&file, &["arms=[Exposed]", "timeline=[Survey]"]);
    assert_eq!(personas(&alone.directory()), rows);
    assert_ne!(personas(&simply(&file, &["seed=9", "timeline=[Survey]", "arms=[Exposed]"]).directory()), rows);
}

#[test]
fn surrogates_are_pulled_to_where_the_words_of_their_persona_stand_and_no_further() {
    let text = |personas: &str| {
        format!(
            r#"Scenario(
                name: "pulled",
                backbones: {{ "house": Surrogate(preset: "claude-opus-4.7", with: (dispersion: 0.0, refusal: 0.0)) }},
                items: Only(["Q1", "Q6", "Q57", "Q254"]),
                population: [(culture: "BRA", backbone: "house", count: 4{personas})],
                timeline: [Survey],
            )"#
        )
    };
    let given = text(
        ", personas: Given([(values: {\"religiosity\": 0, \"social_trust\": 3}), (values: {\"religiosity\": 3})])",
    );
    let of = |text: &str, set: &[&str]| {
        let finished = simply(&ScenarioFile::new(text), set);
        let mut found = BTreeMap::new();
        for row in answers(&finished.directory()) {
            found.insert((row.agent, row.item), row.answer);
        }
        found
    };
    let pull = |by: &str| format!("backbones.house.with.persona_pull={by}");
    let plain = of(&text(""), &[]);
    assert_eq!(of(&given, &[&pull("0.0")]), plain);
    let all = of(&given, &[&pull("1.0")]);
    for agent in 0..4 {
        let on = |item: &str| all[&(agent, item.to_owned())];
        assert_eq!(on("Q6"), Some(if agent % 2 == 0 { 1 } else { 4 }));
        if agent % 2 == 0 {
            assert_eq!(on("Q57"), Some(2));
        }
        // Nobody's words speak of these.
        for item in ["Q1", "Q254"] {
            assert_eq!(on(item), plain[&(agent, item.to_owned())]);
        }
    }
    assert_eq!(of(&given, &[]), of(&given, &[&pull("0.5")]));
}

#[test]
fn models_are_told_who_they_are() {
    let server = server();
    let file = with_microdata(&ASKED.replace("URL", &server.url()), &write(&people(2_000, 5), PLAIN));
    let rows = personas(&simply(&file, &[]).directory());
    let told = systems(&server);
    let otago = "You are a woman, 20 to 29 years old, with a higher education, living in the countryside, from Otago, \
                 without a religion. Religion has no place in your life. You are very happy with your life.";
    assert!(told.iter().any(|text| text.ends_with(otago)), "{told:#?}");
    assert!(told.iter().any(|text| text.contains("on a low income")), "{told:#?}");
    let ages = [(Some(0), "under 36"), (Some(36), "36 to 55 years old"), (Some(56), "56 or older")];
    for row in rows.iter().filter(|row| row.source == "microdata") {
        let words = ages.iter().find(|(from, _)| *from == row.cell.1).map_or("", |(_, words)| words);
        assert!(told.iter().any(|text| text.contains("Brazil") && text.contains(words)), "{row:?} {told:#?}");
    }
    let of_given: Vec<i64> = rows.iter().filter(|row| row.source == "given").map(|row| row.agent).collect();
    assert_eq!((rows.len(), of_given.len()), (5, 3));
}

#[test]
fn a_run_with_people_that_was_stopped_ends_as_if_it_had_not_been_and_replays() {
    let server = server();
    let file = with_microdata(&ASKED.replace("URL", &server.url()), &write(&people(2_000, 6), PLAIN));
    let [whole, stopped] = ["whole", "stopped"].map(|name| file.folder().join(name));
    let carry = |directory: &std::path::Path, more: &[&str]| {
        let out = directory.display().to_string();
        command(&[&["run", "-q", "--json", &file.path(), "--out", &out][..], more].concat())
    };
    assert_eq!(carry(&whole, &[]), Exit::Done);
    assert_eq!(carry(&stopped, &["--set", "limits.requests=3"]), Exit::Stopped);
    assert_eq!(carry(&stopped, &["--resume"]), Exit::Done);
    assert_eq!(digests(&stopped), digests(&whole));
    let base = file.folder().display().to_string();
    assert_eq!(command(&["replay", "-q", &whole.display().to_string(), "--base", &base]), Exit::Done);
    let manifest = json(&whole.join("manifest.json"));
    let bytes = std::fs::read(file.folder().join("wvs.csv")).expect("read");
    let input = serde_json::json!({"name": "microdata wvs.csv", "blake3": blake3::hash(&bytes).to_hex().to_string()});
    assert!(manifest["inputs"].as_array().is_some_and(|inputs| inputs.contains(&input)), "{}", manifest["inputs"]);
}

#[test]
fn a_panel_of_microdata_has_the_whole_culture_and_each_of_its_cells_once() {
    let server = server();
    let scenario = r#"Scenario(
        name: "panel",
        backbones: {
            "model": OpenAi(base_url: "URL", model: "loopback-1", backoff: 0.01),
            "panel": Panel(over: "model", personas: Microdata(file: "wvs.csv", by: [Age])),
        },
        items: Only(["Q57"]),
        population: [(culture: "DEU", backbone: "panel")],
        answer: (samples: 2),
        timeline: [Survey],
    )"#;
    let mut people = people(2_000, 7);
    people.retain(|person| person.age > 0);
    let file = with_microdata(&scenario.replace("URL", &server.url()), &write(&people, PLAIN));
    simply(&file, &[]);
    let told = systems(&server);
    assert_eq!(told.len(), 5, "{told:#?}");
    for words in ["under 36", "36 to 55 years old", "56 or older"] {
        assert_eq!(told.iter().filter(|text| text.contains(words)).count(), 1, "{words} {told:#?}");
    }
}
