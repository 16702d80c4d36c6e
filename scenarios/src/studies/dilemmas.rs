//! What recorded dilemmas come to: reliability from the passes, decisions from the gaps, and how near they are to people,
//! beside answers that know no culture.

use std::collections::{BTreeMap, BTreeSet};

use pluriverse_worlds::dilemmas::measures::baseline_answers;
use pluriverse_worlds::dilemmas::recording::{RecordedScenario, View, preferences};
use pluriverse_worlds::dilemmas::{Preferences, Score, score};
use pluriverse_worlds::panel::gate::reliability;

/// The constants a recording was made with.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Constants {
    /// T_dec.
    pub decision_temperature: f64,
    /// s of r = exp(−V/s).
    pub reliability_scale: f64,
}

/// One scenario reckoned again.
#[derive(Clone, PartialEq, Debug)]
pub struct Reckoned {
    /// Line of the file.
    pub line: usize,
    /// Country.
    pub country: String,
    /// Number within the country.
    pub scenario: u32,
    /// r as recorded.
    pub recorded: f64,
    /// r from the recorded passes.
    pub reliability: f64,
    /// Probability of sparing the preferred side by the recorded gap: logistic(δ/T_dec) on its side.
    pub without_prior: f64,
}

impl Reckoned {
    /// How far the recorded r is from its passes.
    pub fn deviation(&self) -> f64 {
        (self.reliability - self.recorded).abs()
    }
}

/// One way of answering, scored.
#[derive(Clone, PartialEq, Debug)]
pub struct Way {
    /// Its name: a view of the recording, or a baseline.
    pub name: &'static str,
    /// The score, by country in the order of [`ModelStudy::countries`].
    pub score: Score,
    /// Countries nearer to their people (lower MIS) than without a panel; `None` of that view itself.
    pub improved: Option<usize>,
}

/// What one model's recording comes to.
#[derive(Clone, PartialEq, Debug)]
pub struct ModelStudy {
    /// Every scenario, in the order of the file.
    pub scenarios: Vec<Reckoned>,
    /// The countries that are scored.
    pub countries: Vec<String>,
    /// Countries without scenarios of some dimension, which are not scored.
    pub incomplete: Vec<String>,
    /// Scenarios of a country that stand more than once.
    pub repeated: usize,
    /// The three views, then the baselines; empty where no country can be scored.
    pub ways: Vec<Way>,
}

impl ModelStudy {
    /// The scenario whose recorded r is furthest from its passes, the first of equally far ones.
    pub fn furthest(&self) -> Option<&Reckoned> {
        self.scenarios.iter().rev().max_by(|a, b| a.deviation().total_cmp(&b.deviation()))
    }
}

/// Studies a model's recording. `humans` has every country of it.
pub fn study(rows: &[RecordedScenario], humans: &BTreeMap<String, Preferences>, constants: Constants) -> ModelStudy {
    let temperature = constants.decision_temperature;
    let reckoned = |row: &RecordedScenario| Reckoned {
        line: row.line,
        country: row.country.clone(),
        scenario: row.scenario,
        recorded: row.reliability,
        reliability: reliability(&row.corrections, constants.reliability_scale),
        without_prior: row.spares_preferred(View::WithoutPrior, temperature),
    };
    let views: Vec<(View, BTreeMap<String, Preferences>)> =
        View::ALL.into_iter().map(|view| (view, preferences(rows, view, temperature))).collect();
    let scored = |country: &String| humans.contains_key(country) && views[0].1.contains_key(country);
    let all: BTreeSet<&String> = rows.iter().map(|row| &row.country).collect();
    let (countries, incomplete): (Vec<&String>, Vec<&String>) = all.into_iter().partition(|country| scored(country));
    let people: Vec<Preferences> = countries.iter().map(|country| humans[*country]).collect();
    let answers = views
        .iter()
        .map(|(view, of)| (view.name(), countries.iter().map(|country| of[*country]).collect::<Vec<Preferences>>()));
    let mut ways: Vec<Way> = Vec::new();
    for (name, answers) in answers.chain(baseline_answers(&people)) {
        let Some(score) = score(&answers, &people) else { continue };
        let improved = ways.first().map(|vanilla| {
            let both = score.countries.iter().zip(&vanilla.score.countries);
            both.filter(|(own, vanilla)| own.misalignment < vanilla.misalignment).count()
        });
        ways.push(Way { name, score, improved });
    }
    let distinct: BTreeSet<(&str, u32)> = rows.iter().map(|row| (&*row.country, row.scenario)).collect();
    ModelStudy {
        scenarios: rows.iter().map(reckoned).collect(),
        countries: countries.into_iter().cloned().collect(),
        incomplete: incomplete.into_iter().cloned().collect(),
        repeated: rows.len() - distinct.len(),
        ways,
    }
}
