//! What is drafted in a phase: prompts, methods, how many sets, who judges.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::Backbone;
use serde::{Deserialize, Serialize};

use crate::pluralism::Axis;
use crate::pluralism::alignment_rate::Position;
use crate::pluralism::judge::Score;

/// How a set of candidates is made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Method {
    /// Draws that know nothing of each other.
    Independent,
    /// One draw from each of several backbones.
    Backbones,
    /// One generation that is asked for several replies which stand for diverse values (negative-correlation sampling).
    Nc,
    /// The same with the two axes named.
    NcNamed,
    /// One reply after another, each shown the ones before and asked to differ from them.
    Sequential,
}

impl Method {
    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Independent => "independent",
            Self::Backbones => "backbones",
            Self::Nc => "nc",
            Self::NcNamed => "nc_named",
            Self::Sequential => "sequential",
        }
    }

    /// Whether one generation makes the whole set.
    pub const fn at_once(self) -> bool {
        matches!(self, Self::Nc | Self::NcNamed)
    }

    /// Whether the set is asked to be diverse.
    pub const fn asks_for_diversity(self) -> bool {
        matches!(self, Self::Nc | Self::NcNamed | Self::Sequential)
    }
}

/// An everyday prompt and what the judge needs to place replies to it: a reply that leans to no side, and four that lean
/// to one pole each.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EverydayPrompt {
    /// Its id, as in tables.
    pub id: Arc<str>,
    /// What somebody asks.
    pub text: Arc<str>,
    /// A balanced reply: every candidate is judged against it.
    pub anchor: Arc<str>,
    /// A reply that leans to traditional values.
    pub traditional: Arc<str>,
    /// A reply that leans to secular-rational values.
    pub secular: Arc<str>,
    /// A reply that leans to survival values.
    pub survival: Arc<str>,
    /// A reply that leans to self-expression values.
    pub self_expression: Arc<str>,
}

/// Two replies of which somebody said which leans more to the high end of an axis.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelledPair {
    /// The axis; its pole is the high end: secular-rational, self-expression.
    pub axis: Axis,
    /// What somebody asked.
    pub prompt: Arc<str>,
    /// The reply that is scored.
    pub reply: Arc<str>,
    /// The reply it is compared with.
    pub anchor: Arc<str>,
    /// Where the reply stands against the anchor.
    pub label: Score,
}

impl EverydayPrompt {
    /// The labelled pairs its contrasts make: each against the anchor.
    pub fn labelled(&self) -> [LabelledPair; 4] {
        [
            (Axis::TraditionalSecular, &self.traditional, Score::Away),
            (Axis::TraditionalSecular, &self.secular, Score::Toward),
            (Axis::SurvivalSelfExpression, &self.survival, Score::Away),
            (Axis::SurvivalSelfExpression, &self.self_expression, Score::Toward),
        ]
        .map(|(axis, reply, label)| LabelledPair {
            axis,
            prompt: self.text.clone(),
            reply: reply.clone(),
            anchor: self.anchor.clone(),
            label,
        })
    }
}

/// Whether agents choose one of their drafts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Choosing {
    /// Every agent chooses the one it would send itself, out of every set.
    #[default]
    Persona,
    /// Nobody chooses.
    Nobody,
}

/// What drafts of agents without words are drawn by, in units of the Inglehart–Welzel map.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurrogateDrafts {
    /// Standard deviation of a draft around the agent's own position, on each axis.
    pub scatter: f64,
    /// The same for sets that are asked to be diverse. Their candidates correlate by −1/(k − 1) besides.
    pub diverse_scatter: f64,
    /// Standard deviation of what the judge adds to a position each time it reads it.
    pub error: f64,
    /// How near to the anchor counts as balanced.
    pub band: f64,
}

impl Default for SurrogateDrafts {
    fn default() -> Self {
        Self { scatter: 0.5, diverse_scatter: 1.0, error: 0.25, band: 0.25 }
    }
}

/// Everything a drafting phase is set up with.
#[derive(Clone, PartialEq, Debug)]
pub struct Drafting {
    /// The prompts.
    pub prompts: Vec<EverydayPrompt>,
    /// The methods to compare.
    pub methods: Vec<Method>,
    /// Candidates a set.
    pub size: usize,
    /// Sets of each method, prompt and agent.
    pub sets: usize,
    /// Who drafts under [`Method::Backbones`], one candidate each.
    pub backbones: Vec<Backbone>,
    /// Who judges texts; `None` where nobody writes any.
    pub judge: Option<Backbone>,
    /// What the judge is tried on; empty where its accuracy is to stay unknown.
    pub labelled: Vec<LabelledPair>,
    /// Whether agents choose.
    pub choosing: Choosing,
    /// How surrogates draft.
    pub surrogate: SurrogateDrafts,
    /// Scores of people on both axes, for alignment rates.
    pub humans: Option<Arc<Vec<Position>>>,
}

/// One set of candidates of an agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SetPlace {
    /// Place of the prompt.
    pub prompt: usize,
    /// How it was made.
    pub method: Method,
    /// Which of the sets of this method, from 0.
    pub set: usize,
}

impl Drafting {
    /// How many sets an agent makes.
    pub fn sets_an_agent(&self) -> usize {
        self.prompts.len() * self.methods.len() * self.sets
    }

    /// What the set at this place of an agent's is: by prompt, then method, then number.
    pub fn place(&self, index: usize) -> SetPlace {
        let (rest, set) = (index / self.sets, index % self.sets);
        SetPlace { prompt: rest / self.methods.len(), method: self.methods[rest % self.methods.len()], set }
    }
}

/// The set-ups of a society's drafting phases, in order.
#[derive(Resource, Clone, Debug, Default)]
pub struct Draftings(pub Vec<Arc<Drafting>>);

/// A phase in which agents draft.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DraftDesign {
    /// Which of the society's set-ups.
    pub drafting: u16,
}

impl DraftDesign {
    /// The mechanism's name in tables.
    pub const MECHANISM: &'static str = "draft";
}

/// Whether agents draft in ticks of this mechanism.
pub fn is_draft(mechanism: &str) -> bool {
    mechanism == DraftDesign::MECHANISM
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_of_an_agent_has_its_place() {
        let text = || Arc::from("x");
        let prompt = |id: usize| EverydayPrompt {
            id: Arc::from(id.to_string()),
            text: text(),
            anchor: text(),
            traditional: text(),
            secular: text(),
            survival: text(),
            self_expression: text(),
        };
        let drafting = Drafting {
            prompts: (0..3).map(prompt).collect(),
            methods: vec![Method::Nc, Method::Independent],
            size: 4,
            sets: 2,
            backbones: Vec::new(),
            judge: None,
            labelled: Vec::new(),
            choosing: Choosing::Persona,
            surrogate: SurrogateDrafts::default(),
            humans: None,
        };
        assert_eq!(drafting.sets_an_agent(), 12);
        let places: Vec<SetPlace> = (0..12).map(|index| drafting.place(index)).collect();
        assert_eq!(places[0], SetPlace { prompt: 0, method: Method::Nc, set: 0 });
        assert_eq!(places[3], SetPlace { prompt: 0, method: Method::Independent, set: 1 });
        assert_eq!(places[11], SetPlace { prompt: 2, method: Method::Independent, set: 1 });
        let labels: Vec<Score> = prompt(0).labelled().iter().map(|pair| pair.label).collect();
        assert_eq!(labels, [Score::Away, Score::Toward, Score::Away, Score::Toward]);
    }
}
