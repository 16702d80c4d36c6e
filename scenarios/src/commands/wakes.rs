//! What language models on a platform will be asked: reckoned from how often agents wake and how much they are shown.

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::seed::Streams;
use pluriverse_worlds::exposure::design::MemoryPolicy;
use pluriverse_worlds::platform::ids::PostId;
use pluriverse_worlds::platform::posting::{PostDesign, Posting, Visible};
use pluriverse_worlds::platform::rules::FEATURED;
use pluriverse_worlds::platform::schedule::Heartbeats;
use pluriverse_worlds::platform::see::name_of;
use pluriverse_worlds::platform::view::{AccountView, AuthorView, Overview, PostView};

use super::money::Reckoned;
use super::voices::Spoken;
use crate::resolve::{AgentSpec, Resolved, ResolvedSociety};

/// Characters of a post: at least, likely, at most.
const POST: Reckoned = Reckoned { low: 80.0, likely: 300.0, high: 1_000.0 };

/// Memories of an agent that has lived on a platform for a while, and characters of one.
const MEMORIES: Reckoned = Reckoned { low: 0.0, likely: 30.0, high: 40.0 };
const MEMORY: f64 = 300.0;

/// Tokens of a reply with actions: at least, likely, at most.
const ACTIONS: Reckoned = Reckoned { low: 20.0, likely: 150.0, high: 1_000.0 };

/// What one round on a platform asks of some agents.
#[derive(Clone, Copy, Debug)]
pub(super) struct OfRound {
    /// Requests.
    pub(super) requests: f64,
    /// Characters of their prompts.
    pub(super) characters: Reckoned,
    /// Tokens of the replies.
    pub(super) replies: Reckoned,
}

/// What a round asks of these agents of a society, in one arm and replicate: wakes as often as they are expected, no
/// reading besides (each such reading is another request).
pub(super) fn of_round(
    resolved: &Resolved,
    society: &ResolvedSociety,
    design: &PostDesign,
    spoken: &Spoken<'_>,
) -> OfRound {
    let agents = &spoken.agents;
    let posting = &resolved.postings[usize::from(design.posting)];
    let wakes = wakes_of_round(resolved, society, posting) * agents.len() as f64;
    let most_actions = ACTIONS.high * f64::from(posting.budget.actions.min(4));
    let each = |agent: &AgentSpec, post| characters(resolved, posting, *agent, &spoken.persona(resolved, *agent), post);
    let shown = |post: f64| agents.first().map_or(0.0, |agent| each(agent, post));
    let memory = remembered(design.memory);
    let characters = Reckoned {
        low: shown(0.0) + memory.low,
        likely: shown(POST.likely) + memory.likely,
        high: shown(POST.high) + memory.high,
    };
    OfRound {
        requests: wakes,
        characters: scaled(characters, wakes),
        replies: scaled(Reckoned { high: most_actions, ..ACTIONS }, wakes),
    }
}

/// Characters that what an agent remembers of a platform adds to a prompt.
pub(super) fn remembered(memory: MemoryPolicy) -> Reckoned {
    match memory {
        MemoryPolicy::None => Reckoned::default(),
        MemoryPolicy::Own(_) | MemoryPolicy::Seen(_) => scaled(MEMORIES, MEMORY),
    }
}

fn scaled(figure: Reckoned, by: f64) -> Reckoned {
    Reckoned { low: figure.low * by, likely: figure.likely * by, high: figure.high * by }
}

/// How often an agent wakes in a round, on average.
fn wakes_of_round(resolved: &Resolved, society: &ResolvedSociety, posting: &Posting) -> f64 {
    let streams = Streams::new(resolved.seed(), &society.name, 0);
    let heartbeats = Heartbeats::draw(&posting.heartbeat, society.agents.len() as u32, &streams);
    let beats = f64::from(posting.round) / (posting.heartbeat.minutes * 60.0);
    let open = posting.heartbeat.hours.map_or(1.0, |(from, to)| {
        let hours = if from < to { to - from } else { 24 - from + to };
        f64::from(hours) / 24.0
    });
    heartbeats.mean_probability().unwrap_or_default() * beats * open
}

/// Characters of a wake's prompt with a full feed of posts of so many characters; an empty feed for 0.
fn characters(resolved: &Resolved, posting: &Posting, agent: AgentSpec, persona: &str, post: f64) -> f64 {
    let Some(prompts) = &resolved.post_prompts else {
        return 0.0;
    };
    let text = "x".repeat((post as usize).min(posting.extent.characters() as usize));
    let shown = |visible: Visible| (visible == Visible::Shown).then_some(10);
    let author = AuthorView {
        id: AgentId(0),
        name: name_of(AgentId(10)),
        demonym: Some(resolved.cultures.profile(agent.culture).demonym.clone()),
        karma: shown(posting.karma),
    };
    let view = |place: u32| PostView {
        id: PostId(place),
        submolt: FEATURED[0].0.into(),
        author: author.clone(),
        title: "x".repeat(40).into(),
        content: text.as_str().into(),
        score: shown(posting.votes),
        comments: 3,
        minutes: 60,
    };
    let feed = if post > 0.0 { posting.budget.feed } else { 0 };
    let overview = Overview {
        me: AccountView { name: name_of(AgentId(0)), ..AccountView::default() },
        posts: (0..feed).map(view).collect(),
        submolts: FEATURED.iter().map(|(name, about)| ((*name).into(), (*about).into())).collect(),
        ..Overview::default()
    };
    let checklist: Vec<&str> = posting.checklist.iter().map(|step| &**step).collect();
    let user = prompts.wake(&overview, &checklist, posting.budget.into(), None);
    let system = prompts.system(resolved.cultures.profile(agent.culture), persona);
    (user.chars().count() + system.chars().count()) as f64
}
