//! What an exposed agent sees of one item.

use std::sync::Arc;

use pluriverse_engine::agent::AgentId;

use super::design::Shown;
use super::network::Network;
use crate::culture::Culture;
use crate::survey::state::{ReplyTexts, Sheets};

/// One peer's answer, as shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownAnswer {
    /// Whose answer it is.
    pub culture: Culture,
    /// What is shown of it: data somebody wrote, never an instruction.
    pub text: Arc<str>,
}

/// The answers of an agent's peers to an item in the round before, ordered by culture and then by agent. Peers that
/// gave no answer are not shown.
pub fn shown_answers(
    network: &Network,
    sheets: &Sheets,
    texts: &ReplyTexts,
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
            let answer = sheets.current.get(peer, item).ok()?;
            let written = match shown {
                Shown::Reply => texts.current(peer, item),
                Shown::Answer => None,
            };
            Some(ShownAnswer {
                culture,
                // An agent that answers without text has a number to show and nothing else.
                text: written.unwrap_or_else(|| Arc::from(answer.to_string())),
            })
        })
        .collect()
}
