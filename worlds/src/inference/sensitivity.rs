//! How a measure depends on each item and each agent.
//!
//! For a measure T, `items` are its derivatives ∂T/∂w by the weight of each item and `agents.of` those by the weight of
//! each agent, all at weight 1: the empirical influences that bootstrap and infinitesimal jackknife are made of (Efron
//! 1982, chapter 6).

use pluriverse_engine::agent::AgentId;
use rayon::prelude::*;

use super::Panel;
use super::drawn::{self, Figures, Squares};
use super::resample::Resamples;
use crate::culture::Culture;
use crate::exposure::peers::{PeerTotals, RowTotals};
use crate::survey::measures::by_culture::{Group, groups};
use crate::survey::measures::diversity::{self, Edge};
use crate::survey::measures::item::{Spread, spreads};
use crate::survey::measures::krippendorff::Coincidences;
use crate::survey::sheet::{AnswerSheets, Cell};

/// Surveys of fewer items have their measures computed anew on every resample. With more, what a resample moves is told
/// by the influences of its items to well within the noise of resampling; except for trees, whose shape changes.
const COMPUTED_ANEW_BELOW: usize = 100;

/// Societies of up to this many agents have what is made of distances computed anew; for larger ones it would be too
/// dear.
const AGENTS_COMPUTED_ANEW: usize = 12;

/// Whether measures are computed anew on every resample.
pub(super) fn few_items(panel: &Panel<'_>) -> bool {
    panel.items() < COMPUTED_ANEW_BELOW
}

/// A measure and how it depends on items and agents.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Sensitivity {
    /// The measure; `None` where it is undefined.
    pub value: Option<f64>,
    /// ∂T/∂w of each item.
    pub items: Vec<f64>,
    /// The measure on every resample of items, where it is cheap to compute anew; NaN where it is undefined.
    pub drawn: Option<Figures>,
    /// How it depends on agents; `None` where resampling agents makes no sense of it.
    pub agents: Option<AgentShares>,
}

/// How a measure depends on agents.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AgentShares {
    /// ∂T/∂w of each agent that is looked at.
    pub of: Vec<f64>,
    /// How each of these depends on the items, agent-major, less its mean over items: what of it is chance.
    pub by_item: Vec<f64>,
}

impl AgentShares {
    fn new(agents: usize, items: usize) -> Self {
        Self { of: vec![0.0; agents], by_item: vec![0.0; agents * items] }
    }
}

/// How the items were answered, in all and by culture.
pub(super) struct Tables {
    groups: Vec<Vec<Group>>,
    spreads: Vec<Spread>,
}

impl Tables {
    pub(super) fn of(panel: &Panel<'_>) -> Self {
        let survey = panel.population.survey;
        Self {
            groups: groups(panel.current, panel.population.cultures, survey),
            spreads: spreads(panel.current, survey),
        }
    }
}

/// A figure of one item: of its number, its answers by culture, and its answers in all.
pub(super) type ItemFigure<'f> = dyn Fn(usize, &[Group], &Spread) -> Option<f64> + 'f;

/// A mean over items of a figure of each.
pub(super) fn of_items(
    panel: &Panel<'_>,
    tables: &Tables,
    resamples: &Resamples,
    figure: &ItemFigure<'_>,
) -> Sensitivity {
    let figures: Vec<Option<f64>> =
        (0..panel.items()).map(|item| figure(item, &tables.groups[item], &tables.spreads[item])).collect();
    let defined = figures.iter().flatten().count() as f64;
    if defined == 0.0 {
        return Sensitivity { items: vec![0.0; panel.items()], ..Sensitivity::default() };
    }
    let value = figures.iter().flatten().sum::<f64>() / defined;
    let mut shares = AgentShares::new(panel.population.looked_at.len(), panel.items());
    for (item, known) in figures.iter().enumerate().filter_map(|(item, figure)| Some((item, (*figure)?))) {
        let mut without = Without { tables, figure, item, known, seen: Vec::new() };
        for (place, &agent) in panel.population.looked_at.iter().enumerate() {
            if let Ok(answer) = panel.current.get(agent, item) {
                let culture = panel.population.cultures[agent.index()];
                shares.by_item[place * panel.items() + item] = without.influence(answer, culture) / defined;
            }
        }
    }
    centre(&mut shares, panel.items(), 1.0);
    Sensitivity {
        value: Some(value),
        items: figures.iter().map(|figure| figure.map_or(0.0, |figure| (figure - value) / defined)).collect(),
        drawn: few_items(panel).then(|| drawn::mean(&figures, resamples)),
        agents: Some(shares),
    }
}

