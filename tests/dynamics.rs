//! Networks and classical dynamics against what other programs computed of them, to the stated tolerance.

use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::seed::{Purpose, Streams};
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::dynamics::story::{Nearness, Round};
use pluriverse_worlds::dynamics::{NullModel, Opinions, averaging, bounded, copying};
use pluriverse_worlds::network::generate::{Model, complete};
use pluriverse_worlds::network::statistics::statistics;
use pluriverse_worlds::network::{Direction, Graph, Network, edge_list, graphml};
use pluriverse_worlds::survey::AnswerSheets;
use pluriverse_worlds::survey::measures::diversity;
use serde_json::Value;

use crate::support::{json, with_published};

const TOLERANCE: f64 = 1e-12;

fn oracle(folder: &Path, name: &str) -> Value {
    json(&folder.join("oracles/dynamics").join(name))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|number| number.as_f64().expect("a number")).collect()
}

/// A state: numbers, or rows of numbers.
fn opinions(state: &Value) -> Opinions {
    let rows: Vec<Vec<f64>> = state
        .as_array()
        .expect("a state")
        .iter()
        .map(|cell| if cell.is_array() { numbers(cell) } else { vec![cell.as_f64().expect("a number")] })
        .collect();
    Opinions::new(rows[0].len(), rows.concat())
}

fn events(case: &Value) -> Vec<Vec<u64>> {
    let event = |event: &Value| event.as_array().expect("an event").iter().filter_map(Value::as_u64).collect();
    case["events"].as_array().expect("events").iter().map(event).collect()
}

/// The graph a case names: an edge list beside it, or everybody with everybody.
fn network(folder: &Path, case: &Value, agents: u32) -> Network {
    let name = case["graph"].as_str().expect("a graph");
    if name.starts_with("complete graph on") {
        return Network::Complete { agents };
    }
    Network::Graph(Arc::new(graph(folder, name, agents)))
}

