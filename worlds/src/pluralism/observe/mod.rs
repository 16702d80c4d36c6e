//! `Observe`: which kinds of pluralism a society keeps, measured on its answers after every tick.

pub mod figures;
pub mod people;
pub mod steer;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::observation::{Observation, Observations};

use super::Mean;
use crate::culture::{Culture, Cultures};
use crate::inference::Method;
use crate::inference::resample::{Drawn, FEWEST_ITEMS, Resamples};
use crate::survey::counted::AnswersByCulture;
use crate::survey::measures::by_culture::{Group, wasserstein};
use crate::survey::observe::{Measurement, Metric};

use figures::{
    DISTRIBUTION, FigureOf, GLOBAL_OPINION_QA, Measured, OPINION_QA, OVERTON, OVERTON_OF_CULTURES, REPRESENTATIVENESS,
    over_cultures, pooled, sweep,
};
pub use people::{People, PeopleOnItems};
use steer::Steering;

/// Items drawn again, for intervals of means over items; empty where nothing is to have one.
#[derive(Resource, Clone, Debug, Default)]
pub struct ItemResamples(pub Option<(Arc<Resamples>, Method)>);

impl ItemResamples {
    /// The 95 % interval of the mean over those items that have a value; `None` for fewer than ten of them.
    pub fn interval(&self, items: &[Option<f64>]) -> Option<(f64, f64)> {
        let (resamples, method) = self.0.as_ref()?;
        let mean = Mean::of(items.iter().flatten().copied());
        let estimate = mean.value.filter(|_| mean.n >= FEWEST_ITEMS as u64)?;
        let sums = resamples.sums(items.iter().map(|value| value.unwrap_or_default()));
        let counts = resamples.sums(items.iter().map(|value| f64::from(u8::from(value.is_some()))));
        let figures = sums.iter().zip(&counts).map(|(sum, count)| sum / count).collect();
        let n = mean.n as f64;
        let influences: Vec<f64> = items.iter().flatten().map(|value| (value - estimate) / n).collect();
        Drawn { estimate, figures, influences: &influences, stretch: 1.0 }.interval(*method)
    }
}

/// Measures the answers of this tick.
pub fn observe_pluralism(
    measurement: Res<Measurement>,
    people: Res<People>,
    resamples: Res<ItemResamples>,
    cultures: Res<Cultures>,
    counted: Res<AnswersByCulture>,
    mut observations: ResMut<Observations>,
) {
    if let Some(people) = &people.0 {
        let groups = counted.of_first(people.items.len());
        let observing = Observing { groups, people, resamples: &resamples, cultures: &cultures };
        let asked = measurement.metrics.iter().copied().filter(|metric| metric.is_pluralism());
        observations.0.extend(asked.flat_map(|metric| observing.metric(metric)));
    }
}

/// What is measured of answers, and beside whom.
pub struct Observing<'a> {
    /// The answers, by item.
    pub groups: &'a [Vec<Group>],
    /// The people.
    pub people: &'a PeopleOnItems,
    /// What intervals are made from.
    pub resamples: &'a ItemResamples,
    /// The cultures, for their codes.
    pub cultures: &'a Cultures,
}

