//! GraphML.

use std::collections::BTreeSet;
use std::fmt::Write;

use roxmltree::{Document, Node, ParsingOptions};

use super::graph::{Direction, Edge, Graph};
use super::text::{NetworkTextError, PlacedEdges, agent};

/// Reads a GraphML document over `n` agents. Nodes are named by the agents' numbers, plainly or behind an `n`; agents
/// without a node have no ties. A key named `weight` on edges is read; everything else the format can hold is passed
/// over.
pub fn read(text: &str, n: u32) -> Result<Graph, NetworkTextError> {
    let options = ParsingOptions { nodes_limit: u32::MAX, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        let at = error.pos();
        NetworkTextError::new(at.row as usize, at.col as usize, format!("not well-formed XML: {error}"))
    })?;
    let reader = Reader { document: &document, n };
    let graph = reader.graph()?;
    let direction = match graph.attribute("edgedefault") {
        Some("undirected") => Direction::Undirected,
        Some("directed") => Direction::Directed,
        other => {
            let found = other.unwrap_or("nothing");
            return Err(reader.wrong(graph, format!("`edgedefault` is `directed` or `undirected`, not {found}")));
        }
    };
    let declared = reader.nodes(graph)?;
    let weight_key = reader.weight_key();
    let mut found = PlacedEdges::default();
    for edge in named(graph, "edge") {
        if let Some(own) = edge.attribute("directed")
            && (own == "true") != (direction == Direction::Directed)
        {
            return Err(reader.wrong(edge, "an edge is directed otherwise than its graph".to_owned()));
        }
        let (source, target) = (reader.end(edge, "source", &declared)?, reader.end(edge, "target", &declared)?);
        let weight = reader.weight(edge, weight_key)?;
        found.push(Edge { source, target, weight }, reader.place(edge));
    }
    found.into_graph(n, direction)
}

fn named<'a, 'input>(parent: Node<'a, 'input>, name: &'static str) -> impl Iterator<Item = Node<'a, 'input>> {
    parent.children().filter(move |child| child.tag_name().name() == name)
}

struct Reader<'a, 'input> {
    document: &'a Document<'input>,
    n: u32,
}

impl<'a, 'input> Reader<'a, 'input> {
    /// Line and column of an element.
    fn place(&self, node: Node<'_, '_>) -> (usize, usize) {
        let at = self.document.text_pos_at(node.range().start);
        (at.row as usize, at.col as usize)
    }

    fn wrong(&self, node: Node<'_, '_>, reason: String) -> NetworkTextError {
        let (line, column) = self.place(node);
        NetworkTextError::new(line, column, reason)
    }

    fn graph(&self) -> Result<Node<'a, 'input>, NetworkTextError> {
        let root = self.document.root_element();
        if root.tag_name().name() != "graphml" {
            return Err(self.wrong(root, format!("the document is <{}>, not <graphml>", root.tag_name().name())));
        }
        let graphs: Vec<Node<'a, 'input>> = named(root, "graph").collect();
        match graphs.as_slice() {
            [graph] => Ok(*graph),
            _ => Err(self.wrong(root, format!("the document holds {} graphs, and one is wanted", graphs.len()))),
        }
    }

    /// The nodes that are declared.
    fn nodes(&self, graph: Node<'a, 'input>) -> Result<BTreeSet<u32>, NetworkTextError> {
        let mut declared = BTreeSet::new();
        for node in named(graph, "node") {
            let name = node.attribute("id").ok_or_else(|| self.wrong(node, "a node has no `id`".to_owned()))?;
            if !declared.insert(self.agent(name, node)?) {
                return Err(self.wrong(node, format!("node `{name}` is listed twice")));
            }
        }
        Ok(declared)
    }

    fn agent(&self, name: &str, node: Node<'_, '_>) -> Result<u32, NetworkTextError> {
        let (line, column) = self.place(node);
        agent((column, name.strip_prefix('n').unwrap_or(name)), line, self.n)
    }

