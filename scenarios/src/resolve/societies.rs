//! Populations: members become agents.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pluriverse_engine::agent::Backbone;
use pluriverse_engine::record::manifest::InputDigest;
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::exposure::design::{Placebo, Treatment, Update, Who};
use pluriverse_worlds::exposure::placebo::OtherAnswers;

use super::arms::ResolvedArm;
use super::examples::Examples;
use super::guests;
use super::inputs::{Inputs, note};
use super::networks::{self, Setting};
use super::other_run::OtherRun;
use super::people::People;
use super::{AgentSpec, ResolvedSociety};
use crate::file::diagnose::Mistake;
use crate::file::outline::{Path, Step};
use crate::file::schema::{BackboneSpec, Member, NetworkSpec, Scenario};
use crate::path;

/// Name of the society of a scenario that has only one.
pub(super) const ONLY_SOCIETY: &str = "society";

/// The place of the society that all others are set against.
pub(super) fn against(
    scenario: &Scenario,
    societies: &[ResolvedSociety],
    mistakes: &mut Vec<Mistake>,
) -> Option<usize> {
    let name = scenario.against.as_ref()?;
    let known = || scenario.societies.0.iter().map(|(name, _)| name.as_str());
    if !known().any(|known| known == name) {
        let message = format!("there is no society `{name}` to set others against");
        mistakes.push(Mistake::at(path!["against"], message).meant(name, known()));
    } else if known().count() < 2 {
        let message = format!("there is no other society to be set against `{name}`");
        mistakes.push(Mistake::at(path!["against"], message).help("leave `against` out, or add a society"));
    }
    societies.iter().position(|society| *society.name == **name)
}

/// The societies of a scenario, agents in order of their ids.
pub(super) fn resolve(
    scenario: &Scenario,
    base: &std::path::Path,
    inputs: &Inputs,
    arms: &[ResolvedArm],
    people: &mut People<'_>,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Vec<ResolvedSociety> {
    let others = other_runs(arms, base, inputs, digests, mistakes);
    let posted = guests::of_other_runs(arms, base, inputs, mistakes);
    let written = written(scenario, mistakes);
    let mut names = BTreeSet::new();
    let mut resolved = Vec::new();
    let mut examples = Examples::new(base, scenario.seed);
    for (name, population, network, place) in written {
        if name.trim().is_empty() || name.contains(char::is_control) {
            mistakes.push(Mistake::at(place.clone(), "a society needs a name, on one line"));
        }
        if !names.insert(name) {
            mistakes.push(Mistake::at(place.clone(), format!("two societies are called `{name}`")));
        }
        if population.is_empty() {
            let mut place = place.clone();
            place.push(Step::from("population"));
            mistakes.push(
                Mistake::at(place, format!("society `{name}` has an empty population"))
                    .help("add members, for example (culture: \"BRA\", backbone: …)")
                    .unless_mistaken(if scenario.population.is_some() { "population" } else { "societies" }),
            );
            continue;
        }
        let before = mistakes.len();
        let (mut kinds, mut sources) = (Vec::new(), Vec::new());
        for (index, member) in population.iter().enumerate() {
            let mut place = place.clone();
            place.extend(path!["population", index]);
            for (culture, backbone) in resolve_member(member, scenario, inputs, &place, mistakes) {
                let persona = people.list.intern(&examples.persona(member, culture, inputs, &place, mistakes));
                let spec = AgentSpec { culture, backbone, persona, drafting: member.drafting };
                kinds.push((spec, member.count.max(0) as u64));
                sources.push(member.personas.as_ref());
            }
        }
        refuse_recorded_clones(&kinds, scenario, inputs, &place, mistakes);
        let order = if total(&kinds, &place, mistakes) { interleave(&kinds) } else { Vec::new() };
        let mut agents: Vec<AgentSpec> = order.iter().map(|&kind| kinds[kind].0).collect();
        people.settle(&mut agents, (&order, &sources), (scenario.seed as u64, name), inputs);
        let cultures: Vec<Culture> = agents.iter().map(|agent| agent.culture).collect();
        let setting = Setting { inputs, reference: &scenario.reference, base, place: &place, society: name };
        let network =
            if agents.is_empty() { None } else { networks::resolve(network, &cultures, &setting, digests, mistakes) };
        check_arms(scenario, arms, &agents, inputs, &place, mistakes);
        let other = lined_up(arms, &others, name, &agents, inputs, mistakes);
        let guests = guests::of_society(&posted, name, mistakes);
        if mistakes.len() == before
            && let Some(network) = network
        {
            let mut strands = Strands::of(scenario, arms, &agents, name);
            strands.notices.extend(people.notices(population, name));
            if strands.arms.is_empty() && !arms.is_empty() {
                let message =
                    format!("no arm is left: society `{name}` answers from recordings, which hold exposure only");
                mistakes.push(Mistake::at(path!["arms"], message).help("add `Exposed`"));
            }
            resolved.push(ResolvedSociety { name: Arc::from(name), agents, network, strands, other, guests });
        }
    }
    digests.append(&mut examples.digests);
    resolved
}

