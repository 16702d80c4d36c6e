//! Every assignment of backbones to cultures: what mixing backbones can do for diversity and alignment (arXiv 2606.05985,
//! section 5.2).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pluriverse_engine::agent::AgentId;
use pluriverse_worlds::inference::resample::Resamples;
use pluriverse_worlds::survey::measures::{alignment, distance};
use pluriverse_worlds::survey::{AnswerSheets, ReferenceSheet, Survey};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::Serialize;

use super::landscape::{middle, row};
use super::scaled::{Row, Scaled};
use super::systems::System;
use crate::inputs::asset::AssetError;

/// More assignments than this are not gone through one by one.
pub const EXHAUSTIVE_UP_TO: u64 = 1_000_000_000;

/// Width of a cell of the density grid, in points.
pub const CELL: f64 = 0.25;

/// Cultures an assignment may have.
const MOST_CULTURES: usize = 24;

/// Diversity_P, Diversity_S and alignment of an assignment, in percent.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Figures {
    /// Diversity_P.
    pub pairwise_diversity: f64,
    /// Diversity_S.
    pub structural_diversity: f64,
    /// Alignment.
    pub alignment: f64,
}

/// An assignment and its figures.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Assignment {
    /// The backbone of each culture, by place.
    pub backbones: Vec<u16>,
    /// What it comes to.
    #[serde(flatten)]
    pub figures: Figures,
}

/// The smallest, largest and mean figure.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Range {
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// The mean.
    pub mean: f64,
}

/// An assignment against a single backbone.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Gain {
    /// What of the frontier it is: most diverse, most aligned, or the knee.
    pub point: &'static str,
    /// The assignment.
    pub mixed: Assignment,
    /// The best single backbone by the same criterion.
    pub best_single: usize,
    /// Diversity_P and alignment less the best single backbone's, in points.
    pub over_best: (f64, f64),
    /// Their 95 % intervals over items, both assignments held as they were found; `None` before [`with_intervals`].
    pub over_best_intervals: [Option<(f64, f64)>; 2],
    /// The nearest single backbone, distances scaled by the ranges over all assignments.
    pub nearest_single: usize,
    /// Diversity_P and alignment less the nearest single backbone's, in points.
    pub over_nearest: (f64, f64),
}

/// How assignments were gone through.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// All of them.
    Exhaustive,
    /// Those that a seeded search met.
    Searched,
}

/// What all assignments come to.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Mixed {
    /// How they were gone through.
    pub coverage: Coverage,
    /// How many; of a search, how many it looked at, some more than once.
    pub assignments: u64,
    /// Diversity_P.
    pub pairwise_diversity: Range,
    /// Diversity_S.
    pub structural_diversity: Range,
    /// Alignment.
    pub alignment: Range,
    /// Those that no other beats in both Diversity_P and alignment, the most diverse first.
    pub frontier: Vec<Assignment>,
    /// Each backbone by itself.
    pub singles: Vec<Assignment>,
    /// Those of them that no other single one beats.
    pub single_frontier: Vec<usize>,
    /// The knee of the frontier and its ends.
    pub gains: Vec<Gain>,
    /// How many assignments fall into each cell of [`CELL`] points: (Diversity_P, alignment, count), ends at the lower left.
    pub density: Vec<(f64, f64, u64)>,
}

/// What assignments are made of: distances between any two agents of two cultures, and each agent's alignment.
#[derive(Clone, Debug)]
pub struct Tables {
    backbones: usize,
    cultures: usize,
    /// By culture, backbone, culture, backbone.
    distances: Vec<f64>,
    /// By culture and backbone.
    alignments: Vec<f64>,
}

