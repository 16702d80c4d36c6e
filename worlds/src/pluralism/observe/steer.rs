//! Whether the agents of a culture stand nearest to its own people: the specificity matrix, and what is read off it.

use crate::culture::Culture;
use crate::pluralism::Mean;
use crate::pluralism::distribution::{Distribution, wasserstein};
use crate::pluralism::steer::{Identification, Specificity, Steered, normalised_steer};
use crate::survey::measures::by_culture::Group;

use super::people::PeopleOnItems;

/// What the agents of every culture are to the people of every culture.
#[derive(Clone, PartialEq, Debug)]
pub struct Steering {
    /// The cultures: those of the society with data, ascending.
    pub cultures: Vec<Culture>,
    /// d(M_c, H_c'): mean W1 over the items with an order on which all these populations have data. `None` where no agent
    /// of c answered one.
    pub distances: Vec<Vec<Option<f64>>>,
    /// Share of cultures whose own people are the nearest; `None` for fewer than two cultures.
    pub identification: Option<Identification>,
    /// By item: how much further other peoples are than the own, mean over cultures.
    pub margin: Vec<Option<f64>>,
    /// By item: how much further agents of other cultures are from a people than its own agents, mean over cultures.
    pub gain: Vec<Option<f64>>,
    /// Normalised steer by culture, from what agents of the other cultures answer in the mean: 0 answers like them, 1
    /// reaches the mean of the own people. `None` where it is undefined.
    pub steer: Vec<Option<f64>>,
}

impl Steering {
    /// Of a society's answers.
    pub fn of(groups: &[Vec<Group>], people: &PeopleOnItems) -> Self {
        let cultures: Vec<Culture> = groups
            .first()
            .into_iter()
            .flatten()
            .map(|group| group.culture)
            .filter(|&culture| (0..groups.len()).any(|item| people.on(culture, item).is_some()))
            .collect();
        let items: Vec<Option<OnItem>> =
            (0..groups.len()).map(|item| OnItem::of(item, &groups[item], &cultures, people)).collect();
        let known = || items.iter().flatten();
        let n = cultures.len();
        let distances: Vec<Vec<Option<f64>>> = (0..n)
            .map(|row| (0..n).map(|column| Mean::of(known().filter_map(|on| on.apart(row, column))).value).collect())
            .collect();
        let several = n > 1;
        let identification =
            Specificity::new(distances.clone()).ok().filter(|_| several).and_then(|found| found.identification());
        let over = |of: fn(&OnItem, usize) -> Option<f64>| -> Vec<Option<f64>> {
            let mean = |on: &Option<OnItem>| Mean::of((0..n).filter_map(|own| of(on.as_ref()?, own))).value;
            items.iter().map(mean).collect()
        };
        let steer = |own: usize| {
            let steered: Vec<Steered> = known().filter_map(|on| on.steered(own)).collect();
            normalised_steer(&steered)
        };
        Self {
            identification,
            margin: over(OnItem::margin),
            gain: over(OnItem::gain),
            steer: (0..n).map(steer).collect(),
            cultures,
            distances,
        }
    }
}

/// Cultures on one item with an order.
struct OnItem {
    /// Mean position, 0 to 1, of each culture's agents, where they answered, and of its people.
    means: Vec<(Option<f64>, f64)>,
    /// W1 of agents (row) from people (column); an empty row where no agent answered.
    apart: Vec<Vec<f64>>,
}

impl OnItem {
    /// `None` for a nominal item, or one on which a population has no data.
    fn of(item: usize, groups: &[Group], cultures: &[Culture], people: &PeopleOnItems) -> Option<Self> {
        let in_order = people.items.get(item)?.in_order;
        let humans: Option<Vec<&Distribution>> =
            cultures.iter().map(|&culture| people.on(culture, item)?.in_order.as_ref()).collect();
        let humans = humans.filter(|_| in_order > 1)?;
        let agents: Vec<Option<Distribution>> = groups
            .iter()
            .filter(|group| cultures.binary_search(&group.culture).is_ok())
            .map(|group| Distribution::from_counts(&group.options[..in_order]).ok())
            .collect();
        let span = in_order as f64 - 1.0;
        let position = |of: &Distribution| of.mean() / span;
        let row = |agents: &Option<Distribution>| -> Vec<f64> {
            let Some(agents) = agents else { return Vec::new() };
            humans.iter().map(|humans| wasserstein(agents.shares(), humans.shares())).collect()
        };
        Some(Self {
            means: agents.iter().zip(&humans).map(|(own, of)| (own.as_ref().map(position), position(of))).collect(),
            apart: agents.iter().map(row).collect(),
        })
    }

    fn apart(&self, row: usize, column: usize) -> Option<f64> {
        self.apart[row].get(column).copied()
    }

    fn others(&self, own: usize) -> impl Iterator<Item = usize> {
        (0..self.apart.len()).filter(move |other| *other != own)
    }

    fn margin(&self, own: usize) -> Option<f64> {
        let near = self.apart(own, own)?;
        Some(Mean::of(self.others(own).filter_map(|other| self.apart(own, other))).value? - near)
    }

    fn gain(&self, own: usize) -> Option<f64> {
        let near = self.apart(own, own)?;
        Some(Mean::of(self.others(own).filter_map(|other| self.apart(other, own))).value? - near)
    }

    fn steered(&self, own: usize) -> Option<Steered> {
        let before = Mean::of(self.others(own).filter_map(|other| self.means[other].0)).value?;
        let (after, target) = self.means[own];
        Some(Steered { before, after: after?, target })
    }
}
