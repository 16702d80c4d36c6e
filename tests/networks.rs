//! Networks of a scenario: what is refused, what is allowed and said, and what a run writes of them.

use pluriverse_engine::record::observations::OBSERVATIONS;
use pluriverse_engine::record::read::read_table;
use pluriverse_scenarios::commands::{Exit, story};
use pluriverse_worlds::network::record::{EDGES, NODES};

use crate::support::{FinishedRun, SMALL, ScenarioFile, command, loaded, run_simply};

/// Networks over three agents that cannot be, and what is said of them.
const MISTAKES: [(&str, &str); 21] = [
    ("RingLattice(neighbours: 4)", "3 agents cannot have 4 neighbours each"),
    ("RingLattice(neighbours: -2)", "`neighbours` is a number of ties from 0 on, not -2"),
    ("WattsStrogatz(neighbours: 2, rewire: 1.5)", "`rewire` is a probability from 0 to 1, not 1.5"),
    ("WattsStrogatz(neighbours: 3, rewire: 0.5)", "an even number of neighbours"),
    ("ErdosRenyi(p: -0.1)", "`p` is a probability from 0 to 1, not -0.1"),
    ("ErdosRenyi(m: 4)", "3 agents can be joined in 3 ways, not in 4"),
    ("ErdosRenyi(p: 0.5, m: 2)", "either `p`, a probability, or `m`"),
    ("ErdosRenyi", "ErdosRenyi"),
    ("BarabasiAlbert(m: 0)", "`m` lies from 1 to one less than the 3 agents, not at 0"),
    ("BarabasiAlbert(m: 3)", "`m` lies from 1 to one less than the 3 agents, not at 3"),
    ("StochasticBlock(within: 1.0, between: 2.0)", "the probability of a tie is a probability from 0 to 1, not 2"),
    ("StochasticBlock(within: 1.0)", "between"),
    ("Homophily(degree: 3.0, strength: 1.0)", "a mean degree of 3 agents lies from 0 to 2, not at 3"),
    ("Homophily(degree: 1.0, strength: -1.0)", "`strength` is a number from 0 on, not -1"),
    ("Homophily(degree: 1.0, strength: 1.0, by: Langauge)", "`Langauge` is no choice"),
    ("EdgeList(path: \"loop.csv\")", "loop.csv, line 3, column 1: agent 1 is tied to itself"),
    ("EdgeList(path: \"unknown.csv\")", "line 2, column 3: there is no agent 3: the society has agents 0 to 2"),
    ("EdgeList(path: \"negative.csv\")", "line 2, column 1: -0.5 is no weight: weights are numbers above 0"),
    ("EdgeList(path: \"nowhere.csv\")", "nowhere.csv: No such file"),
    ("GraphMl(path: \"cut.graphml\")", "cut.graphml, line 1, column 1: not well-formed XML"),
    ("GraphMl(path: \"loop.graphml\")", "loop.graphml, line 3, column 1: agent 0 is tied to itself"),
];

const FILES: [(&str, &str); 6] = [
    ("loop.csv", "source,target\n0,1\n1,1\n"),
    ("unknown.csv", "source,target\n0,3\n"),
    ("negative.csv", "source,target,weight\n0,1,-0.5\n"),
    ("pair.csv", "source,target,weight\n0,1,2.5\n"),
    ("cut.graphml", "<graphml>\n<graph edgedefault=\"directed\"><node id=\"0\"/>"),
    (
        "loop.graphml",
        "<graphml><graph edgedefault=\"directed\">\n<node id=\"0\"/>\n<edge source=\"0\" target=\"0\"/></graph></graphml>",
    ),
];

fn with_network(network: &str) -> ScenarioFile {
    let file = ScenarioFile::new(&SMALL.replace("timeline:", &format!("network: {network}, timeline:")));
    for (name, text) in FILES {
        std::fs::write(file.folder().join(name), text).expect("written");
    }
    file
}

