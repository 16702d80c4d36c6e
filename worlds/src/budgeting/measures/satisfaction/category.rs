//! Whether categories get the money that voters would give them.

use std::collections::BTreeMap;

use super::super::super::electorate::Electorate;
use super::super::super::exact::to_f64;
use super::super::super::instance::{Instance, ProjectIndex};

/// exp(−mean squared difference) between the share of each category in the cost of what is funded and its share in the
/// cost of what a voter supports, averaged over voters; from exp(−1) to 1, and 1 where they are equal. `None` where a
/// project has no category, what is funded costs nothing, or nobody supports anything that costs something; voters who
/// do not are left out.
pub fn category_proportionality(instance: &Instance, electorate: &Electorate, funded: &[ProjectIndex]) -> Option<f64> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut category_of = Vec::new();
    for project in instance.projects() {
        let next = places.len();
        category_of.push(*places.entry(&project.category).or_insert(next));
    }
    if places.contains_key("") {
        return None;
    }
    let costs: Vec<f64> = instance.projects().iter().map(|project| to_f64(&project.cost)).collect();
    let shares = |projects: &mut dyn Iterator<Item = ProjectIndex>| {
        let mut sums = vec![0.0; places.len()];
        projects.for_each(|project| sums[category_of[project]] += costs[project]);
        let total: f64 = sums.iter().sum();
        (total > 0.0).then(|| sums.into_iter().map(|sum| sum / total).collect::<Vec<f64>>())
    };
    let spent = shares(&mut funded.iter().copied())?;
    let (mut wanted, mut weights) = (vec![0.0; places.len()], 0.0);
    for group in 0..electorate.groups() {
        let weight = electorate.weight(group) as f64;
        if let Some(shares) = shares(&mut electorate.supports(group).map(|(project, _)| project)) {
            wanted.iter_mut().zip(shares).for_each(|(sum, share)| *sum += weight * share);
            weights += weight;
        }
    }
    let squares = |(spent, wanted): (&f64, &f64)| (spent - wanted / weights) * (spent - wanted / weights);
    let sum: f64 = spent.iter().zip(&wanted).map(squares).sum();
    (weights > 0.0).then(|| libm::exp(-sum / places.len() as f64))
}

#[cfg(test)]
mod tests {
    use super::super::super::fixtures::{electorate, instance, named};
    use super::*;

    fn with_categories(costs: &[&str], categories: &[&str]) -> Instance {
        let plain = instance(costs, 100);
        let mut projects = plain.projects().to_vec();
        for (project, category) in projects.iter_mut().zip(categories) {
            project.category = (*category).into();
        }
        Instance::new(projects, plain.budget().clone()).expect("an instance")
    }

    #[test]
    fn shares_of_categories_are_compared_as_worked_out_by_hand() {
        let instance = with_categories(&["30", "10", "40"], &["green", "culture", "green"]);
        // Wanted: (3/4, 1/4) by three voters and (1, 0) by one: (13/16, 3/16); who names nothing is left out.
        let electorate = electorate(&[("ab", 3), ("c", 1), ("", 5)], 3);
        for (funded, squares) in [
            ("a", 2.0 * (3.0 / 16.0_f64) * (3.0 / 16.0)),
            ("ab", 2.0 / 256.0),
            ("b", 2.0 * (13.0 / 16.0) * (13.0 / 16.0)),
        ] {
            let found = category_proportionality(&instance, &electorate, &named(funded)).expect("categories");
            assert!((found - libm::exp(-squares / 2.0)).abs() < 1e-12, "{funded}: {found}");
        }
        assert_eq!(category_proportionality(&instance, &electorate, &[]), None);
    }

    #[test]
    fn without_categories_or_wishes_nothing_is_compared() {
        let (some, wishes) = (with_categories(&["1", "1"], &["green", ""]), electorate(&[("a", 1)], 2));
        assert_eq!(category_proportionality(&some, &wishes, &[0]), None);
        let (all, silent) = (with_categories(&["1", "1"], &["green", "green"]), electorate(&[("", 1)], 2));
        assert_eq!(category_proportionality(&all, &silent, &[0]), None);
        assert_eq!(category_proportionality(&all, &wishes, &[0]), Some(1.0));
    }
}