/// The runs whose answers placebos show, by arm.
fn other_runs(
    arms: &[ResolvedArm],
    base: &std::path::Path,
    inputs: &Inputs,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Vec<Option<OtherRun>> {
    let read = |(index, arm): (usize, &ResolvedArm)| {
        let name = arm.other_run.as_ref()?;
        let run = OtherRun::read(name, base, inputs);
        run.map_err(|error| note(error, path!["arms", index], mistakes))
            .ok()
            .inspect(|run| digests.push(run.digest.clone()))
    };
    arms.iter().enumerate().map(read).collect()
}

/// Their answers lined up with the agents of a society, by arm and by replicate of the other run.
fn lined_up(
    arms: &[ResolvedArm],
    others: &[Option<OtherRun>],
    society: &str,
    agents: &[AgentSpec],
    inputs: &Inputs,
    mistakes: &mut Vec<Mistake>,
) -> Vec<Vec<OtherAnswers>> {
    let line_up = |index: usize| {
        let other = others[index].as_ref()?;
        let lined_up = other.lined_up(society, agents, inputs);
        lined_up.map_err(|error| note(error, path!["arms", index], mistakes)).ok()
    };
    (0..arms.len()).map(line_up).map(Option::unwrap_or_default).collect()
}

/// Arms that make no sense of a society of this size.
/// What agents are shown of each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Answers,
    Ballots,
}

fn check_arms(
    scenario: &Scenario,
    arms: &[ResolvedArm],
    agents: &[AgentSpec],
    inputs: &Inputs,
    place: &Path,
    mistakes: &mut Vec<Mistake>,
) {
    let n = agents.len();
    let classical = agents.iter().find_map(|agent| match scenario.backbones.0.get(agent.backbone.index()) {
        Some((name, BackboneSpec::NullModel { .. })) => Some(name),
        _ => None,
    });
    let answers = arms.iter().flat_map(|arm| arm.designs().map(move |design| (arm, design, Seen::Answers)));
    let ballots = arms.iter().flat_map(|arm| arm.shown_in_votes().map(move |design| (arm, design, Seen::Ballots)));
    for (arm, design, seen) in answers.chain(ballots) {
        let mut problem = None;
        if let Who::Sampled(wanted) = design.who
            && wanted as usize >= n
        {
            problem = Some(format!("arm `{}` shows {wanted} peers, and there are {n} agents in all", arm.name));
        }
        if let Some(name) = classical.filter(|_| design.update == Update::Sequential) {
            problem = Some(format!(
                "arm `{}` has agents act one after another, and the classical model of backbone `{name}` says itself when \
                 opinions move",
                arm.name
            ));
        }
        match design.treatment {
            Treatment::Placebo(Placebo::Donor) if n < 3 => {
                problem = Some(format!("arm `{}` needs a donor beside viewer and peer: at least 3 agents", arm.name));
            }
            Treatment::Placebo(Placebo::AcrossItems) if seen == Seen::Answers && inputs.survey.len() < 2 => {
                problem = Some(format!("arm `{}` shows answers to another item, and only one is asked", arm.name));
            }
            _ => {}
        }
        if let Some(problem) = problem {
            let mistake = Mistake::at(place.clone(), problem);
            if !mistakes.contains(&mistake) && n > 0 {
                mistakes.push(mistake);
            }
        }
    }
}

/// What of a society is run: which arms, how often, and what a reader has to be told about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Strands {
    /// Indices of the scenario's arms that are run.
    pub arms: Vec<usize>,
    /// How many replicates.
    pub replicates: u32,
    /// Why this is less than the scenario asks for.
    pub notices: Vec<String>,
}

