//! The tree of structural diversity: who joins whom at which distance.

use maud::{Markup, html};
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::seed::{Purpose, Streams};
use pluriverse_worlds::survey::AnswerSheets;
use pluriverse_worlds::survey::measures::diversity::{Edge, mean_edge, tree};
use pluriverse_worlds::survey::measures::estimate::sample;

use super::chart::{Axis, px};
use super::items::whose;
use super::sources::{Answers, OfSociety};
use crate::resolve::Resolved;

/// Agents of larger societies are drawn by seed.
const MOST: usize = 48;

/// The trees of a society, first and last.
pub(super) fn section(resolved: &Resolved, society: &OfSociety<'_>) -> Markup {
    let Some(answers) = society.answers.as_ref().filter(|answers| answers.agents.len() > 1) else {
        return html! {};
    };
    let rows: Vec<AgentId> = (0..answers.agents.len() as u32).map(AgentId).collect();
    let shown = if rows.len() <= MOST {
        rows.clone()
    } else {
        let streams = Streams::new(resolved.seed(), &society.society.name, 0);
        sample(&rows, MOST, &mut streams.of(Purpose("report.tree")).stream(AgentId(0), 0))
    };
    let spans = resolved.survey.squared_spans();
    let trees: Vec<(u32, Vec<Edge>)> =
        answers.ends.iter().filter_map(|(round, sheets)| Some((*round, known_tree(sheets, &spans, &shown)?))).collect();
    let longest = trees.iter().flat_map(|(_, edges)| edges).map(|edge| edge.length).fold(0.0, f64::max);
    let axis = Axis::over(0.0, longest.max(1.0), 0);
    html! {
        @if !trees.is_empty() {
            section {
                h3 { "The tree of structural diversity" }
                p.soft {
                    "The shortest tree that joins all agents, told by the distance (in percent) at which they join: the mean of \
                     its joints is Diversity_S. " (whose(society, answers))
                    @if shown.len() < rows.len() { " " (MOST) " agents drawn by seed: their tree is not that of the society." }
                }
                div.charts.wide { @for (round, edges) in &trees { (drawn(answers, &shown, *round, edges, &axis)) } }
            }
        }
    }
}

fn known_tree(sheets: &AnswerSheets, spans: &[u32], shown: &[AgentId]) -> Option<Vec<Edge>> {
    tree(sheets, spans, shown).filter(|edges| !edges.is_empty())
}

/// A cluster on its way to the root: its leaves from top to bottom, and the joints below it.
struct Cluster {
    leaves: Vec<usize>,
    /// Distance at which it was joined.
    height: f64,
    /// The clusters it was joined from.
    of: Option<Box<(Cluster, Cluster)>>,
}

/// Joins clusters along the edges, shortest first: single linkage (Gower & Ross 1969).
fn joined(leaves: usize, edges: &[Edge]) -> Option<Cluster> {
    let mut clusters: Vec<Cluster> =
        (0..leaves).map(|leaf| Cluster { leaves: vec![leaf], height: 0.0, of: None }).collect();
    let mut by_length: Vec<&Edge> = edges.iter().collect();
    by_length.sort_by(|a, b| a.length.total_cmp(&b.length).then((a.a, a.b).cmp(&(b.a, b.b))));
    for edge in by_length {
        let mut take = |node: usize| {
            let place = clusters.iter().position(|cluster| cluster.leaves.contains(&node))?;
            Some(clusters.remove(place))
        };
        let (one, other) = (take(edge.a)?, take(edge.b)?);
        let leaves = one.leaves.iter().chain(&other.leaves).copied().collect();
        clusters.push(Cluster { leaves, height: edge.length, of: Some(Box::new((one, other))) });
    }
    clusters.pop()
}

const WIDTH: f64 = 400.0;
const RIGHT: f64 = 12.0;
const LINE: f64 = 18.0;

