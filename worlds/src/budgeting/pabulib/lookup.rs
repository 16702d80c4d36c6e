//! Finding projects by their ids, as often as ballots name them.

use std::collections::BTreeMap;

use super::super::instance::ProjectIndex;

/// Ids up to this length are compared as one number.
const SHORT: usize = 15;

/// Projects by id.
pub(super) struct Lookup<'a> {
    short: Vec<(u128, ProjectIndex)>,
    long: BTreeMap<&'a str, ProjectIndex>,
}

impl<'a> Lookup<'a> {
    /// Of projects with equal ids the first is found.
    pub(super) fn new(ids: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut short, mut long) = (Vec::new(), BTreeMap::new());
        for (place, id) in ids.into_iter().enumerate() {
            match packed(id) {
                Some(key) => short.push((key, place)),
                None => {
                    long.entry(id).or_insert(place);
                }
            }
        }
        short.sort_unstable();
        short.dedup_by_key(|(key, _)| *key);
        Self { short, long }
    }

    /// The project of this id.
    pub(super) fn find(&self, id: &str) -> Option<ProjectIndex> {
        let Some(key) = packed(id) else { return self.long.get(id).copied() };
        let place = self.short.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        Some(self.short[place].1)
    }
}

/// A short id as a number that no other id has: its bytes and how many there are.
fn packed(id: &str) -> Option<u128> {
    let mut bytes = [0; SHORT + 1];
    bytes.get_mut(..id.len()).filter(|_| id.len() <= SHORT)?.copy_from_slice(id.as_bytes());
    bytes[SHORT] = id.len() as u8;
    Some(u128::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_project_of_an_id_is_found() {
        let (long, longer) = ("exactly sixteen.", "more than sixteen bytes");
        let ids = ["a", "b", "a\0", "", long, "b", "fifteen letters", longer, long];
        let lookup = Lookup::new(ids);
        let found = ids.map(|id| lookup.find(id));
        let places = [0, 1, 2, 3, 4, 1, 6, 7, 4];
        assert_eq!(found, places.map(Some));
        assert_eq!([lookup.find("ab"), lookup.find("b\0"), lookup.find("exactly sixteen!")], [None; 3]);
    }
}
