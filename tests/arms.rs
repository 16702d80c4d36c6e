//! Treatment arms and the knobs of their design: what each agent was shown, as the requests tell it and as the prompts
//! say it; and that no arm, replicate or agent disturbs another.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use pluriverse_engine::replies::REPLIES;
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_scenarios::commands::Exit;
use pluriverse_tests::Loopback;

use crate::run_directory::{Request, Row, answers, requests};
use crate::servers::{answer, scenario};
use crate::support::{FinishedRun, SMALL, ScenarioFile, command, digests, loaded, mistakes_of, run};

/// Four agents with known answers to two items of four options: Q1 1, 2, 3, 4; Q4 4, 3, 4, 1.
const FOUR: &str = r#"Scenario(
    name: "four",
    backbones: { "script": Scripted(
        cues: [
            (when: ["from Brazil", "family"], then: Say("\\boxed{1}")),
            (when: ["from China", "family"], then: Say("\\boxed{2}")),
            (when: ["from New Zealand", "family"], then: Say("\\boxed{3}")),
            (when: ["from the United States", "family"], then: Say("\\boxed{4}")),
            (when: ["from China"], then: Say("\\boxed{3}")),
            (when: ["from the United States"], then: Say("\\boxed{1}")),
        ],
        otherwise: Say("\\boxed{4}"),
    ) },
    items: Only(["Q1", "Q4"]),
    population: [(cultures: ["BRA", "CHN", "NZL", "USA"], backbone: "script")],
    timeline: [Survey, Exposure(rounds: 2, shown: Answer)],
)"#;

fn carried(text: &str, set: &[&str]) -> FinishedRun {
    let file = ScenarioFile::new(text);
    let resolved = loaded(&file.path(), set, None).unwrap_or_else(|error| panic!("{}", error.render()));
    run(&resolved, 2, SystemOrder::AsRegistered)
}

fn of_arm<'r>(requests: &'r [Request], arm: &str, agent: i64, item: &str, tick: i64) -> &'r Request {
    let mut of = requests.iter().filter(|request| request.arm == arm && request.agent == agent && request.item == item);
    of.find(|request| request.tick == tick).unwrap_or_else(|| panic!("{arm}, agent {agent}, {item}, tick {tick}"))
}

/// What was said to whoever a request asked.
fn prompt(directory: &Path, request: &Request) -> String {
    let store = rusqlite::Connection::open(directory.join(REPLIES)).expect("a store");
    let of = "SELECT messages FROM replies WHERE lower(hex(key)) = ?1";
    store.query_row(of, [&request.key], |row| row.get(0)).expect("a conversation")
}

#[test]
fn each_treatment_shows_what_it_says_and_nothing_else() {
    let arms = "arms=[Exposed, ReAsk, Placebo(Donor), Placebo(AcrossItems), Placebo(Uniform), Unlabelled]";
    let run = carried(FOUR, &[arms]);
    let rows = requests(&run.directory());
    let shown = |arm: &str, item: &str| of_arm(&rows, arm, 0, item, 1).answers_shown.as_str();
    assert_eq!((shown("exposed", "Q1"), shown("exposed", "Q4")), ("1:2 2:3 3:4", "1:3 2:4 3:1"));
    assert_eq!((shown("re-ask", "Q1"), shown("re-ask", "Q4")), ("", ""));
    assert_eq!(shown("placebo-across-items", "Q1"), "1:3 2:4 3:1", "the answers to Q4, on Q1");
    assert_eq!(shown("unlabelled", "Q1"), shown("exposed", "Q1"));
    for place in shown("placebo-donor", "Q1").split(' ') {
        let (peer, donated) = place.split_once('<').expect("somebody else's answer");
        let (donor, answer) = donated.split_once(':').expect("an answer");
        assert!(peer != donor && donor != "0", "{place}: neither the peer's own nor the viewer's");
        let given: i64 = donor.parse::<i64>().expect("an agent") + 1;
        assert_eq!(answer, given.to_string(), "{place}: what the donor had answered to this item");
    }
    let uniform: BTreeSet<&str> = rows
        .iter()
        .filter(|request| request.knobs[0] == "placebo-uniform")
        .flat_map(|request| request.answers_shown.split(' '))
        .map(|place| place.split_once(':').expect("an answer").1)
        .collect();
    assert_eq!(uniform, BTreeSet::from(["1", "2", "3", "4"]), "every option was drawn");

    let said = |arm: &str| prompt(&run.directory(), of_arm(&rows, arm, 0, "Q1", 1));
    assert!(said("exposed").contains(r"Chinese:\n> 2"));
    assert!(said("placebo-across-items").contains(r"Chinese:\n> 3"), "under the peers' labels");
    assert!(!said("unlabelled").contains("Chinese") && said("unlabelled").contains(r"Somebody:\n> 2"));
    let survey = prompt(&run.directory(), of_arm(&rows, "shared", 0, "Q1", 0));
    assert_eq!(said("re-ask"), survey, "asked again as at first");
}

