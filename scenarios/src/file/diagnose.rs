//! Mistakes in scenario files, as people read them: all at once, each with its line and what to write instead.

use std::io::IsTerminal;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Report, Severity};

use super::outline::{Path, outline};

/// Width diagnostics are wrapped at.
const WIDTH: usize = 110;

/// Source lines longer than this are named and not shown.
const LONGEST_SHOWN: usize = 400;

/// A mistake in a scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// The top-level field whose other mistakes may be the reason: what is missing only because its mistaken spelling
    /// was taken out is no mistake of its own.
    pub unless_mistaken: Option<&'static str>,
}

/// Where a mistake is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// At these bytes of the file.
    Bytes(std::ops::Range<usize>),
    /// At a value of the file, or where it is missing.
    Path(Path),
}

impl Mistake {
    /// A mistake at a value.
    pub fn at(path: Path, message: impl Into<String>) -> Self {
        Self { place: Place::Path(path), message: message.into(), help: None, unless_mistaken: None }
    }

    /// Only a mistake of its own when nothing else is wrong with this top-level field.
    #[must_use]
    pub fn unless_mistaken(mut self, field: &'static str) -> Self {
        self.unless_mistaken = Some(field);
        self
    }

    /// With what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With the known names a wrong one may have meant.
    #[must_use]
    pub fn meant<'a>(self, wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let help = suggestion(wrong, known);
        self.help(help)
    }
}

/// The mistakes of a scenario, with the text they are in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistakes {
    /// Name of the file.
    pub file: String,
    /// Its text, overrides applied.
    pub text: String,
    /// The text without what could not be read, every other byte where it was: paths count in it.
    pub readable: String,
    /// The mistakes, in the order of the text.
    pub mistakes: Vec<Mistake>,
}

impl Mistakes {
    /// Line and column, both from 1, of a mistake.
    pub fn position(&self, mistake: &Mistake) -> (usize, usize) {
        let start = self.bytes(mistake).start;
        let before = &self.text[..start];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        (line, column)
    }

    fn bytes(&self, mistake: &Mistake) -> std::ops::Range<usize> {
        let range = match &mistake.place {
            Place::Bytes(range) => range.clone(),
            Place::Path(path) => outline(&self.readable).map_or(0..0, |root| match root.nearest(path) {
                (Some(child), true) => child.value.span.clone(),
                (Some(child), false) => child.name.clone().unwrap_or(child.span.start..child.span.start + 1),
                (None, _) => root.span.start..(root.span.start + 1).min(root.span.end),
            }),
        };
        range.start.min(self.text.len())..range.end.min(self.text.len())
    }

    /// Renders every mistake with its source line.
    pub fn render(&self) -> String {
        let mut ordered: Vec<&Mistake> = self.mistakes.iter().collect();
        ordered.sort_by_key(|mistake| self.bytes(mistake).start);
        let theme =
            if std::io::stderr().is_terminal() { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(WIDTH);
        let mut rendered: Vec<String> = ordered
            .iter()
            .map(|mistake| {
                let bytes = self.bytes(mistake);
                let (line, column) = self.position(mistake);
                let mut diagnostic = miette::MietteDiagnostic::new(format!("{line}:{column}: {}", mistake.message))
                    .with_severity(Severity::Error);
                // A line nobody can read is not shown.
                if self.text.lines().nth(line - 1).is_none_or(|text| text.len() <= LONGEST_SHOWN) {
                    diagnostic = diagnostic.with_label(LabeledSpan::at(bytes, "here"));
                }
                if let Some(help) = &mistake.help {
                    diagnostic = diagnostic.with_help(help.clone());
                }
                let report = Report::new(diagnostic).with_source_code(NamedSource::new(&self.file, self.text.clone()));
                let mut rendered = String::new();
                // Writing to a string cannot fail.
                let _ = handler.render_report(&mut rendered, report.as_ref());
                rendered
            })
            .collect();
        rendered.push(format!(
            "{}: {} {}; nothing was run and nothing was written",
            self.file,
            self.mistakes.len(),
            if self.mistakes.len() == 1 { "mistake" } else { "mistakes" },
        ));
        rendered.join("\n")
    }
}

/// The known name most like a wrong one, where any is like it at all.
pub fn nearest<'a>(wrong: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|name| (strsim::jaro_winkler(&wrong.to_lowercase(), &name.to_lowercase()), *name))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// "did you mean" for a near name, the list of known names otherwise.
pub fn suggestion<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 40;
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(wrong, &known) {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => "none is known".to_owned(),
        None if known.len() > SHOWN => format!("known are {}, …", known[..SHOWN].join(", ")),
        None => format!("known are {}", known.join(", ")),
    }
}