impl Tables {
    /// The tables of these systems; the reason where some pair or agent cannot be compared.
    pub fn of(
        systems: &[System],
        cultures: &[Arc<str>],
        references: &[ReferenceSheet],
        squared_spans: &[u32],
    ) -> Result<Self, AssetError> {
        let (b, c) = (systems.len(), cultures.len());
        if c > MOST_CULTURES {
            return Err(AssetError::new(format!("at most {MOST_CULTURES} cultures can be assigned, not {c}")));
        }
        let mut tables =
            Self { backbones: b, cultures: c, distances: vec![0.0; c * b * c * b], alignments: vec![0.0; c * b] };
        let all = together(systems, c);
        let id = |culture: usize, backbone: usize| AgentId((backbone * c + culture) as u32);
        let agent = |culture: usize, backbone: usize| format!("{} of {}", systems[backbone].name, cultures[culture]);
        for (first, reference) in references.iter().enumerate() {
            for mine in 0..b {
                let scored = alignment::of_agent(&all, squared_spans, id(first, mine), reference);
                tables.alignments[first * b + mine] = scored.percent.ok_or_else(|| {
                    AssetError::new(format!("{} answered no item that its population has data on", agent(first, mine)))
                })?;
                for second in first + 1..c {
                    for other in 0..b {
                        let found = distance::between_agents(&all, squared_spans, id(first, mine), id(second, other));
                        let found = found.percent().ok_or_else(|| {
                            let (one, two) = (agent(first, mine), agent(second, other));
                            AssetError::new(format!("{one} and {two} have no item in common"))
                        })?;
                        let (forth, back) =
                            (tables.place(first, mine, second, other), tables.place(second, other, first, mine));
                        tables.distances[forth] = found;
                        tables.distances[back] = found;
                    }
                }
            }
        }
        Ok(tables)
    }

    fn place(&self, first: usize, mine: usize, second: usize, other: usize) -> usize {
        ((first * self.backbones + mine) * self.cultures + second) * self.backbones + other
    }

    fn distance(&self, first: usize, mine: u16, second: usize, other: u16) -> f64 {
        self.distances[self.place(first, usize::from(mine), second, usize::from(other))]
    }

    /// Number of assignments, as far as it fits.
    pub fn assignments(&self) -> Option<u64> {
        (self.backbones as u64).checked_pow(self.cultures as u32)
    }

    /// What an assignment comes to.
    pub fn figures(&self, backbones: &[u16]) -> Figures {
        let mut walk = Walk::new(self);
        for (culture, &backbone) in backbones.iter().enumerate() {
            walk.choose(culture, backbone);
        }
        walk.figures()
    }
}

/// The sheets of all systems in one, system after system.
fn together(systems: &[System], cultures: usize) -> AnswerSheets {
    let items = systems.first().map_or(0, |system| system.sheets.items());
    let mut all = AnswerSheets::new(systems.len() * cultures, items);
    for (index, system) in systems.iter().enumerate() {
        for agent in system.sheets.agent_ids() {
            for item in 0..items {
                all.set(AgentId(index as u32 * cultures as u32 + agent.0), item, system.sheets.get(agent, item));
            }
        }
    }
    all
}

/// An assignment being put together, culture by culture.
struct Walk<'t> {
    tables: &'t Tables,
    chosen: Vec<u16>,
    /// Sum of distances among the first cultures, and of their alignments, by how many these are.
    sums: Vec<(f64, f64)>,
    /// Distances between the chosen, by pair of cultures.
    lengths: Vec<f64>,
}

impl<'t> Walk<'t> {
    fn new(tables: &'t Tables) -> Self {
        let c = tables.cultures;
        Self { tables, chosen: vec![0; c], sums: vec![(0.0, 0.0); c + 1], lengths: vec![0.0; c * c] }
    }

    fn choose(&mut self, culture: usize, backbone: u16) {
        let c = self.tables.cultures;
        self.chosen[culture] = backbone;
        let (mut distances, alignments) = self.sums[culture];
        for before in 0..culture {
            let length = self.tables.distance(culture, backbone, before, self.chosen[before]);
            self.lengths[culture * c + before] = length;
            self.lengths[before * c + culture] = length;
            distances += length;
        }
        let own = self.tables.alignments[culture * self.tables.backbones + usize::from(backbone)];
        self.sums[culture + 1] = (distances, alignments + own);
    }