#[test]
fn arms_share_their_first_answers_and_are_recorded_apart() {
    let run = carried(FOUR, &["arms=[Exposed, ReAsk]", "replicates=2"]);
    let ticks = |arm: &str| -> BTreeSet<(i64, i64)> {
        let rows = answers(&run.directory()).into_iter();
        rows.filter(|row| row.arm == arm).map(|row| (row.replicate, row.tick)).collect()
    };
    assert_eq!(ticks("shared"), BTreeSet::from([(0, 0), (1, 0)]));
    let after = BTreeSet::from([(0, 1), (0, 2), (1, 1), (1, 2)]);
    assert_eq!((ticks("exposed"), ticks("re-ask")), (after.clone(), after));
}

#[test]
fn every_knob_is_recorded_with_every_request() {
    let arm = |knobs: &str| format!("arms=[Arm(name: \"a\", treatment: Exposed, {knobs})]");
    let cases = [
        ("shown: Answer", ["exposed", "answer", "neighbours", "fixed", "hidden", "none", "simultaneous", "as_is"]),
        (
            "who: Sampled(2), order: Shuffled, own: Shown, memory: Own(3)",
            ["exposed", "answer", "sampled 2", "shuffled", "shown", "own 3", "simultaneous", "as_is"],
        ),
        (
            "who: All, memory: Seen(2), update: Sequential, options: Reversed",
            ["exposed", "answer", "all", "fixed", "hidden", "seen 2", "sequential", "reversed"],
        ),
    ];
    for (knobs, expected) in cases {
        let run = carried(FOUR, &[&arm(knobs)]);
        for request in requests(&run.directory()).iter().filter(|request| request.tick > 0) {
            assert_eq!(request.knobs, expected.map(str::to_owned), "{knobs}");
        }
    }
}

#[test]
fn who_is_shown_and_in_which_order_is_as_the_design_says() {
    let ring = "network=RingLattice(neighbours: 2)";
    let shown = |arm: &str| -> Vec<String> {
        let run = carried(FOUR, &[ring, &format!("arms=[Arm(name: \"a\", treatment: Exposed, {arm})]")]);
        let rows = requests(&run.directory()).into_iter().filter(|request| request.tick > 0);
        rows.map(|request| request.answers_shown).collect()
    };
    let counts = |arm: &str| shown(arm).iter().map(|shown| shown.split(' ').count()).collect::<BTreeSet<_>>();
    assert_eq!(counts("who: Neighbours"), BTreeSet::from([2]));
    assert_eq!(counts("who: All"), BTreeSet::from([3]));
    assert_eq!(counts("who: Sampled(1)"), BTreeSet::from([1]));
    assert_eq!(counts("who: Sampled(3)"), BTreeSet::from([2]), "no more than there are");

    let (fixed, shuffled) = (shown("who: All"), shown("who: All, order: Shuffled"));
    let sorted = |shown: &String| {
        let mut places: Vec<&str> = shown.split(' ').collect();
        places.sort_unstable();
        places.join(" ")
    };
    assert_eq!(shuffled.iter().map(sorted).collect::<Vec<_>>(), fixed.iter().map(sorted).collect::<Vec<_>>());
    assert_ne!(shuffled, fixed);
}

