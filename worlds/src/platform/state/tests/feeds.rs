//! Feeds against sorting everything there is, by the formulas as they are published.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use pluriverse_engine::agent::AgentId;

use super::invariants::{play, settings};
use super::reference::{Item, Reference};
use super::script::Play;
use crate::platform::action::{CommentSort, Sort};
use crate::platform::ids::{CommentId, Moment, PostId, SubmoltId, Target};
use crate::platform::ranker::{Ranker, Votes, controversial, moltbook_hot, reddit_hot, rising, wilson};
use crate::platform::rules::Rules;
use crate::platform::state::content::Standing;
use crate::platform::state::{FeedOf, Platform, Reader};

const SORTS: [Sort; 4] = [Sort::Hot, Sort::New, Sort::Top, Sort::Rising];

fn rankers() -> [Ranker; 8] {
    [
        Ranker::MoltbookHot,
        Ranker::New,
        Ranker::Top { hours: None },
        Ranker::Top { hours: Some(6) },
        Ranker::Rising,
        Ranker::Controversial,
        Ranker::Best { z: 1.96 },
        Ranker::RedditHot,
    ]
}

fn key(ranker: &Ranker, votes: Votes, at: Moment, rules: &Rules, now: Moment) -> f64 {
    let unix = f64::from(rules.opened) + f64::from(at.0);
    match ranker {
        Ranker::MoltbookHot => moltbook_hot(votes.score(), unix),
        Ranker::Top { .. } => f64::from(votes.score()),
        Ranker::Rising => rising(votes.score(), now.0 - at.0),
        Ranker::Controversial => controversial(votes),
        Ranker::Best { z } => wilson(votes, *z),
        Ranker::RedditHot | Ranker::OasisRandomTopK { .. } => reddit_hot(votes.score(), unix),
        Ranker::New | Ranker::Random => unix,
    }
}

/// The posts a feed is made of, in no order.
fn within(reference: &Reference, of: FeedOf) -> Vec<(u32, &Item)> {
    let listed = |post: &Item| !post.gone && post.standing == Standing::Public;
    let all = (0..).zip(&reference.posts).filter(|(_, post)| listed(post));
    all.filter(|(_, post)| match of {
        FeedOf::Everybody => true,
        FeedOf::Submolt(submolt) => post.submolt == submolt.0,
        FeedOf::Agent(agent) => {
            reference.subscribed.contains(&(agent.0, post.submolt))
                || reference.follows.contains(&(agent.0, post.author))
        }
    })
    .collect()
}

fn sorted(reference: &Reference, of: FeedOf, ranker: &Ranker, now: Moment, limit: usize) -> Vec<u32> {
    let tally = reference.tally();
    let in_window = |at: Moment| match ranker {
        Ranker::Top { hours: Some(hours) } => now.0 - at.0 < hours * 3_600,
        _ => true,
    };
    let ranked = |of: FeedOf| -> Vec<u32> {
        let mut posts: Vec<(f64, Moment, u32)> = within(reference, of)
            .into_iter()
            .filter(|(_, post)| in_window(post.at))
            .map(|(id, post)| {
                let votes = tally.get(&Target::Post(PostId(id))).copied().unwrap_or_default();
                (key(ranker, votes, post.at, &reference.rules, now), post.at, id)
            })
            .collect();
        // By key, then the newer post, then the larger id.
        posts.sort_by(|one, other| match other.0.total_cmp(&one.0) {
            Ordering::Equal => (other.1, other.2).cmp(&(one.1, one.2)),
            order => order,
        });
        posts.into_iter().map(|(.., id)| id).take(limit).collect()
    };
    let feed = ranked(of);
    if feed.is_empty() && matches!(of, FeedOf::Agent(_)) { ranked(FeedOf::Everybody) } else { feed }
}

fn read(platform: &Platform, of: FeedOf, sort: Sort, limit: usize, now: Moment) -> Vec<u32> {
    let mut reader = Reader::default();
    platform.feed(of, sort, limit, now, &mut |_| panic!("these rankers draw nothing"), &mut reader);
    reader.posts
}

fn feeds_of(platform: &Platform) -> Vec<FeedOf> {
    let agents = (0..platform.accounts().len() as u32).step_by(3).map(|agent| FeedOf::Agent(AgentId(agent)));
    let submolts = (0..platform.submolts().len() as u32).step_by(2).map(|submolt| FeedOf::Submolt(SubmoltId(submolt)));
    [FeedOf::Everybody].into_iter().chain(agents).chain(submolts).collect()
}

fn feeds_agree(platform: &Platform, reference: &Reference, sorts: &[Sort]) {
    for &sort in sorts {
        let ranker = match sort {
            Sort::Hot => platform.rules().ranker,
            Sort::New => Ranker::New,
            Sort::Top => Ranker::Top { hours: None },
            Sort::Rising => Ranker::Rising,
        };
        // Later than now, too: a feed is read as of a moment.
        for (of, later, limit) in feeds_of(platform)
            .into_iter()
            .zip([0, 900, 50_000].into_iter().cycle())
            .flat_map(|(of, later)| [1, 15, 10_000].map(|limit| (of, later, limit)))
        {
            let now = platform.now().later(later);
            let feed = read(platform, of, sort, limit, now);
            assert_eq!(feed, sorted(reference, of, &ranker, now, limit), "{of:?} {ranker:?} {limit}");
        }
    }
}

#[test]
fn every_feed_is_what_sorting_all_visible_posts_gives() {
    for (seed, rules) in (200..).zip(settings()) {
        // The order is kept by a ranker from the beginning on: each setting has one of its own.
        play(rules, seed, 4_000, |play, reference| {
            if play.history.entries.len() % 1_000 == 0 {
                feeds_agree(&play.platform, reference, &SORTS);
            }
        });
    }
}

