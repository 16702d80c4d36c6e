//! The outline of a RON text: where every field, entry and element begins and ends. Serde keeps no positions; this
//! finds them again, for diagnostics and for overrides.

use std::ops::Range;

/// One step from a value to a value inside it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// A field of a struct or variant, or an entry of a map with a text key.
    Name(String),
    /// An element of a list or tuple.
    Index(usize),
}

/// Where a value stands, from the root.
pub type Path = Vec<Step>;

/// Builds a path: `path!["societies", name, "population", 3]`.
#[macro_export]
macro_rules! path {
    ($($step:expr),* $(,)?) => { vec![$($crate::file::outline::Step::from($step)),*] };
}

impl From<&str> for Step {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// A value of the text and what is inside it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// From its first to its last byte.
    pub span: Range<usize>,
    /// What is inside, in order.
    pub children: Vec<Child>,
    /// Whether it is delimited by brackets, so that something can be put inside.
    pub open: bool,
}

/// A value inside another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Child {
    /// How to get to it.
    pub step: Step,
    /// From its name (or from itself, without one) to its end.
    pub span: Range<usize>,
    /// Its name alone, where it has one.
    pub name: Option<Range<usize>>,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The child at the end of a path, or the last one on the way that exists and whether it is the end.
    pub fn nearest(&self, path: &[Step]) -> (Option<&Child>, bool) {
        let mut node = self;
        let mut last = None;
        for step in path {
            let Some(child) = node.children.iter().find(|child| child.step == *step) else {
                return (last, false);
            };
            last = Some(child);
            node = &child.value;
        }
        (last, true)
    }

    /// The innermost child that holds this byte, with the children around it, outermost first.
    pub fn around(&self, byte: usize) -> Vec<&Child> {
        let mut found = Vec::new();
        let mut node = self;
        while let Some(child) = node
            .children
            .iter()
            .find(|child| child.span.start <= byte && byte < child.span.end.max(child.span.start + 1))
        {
            found.push(child);
            node = &child.value;
        }
        found
    }
}

/// The outline of a text; `None` where brackets do not match, which the RON parser says better.
pub fn outline(text: &str) -> Option<Node> {
    let mut scanner = Scanner { text, at: 0, depth: 0 };
    scanner.skip_space();
    let root = scanner.value()?;
    scanner.skip_space();
    (scanner.at == text.len()).then_some(root)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Brackets open around the scanner.
    depth: usize,
}

/// Brackets nested deeper than this are no scenario.
const DEEPEST: usize = 100;

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_space(&mut self) {
        loop {
            let trimmed = self.rest().trim_start();
            self.at = self.text.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") {
                self.at += trimmed.find("*/").map_or(trimmed.len(), |end| end + 2);
            } else if trimmed.starts_with("#![") {
                self.at += trimmed.find(']').map_or(trimmed.len(), |end| end + 1);
            } else {
                return;
            }
        }
    }

    fn value(&mut self) -> Option<Node> {
        let start = self.at;
        let mut children = Vec::new();
        let mut open = false;
        match self.peek()? {
            '"' => self.string()?,
            'r' if self.rest().starts_with("r\"") || self.rest().starts_with("r#") => self.raw_string()?,
            '\'' => self.at += self.rest()[1..].find('\'')? + 2,
            '(' | '[' | '{' => {
                open = true;
                self.group(&mut children)?;
            }
            _ => {
                self.word()?;
                let end = self.at;
                self.skip_space();
                if self.peek() == Some('(') {
                    open = true;
                    self.group(&mut children)?;
                } else {
                    self.at = end;
                }
            }
        }
        Some(Node { span: start..self.at, children, open })
    }

    fn word(&mut self) -> Option<()> {
        let length = self
            .rest()
            .find(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '(' | ')' | '[' | ']' | '{' | '}' | '/'))
            .unwrap_or(self.rest().len());
        self.at += length;
        (length > 0).then_some(())
    }

    fn string(&mut self) -> Option<()> {
        let mut escaped = false;
        for (index, character) in self.rest().char_indices().skip(1) {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    self.at += index + 1;
                    return Some(());
                }
                _ => {}
            }
        }
        None
    }

    fn raw_string(&mut self) -> Option<()> {
        let hashes = self.rest()[1..].find('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let from = hashes + 2;
        self.at += from + self.rest()[from..].find(&end)? + end.len();
        Some(())
    }

    /// A bracketed group at the scanner: fields, entries or elements.
    fn group(&mut self, children: &mut Vec<Child>) -> Option<()> {
        let close = match self.peek()? {
            '(' => ')',
            '[' => ']',
            _ => '}',
        };
        self.at += 1;
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        loop {
            self.skip_space();
            if self.peek()? == close {
                self.at += 1;
                self.depth -= 1;
                return Some(());
            }
            children.push(self.child(children.len())?);
            self.skip_space();
            match self.peek()? {
                ',' => self.at += 1,
                other if other == close => {}
                _ => return None,
            }
        }
    }

    fn child(&mut self, index: usize) -> Option<Child> {
        let first = self.value()?;
        let after = self.at;
        self.skip_space();
        if self.peek() != Some(':') {
            self.at = after;
            return Some(Child { step: Step::Index(index), span: first.span.clone(), name: None, value: first });
        }
        self.at += 1;
        self.skip_space();
        let value = self.value()?;
        let name = &self.text[first.span.clone()];
        Some(Child {
            step: Step::Name(name.trim_matches('"').to_owned()),
            span: first.span.start..value.span.end,
            name: Some(first.span),
            value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r##"// a comment with ( in it
Scenario(
    name: "a \" (b",
    raw: r#"x " y"#, /* , */
    societies: { "one": (population: [ (culture: "BRA"), (culture: "CHN", count: -3) ]) },
    record: (answers: Sample(10)),
)"##;

    #[test]
    fn every_value_is_found_by_its_path() {
        let root = outline(TEXT).expect("brackets match");
        let cases = [
            (path!["name"], r#""a \" (b""#),
            (path!["raw"], r##"r#"x " y"#"##),
            (path!["societies", "one", "population", 1, "count"], "-3"),
            (path!["record", "answers"], "Sample(10)"),
        ];
        for (path, expected) in cases {
            let (child, whole) = root.nearest(&path);
            assert!(whole, "{path:?}");
            assert_eq!(&TEXT[child.expect("found").value.span.clone()], expected);
        }
    }

    #[test]
    fn a_path_that_leads_nowhere_ends_at_the_last_thing_there_is() {
        let root = outline(TEXT).expect("brackets match");
        let (child, whole) = root.nearest(&["societies", "one", "netwrk"].map(Step::from));
        assert!(!whole);
        assert_eq!(child.expect("on the way").step, Step::from("one"));
    }

    #[test]
    fn texts_whose_brackets_do_not_match_have_no_outline() {
        for text in ["(", "(a: 1", "[1, 2)", "(a: \"x)", "", "(a 1)", &"[".repeat(100_000)] {
            assert!(outline(text).is_none(), "{text}");
        }
    }
}
