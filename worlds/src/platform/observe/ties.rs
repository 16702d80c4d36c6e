//! Who comments on whom.

use pluriverse_engine::observation::Observation;

use super::figure;
use super::talk::Talk;
use crate::platform::measures::ties::{Dyads, Ties};
use crate::platform::state::Platform;
use crate::platform::wording::Words;

/// Figures of the ties between authors of what is on the platform.
pub(super) fn observe(talk: &Talk, platform: &Platform, words: &Words, out: &mut Vec<Observation>) {
    let ties = Ties::of_comments(&talk.posts, &talk.comments);
    let agents = platform.accounts().len();
    let n = ties.len() as u64;
    let share = |share: Option<crate::platform::measures::Share>| share.map(crate::platform::measures::Share::value);
    out.push(figure("platform_tie_density", share(ties.density(agents)), n));
    out.push(figure("platform_reciprocity", share(ties.reciprocity()), n));
    let dyads = Dyads::of(&talk.posts, &talk.comments).of_tied;
    let pairs = dyads.map_or(0, |dyads| dyads.of as u64);
    out.push(figure("platform_thread_reciprocity", share(dyads), pairs));
    let groups: Vec<u32> = words.cultures.iter().map(|culture| u32::from(culture.0)).collect();
    let mixing = ties.mixing(&groups);
    let weight = mixing.map_or(0, |mixing| mixing.weight);
    let assortativity = mixing.and_then(|mixing| mixing.assortativity);
    out.push(figure("platform_assortativity", assortativity, weight));
    out.push(figure("platform_modularity", mixing.map(|mixing| mixing.modularity), weight));
    out.push(figure("platform_ei_index", mixing.map(|mixing| mixing.ei_index), weight));
}
