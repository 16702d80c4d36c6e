//! The people of societies: profiles are drawn for agents from microdata or aggregate shares, or taken as given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pluriverse_agents::persona::{Persona, PersonaList, Personas, ProfileSource};
use pluriverse_agents::profile::marginals::Marginals;
use pluriverse_agents::profile::stance::Stance;
use pluriverse_agents::profile::{Dimensions, Profile};
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::seed::{Purpose, Streams};
use pluriverse_worlds::survey::Survey;

use super::AgentSpec;
use super::inputs::Inputs;
use super::personas::Telling;
use crate::file::diagnose::Mistake;
use crate::file::outline::{Path as Place, Step};
use crate::file::personas::PersonaSpec;
use crate::file::schema::{BackboneSpec, Member, Scenario};

/// Streams that draw personas: one draw an agent, the same in every arm and replicate of its society.
const PERSONAS: Purpose = Purpose("personas");

/// The people of a scenario while its societies are settled.
pub(super) struct People<'a> {
    pub(super) list: PersonaList,
    telling: Option<&'a Telling>,
    /// Aggregate shares, by culture.
    marginals: BTreeMap<Arc<str>, Marginals>,
    /// The personas of pools, by place of the microdata and culture, in the order of the pool.
    of_pools: BTreeMap<(usize, Arc<str>), Vec<Persona>>,
}

/// A member that is given personas, and where that is written.
struct Wanting<'a> {
    member: &'a Member,
    spec: &'a PersonaSpec,
    place: Place,
}

impl<'a> People<'a> {
    /// What members' personas are made from; what is wrong with it is written down.
    pub(super) fn new(
        scenario: &Scenario,
        inputs: &Inputs,
        telling: Option<&'a Telling>,
        mistakes: &mut Vec<Mistake>,
    ) -> Self {
        let wanting = wanting(scenario);
        check_members(&wanting, scenario, mistakes);
        let (marginals, of_pools) = (BTreeMap::new(), BTreeMap::new());
        let mut people = Self { list: PersonaList::default(), telling, marginals, of_pools };
        let Some(telling) = telling else { return people };
        check_given(&wanting, &telling.dimensions, mistakes);
        for Wanting { member, spec, place } in &wanting {
            match spec {
                PersonaSpec::Marginals => people.know_shares(member, place, inputs, mistakes),
                PersonaSpec::Microdata(_) | PersonaSpec::Given(_) => {}
            }
        }
        people.know_pools(&wanting, &inputs.survey);
        people
    }

    /// Takes up the shares of a member's cultures.
    fn know_shares(&mut self, member: &Member, place: &Place, inputs: &Inputs, mistakes: &mut Vec<Mistake>) {
        let Some(telling) = self.telling else { return };
        // Cultures that are unknown, or that the reference lacks, are told where members are resolved.
        let known = |code: &&str| inputs.cultures.by_code(code).is_some() && inputs.reference.has_culture(code);
        for code in member.codes().filter(known) {
            if self.marginals.contains_key(code) {
                continue;
            }
            match Marginals::new(&inputs.reference, code, &inputs.whole_survey, &telling.dimensions) {
                Ok(shares) => drop(self.marginals.insert(Arc::from(code), shares)),
                Err(fault) => mistakes.push(
                    Mistake::at(place.clone(), fault.to_string())
                        .help("write `personas: Given([…])` for cultures the reference says nothing of"),
                ),
            }
        }
    }

