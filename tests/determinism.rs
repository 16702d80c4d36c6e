//! The same scenario, seed and replies give the same bytes: whatever the threads, the process, the order of systems,
//! the latency; and nothing that is added shifts anybody's numbers.

use std::collections::BTreeMap;
use std::process::Command;

use pluriverse_engine::simulation::SystemOrder;

use crate::support::{FinishedRun, SMALL, ScenarioFile, files, loaded, run, run_simply};

/// A society of every kind of agent, so that every system has something to do in every set.
pub(crate) const MIXED: &str = r#"Scenario(
    name: "mixed",
    backbones: {
        "house": Surrogate(preset: "llama-4-scout"),
        "script": Scripted(
            cues: [
                (when: ["from Brazil", "family"], then: Say("\\boxed{4}")),
                (when: ["from China"], then: Say("I cannot say")),
                (when: ["politics"], then: Fail(TimedOut)),
            ],
            otherwise: Say("\\boxed{1}"),
            latency_ms: LATENCY,
        ),
    },
    items: Only(["Q1", "Q4", "Q57", "Q106", "Q240", "Q241"]),
    population: [
        (cultures: ["BRA", "CHN", "USA"], backbone: "script", persona: "You live in a small town."),
        (cultures: ["BRA", "NZL", "CHN"], backbone: "house", count: 2),
    ],
    timeline: [Survey, Exposure(rounds: 2), Survey],
    observe: [PairwiseDiversity, StructuralDiversity, Alignment, Consensus, Drift, Items],
    limits: (failure_share: 1.0),
    in_flight: IN_FLIGHT,
)"#;

fn mixed(latency_ms: u64, in_flight: u64, order: SystemOrder, threads: usize) -> FinishedRun {
    let text = MIXED.replace("LATENCY", &latency_ms.to_string()).replace("IN_FLIGHT", &in_flight.to_string());
    let file = ScenarioFile::new(&text);
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    run(&resolved, threads, order)
}

fn first_difference(a: &BTreeMap<String, Vec<u8>>, b: &BTreeMap<String, Vec<u8>>) -> Option<String> {
    if a.keys().ne(b.keys()) {
        return Some(format!("files {:?} and {:?}", a.keys(), b.keys()));
    }
    a.iter().find(|(name, bytes)| b[*name] != **bytes).map(|(name, _)| name.clone())
}

#[test]
fn threads_do_not_show() {
    // From 20 agents up agents are resampled too.
    let controls = ["population.0.count=5", "replicates=2", "timeline=[Survey, Exposure(rounds: 2, shown: Answer)]"];
    for (scenario, set, files) in [("quickstart", &[][..], 7), ("exposure-with-controls", &controls, 8)] {
        let run_with = |threads| {
            let resolved = loaded(scenario, set, None).unwrap_or_else(|error| panic!("{}", error.render()));
            run(&resolved, threads, SystemOrder::AsRegistered).files()
        };
        let one = run_with(1);
        assert_eq!(one.len(), files);
        assert_eq!(first_difference(&one, &run_with(2)), None);
        assert_eq!(first_difference(&one, &run_with(5)), None);
    }
}

#[test]
fn twenty_orders_of_systems_do_not_show() {
    let expected = mixed(0, 8, SystemOrder::AsRegistered, 2).files();
    for seed in 0..20 {
        let found = mixed(0, 8, SystemOrder::Shuffled(seed), 1 + (seed as usize % 2)).files();
        assert_eq!(first_difference(&expected, &found), None, "shuffle seed {seed}");
    }
}