#[test]
fn answers_to_reordered_options_are_mapped_back_to_the_surveys_order() {
    let run = carried(FOUR, &["answer=(options: Reversed)"]);
    let rows = answers(&run.directory());
    let given = |agent: i64| rows.iter().find(|row| row.agent == agent && row.item == "Q1").and_then(|row| row.answer);
    assert_eq!([given(0), given(1), given(2), given(3)], [Some(4), Some(3), Some(2), Some(1)]);
    let asked = requests(&run.directory());
    assert!(asked.iter().all(|request| request.options_offered == "4 3 2 1"));
    // What is shown is named as the one who reads it is offered it: option 3 stands second from the end.
    assert!(prompt(&run.directory(), of_arm(&asked, "exposed", 0, "Q1", 1)).contains(r"Chinese:\n> 2"));

    let run = carried(FOUR, &["answer=(options: Shuffled)"]);
    let said = |request: &Request| request.reply.chars().find_map(|sign| sign.to_digit(10)).expect("a number");
    let mut orders = BTreeSet::new();
    for request in requests(&run.directory()) {
        let offered: Vec<&str> = request.options_offered.split(' ').collect();
        let chosen = offered[said(&request) as usize - 1].parse().ok();
        assert_eq!(request.answer, chosen, "{}", request.options_offered);
        orders.insert(request.options_offered);
    }
    assert!(orders.len() > 5, "{orders:?}");
}

#[test]
fn in_a_sequential_round_later_agents_see_what_earlier_ones_have_just_answered() {
    let text = FOUR.replace("cues: [", "cues: [(when: [\"others have answered\"], then: Say(\"\\\\boxed{2}\")),");
    let text = text.replace("\"family\"", "\"\"").replace("rounds: 2", "rounds: 1");
    let fresh = |update: &str| -> Vec<usize> {
        let run = carried(&text.replace("shown: Answer", &format!("shown: Answer, update: {update}")), &[]);
        let rows = requests(&run.directory()).into_iter().filter(|request| request.tick == 1 && request.item == "Q4");
        let mut seen: Vec<usize> = rows.map(|request| request.answers_shown.matches(":2").count()).collect();
        seen.sort_unstable();
        seen
    };
    // At first agents answer 1, 2, 3 and 4 to Q1's cues without the item; nobody but China says 2.
    assert!(fresh("Simultaneous").iter().all(|&seen| seen <= 1));
    assert_eq!(fresh("Sequential").last(), Some(&3), "the last one sees three answers of this round");
}

#[test]
fn what_is_remembered_is_told_and_grows_no_longer_than_its_window() {
    let text = FOUR.replace("rounds: 2", "rounds: ROUNDS").replace("Only([\"Q1\", \"Q4\"])", "Only([\"Q1\"])");
    let text = text.replace("[\"BRA\", \"CHN\", \"NZL\", \"USA\"]", "[\"BRA\", \"CHN\"]");
    for (memory, remembered, rounds) in [("Own(2)", 0, 20), ("Seen(2)", 2, 1000)] {
        let text = text.replace("ROUNDS", &rounds.to_string());
        let run = carried(&text.replace("shown: Answer", &format!("shown: Answer, memory: {memory}")), &["observe=[]"]);
        let rows = requests(&run.directory());
        let said = |tick: i64| prompt(&run.directory(), of_arm(&rows, "exposed", 0, "Q1", tick));
        assert_eq!(said(2).matches("you answered: 1.").count(), 2, "{memory}");
        // Two remembered rounds, of which the first was a survey, and what is shown now.
        assert_eq!(said(3).matches("Chinese:").count(), 1 + remembered, "{memory}");
        let shortest = said(3).len();
        assert!(said(rounds).len() <= shortest + 2 * 3, "{memory}: longer than the digits of its rounds");
        assert!(said(rounds).contains(&format!("Round {}:", rounds - 1)));
        assert!(!said(rounds).contains(&format!("Round {}:", rounds - 3)));
    }
}

#[test]
fn an_agent_is_told_its_own_answer_where_the_design_says_so() {
    let told = |own: &str| {
        let run = carried(&FOUR.replace("shown: Answer", &format!("shown: Answer, own: {own}")), &[]);
        prompt(&run.directory(), of_arm(&requests(&run.directory()), "exposed", 2, "Q1", 1))
    };
    assert!(told("Shown").contains("you answered the question below with: 3."));
    assert!(!told("Hidden").contains("you answered"));
}

fn of<'r>(rows: &'r [Row], arms: &'r [&str], replicate: i64) -> impl Iterator<Item = (i64, i64, &'r str, Option<i64>)> {
    let of = move |row: &&Row| arms.contains(&row.arm.as_str()) && row.replicate == replicate;
    rows.iter().filter(of).map(|row| (row.tick, row.agent, row.item.as_str(), row.answer))
}