    /// The node at one end of an edge.
    fn end(&self, edge: Node<'_, '_>, end: &str, declared: &BTreeSet<u32>) -> Result<u32, NetworkTextError> {
        let name = edge.attribute(end).ok_or_else(|| self.wrong(edge, format!("an edge has no `{end}`")))?;
        let node = self.agent(name, edge)?;
        if declared.contains(&node) { Ok(node) } else { Err(self.wrong(edge, format!("there is no node `{name}`"))) }
    }

    /// Identifier of the key under which edges hold their weights.
    fn weight_key(&self) -> Option<&'a str> {
        let key = named(self.document.root_element(), "key").find(|key| {
            key.attribute("attr.name") == Some("weight")
                && key.attribute("for").is_none_or(|what| what == "edge" || what == "all")
        });
        key.and_then(|key| key.attribute("id"))
    }

    fn weight(&self, edge: Node<'_, '_>, key: Option<&str>) -> Result<f64, NetworkTextError> {
        let data = edge.children().find(|data| key.is_some() && data.attribute("key") == key);
        data.map_or(Ok(1.0), |data| {
            let text = data.text().unwrap_or_default().trim();
            text.parse().map_err(|_| self.wrong(data, format!("`{text}` is no number")))
        })
    }
}

/// A graph as GraphML that [`read`] reads, each node with the code of its culture.
pub fn write(graph: &Graph, culture_of: impl Fn(u32) -> String) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text.push_str("<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n");
    text.push_str("  <key id=\"culture\" for=\"node\" attr.name=\"culture\" attr.type=\"string\"/>\n");
    text.push_str("  <key id=\"weight\" for=\"edge\" attr.name=\"weight\" attr.type=\"double\"/>\n");
    let _ = writeln!(text, "  <graph edgedefault=\"{}\">", graph.direction().name());
    for node in 0..graph.nodes() {
        let culture = escaped(&culture_of(node));
        let _ = writeln!(text, "    <node id=\"{node}\"><data key=\"culture\">{culture}</data></node>");
    }
    for Edge { source, target, weight } in graph.edges() {
        let _ = if graph.is_weighted() {
            writeln!(
                text,
                "    <edge source=\"{source}\" target=\"{target}\"><data key=\"weight\">{weight}</data></edge>"
            )
        } else {
            writeln!(text, "    <edge source=\"{source}\" target=\"{target}\"/>")
        };
    }
    text.push_str("  </graph>\n</graphml>\n");
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_graphml_is_named_with_its_line_and_column() {
        let whole =
            |inside: &str| format!("<graphml>\n<graph edgedefault=\"undirected\">\n{inside}\n</graph>\n</graphml>");
        let nodes = "<node id=\"0\"/><node id=\"n1\"/>\n";
        let cases = [
            ("<graphml><graph".to_owned(), 1, "not well-formed"),
            ("<svg/>".to_owned(), 1, "not <graphml>"),
            ("<graphml/>".to_owned(), 1, "0 graphs"),
            (whole("").replace("undirected", "sideways"), 2, "`edgedefault`"),
            (whole("<node id=\"7\"/>"), 3, "there is no agent 7"),
            (whole("<node id=\"0\"/>\n<node id=\"n0\"/>"), 4, "listed twice"),
            (whole(&format!("{nodes}<edge source=\"0\" target=\"2\"/>")), 4, "there is no node `2`"),
            (whole(&format!("{nodes}<edge source=\"0\"/>")), 4, "no `target`"),
            (whole(&format!("{nodes}<edge source=\"0\" target=\"0\"/>")), 4, "tied to itself"),
        ];
        for (text, line, reason) in cases {
            let found = read(&text, 4).expect_err("not usable");
            assert_eq!(found.line, line, "{text}: {found}");
            assert!(found.reason.contains(reason), "{text}: {found}");
        }
    }
}