impl Strands {
    /// Recordings hold one run of one arm: nothing else is made up for agents that answer from them.
    fn of(scenario: &Scenario, arms: &[ResolvedArm], agents: &[AgentSpec], society: &str) -> Self {
        let replicates = scenario.replicates.clamp(1, MOST_REPLICATES) as u32;
        let recorded = |agent: &AgentSpec| {
            matches!(scenario.backbones.0.get(agent.backbone.index()), Some((_, BackboneSpec::Recorded { .. })))
        };
        if !agents.iter().any(recorded) {
            return Self { arms: (0..arms.len()).collect(), replicates, notices: Vec::new() };
        }
        let kept: Vec<usize> =
            (0..arms.len()).filter(|&arm| arms[arm].treatment == Treatment::Exposed).take(1).collect();
        let mut notices = Vec::new();
        if kept.len() < arms.len() {
            let dropped = (0..arms.len()).filter(|arm| !kept.contains(arm)).map(|arm| format!("`{}`", arms[arm].name));
            notices.push(format!(
                "Society `{society}` answers from recordings, which hold exposure to the peers and nothing else: {} not run, \
                 and without a control there is no effect to tell.",
                are(&dropped.collect::<Vec<_>>()),
            ));
        }
        if replicates > 1 {
            notices.push(format!(
                "Society `{society}` answers from recordings, which hold one run: further replicates would be its copies, and \
                 1 of {replicates} is run."
            ));
        }
        Self { arms: kept, replicates: 1, notices }
    }
}

/// Replicates beyond which a number is taken for a slip.
pub(super) const MOST_REPLICATES: i64 = 10_000;

fn are(names: &[String]) -> String {
    format!("{} {}", names.join(", "), if names.len() == 1 { "is" } else { "are" })
}

/// Recordings hold one agent a culture: a second one of the same would be its copy, answer for answer.
fn refuse_recorded_clones(
    kinds: &[(AgentSpec, u64)],
    scenario: &Scenario,
    inputs: &Inputs,
    place: &Path,
    mistakes: &mut Vec<Mistake>,
) {
    let mut agents = BTreeMap::new();
    for (spec, count) in kinds {
        let recorded = matches!(scenario.backbones.0[spec.backbone.index()].1, BackboneSpec::Recorded { .. });
        if recorded {
            *agents.entry((spec.backbone, spec.culture)).or_insert(0) += count;
        }
    }
    for ((backbone, culture), _) in agents.into_iter().filter(|(_, count)| *count > 1) {
        let mut place = place.clone();
        place.push(Step::from("population"));
        let (name, code) = (&scenario.backbones.0[backbone.index()].0, &inputs.cultures.profile(culture).code);
        let message = format!("backbone `{name}` has recordings of one {code} agent, and a second would be its copy");
        mistakes.push(Mistake::at(place, message).help("write one agent a culture, with count 1"));
    }
}

/// Name, population and network of every society as written, and where it is written.
fn written<'a>(
    scenario: &'a Scenario,
    mistakes: &mut Vec<Mistake>,
) -> Vec<(&'a str, &'a [Member], &'a NetworkSpec, Path)> {
    match (&scenario.population, scenario.societies.0.is_empty()) {
        (Some(_), false) => {
            let message = "write either `societies` or, for a single one, `population`; not both";
            mistakes.push(Mistake::at(path!["population"], message));
            Vec::new()
        }
        (None, true) => {
            mistakes.push(
                Mistake::at(Path::new(), "the scenario has no society")
                    .help("write `population: [(culture: \"BRA\", backbone: …), …]`")
                    .unless_mistaken("population"),
            );
            Vec::new()
        }
        (Some(population), true) => {
            let network = scenario.network.as_ref().unwrap_or(&NetworkSpec::Complete);
            vec![(ONLY_SOCIETY, population, network, Path::new())]
        }
        (None, false) => {
            if scenario.network.is_some() {
                let message = "`network` belongs into each of the `societies`";
                mistakes.push(Mistake::at(path!["network"], message));
            }
            scenario
                .societies
                .0
                .iter()
                .map(|(name, society)| {
                    let place = path!["societies", name.as_str()];
                    (name.as_str(), society.population.as_slice(), &society.network, place)
                })
                .collect()
        }
    }
}

