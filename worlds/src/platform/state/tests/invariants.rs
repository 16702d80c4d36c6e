//! What has to hold after any history.

use std::collections::{BTreeMap, BTreeSet};

use super::reference::Reference;
use super::script::{MEMBERS, Play, begin};
use crate::platform::action::{Action, Done, Refusal, Sign};
use crate::platform::ids::{PostId, SubmoltId, Target};
use crate::platform::limits::LimitProfile;
use crate::platform::ranker::{Ranker, Votes};
use crate::platform::round::replay;
use crate::platform::rules::{Audience, RepeatedVote, Rules};
use crate::platform::state::content::Standing;
use crate::platform::state::{NoticeKind, Platform};
use crate::platform::totals::Totals;

const STEPS: usize = 10_000;

/// Rules of all kinds, so that each value of each is met.
pub(super) fn settings() -> Vec<Rules> {
    use Audience::{Everybody, Themselves};
    use LimitProfile::{Feb2026, NewAgent24h, Off, OpenSource, Turbo};
    use RepeatedVote::{Refused, TakesBack};
    let day = Some(86_400);
    [
        (Off, TakesBack, None, Everybody, Ranker::MoltbookHot),
        (Feb2026, TakesBack, day, Everybody, Ranker::Controversial),
        (OpenSource, Refused, Some(7_200), Everybody, Ranker::Best { z: 1.96 }),
        (NewAgent24h, TakesBack, None, Everybody, Ranker::RedditHot),
        (Turbo, TakesBack, day, Everybody, Ranker::Top { hours: Some(24) }),
        (Off, TakesBack, day, Themselves, Ranker::Rising),
        (Turbo, Refused, None, Themselves, Ranker::MoltbookHot),
        (Off, TakesBack, Some(7_200), Everybody, Ranker::New),
    ]
    .map(|(limits, repeated_vote, retention, audience, ranker)| Rules {
        limits,
        ranker,
        repeated_vote,
        retention,
        audience,
        ..Rules::default()
    })
    .to_vec()
}

/// Plays a history, looks at every step, and at the whole every 500 steps.
pub(super) fn play(rules: Rules, seed: u64, steps: usize, mut look: impl FnMut(&Play, &Reference)) -> Play {
    let mut play = Play::new(rules, seed);
    let mut reference = Reference::new(rules);
    let mut begun = 0;
    for step in 1..=steps {
        let entry = play.step();
        for begin in &play.begins[begun..] {
            reference.begin(begin);
        }
        begun = play.begins.len();
        let expected = match entry.result {
            // Limits are looked at by themselves.
            Err(limited @ Refusal::RateLimited { .. }) => Err(limited),
            _ => reference.expect(&entry, &play.words),
        };
        assert_eq!(entry.result, expected, "seed {seed} step {step}: {entry:?}");
        reference.happen(&entry, &play.words);
        if step % 500 == 0 {
            look(&play, &reference);
        }
    }
    play
}

#[test]
fn every_figure_is_what_counting_the_history_anew_gives() {
    for (seed, rules) in (0..).zip(settings()) {
        let play = play(rules, seed, STEPS, |play, reference| {
            let tally = reference.tally();
            contents_agree(&play.platform, reference, &tally);
            accounts_agree(&play.platform, reference, &tally);
            submolts_agree(&play.platform, reference);
            assert_eq!(play.platform.totals(), &totals(reference));
        });
        everything_happened(&play, rules);
    }
}

/// A script that never does something shows nothing about it.
fn everything_happened(play: &Play, rules: Rules) {
    let entries = &play.history.entries;
    let mut missing: BTreeSet<&str> =
        ["self_vote", "unknown_target", "wrong_post", "too_long", "empty", "name_taken", "bad_name", "not_own"].into();
    missing.insert("self_follow");
    if rules.limits != LimitProfile::Off {
        missing.insert("rate_limited");
    }
    if rules.limits == LimitProfile::Off {
        missing.insert("too_deep");
    }
    if rules.repeated_vote == RepeatedVote::Refused {
        missing.insert("duplicate_vote");
    } else {
        assert!(entries.iter().any(|entry| entry.result == Ok(Done::TakenBack)));
    }
    assert!(entries.iter().any(|entry| entry.result == Ok(Done::Turned)));
    for refusal in entries.iter().filter_map(|entry| entry.result.err()) {
        missing.remove(refusal.name());
    }
    assert_eq!(missing, BTreeSet::new(), "{rules:?}");
    assert!(play.platform.accounts().len() > MEMBERS as usize);
    assert_eq!(rules.retention.is_some(), play.platform.post(PostId(0)).is_none());
}

