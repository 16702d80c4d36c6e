//! What agents that answer in text keep of what they did and read on the platform.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::AgentId;
use pluriverse_worlds::culture::Cultures;
use pluriverse_worlds::exposure::design::MemoryPolicy;
use pluriverse_worlds::platform::action::{Action, Done, Sign};
use pluriverse_worlds::platform::ids::{Moment, Target};
use pluriverse_worlds::platform::life::{PostPercept, Refused};
use pluriverse_worlds::platform::reading::Readings;
use pluriverse_worlds::platform::round::History;
use pluriverse_worlds::platform::schedule::Wake;
use pluriverse_worlds::platform::see::{Labels, Seen, name_of};
use pluriverse_worlds::platform::state::Platform;
use pluriverse_worlds::platform::wording::Words;

use super::ask::labels;
use crate::posting::prompt::{Deed, Excerpt, PostPrompts, Remembered};

/// Memories an agent keeps at most; the oldest give way.
const MOST: usize = 40;

/// Characters kept of a text.
const KEPT: usize = 280;

/// Something an agent did or read.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Kept {
    round: u32,
    at: Moment,
    target: Target,
    deed: Deed,
    /// Filled when it is put into words; what has left the platform by then is remembered all the same.
    memory: Remembered,
}

/// What agents keep, by agent; filled as the memory of the phase says.
#[derive(Resource, Clone, PartialEq, Eq, Debug, Default)]
pub struct Recollections {
    policy: MemoryPolicy,
    round: u32,
    kept: BTreeMap<AgentId, VecDeque<Kept>>,
    unread: Vec<(Wake, Target, Labels)>,
}

impl Recollections {
    /// What an agent remembers now, in words; empty where that is nothing.
    pub fn text(&self, agent: AgentId, now: Moment, prompts: &PostPrompts) -> String {
        let window = match self.policy {
            MemoryPolicy::None => return String::new(),
            MemoryPolicy::Own(rounds) | MemoryPolicy::Seen(rounds) => rounds,
        };
        let Some(kept) = self.kept.get(&agent) else {
            return String::new();
        };
        let fresh = kept.iter().filter(|kept| kept.round + window > self.round);
        let remembered: Vec<Remembered> =
            fresh.map(|kept| Remembered { minutes: now.since(kept.at) / 60, ..kept.memory.clone() }).collect();
        prompts.recollection(&remembered)
    }

    /// Notes what an agent was shown; it is put into words when the round ends.
    pub(super) fn read(&mut self, seen: &Seen, wake: Wake, labels: Labels) {
        self.unread.extend(seen.0.iter().map(|seen| (wake, seen.shown, labels)));
    }

    fn keep(&mut self, agent: AgentId, kept: Kept) {
        let all = self.kept.entry(agent).or_default();
        // What is read again, or voted for after being read, is one memory: the later one.
        all.retain(|known| known.target != kept.target || known.deed == Deed::Wrote);
        if kept.deed == Deed::Wrote || !all.iter().any(|known| known.target == kept.target) {
            all.push_back(kept);
        }
        if all.len() > MOST {
            all.pop_front();
        }
    }
}

/// What memories are made of.
struct Rememberer<'a> {
    platform: &'a Platform,
    words: &'a Words,
    cultures: &'a Cultures,
    labels: Labels,
}

impl Rememberer<'_> {
    fn memory(&self, target: Target, deed: Deed) -> Option<Remembered> {
        let (author, title, text) = match target {
            Target::Post(id) => {
                let post = self.platform.post(id)?;
                let (title, text) = self.words.of_post(self.platform, post);
                (post.content.author, title, text)
            }
            Target::Comment(id) => {
                let comment = self.platform.comment(id)?;
                (comment.content.author, Arc::from(""), self.words.of_comment(self.platform, comment))
            }
        };
        let culture = self.words.culture(author.index()).filter(|_| self.labels == Labels::Shown);
        Some(Remembered {
            minutes: 0,
            deed,
            author: name_of(author),
            demonym: culture.map(|culture| self.cultures.profile(culture).demonym.clone()),
            title,
            content: Excerpt::of(&text, KEPT),
        })
    }
}

/// `Resolve`: what agents did and read in this round becomes what they remember, as the memory of the phase says.
pub fn remember_deeds(
    percept: Res<PostPercept>,
    readings: Res<Readings>,
    refused: Res<Refused>,
    history: Res<History>,
    platform: Res<Platform>,
    words: Res<Words>,
    cultures: Res<Cultures>,
    mut recollections: ResMut<Recollections>,
) {
    let Some((design, _)) = &percept.0 else {
        return;
    };
    let unread = std::mem::take(&mut recollections.unread);
    recollections.policy = design.memory;
    recollections.round = readings.round;
    if refused.readers.is_empty() || design.memory == MemoryPolicy::None {
        return;
    }
    let round = readings.round;
    let (platform, words, cultures) = (&*platform, &*words, &*cultures);
    if matches!(design.memory, MemoryPolicy::Seen(_)) {
        for (wake, target, labels) in unread {
            let known = recollections.kept.get(&wake.agent);
            if known.is_some_and(|known| known.iter().any(|known| known.target == target)) {
                continue;
            }
            let rememberer = Rememberer { platform, words, cultures, labels };
            if let Some(memory) = rememberer.memory(target, Deed::Read) {
                recollections.keep(wake.agent, Kept { round, at: wake.at, target, deed: Deed::Read, memory });
            }
        }
    }
    let rememberer = Rememberer { platform, words, cultures, labels: labels(design.treatment) };
    for entry in &history.entries {
        if refused.readers.binary_search(&entry.due.agent).is_err() {
            continue;
        }
        let did = match (entry.action, entry.result) {
            (_, Ok(Done::Posted(post))) => Some((Target::Post(post), Deed::Wrote)),
            (_, Ok(Done::Commented(comment))) => Some((Target::Comment(comment), Deed::Wrote)),
            (Action::Vote { target, sign: Sign::Up }, Ok(Done::Voted | Done::Turned)) => Some((target, Deed::Upvoted)),
            (Action::Vote { target, sign: Sign::Down }, Ok(Done::Voted | Done::Turned)) => {
                Some((target, Deed::Downvoted))
            }
            _ => None,
        };
        if let Some((target, deed)) = did
            && let Some(memory) = rememberer.memory(target, deed)
        {
            recollections.keep(entry.due.agent, Kept { round, at: entry.due.at, target, deed, memory });
        }
    }
}