/// Sums contributions by item to what depends on each agent, times a factor, and leaves of them what differs from their
/// mean.
fn centre(shares: &mut AgentShares, items: usize, factor: f64) {
    for (of, by_item) in shares.of.iter_mut().zip(shares.by_item.chunks_mut(items.max(1))) {
        let sum: f64 = by_item.iter().sum();
        *of = sum * factor;
        let mean = sum / items as f64;
        for share in by_item {
            *share = (*share - mean) * factor;
        }
    }
}

/// One item without one answer: remembered by answer and culture, because agents who answered alike are alike.
struct Without<'t> {
    tables: &'t Tables,
    figure: &'t ItemFigure<'t>,
    item: usize,
    known: f64,
    seen: Vec<((i32, Culture), f64)>,
}

impl Without<'_> {
    /// The influence of an agent with this answer on the item's figure: (n − 1)/n · (figure − figure without it).
    fn influence(&mut self, answer: i32, culture: Culture) -> f64 {
        let key = (answer, culture);
        if let Some((_, influence)) = self.seen.iter().find(|(seen, _)| *seen == key) {
            return *influence;
        }
        let (mut groups, mut spread) = (self.tables.groups[self.item].clone(), self.tables.spreads[self.item].clone());
        let n = spread.answered() as f64;
        let option = usize::try_from(answer - 1).ok().filter(|&place| place < spread.options.len());
        if let Some(place) = option {
            spread.options[place] = spread.options[place].saturating_sub(1);
            if let Some(group) = groups.iter_mut().find(|group| group.culture == culture) {
                group.options[place] = group.options[place].saturating_sub(1);
            }
        } else {
            // Numbers that are no option lie under their byte.
            let byte = u8::try_from(answer).unwrap_or(Cell::WIDE.byte());
            spread.outside.entry(byte).and_modify(|count| *count = count.saturating_sub(1));
        }
        let without = (self.figure)(self.item, &groups, &spread);
        let influence = without.map_or(0.0, |without| (n - 1.0) / n * (self.known - without));
        self.seen.push((key, influence));
        influence
    }
}

/// Squares of a pair of rows.
fn squares(spans: &[u32], pair: impl Fn(usize) -> Option<(f64, f64)>) -> Squares {
    let mut squares = Squares { squared: vec![0.0; spans.len()], maximum: vec![0.0; spans.len()] };
    for (item, &span) in spans.iter().enumerate().filter(|(_, span)| **span > 0) {
        if let Some((x, y)) = pair(item) {
            squares.squared[item] = (x - y) * (x - y);
            squares.maximum[item] = f64::from(span);
        }
    }
    squares
}

/// A distance and its derivatives by item.
struct Distance {
    percent: f64,
    by_item: Vec<f64>,
}

impl Distance {
    fn of(squares: &Squares) -> Option<Self> {
        let (squared, maximum): (f64, f64) = (squares.squared.iter().sum(), squares.maximum.iter().sum());
        if maximum <= 0.0 {
            return None;
        }
        let percent = squared.sqrt() / maximum.sqrt() * 100.0;
        // ∂ of √(S/M): half of it times what an item adds to S and to M, in proportion. At distance 0 nothing moves it.
        let derivative = |(square, most): (&f64, &f64)| {
            if squared > 0.0 { 0.5 * percent * (square / squared - most / maximum) } else { 0.0 }
        };
        let by_item = squares.squared.iter().zip(&squares.maximum).map(derivative).collect();
        Some(Self { percent, by_item })
    }
}

fn between(sheets: &AnswerSheets, spans: &[u32], a: AgentId, b: AgentId) -> Squares {
    squares(spans, |item| {
        let (x, y) = (sheets.get(a, item).ok()?, sheets.get(b, item).ok()?);
        Some((f64::from(x), f64::from(y)))
    })
}

/// The distances of all pairs of a small society on every resample, (0,1), (0,2), …, (1,2), …; `None` for a large one.
pub(super) fn pairs_drawn(panel: &Panel<'_>, resamples: &Resamples) -> Option<Vec<Figures>> {
    let agents = panel.population.paired;
    let spans = panel.population.survey.squared_spans();
    (agents.len() <= AGENTS_COMPUTED_ANEW).then(|| {
        let pairs = agents.iter().enumerate().flat_map(|(first, &a)| agents[first + 1..].iter().map(move |&b| (a, b)));
        let squares: Vec<Squares> = pairs.map(|(a, b)| between(panel.current, &spans, a, b)).collect();
        drawn::distances(&squares, resamples)
    })
}

