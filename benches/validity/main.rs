//! Do the intervals hold what they promise? Studies of surrogate societies whose true effect is known.
//!
//! Not a bench of time. Arguments after `--`: how many studies of each design (default 2000), and how many replicates
//! the true effect is the mean of (default 20000).

mod study;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use study::{Design, Found, Laboratory};

/// What a figure came to over many studies.
#[derive(Clone, Default)]
struct Tally {
    estimates: u64,
    sum: f64,
    squares: f64,
    intervals: Vec<(f64, f64)>,
}

impl Tally {
    fn take_in(&mut self, found: &Found) {
        if let Some(estimate) = found.estimate {
            self.estimates += 1;
            self.sum += estimate;
            self.squares += estimate * estimate;
        }
        self.intervals.extend(found.interval);
    }

    fn mean(&self) -> f64 {
        self.sum / self.estimates.max(1) as f64
    }

    fn standard_error(&self) -> f64 {
        let n = self.estimates.max(2) as f64;
        ((self.squares / n - self.mean().powi(2)).max(0.0) / (n - 1.0)).sqrt()
    }

    /// Standard deviation of the estimates, as they are and as the intervals have it.
    fn deviations(&self) -> (f64, f64) {
        let half: f64 = self.intervals.iter().map(|(lower, upper)| (upper - lower) / 2.0).sum();
        let n = self.intervals.len().max(1) as f64;
        (self.standard_error() * (self.estimates.max(2) as f64).sqrt(), half / n / 1.96)
    }

    /// Share of intervals that hold this value, in percent.
    fn coverage(&self, truth: f64) -> f64 {
        let covered = self.intervals.iter().filter(|(lower, upper)| (*lower..=*upper).contains(&truth)).count();
        100.0 * covered as f64 / self.intervals.len().max(1) as f64
    }
}

type Tallies = BTreeMap<String, Tally>;

/// Carries out studies `from..from + count` of a design on all processors.
fn carry_out(design: Design, from: u64, count: u64) -> Tallies {
    let next = AtomicU64::new(from);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let work = || {
        // A pool of one thread: studies are what is done side by side.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        pool.install(|| {
            let mut laboratory = Laboratory::new(design);
            let mut studies: Vec<(u64, Vec<Found>)> = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= from + count {
                    return studies;
                }
                studies.push((number, laboratory.study(number)));
            }
        })
    };
    let mut studies: Vec<(u64, Vec<Found>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker")).collect()
    });
    // Sums in order of the studies, whichever thread did which.
    studies.sort_by_key(|(number, _)| *number);
    let mut tallies = Tallies::new();
    for found in studies.iter().flat_map(|(_, found)| found) {
        tallies.entry(found.what.clone()).or_default().take_in(found);
    }
    tallies
}

/// First number of the studies that tell the truth: none of those it is compared with.
const TRUTH: u64 = 1 << 40;

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let studies = numbers.first().copied().unwrap_or(2_000);
    let replicates = numbers.get(1).copied().unwrap_or(20_000);
    println!("{studies} studies of each design: items drawn anew, 2 rounds, 2 replicates, 1000 resamples.");
    println!("Truth: mean of {replicates} replicates, each on items of its own.");
    let of_five =
        Design { conformity: 0.0, retest_trend: 0.0, agents_each: 1, items: 223, replicates: 2, resamples: 1_000 };
    for conformity in [0.0, 0.1, 0.3] {
        coverage(Design { conformity, ..of_five }, studies, replicates);
    }
    let trend = Design { retest_trend: 0.1, ..of_five };
    println!("\nAnswers that trend when merely asked again (retest_trend 0.1, conformity 0): the true effect is 0");
    naive(&carry_out(trend, 0, studies), &["pairwise_diversity", "agreement", "alignment"]);
    let (fewer, of_fewer) = (studies / 4, replicates / 4);
    println!("\nOther sizes: {fewer} studies, truth from {of_fewer} replicates");
    coverage(Design { conformity: 0.1, items: 40, ..of_five }, fewer, of_fewer);
    coverage(Design { conformity: 0.1, agents_each: 6, ..of_five }, fewer, of_fewer);
}

/// Whether intervals of exposed − re-ask hold the truth.
fn coverage(design: Design, studies: u64, replicates: u64) {
    let truth = carry_out(Design { replicates: 1, resamples: 1, ..design }, TRUTH, replicates);
    let found = carry_out(design, 0, studies);
    println!("\nconformity {}, {} agents, {} items", design.conformity, design.agents_each * 5, design.items);
    println!(
        "{:<32} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7}",
        "exposed − re-ask", "truth", "± s.e.", "mean", "± s.e.", "s.d.", "told", "covered"
    );
    for (what, tally) in &found {
        let Some(measure) = what.strip_prefix("exposed − re-ask: ") else {
            continue;
        };
        if tally.estimates == 0 {
            continue;
        }
        let expected = &truth[what];
        println!(
            "{measure:<32} {:>9.4} {:>9.4} {:>9.4} {:>9.4} {:>9.4} {:>9.4} {:>6.1}%",
            expected.mean(),
            expected.standard_error(),
            tally.mean(),
            tally.standard_error(),
            tally.deviations().0,
            tally.deviations().1,
            tally.coverage(expected.mean())
        );
    }
    let influence = &found["fitted influence, exposed − re-ask"];
    println!("{:<32} {:>29.4} {:>9.4}", "fitted influence", influence.mean(), influence.standard_error());
    if design.conformity == 0.0 {
        println!("\nNobody is influenced (conformity 0): what is found without a control, and with it");
        without_influence(&found);
    }
}

fn without_influence(found: &Tallies) {
    let lines = [
        ("share of changes toward peers, exposed alone", "exposed − : toward_peers", 0.5),
        ("share of changes toward peers, exposed − re-ask", "exposed − re-ask: toward_peers", 0.0),
        ("fitted influence, exposed alone", "fitted influence, exposed alone", 0.0),
        ("fitted influence, exposed − re-ask", "fitted influence, exposed − re-ask", 0.0),
    ];
    println!("{:<50} {:>9} {:>9} {:>9} {:>14}", "", "truth", "mean", "± s.e.", "truth covered");
    for (label, what, truth) in lines {
        line(label, &found[what], truth);
    }
}

fn naive(found: &Tallies, measures: &[&str]) {
    println!("{:<50} {:>9} {:>9} {:>9} {:>14}", "", "truth", "mean", "± s.e.", "truth covered");
    for measure in measures {
        line(&format!("{measure}, before–after"), &found[&format!("exposed − before: {measure}")], 0.0);
        line(&format!("{measure}, exposed − re-ask"), &found[&format!("exposed − re-ask: {measure}")], 0.0);
    }
}

fn line(label: &str, tally: &Tally, truth: f64) {
    println!(
        "{label:<50} {truth:>9.2} {:>9.4} {:>9.4} {:>13.1}%",
        tally.mean(),
        tally.standard_error(),
        tally.coverage(truth)
    );
}