fn drawn(answers: &Answers, shown: &[AgentId], round: u32, edges: &[Edge], axis: &Axis) -> Markup {
    let Some(root) = joined(shown.len(), edges) else {
        return html! {};
    };
    let several = {
        let mut codes: Vec<&str> = answers.cultures.iter().map(AsRef::as_ref).collect();
        codes.sort_unstable();
        codes.windows(2).any(|pair| pair[0] == pair[1])
    };
    let label = |leaf: usize| {
        let row = shown[leaf].index();
        let code = &answers.cultures[row];
        if several { format!("{code} {}", answers.agents[row].0) } else { code.to_string() }
    };
    let left = if several { 72.0 } else { 40.0 };
    let x = |distance: f64| left + distance / axis.to * (WIDTH - left - RIGHT);
    let y = |place: f64| 12.0 + place * LINE;
    let height = y(root.leaves.len() as f64) + 12.0;
    let mut joints = Vec::new();
    let place = |leaf: usize| root.leaves.iter().position(|known| *known == leaf).unwrap_or(0) as f64;
    trace(&root, &place, &mut joints);
    let mean = mean_edge(edges).unwrap_or(0.0);
    html! {
        figure {
            b { "Round " (round) " " span.unit { "Diversity_S " (format!("{mean:.2}")) } }
            svg viewBox={ "0 0 " (WIDTH) " " (px(height)) } role="img" aria-label="tree of structural diversity" {
                @for tick in &axis.ticks {
                    line.grid x1=(px(x(*tick))) x2=(px(x(*tick))) y1="4" y2=(px(height - 16.0)) {}
                    text x=(px(x(*tick))) y=(px(height - 3.0)) text-anchor="middle" { (axis.label(*tick)) }
                }
                @for leaf in &root.leaves {
                    text.leaf x=(px(left - 6.0)) y=(px(y(place(*leaf)) + 4.0)) text-anchor="end" { (label(*leaf)) }
                }
                @for joint in &joints { (elbow(joint, &x, &y)) }
            }
        }
    }
}

/// Two branches and the distance at which they join.
struct Joint {
    height: f64,
    /// Where each branch begins: its height and its place.
    branches: [(f64, f64); 2],
}

/// Lists the joints below a cluster; its own place is the middle of its branches.
fn trace(cluster: &Cluster, place: &dyn Fn(usize) -> f64, joints: &mut Vec<Joint>) -> f64 {
    let Some(both) = &cluster.of else {
        return place(cluster.leaves[0]);
    };
    let (one, other) = (trace(&both.0, place, joints), trace(&both.1, place, joints));
    joints.push(Joint { height: cluster.height, branches: [(both.0.height, one), (both.1.height, other)] });
    f64::midpoint(one, other)
}

fn elbow(joint: &Joint, x: &dyn Fn(f64) -> f64, y: &dyn Fn(f64) -> f64) -> Markup {
    let [(from, one), (to, other)] = joint.branches;
    let at = px(x(joint.height));
    let path = format!("M{} {} H{at} V{} H{}", px(x(from)), px(y(one)), px(y(other)), px(x(to)));
    html! { path.branch d=(path) { title { "joined at " (format!("{:.2}", joint.height)) " %" } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_join_shortest_first_and_every_leaf_is_drawn_once() {
        let edge = |a, b, length| Edge { a, b, length };
        let root = joined(4, &[edge(0, 1, 9.0), edge(1, 2, 2.0), edge(2, 3, 5.0)]).expect("a tree");
        assert_eq!(root.leaves, [0, 1, 2, 3]);
        let mut joints = Vec::new();
        trace(&root, &|leaf| leaf as f64, &mut joints);
        assert_eq!(joints.iter().map(|joint| joint.height).collect::<Vec<_>>(), [2.0, 5.0, 9.0]);
        assert!(joined(3, &[edge(0, 1, 1.0), edge(0, 1, 1.0)]).is_none());
    }
}
