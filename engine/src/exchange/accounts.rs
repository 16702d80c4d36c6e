//! What replies cost, and to what they came.

use std::collections::BTreeMap;

use bevy_ecs::prelude::Resource;
use serde::Serialize;

use super::Usage;
use crate::agent::Backbone;
use crate::outcome::Outcome;

/// Prices of a model, in the price table's currency per million tokens.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Price {
    /// Tokens of the prompt.
    pub input: f64,
    /// Tokens of the prompt that the server had computed before.
    pub cached_input: f64,
    /// Tokens of the reply, reasoning included.
    pub output: f64,
}

impl Price {
    /// What a reply costs; tokens the server does not tell of cost nothing here, and are counted as unmetered.
    pub fn of(&self, usage: &Usage) -> f64 {
        let tokens = |count: Option<u32>| f64::from(count.unwrap_or(0));
        let (prompt, completion) = (tokens(usage.prompt), tokens(usage.completion));
        self.of_tokens(prompt, tokens(usage.cached).min(prompt), completion)
    }

    /// What so many tokens of prompts, of them cached, and of replies cost.
    pub fn of_tokens(&self, prompt: f64, cached: f64, completion: f64) -> f64 {
        const MILLION: f64 = 1e6;
        ((prompt - cached) * self.input + cached * self.cached_input + completion * self.output) / MILLION
    }
}

/// From where a reply came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Origin {
    /// A server was asked in this session.
    #[default]
    Asked,
    /// An earlier session of the run had asked.
    Stored,
    /// Another run had asked; this one pays nothing.
    Cached,
}

/// What a reply took.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Bill {
    /// From where it came.
    pub origin: Origin,
    /// Money this run paid for it; `None` without prices.
    pub money: Option<f64>,
    /// Calls it took.
    pub attempts: u32,
}

/// A reply, as read, with its bill.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct BilledReply {
    /// Who answered.
    pub backbone: Backbone,
    /// What was read out of the reply.
    pub outcome: Outcome,
    /// Tokens it took; `None` where there was no reply.
    pub usage: Option<Usage>,
    /// What it cost.
    pub bill: Bill,
}

/// The replies of the current tick with their bills; filled in [`crate::tick::TickSystems::Interpret`], emptied by the
/// run.
#[derive(Resource, Default, Debug)]
pub struct Accounts(pub Vec<BilledReply>);

/// Sums over replies of one backbone, phase and outcome.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct TallyRow {
    /// Replies.
    pub replies: u64,
    /// Of these, from an earlier session of the run.
    pub from_earlier_sessions: u64,
    /// Of these, from the shared cache: not paid for by this run.
    pub from_cache: u64,
    /// Calls that were sent for them.
    pub calls: u64,
    /// Tokens of prompts this run paid for.
    pub prompt_tokens: u64,
    /// Of these, tokens the server had computed before.
    pub cached_tokens: u64,
    /// Tokens of replies this run paid for.
    pub completion_tokens: u64,
    /// Replies of which the server did not tell the tokens.
    pub unmetered: u64,
    /// Money this run paid; absent without prices.
    pub money: Option<f64>,
}

/// What a run's replies cost, by backbone, phase and outcome.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Tally(BTreeMap<(Backbone, u32, Outcome), TallyRow>);

impl Tally {
    /// Adds replies of a phase.
    pub fn add(&mut self, phase: u32, replies: &[BilledReply]) {
        for BilledReply { backbone, outcome, usage, bill } in replies {
            let row = self.0.entry((*backbone, phase, *outcome)).or_default();
            row.replies += 1;
            row.calls += u64::from(bill.attempts);
            if let Some(money) = bill.money {
                *row.money.get_or_insert(0.0) += money;
            }
            match bill.origin {
                Origin::Asked => {}
                Origin::Stored => row.from_earlier_sessions += 1,
                Origin::Cached => {
                    row.from_cache += 1;
                    continue;
                }
            }
            let Some(usage) = usage else {
                continue;
            };
            row.prompt_tokens += u64::from(usage.prompt.unwrap_or(0));
            row.cached_tokens += u64::from(usage.cached.unwrap_or(0));
            row.completion_tokens += u64::from(usage.completion.unwrap_or(0));
            row.unmetered += u64::from(usage.prompt.is_none() && bill.attempts > 0);
        }
    }

    /// The rows, by backbone, phase and outcome.
    pub fn rows(&self) -> impl Iterator<Item = (Backbone, u32, Outcome, &TallyRow)> {
        self.0.iter().map(|(&(backbone, phase, outcome), row)| (backbone, phase, outcome, row))
    }

    /// The sum of all rows.
    pub fn total(&self) -> TallyRow {
        let mut total = TallyRow::default();
        for row in self.0.values() {
            total.replies += row.replies;
            total.from_earlier_sessions += row.from_earlier_sessions;
            total.from_cache += row.from_cache;
            total.calls += row.calls;
            total.prompt_tokens += row.prompt_tokens;
            total.cached_tokens += row.cached_tokens;
            total.completion_tokens += row.completion_tokens;
            total.unmetered += row.unmetered;
            if let Some(money) = row.money {
                *total.money.get_or_insert(0.0) += money;
            }
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_tokens_cost_their_own_price_and_never_more_than_the_prompt_holds() {
        let price = Price { input: 2.0, cached_input: 0.5, output: 8.0 };
        let usage = Usage { prompt: Some(1_000_000), cached: Some(400_000), completion: Some(100_000) };
        assert!((price.of(&usage) - (1.2 + 0.2 + 0.8)).abs() < 1e-12);
        let odd = Usage { prompt: Some(10), cached: Some(50), completion: None };
        assert!((price.of(&odd) - 10.0 * 0.5 / 1e6).abs() < 1e-15);
    }

    #[test]
    fn what_came_from_a_cache_is_counted_and_free() {
        let usage = Usage { prompt: Some(10), cached: None, completion: Some(5) };
        let bill = |origin, money| Bill { origin, money, attempts: 1 };
        let reply = |bill| BilledReply { backbone: Backbone(0), outcome: Outcome::Answered, usage: Some(usage), bill };
        let mut tally = Tally::default();
        tally.add(
            0,
            &[
                reply(bill(Origin::Asked, Some(1.0))),
                reply(bill(Origin::Cached, Some(0.0))),
                reply(bill(Origin::Stored, Some(1.0))),
            ],
        );
        let total = tally.total();
        assert_eq!((total.replies, total.from_cache, total.from_earlier_sessions), (3, 1, 1));
        assert_eq!((total.prompt_tokens, total.completion_tokens, total.money), (20, 10, Some(2.0)));
    }
}
