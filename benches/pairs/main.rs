//! Diversity_P and Diversity_S of large societies, exact, beside numpy, scipy and a compiled Prim on the same answers; and
//! the estimate for a million.
//!
//! Arguments after `--`: agents, runs (default 20000 5); then, optional, `python=PROGRAM` (see `../peers/README.md`). All
//! is run in turn, run after run; printed are medians and, run by run, ratios.

#[path = "../opinion/workload.rs"]
mod workload;

use std::process::Command;
use std::time::Instant;

use pluriverse_engine::agent::AgentId;
use pluriverse_worlds::survey::AnswerSheets;
use pluriverse_worlds::survey::measures::distance::between_agents;
use pluriverse_worlds::survey::measures::diversity::{mean_edge, minimum_spanning_tree};
use pluriverse_worlds::survey::measures::estimate;
use pluriverse_worlds::survey::measures::kernel::{Instructions, Packed, PairDistances, RunningPairs, tree};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::ThreadPoolBuilder;

const ITEMS: usize = 223;

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn now() -> Instant {
    Instant::now()
}

/// Something timed: its seconds run after run, and the figure all of its kind must agree on.
struct Contender<'a> {
    name: &'static str,
    measure: &'static str,
    every: usize,
    seconds: Vec<f64>,
    run: Box<dyn FnMut() -> (f64, f64) + 'a>,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let numbers: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let agents = numbers.first().copied().unwrap_or(20_000);
    let runs = numbers.get(1).copied().unwrap_or(5);
    let python = words.iter().find_map(|word| word.strip_prefix("python="));
    println!("{agents} agents, {ITEMS} items, {runs} runs in turn; instructions: {}", Instructions::detect().name());
    println!("load average before: {}", load_average());
    exact(agents, runs, python);
    println!("load average after: {}", load_average());
    running(agents);
    estimated();
}

fn exact(agents: usize, runs: usize, python: Option<&str>) {
    let (sheets, spans) = society(agents);
    let ids: Vec<AgentId> = sheets.agent_ids().collect();
    let pool = |threads| ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    let (one, two) = (pool(1), pool(2));
    let packed = || Packed::of(&sheets, &spans, &ids).expect("small answers");
    let timed = |work: &dyn Fn() -> f64| {
        let started = now();
        let figure = work();
        (started.elapsed().as_secs_f64(), figure / 100.0)
    };
    let pairs = || PairDistances::of(&packed()).mean().value.expect("pairs");
    let plain = |a: usize, b: usize| between_agents(&sheets, &spans, ids[a], ids[b]).percent();
    let plain_tree = || minimum_spanning_tree(agents, plain).as_deref().and_then(mean_edge).expect("a tree");
    let fast_tree = || tree(packed()).as_deref().and_then(mean_edge).expect("a tree");
    let contender = |name, measure, every, run| Contender { name, measure, every, seconds: Vec::new(), run };
    // From here on the peak is counted anew.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = status_kib("VmRSS");
    one.install(|| timed(&pairs));
    println!("Diversity_P takes {:.1} MiB beside the answers", (status_kib("VmHWM") - before) as f64 / 1024.0);
    let mut contenders = vec![
        contender("Diversity_P, 1 thread", "P", 1, Box::new(|| one.install(|| timed(&pairs)))),
        contender("Diversity_P, 2 threads", "P", 1, Box::new(|| two.install(|| timed(&pairs)))),
        contender("Diversity_S, 1 thread", "S", 1, Box::new(|| one.install(|| timed(&fast_tree)))),
        contender("a plain compiled Prim in Rust", "S", 3, Box::new(|| one.install(|| timed(&plain_tree)))),
    ];
    if let Some(python) = python {
        for (name, method, measure) in [
            ("numpy, Gram matrix (BLAS)", "gram", "P"),
            ("scipy pdist", "pdist", "P"),
            ("numba, compiled Prim", "prim", "S"),
        ] {
            contenders.push(contender(name, measure, 3, Box::new(move || peer(python, method, agents))));
        }
    }
    for run in 0..runs {
        take_turns(run, &mut contenders);
    }
    report(&contenders);
}

