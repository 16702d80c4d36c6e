//! Recorded corrections in the layout published with arXiv 2605.10843: one row a scenario and country, columns by name.

use std::collections::BTreeMap;

use super::dimension::{Dimension, Preferences};
use crate::panel::gap::logistic;

/// One scenario as one model answered it for one country.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordedScenario {
    /// Where it stands in its file, from 1.
    pub line: usize,
    /// ISO 3166-1 alpha-3 code.
    pub country: String,
    /// Number of the scenario within the country.
    pub scenario: u32,
    /// What it is about.
    pub dimension: Dimension,
    /// Probability of sparing the preferred side without a panel.
    pub vanilla: f64,
    /// The same with the panel and the running country prior.
    pub final_share: f64,
    /// Whether option B spares the preferred.
    pub preferred_at_b: bool,
    /// δ*_1 and δ*_2.
    pub corrections: [f64; 2],
    /// r as recorded.
    pub reliability: f64,
    /// The gap with the panel, before the running country prior.
    pub delta: f64,
    /// The running country prior after this scenario, where it was recorded.
    pub country_mean: Option<f64>,
}

/// Which figure of a recording is meant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum View {
    /// Without a panel.
    Vanilla,
    /// With the panel and the running country prior.
    Final,
    /// With the panel alone: logistic of the gap, on the preferred side.
    WithoutPrior,
}

impl View {
    /// Every view.
    pub const ALL: [Self; 3] = [Self::Vanilla, Self::Final, Self::WithoutPrior];

    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vanilla => "vanilla",
            Self::Final => "final",
            Self::WithoutPrior => "without_prior",
        }
    }
}

/// A recording that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RecordingFault {
    /// A column is not there.
    #[error("no column `{column}` in the recording")]
    MissingColumn {
        /// Its name.
        column: &'static str,
    },
    /// A cell that cannot be read.
    #[error("line {line} of the recording: {column} `{found}` is not {expected}")]
    Cell {
        /// Which line, from 1.
        line: usize,
        /// Which column.
        column: &'static str,
        /// What stands there.
        found: String,
        /// What should.
        expected: &'static str,
    },
}

impl RecordedScenario {
    /// Probability of sparing the preferred side. `decision_temperature` is used where only the gap is recorded.
    pub fn spares_preferred(&self, view: View, decision_temperature: f64) -> f64 {
        match view {
            View::Vanilla => self.vanilla,
            View::Final => self.final_share,
            View::WithoutPrior => self.on_preferred_side(self.delta, decision_temperature),
        }
    }

    /// A gap as probability of sparing the preferred side.
    pub fn on_preferred_side(&self, delta: f64, decision_temperature: f64) -> f64 {
        let probability_of_b = logistic(delta / decision_temperature);
        if self.preferred_at_b { probability_of_b } else { 1.0 - probability_of_b }
    }
}

/// Reads a recording: comma-separated with a header line, columns in any order, further ones ignored.
///
/// # Errors
/// Every column that is missing, or else every cell that cannot be read.
pub fn read(text: &str) -> Result<Vec<RecordedScenario>, Vec<RecordingFault>> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let header: Vec<&str> = lines.next().map(|(_, line)| line.split(',').map(str::trim).collect()).unwrap_or_default();
    let places: BTreeMap<&str, usize> = header.iter().enumerate().rev().map(|(place, name)| (*name, place)).collect();
    let missing = COLUMNS.into_iter().filter(|column| !places.contains_key(column));
    let mut faults: Vec<RecordingFault> = missing.map(|column| RecordingFault::MissingColumn { column }).collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut rows = Vec::new();
    for (number, line) in lines {
        let mut row = Row { line: number + 1, cells: line.split(',').collect(), places: &places, faults: &mut faults };
        rows.extend(row.read());
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

/// The mean share of each dimension by country; a country that lacks a dimension is left out.
pub fn preferences(
    scenarios: &[RecordedScenario],
    view: View,
    decision_temperature: f64,
) -> BTreeMap<String, Preferences> {
    let mut sums: BTreeMap<&str, [(f64, f64); 6]> = BTreeMap::new();
    for scenario in scenarios {
        let of = &mut sums.entry(&scenario.country).or_default()[scenario.dimension.index()];
        of.0 += scenario.spares_preferred(view, decision_temperature);
        of.1 += 1.0;
    }
    sums.into_iter()
        .filter(|(_, sums)| sums.iter().all(|(_, count)| *count > 0.0))
        .map(|(country, sums)| (country.to_owned(), Preferences(sums.map(|(sum, count)| sum / count))))
        .collect()
}

/// What a recording must have.
const COLUMNS: [&str; 10] = [
    "country",
    "scenario",
    "category",
    "vanilla_p_spare_preferred",
    "preferred_on_right",
    "p_spare_preferred",
    "delta_star_1",
    "delta_star_2",
    "reliability_r",
    "delta_opt_micro",
];

/// What it may have.
const COUNTRY_MEAN: &str = "delta_country";

/// A line with the places of its columns, and what was wrong so far.
struct Row<'a> {
    line: usize,
    cells: Vec<&'a str>,
    places: &'a BTreeMap<&'a str, usize>,
    faults: &'a mut Vec<RecordingFault>,
}

