//! Limits over random histories: nothing is done too often, and nothing is put off for longer than it has to be.

use pluriverse_engine::agent::AgentId;

use super::script::Play;
use crate::platform::action::Sign;
use crate::platform::action::{Action, Refusal};
use crate::platform::body::{Body, Stance};
use crate::platform::ids::{Moment, PostId, SubmoltId, Target};
use crate::platform::limits::{Counts, Limit, LimitProfile};
use crate::platform::round::Entry;
use crate::platform::rules::Rules;
use crate::platform::state::Platform;

const PROFILES: [LimitProfile; 4] =
    [LimitProfile::OpenSource, LimitProfile::Feb2026, LimitProfile::NewAgent24h, LimitProfile::Turbo];

fn counted(counts: Counts, action: &Action) -> bool {
    match counts {
        Counts::Requests => !["heartbeat_ok", "mark_read"].contains(&action.verb()),
        Counts::Posts => action.verb() == "create_post",
        Counts::Comments => action.verb() == "comment",
        Counts::Submolts => action.verb() == "create_submolt",
    }
}

/// How often an agent did, in the window that ends with `now`, what a limit counts.
fn done(entries: &[Entry], agent: AgentId, limit: &Limit, now: Moment) -> usize {
    let own = entries.iter().rev().take_while(|entry| now.0 - entry.due.at.0 < limit.window);
    let own = own.filter(|entry| entry.due.agent == agent && entry.result.is_ok());
    own.filter(|entry| counted(limit.counts, &entry.action)).count()
}

#[test]
fn no_window_of_any_limit_ever_holds_more_than_it_may() {
    for (seed, limits) in (0..).zip(PROFILES) {
        let rules = Rules { limits, ..Rules::default() };
        let mut play = Play::new(rules, 600 + seed);
        let (mut full, mut refused) = (Vec::new(), Vec::new());
        for _ in 0..10_000 {
            let entry = play.step();
            let Some(account) = play.platform.account(entry.due.agent) else {
                continue;
            };
            let entries = &play.history.entries;
            for limit in limits.limits(entry.due.at.since(account.created)) {
                if !counted(limit.counts, &entry.action) {
                    continue;
                }
                let done = done(entries, entry.due.agent, limit, entry.due.at);
                let named = matches!(entry.result, Err(Refusal::RateLimited { limit: name, .. }) if name == limit.name);
                assert!(done <= limit.most as usize, "{limit:?} {entry:?}");
                // It refuses where its window is full, and nowhere else.
                assert!(!named || done == limit.most as usize, "{limit:?} {entry:?}");
                for (happened, list) in [(done == limit.most as usize, &mut full), (named, &mut refused)] {
                    if happened && !list.contains(&limit.name) {
                        list.push(limit.name);
                    }
                }
            }
        }
        // A thousand comments an hour are met by hand below.
        assert!(refused.len() >= 2, "{limits:?}: only {refused:?} of {full:?}");
    }
}

#[test]
fn what_is_refused_can_be_done_when_the_refusal_says_and_not_a_second_before() {
    for (seed, limits) in (0..).zip(PROFILES) {
        let rules = Rules { limits, retention: Some(7_200), ..Rules::default() };
        let mut play = Play::new(rules, 700 + seed);
        let mut looked = 0;
        for _ in 0..6_000 {
            let Entry { due, action, result } = play.step();
            let Err(Refusal::RateLimited { limit, retry_after }) = result else {
                continue;
            };
            looked += 1;
            if looked % 8 != 1 {
                continue;
            }
            let refused_after = |seconds: u32| {
                let mut later = play.platform.clone();
                later.pass_to(due.at.later(seconds));
                matches!(later.act(due.agent, &action), Err(Refusal::RateLimited { limit: again, .. }) if again == limit)
            };
            assert!(retry_after > 0 && refused_after(retry_after - 1), "{limit} {retry_after}");
            assert!(!refused_after(retry_after), "{limit} {retry_after}");
        }
        assert!(looked > 100, "{limits:?} {looked}");
    }
}

fn post() -> Action {
    Action::CreatePost { submolt: SubmoltId(0), body: Body::Stated(Stance { item: 0, option: 1, wording: 0 }) }
}

fn comment() -> Action {
    Action::Comment { post: PostId(0), parent: None, body: Body::Stated(Stance { item: 0, option: 1, wording: 0 }) }
}

fn found(item: u16) -> Action {
    Action::CreateSubmolt { about: Body::Stated(Stance { item, option: 1, wording: 0 }) }
}

/// Seconds an agent has to wait for an action, and for which limit; `None` where it does it.
fn wait(platform: &mut Platform, at: u32, action: &Action) -> Option<(&'static str, u32)> {
    platform.pass_to(Moment(at));
    match platform.act(AgentId(1), action) {
        Ok(_) => None,
        Err(Refusal::RateLimited { limit, retry_after }) => Some((limit, retry_after)),
        Err(refusal) => panic!("{refusal:?}"),
    }
}