/// Diversity_P: the mean distance over pairs.
pub(super) fn of_pairs(panel: &Panel<'_>, drawn: Option<&[Figures]>, resamples: &Resamples) -> Sensitivity {
    let (paired, spans) = (panel.population.paired, panel.population.survey.squared_spans());
    let items = panel.items();
    let rows: Vec<(f64, u64, Vec<f64>)> = paired
        .par_iter()
        .enumerate()
        .map(|(first, &a)| {
            let mut row = (0.0, 0, vec![0.0; items]);
            for &b in &paired[first + 1..] {
                if let Some(distance) = Distance::of(&between(panel.current, &spans, a, b)) {
                    row.0 += distance.percent;
                    row.1 += 1;
                    row.2.iter_mut().zip(&distance.by_item).for_each(|(sum, more)| *sum += more);
                }
            }
            row
        })
        .collect();
    let n: u64 = rows.iter().map(|row| row.1).sum();
    if n == 0 {
        return Sensitivity { items: vec![0.0; items], ..Sensitivity::default() };
    }
    let value = rows.iter().map(|row| row.0).sum::<f64>() / n as f64;
    let by_item: Vec<f64> = (0..items).map(|item| rows.iter().map(|row| row.2[item]).sum::<f64>() / n as f64).collect();
    Sensitivity {
        value: Some(value),
        drawn: drawn.map(|pairs| drawn::mean_distance(pairs, resamples.len())),
        agents: Some(of_pairs_by_agent(panel, &spans, value, &by_item)),
        items: by_item,
    }
}

/// An agent's mean distance from the others less that of everybody, twice over their number: every pair has two ends.
fn of_pairs_by_agent(panel: &Panel<'_>, spans: &[u32], value: f64, by_item: &[f64]) -> AgentShares {
    let items = panel.items();
    let paired = panel.population.paired;
    let factor = 2.0 / paired.len() as f64;
    let each: Vec<(f64, Vec<f64>)> = panel
        .population
        .looked_at
        .par_iter()
        .map(|&agent| {
            let (mut sum, mut n, mut of_item) = (0.0, 0.0, vec![0.0; items]);
            for &other in paired.iter().filter(|&&other| other != agent) {
                if let Some(distance) = Distance::of(&between(panel.current, spans, agent, other)) {
                    sum += distance.percent;
                    n += 1.0;
                    of_item.iter_mut().zip(&distance.by_item).for_each(|(sum, more)| *sum += more);
                }
            }
            if n == 0.0 {
                return (0.0, vec![0.0; items]);
            }
            let chance = of_item.iter().zip(by_item).map(|(own, all)| factor * (own / n - all)).collect();
            (factor * (sum / n - value), chance)
        })
        .collect();
    AgentShares {
        of: each.iter().map(|(of, _)| *of).collect(),
        by_item: each.into_iter().flat_map(|(_, by_item)| by_item).collect(),
    }
}

/// Whether a mean distance is told as it is or as an alignment, 100 less it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Told {
    AsAlignment,
    AsDistance,
}

/// A mean over agents of a distance of each.
fn of_agents(
    panel: &Panel<'_>,
    resamples: &Resamples,
    squares_of: &(dyn Fn(AgentId) -> Option<Squares> + Sync),
    told: Told,
) -> Sensitivity {
    let items = panel.items();
    let agents: Vec<AgentId> = panel.current.agent_ids().collect();
    let sums: Vec<(f64, f64, Vec<f64>)> = agents
        .par_chunks(256)
        .map(|chunk| {
            let mut sums = (0.0, 0.0, vec![0.0; items]);
            for distance in chunk.iter().filter_map(|&agent| Distance::of(&squares_of(agent)?)) {
                sums.0 += distance.percent;
                sums.1 += 1.0;
                sums.2.iter_mut().zip(&distance.by_item).for_each(|(sum, more)| *sum += more);
            }
            sums
        })
        .collect();
    let n: f64 = sums.iter().map(|sum| sum.1).sum();
    if n == 0.0 {
        return Sensitivity { items: vec![0.0; items], ..Sensitivity::default() };
    }
    let sign = if told == Told::AsAlignment { -1.0 } else { 1.0 };
    let mean = sums.iter().map(|sum| sum.0).sum::<f64>() / n;
    let by_item: Vec<f64> = (0..items).map(|item| sums.iter().map(|sum| sum.2[item]).sum::<f64>() / n).collect();
    let mut shares = AgentShares::default();
    for &agent in panel.population.looked_at {
        let distance = squares_of(agent).and_then(|squares| Distance::of(&squares));
        let (of, chance) = distance.map_or_else(
            || (0.0, vec![0.0; items]),
            |own| {
                let chance = own.by_item.iter().zip(&by_item).map(|(own, all)| sign * (own - all) / n).collect();
                (sign * (own.percent - mean) / n, chance)
            },
        );
        shares.of.push(of);
        shares.by_item.extend(chance);
    }
    let as_told = |mean: f64| if told == Told::AsAlignment { 100.0 - mean } else { mean };
    let drawn = (agents.len() <= AGENTS_COMPUTED_ANEW && few_items(panel)).then(|| {
        let squares: Vec<Squares> = agents.iter().filter_map(|&agent| squares_of(agent)).collect();
        let means = drawn::mean_distance(&drawn::distances(&squares, resamples), resamples.len());
        means.into_iter().map(as_told).collect()
    });
    Sensitivity {
        value: Some(as_told(mean)),
        drawn,
        items: by_item.into_iter().map(|share| sign * share).collect(),
        agents: Some(shares),
    }
}

