//! Treatment arms: what each society is put through, side by side.

use std::collections::BTreeSet;
use std::sync::Arc;

use pluriverse_engine::seed::SHARED_ARM;
use pluriverse_worlds::budgeting::vote::VoteDesign;
use pluriverse_worlds::exposure::ExposureDesign;
use pluriverse_worlds::exposure::Shown;
use pluriverse_worlds::exposure::design::{MemoryPolicy, OptionOrder, Placebo, Treatment, Who};
use pluriverse_worlds::platform::posting::PostDesign;
use pluriverse_worlds::survey::state::PhaseDesign;

use crate::comparison::BEFORE;
use crate::file::diagnose::Mistake;
use crate::file::outline::Path;
use crate::file::schema::{ArmDesign, ArmSpec, PlaceboSpec, Scenario, TreatmentSpec};
use crate::path;

/// Rounds of memory beyond which a number is taken for a slip.
const LONGEST_MEMORY: u32 = 1_000;

/// An arm ready to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResolvedArm {
    /// Its name.
    pub name: Arc<str>,
    /// Its treatment.
    pub treatment: Treatment,
    /// The phases' designs as it has them.
    pub timeline: Vec<PhaseDesign>,
    /// The run whose answers it shows.
    pub other_run: Option<String>,
}

impl ResolvedArm {
    /// What agents remember in it.
    pub fn memory(&self) -> MemoryPolicy {
        self.designs().map(|design| design.memory).max_by_key(|memory| memory.window()).unwrap_or_default()
    }

    /// Whether agents are on a platform in it.
    pub fn posts(&self) -> bool {
        self.timeline.iter().any(|phase| matches!(phase, PhaseDesign::Post(_)))
    }

    /// The designs of its exposure phases.
    pub fn designs(&self) -> impl Iterator<Item = &ExposureDesign> {
        self.timeline.iter().filter_map(|phase| match phase {
            PhaseDesign::Exposure(design) => Some(design),
            _ => None,
        })
    }

    /// The designs of what its votes show.
    pub fn shown_in_votes(&self) -> impl Iterator<Item = &ExposureDesign> {
        self.timeline.iter().filter_map(|phase| match phase {
            PhaseDesign::Vote(design) => design.showing.as_ref(),
            _ => None,
        })
    }
}

/// Whether a phase shows agents what others did, so that arms differ in it.
pub(super) fn shows(phase: &PhaseDesign) -> bool {
    match phase {
        PhaseDesign::Exposure(_) | PhaseDesign::Post(_) => true,
        PhaseDesign::Vote(design) => design.showing.is_some(),
        PhaseDesign::Survey(_) | PhaseDesign::Dilemmas(_) | PhaseDesign::Draft(_) => false,
    }
}

/// The arms of a scenario, from the phases as they are written.
pub(super) fn resolve(scenario: &Scenario, phases: &[PhaseDesign], mistakes: &mut Vec<Mistake>) -> Vec<ResolvedArm> {
    if scenario.arms.is_empty() {
        mistakes.push(Mistake::at(path!["arms"], "no arm is left to run").help("write `arms: [Exposed, ReAsk]`"));
    }
    let exposes = phases.iter().any(shows);
    if scenario.arms.len() > 1 && !exposes {
        mistakes.push(
            Mistake::at(
                path!["arms"],
                "arms differ in what agents are shown, and nothing in the timeline shows anything",
            )
            .help(
                "add `Exposure(rounds: 5)`, `Post(rounds: 48)` or a vote with `deliberation` to the timeline, or leave \
                 `arms` out",
            )
            .unless_mistaken("timeline"),
        );
    }
    let mut names = BTreeSet::new();
    let mut arms = Vec::new();
    for (index, spec) in scenario.arms.iter().enumerate() {
        let place = path!["arms", index];
        let (treatment, other_run) = treatment(spec);
        let own = own_design(spec);
        let name = own.map_or_else(|| treatment.name().to_owned(), |own| own.name.clone());
        check_name(&name, own, &mut names, &place, mistakes);
        let timeline: Vec<PhaseDesign> = phases.iter().map(|phase| of_arm(phase, treatment, own, scenario)).collect();
        let arm = ResolvedArm { name: Arc::from(name), treatment, timeline, other_run };
        check_designs(&arm, scenario, &place, mistakes);
        arms.push(arm);
    }
    arms
}

fn treatment(spec: &ArmSpec) -> (Treatment, Option<String>) {
    let placebo = |placebo: &PlaceboSpec| match placebo {
        PlaceboSpec::Donor => (Treatment::Placebo(Placebo::Donor), None),
        PlaceboSpec::AcrossItems => (Treatment::Placebo(Placebo::AcrossItems), None),
        PlaceboSpec::Uniform => (Treatment::Placebo(Placebo::Uniform), None),
        PlaceboSpec::OtherRun(path) => (Treatment::Placebo(Placebo::OtherRun), Some(path.clone())),
    };
    match spec {
        ArmSpec::Exposed => (Treatment::Exposed, None),
        ArmSpec::ReAsk => (Treatment::ReAsk, None),
        ArmSpec::Unlabelled => (Treatment::Unlabelled, None),
        ArmSpec::Placebo(shown) => placebo(shown),
        ArmSpec::Arm(own) => match &own.treatment {
            TreatmentSpec::Exposed => (Treatment::Exposed, None),
            TreatmentSpec::ReAsk => (Treatment::ReAsk, None),
            TreatmentSpec::Unlabelled => (Treatment::Unlabelled, None),
            TreatmentSpec::Placebo(shown) => placebo(shown),
        },
    }
}