fn contents_agree(platform: &Platform, reference: &Reference, tally: &BTreeMap<Target, Votes>) {
    let alive = reference.posts.iter().filter(|post| !post.gone).count();
    assert_eq!(platform.posts().len(), alive);
    for (id, post) in platform.posts() {
        let item = &reference.posts[id.0 as usize];
        assert!(!item.gone);
        let under = reference.comments.iter().filter(|comment| comment.counts && comment.post == id.0).count();
        let votes = tally.get(&Target::Post(id)).copied().unwrap_or_default();
        assert_eq!(
            (
                post.content.author.0,
                post.content.created,
                post.content.standing,
                post.submolt.0,
                post.comments as usize
            ),
            (item.author, item.at, item.standing, item.submolt, under),
        );
        assert_eq!((post.content.votes, i32::from(post.unseen)), (votes, item.unseen), "{id:?}");
    }
    let alive = reference.comments.iter().filter(|comment| !comment.gone).count();
    assert_eq!(platform.comments().len(), alive);
    for (id, comment) in platform.comments() {
        let item = &reference.comments[id.0 as usize];
        let replies = reference.comments.iter().filter(|other| other.counts && other.parent == Some(id.0)).count();
        assert_eq!(
            (comment.content.author.0, comment.content.created, comment.content.standing, comment.post.0),
            (item.author, item.at, item.standing, item.post),
        );
        assert_eq!((comment.parent.map(|parent| parent.0), comment.replies as usize), (item.parent, replies));
        assert_eq!(usize::from(comment.depth), reference.depth(id.0));
        assert!(comment.depth <= 10);
        assert_eq!(comment.content.votes, tally.get(&Target::Comment(id)).copied().unwrap_or_default());
    }
}

fn accounts_agree(platform: &Platform, reference: &Reference, tally: &BTreeMap<Target, Votes>) {
    assert_eq!(platform.accounts().len(), reference.created.len());
    let author = |target: &Target| reference.item(*target).map(|item| item.author);
    let numbers = |pairs: &BTreeSet<(u32, u32)>, agent| -> Vec<u32> {
        pairs.iter().filter(|pair| pair.0 == agent).map(|pair| pair.1).collect()
    };
    for (agent, account) in (0..).zip(platform.accounts()) {
        let received: Vec<_> = tally.iter().filter(|(target, _)| author(target) == Some(agent)).collect();
        let karma: i32 = received.iter().map(|(_, votes)| votes.score()).sum();
        let upvotes: u32 = received.iter().map(|(_, votes)| votes.up).sum();
        assert_eq!((account.karma, account.upvotes), (karma, upvotes), "{agent}");
        let followers = reference.follows.iter().filter(|pair| pair.1 == agent && reference.counts(pair.0)).count();
        assert_eq!(account.followers as usize, followers);
        assert_eq!(account.follows, numbers(&reference.follows, agent));
        assert_eq!(account.subscribed, numbers(&reference.subscribed, agent));
        let own = |items: &[super::reference::Item]| items.iter().filter(|item| item.author == agent).count();
        assert_eq!(account.posts_made as usize, own(&reference.posts));
        assert_eq!(account.comments_made as usize, own(&reference.comments));
        let posts = (0_u32..).zip(&reference.posts).filter(|(_, post)| post.author == agent && !post.gone);
        assert!(account.posts.iter().copied().eq(posts.map(|(id, _)| id)));
        let notices = account.notices.iter().map(|notice| (notice.at, notice.by.0, notice.kind));
        let expected = reference.notices.get(&agent).cloned().unwrap_or_default();
        assert!(notices.eq(expected), "{agent}");
        let alive = |target: &Target| reference.item(*target).is_some_and(|item| !item.gone);
        let cast: Vec<(Target, Sign)> = account.cast().filter(|(target, _)| alive(target)).collect();
        let own = reference.votes.iter().filter(|((voter, target), _)| *voter == agent && alive(target));
        assert_eq!(cast, own.map(|((_, target), sign)| (*target, *sign)).collect::<Vec<_>>());
    }
}

fn submolts_agree(platform: &Platform, reference: &Reference) {
    assert_eq!(platform.submolts().len(), reference.names.len());
    for (id, submolt) in (0_u32..).zip(platform.submolts()) {
        assert_eq!(*submolt.name, *reference.names[id as usize]);
        assert_eq!(platform.submolt(&submolt.name), Some(SubmoltId(id)));
        let subscribers = reference.subscribed.iter().filter(|pair| pair.1 == id).count();
        let made = reference.posts.iter().filter(|post| post.submolt == id).count();
        assert_eq!((submolt.subscribers as usize, submolt.posts_made as usize), (subscribers, made));
        let listed = (0_u32..)
            .zip(&reference.posts)
            .filter(|(_, post)| post.submolt == id && !post.gone && post.standing == Standing::Public);
        assert!(submolt.posts.recent().iter().copied().eq(listed.map(|(id, _)| id)));
    }
}

