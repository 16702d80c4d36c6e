//! The timeline unfolded into ticks.

use std::sync::Arc;

use pluriverse_engine::tick::PlannedTick;
use pluriverse_worlds::exposure::ExposureDesign;
use pluriverse_worlds::exposure::design::OptionOrder;
use pluriverse_worlds::survey::state::PhaseDesign;

use crate::file::diagnose::Mistake;
use crate::file::schema::Phase;
use crate::path;

/// More rounds than this are taken for a slip.
const MOST_ROUNDS: i64 = 100_000;

/// The phases' designs, before any arm turns them otherwise, and the ticks they unfold to: one a survey, one an
/// exposure round.
pub(super) fn unfold(
    phases: &[Phase],
    options: OptionOrder,
    mistakes: &mut Vec<Mistake>,
) -> (Vec<PhaseDesign>, Vec<PlannedTick>) {
    if phases.is_empty() {
        mistakes.push(
            Mistake::at(path!["timeline"], "nothing happens in an empty timeline")
                .help("begin with Survey")
                .unless_mistaken("timeline"),
        );
    }
    let mut designs = Vec::new();
    let mut plan = Vec::new();
    let mut round = 0;
    for (index, phase) in phases.iter().enumerate() {
        let (design, ticks) = match *phase {
            Phase::Survey => (PhaseDesign::Survey(options), 1),
            Phase::Exposure { rounds, shown, who, order, own, memory, update } => {
                if !(1..=MOST_ROUNDS).contains(&rounds) {
                    let message = format!("an exposure has from 1 to {MOST_ROUNDS} rounds, not {rounds}");
                    mistakes.push(Mistake::at(path!["timeline", index, "rounds"], message));
                }
                if index == 0 {
                    mistakes.push(
                        Mistake::at(path!["timeline", index], "an exposure needs answers to show")
                            .help("put Survey before it")
                            .unless_mistaken("timeline"),
                    );
                }
                // Treatment and order of options are the arm's.
                let design = ExposureDesign { shown, who, order, own, memory, update, ..ExposureDesign::default() };
                (PhaseDesign::Exposure(design), rounds.clamp(0, MOST_ROUNDS))
            }
        };
        for _ in 0..ticks {
            if matches!(design, PhaseDesign::Exposure(_)) {
                round += 1;
            }
            plan.push(PlannedTick { phase: index as u32, mechanism: Arc::from(design.mechanism()), round });
        }
        designs.push(design);
    }
    (designs, plan)
}