#[test]
fn arms_replicates_and_their_order_shift_nobodys_answers() {
    let exposed = |set: &[&str]| {
        let run = carried(SMALL, set);
        of(&answers(&run.directory()), &["shared", "exposed"], 0)
            .map(|(tick, agent, item, answer)| (tick, agent, item.to_owned(), answer))
            .collect::<Vec<_>>()
    };
    let alone = exposed(&[]);
    assert_eq!(exposed(&["replicates=2"]), alone);
    assert_eq!(exposed(&["arms=[Exposed, ReAsk]"]), alone);
    assert_eq!(exposed(&["arms=[Placebo(Donor), ReAsk, Exposed]", "replicates=3"]), alone);
}

#[test]
fn arms_and_replicates_have_noise_of_their_own() {
    // Nobody is moved by anybody: what differs between the arms is chance alone.
    let unmoved = SMALL.replace("\"Qwen3.5-27B\"", "\"Qwen3.5-27B\", with: (conformity: 0.0)");
    let run = carried(&unmoved, &["arms=[Exposed, ReAsk]", "replicates=2"]);
    let rows = answers(&run.directory());
    let at =
        |arm, replicate| of(&rows, &[arm], replicate).filter(|row| row.0 == 1).map(|row| row.3).collect::<Vec<_>>();
    let shared = |replicate| of(&rows, &["shared"], replicate).map(|row| row.3).collect::<Vec<_>>();
    let strands = [at("exposed", 0), at("re-ask", 0), at("exposed", 1), at("re-ask", 1), shared(0), shared(1)].to_vec();
    let distinct: BTreeSet<_> = strands.iter().collect();
    assert_eq!(distinct.len(), strands.len());
}

#[test]
fn an_effect_is_the_difference_of_what_was_observed_where_nothing_is_missing() {
    let whole = SMALL.replace("\"Qwen3.5-27B\"", "\"Qwen3.5-27B\", with: (refusal: 0.0)");
    let run = carried(&whole, &["arms=[Exposed, ReAsk]", "replicates=3"]);
    let mut compared = 0;
    for metric in
        ["pairwise_diversity", "structural_diversity", "alignment", "agreement", "entropy", "changed", "drift"]
    {
        let mean = |arm: &str, tick: u32| {
            let of_arm = run.trajectories.iter().filter(|strand| &*strand.arm == arm);
            let values: Vec<f64> = of_arm
                .flat_map(|strand| &strand.rounds)
                .filter(|round| round.tick == tick)
                .filter_map(|round| round.figures.get(metric).and_then(|figure| figure.value))
                .collect();
            assert_eq!(values.len(), 3, "{metric}");
            values.iter().sum::<f64>() / 3.0
        };
        for effect in run.effects.iter().filter(|effect| &*effect.metric == metric && &*effect.control == "re-ask") {
            let expected = mean("exposed", effect.tick) - mean("re-ask", effect.tick);
            let found = effect.estimate.expect("an estimate");
            assert!((found - expected).abs() < 1e-9, "{metric}, tick {}: {found}, not {expected}", effect.tick);
            compared += 1;
        }
    }
    assert_eq!(compared, 7 * 2);
}

/// Answers by item and agent.
type Sheet = BTreeMap<(String, i64), i64>;

#[test]
fn an_answer_that_one_side_lacks_counts_on_neither() {
    let missing = SMALL.replace("\"Qwen3.5-27B\"", "\"Qwen3.5-27B\", with: (refusal: 0.15)");
    let run = carried(&missing, &["arms=[Exposed, ReAsk]", "replicates=2", "limits=(failure_share: 1.0)"]);
    let rows = answers(&run.directory());
    let sheet = |arm: &str, replicate: i64| -> Sheet {
        let of = rows.iter().filter(|row| row.arm == arm && row.replicate == replicate && row.tick == 2);
        of.filter_map(|row| Some(((row.item.clone(), row.agent), row.answer?))).collect()
    };
    // The mean over items of the share of the most frequent answer, over what both sides have.
    let plurality = |own: &Sheet, other: &Sheet| {
        let mut items: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for (place, answer) in own.iter().filter(|(place, _)| other.contains_key(*place)) {
            items.entry(&place.0).or_default().push(*answer);
        }
        let shares = items.values().filter(|answers| answers.len() >= 2).map(|answers| {
            let most = answers.iter().map(|answer| answers.iter().filter(|other| *other == answer).count()).max();
            most.unwrap_or(0) as f64 / answers.len() as f64
        });
        let shares: Vec<f64> = shares.collect();
        shares.iter().sum::<f64>() / shares.len() as f64
    };
    let (mut expected, mut pairs) = (0.0, 0);
    for replicate in 0..2 {
        let (exposed, re_ask) = (sheet("exposed", replicate), sheet("re-ask", replicate));
        expected += (plurality(&exposed, &re_ask) - plurality(&re_ask, &exposed)) / 2.0;
        pairs += exposed.keys().filter(|place| re_ask.contains_key(*place)).count();
    }
    let effect = run.effects.iter().rev().find(|e| &*e.metric == "plurality" && &*e.control == "re-ask").expect("told");
    assert!((effect.estimate.expect("an estimate") - expected).abs() < 1e-9);
    assert_eq!(effect.answers, 2 * pairs as u64);
}