fn totals(reference: &Reference) -> Totals {
    let mut totals = Totals { posts: reference.posts.len() as u64, ..Totals::default() };
    let counted = || (0_u32..).zip(&reference.comments).filter(|(_, comment)| comment.counts);
    for (id, post) in (0_u32..).zip(&reference.posts) {
        let under: Vec<_> = counted().filter(|(_, comment)| comment.post == id).collect();
        totals.commented_posts += u64::from(!under.is_empty());
        let flat = under.iter().all(|(_, comment)| comment.parent.is_none());
        totals.flat_posts += u64::from(!under.is_empty() && flat);
        totals.returned_authors += u64::from(under.iter().any(|(_, comment)| comment.author == post.author));
        let mut seen = BTreeSet::from([post.author]);
        totals.re_entries += under.iter().filter(|(_, comment)| !seen.insert(comment.author)).count() as u64;
    }
    let replied: BTreeSet<u32> = counted().filter_map(|(_, comment)| comment.parent).collect();
    for id in 0..reference.comments.len() as u32 {
        totals.comments[reference.depth(id)] += 1;
        totals.replied[reference.depth(id)] += u64::from(replied.contains(&id));
    }
    for entry in &reference.entries {
        match (entry.result, entry.action) {
            (Err(_), _) => totals.refused += 1,
            (Ok(_), action) if action.reads() => totals.readings += 1,
            (Ok(done), action) => {
                totals.actions += 1;
                match (done, action) {
                    (Done::TakenBack, _) => totals.taken_back += 1,
                    (_, Action::Vote { sign: Sign::Up, .. }) => totals.upvotes += 1,
                    (_, Action::Vote { sign: Sign::Down, .. }) => totals.downvotes += 1,
                    _ => {}
                }
            }
        }
    }
    totals
}

/// Has a history happen again from an entry on.
fn again(play: &Play, platform: &mut Platform, from: usize) {
    let (mut entry, entries) = (from, &play.history.entries);
    for round in play.begins.iter().filter(|begin| begin.entry >= from) {
        assert!(replay(platform, &entries[entry..round.entry]));
        begin(platform, round.at, round.joins);
        entry = round.entry;
    }
    assert!(replay(platform, &entries[entry..]));
}

#[test]
fn a_history_that_happens_again_leaves_the_same_bytes() {
    for (seed, rules) in (100..).zip(settings()) {
        let mut copy = None;
        let play = play(rules, seed, STEPS, |play, _| {
            if play.history.entries.len() == STEPS / 2 {
                copy = Some(play.platform.clone());
            }
        });
        let mut fresh = Platform::new(rules, MEMBERS);
        fresh.writings = play.all_words();
        again(&play, &mut fresh, 0);
        assert_eq!(fresh.image(), play.platform.image());
        assert_eq!(fresh.writings, play.platform.writings);
        // A copy taken half-way, as arms take it, goes on as the original does.
        let mut copy = copy.expect("half-way is a look");
        copy.writings = play.all_words();
        again(&play, &mut copy, STEPS / 2);
        assert_eq!(copy.image(), play.platform.image());
    }
}

#[test]
fn a_replay_says_so_where_something_else_comes_of_it() {
    let rules = settings()[0];
    let mut play = play(rules, 7, 200, |_, _| {});
    let last = play.history.entries.last_mut().expect("entries");
    last.result = Err(Refusal::TooDeep);
    let mut fresh = Platform::new(rules, MEMBERS);
    fresh.writings = play.all_words();
    assert!(!replay(&mut fresh, &play.history.entries));
}

#[test]
fn guests_see_nothing_of_what_agents_do_that_nobody_sees() {
    let rules = Rules { audience: Audience::Themselves, limits: LimitProfile::Off, ..Rules::default() };
    let play = play(rules, 11, 5_000, |play, reference| {
        for (id, post) in play.platform.posts() {
            let member = post.content.author.0 < MEMBERS;
            assert!(!member || post.content.standing != Standing::Public);
            // Whatever members do, the figures of posts are the guests' doing.
            let guests = |agent: u32| agent >= MEMBERS;
            let votes = reference.votes.keys().filter(|(voter, on)| guests(*voter) && *on == Target::Post(id)).count();
            assert_eq!((post.content.votes.up + post.content.votes.down) as usize, votes);
            assert!(play.platform.latest_comments(id).all(|(_, comment)| guests(comment.content.author.0)));
        }
        for account in &play.platform.accounts()[..MEMBERS as usize] {
            // A guest may follow an agent; what agents wrote it cannot know.
            assert_eq!(account.karma, 0);
            assert!(account.notices.iter().all(|notice| notice.kind == NoticeKind::Followed && notice.by.0 >= MEMBERS));
        }
    });
    assert!(play.platform.posts().any(|(_, post)| post.content.author.0 >= MEMBERS && post.content.votes.up > 0));
}
