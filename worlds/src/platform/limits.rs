//! How much an agent may do in how short a time: sliding windows over a log of what it did.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::action::{Action, Refusal};
use super::ids::Moment;

/// A published set of limits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum LimitProfile {
    /// The open-sourced server's: 100 requests a minute, a post in 30 minutes, 50 comments an hour.
    OpenSource,
    /// Those of February 2026: 100 requests a minute, a post in 30 minutes, a comment in 20 seconds and 50 a day, a
    /// community an hour.
    #[default]
    Feb2026,
    /// The same, and in the first 24 hours of an agent: a post in two hours, a comment a minute and 20 a day, one
    /// community.
    NewAgent24h,
    /// Those of the controlled fork's fast runs: 500 requests and 50 posts a minute, 1,000 comments an hour.
    Turbo,
    /// None.
    Off,
}

/// What a limit counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counts {
    /// Everything, reading included.
    Requests,
    /// Posts.
    Posts,
    /// Comments.
    Comments,
    /// Communities founded.
    Submolts,
}

/// At most so many in any window of so many seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// Its name in refusals.
    pub name: &'static str,
    /// What it counts.
    pub counts: Counts,
    /// How many.
    pub most: u32,
    /// In how many seconds.
    pub window: u32,
}

const DAY: u32 = 86_400;

const fn limit(name: &'static str, counts: Counts, most: u32, window: u32) -> Limit {
    Limit { name, counts, most, window }
}

const OPEN_SOURCE: &[Limit] = &[
    limit("requests_per_minute", Counts::Requests, 100, 60),
    limit("posts_per_30_minutes", Counts::Posts, 1, 1_800),
    limit("comments_per_hour", Counts::Comments, 50, 3_600),
];

const FEB_2026: &[Limit] = &[
    limit("requests_per_minute", Counts::Requests, 100, 60),
    limit("posts_per_30_minutes", Counts::Posts, 1, 1_800),
    limit("comments_per_20_seconds", Counts::Comments, 1, 20),
    limit("comments_per_day", Counts::Comments, 50, DAY),
    limit("submolts_per_hour", Counts::Submolts, 1, 3_600),
];

const FIRST_DAY: &[Limit] = &[
    limit("requests_per_minute", Counts::Requests, 100, 60),
    limit("posts_per_2_hours", Counts::Posts, 1, 7_200),
    limit("comments_per_minute", Counts::Comments, 1, 60),
    limit("comments_on_first_day", Counts::Comments, 20, DAY),
    limit("submolts_on_first_day", Counts::Submolts, 1, DAY),
];

const TURBO: &[Limit] = &[
    limit("requests_per_minute", Counts::Requests, 500, 60),
    limit("posts_per_minute", Counts::Posts, 50, 60),
    limit("comments_per_hour", Counts::Comments, 1_000, 3_600),
];

impl LimitProfile {
    /// The limits an agent is under that has been on the platform for so many seconds.
    pub const fn limits(self, age: u32) -> &'static [Limit] {
        match self {
            Self::OpenSource => OPEN_SOURCE,
            Self::NewAgent24h if age < DAY => FIRST_DAY,
            Self::Feb2026 | Self::NewAgent24h => FEB_2026,
            Self::Turbo => TURBO,
            Self::Off => &[],
        }
    }

    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenSource => "open_source",
            Self::Feb2026 => "feb2026",
            Self::NewAgent24h => "new_agent_24h",
            Self::Turbo => "turbo",
            Self::Off => "off",
        }
    }

    /// How long and how many entries a log has to reach back, over all ages.
    const fn reach(self, counts: Counts) -> (u32, u32) {
        let mut reach = (0, 0);
        let sets = [self.limits(0), self.limits(DAY)];
        let mut set = 0;
        while set < sets.len() {
            let mut place = 0;
            while place < sets[set].len() {
                let limit = &sets[set][place];
                if limit.counts as u8 == counts as u8 {
                    reach.0 = if limit.window > reach.0 { limit.window } else { reach.0 };
                    reach.1 = if limit.most > reach.1 { limit.most } else { reach.1 };
                }
                place += 1;
            }
            set += 1;
        }
        reach
    }
}

/// When an agent did what is limited: only what a window can still reach is kept.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct LimitLog {
    requests: VecDeque<u32>,
    posts: VecDeque<u32>,
    comments: VecDeque<u32>,
    submolts: VecDeque<u32>,
}

impl LimitLog {
    fn of(&mut self, counts: Counts) -> &mut VecDeque<u32> {
        match counts {
            Counts::Requests => &mut self.requests,
            Counts::Posts => &mut self.posts,
            Counts::Comments => &mut self.comments,
            Counts::Submolts => &mut self.submolts,
        }
    }

    fn get(&self, counts: Counts) -> &VecDeque<u32> {
        match counts {
            Counts::Requests => &self.requests,
            Counts::Posts => &self.posts,
            Counts::Comments => &self.comments,
            Counts::Submolts => &self.submolts,
        }
    }

    /// Whether an agent that has been on the platform for `age` seconds may do this now.
    pub fn allows(&self, profile: LimitProfile, age: u32, action: &Action, now: Moment) -> Result<(), Refusal> {
        for limit in profile.limits(age) {
            if !concerns(limit.counts, action) {
                continue;
            }
            let log = self.get(limit.counts);
            // The entry that has to leave the window before there is room.
            let Some(place) = log.len().checked_sub(limit.most as usize) else {
                continue;
            };
            let passed = now.since(Moment(log[place]));
            if passed < limit.window {
                let retry_after = (limit.window - passed).min(until_other_limits(profile, age));
                return Err(Refusal::RateLimited { limit: limit.name, retry_after });
            }
        }
        Ok(())
    }

    /// Notes that it was done.
    pub fn note(&mut self, profile: LimitProfile, action: &Action, now: Moment) {
        for counts in [Counts::Requests, Counts::Posts, Counts::Comments, Counts::Submolts] {
            if !concerns(counts, action) {
                continue;
            }
            let (window, most) = profile.reach(counts);
            if most == 0 {
                continue;
            }
            let log = self.of(counts);
            while log.front().is_some_and(|&at| now.since(Moment(at)) >= window) || log.len() >= most as usize {
                log.pop_front();
            }
            log.push_back(now.0);
        }
    }
}

/// Seconds until an agent of an age comes under other limits.
const fn until_other_limits(profile: LimitProfile, age: u32) -> u32 {
    match profile {
        LimitProfile::NewAgent24h if age < DAY => DAY - age,
        _ => u32::MAX,
    }
}

/// Whether a limit counts an action.
const fn concerns(counts: Counts, action: &Action) -> bool {
    match counts {
        // Waking is no request, and marking as read goes with reading.
        Counts::Requests => !matches!(action, Action::HeartbeatOk | Action::MarkRead { .. }),
        Counts::Posts => matches!(action, Action::CreatePost { .. }),
        Counts::Comments => matches!(action, Action::Comment { .. }),
        Counts::Submolts => matches!(action, Action::CreateSubmolt { .. }),
    }
}
