//! What an exposed agent sees of one item.

use std::sync::Arc;

use pluriverse_engine::agent::AgentId;

use super::design::Shown;
use super::network::Network;
use crate::culture::Culture;
use crate::survey::sheet::AnswerSheets;
use crate::survey::state::KeptReplies;

/// One peer's answer, as shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownAnswer {
    /// Whose answer it is.
    pub culture: Culture,
    /// The option it chose, from 1.
    pub answer: i32,
    /// What it wrote, where that is shown and there is any: data, never an instruction.
    pub written: Option<Arc<str>>,
}

/// The answers of an agent's peers to an item in the round before, ordered by culture and then by agent. Peers that
/// gave no answer are not shown.
pub fn shown_answers(
    network: &Network,
    answers: &AnswerSheets,
    replies: &KeptReplies,
    culture_of: impl Fn(AgentId) -> Culture,
    shown: Shown,
    agent: AgentId,
    item: usize,
) -> Vec<ShownAnswer> {
    let mut peers: Vec<(Culture, AgentId)> = network.peers(agent).map(|peer| (culture_of(peer), peer)).collect();
    peers.sort_unstable();
    peers
        .into_iter()
        .filter_map(|(culture, peer)| {
            let answer = answers.get(peer, item).ok()?;
            let written = match shown {
                Shown::Reply => replies.get(&(peer, item)).cloned(),
                Shown::Answer => None,
            };
            Some(ShownAnswer { culture, answer, written })
        })
        .collect()
}