fn take_turns(run: usize, contenders: &mut [Contender<'_>]) {
    let mut figures: Vec<(&str, f64)> = Vec::new();
    for contender in contenders.iter_mut().filter(|contender| run.is_multiple_of(contender.every)) {
        let (seconds, figure) = (contender.run)();
        contender.seconds.push(seconds);
        match figures.iter().find(|(measure, _)| *measure == contender.measure) {
            Some((_, expected)) => {
                assert!((figure - expected).abs() < 1e-10, "{}: {figure}, not {expected}", contender.name);
            }
            None => figures.push((contender.measure, figure)),
        }
    }
    if run == 0 {
        for (measure, figure) in figures {
            println!("Diversity_{measure}: {:.12}", figure * 100.0);
        }
    }
}

fn report(contenders: &[Contender<'_>]) {
    println!("{:<32}{:>12}{:>12}{:>6}  times the time of ours on one thread", "", "s, median", "fastest, s", "runs");
    for contender in contenders {
        let ours = contenders.iter().find(|other| other.measure == contender.measure).expect("ours comes first");
        let ratios =
            contender.seconds.iter().enumerate().map(|(place, took)| took / ours.seconds[place * contender.every]);
        let fastest = contender.seconds.iter().copied().fold(f64::INFINITY, f64::min);
        println!(
            "{:<32}{:>12.3}{fastest:>12.3}{:>6}{:>9.2}",
            contender.name,
            median(contender.seconds.clone()),
            contender.seconds.len(),
            median(ratios.collect())
        );
    }
}

/// A mean kept up to date while one agent in a hundred changes its answers, beside computing it anew.
fn running(agents: usize) {
    let (before, spans) = society(agents);
    let ids: Vec<AgentId> = before.agent_ids().collect();
    let mut after = before.clone();
    for agent in ids.iter().step_by(100) {
        after.set(*agent, 0, Ok(3 - before.get(*agent, 0).expect("an answer")));
    }
    let pool = ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    pool.install(|| {
        let running = RunningPairs::of(&before, &spans, &ids).expect("small answers");
        let started = now();
        let updated = running.updated(&before, &after, &spans).expect("small answers");
        let took = started.elapsed().as_secs_f64();
        let started = now();
        let anew = RunningPairs::of(&after, &spans, &ids).expect("small answers");
        assert_eq!(updated.mean(), anew.mean());
        println!("\n1 agent in 100 changes: {took:.3} s to update, {:.3} s anew", started.elapsed().as_secs_f64());
    });
}

/// The estimate for a million agents, and how often its interval covers the exact figure of a smaller society.
fn estimated() {
    const DRAWS: usize = 100_000;
    let (sheets, spans) = society(1_000_000);
    let ids: Vec<AgentId> = sheets.agent_ids().collect();
    let started = now();
    let found = estimate::pairwise_diversity(&sheets, &spans, &ids, DRAWS, &mut ChaCha8Rng::seed_from_u64(1));
    let (lower, upper) = found.interval.expect("an interval");
    println!(
        "\n1,000,000 agents, {DRAWS} pairs drawn: {:.3} ± {:.3} in {:.3} s",
        found.value.expect("a figure"),
        (upper - lower) / 2.0,
        started.elapsed().as_secs_f64()
    );
    let few = &ids[..20_000];
    let exact = PairDistances::of(&Packed::of(&sheets, &spans, few).expect("small answers")).mean().value;
    let exact = exact.expect("pairs");
    let covers = |seed: &u64| {
        let found = estimate::pairwise_diversity(&sheets, &spans, few, DRAWS, &mut ChaCha8Rng::seed_from_u64(*seed));
        found.interval.is_some_and(|(lower, upper)| (lower..=upper).contains(&exact))
    };
    println!("of 200 seeds, intervals that cover the exact figure of 20,000: {}", (0..200).filter(covers).count());
}

/// The society of the workload: answers and Δ² of the items.
fn society(agents: usize) -> (AnswerSheets, Vec<u32>) {
    let mut sheets = AnswerSheets::new(agents, ITEMS);
    for (place, opinion) in workload::opinions(agents, ITEMS).into_iter().enumerate() {
        sheets.set(AgentId((place / ITEMS) as u32), place % ITEMS, Ok(opinion as i32));
    }
    (sheets, workload::spans(ITEMS).map(|span| span * span).collect())
}

fn peer(python: &str, method: &str, agents: usize) -> (f64, f64) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/pairs/pairs.py");
    let mut command = Command::new(python);
    command.args([script, method, &agents.to_string()]);
    for threads in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"] {
        command.env(threads, "1");
    }
    let output = command.output().expect("the peer's program");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [seconds, figure] = numbers[..] else {
        panic!("{method} printed {text:?} and {}", String::from_utf8_lossy(&output.stderr));
    };
    (seconds, figure)
}

fn status_kib(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find(|text| text.starts_with(line));
    found.and_then(|text| text.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}
