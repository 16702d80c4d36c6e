//! Who comments on whom.

use std::collections::{BTreeMap, BTreeSet};

use super::figure::Share;
use super::threads::{Comment, Post};

/// Directed ties between agents, with weights of at least 1. Nobody is tied to oneself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ties {
    weights: BTreeMap<(u32, u32), u64>,
}

/// How ties mix groups, by their weights.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Mixing {
    /// Weight of all ties between agents of known groups; at least 1.
    pub weight: u64,
    /// Weight of the ties within groups.
    pub internal: u64,
    /// (external − internal) / all, from −1, all within groups, to 1, all between (Krackhardt & Stern 1988).
    pub ei_index: f64,
    /// Assortativity coefficient, 1 when all ties are within groups and 0 when drawn at random by what groups give and
    /// get (Newman 2003, eq. 2); `None` where all give and get within one group.
    pub assortativity: Option<f64>,
    /// Modularity of the partition into groups, directed (Leicht & Newman 2008), below 1.
    pub modularity: f64,
}

/// Pairs of authors of a thread, over all threads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dyads {
    /// Pairs who commented on each other, of pairs of whom at least one commented on the other (as Eziz 2026 counts
    /// them); `None` without such pairs.
    pub of_tied: Option<Share>,
    /// The same of all pairs of authors of a thread, the post's included.
    pub of_present: Option<Share>,
}

impl Ties {
    /// Ties from one agent to another with a weight each; those of a pair add up, those to oneself and those of weight
    /// 0 are left out.
    pub fn new(ties: impl IntoIterator<Item = (u32, u32, u64)>) -> Self {
        let mut weights = BTreeMap::new();
        for (from, to, weight) in ties.into_iter().filter(|(from, to, weight)| from != to && *weight > 0) {
            *weights.entry((from, to)).or_default() += weight;
        }
        Self { weights }
    }

    /// Each comment ties its author to the author of what it directly replies to.
    pub fn of_comments(posts: &[Post], comments: &[Comment]) -> Self {
        let tie = |comment: &Comment| Some((comment.author, addressee(posts, comments, comment)?, 1));
        Self::new(comments.iter().filter_map(tie))
    }

    /// How many ties there are.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// Ties over ordered pairs of so many agents, from 0 to 1; `None` for fewer than two.
    pub fn density(&self, agents: usize) -> Option<Share> {
        Share::new(self.len(), agents * agents.saturating_sub(1))
    }

    /// Ties that are returned, of all ties, whatever their weight; `None` without ties.
    pub fn reciprocity(&self) -> Option<Share> {
        let returned = self.weights.keys().filter(|(from, to)| self.weights.contains_key(&(*to, *from))).count();
        Share::new(returned, self.len())
    }

    /// Mean over tied agents of the share of an agent's pairs of neighbours that are tied, in either direction, 0 for
    /// fewer than two neighbours (Watts & Strogatz 1998); `None` without ties.
    pub fn average_clustering(&self) -> Option<f64> {
        let mut neighbours: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for &(from, to) in self.weights.keys() {
            neighbours.entry(from).or_default().insert(to);
            neighbours.entry(to).or_default().insert(from);
        }
        let local = |own: &BTreeSet<u32>| {
            let joined: usize =
                own.iter().filter_map(|other| neighbours.get(other)).map(|others| common(own, others)).sum();
            let possible = own.len() * (own.len() - 1);
            if possible == 0 { 0.0 } else { joined as f64 / possible as f64 }
        };
        (!self.is_empty()).then(|| neighbours.values().map(local).sum::<f64>() / neighbours.len() as f64)
    }

    /// How ties mix groups, given the group of each agent by number; ties of agents beyond the list are left out.
    /// `None` where none is left.
    pub fn mixing(&self, groups: &[u32]) -> Option<Mixing> {
        let (mut weight, mut internal) = (0, 0);
        let mut ends: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        for (&(from, to), &tie) in &self.weights {
            let Some((&from, &to)) = groups.get(from as usize).zip(groups.get(to as usize)) else { continue };
            weight += tie;
            internal += if from == to { tie } else { 0 };
            ends.entry(from).or_default().0 += tie;
            ends.entry(to).or_default().1 += tie;
        }
        let share = |part: u64| part as f64 / weight as f64;
        let by_chance: f64 = ends.values().map(|&(given, got)| share(given) * share(got)).sum();
        let several = ends.len() > 1;
        (weight > 0).then(|| Mixing {
            weight,
            internal,
            ei_index: 1.0 - 2.0 * share(internal),
            assortativity: several.then(|| (share(internal) - by_chance) / (1.0 - by_chance)),
            modularity: share(internal) - by_chance,
        })
    }
}

impl Dyads {
    /// The pairs of these threads.
    pub fn of(posts: &[Post], comments: &[Comment]) -> Self {
        let mut ties: BTreeSet<(usize, u32, u32)> = BTreeSet::new();
        let mut present: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::new();
        for comment in comments {
            let Some(post) = posts.get(comment.post) else { continue };
            present.entry(comment.post).or_default().extend([post.author, comment.author]);
            let addressee = addressee(posts, comments, comment).filter(|addressee| *addressee != comment.author);
            ties.extend(addressee.map(|addressee| (comment.post, comment.author, addressee)));
        }
        let returned = ties.iter().filter(|(post, from, to)| ties.contains(&(*post, *to, *from))).count();
        let mutual = returned / 2;
        let pairs = present.values().map(|authors| authors.len() * (authors.len() - 1) / 2).sum();
        Self { of_tied: Share::new(mutual, ties.len() - mutual), of_present: Share::new(mutual, pairs) }
    }
}