    fn figures(&self) -> Figures {
        let c = self.tables.cultures;
        let (distances, alignments) = self.sums[c];
        Figures {
            pairwise_diversity: distances / (c * (c - 1) / 2) as f64,
            structural_diversity: self.tree() / (c - 1) as f64,
            alignment: alignments / c as f64,
        }
    }

    /// Length of the minimum spanning tree (Prim).
    fn tree(&self) -> f64 {
        let c = self.tables.cultures;
        let mut nearest = [f64::INFINITY; MOST_CULTURES];
        let nearest = &mut nearest[..c];
        let (mut last, mut outside, mut total) = (0, (1_u32 << c) - 2, 0.0);
        while outside != 0 {
            let lengths = &self.lengths[last * c..][..c];
            let (mut best, mut left) = (f64::INFINITY, outside);
            while left != 0 {
                let node = left.trailing_zeros() as usize;
                left &= left - 1;
                nearest[node] = nearest[node].min(lengths[node]);
                if nearest[node] < best {
                    (best, last) = (nearest[node], node);
                }
            }
            total += best;
            outside &= !(1 << last);
        }
        total
    }

    /// Goes through all assignments of the cultures from this one on, in order, the last culture fastest.
    fn all(&mut self, culture: usize, found: &mut Found) {
        for backbone in 0..self.tables.backbones as u16 {
            self.choose(culture, backbone);
            if culture + 1 < self.tables.cultures {
                self.all(culture + 1, found);
            } else {
                found.take(&self.chosen, self.figures());
            }
        }
    }
}

/// Sums over assignments gone through.
struct Found {
    count: u64,
    /// Smallest, largest and sum of Diversity_P, Diversity_S and alignment.
    ranges: [(f64, f64, f64); 3],
    /// Descending by Diversity_P, ascending by alignment.
    frontier: Vec<Assignment>,
    /// Assignments by cell, 400 × 400 of [`CELL`] points.
    cells: Vec<u64>,
}

const CELLS: usize = 400;

impl Found {
    fn new() -> Self {
        let none = (f64::INFINITY, f64::NEG_INFINITY, 0.0);
        Self { count: 0, ranges: [none; 3], frontier: Vec::new(), cells: vec![0; CELLS * CELLS] }
    }

    fn take(&mut self, backbones: &[u16], figures: Figures) {
        self.count += 1;
        let values = [figures.pairwise_diversity, figures.structural_diversity, figures.alignment];
        for ((min, max, sum), value) in self.ranges.iter_mut().zip(values) {
            *min = min.min(value);
            *max = max.max(value);
            *sum += value;
        }
        let cell = |value: f64| ((value / CELL).max(0.0) as usize).min(CELLS - 1);
        self.cells[cell(figures.pairwise_diversity) * CELLS + cell(figures.alignment)] += 1;
        self.consider(backbones, figures);
    }

    /// Takes an assignment into the frontier, where nothing that is in it is at least as good in both.
    fn consider(&mut self, backbones: &[u16], figures: Figures) {
        let (diversity, alignment) = (figures.pairwise_diversity, figures.alignment);
        let place = self.frontier.partition_point(|known| known.figures.pairwise_diversity >= diversity);
        // The one before is at least as diverse, and the most aligned of those.
        if place > 0 && self.frontier[place - 1].figures.alignment >= alignment {
            return;
        }
        let beaten = self.frontier[place..].iter().take_while(|known| known.figures.alignment <= alignment).count();
        let new = Assignment { backbones: backbones.to_vec(), figures };
        self.frontier.splice(place..place + beaten, [new]);
    }

    fn plus(mut self, more: Self) -> Self {
        self.count += more.count;
        for ((min, max, sum), (other_min, other_max, other_sum)) in self.ranges.iter_mut().zip(more.ranges) {
            *min = min.min(other_min);
            *max = max.max(other_max);
            *sum += other_sum;
        }
        for (sum, more) in self.cells.iter_mut().zip(more.cells) {
            *sum += more;
        }
        for Assignment { backbones, figures } in more.frontier {
            self.consider(&backbones, figures);
        }
        self
    }
}

