//! Edge lists: comma-separated texts with a header.

use std::fmt::Write;

use super::graph::{Direction, Edge, Graph};
use super::text::{NetworkTextError, PlacedEdges, agent};

/// Reads an edge list over `n` agents: a header `source,target` or `source,target,weight`, then one edge a line. Agents
/// are written by their numbers; fields are parted by commas, semicolons or tabs, and may stand in double quotes.
pub fn read(text: &str, n: u32, direction: Direction) -> Result<Graph, NetworkTextError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let (first, header) = lines.next().ok_or_else(|| NetworkTextError::new(1, 1, "the file holds no edge"))?;
    let separator = [',', ';', '\t'].into_iter().find(|&sign| header.contains(sign)).unwrap_or(',');
    let names: Vec<String> = fields(header, separator).map(|(_, name)| name.to_lowercase()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if names != ["source", "target"] && names != ["source", "target", "weight"] {
        let reason = "the columns must be `source,target`, and `weight` behind them where edges have one";
        return Err(NetworkTextError::new(first, 1, reason));
    }
    let mut found = PlacedEdges::default();
    for (line, content) in lines {
        let row: Vec<(usize, &str)> = fields(content, separator).collect();
        if row.len() != names.len() {
            let reason = format!("{} fields where the header has {}", row.len(), names.len());
            return Err(NetworkTextError::new(line, 1, reason));
        }
        let weight = match row.get(2) {
            None => 1.0,
            Some(&(column, weight)) => {
                weight.parse().map_err(|_| NetworkTextError::new(line, column, format!("`{weight}` is no number")))?
            }
        };
        let (source, target) = (agent(row[0], line, n)?, agent(row[1], line, n)?);
        found.push(Edge { source, target, weight }, (line, 1));
    }
    found.into_graph(n, direction)
}

/// Fields of a line with the columns they begin at.
fn fields(line: &str, separator: char) -> impl Iterator<Item = (usize, &str)> {
    let mut column = 1;
    line.split(separator).map(move |field| {
        let blanks = field.chars().take_while(|sign| sign.is_whitespace()).count();
        let start = column + blanks;
        column += field.chars().count() + 1;
        let field = field.trim();
        (start, field.strip_prefix('"').and_then(|field| field.strip_suffix('"')).unwrap_or(field))
    })
}

/// A graph as an edge list that [`read`] reads.
pub fn write(graph: &Graph) -> String {
    let weighted = graph.is_weighted();
    let mut text = if weighted { "source,target,weight\n".to_owned() } else { "source,target\n".to_owned() };
    for Edge { source, target, weight } in graph.edges() {
        // Writing to a string cannot fail.
        let _ =
            if weighted { writeln!(text, "{source},{target},{weight}") } else { writeln!(text, "{source},{target}") };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::graphml;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_wrong_with_an_edge_list_is_named_with_its_line_and_column() {
        let cases = [
            ("", 1, 1, "no edge"),
            ("from,to\n0,1\n", 1, 1, "must be `source,target`"),
            ("source,target\n0,1\n1,1\n", 3, 1, "agent 1 is tied to itself"),
            ("source,target\n0,1\n\n1,9\n", 4, 3, "there is no agent 9: the society has agents 0 to 3"),
            ("source,target\n0,1\n1,0\n", 3, 1, "listed twice"),
            ("source,target,weight\n0,1,-2\n", 2, 1, "-2 is no weight"),
            ("source,target,weight\n0,1,heavy\n", 2, 5, "`heavy` is no number"),
            ("source,target\n0, ann\n", 2, 4, "`ann` is no agent"),
            ("source,target\n0,1,2\n", 2, 1, "3 fields where the header has 2"),
        ];
        for (text, line, column, reason) in cases {
            let found = read(text, 4, Direction::Undirected).expect_err("not usable");
            assert_eq!((found.line, found.column), (line, column), "{text}: {found}");
            assert!(found.reason.contains(reason), "{text}: {found}");
        }
        let tabs = read("\u{feff}source\ttarget\tweight\n\"0\"\t1\t0.5\n", 4, Direction::Directed);
        assert_eq!(tabs.expect("usable").row(0), (&[1][..], Some(&[0.5][..])));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            pairs in prop::collection::btree_map((0_u32..9, 0_u32..9), 1_u32..5, 1..30), directed in any::<bool>()
        ) {
            let direction = if directed { Direction::Directed } else { Direction::Undirected };
            let edges: Vec<Edge> = pairs
                .into_iter()
                .filter(|((a, b), _)| if directed { a != b } else { a < b })
                .map(|((source, target), weight)| Edge { source, target, weight: f64::from(weight) / 3.0 })
                .collect();
            prop_assume!(!edges.is_empty());
            let graph = Graph::new(9, &edges, direction).expect("a graph");
            prop_assert_eq!(&read(&write(&graph), 9, direction).expect("readable"), &graph);
            let text = graphml::write(&graph, |node| format!("<{node}>&"));
            prop_assert_eq!(&graphml::read(&text, 9).expect("readable"), &graph);
        }
    }
}