impl Row<'_> {
    /// The row, where all of it can be read. Every cell is looked at before the first that cannot be given up on.
    fn read(&mut self) -> Option<RecordedScenario> {
        let country = self.parsed("country", "a country code", |cell| (!cell.is_empty()).then(|| cell.to_owned()));
        let scenario = self.parsed("scenario", "a whole number", |cell| cell.parse().ok());
        let dimension = self.parsed("category", "one of the six dimensions", Dimension::by_name);
        let vanilla = self.share("vanilla_p_spare_preferred");
        let final_share = self.share("p_spare_preferred");
        let preferred_at_b = self.parsed("preferred_on_right", "0 or 1", |cell| match cell {
            "0" | "0.0" | "False" | "false" => Some(false),
            "1" | "1.0" | "True" | "true" => Some(true),
            _ => None,
        });
        let corrections = [self.number("delta_star_1"), self.number("delta_star_2")];
        let reliability = self.number("reliability_r");
        let delta = self.number("delta_opt_micro");
        let country_mean = if self.places.contains_key(COUNTRY_MEAN) { self.number(COUNTRY_MEAN) } else { None };
        Some(RecordedScenario {
            line: self.line,
            country: country?,
            scenario: scenario?,
            dimension: dimension?,
            vanilla: vanilla?,
            final_share: final_share?,
            preferred_at_b: preferred_at_b?,
            corrections: [corrections[0]?, corrections[1]?],
            reliability: reliability?,
            delta: delta?,
            country_mean,
        })
    }

    fn share(&mut self, column: &'static str) -> Option<f64> {
        self.parsed(column, "from 0 to 1", |cell| cell.parse().ok().filter(|share| (0.0..=1.0).contains(share)))
    }

    fn number(&mut self, column: &'static str) -> Option<f64> {
        self.parsed(column, "a finite number", |cell| cell.parse().ok().filter(|number: &f64| number.is_finite()))
    }

    fn parsed<T>(
        &mut self,
        column: &'static str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let cell = self.places.get(column).and_then(|place| self.cells.get(*place)).map_or("", |cell| cell.trim());
        let parsed = parse(cell);
        if parsed.is_none() {
            self.faults.push(RecordingFault::Cell { line: self.line, column, found: cell.to_owned(), expected });
        }
        parsed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "delta_country,country,scenario,category,vanilla_p_spare_preferred,preferred_on_right,n_left,\
        p_spare_preferred,ess_pass1,ess_pass2,delta_star_1,delta_star_2,reliability_r,delta_opt_micro\n\
        0.1,AAA,0,Age,0.25,0,3,0.5,0.7,0.8,0.1,0.3,0.36787944117144233,-0.5\n\
        0.1,AAA,1,Age,0.75,1,3,0.5,0.7,0.8,0.1,0.3,0.36787944117144233,-0.5\n";

    #[test]
    fn rows_are_read_by_the_names_of_their_columns_and_scored_on_the_preferred_side() {
        let rows = read(TEXT).expect("two rows");
        assert_eq!((rows.len(), rows[1].preferred_at_b, rows[0].dimension), (2, true, Dimension::Age));
        let [left, right] = [0, 1].map(|row: usize| rows[row].spares_preferred(View::WithoutPrior, 0.5));
        assert!((left - 1.0 / (1.0 + libm::exp(-1.0))).abs() < 1e-12);
        assert!((left + right - 1.0).abs() < 1e-15);
        assert!((rows[0].spares_preferred(View::Vanilla, 0.5) - 0.25).abs() < 1e-15);
        assert!(preferences(&rows, View::Final, 0.5).is_empty(), "five dimensions are missing");
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_line_and_column() {
        let cases = [
            (TEXT.replace("delta_opt_micro", "delta"), "no column `delta_opt_micro` in the recording"),
            (
                TEXT.replace("1,Age", "1,Ages"),
                "line 3 of the recording: category `Ages` is not one of the six dimensions",
            ),
            (
                TEXT.replace("Age,0.25", "Age,1.25"),
                "line 2 of the recording: vanilla_p_spare_preferred `1.25` is not from 0 to 1",
            ),
            (TEXT.replace("0.1,AAA,0", "x,AAA,0"), "line 2 of the recording: delta_country `x` is not a finite number"),
            (String::new(), "no column `country` in the recording"),
        ];
        for (text, message) in cases {
            assert_eq!(read(&text).expect_err("refused")[0].to_string(), message);
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let columns = TEXT.replace("delta_opt_micro", "delta").replace("delta_star_2", "second");
        let faults = read(&columns).expect_err("refused");
        let missing = |column| RecordingFault::MissingColumn { column };
        assert_eq!(faults, [missing("delta_star_2"), missing("delta_opt_micro")]);
        let cells = TEXT.replace("AAA,1", ",one").replace("Age,0.25", "Age,nan");
        let faults: Vec<String> = read(&cells).expect_err("refused").iter().map(ToString::to_string).collect();
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults[0].starts_with("line 2") && faults[2].ends_with("scenario `one` is not a whole number"));
    }

    #[test]
    fn columns_nothing_follows_from_may_be_missing() {
        let rows = read(&TEXT.replace("delta_country", "other").replace("ess_pass1", "e1")).expect("two rows");
        assert_eq!((rows[0].country_mean, rows[1].line), (None, 3));
    }
}