/// Alignment with the human reference.
pub(super) fn of_alignment(panel: &Panel<'_>, resamples: &Resamples) -> Sensitivity {
    let spans = panel.population.survey.squared_spans();
    let squares_of = |agent: AgentId| {
        let reference = panel.population.references[panel.population.cultures[agent.index()].index()].as_ref()?;
        Some(squares(&spans, |item| Some((f64::from(panel.current.get(agent, item).ok()?), reference[item]?))))
    };
    of_agents(panel, resamples, &squares_of, Told::AsAlignment)
}

/// Distance from the first answers.
pub(super) fn of_drift(panel: &Panel<'_>, resamples: &Resamples) -> Sensitivity {
    let spans = panel.population.survey.squared_spans();
    let squares_of = |agent: AgentId| {
        let origin = panel.origin?;
        Some(squares(&spans, |item| {
            let (then, now) = (origin.get(agent, item).ok()?, panel.current.get(agent, item).ok()?);
            Some((f64::from(then), f64::from(now)))
        }))
    };
    of_agents(panel, resamples, &squares_of, Told::AsDistance)
}

fn tree(panel: &Panel<'_>, spans: &[u32]) -> Option<Vec<Edge>> {
    diversity::tree(panel.current, spans, panel.population.paired).filter(|edges| !edges.is_empty())
}

/// Diversity_S. Agents drawn twice would stand on one spot: agents are never resampled for it.
pub(super) fn of_tree(panel: &Panel<'_>, drawn: Option<&[Figures]>, resamples: &Resamples) -> Sensitivity {
    let spans = panel.population.survey.squared_spans();
    let mut items = vec![0.0; panel.items()];
    // Of a sample the tree is another quantity than of the society.
    let whole = panel.population.paired.len() == panel.agents();
    let Some(edges) = tree(panel, &spans).filter(|_| whole) else {
        return Sensitivity { items, ..Sensitivity::default() };
    };
    let paired = panel.population.paired;
    for edge in &edges {
        // A small change of weights leaves the tree's shape as it is.
        if let Some(distance) = Distance::of(&between(panel.current, &spans, paired[edge.a], paired[edge.b])) {
            items.iter_mut().zip(&distance.by_item).for_each(|(sum, more)| *sum += more / edges.len() as f64);
        }
    }
    let value = edges.iter().map(|edge| edge.length).sum::<f64>() / edges.len() as f64;
    let trees = |pairs| drawn::of_trees(paired.len(), pairs, resamples.len(), diversity::mean_edge);
    Sensitivity { value: Some(value), drawn: drawn.map(|pairs| around(value, trees(pairs))), items, agents: None }
}

/// Resampled figures moved so that their mean is the figure itself. Resampling adds noise to distances, and a tree
/// takes the shortest: its resampled figures lie low for no other reason, which is no bias of the figure that would
/// have to be corrected.
fn around(value: f64, mut figures: Figures) -> Figures {
    let known: Vec<f64> = figures.iter().copied().filter(|figure| !figure.is_nan()).collect();
    let shift = value - known.iter().sum::<f64>() / known.len().max(1) as f64;
    for figure in &mut figures {
        *figure += shift;
    }
    figures
}