fn resolve_member(
    member: &Member,
    scenario: &Scenario,
    inputs: &Inputs,
    place: &Path,
    mistakes: &mut Vec<Mistake>,
) -> Vec<(pluriverse_worlds::culture::Culture, Backbone)> {
    let at = |field: &str| {
        let mut place = place.clone();
        place.push(Step::from(field));
        place
    };
    if member.count < 1 {
        mistakes.push(Mistake::at(at("count"), format!("a member counts at least 1 agent, not {}", member.count)));
    }
    let backbone = scenario.backbones.0.iter().position(|(name, _)| *name == member.backbone);
    if backbone.is_none() {
        let known = scenario.backbones.0.iter().map(|(name, _)| name.as_str());
        let message = format!("there is no backbone `{}`", member.backbone);
        mistakes.push(Mistake::at(at("backbone"), message).meant(&member.backbone, known).unless_mistaken("backbones"));
    }
    let codes: Vec<(&String, Path)> = match (&member.culture, member.cultures.is_empty()) {
        (Some(culture), true) => vec![(culture, at("culture"))],
        (None, false) => {
            let each = member.cultures.iter().enumerate();
            each.map(|(index, culture)| {
                let mut place = at("cultures");
                place.push(Step::Index(index));
                (culture, place)
            })
            .collect()
        }
        _ => {
            mistakes.push(Mistake::at(place.clone(), "a member has either `culture` or `cultures`"));
            Vec::new()
        }
    };
    codes
        .into_iter()
        .filter_map(|(code, place)| {
            let Some(culture) = inputs.cultures.by_code(code) else {
                let message = format!("there is no culture `{code}`");
                mistakes.push(Mistake::at(place, message).meant(code, inputs.cultures.codes()));
                return None;
            };
            if !inputs.reference.has_culture(code) {
                let known: Vec<&str> = inputs.reference.cultures().map(AsRef::as_ref).collect();
                let message = format!("the reference `{}` has no data for culture {code}", inputs.reference.name);
                mistakes.push(Mistake::at(place, message).help(format!("it has data for {}", known.join(", "))));
                return None;
            }
            backbone.map(|index| (culture, Backbone(index as u16)))
        })
        .collect()
}

/// Agents of a society at most: what a machine holds at some 900 bytes each, with a margin.
const MOST_AGENTS: u64 = 20_000_000;

/// Whether there are no more agents than a society holds.
fn total(kinds: &[(AgentSpec, u64)], place: &Path, mistakes: &mut Vec<Mistake>) -> bool {
    let total = kinds.iter().fold(0_u64, |total, (_, count)| total.saturating_add(*count));
    if total > MOST_AGENTS {
        let mut place = place.clone();
        place.push(Step::from("population"));
        mistakes.push(Mistake::at(place, format!("{total} agents: a society holds at most {MOST_AGENTS}")));
    }
    total <= MOST_AGENTS
}

/// Kinds of all agents, evenly mixed: the i-th of n agents of a kind stands at (2i + 1) / 2n of the way; equal places
/// go by kind. Exact in whole numbers.
fn interleave(kinds: &[(AgentSpec, u64)]) -> Vec<usize> {
    let mut order: Vec<(u64, u64, usize)> = kinds
        .iter()
        .enumerate()
        .flat_map(|(kind, &(_, count))| (0..count).map(move |index| (2 * index + 1, count, kind)))
        .collect();
    order.sort_unstable_by(|a, b| {
        let (left, right) = (u128::from(a.0) * u128::from(b.1), u128::from(b.0) * u128::from(a.1));
        left.cmp(&right).then(a.2.cmp(&b.2))
    });
    order.into_iter().map(|(.., kind)| kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pluriverse_agents::drafts::AnswerDrafting;
    use pluriverse_agents::persona::Persona;
    use pluriverse_worlds::culture::Culture;

    #[test]
    fn members_are_mixed_evenly_and_keep_their_counts() {
        let spec = |culture| AgentSpec {
            culture: Culture(culture),
            backbone: Backbone(0),
            persona: Persona(0),
            drafting: AnswerDrafting::Single,
        };
        let order = |kinds: &[(AgentSpec, u64)]| -> Vec<u16> {
            interleave(kinds).iter().map(|&kind| kinds[kind].0.culture.0).collect()
        };
        assert_eq!(order(&[(spec(0), 2), (spec(1), 2)]), [0, 1, 0, 1]);
        assert_eq!(order(&[(spec(0), 1), (spec(1), 4)]), [1, 1, 0, 1, 1]);
        assert_eq!(order(&[(spec(0), 1), (spec(1), 1), (spec(2), 1)]), [0, 1, 2]);
    }
}
