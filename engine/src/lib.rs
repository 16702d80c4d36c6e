//! The engine: *when* things happen and *what* crosses the borders.
//!
//! A tick runs once for every strand of a run (a society under one arm in one replicate), side by side:
//!
//! ```text
//! BeforeModel   Turn      who acts: everybody at once, or one agent a turn
//!               Perceive  worlds put in front of each acting agent what it may see
//!               Ask       agents without text answer here; the others queue a Request
//! await         Exchange  requests leave the worlds, are served concurrently, return in order
//! WithReplies   AskAgain  agents that could not read a reply may queue one more Request; back to the exchange
//! AfterTurn     Interpret replies become typed intents or typed failures
//!               Settle    what was decided can be seen in later turns; back to Turn while there are any
//! AfterModel    Resolve   worlds apply intents in agent order
//!               Observe   observers measure
//!               Record    events, observations and tables are handed to the recorder
//! then          Compare   arms are compared, and the tick is recorded whole
//! ```
//!
//! The engine names no culture, no survey, no prompt, and outside `openai` no vendor.

pub mod agent;
pub mod effect;
pub mod exchange;
pub mod journal;
pub mod observation;
#[cfg(feature = "openai")]
pub mod openai;
pub mod outcome;
pub mod record;
pub mod replies;
pub mod run;
pub mod seed;
pub mod simulation;
pub mod tick;
