//! What is measured on a platform, round by round.

/// How the names of its metrics begin.
pub const PLATFORM: &str = "platform_";