/// Every treatment and knob, on networks that are drawn: with agents that follow a classical model, or, where those
/// cannot act one after another, with a sequential arm.
fn armed(order: SystemOrder, threads: usize, sequential: Sequential) -> FinishedRun {
    let text = MIXED.replace("LATENCY", "2").replace("IN_FLIGHT", "8").replace("rounds: 2", "rounds: 2, shown: Answer");
    let (arm, agents) = match sequential {
        Sequential::Arm => ("update: Sequential", ""),
        Sequential::NoArm => ("own: Shown", r#"(cultures: ["MEX", "NGA"], backbone: "classical"),"#),
    };
    let arms = format!(
        r#"arms: [
            Exposed, ReAsk, Placebo(Donor), Placebo(AcrossItems), Placebo(Uniform), Unlabelled,
            Arm(name: "all", treatment: Exposed, who: Sampled(2), order: Shuffled, memory: Seen(2), options: Shuffled, {arm}),
        ],
        replicates: 2,
        network: WattsStrogatz(neighbours: 4, rewire: 0.5),
        observe: [PairwiseDiversity, StructuralDiversity, Consensus, KrippendorffAlpha, HumanDistance, Clusters, Drift],
        cluster_within"#
    );
    let text = text
        .replace(
            "observe: [PairwiseDiversity, StructuralDiversity, Alignment, Consensus, Drift, Items]",
            &format!("{arms}: 10.0"),
        )
        .replace("population: [", &format!("population: [{agents}"))
        .replace("backbones: {", r#"backbones: { "classical": NullModel(preset: "grok-3", model: Voter()),"#);
    let file = ScenarioFile::new(&text);
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    run(&resolved, threads, order)
}

#[derive(Clone, Copy)]
enum Sequential {
    Arm,
    NoArm,
}

#[test]
fn neither_threads_nor_orders_of_systems_show_in_arms_and_replicates() {
    for sequential in [Sequential::Arm, Sequential::NoArm] {
        let expected = armed(SystemOrder::AsRegistered, 2, sequential).files();
        assert!(expected.contains_key("effects.parquet") && expected.contains_key("network_edges.parquet"));
        for seed in 0..5 {
            let found = armed(SystemOrder::Shuffled(seed), 1 + seed as usize % 3, sequential).files();
            assert_eq!(first_difference(&expected, &found), None, "shuffle seed {seed}");
        }
    }
}

#[test]
fn latency_and_concurrency_do_not_show() {
    let answers = |latency, in_flight| {
        let mut files = mixed(latency, in_flight, SystemOrder::AsRegistered, 2).files();
        // The manifest holds the scenario, and with it these two settings.
        files.remove("manifest.json");
        files
    };
    let expected = answers(0, 1);
    for (latency, in_flight) in [(0, 64), (3, 1), (10, 64), (10, 5)] {
        assert_eq!(first_difference(&expected, &answers(latency, in_flight)), None, "{latency} ms, {in_flight}");
    }
}

#[test]
fn another_seed_gives_other_answers() {
    let answers = |seed: u64| run_simply("quickstart", &[&format!("seed={seed}")]).files()["answers.parquet"].clone();
    assert_ne!(answers(1), answers(2));
}

#[test]
fn another_process_gives_the_same_bytes() {
    let here = run_simply("quickstart", &[]).files();
    for _ in 0..2 {
        let folder = tempfile::tempdir().expect("a folder");
        let status = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "determinism::a_child_process_carries_a_run_out_when_asked_to"])
            .env(CHILD_FOLDER, folder.path())
            .output()
            .expect("the child starts")
            .status;
        assert!(status.success());
        assert_eq!(first_difference(&here, &files(&folder.path().join("run"))), None);
    }
}

const CHILD_FOLDER: &str = "PLURIVERSE_TEST_CHILD_FOLDER";

#[test]
#[expect(clippy::disallowed_methods, reason = "the parent process asks through the environment")]
fn a_child_process_carries_a_run_out_when_asked_to() {
    // Alone this does nothing: it is the other half of the test above.
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        let finished = run_simply("quickstart", &[]);
        let target = std::path::Path::new(&folder).join("run");
        std::fs::create_dir(&target).expect("a fresh folder");
        for (name, bytes) in finished.files() {
            std::fs::write(target.join(name), bytes).expect("written");
        }
    }
}

#[test]
fn observers_and_other_societies_shift_nobodys_answers() {
    let base = run_simply("quickstart", &[]).files()["answers.parquet"].clone();
    let all = "observe=[PairwiseDiversity, StructuralDiversity, Alignment, Consensus, Drift, Items]";
    assert_eq!(run_simply("quickstart", &[all]).files()["answers.parquet"], base);
    assert_eq!(run_simply("quickstart", &["observe=[]"]).files()["answers.parquet"], base);

    let answers = |text: &str| {
        let file = ScenarioFile::new(text);
        run_simply(&file.path(), &[]).metric("b", "pairwise_diversity")
    };
    let society = r#"(population: [(cultures: ["BRA", "NZL"], backbone: "house")])"#;
    let scenario = |societies: &str| {
        format!(
            r#"Scenario(name: "x", backbones: {{ "house": Surrogate(preset: "Qwen3.5-27B") }},
               societies: {{ {societies} }}, timeline: [Survey])"#
        )
    };
    let alone = answers(&scenario(&format!(r#""b": {society}"#)));
    assert_eq!(alone, answers(&scenario(&format!(r#""a": {society}, "b": {society}"#))));
}

#[test]
fn adding_an_agent_shifts_no_other_agents_first_answers() {
    let first_rows = |count: u32| {
        let text = SMALL.replace(
            r#"backbone: "house")]"#,
            &format!(r#"backbone: "house"), (culture: "USA", backbone: "house", count: {count})]"#),
        );
        let file = ScenarioFile::new(&text);
        let finished = run_simply(&file.path(), &["record=(answers: All)"]);
        crate::run_directory::answers(&finished.directory())
            .into_iter()
            .filter(|row| row.tick == 0 && row.culture != "USA")
            .map(|row| (row.agent, row.item, row.answer))
            .collect::<Vec<_>>()
    };
    assert_eq!(first_rows(1), first_rows(1));
    assert!(!first_rows(1).is_empty());
}

/// BLAKE3 of quickstart's observations and answers. A change here means that published runs no longer replay: it needs
/// a line in the changelog and a new format version.
const GOLDEN: [(&str, &str); 3] = [
    ("answers.parquet", "8b82cc060d5c0ef9d960dd47bdeb8bb284b22c4b046b81c083c1697346e12ac9"),
    ("events.jsonl.zst", "f4dec1ab6e7da6ab5e7b722fdefdbc7afbd4845bed3b5de52fc67f48cd43c486"),
    ("observations.parquet", "6e76f00376487e01a4bad216efaba24406d1a05a026e37af98c9cea2fa3b81b2"),
];

#[test]
fn the_quickstart_is_pinned_byte_for_byte() {
    let files = run_simply("quickstart", &[]).files();
    for (name, digest) in GOLDEN {
        assert_eq!(blake3::hash(&files[name]).to_hex().as_str(), digest, "{name}");
    }
}
