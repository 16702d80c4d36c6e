//! What observers need that a scenario names: the plane, and how the people of every culture would vote.

use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::voting::Leanings;
use pluriverse_engine::record::manifest::InputDigest;
use pluriverse_worlds::budgeting::vote::Election;
use pluriverse_worlds::budgeting::vote::jury::{HumanBallot, human_ballot};
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::plane::observe::PlaneSetting;
use pluriverse_worlds::plane::{Figures, Indicator, Indicators, Plane};
use pluriverse_worlds::survey::observe::Metric;

use super::inputs::{Inputs, note};
use crate::file::diagnose::Mistake;
use crate::file::schema::Scenario;
use crate::inputs::asset::{Asset, PLANES};
use crate::path;

/// The plane, where it is observed and can be.
pub(super) fn plane(
    scenario: &Scenario,
    base: &Path,
    inputs: &Inputs,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Option<Arc<PlaneSetting>> {
    let place = place_of(scenario, Metric::Plane)?;
    let spec = &scenario.plane;
    check_questions(place, scenario, inputs, mistakes);
    let figures = || path!["plane", "figures"];
    let asset = Asset::find(&PLANES, &spec.figures, base).map_err(|error| note(error, figures(), mistakes)).ok()?;
    digests.push(asset.digest());
    let read: Figures = asset.ron().map_err(|error| note(error, figures(), mistakes)).ok()?;
    let of_people = |code: &str| {
        let shares = |question: &str| inputs.reference.shares(code, question).map(Vec::as_slice);
        Some(Indicators::of_shares(shares))
    };
    match Plane::new(read, spec.edition, of_people) {
        Ok(plane) => Some(Arc::new(PlaneSetting { plane, partial: spec.partial, record: scenario.record.plane })),
        Err(fault) => {
            mistakes.push(Mistake::at(figures(), format!("{}: {fault}", asset.label)));
            None
        }
    }
}

/// Checks that enough of the questions are asked for anybody to be placed.
fn check_questions(place: usize, scenario: &Scenario, inputs: &Inputs, mistakes: &mut Vec<Mistake>) {
    let asked = |question: &&str| inputs.survey.position(question).is_some();
    let whole = Indicator::ALL.iter().filter(|indicator| indicator.questions().iter().all(&asked));
    let (whole, needed) = (whole.count(), scenario.plane.partial.needed());
    if whole >= needed {
        return;
    }
    let missing: Vec<&str> = Indicator::ALL
        .iter()
        .flat_map(|indicator| indicator.questions())
        .copied()
        .filter(|question| !asked(question))
        .collect();
    let (here, nowhere): (Vec<&str>, Vec<&str>) =
        missing.iter().partition(|question| inputs.whole_survey.position(question).is_some());
    let message = format!(
        "the plane needs {needed} indicators, the items asked give {whole}: {} {} not asked",
        missing.join(", "),
        if missing.len() == 1 { "is" } else { "are" },
    );
    let help = if nowhere.is_empty() {
        let ids: Vec<String> = here.iter().map(|id| format!("\"{id}\"")).collect();
        format!(
            "write `also_ask: [{}]`: asked in addition, and left out of every other measure; or let what is missing be \
             filled in, with `plane: (partial: FillFrom({}))`",
            ids.join(", "),
            whole.max(1)
        )
    } else {
        format!("survey {} has no {}: leave Plane out of `observe`", inputs.whole_survey.name, nowhere.join(", "))
    };
    mistakes.push(Mistake::at(path!["observe", place], message).help(help));
}

/// How the people of every culture would fill ballots in; empty where juries are not observed, or no item bears on a
/// project.
pub(super) fn human_ballots(
    scenario: &Scenario,
    inputs: &Inputs,
    elections: &[Arc<Election>],
    mistakes: &mut Vec<Mistake>,
) -> Vec<Arc<Vec<HumanBallot>>> {
    let Some(place) = place_of(scenario, Metric::Jury) else {
        return Vec::new();
    };
    if !scenario.timeline.iter().any(|phase| matches!(phase, crate::file::schema::Phase::Vote(_))) {
        let message = "a jury judges what a vote decides, and there is no vote in the timeline";
        mistakes
            .push(Mistake::at(path!["observe", place], message).help("add Vote() to the timeline, or leave Jury out"));
    }
    let of = |election: &Arc<Election>| {
        let leanings = Leanings::new(&election.paper, &inputs.survey, &inputs.whole_survey, &inputs.reference).ok();
        let bears = !election.paper.reasons.iter().all(Vec::is_empty);
        let leanings = leanings.filter(|_| bears);
        let cultures = inputs.cultures.codes().enumerate();
        let ballot = |(index, code): (usize, &str)| {
            let utilities = leanings.as_ref()?.of_people(code)?;
            Some(human_ballot(election, Culture(index as u16), &utilities))
        };
        Arc::new(cultures.filter_map(ballot).collect())
    };
    elections.iter().map(of).collect()
}

fn place_of(scenario: &Scenario, metric: Metric) -> Option<usize> {
    scenario.observe.iter().position(|observed| *observed == metric)
}