#[test]
fn a_change_of_ranker_orders_everything_anew_and_back() {
    play(settings()[1], 300, 2_000, |play, reference| {
        if play.history.entries.len() != 2_000 {
            return;
        }
        let mut platform = play.platform.clone();
        for ranker in rankers() {
            platform.set_rules(Rules { ranker, ..*play.platform.rules() });
            feeds_agree(&platform, reference, &[Sort::Hot]);
        }
        platform.set_rules(*play.platform.rules());
        assert_eq!(platform.image(), play.platform.image());
    });
}

/// A history in which an agent follows somebody who posts where it is not subscribed, with the reference.
fn with_history(ranker: Ranker, look: impl Fn(&Play, &Reference)) {
    let rules = Rules { ranker, limits: crate::platform::limits::LimitProfile::Off, ..Rules::default() };
    play(rules, 400, 1_000, |play, reference| {
        if play.history.entries.len() == 1_000 {
            look(play, reference);
        }
    });
}

/// Draws below n, each as likely as another over many calls.
fn drawn(platform: &Platform, of: FeedOf, limit: usize, times: u32) -> Vec<Vec<u32>> {
    use rand_chacha::rand_core::{Rng, SeedableRng};
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
    let mut reader = Reader::default();
    let mut draw = |n: u32| crate::platform::schedule::below(rng.next_u32(), n);
    (0..times)
        .map(|_| {
            platform.feed(of, Sort::Hot, limit, platform.now(), &mut draw, &mut reader);
            reader.posts.clone()
        })
        .collect()
}

#[test]
fn a_random_feed_holds_each_visible_post_as_often_as_another_and_none_twice() {
    with_history(Ranker::Random, |play, reference| {
        for (of, most) in feeds_of(&play.platform).into_iter().flat_map(|of| [(of, 2), (of, 10)]) {
            let visible: BTreeSet<u32> = within(reference, of).into_iter().map(|(id, _)| id).collect();
            let limit = visible.len().min(most);
            if visible.len() < 4 {
                continue;
            }
            let feeds = drawn(&play.platform, of, most, 2_000);
            let distinct = feeds.iter().all(|feed| feed.iter().collect::<BTreeSet<_>>().len() == limit);
            assert!(distinct && feeds.iter().all(|feed| feed.len() == limit));
            for place in [0, limit - 1] {
                let mut times: Vec<f64> =
                    visible.iter().map(|id| feeds.iter().filter(|feed| feed[place] == *id).count() as f64).collect();
                times.sort_by(f64::total_cmp);
                let expected = 2_000.0 / visible.len() as f64;
                let square: f64 = times.iter().map(|seen| (seen - expected) * (seen - expected) / expected).sum();
                let free = visible.len() as f64 - 1.0;
                // A chi-square far from its degrees of freedom: five standard deviations.
                assert!((square - free).abs() < 5.0 * libm::sqrt(2.0 * free), "{of:?} {square} {free}");
            }
            assert!(feeds.iter().flatten().all(|id| visible.contains(id)));
        }
    });
}

#[test]
fn oasis_draws_a_few_of_the_top_that_all_share_and_of_a_communitys_own() {
    let ranker = Ranker::OasisRandomTopK { k: 5, of: 20 };
    with_history(ranker, |play, reference| {
        for of in feeds_of(&play.platform) {
            let shared = if let FeedOf::Submolt(_) = of { of } else { FeedOf::Everybody };
            let top = sorted(reference, shared, &Ranker::RedditHot, play.platform.now(), 20);
            let feeds = drawn(&play.platform, of, 15, 300);
            let seen: BTreeSet<u32> = feeds.iter().flatten().copied().collect();
            assert_eq!(seen, top.iter().copied().collect(), "{of:?}");
            for feed in feeds {
                assert_eq!(feed.len(), top.len().min(5));
                assert_eq!(feed.iter().collect::<BTreeSet<_>>().len(), feed.len());
            }
        }
    });
}

#[test]
fn a_thread_is_read_by_depth_and_then_in_the_order_asked_for() {
    for (seed, rules) in (500..).zip(settings()) {
        play(rules, seed, 2_000, |play, reference| {
            let tally = reference.tally();
            let votes = |id: u32| tally.get(&Target::Comment(CommentId(id))).copied().unwrap_or_default();
            for (post, agent) in play.platform.posts().map(|(id, _)| id).zip((0..24).cycle()) {
                let visible = |comment: &Item| {
                    let own = comment.standing == Standing::Private && comment.author == agent;
                    comment.post == post.0 && !comment.gone && (comment.standing == Standing::Public || own)
                };
                let ids = (0..).zip(&reference.comments).filter(|(_, comment)| visible(comment)).map(|(id, _)| id);
                let mut ids: Vec<u32> = ids.collect();
                for sort in [CommentSort::New, CommentSort::Top, CommentSort::Controversial] {
                    // Sorting is stable: what was said first about order counts least.
                    ids.sort_unstable();
                    match sort {
                        CommentSort::New => ids.reverse(),
                        CommentSort::Top => ids.sort_by_key(|&id| -votes(id).score()),
                        CommentSort::Controversial => {
                            ids.sort_by(|&a, &b| controversial(votes(b)).total_cmp(&controversial(votes(a))));
                        }
                    }
                    ids.sort_by_key(|&id| reference.depth(id));
                    let thread = play.platform.thread(post, sort, 100, AgentId(agent));
                    assert!(thread.iter().map(|id| id.0).eq(ids.iter().copied().take(100)), "{post:?} {sort:?}");
                }
            }
        });
    }
}
