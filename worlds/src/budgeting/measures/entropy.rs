//! Figures of shares in double precision.

/// Counts as shares of their sum; `None` where there is nothing to share.
pub(super) fn shares(counts: &[u64]) -> Option<Vec<f64>> {
    let total: u128 = counts.iter().map(|&count| u128::from(count)).sum();
    (total > 0).then(|| counts.iter().map(|&count| count as f64 / total as f64).collect())
}

/// Shannon entropy −Σ p ln p, in nats; a share of 0 adds nothing.
pub(super) fn shannon(shares: &[f64]) -> f64 {
    -shares.iter().filter(|share| **share > 0.0).map(|share| share * libm::log(*share)).sum::<f64>()
}

/// Hill number of order 2, 1 / Σ p².
pub(super) fn hill2(shares: &[f64]) -> f64 {
    1.0 / shares.iter().map(|share| share * share).sum::<f64>()
}

/// Nats as bits.
pub(super) fn bits(nats: f64) -> f64 {
    nats / std::f64::consts::LN_2
}
