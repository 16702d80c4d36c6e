//! Who is shown whom, by culture.

use std::sync::Arc;

use bevy_ecs::prelude::Resource;
use pluriverse_engine::observation::Observation;

use super::figure;
use crate::culture::{Culture, Cultures};
use crate::platform::measures::impressions::Impressions;
use crate::platform::round::Impression;
use crate::platform::wording::Words;

/// Impressions since they were last measured, by the cultures of viewer and author. Only those that are recorded are
/// known: all, or a sample's.
#[derive(Resource, Clone, PartialEq, Eq, Debug, Default)]
pub struct SeenBy {
    counts: Vec<Vec<u64>>,
}

impl SeenBy {
    /// Counts what was shown in a round.
    pub(super) fn take_in(&mut self, impressions: &[Impression], words: &Words) {
        for seen in impressions {
            let cultures = words.culture(seen.viewer.index()).zip(words.culture(seen.author.index()));
            if let Some((viewer, author)) = cultures {
                let (viewer, author) = (usize::from(viewer.0), usize::from(author.0));
                let size = viewer.max(author) + 1;
                if self.counts.len() < size {
                    self.counts.resize(size, Vec::new());
                    for row in &mut self.counts {
                        row.resize(size, 0);
                    }
                }
                self.counts[viewer][author] += 1;
            }
        }
    }

    /// What was counted, as shares of what each culture is shown; begins anew.
    pub(super) fn observe(&mut self, cultures: &Cultures, out: &mut Vec<Observation>) {
        let counts = std::mem::take(&mut self.counts);
        if counts.is_empty() {
            return;
        }
        let all = counts.iter().enumerate();
        let cells = all.flat_map(|(viewer, row)| row.iter().enumerate().map(move |(author, n)| (viewer, author, *n)));
        let impressions = Impressions::new(counts.len(), cells);
        if let Some(own) = impressions.in_group() {
            out.push(figure("platform_in_group_impressions", Some(own.share), own.impressions));
            out.push(figure("platform_in_group_excess", Some(own.excess()), own.impressions));
        }
        let code = |place: usize| cultures.profile(Culture(place as u16)).code.clone();
        for (viewer, shares) in impressions.shares().into_iter().enumerate() {
            let Some(shares) = shares else {
                continue;
            };
            let shown: u64 = counts[viewer].iter().sum();
            for (author, share) in shares.into_iter().enumerate().filter(|(_, share)| *share > 0.0) {
                let pair = Arc::from(format!("{}/{}", code(viewer), code(author)));
                out.push(Observation::of("platform_impressions", "viewer/author", pair, Some(share), shown));
            }
        }
    }
}