impl Observing<'_> {
    /// The figures of one metric; none for a metric that is no measure of pluralism.
    pub fn metric(&self, metric: Metric) -> Vec<Observation> {
        match metric {
            Metric::Overton => self.overton(),
            Metric::Distribution => self.distribution(),
            Metric::Steerability => self.steerability(),
            Metric::GlobalOpinionQa => self.of_cultures(&GLOBAL_OPINION_QA),
            Metric::OpinionQa => self.opinion_qa(),
            _ => Vec::new(),
        }
    }

    fn overton(&self) -> Vec<Observation> {
        let mut found = self.of_pool(&OVERTON);
        found.extend(sweep(self.groups, self.people).into_iter().map(|(threshold, mean)| {
            let subject = Arc::from(threshold.to_string());
            Observation::of("overton_coverage", "threshold", subject, mean.value, mean.n)
        }));
        found.extend(self.of_cultures(&OVERTON_OF_CULTURES));
        found
    }

    fn distribution(&self) -> Vec<Observation> {
        let nominal = self.people.nominal();
        let mut found = self.of_cultures(&DISTRIBUTION);
        // Said rather than done silently: how many items the ordinal figures are without.
        let items = self.people.items.len() as u64;
        found.push(Observation::of_society("distribution_nominal_items", Some(nominal as f64), items));
        found
    }

    fn opinion_qa(&self) -> Vec<Observation> {
        let mut found = self.of_cultures(&OPINION_QA);
        found.extend(self.of_pool(&REPRESENTATIVENESS));
        found.push(self.consistency());
        found
    }

    /// OpinionQA's consistency: share of themes in which the people the society's answers match best are those it
    /// matches best over all, on items on which all populations of the society have data.
    fn consistency(&self) -> Observation {
        let cultures: Vec<Culture> = self.cultures_with_data();
        let mut overall: Vec<Vec<f64>> = vec![Vec::new(); cultures.len()];
        let mut by_theme: Vec<Vec<Vec<f64>>> = vec![vec![Vec::new(); cultures.len()]; self.people.themes];
        for (item, (groups, of_item)) in self.groups.iter().zip(&self.people.items).enumerate() {
            let mut counts = vec![0_u64; of_item.in_order];
            for group in groups {
                counts.iter_mut().zip(&group.options).for_each(|(sum, more)| *sum += more);
            }
            let alignments: Option<Vec<f64>> = cultures
                .iter()
                .map(|&culture| {
                    let humans = self.people.on(culture, item)?.in_order.as_ref()?;
                    Some(1.0 - wasserstein(&counts, humans.shares())?)
                })
                .collect();
            for (place, alignment) in alignments.into_iter().flatten().enumerate() {
                overall[place].push(alignment);
                by_theme[of_item.theme][place].push(alignment);
            }
        }
        let means = |of: &Vec<Vec<f64>>| -> Option<Vec<f64>> {
            of.iter().map(|alignments| Mean::of(alignments.iter().copied()).value).collect()
        };
        let themes: Vec<Vec<f64>> = by_theme.iter().filter_map(means).filter(|of| !of.is_empty()).collect();
        let value = means(&overall)
            .filter(|_| cultures.len() > 1)
            .and_then(|overall| super::scores::opinion_qa_consistency(&overall, &themes));
        Observation::of_society("opinion_qa_consistency", value, themes.len() as u64)
    }

    fn cultures_with_data(&self) -> Vec<Culture> {
        let present = self.groups.first().into_iter().flatten().map(|group| group.culture);
        let items = 0..self.groups.len();
        present.filter(|&culture| items.clone().any(|item| self.people.on(culture, item).is_some())).collect()
    }

    fn steerability(&self) -> Vec<Observation> {
        let found = Steering::of(self.groups, self.people);
        let code = |culture: &Culture| self.cultures.profile(*culture).code.clone();
        let rate = found.identification;
        let cultures = rate.map_or(0, |rate| rate.cultures);
        let mut figures = vec![
            Observation::of_society("steer_identification", rate.map(|rate| rate.rate), cultures),
            Observation::of_society("steer_identification_chance", rate.map(|rate| rate.chance), cultures),
        ];
        for (metric, items) in [("steer_margin", &found.margin), ("steer_gain", &found.gain)] {
            figures.push(self.with_interval(metric, items));
        }
        let steer = Mean::of(found.steer.iter().flatten().copied());
        figures.push(Observation::of_society("steer_normalised", steer.value, steer.n));
        for (culture, value) in found.cultures.iter().zip(&found.steer) {
            figures.push(Observation::of("steer_normalised", "culture", code(culture), *value, 1));
        }
        for (agents, row) in found.cultures.iter().zip(&found.distances) {
            for (people, &distance) in found.cultures.iter().zip(row) {
                let subject = Arc::from(format!("{}/{}", code(agents), code(people)));
                figures.push(Observation::of("steer_distance", "pair", subject, distance, 1));
            }
        }
        figures
    }

    fn of_pool(&self, figures: &[FigureOf]) -> Vec<Observation> {
        let found = pooled(figures, self.groups, self.people);
        found.iter().map(|measured| self.with_interval(measured.name, &measured.items)).collect()
    }

    fn of_cultures(&self, figures: &[FigureOf]) -> Vec<Observation> {
        let found = over_cultures(figures, self.groups, self.people);
        found.iter().flat_map(|measured| self.observations(measured)).collect()
    }

    fn observations(&self, measured: &Measured) -> Vec<Observation> {
        let mut found = vec![self.with_interval(measured.name, &measured.items)];
        found.extend(measured.cultures.iter().map(|(culture, mean)| {
            let code = self.cultures.profile(*culture).code.clone();
            Observation::of(measured.name, "culture", code, mean.value, mean.n)
        }));
        found
    }

    fn with_interval(&self, metric: &'static str, items: &[Option<f64>]) -> Observation {
        let mean = Mean::of(items.iter().flatten().copied());
        Observation { interval: self.resamples.interval(items), ..Observation::of_society(metric, mean.value, mean.n) }
    }
}