    /// Makes personas of the profiles of every pool that members draw from, so that drawing one is drawing a number.
    fn know_pools(&mut self, wanting: &[Wanting<'_>], survey: &Survey) {
        let Some(telling) = self.telling else { return };
        let stance = |profile: &Profile| Stance::of(profile, &telling.dimensions, survey);
        for (place, source) in telling.microdata.iter().enumerate() {
            let of_members =
                |one: &&Wanting<'_>| matches!(one.spec, PersonaSpec::Microdata(spec) if **spec == source.spec);
            let codes: BTreeSet<&str> = wanting.iter().filter(of_members).flat_map(|one| one.member.codes()).collect();
            for (code, pool) in source.pools.iter().filter(|(code, _)| codes.contains(&***code)) {
                let describe =
                    |profile: &Profile| self.list.describe(profile.clone(), ProfileSource::Microdata, stance);
                let personas = pool.entries().iter().map(|entry| &entry.profile).map(describe).collect();
                self.of_pools.insert((place, code.clone()), personas);
            }
        }
    }

    /// Gives the agents of a society their personas, in the order of their ids. `kinds` has the kind of each, `specs`
    /// where the personas of each kind come from.
    pub(super) fn settle(
        &mut self,
        agents: &mut [AgentSpec],
        (kinds, specs): (&[usize], &[Option<&PersonaSpec>]),
        (seed, society): (u64, &str),
        inputs: &Inputs,
    ) {
        let Some(telling) = self.telling else { return };
        let streams = Streams::new(seed, society, 0).of(PERSONAS);
        let stance = |profile: &Profile| Stance::of(profile, &telling.dimensions, &inputs.survey);
        let mut taken = vec![0_usize; specs.len()];
        for (id, (agent, &kind)) in (0..).zip(agents.iter_mut().zip(kinds)) {
            let Some(spec) = specs[kind] else { continue };
            let code = &inputs.cultures.profile(agent.culture).code;
            let mut rng = streams.stream(AgentId(id), 0);
            let drawn = match spec {
                PersonaSpec::Microdata(spec) => {
                    let place = telling.microdata.iter().position(|source| source.spec == **spec);
                    place.and_then(|place| {
                        let drawn = telling.microdata[place].pools.get(code)?.draw_place(&mut rng);
                        self.of_pools.get(&(place, code.clone()))?.get(drawn).copied()
                    })
                }
                PersonaSpec::Marginals => self.marginals.get(code).map(|shares| {
                    let profile = shares.draw(&telling.dimensions, &mut rng);
                    self.list.describe(profile, ProfileSource::Marginals, stance)
                }),
                PersonaSpec::Given(profiles) => {
                    let place = taken[kind] % profiles.len().max(1);
                    taken[kind] += 1;
                    let profile = profiles.get(place).cloned();
                    profile.map(|profile| self.list.describe(profile, ProfileSource::Given, stance))
                }
            };
            agent.persona = drawn.unwrap_or(agent.persona);
        }
    }

    /// What a reader of a society has to be told about where its personas come from.
    pub(super) fn notices(&self, population: &[Member], society: &str) -> Vec<String> {
        let Some(telling) = self.telling else { return Vec::new() };
        let whose = format!("society `{society}`");
        let mut notices = Vec::new();
        if population.iter().any(|member| member.personas == Some(PersonaSpec::Marginals)) {
            notices.push(format!(
                "Personas of {whose} are drawn from aggregate shares, item by item: what one person answers together \
                 (within-person correlation) is lost, and they have no demographics."
            ));
        }
        for member in population {
            let Some(PersonaSpec::Microdata(spec)) = &member.personas else { continue };
            let Some(source) = telling.source(spec) else { continue };
            for notice in source.notices(&whose, &member.codes().collect()) {
                if !notices.contains(&notice) {
                    notices.push(notice);
                }
            }
        }
        notices
    }

    /// The personas.
    pub(super) fn finish(self) -> Personas {
        self.list.finish(self.telling.map(|telling| telling.words.clone()))
    }
}

/// Where every persona stands on the items of a survey, by persona, as [`Stance::spoken`] has it.
pub(super) fn stances(personas: &Personas, dimensions: &Dimensions, survey: &Survey) -> Vec<Vec<(u16, f32)>> {
    if !personas.has_profiles() {
        return Vec::new();
    }
    let of = |persona| {
        let described = personas.described(persona)?;
        Some(Stance::of(&described.profile, dimensions, survey).spoken())
    };
    personas.all().map(|persona| of(persona).unwrap_or_default()).collect()
}

/// Every member that is given personas.
fn wanting(scenario: &Scenario) -> Vec<Wanting<'_>> {
    let each = scenario.members().filter_map(|(member, mut place)| {
        place.push(Step::from("personas"));
        Some(Wanting { member, spec: member.personas.as_ref()?, place })
    });
    each.collect()
}

fn check_members(wanting: &[Wanting<'_>], scenario: &Scenario, mistakes: &mut Vec<Mistake>) {
    for Wanting { member, spec, place } in wanting {
        if !member.persona.is_empty() {
            let message = "a member has either `persona`, a text for all its agents, or `personas`, one for each";
            mistakes.push(Mistake::at(place.clone(), message));
        }
        let backbone = scenario.backbones.0.iter().find(|(name, _)| *name == member.backbone);
        let problem = match backbone {
            Some((_, BackboneSpec::Recorded { .. })) => Some("answers from recordings, made without these personas"),
            Some((_, BackboneSpec::Panel(_))) => Some("is a panel, which answers through personas of its own"),
            _ => None,
        };
        if let Some(problem) = problem {
            let message = format!("backbone `{}` {problem}", member.backbone);
            mistakes.push(Mistake::at(place.clone(), message).help("leave `personas` out"));
        }
        match spec {
            PersonaSpec::Given(profiles) if profiles.is_empty() => {
                mistakes.push(Mistake::at(place.clone(), "nobody is given: write at least one profile"));
            }
            PersonaSpec::Given(profiles) if (profiles.len() as i64) > member.count.max(1) => {
                let (given, count) = (profiles.len(), member.count);
                let message = format!("{given} profiles are given to {count} of each culture: some would be nobody's");
                mistakes.push(Mistake::at(place.clone(), message).help(format!("write `count: {given}`")));
            }
            PersonaSpec::Given(_) | PersonaSpec::Microdata(_) | PersonaSpec::Marginals => {}
        }
    }
}

fn check_given(wanting: &[Wanting<'_>], dimensions: &Dimensions, mistakes: &mut Vec<Mistake>) {
    for Wanting { spec, place, .. } in wanting {
        let PersonaSpec::Given(profiles) = spec else { continue };
        for (index, profile) in profiles.iter().enumerate() {
            let mut place = place.clone();
            place.extend([Step::Index(0), Step::Index(index)]);
            let faults = profile.faults(dimensions);
            mistakes.extend(faults.iter().map(|fault| Mistake::at(place.clone(), fault.to_string())));
        }
    }
}