/// Goes through all assignments, the first culture's backbones side by side. `progress` is told how many of these are done, of
/// how many.
pub fn exhaustive(tables: &Tables, progress: &(dyn Fn(u64, u64) + Sync)) -> Mixed {
    let done = AtomicU64::new(0);
    let of_first = |backbone: usize| {
        let (mut walk, mut found) = (Walk::new(tables), Found::new());
        walk.choose(0, backbone as u16);
        walk.all(1, &mut found);
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, tables.backbones as u64);
        found
    };
    // Collected in order before they are added up, so that threads do not show.
    let parts: Vec<Found> = (0..tables.backbones).into_par_iter().map(of_first).collect();
    let found = parts.into_iter().fold(Found::new(), Found::plus);
    told(tables, found, Coverage::Exhaustive)
}

/// The gains with intervals: figures on resampled items, the assignments held as they were found. That the best of many was
/// chosen is not in them.
pub fn with_intervals(
    mut mixed: Mixed,
    survey: &Survey,
    systems: &[System],
    references: &[ReferenceSheet],
    resamples: &Resamples,
) -> Mixed {
    let drawn = |draw: usize| -> Vec<f64> { (0..survey.len()).map(|item| resamples.counts(item)[draw]).collect() };
    let rows = |backbones: &[u16]| -> Vec<Row> {
        let agents = (0..).map(AgentId).zip(backbones);
        agents.map(|(agent, &backbone)| row(&systems[usize::from(backbone)], agent, survey.len())).collect()
    };
    for gain in &mut mixed.gains {
        let (own, single) = (rows(&gain.mixed.backbones), rows(&mixed.singles[gain.best_single].backbones));
        let differences: Vec<[Option<f64>; 2]> = (0..resamples.len())
            .into_par_iter()
            .map(|draw| {
                let weights = drawn(draw);
                let scale = Scaled { survey, weights: &weights };
                let figures = |rows: &[Row]| (scale.pairwise(rows), scale.alignment(rows, references));
                let (own, single) = (figures(&own), figures(&single));
                let less = |a: Option<f64>, b: Option<f64>| a.zip(b).map(|(a, b)| a - b);
                [less(own.0, single.0), less(own.1, single.1)]
            })
            .collect();
        gain.over_best_intervals = [0, 1].map(|figure| middle(differences.iter().map(|d| d[figure]).collect()));
    }
    mixed
}

/// Gives `each` every assignment with its figures, in order, the last culture fastest.
pub fn list(tables: &Tables, mut each: impl FnMut(Figures)) {
    fn below(walk: &mut Walk<'_>, culture: usize, each: &mut dyn FnMut(Figures)) {
        for backbone in 0..walk.tables.backbones as u16 {
            walk.choose(culture, backbone);
            if culture + 1 < walk.tables.cultures {
                below(walk, culture + 1, each);
            } else {
                each(walk.figures());
            }
        }
    }
    below(&mut Walk::new(tables), 0, &mut each);
}

/// Climbs from `starts` random assignments to where no change of one culture's backbone helps, for each of twenty-one ways of
/// weighing Diversity_P against alignment; everything met on the way counts.
pub fn search(tables: &Tables, starts: u32, rng: &mut ChaCha8Rng) -> Mixed {
    const WEIGHTS: u32 = 20;
    let mut found = Found::new();
    for _ in 0..starts {
        let start: Vec<u16> =
            (0..tables.cultures).map(|_| rng.random_range(0..tables.backbones as u32) as u16).collect();
        for weight in 0..=WEIGHTS {
            let share = f64::from(weight) / f64::from(WEIGHTS);
            climb(tables, start.clone(), |f| share * f.pairwise_diversity + (1.0 - share) * f.alignment, &mut found);
        }
    }
    told(tables, found, Coverage::Searched)
}

