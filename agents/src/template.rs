//! Templates: texts with named variables, filled in one pass so that nothing filled in is read as a template. `{{` and
//! `}}` stand for braces.

use std::collections::BTreeMap;
use std::fmt::Write;

/// A template that cannot be filled.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("prompt template `{template}`: {problem}")]
pub struct TemplateError {
    /// Which template.
    pub template: &'static str,
    /// What is wrong and what to write instead.
    pub problem: String,
}

enum Part {
    Text(String),
    Variable(usize),
}

/// A template ready to be filled.
#[derive(Default)]
pub(crate) struct Template(Vec<Part>);

impl Template {
    /// The text with these values in place of the variables, in the order in which they were declared.
    pub(crate) fn fill(&self, values: &[&str]) -> String {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Variable(index) => text.push_str(values[*index]),
            }
        }
        text
    }
}

/// Checks a template: which variables it may hold, and which it must; `a|b` asks for one of the two.
pub(crate) fn compile(
    name: &'static str,
    text: &str,
    variables: &[&str],
    required: &[&str],
) -> Result<Template, Vec<TemplateError>> {
    let error = |problem: String| TemplateError { template: name, problem };
    let known: BTreeMap<&str, usize> = variables.iter().enumerate().map(|(index, name)| (*name, index)).collect();
    let mut errors = Vec::new();
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("{{").or_else(|| rest.strip_prefix("}}")) {
            literal.push(character);
            rest = after;
        } else if character == '{' {
            let end = rest.find('}').unwrap_or(rest.len());
            let variable = rest[1..end].trim();
            match known.get(variable) {
                Some(&index) => {
                    parts.push(Part::Text(std::mem::take(&mut literal)));
                    parts.push(Part::Variable(index));
                }
                None => errors.push(error(format!(
                    "unknown variable {{{variable}}}; write one of {}, or {{{{ and }}}} for braces",
                    variables.join(", ")
                ))),
            }
            rest = rest.get(end + 1..).unwrap_or("");
        } else {
            literal.push(character);
            rest = &rest[character.len_utf8()..];
        }
    }
    parts.push(Part::Text(literal));
    for &names in required {
        let held = |name| parts.iter().any(|part| matches!(part, Part::Variable(index) if variables[*index] == name));
        if !names.split('|').any(held) {
            errors.push(error(format!("it must hold {{{}}}", names.replace('|', "} or {"))));
        }
    }
    if errors.is_empty() { Ok(Template(parts)) } else { Err(errors) }
}

/// Marks every line as quoted, so that what a peer wrote cannot pass for part of the prompt or for another peer.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for line in text.split(['\n', '\r', '\u{2028}', '\u{2029}', '\u{85}', '\u{b}', '\u{c}']) {
        if !quoted.is_empty() {
            quoted.push('\n');
        }
        // Writing to a string cannot fail.
        let _ = write!(quoted, "> {line}");
    }
    quoted
}
