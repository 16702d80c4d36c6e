//! Alignment: how near an agent's answers lie to its population's (Align of arXiv 2606.05985, eq. 1 and 2).

use pluriverse_engine::agent::AgentId;

use super::distance::percent;
use crate::survey::reference::ReferenceSheet;
use crate::survey::sheet::AnswerSheets;

/// The alignment of one agent.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Alignment {
    /// 100·(1 − √Σ(x−μ)² / √ΣΔ²), or `None` without a comparable item.
    pub percent: Option<f64>,
    /// Items with an answer and with data.
    pub items: u32,
}

/// The alignment of an agent with a population's reference sheet, over the items with an answer and with data.
pub fn of_agent(sheets: &AnswerSheets, squared_spans: &[u32], agent: AgentId, reference: &ReferenceSheet) -> Alignment {
    of_values(squared_spans, reference, |item| sheets.get(agent, item).ok().map(f64::from))
}

/// The alignment of any sheet of values, such as a baseline, with a population's reference sheet.
pub fn of_values(squared_spans: &[u32], reference: &ReferenceSheet, value: impl Fn(usize) -> Option<f64>) -> Alignment {
    let (mut items, mut squared, mut maximum) = (0, 0.0, 0.0);
    for (item, (target, &span)) in reference.iter().zip(squared_spans).enumerate() {
        let Some(target) = target.filter(|_| span > 0) else {
            continue;
        };
        if let Some(value) = value(item) {
            items += 1;
            squared += (value - target) * (value - target);
            maximum += f64::from(span);
        }
    }
    Alignment {
        // 1 − distance first, then percent: the order in which the published figures are computed.
        percent: percent(squared, maximum).map(|distance| (1.0 - distance / 100.0) * 100.0),
        items,
    }
}