fn climb(tables: &Tables, mut at: Vec<u16>, worth: impl Fn(&Figures) -> f64, found: &mut Found) {
    let mut best = worth(&tables.figures(&at));
    loop {
        let before = best;
        for culture in 0..tables.cultures {
            let mut chosen = at[culture];
            for backbone in 0..tables.backbones as u16 {
                at[culture] = backbone;
                let figures = tables.figures(&at);
                found.take(&at, figures);
                let value = worth(&figures);
                if value > best {
                    (best, chosen) = (value, backbone);
                }
            }
            at[culture] = chosen;
        }
        if best <= before {
            return;
        }
    }
}

fn told(tables: &Tables, found: Found, coverage: Coverage) -> Mixed {
    let single = |backbone: usize| {
        let backbones = vec![backbone as u16; tables.cultures];
        Assignment { figures: tables.figures(&backbones), backbones }
    };
    let singles: Vec<Assignment> = (0..tables.backbones).map(single).collect();
    let beats = |one: &Assignment, other: &Assignment| {
        let (a, b) = (one.figures, other.figures);
        a.pairwise_diversity >= b.pairwise_diversity
            && a.alignment >= b.alignment
            && (a.pairwise_diversity > b.pairwise_diversity || a.alignment > b.alignment)
    };
    let unbeaten = |index: &usize| !singles.iter().any(|other| beats(other, &singles[*index]));
    let [pairwise_diversity, structural_diversity, alignment] =
        found.ranges.map(|(min, max, sum)| Range { min, max, mean: sum / found.count as f64 });
    let cells = found.cells.iter().enumerate().filter(|(_, count)| **count > 0);
    Mixed {
        coverage,
        assignments: found.count,
        single_frontier: (0..singles.len()).filter(unbeaten).collect(),
        gains: gains(&found.frontier, &singles, pairwise_diversity, alignment),
        density: cells
            .map(|(place, count)| ((place / CELLS) as f64 * CELL, (place % CELLS) as f64 * CELL, *count))
            .collect(),
        pairwise_diversity,
        structural_diversity,
        alignment,
        frontier: found.frontier,
        singles,
    }
}

/// The ends and the knee of the frontier against single backbones. The knee is nearest the corner of the largest Diversity_P
/// and the largest alignment, both scaled by their ranges over all assignments (as in the published scripts).
fn gains(frontier: &[Assignment], singles: &[Assignment], diversity: Range, alignment: Range) -> Vec<Gain> {
    let scale = |range: Range| if range.max > range.min { range.max - range.min } else { 1.0 };
    let (wide, high) = (scale(diversity), scale(alignment));
    let from = |a: &Figures, b: (f64, f64)| {
        ((a.pairwise_diversity - b.0) / wide).powi(2) + ((a.alignment - b.1) / high).powi(2)
    };
    let corner = (diversity.max, alignment.max);
    let criteria: [(&'static str, Box<dyn Fn(&Figures) -> f64>); 3] = [
        ("most diverse", Box::new(|f| -f.pairwise_diversity)),
        ("knee", Box::new(move |f| from(f, corner))),
        ("most aligned", Box::new(|f| -f.alignment)),
    ];
    let first_least = |of: &[Assignment], cost: &dyn Fn(&Figures) -> f64| {
        (0..of.len()).min_by(|&a, &b| cost(&of[a].figures).total_cmp(&cost(&of[b].figures)).then(a.cmp(&b)))
    };
    let gain = |(point, cost): &(&'static str, Box<dyn Fn(&Figures) -> f64>)| {
        let mixed = frontier[first_least(frontier, cost)?].clone();
        let own = (mixed.figures.pairwise_diversity, mixed.figures.alignment);
        let best_single = first_least(singles, cost)?;
        let nearest_single = first_least(singles, &|f| from(f, own))?;
        let over = |single: usize| {
            let of = singles[single].figures;
            (own.0 - of.pairwise_diversity, own.1 - of.alignment)
        };
        Some(Gain {
            point,
            over_best: over(best_single),
            over_best_intervals: [None; 2],
            over_nearest: over(nearest_single),
            mixed,
            best_single,
            nearest_single,
        })
    };
    criteria.iter().filter_map(gain).collect()
}
