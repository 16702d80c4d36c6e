//! The opinion workload (`workload.rs`) through the engine's tick, beside loops without an engine and beside peers.
//!
//! Arguments after `--`: items, agents, steps, runs (default 223 10000 20 15); then, each optional,
//! `krabmaga=PROGRAM` and `mesa=PYTHON` (see `../peers/README.md`). Everything is run in turn, run after run, so that
//! what disturbs the machine disturbs all alike; printed are medians of agent-steps a second and their ratios.

mod workload;

use std::cell::RefCell;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use pluriverse_agents::kinds::null_model::SocietyOpinions;
use pluriverse_engine::exchange::{Inbox, Outbox};
use pluriverse_engine::observation::Observations;
use pluriverse_engine::record::table::TableRows;
use pluriverse_engine::simulation::{Simulation, SystemOrder};
use pluriverse_engine::tick::PlannedTick;
use pluriverse_scenarios::load::{Request, load};
use pluriverse_scenarios::spawn::spawn;
use pluriverse_worlds::dynamics::Opinions;
use pluriverse_worlds::dynamics::averaging::neighbour_means;
use pluriverse_worlds::network::{Graph, Network};
use rayon::{ThreadPool, ThreadPoolBuilder};
use workload::{Checksum, SLOTS, opinions, slots};

/// Peers in Python run this many times less often: they take minutes.
const SLOW: usize = 5;

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn now() -> Instant {
    Instant::now()
}

/// What is run.
#[derive(Clone, Copy)]
struct Size {
    items: usize,
    agents: usize,
    steps: usize,
    runs: usize,
}

/// One implementation, and the seconds it took, run after run.
struct Contender<'a> {
    name: &'static str,
    every: usize,
    seconds: Vec<f64>,
    run: Box<dyn FnMut() -> (f64, Checksum) + 'a>,
}

