//! A virtual day of 100,000 agents on a platform: where the time goes, and actions a second with everything written.
//!
//! Not a statistical bench. Arguments after `--`: `Simultaneous` (default) or `Sequential`; the number of agents a
//! culture (default 20000, five cultures); the number of threads (default: the machine's).

use std::time::Instant;

use pluriverse_engine::exchange::{Inbox, Outbox};
use pluriverse_engine::observation::Observations;
use pluriverse_engine::record::table::{TableRows, TableWriter};
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_scenarios::load::{Request, load};
use pluriverse_scenarios::spawn::spawn;
use pluriverse_worlds::platform::record::{COMMENTS, EVENTS, POSTS};
use pluriverse_worlds::platform::state::Platform;

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn now() -> Instant {
    Instant::now()
}

/// A line of `/proc/self/status` in MiB, e.g. `VmRSS` (resident now).
fn status_mib(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find(|text| text.starts_with(line));
    found.and_then(|text| text.split_whitespace().nth(1)).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1_024
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let count = numbers.first().copied().unwrap_or(20_000);
    let update = words.iter().find(|word| *word == "Sequential").map_or("Simultaneous", |word| word);
    let threads = numbers.get(1).copied().unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool");
    pool.install(|| measure(count, update, pool.current_num_threads()));
}

fn measure(count: usize, update: &str, threads: usize) {
    let scenario = format!("{}/day.ron", env!("CARGO_MANIFEST_DIR"));
    let set = vec![format!("population.0.count={count}"), format!("timeline.1.update={update}")];
    let resolved =
        load(&Request { scenario, set, ..Request::default() }).unwrap_or_else(|error| panic!("{}", error.render()));
    let mut run = spawn(&resolved, SystemOrder::AsRegistered).expect("unambiguous schedules");
    let folder = tempfile::tempdir().expect("a folder");
    let specs = [&EVENTS, &POSTS, &COMMENTS];
    let mut writers = specs.map(|spec| (spec.name, TableWriter::create(folder.path(), spec).expect("a table")));
    println!("{} agents, {update}, {threads} threads", count * 5);
    let (mut deciding, mut doing, mut writing) = (0.0, 0.0, 0.0);
    for (tick, planned) in (0..).zip(run.plan.clone()) {
        let simulation = &mut run.strands[0].simulation;
        let started = now();
        simulation.begin_tick(tick, &planned);
        simulation.run_before_model();
        let decided = now();
        simulation.world.resource_mut::<Outbox>().0.clear();
        simulation.world.resource_mut::<Inbox>().take();
        simulation.run_after_turn();
        simulation.run_after_model();
        let done = now();
        simulation.world.resource_mut::<Observations>().0.clear();
        for rows in std::mem::take(&mut simulation.world.resource_mut::<TableRows>().0) {
            if let Some((_, writer)) = writers.iter_mut().find(|(name, _)| *name == rows.table.name) {
                rows.portions.for_each(|portion| writer.append(&portion).expect("written"));
            }
        }
        if tick > 0 {
            deciding += (decided - started).as_secs_f64();
            doing += (done - decided).as_secs_f64();
            writing += done.elapsed().as_secs_f64();
        }
        if tick % 12 == 0 {
            println!("  after round {}: {} MiB resident", planned.round, status_mib("VmRSS"));
        }
    }
    let totals = run.strands[0].simulation.world.resource::<Platform>().totals().clone();
    let (actions, all) = (totals.actions as f64, deciding + doing + writing);
    println!("{} actions, {} readings, {} refused", totals.actions, totals.readings, totals.refused);
    println!("deciding {deciding:.2} s, doing and measuring {doing:.2} s, writing {writing:.2} s");
    println!(
        "{:.0} thousand actions/s, {:.0} thousand readings/s besides",
        actions / all / 1e3,
        totals.readings as f64 / all / 1e3
    );
}
