//! The surrogate's parameters, and the dispositions that follow from them and from the human reference.

use std::sync::Arc;

use pluriverse_engine::seed::draw_by_name;
use pluriverse_worlds::culture::{Culture, Cultures};
use pluriverse_worlds::inference::normal::quantile;
use pluriverse_worlds::survey::{Item, Reference, Survey};
use serde::{Deserialize, Serialize};

use super::panel::PanelMind;
use crate::kinds::panel::{BaseVoice, Panel, PanelPersona};

/// Cultures whose self-expression coordinate on the Inglehart–Welzel map is above this form the pole `W`.
pub const SELF_EXPRESSION_POLE: f64 = 1.0;

/// Share of a house deviation's variance that all backbones have in common. The published recordings' residuals
/// correlate .7 to .85 between backbones.
pub(super) const COMMON_SHARE: f64 = 0.7;

/// Share of an own deviation's variance that belongs to backbone and culture; the rest belongs to the single agent.
pub(super) const STEREOTYPE_SHARE: f64 = 0.9;

/// The parameters of a surrogate. All in units of normalised scale positions unless said otherwise.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// House view: shift of every answer; negative is towards the first option.
    pub acquiescence: f64,
    /// House view: how far the pooled human answer's distance from the scale's middle is stretched; 1 leaves it.
    pub scale_use: f64,
    /// House view: pull towards the cultures at the self-expression pole; 0 is none, 1 all the way.
    pub self_expression_lean: f64,
    /// Pull to the culture's own human answers; 1 reproduces cultural differences of means, above 1 exaggerates.
    pub culture_pull: f64,
    /// Standard deviation of what the backbone's agents deviate in together.
    pub house_deviation: f64,
    /// Standard deviation of what each culture's agent deviates in on its own.
    pub own_deviation: f64,
    /// Standard deviation of a single reply around the disposition: re-asking varies by it.
    pub dispersion: f64,
    /// Share of the way to the peers' mean that shown answers move a reply; may be negative.
    pub conformity: f64,
    /// Whether conformity was fitted; where no exposure was recorded it is 0 and this is false.
    pub conformity_fitted: bool,
    /// Probability that a request brings no answer, 0 to 1.
    pub refusal: f64,
    /// Share of the way to the middle of the scale that every further asking moves the disposition, whatever is shown.
    /// No preset has any: it is for studies of designs that cannot tell it from influence.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retest_trend: f64,
    /// Share of the way to the agent's own answer of the round before that a reply moves where that answer is shown or
    /// remembered. No preset has any.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub anchoring: f64,
    /// Share of the way to where the words of its persona put an agent that its disposition moves, on the items they
    /// speak of. Fitted to nothing: no recording has personas. Agents without a profile are not touched.
    #[serde(default = "default_persona_pull", skip_serializing_if = "is_default_persona_pull")]
    pub persona_pull: f64,
}

/// [`Parameters::persona_pull`] where nothing else is said: half-way, a choice and no finding.
pub const PERSONA_PULL: f64 = 0.5;