fn own_design(spec: &ArmSpec) -> Option<&ArmDesign> {
    match spec {
        ArmSpec::Arm(own) => Some(own),
        ArmSpec::Exposed | ArmSpec::ReAsk | ArmSpec::Placebo(_) | ArmSpec::Unlabelled => None,
    }
}

fn check_name(
    name: &str,
    own: Option<&ArmDesign>,
    names: &mut BTreeSet<String>,
    place: &Path,
    mistakes: &mut Vec<Mistake>,
) {
    if name.trim().is_empty() || name.contains(char::is_control) || [SHARED_ARM, BEFORE].contains(&name) {
        let message = format!("an arm needs a name, on one line, that is not `{SHARED_ARM}` and not `{BEFORE}`");
        mistakes.push(Mistake::at(place.clone(), message));
    }
    if !names.insert(name.to_owned()) {
        let mistake = Mistake::at(place.clone(), format!("two arms are called `{name}`"));
        mistakes.push(if own.is_some() {
            mistake
        } else {
            mistake.help("give one of them a name of its own: Arm(name: …, treatment: …)")
        });
    }
}

fn of_arm(phase: &PhaseDesign, treatment: Treatment, own: Option<&ArmDesign>, scenario: &Scenario) -> PhaseDesign {
    let turned = |design: &ExposureDesign| turned(design, treatment, own, scenario);
    match phase {
        PhaseDesign::Exposure(design) => PhaseDesign::Exposure(turned(design)),
        PhaseDesign::Vote(design) => {
            PhaseDesign::Vote(VoteDesign { showing: design.showing.as_ref().map(turned), ..*design })
        }
        PhaseDesign::Post(design) => PhaseDesign::Post(PostDesign {
            treatment,
            memory: own.and_then(|own| own.memory).unwrap_or(design.memory),
            update: own.and_then(|own| own.update).unwrap_or(design.update),
            ..*design
        }),
        PhaseDesign::Survey(_) | PhaseDesign::Dilemmas(_) | PhaseDesign::Draft(_) => *phase,
    }
}

/// A design with the arm's treatment and knobs.
fn turned(
    design: &ExposureDesign,
    treatment: Treatment,
    own: Option<&ArmDesign>,
    scenario: &Scenario,
) -> ExposureDesign {
    let mut design = ExposureDesign { treatment, options: scenario.answer.options, ..*design };
    if let Some(own) = own {
        design.shown = own.shown.unwrap_or(design.shown);
        design.who = own.who.unwrap_or(design.who);
        design.order = own.order.unwrap_or(design.order);
        design.own = own.own.unwrap_or(design.own);
        design.memory = own.memory.unwrap_or(design.memory);
        design.update = own.update.unwrap_or(design.update);
        design.options = own.options.unwrap_or(design.options);
    }
    design
}

fn check_designs(arm: &ResolvedArm, scenario: &Scenario, place: &Path, mistakes: &mut Vec<Mistake>) {
    let mut say = |message: String, help: &str| {
        let mistake = Mistake::at(place.clone(), message).help(help);
        // Several phases may share a mistake.
        if !mistakes.contains(&mistake) {
            mistakes.push(mistake);
        }
    };
    if arm.shown_in_votes().any(|design| design.treatment == Treatment::Placebo(Placebo::OtherRun)) {
        say(
            format!("arm `{}` shows what another run recorded, and ballots of other runs are not read", arm.name),
            "take another placebo, or leave `deliberation` out",
        );
    }
    if arm.shown_in_votes().any(|design| design.who == Who::Sampled(0)) {
        say("nobody would be shown".to_owned(), "write ReAsk where that is meant");
    }
    for design in arm.designs() {
        let words = design.treatment.shows() && design.shown == Shown::Reply;
        let reordered = [scenario.answer.options, design.options].iter().any(|order| *order != OptionOrder::AsIs);
        if words && reordered {
            say(
                format!("arm `{}` shows whole replies, which name options by numbers of another order", arm.name),
                "write `shown: Answer`: the option is then named as the one who reads it is offered it",
            );
        }
        if words && matches!(design.treatment, Treatment::Placebo(Placebo::Uniform | Placebo::OtherRun)) {
            say(
                format!("arm `{}` has answers to show and no words that go with them", arm.name),
                "write `shown: Answer` in the phase, so that every arm shows the same",
            );
        }
        if !(0..=LONGEST_MEMORY).contains(&(design.memory.window() as u32))
            || matches!(design.memory, MemoryPolicy::Own(0) | MemoryPolicy::Seen(0))
        {
            say(
                format!("a memory holds 1 to {LONGEST_MEMORY} rounds, not {}", design.memory.window()),
                "write None where nothing is remembered",
            );
        }
        if design.who == Who::Sampled(0) {
            say("nobody would be shown".to_owned(), "write ReAsk where that is meant");
        }
    }
}
