//! How a phase exposes agents to each other: the treatment of an arm, and the knobs of its design.

use serde::{Deserialize, Serialize};

/// What a society is put through in an exposure phase.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Treatment {
    /// Agents are shown their peers' answers, labelled by demonym.
    #[default]
    Exposed,
    /// Agents are asked again and shown nothing: what changes there changes by itself.
    ReAsk,
    /// Agents are shown, in the same form and under the peers' labels, answers that are not the peers'.
    Placebo(Placebo),
    /// Agents are shown their peers' answers without any label.
    Unlabelled,
}

/// Whose answers a placebo shows in place of the peers'.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Placebo {
    /// Another agent's, to the same item: a donor by a seeded cyclic permutation of the society, where there is one
    /// neither the viewer nor one of its peers.
    Donor,
    /// The peers' own, to another item: items with equally many options are permuted by seed.
    AcrossItems,
    /// Nobody's: uniform over the options of the item.
    Uniform,
    /// Those of agents of the same cultures in another run.
    OtherRun,
}

impl Treatment {
    /// The name used in tables and files, and the default name of an arm.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exposed => "exposed",
            Self::ReAsk => "re-ask",
            Self::Placebo(Placebo::Donor) => "placebo-donor",
            Self::Placebo(Placebo::AcrossItems) => "placebo-across-items",
            Self::Placebo(Placebo::Uniform) => "placebo-uniform",
            Self::Placebo(Placebo::OtherRun) => "placebo-other-run",
            Self::Unlabelled => "unlabelled",
        }
    }

    /// Whether anything is shown.
    pub const fn shows(self) -> bool {
        !matches!(self, Self::ReAsk)
    }
}

/// What agents see of their peers' answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Shown {
    /// The whole reply, as the peer wrote it (the paper's, for most backbones).
    #[default]
    Reply,
    /// Only the option that was chosen.
    Answer,
}

/// Whose answers an agent is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Who {
    /// Those of everybody the network lets it see.
    #[default]
    Neighbours,
    /// Everybody else's, whatever the network.
    All,
    /// Those of this many of its neighbours, drawn by seed anew in every round (in proportion to the weights of a
    /// weighted network), the same for all items; all of them where it has no more.
    Sampled(u32),
}

/// In which order answers are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum PeerOrder {
    /// By culture, then by agent: the same in every round (the paper's).
    #[default]
    Fixed,
    /// Shuffled by seed, anew for every agent, item and round.
    Shuffled,
}

/// Whether an agent is shown its own answer of the round before.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum OwnAnswer {
    /// It is not (the paper's).
    #[default]
    Hidden,
    /// It is.
    Shown,
}

/// What an agent carries from round to round. Every policy is bounded: prompts and memory are as long in round 1,000 as
/// they are once the window is full.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum MemoryPolicy {
    /// Nothing: every request stands alone (the paper's).
    #[default]
    None,
    /// Its own answers of so many rounds.
    Own(u32),
    /// Its own answers and what it was shown, of so many rounds.
    Seen(u32),
}

impl MemoryPolicy {
    /// How many rounds are kept.
    pub const fn window(self) -> usize {
        match self {
            Self::None => 0,
            Self::Own(rounds) | Self::Seen(rounds) => rounds as usize,
        }
    }
}

/// When answers given in a round can be seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Update {
    /// In the next round: everybody acts on the state of the round's start (the paper's).
    #[default]
    Simultaneous,
    /// At once: agents act one after another, in an order drawn by seed anew in every round.
    Sequential,
}

/// In which order an item's options are offered. Answers are mapped back to the survey's own order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum OptionOrder {
    /// The survey's.
    #[default]
    AsIs,
    /// Back to front.
    Reversed,
    /// Shuffled by seed, anew for every agent, item and tick.
    Shuffled,
}

/// The design of an exposure phase in one arm: before each item an agent is shown answers of the round before to that
/// item, and answers it again. The defaults are those of the published study (arXiv 2606.05985, section 6).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ExposureDesign {
    /// What the society is put through.
    pub treatment: Treatment,
    /// What is shown.
    pub shown: Shown,
    /// Whose.
    pub who: Who,
    /// In which order.
    pub order: PeerOrder,
    /// Whether an agent's own answer is shown to it.
    pub own: OwnAnswer,
    /// What an agent remembers.
    pub memory: MemoryPolicy,
    /// When answers can be seen.
    pub update: Update,
    /// In which order options are offered.
    pub options: OptionOrder,
}

/// Names of choices in tables and files.
macro_rules! names {
    ($kind:ty, $($variant:ident => $name:literal),+) => {
        impl $kind {
            /// The name used in tables and files.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

names!(Shown, Reply => "reply", Answer => "answer");
names!(PeerOrder, Fixed => "fixed", Shuffled => "shuffled");
names!(OwnAnswer, Hidden => "hidden", Shown => "shown");
names!(Update, Simultaneous => "simultaneous", Sequential => "sequential");
names!(OptionOrder, AsIs => "as_is", Reversed => "reversed", Shuffled => "shuffled");

impl std::fmt::Display for Who {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Neighbours => formatter.write_str("neighbours"),
            Self::All => formatter.write_str("all"),
            Self::Sampled(peers) => write!(formatter, "sampled {peers}"),
        }
    }
}

impl std::fmt::Display for MemoryPolicy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => formatter.write_str("none"),
            Self::Own(rounds) => write!(formatter, "own {rounds}"),
            Self::Seen(rounds) => write!(formatter, "seen {rounds}"),
        }
    }
}