impl<'a> Contender<'a> {
    fn new(name: &'static str, run: impl FnMut() -> (f64, Checksum) + 'a) -> Self {
        Self { name, every: 1, seconds: Vec::new(), run: Box::new(run) }
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let numbers: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let number = |place: usize, default: usize| numbers.get(place).copied().unwrap_or(default);
    let size = Size { items: number(0, 223), agents: number(1, 10_000), steps: number(2, 20), runs: number(3, 15) };
    let [one, two] = [1, 2].map(|threads| ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool"));
    known_checksums(&one);
    let first = opinions(size.agents, size.items);
    let read = slots(size.agents);
    let graph = Arc::new(Graph::of_slots(SLOTS, read.clone()));
    let engine = RefCell::new(Engine::new(size, graph.clone()));
    let mut contenders = vec![
        Contender::new("bare loop", || bare(size, &first, &read)),
        Contender::new("our kernel alone, 1 thread", || kernel(size, &first, &graph, &one)),
        Contender::new("the engine's tick, 1 thread", || engine.borrow_mut().carry_out(size, &first, &one)),
        Contender::new("the engine's tick, 2 threads", || engine.borrow_mut().carry_out(size, &first, &two)),
    ];
    for word in &words {
        if let Some(program) = word.strip_prefix("krabmaga=") {
            contenders.push(Contender::new("krABMaga 0.6.2", move || peer(&[program], size)));
        }
        if let Some(python) = word.strip_prefix("mesa=") {
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/mesa/opinions.py");
            let mesa = Contender::new("Mesa 3.5.1", move || peer(&[python, script], size));
            contenders.push(Contender { every: SLOW, ..mesa });
        }
    }
    let load = load_average();
    for run in 0..size.runs {
        take_turns(run, &mut contenders);
    }
    report(size, &contenders, &load);
}

/// Every implementation once, each against the checksum of the first.
fn take_turns(run: usize, contenders: &mut [Contender<'_>]) {
    let mut expected: Option<Checksum> = None;
    for contender in contenders.iter_mut().filter(|contender| run.is_multiple_of(contender.every)) {
        let (seconds, checksum) = (contender.run)();
        let expected = *expected.get_or_insert(checksum);
        assert!(near(checksum, expected), "{}: {checksum:?}, not {expected:?}", contender.name);
        contender.seconds.push(seconds);
    }
}

/// Whether two implementations computed the same: sums are taken in different orders.
fn near(a: Checksum, b: Checksum) -> bool {
    let pairs = [(a.sum, b.sum), (a.first, b.first), (a.last, b.last)];
    pairs.into_iter().all(|(a, b)| (a - b).abs() <= 1e-11 * b.abs())
}

/// The published checksums, through the engine's tick.
fn known_checksums(pool: &ThreadPool) {
    let published = [(223, 646_107.544_963, Some((1.512_741_398_048, 2.505_804_674_253))), (1, 1_489.389_461, None)];
    for (items, sum, ends) in published {
        let size = Size { items, agents: 1_000, steps: 20, runs: 1 };
        let graph = Arc::new(Graph::of_slots(SLOTS, slots(size.agents)));
        let (_, found) = Engine::new(size, graph).carry_out(size, &opinions(size.agents, items), pool);
        assert!((found.sum - sum).abs() < 1e-6, "{found:?}");
        if let Some((first, last)) = ends {
            assert!((found.first - first).abs() < 1e-12 && (found.last - last).abs() < 1e-12, "{found:?}");
        }
        println!("1,000 agents, {items} items, 20 steps: checksum {:.6}, as published", found.sum);
    }
}

/// A loop over two buffers, as one writes it: what memory allows.
fn bare(size: Size, first: &[f64], read: &[u32]) -> (f64, Checksum) {
    let items = size.items;
    let (mut now_held, mut next) = (first.to_vec(), vec![0.0; first.len()]);
    let started = now();
    for _ in 0..size.steps {
        for (row, slots) in next.chunks_exact_mut(items).zip(read.chunks_exact(SLOTS)) {
            row.fill(0.0);
            for &peer in slots {
                let seen = &now_held[peer as usize * items..][..items];
                for (sum, value) in row.iter_mut().zip(seen) {
                    *sum += value;
                }
            }
            for sum in row {
                *sum /= SLOTS as f64;
            }
        }
        std::mem::swap(&mut now_held, &mut next);
    }
    (started.elapsed().as_secs_f64(), Checksum::of(&now_held))
}

/// The kernel the engine's tick calls, without the engine.
fn kernel(size: Size, first: &[f64], graph: &Graph, pool: &ThreadPool) -> (f64, Checksum) {
    let mut held = Opinions::new(size.items, first.to_vec());
    let mut next = held.clone();
    let started = now();
    pool.install(|| {
        for _ in 0..size.steps {
            neighbour_means(&held, graph, &mut next);
            std::mem::swap(&mut held, &mut next);
        }
    });
    (started.elapsed().as_secs_f64(), Checksum::of(held.values()))
}

/// A society of the engine's, past its first survey.
struct Engine {
    simulation: Simulation,
    plan: Vec<PlannedTick>,
    tick: u32,
}

impl Engine {
    fn new(size: Size, graph: Arc<Graph>) -> Self {
        let mut set = vec![format!("population.0.count={}", size.agents / 5)];
        if size.items == 1 {
            set.push("items=Only([\"Q57\"])".to_owned());
        }
        let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/opinion/society.ron").to_owned();
        let resolved =
            load(&Request { scenario, set, ..Request::default() }).unwrap_or_else(|error| panic!("{}", error.render()));
        assert_eq!((resolved.survey.len(), size.agents % 5), (size.items, 0), "223 items or 1, five cultures");
        let mut run = spawn(&resolved, SystemOrder::AsRegistered).expect("schedules");
        let mut engine = Self { simulation: run.strands.remove(0).simulation, plan: run.plan, tick: 0 };
        engine.step();
        engine.simulation.world.insert_resource(Network::Graph(graph));
        engine
    }

    /// The workload: opinions are put in place, then ticks of an exposure are timed.
    fn carry_out(&mut self, size: Size, first: &[f64], pool: &ThreadPool) -> (f64, Checksum) {
        self.simulation.world.insert_resource(SocietyOpinions::new(Opinions::new(size.items, first.to_vec())));
        let started = now();
        pool.install(|| (0..size.steps).for_each(|_| self.step()));
        let seconds = started.elapsed().as_secs_f64();
        (seconds, Checksum::of(self.simulation.world.resource::<SocietyOpinions>().now.values()))
    }

    /// A tick, as the run's loop carries it out where nobody speaks to a model.
    fn step(&mut self) {
        let planned = self.plan[self.tick.min(1) as usize].clone();
        let simulation = &mut self.simulation;
        simulation.begin_tick(self.tick, &planned);
        simulation.run_before_model();
        let world = &mut simulation.world;
        world.resource_mut::<Outbox>().0.clear();
        world.resource_mut::<Inbox>().take();
        simulation.run_after_turn();
        simulation.run_after_model();
        simulation.world.resource_mut::<Observations>().0.clear();
        simulation.world.resource_mut::<TableRows>().0.clear();
        self.tick += 1;
    }
}

/// A program that carries out the workload and prints seconds and checksum.
fn peer(program: &[&str], size: Size) -> (f64, Checksum) {
    let numbers = [size.items, size.agents, size.steps].map(|number| number.to_string());
    let output = Command::new(program[0]).args(&program[1..]).args(numbers).output().expect("the peer's program");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [seconds, sum, first, last] = numbers[..] else {
        panic!("{program:?} printed {text:?} and {}", String::from_utf8_lossy(&output.stderr));
    };
    (seconds, Checksum { sum, first, last })
}

fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

/// Medians, and what they are to each other run by run.
fn report(size: Size, contenders: &[Contender<'_>], load: &str) {
    let Size { items, agents, steps, runs } = size;
    println!("\n{agents} agents, {items} items, {steps} steps, {runs} runs in turn");
    println!("load average before: {load}; after: {}", load_average());
    println!("{:<30}{:>14}{:>12}{:>14}{:>6}", "", "agent-steps/s", "s, median", "fastest, s", "runs");
    for Contender { name, seconds, .. } in contenders {
        let middle = median(seconds.clone());
        let rate = (agents * steps) as f64 / middle;
        let fastest = seconds.iter().copied().fold(f64::INFINITY, f64::min);
        println!("{name:<30}{rate:>14.0}{middle:>12.4}{fastest:>14.4}{:>6}", seconds.len());
    }
    let tick = &contenders[2];
    println!(
        "\nspeed of the engine's tick on one thread, as a multiple (median over runs of the ratio in the same run)"
    );
    for other in contenders.iter().filter(|other| other.name != tick.name) {
        let ratios = other.seconds.iter().enumerate().map(|(place, took)| took / tick.seconds[place * other.every]);
        println!("  of {:<28}{:>8.2}", other.name, median(ratios.collect()));
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}
