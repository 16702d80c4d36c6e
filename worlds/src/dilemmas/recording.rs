//! Recorded corrections in the layout published with arXiv 2605.10843: one row a scenario and country, columns by name.

use std::collections::BTreeMap;

use super::dimension::{Dimension, Preferences};
use crate::panel::gap::logistic;

/// One scenario as one model answered it for one country.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordedScenario {
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
    /// ESS of both passes.
    pub effective: [f64; 2],
    /// r as recorded.
    pub reliability: f64,
    /// The gap with the panel, before the running country prior.
    pub delta: f64,
    /// The running country prior after this scenario.
    pub country_mean: f64,
}

/// Which figure of a recording is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
/// A missing column, or the first cell that cannot be read.
pub fn read(text: &str) -> Result<Vec<RecordedScenario>, RecordingFault> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let header: Vec<&str> = lines.next().map(|(_, line)| line.split(',').map(str::trim).collect()).unwrap_or_default();
    let mut places = BTreeMap::new();
    for column in COLUMNS {
        let place = header.iter().position(|name| *name == column).ok_or(RecordingFault::MissingColumn { column })?;
        places.insert(column, place);
    }
    lines
        .map(|(number, line)| Row { line: number + 1, cells: line.split(',').collect(), places: &places }.read())
        .collect()
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

const COLUMNS: [&str; 13] = [
    "country",
    "scenario",
    "category",
    "vanilla_p_spare_preferred",
    "preferred_on_right",
    "p_spare_preferred",
    "ess_pass1",
    "ess_pass2",
    "delta_star_1",
    "delta_star_2",
    "reliability_r",
    "delta_opt_micro",
    "delta_country",
];

/// A line with the places of its columns.
struct Row<'a> {
    line: usize,
    cells: Vec<&'a str>,
    places: &'a BTreeMap<&'static str, usize>,
}

impl Row<'_> {
    fn read(&self) -> Result<RecordedScenario, RecordingFault> {
        let share =
            |column| self.parsed(column, "from 0 to 1", |cell| cell.parse().ok().filter(|p| (0.0..=1.0).contains(p)));
        let number =
            |column| self.parsed(column, "a finite number", |cell| cell.parse().ok().filter(|n: &f64| n.is_finite()));
        let country = |cell: &str| (!cell.is_empty()).then(|| cell.to_owned());
        let right = |cell: &str| match cell {
            "0" | "0.0" | "False" | "false" => Some(false),
            "1" | "1.0" | "True" | "true" => Some(true),
            _ => None,
        };
        Ok(RecordedScenario {
            country: self.parsed("country", "a country code", country)?,
            scenario: self.parsed("scenario", "a whole number", |cell| cell.parse().ok())?,
            dimension: self.parsed("category", "one of the six dimensions", Dimension::by_name)?,
            vanilla: share("vanilla_p_spare_preferred")?,
            final_share: share("p_spare_preferred")?,
            preferred_at_b: self.parsed("preferred_on_right", "0 or 1", right)?,
            corrections: [number("delta_star_1")?, number("delta_star_2")?],
            effective: [share("ess_pass1")?, share("ess_pass2")?],
            reliability: share("reliability_r")?,
            delta: number("delta_opt_micro")?,
            country_mean: number("delta_country")?,
        })
    }

    fn parsed<T>(
        &self,
        column: &'static str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, RecordingFault> {
        let cell = self.places.get(column).and_then(|place| self.cells.get(*place)).map_or("", |cell| cell.trim());
        parse(cell).ok_or_else(|| RecordingFault::Cell { line: self.line, column, found: cell.to_owned(), expected })
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
            assert_eq!(read(&text).expect_err("refused").to_string(), message);
        }
    }
}
