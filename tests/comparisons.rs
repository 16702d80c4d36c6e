//! People's comparisons of replies: studied, refused with a reason, and told to models as few shots.

use std::fmt::Write as _;
use std::time::Duration;

use pluriverse_engine::simulation::SystemOrder;
use pluriverse_scenarios::commands::Exit;
use pluriverse_tests::{Act, Loopback};

use crate::support::{ScenarioFile, command, loaded, run};

const HEAD: &str = "conversation_id,annotator_id,annotator_country,first_turn_prompt,first_turn_response_a,\
first_turn_response_b,first_turn_response_c,first_turn_response_d,first_turn_preferred_response\n";

/// Twelve prompts; Brazilians prefer the first reply, New Zealanders the last.
fn table() -> String {
    let mut text = HEAD.to_owned();
    for prompt in 0..12 {
        for (person, country, preferred) in
            [(1, "Brazil", "a"), (2, "Brazil", "a"), (3, "NZL", "response_d"), (4, "NZL", "response_d")]
        {
            let _ = writeln!(
                text,
                "{prompt},p{person},{country},\"What of {prompt}?\",\"Do \"\"this\"\"\nnow {prompt}\",b{prompt},c{prompt},then {prompt},{preferred}"
            );
        }
    }
    text
}

const SHOT: &str = r#"Scenario(
    name: "shots",
    backbones: { "model": OpenAi(base_url: "URL", model: "loopback-1", backoff: 0.01) },
    items: Only(["Q1"]),
    population: [
        (cultures: ["BRA", "NZL"], backbone: "model", persona: "You are patient.", examples: (file: "made.csv", count: 2)),
    ],
    timeline: [Survey],
    limits: (failure_share: 1.0),
)"#;

#[test]
fn comparisons_are_studied_as_tables_and_as_lines_of_json() {
    let file = ScenarioFile::new("");
    let path = file.folder().join("made.csv");
    std::fs::write(&path, table()).expect("written");
    assert_eq!(command(&["study", "community-alignment", &path.display().to_string()]), Exit::Done);
    assert_eq!(command(&["--json", "study", "community-alignment", &path.display().to_string()]), Exit::Done);
    let odd = file.folder().join("odd.csv");
    std::fs::write(&odd, "annotator_id\np\n").expect("written");
    assert_eq!(command(&["study", "community-alignment", &odd.display().to_string()]), Exit::Mistake);
    std::fs::write(&odd, format!("{HEAD}1,p,Brazil,q,a,b,c,d,e\n")).expect("written");
    assert_eq!(command(&["study", "community-alignment", &odd.display().to_string()]), Exit::Mistake);
}

#[test]
fn models_are_told_what_people_of_their_own_culture_preferred() {
    let server = Loopback::start(|_| (Duration::ZERO, Act::Say("\\boxed{1}".to_owned())));
    let file = ScenarioFile::new(&SHOT.replace("URL", &server.url()));
    std::fs::write(file.folder().join("made.csv"), table()).expect("written");
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    let finished = run(&resolved, 1, SystemOrder::AsRegistered);
    let told: Vec<String> = server
        .arrivals()
        .iter()
        .map(|arrival| arrival.body["messages"][0]["content"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(told.len(), 2);
    for text in &told {
        assert!(text.contains("You are patient."), "{text}");
        assert_eq!(text.matches("they preferred:").count(), 2, "{text}");
        let first = if text.contains("Somebody from Brazil") {
            "preferred:\n> Do \"this\"\n> now"
        } else {
            "preferred:\n> then"
        };
        assert!(text.contains(first), "{text}");
    }
    let manifest = std::fs::read_to_string(finished.directory().join("manifest.json")).expect("readable");
    assert!(manifest.contains("comparisons made.csv"));
}

#[test]
fn examples_that_are_not_there_are_named() {
    let cases: [(&str, &str, &[&str]); 4] = [
        ("made.csv", "none.csv", &["cannot read"]),
        ("count: 2", "count: 0", &["examples: 1 to 100, not 0"]),
        ("count: 2", "count: 25", &["made.csv has 24 comparisons by people of BRA", "take a lower `count`"]),
        ("persona: \"You are patient.\"", "personas: Marginals", &["these agents have `personas`"]),
    ];
    for (from, to, parts) in cases {
        let file = ScenarioFile::new(&SHOT.replace("URL", "http://127.0.0.1:9/v1").replace(from, to));
        std::fs::write(file.folder().join("made.csv"), table()).expect("written");
        let found = loaded(&file.path(), &[], None).err().expect("refused").render();
        for part in parts {
            assert!(found.contains(part), "{to}: {part}: {found}");
        }
    }
}
