//! What a study is made of: systems, the humans they are measured against, and streams for what is drawn.

use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::parse::ParseRule;
use pluriverse_engine::seed::{Purpose, PurposeStreams, Streams};
use pluriverse_worlds::inference::resample::Resamples;
use pluriverse_worlds::survey::{Coding, ReferenceSheet, Statistic};

use crate::commands::cli::Studied;
use crate::commands::output::counted;
use crate::inputs::asset::AssetError;
use crate::studies::systems::{Choice, Source, System};

/// Resamples of items behind an interval.
pub(super) const RESAMPLES: usize = 1000;

/// What a study is made of.
pub(super) struct Material {
    pub(super) source: Source,
    pub(super) systems: Vec<System>,
    pub(super) references: Vec<ReferenceSheet>,
    pub(super) spans: Vec<u32>,
    pub(super) streams: Streams,
    pub(super) how: String,
    rule: ParseRule,
}

impl Material {
    pub(super) fn of(args: &Studied) -> Result<Self, Vec<AssetError>> {
        let choice = Choice { cultures: args.cultures.clone(), systems: args.systems.clone(), round: args.round };
        let source = Source::read(&args.dir, args.base.as_deref().unwrap_or(Path::new("")), &choice)?;
        let rule = args.parse.map_or(ParseRule::Paper, ParseRule::from);
        let statistic = args.statistic.map_or(Statistic::Mode, Statistic::from);
        let coding = args.coding.map_or(Coding::AsPublished, Coding::from);
        let systems = source.systems(rule);
        if systems.is_empty() {
            return Err(vec![AssetError::new("all answers are missing: there is no system to study")]);
        }
        let sheet = |code: &Arc<str>| source.reference.sheet(code, &source.survey, statistic, coding);
        let left_out = match source.left_out.join(", ") {
            none if none.is_empty() => none,
            names => format!("\nNot recorded for all of these cultures, and left out: {names}"),
        };
        let read = if source.has_replies() { format!("replies read by rule {}, ", rule.name()) } else { String::new() };
        Ok(Self {
            references: source.cultures.iter().map(sheet).collect(),
            spans: source.survey.squared_spans(),
            streams: Streams::new(args.seed, "study", 0),
            how: format!(
                "{}; {} in round {}, {} items; {read}humans by {} ({}){left_out}",
                source.cultures.iter().map(|code| &**code).collect::<Vec<_>>().join(" "),
                counted(systems.len() as u64, "system", "systems"),
                source.round,
                source.survey.len(),
                statistic.name(),
                coding.name()
            ),
            systems,
            source,
            rule,
        })
    }

    pub(super) fn draws(&self, what: &'static str) -> PurposeStreams {
        self.streams.of(Purpose(what))
    }

    /// The systems in every sample of their answers, the same systems in each.
    pub(super) fn samples(&self) -> Vec<Vec<System>> {
        let all: Vec<Vec<System>> =
            (0..self.source.samples()).map(|sample| self.source.sample(sample, self.rule)).collect();
        if all.iter().all(|systems| systems.len() == self.systems.len()) { all } else { vec![self.systems.clone()] }
    }

    /// Resamples of the items, the same for everything compared.
    pub(super) fn resamples(&self) -> Resamples {
        Resamples::draw(self.source.survey.len(), RESAMPLES, &self.draws("study.items"))
    }

    pub(super) fn names(&self) -> Vec<Arc<str>> {
        self.systems.iter().map(|system| system.name.clone()).collect()
    }
}
