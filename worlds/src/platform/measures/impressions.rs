//! Whose posts are shown to whom.

/// Impressions by the culture of the viewer and that of the author.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Impressions {
    counts: Vec<Vec<u64>>,
}

/// How far viewers are shown their own culture.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct InGroup {
    /// How many impressions there are; at least 1.
    pub impressions: u64,
    /// Share of them whose author is of the viewer's culture, from 0 to 1.
    pub share: f64,
    /// That share if what is shown did not depend on the viewer's culture, from 0 to 1.
    pub expected: f64,
}

impl InGroup {
    /// The share less what is expected, from −1, always others, to 1, always the own.
    pub fn excess(self) -> f64 {
        self.share - self.expected
    }
}

impl Impressions {
    /// Impressions of so many cultures, each a viewer's culture, an author's culture and how often; those of other
    /// cultures are left out.
    pub fn new(cultures: usize, impressions: impl IntoIterator<Item = (usize, usize, u64)>) -> Self {
        let mut counts = vec![vec![0; cultures]; cultures];
        for (viewer, author, count) in impressions {
            if let Some(shown) = counts.get_mut(viewer).and_then(|shown| shown.get_mut(author)) {
                *shown += count;
            }
        }
        Self { counts }
    }

    /// The matrix: a row for each viewer's culture, a column for each author's.
    pub fn counts(&self) -> &[Vec<u64>] {
        &self.counts
    }

    /// Each row as shares of its sum; `None` for viewers who were shown nothing.
    pub fn shares(&self) -> Vec<Option<Vec<f64>>> {
        let shares = |shown: &Vec<u64>| {
            let all: u64 = shown.iter().sum();
            (all > 0).then(|| shown.iter().map(|&count| count as f64 / all as f64).collect())
        };
        self.counts.iter().map(shares).collect()
    }

    /// Against the mix of authors in all impressions, whoever viewed them: what ranking and following do beyond showing
    /// some cultures more than others. `None` without impressions.
    pub fn in_group(&self) -> Option<InGroup> {
        let column = |author: usize| self.counts.iter().map(|shown| shown[author]).sum();
        self.in_group_among(&(0..self.counts.len()).map(column).collect::<Vec<u64>>())
    }

    /// Against a mix of authors given by culture, such as that of all posts that could have been shown. `None` without
    /// impressions or authors.
    pub fn in_group_among(&self, authors: &[u64]) -> Option<InGroup> {
        let viewers: Vec<u64> = self.counts.iter().map(|shown| shown.iter().sum()).collect();
        let (impressions, all): (u64, u64) = (viewers.iter().sum(), authors.iter().sum());
        let own: u64 = self.counts.iter().enumerate().map(|(culture, shown)| shown[culture]).sum();
        let expected =
            |(&viewers, &authors): (&u64, &u64)| (viewers as f64 / impressions as f64) * (authors as f64 / all as f64);
        (impressions > 0 && all > 0).then(|| InGroup {
            impressions,
            share: own as f64 / impressions as f64,
            expected: viewers.iter().zip(authors).map(expected).sum(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(found: f64, expected: f64) -> bool {
        (found - expected).abs() < 1e-12
    }

    #[test]
    fn viewers_are_shown_their_own_as_often_as_worked_out_by_hand() {
        // Rows 6 2 and 3 9: own 15 of 20; viewers 8 and 12, authors 9 and 11: (72 + 132) / 400.
        let shown = [(0, 0, 6), (0, 1, 1), (0, 1, 1), (1, 0, 3), (1, 1, 9), (2, 0, 99), (0, 2, 99)];
        let impressions = Impressions::new(2, shown);
        assert_eq!(impressions.counts(), [[6, 2], [3, 9]]);
        assert_eq!(impressions.shares(), [Some(vec![0.75, 0.25]), Some(vec![0.25, 0.75])]);
        let found = impressions.in_group().expect("impressions");
        assert!(near(found.share, 0.75) && near(found.expected, 0.51) && near(found.excess(), 0.24));
        // Of one post by the first and three by the second: 8/20 · 1/4 + 12/20 · 3/4.
        let found = impressions.in_group_among(&[1, 3]).expect("impressions");
        assert!(near(found.expected, 0.55) && found.impressions == 20);
    }

    #[test]
    fn nothing_shown_has_no_share() {
        assert_eq!(Impressions::new(2, []).in_group(), None);
        assert_eq!(Impressions::new(0, []).in_group(), None);
        assert_eq!(Impressions::new(2, [(0, 1, 4)]).in_group_among(&[0, 0]), None);
        assert_eq!(Impressions::new(2, [(0, 1, 4)]).shares(), [Some(vec![0.0, 1.0]), None]);
    }

    proptest! {
        #[test]
        fn what_does_not_depend_on_the_viewer_has_no_excess(
            viewers in prop::collection::vec(1_u64..9, 3), authors in prop::collection::vec(1_u64..9, 3),
        ) {
            let shown = (0..3).flat_map(|v| (0..3).map(move |a| (v, a)));
            let impressions = Impressions::new(3, shown.map(|(v, a)| (v, a, viewers[v] * authors[a])));
            let found = impressions.in_group().expect("impressions");
            prop_assert!(near(found.excess(), 0.0));
            prop_assert!(impressions.in_group_among(&authors).is_some_and(|found| near(found.excess(), 0.0)));
        }
    }
}
