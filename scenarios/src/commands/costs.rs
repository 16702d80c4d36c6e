//! `costs.json`: what a run took. With the store of replies and the log of calls, the only files with wall-clock facts.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use pluriverse_engine::exchange::{LaneSnapshot, Spent, TallyRow};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::record::manifest::RunStatus;
use serde::{Deserialize, Serialize};

use super::carry::Carried;
use crate::resolve::Resolved;

/// What a run took.
#[derive(Serialize)]
pub(super) struct Costs {
    /// Decisions by outcome.
    requests: BTreeMap<&'static str, u64>,
    /// Time of this session.
    wall_seconds: f64,
    /// Sessions so far, this one last.
    sessions: Vec<Session>,
    #[serde(skip_serializing_if = "Option::is_none")]
    models: Option<ModelCosts>,
}

/// One session of a run.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Session {
    wall_seconds: f64,
    /// Calls sent in it.
    calls: u64,
    /// Calls that were under way when sessions before it died: paid for, perhaps, and asked for again.
    #[serde(default)]
    lost_in_flight: u64,
    /// How it ended.
    end: String,
}

/// What language models took.
#[derive(Serialize)]
struct ModelCosts {
    /// Currency of all money; absent without prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    /// Replies by backbone, phase and outcome.
    replies: Vec<Item>,
    /// Their sums, over whole ticks.
    total: TallyRow,
    /// What was used up in all, ticks that were given up included.
    spent: Spent,
    /// Calls of sessions that ended without a word: killed, or cut off from power.
    calls_of_sessions_that_died: u64,
    /// Calls sent over all sessions, failed ones included.
    calls: u64,
    /// How calls went in this session, by backbone.
    backbones: Vec<Lane>,
    /// How servers were reached and asked.
    service: serde_json::Value,
}

#[derive(Serialize)]
struct Item {
    backbone: String,
    phase: u32,
    mechanism: &'static str,
    outcome: &'static str,
    #[serde(flatten)]
    sums: TallyRow,
}

#[derive(Serialize)]
struct Lane {
    backbone: String,
    calls: u64,
    failed_calls: BTreeMap<&'static str, u64>,
    /// Why requests failed for good, and how many for each reason.
    failed_requests: BTreeMap<String, u64>,
    most_in_flight: u64,
    latency_ms: Option<Latency>,
    calls_by_endpoint: BTreeMap<String, u64>,
}

#[derive(Serialize)]
struct Latency {
    median: u64,
    p95: u64,
    longest: u64,
}

impl Session {
    pub(super) fn of(carried: &Carried, took: Duration, status: &RunStatus) -> Self {
        Self {
            wall_seconds: took.as_secs_f64(),
            calls: carried.lanes.iter().map(|lane| lane.calls).sum(),
            lost_in_flight: carried.lost_in_flight,
            end: match status {
                RunStatus::Complete { .. } => "complete".to_owned(),
                RunStatus::Running => "running".to_owned(),
                RunStatus::Interrupted { reason, .. } => reason.clone(),
            },
        }
    }
}

impl Costs {
    pub(super) fn of(resolved: &Resolved, carried: &Carried, session: Session, directory: &Path) -> Self {
        let outcomes = &carried.summary.outcomes;
        let mut sessions = earlier_sessions(directory);
        let wall_seconds = session.wall_seconds;
        sessions.push(session);
        Self {
            requests: Outcome::ALL
                .into_iter()
                .map(|outcome| (outcome.name(), outcomes.get(outcome)))
                .filter(|&(_, count)| count > 0)
                .collect(),
            wall_seconds,
            models: (!carried.lanes.is_empty()).then(|| ModelCosts::of(resolved, carried, &sessions)),
            sessions,
        }
    }
}

/// What an interrupted run has written down of its sessions. One that was killed has written nothing.
fn earlier_sessions(directory: &Path) -> Vec<Session> {
    #[derive(Deserialize)]
    struct Before {
        #[serde(default)]
        sessions: Vec<Session>,
    }
    let text = std::fs::read_to_string(directory.join("costs.json")).unwrap_or_default();
    serde_json::from_str::<Before>(&text).map(|before| before.sessions).unwrap_or_default()
}

impl ModelCosts {
    fn of(resolved: &Resolved, carried: &Carried, sessions: &[Session]) -> Self {
        let told: u64 = sessions.iter().map(|session| session.calls).sum();
        let name =
            |backbone: usize| resolved.backbones.get(backbone).map(|(name, _)| name.to_string()).unwrap_or_default();
        let replies = carried.tally.rows().map(|(backbone, phase, outcome, sums)| Item {
            backbone: name(backbone.index()),
            phase,
            mechanism: resolved
                .arms
                .first()
                .and_then(|arm| arm.timeline.get(phase as usize))
                .map_or("", |design| design.mechanism()),
            outcome: outcome.name(),
            sums: *sums,
        });
        Self {
            currency: resolved.prices.as_ref().map(|prices| prices.currency.clone()),
            replies: replies.collect(),
            total: carried.tally.total(),
            spent: carried.spent,
            calls_of_sessions_that_died: carried.spent.requests.saturating_sub(told),
            calls: carried.spent.requests,
            backbones: carried.lanes.iter().map(|lane| Lane::of(name(lane.backbone.index()), lane)).collect(),
            service: resolved.service_json(),
        }
    }
}

impl Lane {
    fn of(backbone: String, lane: &LaneSnapshot) -> Self {
        Self {
            backbone,
            calls: lane.calls,
            failed_calls: lane.failed.iter().copied().collect(),
            failed_requests: lane.reasons.iter().map(|(reason, count)| (reason.to_string(), *count)).collect(),
            most_in_flight: lane.most_in_flight,
            latency_ms: lane.latency_ms.map(|[median, p95, longest]| Latency { median, p95, longest }),
            calls_by_endpoint: lane.endpoints.iter().map(|(name, calls)| (name.to_string(), *calls)).collect(),
        }
    }
}
