//! The distance between two answer sheets: Div of arXiv 2606.05985, eq. 3.

use pluriverse_engine::agent::AgentId;

use crate::survey::reference::ReferenceSheet;
use crate::survey::sheet::{AnswerSheets, Cell};

/// The sums a distance is made of, over the items both sides answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SquaredDistance {
    /// Items both sides answered.
    pub common_items: u32,
    /// Σ (x − y)², in squared option steps.
    pub squared_sum: i64,
    /// Σ Δ² over the same items: what the sum could be at most.
    pub max_squared_sum: i64,
}

impl SquaredDistance {
    /// Σ(x−y)² and ΣΔ² as a distance in percent: 100·√Σ(x−y)² / √ΣΔ². `None` without a common item that can differ.
    pub fn percent(&self) -> Option<f64> {
        percent(self.squared_sum as f64, self.max_squared_sum as f64)
    }
}

/// 100·√`squared_sum` / √`max_squared_sum`, or `None` where nothing could differ.
pub(super) fn percent(squared_sum: f64, max_squared_sum: f64) -> Option<f64> {
    (max_squared_sum > 0.0).then(|| squared_sum.sqrt() / max_squared_sum.sqrt() * 100.0)
}

/// The distance between two agents of one society. `squared_spans` is Δ² of every item.
pub fn between_agents(sheets: &AnswerSheets, squared_spans: &[u32], a: AgentId, b: AgentId) -> SquaredDistance {
    if sheets.has_wide() {
        return between_wide(squared_spans, |item| Some((sheets.get(a, item).ok()?, sheets.get(b, item).ok()?)));
    }
    between_rows(sheets.row(a), sheets.row(b), squared_spans)
}

/// The distance between two rows without wide answers.
pub fn between_rows(a: &[Cell], b: &[Cell], squared_spans: &[u32]) -> SquaredDistance {
    let (mut common, mut squared, mut maximum) = (0_u32, 0_u32, 0_u32);
    // Branch-free so that it vectorises; 2¹⁶ items of span 219 still fit a u32.
    for ((&a, &b), &span) in a.iter().zip(b).zip(squared_spans) {
        let both = u32::from(a.byte() < Cell::FIRST_SPECIAL) & u32::from(b.byte() < Cell::FIRST_SPECIAL);
        let step = i32::from(a.byte()) - i32::from(b.byte());
        common += both;
        squared += both * (step * step) as u32;
        maximum += both * span;
    }
    SquaredDistance { common_items: common, squared_sum: i64::from(squared), max_squared_sum: i64::from(maximum) }
}

/// The distance between the sheets of two societies' agents (the same agent before and after, for instance).
pub fn between_sheets(
    before: &AnswerSheets,
    after: &AnswerSheets,
    squared_spans: &[u32],
    agent: AgentId,
) -> SquaredDistance {
    if before.has_wide() || after.has_wide() {
        return between_wide(squared_spans, |item| Some((before.get(agent, item).ok()?, after.get(agent, item).ok()?)));
    }
    between_rows(before.row(agent), after.row(agent), squared_spans)
}

fn between_wide(squared_spans: &[u32], pair: impl Fn(usize) -> Option<(i32, i32)>) -> SquaredDistance {
    let mut distance = SquaredDistance::default();
    for (item, &span) in squared_spans.iter().enumerate() {
        if let Some((a, b)) = pair(item).filter(|_| span > 0) {
            let step = i64::from(a) - i64::from(b);
            distance.common_items += 1;
            distance.squared_sum += step * step;
            distance.max_squared_sum += i64::from(span);
        }
    }
    distance
}

/// The distance between two populations' reference sheets, with the number of common items.
pub fn between_references(a: &ReferenceSheet, b: &ReferenceSheet, squared_spans: &[u32]) -> (Option<f64>, u32) {
    let (mut common, mut squared, mut maximum) = (0, 0.0, 0.0);
    for ((a, b), &span) in a.iter().zip(b).zip(squared_spans) {
        if let (Some(a), Some(b)) = (a, b) {
            common += 1;
            squared += (a - b) * (a - b);
            maximum += f64::from(span);
        }
    }
    (percent(squared, maximum), common)
}
