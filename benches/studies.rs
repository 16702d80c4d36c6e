//! The landscape studies at the published sizes: all assignments of 18 backbones to five cultures, and all subsets of 19
//! cultures for four systems. `cargo bench -p pluriverse-benches --bench studies`; one thread, CPU time as the system counts.
//!
//! Answers are drawn by seed: half of the backbones are perturbations of the other half.

use std::sync::Arc;
use std::time::Instant;

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::seed::{Purpose, Streams};
use pluriverse_scenarios::studies::compositions::compositions;
use pluriverse_scenarios::studies::landscape::points;
use pluriverse_scenarios::studies::mixed::{Tables, exhaustive};
use pluriverse_scenarios::studies::systems::System;
use pluriverse_worlds::inference::resample::Resamples;
use pluriverse_worlds::survey::measures::distance::between_agents;
use pluriverse_worlds::survey::{AnswerSheets, Item, Scale, Survey};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const ITEMS: usize = 223;
const OPTIONS: [i32; 5] = [2, 3, 4, 5, 10];
const RUNS: usize = 5;

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn now() -> Instant {
    Instant::now()
}

/// User and system time of this process so far, in hundredths of a second.
fn cpu() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind_name = stat.rsplit(')').next().unwrap_or_default();
    behind_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn systems(backbones: usize, cultures: usize) -> Vec<System> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut found: Vec<System> = Vec::new();
    for backbone in 0..backbones {
        let mut sheets = AnswerSheets::new(cultures, ITEMS);
        for agent in sheets.agent_ids() {
            for item in 0..ITEMS {
                let fresh = rng.random_range(1..=OPTIONS[item % OPTIONS.len()]);
                let known =
                    found.get(backbone.wrapping_sub(backbones / 2)).and_then(|s| s.sheets.get(agent, item).ok());
                let kept = known.filter(|_| rng.random_range(0..10) < 8);
                sheets.set(agent, item, Ok(kept.unwrap_or(fresh)));
            }
        }
        found.push(System { name: Arc::from(format!("backbone {backbone}")), sheets });
    }
    found
}

fn survey() -> Survey {
    let item = |index: usize| Item {
        id: Arc::from(format!("Q{index}")),
        theme: Arc::from(""),
        question: Arc::from(""),
        options: vec![Arc::from("option"); OPTIONS[index % OPTIONS.len()] as usize],
        scale: Scale::Ordinal,
        first_code: 1,
        paper: true,
    };
    Survey { name: Arc::from("bench"), source: Arc::from(""), items: (0..ITEMS).map(item).collect(), aside: 0 }
}

fn spans() -> Vec<u32> {
    (0..ITEMS).map(|item| (OPTIONS[item % OPTIONS.len()] as u32 - 1).pow(2)).collect()
}

/// The median over some runs of wall time, with the CPU time of all.
fn timed(what: &str, mut work: impl FnMut()) {
    work();
    let (started_cpu, mut walls) = (cpu(), Vec::new());
    for _ in 0..RUNS {
        let started = now();
        work();
        walls.push(started.elapsed().as_secs_f64());
    }
    walls.sort_by(f64::total_cmp);
    let each = (cpu() - started_cpu) as f64 / 100.0 / RUNS as f64;
    println!("{what:<62}{:>9.3} s{each:>9.3} CPU s{:>6} MiB at most", walls[RUNS / 2], peak_mib());
}

fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    pool.install(|| {
        let (mixed, spans) = (systems(18, 5), spans());
        let cultures: Vec<Arc<str>> = (0..5).map(|culture| Arc::from(format!("C{culture}"))).collect();
        let people = systems(1, 5).remove(0).sheets;
        let reference = |agent: AgentId| (0..ITEMS).map(|item| people.get(agent, item).ok().map(f64::from)).collect();
        let references: Vec<Vec<Option<f64>>> = people.agent_ids().map(reference).collect();
        timed("18 backbones × 5 cultures, 1,889,568 assignments: P, S, A", || {
            let tables = Tables::of(&mixed, &cultures, &references, &spans).expect("comparable");
            assert_eq!(exhaustive(&tables, &|_, _| {}).assignments, 1_889_568);
        });
        let survey = survey();
        let streams = Streams::new(1, "bench", 0).of(Purpose("items"));
        let resamples = Resamples::draw(ITEMS, 1000, &streams);
        timed("18 systems as points, 1,000 resamples of the items", || {
            assert_eq!(points(&survey, &mixed, &references, &resamples, &|_, _| {}).len(), 18);
        });
        let wide = systems(4, 19);
        timed("4 systems × all subsets of 19 cultures: P", || {
            for system in &wide {
                let id = |place: usize| AgentId(place as u32);
                let distance = |place: usize| {
                    between_agents(&system.sheets, &spans, id(place / 19), id(place % 19)).percent().unwrap_or(0.0)
                };
                let distances: Vec<f64> = (0..19 * 19).map(distance).collect();
                assert_eq!(compositions(&distances, 19).iter().map(|of| of.subsets).sum::<u64>(), (1 << 19) - 20);
            }
        });
    });
}
