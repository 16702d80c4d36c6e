//! How unequally activity, votes and communities are spread.

use pluriverse_engine::observation::Observation;

use super::figure;
use crate::platform::measures::attention::{gini, top_share};
use crate::platform::measures::power_law::fit;
use crate::platform::state::{Account, Platform};

/// Communities whose share of the posts is told.
const LARGEST: usize = 10;

/// Figures over the life of the platform: they count what has left it.
pub(super) fn observe(platform: &Platform, out: &mut Vec<Observation>) {
    let members = &platform.accounts()[..platform.members() as usize];
    let activity: Vec<u64> =
        members.iter().map(|account| u64::from(account.posts_made) + u64::from(account.comments_made)).collect();
    let active: Vec<u64> = activity.iter().copied().filter(|&count| count > 0).collect();
    let upvotes: Vec<u64> = members.iter().map(|account| u64::from(account.upvotes)).collect();
    let n = members.len() as u64;
    out.push(figure("platform_activity_gini", gini(&activity), n));
    out.push(figure("platform_activity_gini_of_active", gini(&active), active.len() as u64));
    let law = fit(&activity);
    let tail = law.map_or(0, |law| law.tail as u64);
    out.push(figure("platform_activity_exponent", law.map(|law| law.exponent), tail));
    out.push(figure("platform_upvote_gini", gini(&upvotes), n));
    let posts: Vec<u64> = platform.submolts().iter().map(|submolt| u64::from(submolt.posts_made)).collect();
    let used: Vec<u64> = posts.iter().copied().filter(|&count| count > 0).collect();
    let all: u64 = posts.iter().sum();
    out.push(figure("platform_top10_submolt_share", top_share(&posts, LARGEST), all));
    let general = posts.first().filter(|_| all > 0).map(|&first| first as f64 / all as f64);
    out.push(figure("platform_general_share", general, all));
    out.push(figure("platform_submolts_used", Some(used.len() as f64), posts.len() as u64));
    let law = fit(&posts);
    let tail = law.map_or(0, |law| law.tail as u64);
    out.push(figure("platform_submolt_exponent", law.map(|law| law.exponent), tail));
    let totals = platform.totals();
    let cast = totals.upvotes + totals.downvotes;
    let downvotes = (cast > 0).then(|| totals.downvotes as f64 / cast as f64);
    out.push(figure("platform_downvote_share", downvotes, cast));
    let made = |of: fn(&Account) -> u32| members.iter().map(|account| f64::from(of(account))).sum::<f64>();
    out.push(figure("platform_posts", Some(made(|account| account.posts_made)), n));
    out.push(figure("platform_comments", Some(made(|account| account.comments_made)), n));
    out.push(figure("platform_votes", Some(cast as f64), n));
    let tried = totals.actions + totals.readings + totals.refused;
    let refused = (tried > 0).then(|| totals.refused as f64 / tried as f64);
    out.push(figure("platform_refused_share", refused, tried));
}