fn open(limits: LimitProfile) -> Platform {
    let mut platform = Platform::new(Rules { limits, ..Rules::default() }, 2);
    assert!(platform.act(AgentId(0), &post()).is_ok());
    platform
}

#[test]
fn the_published_limits_are_those_of_the_published_files() {
    let day = 86_400;
    let mut platform = open(LimitProfile::OpenSource);
    assert_eq!(wait(&mut platform, 0, &post()), None);
    assert_eq!(wait(&mut platform, 1, &post()), Some(("posts_per_30_minutes", 1_799)));
    assert_eq!(wait(&mut platform, 1_799, &post()), Some(("posts_per_30_minutes", 1)));
    assert_eq!(wait(&mut platform, 1_800, &post()), None);
    assert!((0..50).all(|_| wait(&mut platform, 2_000, &comment()).is_none()));
    assert_eq!(wait(&mut platform, 2_100, &comment()), Some(("comments_per_hour", 3_500)));

    let mut platform = open(LimitProfile::Feb2026);
    assert!((0..50).all(|number| wait(&mut platform, 20 * number, &comment()).is_none()));
    assert_eq!(wait(&mut platform, 990, &comment()), Some(("comments_per_20_seconds", 10)));
    assert_eq!(wait(&mut platform, 1_000, &comment()), Some(("comments_per_day", day - 1_000)));
    assert_eq!(wait(&mut platform, day, &comment()), None);
    assert_eq!(wait(&mut platform, day, &found(1)), None);
    assert_eq!(wait(&mut platform, day + 3_599, &found(2)), Some(("submolts_per_hour", 1)));
    assert!((0..100).all(|_| wait(&mut platform, day + 4_000, &Action::Home).is_none()));
    assert_eq!(wait(&mut platform, day + 4_001, &Action::Home), Some(("requests_per_minute", 59)));
    assert_eq!(wait(&mut platform, day + 4_001, &Action::HeartbeatOk), None);

    // What was done 59 s ago still counts when something is noted now.
    let mut platform = open(LimitProfile::Feb2026);
    assert!((0..60).all(|_| wait(&mut platform, 0, &Action::Home).is_none()));
    assert!((0..40).all(|_| wait(&mut platform, 59, &Action::Home).is_none()));
    assert_eq!(wait(&mut platform, 59, &Action::Home), Some(("requests_per_minute", 1)));

    let mut platform = open(LimitProfile::Turbo);
    assert!((0..50).all(|_| wait(&mut platform, 0, &post()).is_none()));
    assert_eq!(wait(&mut platform, 30, &post()), Some(("posts_per_minute", 30)));
    assert!((0..1_000).all(|number| wait(&mut platform, 60 + number, &comment()).is_none()));
    assert_eq!(wait(&mut platform, 2_000, &comment()), Some(("comments_per_hour", 1_660)));
}

#[test]
fn an_agent_of_a_day_comes_under_the_limits_of_the_others() {
    let day = 86_400;
    let mut platform = open(LimitProfile::NewAgent24h);
    assert_eq!(wait(&mut platform, 0, &found(1)), None);
    assert_eq!(wait(&mut platform, 9_000, &found(2)), Some(("submolts_on_first_day", day - 9_000)));
    assert!((0..20).all(|number| wait(&mut platform, 9_000 + 60 * number, &comment()).is_none()));
    assert_eq!(wait(&mut platform, 10_199, &comment()), Some(("comments_per_minute", 1)));
    // The comments of the first day stop counting so strictly when the day is over, before they are a day old.
    assert_eq!(wait(&mut platform, 20_000, &comment()), Some(("comments_on_first_day", day - 20_000)));
    assert_eq!(wait(&mut platform, day - 60, &post()), None);
    assert_eq!(wait(&mut platform, day - 1, &post()), Some(("posts_per_2_hours", 1)));
    assert_eq!(wait(&mut platform, day, &post()), Some(("posts_per_30_minutes", 1_740)));
    assert_eq!(wait(&mut platform, day, &comment()), None);
    assert_eq!(wait(&mut platform, day + 20, &comment()), None);
}

#[test]
fn what_is_refused_for_another_reason_uses_no_limit_up() {
    let mut platform = open(LimitProfile::Feb2026);
    let nowhere = Action::Comment {
        post: PostId(9),
        parent: None,
        body: Body::Stated(Stance { item: 0, option: 1, wording: 0 }),
    };
    assert_eq!(platform.act(AgentId(1), &nowhere), Err(Refusal::UnknownTarget));
    let own = Action::Vote { target: Target::Post(PostId(0)), sign: Sign::Up };
    assert_eq!(platform.act(AgentId(0), &own), Err(Refusal::SelfVote));
    assert_eq!(wait(&mut platform, 0, &comment()), None);
}