#[test]
fn a_run_with_arms_is_taken_up_and_replayed_like_any_other() {
    let server = Loopback::start(|arrival| (Duration::from_millis(1), answer(arrival)));
    let file = scenario(&server, "in_flight: 4");
    let at = |name: &str| file.folder().join(name);
    let design = ["--set", "arms=[Exposed, ReAsk, Unlabelled]", "--set", "replicates=2"];
    let carry = |name: &str, more: &[&str]| {
        let (path, out) = (file.path(), at(name).display().to_string());
        command(&[&["run", "-q", "--json", &path, "--out", &out][..], &design, more].concat())
    };
    assert_eq!(carry("whole", &[]), Exit::Done);
    for limit in ["limits.requests=50", "limits.requests=200"] {
        let name = limit.replace('=', "-");
        assert_eq!(carry(&name, &["--set", limit]), Exit::Stopped);
        assert_eq!(carry(&name, &["--resume"]), Exit::Done);
        assert_eq!(digests(&at(&name)), digests(&at("whole")), "{limit}");
    }
    let (whole, again) = (at("whole").display().to_string(), at("again").display().to_string());
    assert_eq!(command(&["replay", "-q", &whole, "--out", &again]), Exit::Done);
    assert_eq!(digests(&at("again")), digests(&at("whole")));
}

#[test]
fn answers_of_another_run_are_shown_where_the_peers_would_stand() {
    let other = carried(FOUR, &[]);
    let swapped = FOUR.replace("from Brazil", "from Nowhere").replace("from China\", \"family", "from Nowhere\", \"");
    let path = format!("arms=[Exposed, Placebo(OtherRun({:?}))]", other.directory().display().to_string());
    let run = carried(&swapped, &[&path]);
    let rows = requests(&run.directory());
    let shown = |arm: &str| of_arm(&rows, arm, 3, "Q1", 1).answers_shown.clone();
    assert_eq!(shown("exposed"), "0:4 1:3 2:3", "what the peers answered in this run");
    assert_eq!(shown("placebo-other-run"), "0:1 1:2 2:3", "what their like answered in the other");

    let wrong = [
        (FOUR.replace("Only([\"Q1\", \"Q4\"])", "Only([\"Q1\"]), survey: \"s.json\""), "cannot read survey"),
        (FOUR.replace("\"USA\"", "\"DEU\""), "no agent of culture DEU"),
        (FOUR.to_owned(), "nowhere"),
    ];
    for (text, expected) in wrong {
        let path = if expected == "nowhere" { "nowhere".to_owned() } else { other.directory().display().to_string() };
        let arms = format!("arms: [Exposed, Placebo(OtherRun({path:?}))], timeline:");
        let said = mistakes_of(&text.replace("timeline:", &arms));
        assert!(said.split_whitespace().collect::<Vec<_>>().join(" ").contains(expected), "{said}");
    }
}

