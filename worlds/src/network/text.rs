//! Networks as texts: what is wrong with one, and where.

use super::graph::{Direction, Edge, EdgeProblem, Graph};

/// What is wrong with a network's text, and where (line and column from 1).
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct NetworkTextError {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
    /// What is wrong, and where it helps what to write instead.
    pub reason: String,
}

impl NetworkTextError {
    pub(super) fn new(line: usize, column: usize, reason: impl Into<String>) -> Self {
        Self { line, column, reason: reason.into() }
    }
}

/// Edges with the place of each in the text.
#[derive(Default)]
pub(super) struct PlacedEdges {
    edges: Vec<Edge>,
    places: Vec<(usize, usize)>,
}

impl PlacedEdges {
    pub(super) fn push(&mut self, edge: Edge, place: (usize, usize)) {
        self.edges.push(edge);
        self.places.push(place);
    }

    pub(super) fn into_graph(self, n: u32, direction: Direction) -> Result<Graph, NetworkTextError> {
        Graph::new(n, &self.edges, direction).map_err(|(place, problem)| {
            let (line, column) = self.places[place];
            NetworkTextError::new(line, column, problem.to_string())
        })
    }
}

/// The agent of this number, as written at a column of a line.
pub(super) fn agent((column, name): (usize, &str), line: usize, n: u32) -> Result<u32, NetworkTextError> {
    let number: u64 = name.parse().map_err(|_| {
        NetworkTextError::new(line, column, format!("`{name}` is no agent: agents are written by number, from 0 on"))
    })?;
    match u32::try_from(number) {
        Ok(number) if number < n => Ok(number),
        _ => {
            let problem = EdgeProblem::UnknownNode { node: number, last: n.saturating_sub(1) };
            Err(NetworkTextError::new(line, column, problem.to_string()))
        }
    }
}