/// Number of clusters: a step function of the weights, so that only societies small enough to be computed anew have an
/// interval.
pub(super) fn of_clusters(panel: &Panel<'_>, drawn: Option<&[Figures]>, resamples: &Resamples) -> Sensitivity {
    let spans = panel.population.survey.squared_spans();
    let items = vec![0.0; panel.items()];
    let within = panel.population.cluster_within;
    let whole = panel.population.paired.len() == panel.agents();
    match tree(panel, &spans).filter(|_| whole) {
        None => Sensitivity { items, ..Sensitivity::default() },
        Some(edges) => Sensitivity {
            value: Some(diversity::clusters(&edges, within) as f64),
            drawn: drawn.map(|pairs| {
                let nodes = panel.population.paired.len();
                let clusters = |edges: &[Edge]| Some(diversity::clusters(edges, within) as f64);
                drawn::of_trees(nodes, pairs, resamples.len(), clusters)
            }),
            items,
            agents: None,
        },
    }
}

/// Krippendorff's α. How it depends on single agents has no simple form: agents are never resampled for it.
pub(super) fn of_alpha(panel: &Panel<'_>, tables: &Tables, resamples: &Resamples) -> Sensitivity {
    let coincidences = Coincidences::of(&tables.spreads);
    Sensitivity {
        value: coincidences.alpha(),
        items: coincidences.influences(panel.items()),
        drawn: few_items(panel).then(|| coincidences.drawn(resamples.len(), |item| resamples.counts(item))),
        agents: None,
    }
}

/// Which answers a share counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Counted {
    /// Changed ones, of those given before and now.
    Changed,
    /// Those that moved toward the mean of what the peers had answered, of those that moved and had a direction to.
    TowardPeers,
}

/// Shares of changed answers.
pub(super) fn of_changes(panel: &Panel<'_>, resamples: &Resamples, counted: Counted) -> Sensitivity {
    let items = panel.items();
    let Some(previous) = panel.previous else {
        return Sensitivity { items: vec![0.0; items], ..Sensitivity::default() };
    };
    let peers = PeerTotals::new(panel.network, previous);
    let cells_of = |agent: AgentId, totals: &mut RowTotals| -> Vec<(f64, f64)> {
        if counted == Counted::TowardPeers {
            peers.fill(agent, totals);
        }
        (0..items).map(|item| cell(panel, previous, totals, (agent, item), counted)).collect()
    };
    let agents: Vec<AgentId> = panel.current.agent_ids().collect();
    let sums: Vec<Vec<(f64, f64)>> = agents
        .par_chunks(256)
        .map(|chunk| {
            let (mut sums, mut totals) = (vec![(0.0, 0.0); items], RowTotals::new(panel.current.items()));
            for &agent in chunk {
                for (sum, cell) in sums.iter_mut().zip(cells_of(agent, &mut totals)) {
                    *sum = (sum.0 + cell.0, sum.1 + cell.1);
                }
            }
            sums
        })
        .collect();
    // Whole numbers: exact in any order.
    let (part, whole): (Vec<f64>, Vec<f64>) = (0..items)
        .map(|item| sums.iter().fold((0.0, 0.0), |sum, chunk| (sum.0 + chunk[item].0, sum.1 + chunk[item].1)))
        .unzip();
    let total: f64 = whole.iter().sum();
    if total == 0.0 {
        return Sensitivity { items: vec![0.0; items], ..Sensitivity::default() };
    }
    let value = part.iter().sum::<f64>() / total;
    let mut shares = AgentShares::new(panel.population.looked_at.len(), items);
    let mut totals = RowTotals::new(items);
    for (&agent, by_item) in panel.population.looked_at.iter().zip(shares.by_item.chunks_mut(items.max(1))) {
        for (share, (part, whole)) in by_item.iter_mut().zip(cells_of(agent, &mut totals)) {
            *share = part - value * whole;
        }
    }
    centre(&mut shares, items, 1.0 / total);
    Sensitivity {
        value: Some(value),
        items: part.iter().zip(&whole).map(|(part, whole)| (part - value * whole) / total).collect(),
        drawn: few_items(panel).then(|| drawn::ratio(&part, &whole, resamples)),
        agents: Some(shares),
    }
}

/// Whether one answer is counted, and among how many (0 or 1).
fn cell(
    panel: &Panel<'_>,
    previous: &AnswerSheets,
    totals: &RowTotals,
    (agent, item): (AgentId, usize),
    counted: Counted,
) -> (f64, f64) {
    let (Ok(old), Ok(new)) = (previous.get(agent, item), panel.current.get(agent, item)) else {
        return (0.0, 0.0);
    };
    match counted {
        Counted::Changed => (f64::from(u8::from(old != new)), 1.0),
        Counted::TowardPeers => {
            let direction = totals.sums[item] - totals.weights[item] * f64::from(old);
            if old == new || direction == 0.0 || totals.weights[item] <= 0.0 {
                return (0.0, 0.0);
            }
            (f64::from(u8::from(f64::from(new - old) * direction > 0.0)), 1.0)
        }
    }
}
