//! Fitting surrogate presets to recordings, and checking the fit on seeds it has not seen.

use std::collections::BTreeSet;
use std::sync::Arc;

use pluriverse_agents::kinds::recorded::Recording;
use pluriverse_agents::kinds::surrogate::fit::{self, Figures, Recorded, Setting};
use pluriverse_agents::kinds::surrogate::model::{HumanPositions, Parameters};
use pluriverse_agents::parse::ParseRule;
use pluriverse_worlds::culture::Cultures;
use pluriverse_worlds::survey::measures::diversity::Mean;
use pluriverse_worlds::survey::{ReferenceSheet, Survey};
use serde::Serialize;

use super::measure::{recorded_society, unusable};

/// Seeds a fit is checked on, from 0.
pub const CHECK_SEEDS: u64 = 20;

/// Changes of Diversity_P smaller than this are not resolved from noise: their sign is no target.
pub const RESOLVED_CHANGE: f64 = 1.2;

/// A figure as recorded and as simulated over the check seeds.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Comparison {
    /// As recorded.
    pub recorded: f64,
    /// Mean over the check seeds.
    pub mean: f64,
    /// Smallest over the check seeds.
    pub min: f64,
    /// Largest over the check seeds.
    pub max: f64,
}

impl Comparison {
    fn of(recorded: Option<f64>, simulated: &[Option<f64>]) -> Option<Self> {
        let values: Vec<f64> = simulated.iter().flatten().copied().collect();
        Some(Self {
            recorded: recorded?,
            mean: Mean::of(values.iter().copied()).value?,
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        })
    }

    /// Whether the mean lies within `mean` of the recorded figure and every seed within `each`.
    pub fn within(&self, mean: f64, each: f64) -> bool {
        (self.mean - self.recorded).abs() <= mean
            && (self.min - self.recorded).abs() <= each
            && (self.max - self.recorded).abs() <= each
    }
}

/// A fitted preset and how well it does on seeds it has not seen.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Fitted {
    /// The backbone.
    pub name: Arc<str>,
    /// Its parameters, rounded as written to a preset.
    pub parameters: Parameters,
    /// Diversity_P, in percent.
    pub diversity: Option<Comparison>,
    /// Alignment, in percent.
    pub alignment: Option<Comparison>,
    /// Diversity_S, in percent; not fitted.
    pub structural: Option<Comparison>,
    /// Change of Diversity_P from round 0 to 1, in points.
    pub diversity_change: Option<Comparison>,
    /// Share of answers changed from round 0 to 1.
    pub changed: Option<Comparison>,
}

impl Fitted {
    /// Whether the means of Diversity_P and Alignment lie within 1 point of the recorded ones, every seed within 3, and
    /// a resolved change of Diversity_P has its recorded sign.
    pub fn holds(&self) -> bool {
        let near = |comparison: &Option<Comparison>| comparison.as_ref().is_some_and(|c| c.within(1.0, 3.0));
        let sign = self
            .diversity_change
            .is_none_or(|change| change.recorded.abs() <= RESOLVED_CHANGE || change.recorded * change.mean > 0.0);
        near(&self.diversity) && near(&self.alignment) && sign
    }
}

/// What calibration needs besides recordings.
pub struct Context<'a> {
    /// The survey.
    pub survey: &'a Survey,
    /// The cultures.
    pub cultures: &'a Cultures,
    /// What surrogates know about people.
    pub human: &'a HumanPositions,
    /// Reference sheets by culture.
    pub references: &'a [Option<ReferenceSheet>],
}

/// Fits a preset to a recording of these cultures; `None` when its round 0 is unusable or a culture is unknown.
pub fn calibrate(
    context: &Context<'_>,
    recording: &Recording,
    cultures: &BTreeSet<Arc<str>>,
    rule: ParseRule,
) -> Option<Fitted> {
    let round = |round| recorded_society(recording, round, cultures, context.survey, rule);
    let (before, after) = (round(0), round(1));
    if unusable(&before) {
        return None;
    }
    let recorded = Recorded {
        name: &recording.model,
        cultures: before.cultures.iter().map(|code| context.cultures.by_code(code)).collect::<Option<_>>()?,
        after: (!unusable(&after)).then_some(after.sheets),
        before: before.sheets,
    };
    let setting = Setting {
        survey: context.survey,
        cultures: context.cultures,
        human: context.human,
        references: context.references,
    };
    let parameters = rounded(fit::fit(&setting, &recorded));
    let target = fit::figures(&setting, &recorded, &recorded.before, recorded.after.as_ref());
    let checks = fit::validate(&setting, &recorded, &parameters, 0, CHECK_SEEDS);
    let compare = |of: &dyn Fn(&Figures) -> Option<f64>| {
        let simulated: Vec<Option<f64>> = checks.iter().map(of).collect();
        Comparison::of(of(&target), &simulated)
    };
    Some(Fitted {
        name: recording.model.clone(),
        parameters,
        diversity: compare(&|f| Some(f.diversity)),
        alignment: compare(&|f| Some(f.alignment)),
        structural: compare(&|f| Some(f.structural)),
        diversity_change: compare(&|f| f.diversity_change),
        changed: compare(&|f| f.changed),
    })
}

/// Four decimals: more would pretend to be known.
fn rounded(parameters: Parameters) -> Parameters {
    let four = |value: f64| {
        let rounded = (value * 1e4).round() / 1e4;
        // No negative zero in a file.
        if rounded == 0.0 { 0.0 } else { rounded }
    };
    Parameters {
        acquiescence: four(parameters.acquiescence),
        scale_use: four(parameters.scale_use),
        self_expression_lean: four(parameters.self_expression_lean),
        culture_pull: four(parameters.culture_pull),
        house_deviation: four(parameters.house_deviation),
        own_deviation: four(parameters.own_deviation),
        dispersion: four(parameters.dispersion),
        conformity: four(parameters.conformity),
        conformity_fitted: parameters.conformity_fitted,
        refusal: four(parameters.refusal),
        retest_trend: four(parameters.retest_trend),
        anchoring: four(parameters.anchoring),
        persona_pull: four(parameters.persona_pull),
    }
}