#[test]
fn a_network_that_cannot_be_is_a_mistake_that_says_why_and_leaves_nothing() {
    for (network, expected) in MISTAKES {
        let file = with_network(network);
        let shown = match loaded(&file.path(), &[], None) {
            Ok(_) => panic!("{network} was taken"),
            Err(error) => error.render(),
        };
        // Long lines are broken by the one who draws them.
        let words: String = shown.split_whitespace().collect::<Vec<_>>().join(" ").replace(" │ ", " ");
        assert!(words.contains(expected), "{network}: {expected} is not said in\n{shown}");
        let out = file.folder().join("out");
        assert_eq!(command(&["run", "-q", &file.path(), "--out", &out.display().to_string()]), Exit::Mistake);
        assert!(!out.exists(), "{network}");
    }
}

/// A figure of the network of a run.
fn figure(run: &FinishedRun, name: &str) -> Option<f64> {
    let columns = read_table(&run.directory(), &OBSERVATIONS).expect("readable");
    let column =
        |name: &str| &columns[OBSERVATIONS.columns.iter().position(|(known, _)| *known == name).expect("a column")];
    let row = (0..columns[0].rows()).find(|row| column("metric").text(*row) == name).expect("a row");
    column("value").real(row)
}

#[test]
fn a_network_in_parts_is_allowed_and_said() {
    let file = with_network("EdgeList(path: \"pair.csv\")");
    let run = run_simply(&file.path(), &[]);
    assert_eq!(figure(&run, "network_components"), Some(2.0));
    assert_eq!(figure(&run, "network_largest_component"), Some(2.0));
    let told = story::network(&run.trajectories).expect("a sentence");
    assert!(told.contains("it falls into 2 parts"), "{told}");
    let page = std::fs::read_to_string(run.directory().join("report.html")).expect("a page");
    assert!(page.contains("2 parts"), "the page says that the network falls apart");
}

#[test]
fn edges_and_agents_of_a_network_are_written_once_a_replicate() {
    let file = with_network("ErdosRenyi(m: 2)");
    let run = run_simply(&file.path(), &["replicates=3", "arms=[Exposed, ReAsk]"]);
    let (edges, nodes) = (read_table(&run.directory(), &EDGES), read_table(&run.directory(), &NODES));
    let (edges, nodes) = (edges.expect("edges"), nodes.expect("nodes"));
    assert_eq!((edges[0].rows(), nodes[0].rows()), (3 * 2, 3 * 3));
    assert!((figure(&run, "network_edges").expect("a figure") - 2.0).abs() < f64::EPSILON);

    let unwritten = run_simply(&file.path(), &["record=(network: None)"]);
    assert!(!unwritten.files().contains_key("network_edges.parquet"));
    assert!(figure(&unwritten, "network_edges").is_some());
}

#[test]
fn every_kind_of_network_carries_a_run() {
    for network in [
        "Complete",
        "RingLattice(neighbours: 2)",
        "WattsStrogatz(neighbours: 4, rewire: 0.3)",
        "ErdosRenyi(p: 0.4)",
        "ErdosRenyi(m: 9)",
        "BarabasiAlbert(m: 2)",
        "StochasticBlock(within: 0.9, between: 0.1)",
        "Homophily(degree: 3.0, strength: 1.0)",
        "Homophily(degree: 3.0, strength: 0.05, by: Answers)",
    ] {
        let text = SMALL
            .replace("backbone: \"house\")", "backbone: \"house\", count: 3)")
            .replace("timeline:", &format!("network: {network}, timeline:"));
        let file = ScenarioFile::new(&text);
        let run = run_simply(&file.path(), &[]);
        assert!(figure(&run, "network_edges").is_some_and(|edges| edges > 0.0), "{network}");
        assert!(run.metric("society", "toward_peers")[1].is_some(), "{network}");
    }
}
