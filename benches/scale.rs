//! A society of a million: time in the answering systems, time of whole ticks, and resident memory an agent.
//!
//! Not a statistical bench: each phase runs once a round, over hundreds of millions of answers. Arguments after `--`:
//! the scenario, `million` (default: 223 items, one exposure round) or `million-rounds` (20 items, fifty of them); the
//! number of agents a culture (default 200000, five cultures); the number of threads (default: the machine's).

use std::time::Instant;

use pluriverse_engine::exchange::{Inbox, Outbox};
use pluriverse_engine::observation::Observations;
use pluriverse_engine::record::table::TableRows;
use pluriverse_engine::simulation::{Simulation, SystemOrder};
use pluriverse_scenarios::load::{Request, load};
use pluriverse_scenarios::spawn::spawn;

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn now() -> Instant {
    Instant::now()
}

/// A line of `/proc/self/status` in KiB, e.g. `VmHWM` (largest resident set so far).
fn status_kib(line: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let found = status.lines().find(|text| text.starts_with(line))?;
    found.split_whitespace().nth(1)?.parse().ok()
}

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let count = numbers.first().copied().unwrap_or(200_000);
    let threads = numbers.get(1).copied().unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool");
    let named = std::env::args().skip(1).find(|word| word.starts_with("million"));
    let name = named.as_deref().unwrap_or("million");
    pool.install(|| measure(name, count, pool.current_num_threads()));
}

fn measure(name: &str, count: usize, threads: usize) {
    let scenario = format!("{}/{name}.ron", env!("CARGO_MANIFEST_DIR"));
    let started = now();
    let before_kib = status_kib("VmRSS").unwrap_or(0);
    let resolved = load(&Request { scenario, set: vec![format!("population.0.count={count}")], ..Request::default() })
        .unwrap_or_else(|error| panic!("{}", error.render()));
    let mut run = spawn(&resolved, SystemOrder::AsRegistered).expect("unambiguous schedules");
    let agents = count * 5;
    let answers = agents * resolved.survey.len();
    println!("{agents} agents, {} items, {threads} threads", resolved.survey.len());
    println!("spawned in {:.2} s", started.elapsed().as_secs_f64());
    for (tick, now_planned) in (0..).zip(run.plan.clone()) {
        let simulation = &mut run.strands[0].simulation;
        let asked = now();
        simulation.begin_tick(tick, &now_planned);
        simulation.run_before_model();
        let answering = asked.elapsed().as_secs_f64();
        let observed = now();
        finish_tick(simulation);
        println!(
            "{:<9} round {}: answering {answering:.2} s = {:.1} million answers/s; resolving and observing {:.2} s; {} MiB",
            now_planned.mechanism,
            now_planned.round,
            answers as f64 / answering / 1e6,
            observed.elapsed().as_secs_f64(),
            status_kib("VmRSS").unwrap_or(0) / 1024
        );
    }
    if let Some(peak) = status_kib("VmHWM") {
        let of_agents = (peak - before_kib) as f64 * 1024.0 / agents as f64;
        println!("peak resident memory {:.0} MiB, {of_agents:.0} bytes an agent in all", peak as f64 / 1024.0);
    }
}

fn finish_tick(simulation: &mut Simulation) {
    simulation.world.resource_mut::<Outbox>().0.clear();
    simulation.world.resource_mut::<Inbox>().take();
    simulation.run_after_turn();
    simulation.run_after_model();
    for observation in std::mem::take(&mut simulation.world.resource_mut::<Observations>().0) {
        if observation.scope == "society" {
            println!("    {} {:?} {:?}", observation.metric, observation.value, observation.interval);
        }
    }
    simulation.world.resource_mut::<TableRows>().0.clear();
}