/// Who wrote what a comment directly replies to, where that is in the lists.
fn addressee(posts: &[Post], comments: &[Comment], comment: &Comment) -> Option<u32> {
    match comment.parent {
        None => posts.get(comment.post).map(|post| post.author),
        Some(parent) => comments.get(parent).map(|parent| parent.author),
    }
}

/// How many of one set are in the other.
fn common(own: &BTreeSet<u32>, others: &BTreeSet<u32>) -> usize {
    let (few, many) = if own.len() < others.len() { (own, others) } else { (others, own) };
    few.iter().filter(|agent| many.contains(agent)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(found: Option<f64>, expected: f64) -> bool {
        found.is_some_and(|found| (found - expected).abs() < 1e-12)
    }

    #[test]
    fn a_small_network_has_the_figures_worked_out_by_hand() {
        let ties = Ties::new([(0, 1, 2), (1, 0, 1), (1, 2, 1), (2, 0, 3), (3, 2, 1), (2, 2, 9), (0, 3, 0), (0, 1, 1)]);
        assert_eq!(ties.len(), 5);
        assert_eq!(ties.density(4), Share::new(5, 12));
        assert_eq!(ties.reciprocity(), Share::new(2, 5));
        // 0 and 1 see each other and 2: 1 each; 2 has neighbours 0, 1 and 3, one of three pairs tied; 3 has one.
        assert!(near(ties.average_clustering(), (1.0 + 1.0 + 1.0 / 3.0 + 0.0) / 4.0));
        // Groups {0, 1}, {2, 3}: within 3 + 1 and 1, of 9. The first gives 5 and gets 7, the second gives 4 and gets 2.
        let mixing = ties.mixing(&[0, 0, 1, 1]).expect("ties");
        assert_eq!((mixing.weight, mixing.internal), (9, 5));
        assert!(near(Some(mixing.ei_index), -1.0 / 9.0));
        assert!(near(Some(mixing.modularity), 5.0 / 9.0 - (35.0 + 8.0) / 81.0));
        assert!(near(mixing.assortativity, (45.0 - 43.0) / (81.0 - 43.0)));
    }

    #[test]
    fn what_is_not_there_has_no_figures() {
        let none = Ties::new([(1, 1, 4)]);
        assert!(none.is_empty());
        assert_eq!((none.reciprocity(), none.density(1), none.mixing(&[0, 0])), (None, None, None));
        assert_eq!(none.average_clustering(), None);
        let one = Ties::new([(0, 1, 1)]);
        assert_eq!(one.mixing(&[3, 3]).map(|mixing| (mixing.assortativity, mixing.modularity)), Some((None, 0.0)));
        assert_eq!(one.mixing(&[3]), None);
    }

    #[test]
    fn pairs_within_threads_are_those_counted_by_hand() {
        let post = |author| Post { author, at: 0 };
        let comment =
            |post, parent, author| Comment { post, parent, depth: u32::from(parent.is_some()), author, at: 0 };
        // In the thread of 1: 2 on 1, 1 on 2, 3 on 1, 1 on 1. In that of 2: 1 on 2, which is not answered there.
        let comments = [
            comment(0, None, 2),
            comment(0, Some(0), 1),
            comment(0, None, 3),
            comment(0, None, 1),
            comment(1, None, 1),
        ];
        let dyads = Dyads::of(&[post(1), post(2)], &comments);
        assert_eq!(dyads, Dyads { of_tied: Share::new(1, 3), of_present: Share::new(1, 4) });
        let ties = Ties::of_comments(&[post(1), post(2)], &comments);
        assert_eq!(ties, Ties::new([(2, 1, 1), (1, 2, 2), (3, 1, 1)]));
        assert_eq!(Dyads::of(&[], &comments), Dyads { of_tied: None, of_present: None });
    }

    proptest! {
        #[test]
        fn figures_are_bounded_and_blind_to_the_names_of_agents(
            drawn in prop::collection::vec((0_u32..6, 0_u32..6, 1_u64..4), 0..20),
            groups in prop::collection::vec(0_u32..3, 6),
        ) {
            let ties = Ties::new(drawn.iter().copied());
            let renamed = Ties::new(drawn.iter().map(|&(from, to, weight)| (5 - from, 5 - to, weight)));
            let turned: Vec<u32> = groups.iter().rev().map(|group| 7 - group).collect();
            prop_assert_eq!(ties.reciprocity(), renamed.reciprocity());
            let (found, again) = (ties.mixing(&groups), renamed.mixing(&turned));
            prop_assert_eq!(found.map(|mixing| mixing.internal), again.map(|mixing| mixing.internal));
            if let Some((found, again)) = found.zip(again) {
                prop_assert!((found.modularity - again.modularity).abs() < 1e-12);
                prop_assert!((-1.0..=1.0).contains(&found.ei_index) && found.modularity < 1.0);
                prop_assert!(found.assortativity.is_none_or(|r| (-1.0 - 1e-12..=1.0 + 1e-12).contains(&r)));
            }
            prop_assert!(ties.average_clustering().is_none_or(|c| (0.0..=1.0).contains(&c)));
        }
    }
}
