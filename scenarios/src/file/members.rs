//! Who is written into a scenario, over all its societies.

use super::outline::Path;
use super::schema::{Member, Scenario};
use crate::path;

impl Scenario {
    /// Every member of every society, and where it is written.
    pub fn members(&self) -> impl Iterator<Item = (&Member, Path)> {
        let single = self.population.iter().map(|members| (Path::new(), members));
        let named =
            self.societies.0.iter().map(|(name, society)| (path!["societies", name.as_str()], &society.population));
        single.chain(named).flat_map(|(place, members)| {
            members.iter().enumerate().map(move |(index, member)| {
                let mut place = place.clone();
                place.extend(path!["population", index]);
                (member, place)
            })
        })
    }
}

impl Member {
    /// Codes of its cultures, as written.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.culture.iter().chain(&self.cultures).map(String::as_str)
    }
}