fn graph(folder: &Path, name: &str, agents: u32) -> Graph {
    let path = folder.join(format!("oracles/dynamics/graphs/{name}.edges.csv"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    edge_list::read(&text, agents, Direction::Undirected).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn close(found: &Opinions, expected: &Opinions, what: &str) {
    for (found, expected) in found.values().iter().zip(expected.values()) {
        assert!((found - expected).abs() <= TOLERANCE, "{what}: {found} is not {expected}");
    }
}

/// Carries a model that draws nothing out, and compares every state.
fn follow(states: &[Opinions], what: &str, mut step: impl FnMut(&Opinions, &mut Opinions)) {
    let mut now = states[0].clone();
    for (round, expected) in states.iter().enumerate().skip(1) {
        let mut next = now.clone();
        step(&now, &mut next);
        close(&next, expected, &format!("{what}, round {round}"));
        now = next;
    }
}

/// Carries a model of encounters out on the encounters of the case, `every` of them between two states.
fn encounter(states: &[Opinions], case: &Value, mut meet: impl FnMut(&mut Opinions, &[u64])) {
    let events = events(case);
    let every = events.len() / (states.len() - 1);
    let mut now = states[0].clone();
    for (round, (events, expected)) in events.chunks(every).zip(&states[1..]).enumerate() {
        for event in events {
            meet(&mut now, event);
        }
        close(&now, expected, &format!("{} round {}", case["case"], round + 1));
    }
}

#[test]
fn every_recorded_trajectory_is_reproduced() {
    with_published("every_recorded_trajectory_is_reproduced", |folder| {
        let cases = std::fs::read_dir(folder.join("oracles/dynamics/trajectories")).expect("a folder");
        let mut checked = 0;
        for entry in cases {
            let case = json(&entry.expect("an entry").path());
            check_case(folder, &case);
            checked += 1;
        }
        assert!(checked > 0);
    });
}

fn check_case(folder: &Path, case: &Value) {
    let what = case["case"].as_str().expect("a name");
    let model = case["model"].as_str().expect("a model");
    if model.starts_with("ordinal exposure") {
        return check_ordinal_exposure(case);
    }
    let states: Vec<Opinions> = case["trajectory"].as_array().expect("a trajectory").iter().map(opinions).collect();
    let network = network(folder, case, states[0].agents() as u32);
    let number = |name: &str| case[name].as_f64().unwrap_or_else(|| panic!("{what} has no {name}"));
    match model {
        "DeGroot" => {
            let own = f64::from(u8::from(case["self_loop"].as_bool().expect("whether agents hear themselves")));
            follow(&states, what, |now, next| averaging::degroot(now, &network, own, next));
        }
        "Friedkin-Johnsen" => {
            let susceptibility = numbers(&case["susceptibility"]);
            let uniform = susceptibility.iter().all(|value| (value - susceptibility[0]).abs() < f64::EPSILON);
            follow(&states, what, |now, next| {
                let first = &states[0];
                let round = Round { now, seen: now, first, network: &network };
                let mut rng = rng();
                if uniform {
                    NullModel::FriedkinJohnsen { susceptibility: susceptibility[0] }.step(&round, next, &mut rng);
                    return;
                }
                // Each agent's own: a model a value, of which each agent's row is kept.
                for (agent, &susceptibility) in susceptibility.iter().enumerate() {
                    let mut stepped = now.clone();
                    NullModel::FriedkinJohnsen { susceptibility }.step(&round, &mut stepped, &mut rng);
                    next.take_row(&stepped, agent);
                }
            });
        }
        "Hegselmann-Krause" => {
            let nearness = if states[0].items() > 1 { Nearness::Sheet } else { Nearness::Item };
            let confidence = (number("epsilon"), nearness);
            follow(&states, what, |now, next| bounded::hegselmann_krause(now, now, &network, confidence, next));
        }
        "Deffuant-Weisbuch" => {
            let (epsilon, mu) = (number("epsilon"), number("mu"));
            encounter(&states, case, |now, event| {
                bounded::deffuant(now, (event[0] as usize, event[1] as usize), epsilon, mu);
            });
        }
        "Voter" => encounter(&states, case, |now, event| {
            let heard = now.row(event[1] as usize)[0];
            let mut own = now.row(event[0] as usize)[0];
            copying::voter(&mut own, heard);
            let taken = Opinions::new(1, vec![own; now.agents()]);
            now.take_row(&taken, event[0] as usize);
        }),
        other => panic!("{what}: nobody knows the model {other}"),
    }
}

fn rng() -> rand_chacha::ChaCha8Rng {
    Streams::new(0, "", 0).of(Purpose("test")).stream(AgentId(0), 0)
}

/// answer(t+1) = ⌊(x + mean of the others)/2 + ½⌋ in whole numbers, and the paper's measures after each round.
fn check_ordinal_exposure(case: &Value) {
    let sheet = |state: &Value| -> Vec<Vec<i64>> {
        let row = |row: &Value| row.as_array().expect("a row").iter().filter_map(Value::as_i64).collect();
        state.as_array().expect("a state").iter().map(row).collect()
    };
    let states: Vec<Vec<Vec<i64>>> = case["trajectory"].as_array().expect("states").iter().map(sheet).collect();
    let spans: Vec<u32> = numbers(&case["delta"]).iter().map(|delta| (delta * delta) as u32).collect();
    let (pairwise, structural) = (numbers(&case["diversity_P"]), numbers(&case["diversity_S"]));
    let mut now = states[0].clone();
    for (round, expected) in states.iter().enumerate() {
        if round > 0 {
            let others = now.len() as i64 - 1;
            let step = |agent: usize, item: usize| {
                let sum: i64 = (0..now.len()).filter(|&other| other != agent).map(|other| now[other][item]).sum();
                // ⌊(x + s/o)/2 + ½⌋ = ⌊(o·x + s + o) / 2o⌋.
                (others * now[agent][item] + sum + others).div_euclid(2 * others)
            };
            now = (0..now.len()).map(|agent| (0..now[0].len()).map(|item| step(agent, item)).collect()).collect();
        }
        assert_eq!(&now, expected, "round {round}");
        let mut sheets = AnswerSheets::new(now.len(), now[0].len());
        for (agent, row) in (0..).map(AgentId).zip(&now) {
            row.iter().enumerate().for_each(|(item, &answer)| sheets.set(agent, item, Ok(answer as i32)));
        }
        let agents: Vec<AgentId> = sheets.agent_ids().collect();
        let found = diversity::pairwise_diversity(&sheets, &spans, &agents).value.expect("pairs") / 100.0;
        assert!((found - pairwise[round]).abs() <= TOLERANCE, "{found} {}", pairwise[round]);
        let found = diversity::structural_diversity(&sheets, &spans, &agents).expect("a tree") / 100.0;
        assert!((found - structural[round]).abs() <= TOLERANCE, "{found} {}", structural[round]);
    }
}

/// Cultures of a graph's nodes, where a table beside it names them.
fn cultures(folder: &Path, name: &str, agents: u32) -> Vec<Culture> {
    let path = folder.join(format!("oracles/dynamics/graphs/{name}.nodes.csv"));
    match std::fs::read_to_string(path) {
        Ok(text) => text
            .lines()
            .skip(1)
            .map(|line| Culture(line.split(',').nth(1).and_then(|code| code.trim().parse().ok()).expect("a culture")))
            .collect(),
        Err(_) => vec![Culture(0); agents as usize],
    }
}

#[test]
fn every_statistic_of_every_recorded_graph_is_reproduced() {
    with_published("every_statistic_of_every_recorded_graph_is_reproduced", |folder| {
        let stats = oracle(folder, "graphs/stats.json");
        let mut checked = 0;
        for (name, expected) in stats.as_object().expect("graphs") {
            let listed = folder.join(format!("oracles/dynamics/graphs/{name}.edges.csv"));
            if !expected.is_object() || !listed.exists() {
                continue;
            }
            let n = expected["n"].as_u64().expect("a number of nodes") as u32;
            let found = graph(folder, name, n);
            let text = std::fs::read_to_string(listed.with_file_name(format!("{name}.graphml"))).expect("readable");
            assert_eq!(graphml::read(&text, n).expect("readable"), found, "{name}");
            check_statistics(name, expected, &found, &cultures(folder, name, n));
            checked += 1;
        }
        assert!(checked >= 8, "{checked} graphs");
    });
}

fn check_statistics(name: &str, expected: &Value, graph: &Graph, cultures: &[Culture]) {
    let (found, nodes) = statistics(graph, cultures, &mut rng());
    let near = |what: &str, found: Option<f64>| {
        let expected = expected.get(what).and_then(Value::as_f64);
        let same = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() <= TOLERANCE,
            (found, expected) => found.is_none() && expected.is_none(),
        };
        assert!(same, "{name}, {what}: {found:?} is not {expected:?}");
    };
    near("m", Some(found.edges as f64));
    near("mean_degree", Some(found.mean_degree));
    near("density", found.density);
    near("average_clustering", Some(found.average_clustering));
    near("transitivity", Some(found.transitivity));
    near("average_shortest_path_largest_component", found.paths.mean);
    near("diameter_largest_component", Some(f64::from(found.paths.longest)));
    near("degree_assortativity", found.degree_assortativity);
    let whole = |value: &Value| -> Vec<u32> { numbers(value).iter().map(|number| *number as u32).collect() };
    assert_eq!(nodes.sees, whole(&expected["degree_sequence"]), "{name}");
    assert_eq!(found.components, whole(&expected["components"]), "{name}");
    assert_eq!(Some(found.bipartite), expected["bipartite"].as_bool(), "{name}");
    if expected.get("ei_index").is_some() {
        let mixing = found.mixing.expect("edges");
        near("culture_assortativity", mixing.assortativity);
        near("modularity_by_culture", Some(mixing.modularity));
        near("ei_index", Some(mixing.ei_index));
        near("internal_edges", Some(mixing.internal_edges as f64));
    }
}

/// Mean and standard deviation over sixty seeds of every statistic an ensemble was described by.
#[test]
fn drawn_networks_are_like_those_of_another_program() {
    with_published("drawn_networks_are_like_those_of_another_program", |folder| {
        let ensembles = oracle(folder, "graphs/ensembles.json");
        let blocks = |sizes: &[usize]| -> Vec<Culture> {
            (0..).zip(sizes).flat_map(|(block, &size)| std::iter::repeat_n(Culture(block), size)).collect()
        };
        let one = vec![Culture(0); 100];
        let cases = [
            ("gnp(100,0.1)", Model::Gnp { p: 0.1 }, one.clone()),
            ("gnm(100,300)", Model::Gnm { m: 300 }, one.clone()),
            ("watts_strogatz(100,6,0.1)", Model::WattsStrogatz { neighbours: 6, rewire: 0.1 }, one.clone()),
            ("watts_strogatz(100,6,0.5)", Model::WattsStrogatz { neighbours: 6, rewire: 0.5 }, one.clone()),
            ("barabasi_albert(100,3)", Model::BarabasiAlbert { m: 3 }, one),
            (
                "sbm([40,30,20],in 0.3,out 0.03)",
                Model::Blocks {
                    cultures: (0..3).map(Culture).collect(),
                    probability: (0..3).map(|a| (0..3).map(|b| if a == b { 0.3 } else { 0.03 }).collect()).collect(),
                },
                blocks(&[40, 30, 20]),
            ),
        ];
        for (name, model, cultures) in cases {
            check_ensemble(name, &ensembles[name], &model, &cultures);
        }
    });
}

fn check_ensemble(name: &str, expected: &Value, model: &Model, cultures: &[Culture]) {
    const SEEDS: u64 = 60;
    let mut sums = std::collections::BTreeMap::new();
    for seed in 0..SEEDS {
        let streams = Streams::new(seed, name, 0);
        let graph = model.draw(cultures, &mut streams.of(Purpose("network")).stream(AgentId(0), 0));
        let (found, nodes) = statistics(&graph, cultures, &mut rng());
        let degrees: Vec<f64> = nodes.sees.iter().map(|degree| f64::from(*degree)).collect();
        let mean = degrees.iter().sum::<f64>() / degrees.len() as f64;
        let variance = degrees.iter().map(|degree| (degree - mean).powi(2)).sum::<f64>() / degrees.len() as f64;
        let mixing = found.mixing.expect("edges");
        for (what, value) in [
            ("edges", Some(found.edges as f64)),
            ("degree_variance", Some(variance)),
            ("max_degree", degrees.iter().copied().reduce(f64::max)),
            ("average_clustering", Some(found.average_clustering)),
            ("transitivity", Some(found.transitivity)),
            ("average_shortest_path_largest_component", found.paths.mean),
            ("largest_component", found.components.first().map(|size| f64::from(*size))),
            ("degree_assortativity", found.degree_assortativity),
            ("block_edge_share_internal", Some(mixing.internal_edges as f64 / found.edges as f64)),
        ] {
            *sums.entry(what).or_insert(0.0) += value.unwrap_or(f64::NAN) / SEEDS as f64;
        }
    }
    for (what, expected) in expected.as_object().expect("statistics") {
        let (mean, sd) = (expected["mean"].as_f64().expect("a mean"), expected["sd"].as_f64().expect("a deviation"));
        let allowed = 4.0 * sd * (2.0 / SEEDS as f64).sqrt();
        let found = sums[what.as_str()];
        assert!((found - mean).abs() <= allowed.max(TOLERANCE), "{name}, {what}: {found} is not {mean} ± {allowed}");
    }
}

#[test]
fn a_fixed_point_of_friedkin_and_johnsen_is_reached_and_stays() {
    let graph = Network::Graph(Arc::new(complete(6)));
    let first = Opinions::new(2, (0..12).map(|number| f64::from(number) / 11.0).collect());
    let model = NullModel::FriedkinJohnsen { susceptibility: 0.6 };
    let mut now = first.clone();
    for _ in 0..300 {
        let mut next = now.clone();
        model.step(&Round { now: &now, seen: &now, first: &first, network: &graph }, &mut next, &mut rng());
        now = next;
    }
    let mut next = now.clone();
    model.step(&Round { now: &now, seen: &now, first: &first, network: &graph }, &mut next, &mut rng());
    close(&next, &now, "fixed point");
    // λ·mean of the others + (1 − λ)·first, on six agents: solved by hand for the mean, which stays what it was.
    let mean: f64 = (0..6).map(|agent| now.row(agent)[0]).sum::<f64>() / 6.0;
    let began: f64 = (0..6).map(|agent| first.row(agent)[0]).sum::<f64>() / 6.0;
    assert!((mean - began).abs() < 1e-12);
}