/// Designs that cannot be, and what is said of them.
const MISTAKES: [(&str, &str, &str); 15] = [
    ("timeline:", "replicates: 0, timeline:", "at least 1"),
    ("timeline:", "replicates: -3, timeline:", "-3"),
    ("timeline:", "arms: [], timeline:", "no arm is left to run"),
    ("timeline:", "arms: [Exposed, Exposed], timeline:", "two arms are called `exposed`"),
    (
        "timeline:",
        "arms: [Exposed, Arm(name: \"shared\", treatment: ReAsk)], timeline:",
        "is not `shared` and not `before`",
    ),
    ("timeline:", "arms: [Exposed, Rask], timeline:", "`Rask` is no choice"),
    ("timeline:", "arms: [Exposed, Placebo(Uniform)], timeline:", "no words that go with them"),
    ("timeline:", "answer: (options: Reversed), timeline:", "shows whole replies"),
    (
        "timeline:",
        "arms: [Arm(name: \"a\", treatment: Exposed, memory: Own(0))], timeline:",
        "a memory holds 1 to 1000",
    ),
    ("timeline:", "arms: [Arm(name: \"a\", treatment: Exposed, who: Sampled(0))], timeline:", "nobody would be shown"),
    ("timeline:", "arms: [Arm(name: \"a\", treatment: Exposed, order: Random)], timeline:", "`Random` is no choice"),
    ("timeline:", "intervals: (resamples: 1), timeline:", "resamples"),
    ("Exposure(rounds: 2)", "Survey", "nothing in the timeline shows anything"),
    ("Exposure(rounds: 2)", "Exposure(rounds: 2, memory: Own(2000))", "not 2000"),
    ("[\"BRA\", \"NZL\", \"CHN\"]", "[\"BRA\", \"NZL\"]", "donor"),
];

#[test]
fn a_design_that_cannot_be_is_a_mistake_that_says_why() {
    for (from, to, expected) in MISTAKES {
        let arms = match expected {
            "nothing in the timeline shows anything" => "arms: [Exposed, ReAsk], timeline:",
            "donor" => "arms: [Exposed, Placebo(Donor)], timeline:",
            _ => "timeline:",
        };
        let words = SMALL.replace("backbones: { \"house\": Surrogate(preset: \"Qwen3.5-27B\") }", SCRIPTED);
        for text in [SMALL, &words] {
            assert!(text.contains(from), "{from}");
            let said = mistakes_of(&text.replace(from, to).replace("timeline:", arms));
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ").replace(" │ ", " ");
            assert!(said.contains(expected), "{to}: {expected} is not said in\n{said}");
        }
    }
}

const SCRIPTED: &str = r#"backbones: { "house": Scripted(otherwise: Say("1")) }"#;

#[test]
fn recordings_have_no_control_arm_and_a_run_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    for (round, replies) in [("wvs_evaluation", ["1", "2"]), ("wvs_evaluation_interaction", ["2", "2"])] {
        std::fs::create_dir(folder.path().join(round)).expect("a folder");
        for (culture, reply) in ["BRA", "CHN"].into_iter().zip(replies) {
            let line = |item| format!("{{\"idx\": 0, \"q_id\": \"{item}\", \"response\": \"\\\\boxed{{{reply}}}\"}}\n");
            let name = format!("Qwen3.5-27B_{culture}_system.jsonl");
            std::fs::write(folder.path().join(round).join(name), line("Q1") + &line("Q2")).expect("written");
        }
    }
    let set = [
        "items=Only([\"Q1\", \"Q2\"])",
        "population=[(cultures: [\"BRA\", \"CHN\"], backbone: \"house\")]",
        "timeline=[Survey, Exposure(rounds: 1)]",
    ];
    let without = loaded("exposure-with-controls", &[&set[..], &["arms=[ReAsk]"]].concat(), Some(folder.path()));
    assert!(without.is_err_and(|error| error.render().contains("no arm is left")));
    let resolved = loaded("exposure-with-controls", &set, Some(folder.path()));
    let resolved = resolved.unwrap_or_else(|error| panic!("{}", error.render()));
    let said = resolved.societies[0].strands.notices.join("\n");
    assert!(said.contains("re-ask") && said.contains("replicate"), "{said}");
    let run = run(&resolved, 1, SystemOrder::AsRegistered);
    let arms: BTreeMap<String, i64> =
        answers(&run.directory()).into_iter().map(|row| (row.arm, row.replicate)).collect();
    assert_eq!(arms, BTreeMap::from([("exposed".to_owned(), 0)]), "no arm and no replicate was made up");
    assert!(run.effects.iter().all(|effect| effect.control.is_empty()), "nothing is compared with what was not run");
    let page = std::fs::read_to_string(run.directory().join("report.html")).expect("a page");
    assert!(page.contains("re-ask"), "the page says what was left out");
}