const fn default_persona_pull() -> f64 {
    PERSONA_PULL
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_default_persona_pull(value: &f64) -> bool {
    is_zero(&(value - PERSONA_PULL))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_zero(value: &f64) -> bool {
    value.abs() < f64::MIN_POSITIVE
}

/// Parameters that a scenario gives other values than the preset's.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// [`Parameters::house_deviation`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub house_deviation: Option<f64>,
    /// [`Parameters::own_deviation`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_deviation: Option<f64>,
    /// [`Parameters::dispersion`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispersion: Option<f64>,
    /// [`Parameters::conformity`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conformity: Option<f64>,
    /// [`Parameters::refusal`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<f64>,
    /// [`Parameters::retest_trend`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retest_trend: Option<f64>,
    /// [`Parameters::anchoring`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchoring: Option<f64>,
    /// [`Parameters::persona_pull`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persona_pull: Option<f64>,
}

impl Changes {
    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Parameters {
    /// `V`, the house view of an item.
    fn view(&self, pooled: f64, pole: f64) -> f64 {
        0.5 + self.acquiescence + self.scale_use * (pooled - 0.5) + self.self_expression_lean * (pole - pooled)
    }

    /// The parameters with some of them changed.
    #[must_use]
    pub fn with(&self, changes: &Changes) -> Self {
        let mut changed = *self;
        let each = [
            (&mut changed.house_deviation, changes.house_deviation),
            (&mut changed.own_deviation, changes.own_deviation),
            (&mut changed.dispersion, changes.dispersion),
            (&mut changed.conformity, changes.conformity),
            (&mut changed.refusal, changes.refusal),
            (&mut changed.retest_trend, changes.retest_trend),
            (&mut changed.anchoring, changes.anchoring),
            (&mut changed.persona_pull, changes.persona_pull),
        ];
        for (value, change) in each {
            *value = change.unwrap_or(*value);
        }
        changed
    }

    /// What is wrong with the parameters, where something is.
    pub fn problem(&self) -> Option<String> {
        const LARGEST: f64 = 100.0;
        let deviations = [
            ("house_deviation", self.house_deviation),
            ("own_deviation", self.own_deviation),
            ("dispersion", self.dispersion),
        ];
        let others = [
            ("acquiescence", self.acquiescence),
            ("scale_use", self.scale_use),
            ("self_expression_lean", self.self_expression_lean),
            ("culture_pull", self.culture_pull),
            ("conformity", self.conformity),
        ];
        let bad = |range: std::ops::RangeInclusive<f64>| {
            move |(name, value): &(&str, f64)| {
                (!range.contains(value))
                    .then(|| format!("{name} is {value}, and must lie between {} and {}", range.start(), range.end()))
            }
        };
        deviations
            .iter()
            .find_map(bad(0.0..=LARGEST))
            .or_else(|| others.iter().find_map(bad(-LARGEST..=LARGEST)))
            .or_else(|| bad(0.0..=1.0)(&("refusal", self.refusal)))
            .or_else(|| bad(-1.0..=1.0)(&("retest_trend", self.retest_trend)))
            .or_else(|| bad(-1.0..=1.0)(&("anchoring", self.anchoring)))
            .or_else(|| bad(0.0..=1.0)(&("persona_pull", self.persona_pull)))
    }
}

/// Presets by name, as in the asset.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Presets {
    /// Where the parameters come from.
    pub source: Arc<str>,
    /// The parameters by preset.
    pub presets: std::collections::BTreeMap<Arc<str>, Parameters>,
}

/// What a surrogate knows about people: the human positions its disposition is made of.
#[derive(Clone, PartialEq, Debug)]
pub struct HumanPositions {
    /// `H`, by culture and item.
    pub own: Vec<Vec<f64>>,
    /// `P`, by item.
    pub pooled: Vec<f64>,
    /// `W`, by item.
    pub pole: Vec<f64>,
    /// Whether any population has data on the item.
    pub known: Vec<bool>,
}

impl HumanPositions {
    /// Human positions over a survey. Cultures are those of the run; the pool is every population of the reference.
    pub fn new(survey: &Survey, reference: &Reference, cultures: &Cultures) -> Self {
        let mean = |item, populations: &mut dyn Iterator<Item = &str>| {
            let positions: Vec<f64> =
                populations.filter_map(|culture| reference.mean_position(culture, item)).collect();
            (!positions.is_empty()).then(|| positions.iter().sum::<f64>() / positions.len() as f64)
        };
        let mut human = Self {
            own: vec![Vec::new(); cultures.cultures.len()],
            pooled: Vec::new(),
            pole: Vec::new(),
            known: Vec::new(),
        };
        for item in &survey.items {
            let known = mean(item, &mut reference.cultures().map(AsRef::as_ref));
            let pooled = known.unwrap_or(0.5);
            let pole = cultures
                .cultures
                .iter()
                .filter(|profile| profile.position.survival_self_expression > SELF_EXPRESSION_POLE)
                .map(|profile| &*profile.code);
            human.pole.push(mean(item, &mut { pole }).unwrap_or(pooled));
            human.pooled.push(pooled);
            human.known.push(known.is_some());
            for (own, profile) in human.own.iter_mut().zip(&cultures.cultures) {
                own.push(reference.mean_position(&profile.code, item).unwrap_or(pooled));
            }
        }
        human
    }
}

/// A surrogate ready to answer: dispositions by culture and item, and what scatters around them.
#[derive(Clone, PartialEq, Debug)]
pub struct Mind {
    items: usize,
    /// Dispositions without the single agent's part, culture-major.
    dispositions: Vec<f32>,
    /// Number of options − 1, by item.
    pub(super) spans: Vec<f32>,
    /// Standard deviation of the single agent's part.
    pub(super) person: f32,
    /// Standard deviation of a single reply.
    pub(super) dispersion: f32,
    /// Share of the way to the peers' mean.
    pub(super) conformity: f32,
    /// A request is refused when its 20-bit draw is below this.
    pub(super) refused_below: u32,
    /// Share of the way to the middle that each further asking moves the disposition.
    retest_trend: f64,
    /// Share of the way to the own answer of the round before.
    pub(super) anchoring: f32,
    /// The voices behind it, where it answers by a panel.
    pub(super) panel: Option<Arc<PanelMind>>,
    /// Share of the way to where a persona's words stand.
    pub(super) persona_pull: f32,
}

impl Mind {
    /// The surrogate of a named backbone. The name decides the deviations: two presets of one name and one set of
    /// parameters are the same mind in every run.
    pub fn new(
        name: &str,
        parameters: &Parameters,
        survey: &Survey,
        human: &HumanPositions,
        cultures: &Cultures,
    ) -> Self {
        let dispositions = cultures
            .cultures
            .iter()
            .zip(&human.own)
            .flat_map(|(profile, own)| {
                survey.items.iter().enumerate().map(move |(index, item)| {
                    let (pooled, pole) = (human.pooled[index], human.pole[index]);
                    let house = house_deviation(name, item);
                    let stereotype = normal_by_name(&["stereotype", name, &profile.code, &item.id]);
                    let disposition = parameters.view(pooled, pole)
                        + parameters.culture_pull * (own[index] - pooled)
                        + parameters.house_deviation * house
                        + parameters.own_deviation * STEREOTYPE_SHARE.sqrt() * stereotype;
                    disposition as f32
                })
            })
            .collect();
        Self {
            items: survey.len(),
            dispositions,
            spans: survey.items.iter().map(|item| item.span() as f32).collect(),
            person: (parameters.own_deviation * (1.0 - STEREOTYPE_SHARE).sqrt()) as f32,
            dispersion: parameters.dispersion as f32,
            conformity: parameters.conformity as f32,
            refused_below: (parameters.refusal.clamp(0.0, 1.0) * f64::from(1_u32 << 20)).round() as u32,
            retest_trend: parameters.retest_trend,
            anchoring: parameters.anchoring as f32,
            panel: None,
            persona_pull: parameters.persona_pull as f32,
        }
    }

    /// The same surrogate behind a panel: `name` and `parameters` as it was made with.
    #[must_use]
    pub fn behind(
        self,
        panel: &Panel,
        (name, parameters): (&str, &Parameters),
        survey: &Survey,
        human: &HumanPositions,
        cultures: &Cultures,
    ) -> Self {
        let items = || survey.items.iter().enumerate();
        let neutral = || {
            let base = items().map(|(index, item)| {
                let view = parameters.view(human.pooled[index], human.pole[index]);
                (view + parameters.house_deviation * house_deviation(name, item)) as f32
            });
            vec![base.collect()]
        };
        let culture = |index: usize| self.dispositions(Culture(index as u16)).to_vec();
        let of_culture = |(index, personas): (usize, &Vec<PanelPersona>)| {
            let code = cultures.cultures.get(index).map_or("", |profile| &*profile.code);
            let persona = |(place, persona): (usize, &PanelPersona)| {
                let place = place.to_string();
                let dispositions = self.dispositions(Culture(index as u16));
                let on_item = |(item, asked): (usize, &Item)| {
                    let person = normal_by_name(&["panel persona", name, code, &place, &asked.id]);
                    let disposition = f64::from(dispositions[item]) + f64::from(self.person) * person;
                    let stance = persona.stance.on(item).map_or(disposition, f64::from);
                    (disposition + parameters.persona_pull * (stance - disposition)) as f32
                };
                items().map(on_item).collect()
            };
            personas.iter().enumerate().map(persona).collect()
        };
        let voices = PanelMind {
            settings: panel.settings,
            scales: survey.items.iter().map(|item| item.scale).collect(),
            base: match panel.base {
                BaseVoice::Neutral => neutral(),
                BaseVoice::Culture => (0..cultures.cultures.len()).map(culture).collect(),
            },
            personas: panel.personas.iter().enumerate().map(of_culture).collect(),
        };
        Self { panel: Some(Arc::new(voices)), ..self }
    }

    /// Share of the way to the middle that dispositions have moved when everything was asked so often before.
    pub(super) fn trend(&self, asked_before: u32) -> f32 {
        (1.0 - libm::pow(1.0 - self.retest_trend, f64::from(asked_before))) as f32
    }

    /// Dispositions of a culture's agents, by item, without the single agent's part.
    pub(super) fn dispositions(&self, culture: Culture) -> &[f32] {
        &self.dispositions[culture.index() * self.items..][..self.items]
    }
}

/// `z_house` of a backbone on an item.
fn house_deviation(name: &str, item: &Item) -> f64 {
    COMMON_SHARE.sqrt() * normal_by_name(&["house", &item.id])
        + (1.0 - COMMON_SHARE).sqrt() * normal_by_name(&["house", name, &item.id])
}

/// A standard normal number that is a function of these names.
pub(super) fn normal_by_name(names: &[&str]) -> f64 {
    let uniform = ((draw_by_name(names) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    quantile(uniform)
}
