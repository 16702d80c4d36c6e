//! Drafting phases: prompts are read, judges are checked, and where surrogates stand is worked out.

use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::drafts::DraftPrompts;
use pluriverse_agents::kinds::surrogate::draft::Standpoints;
use pluriverse_agents::kinds::surrogate::model::{HumanPositions, Mind};
use pluriverse_engine::agent::Backbone;
use pluriverse_engine::record::manifest::InputDigest;
use pluriverse_worlds::drafting::{Drafting, EverydayPrompt, LabelledPair, Method};
use pluriverse_worlds::plane::QUESTIONS;

use super::answer_drafts;
use super::inputs::{Inputs, note};
use crate::file::diagnose::Mistake;
use crate::file::drafting::{DraftSpec, Labelled};
use crate::file::outline::{Path as Place, Step};
use crate::file::schema::{BackboneSpec, Member, Phase, Scenario};
use crate::inputs::asset::{Asset, Kind};
use crate::inputs::drafting::{self, DRAFT_PROMPTS, EVERYDAY, HUMANS, LABELLED};
use crate::path;

/// More candidates in one tick than this are taken for a slip.
const MOST_CANDIDATES: i64 = 5_000_000;

/// What drafting phases need besides the scenario itself.
#[derive(Default)]
pub(super) struct Drafts {
    /// Their set-ups, in order.
    pub(super) set_ups: Vec<Arc<Drafting>>,
    /// The prompts; `None` where nothing is drafted.
    pub(super) prompts: Option<Arc<DraftPrompts>>,
    /// Where surrogates stand, by backbone.
    pub(super) standpoints: Vec<Option<Arc<Standpoints>>>,
}

fn specs(scenario: &Scenario) -> impl Iterator<Item = (usize, &DraftSpec)> {
    scenario.timeline.iter().enumerate().filter_map(|(place, phase)| match phase {
        Phase::Draft(spec) => Some((place, spec.as_ref())),
        Phase::Survey | Phase::Exposure { .. } | Phase::Vote(_) | Phase::Post(_) | Phase::Dilemmas(_) => None,
    })
}

/// Everybody who lives in a scenario.
pub(super) fn members(scenario: &Scenario) -> impl Iterator<Item = &Member> {
    let single = scenario.population.iter().flatten();
    single.chain(scenario.societies.0.iter().flat_map(|(_, society)| &society.population))
}

/// Reads and checks what drafting phases need, and what agents that draft their answers do.
pub(super) fn resolve(
    scenario: &Scenario,
    base: &Path,
    inputs: &Inputs,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Drafts {
    let mut resolved = Drafts::default();
    answer_drafts::check(scenario, mistakes);
    let drafts_answers = members(scenario).any(|member| !member.drafting.is_single());
    if specs(scenario).next().is_none() && !drafts_answers {
        return resolved;
    }
    resolved.prompts = templates(scenario, base, digests, mistakes);
    for (place, spec) in specs(scenario) {
        let phase = Phases { scenario, base, place };
        resolved.set_ups.extend(phase.set_up(spec, digests, mistakes).map(Arc::new));
    }
    if let Some((place, _)) = specs(scenario).next() {
        resolved.standpoints = standpoints(scenario, inputs, place, mistakes);
    }
    resolved
}

fn templates(
    scenario: &Scenario,
    base: &Path,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Option<Arc<DraftPrompts>> {
    let found = Asset::find(&DRAFT_PROMPTS, &scenario.draft_prompts, base).and_then(|asset| {
        digests.push(asset.digest());
        drafting::templates(&asset)
    });
    let templates = found.map_err(|error| note(error, path!["draft_prompts"], mistakes)).ok()?;
    match DraftPrompts::new(&templates) {
        Ok(prompts) => Some(Arc::new(prompts)),
        Err(errors) => {
            mistakes.extend(errors.iter().map(|error| Mistake::at(path!["draft_prompts"], error.to_string())));
            None
        }
    }
}

/// One drafting phase.
struct Phases<'a> {
    scenario: &'a Scenario,
    base: &'a Path,
    place: usize,
}

/// In what a backbone answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    Words,
    Positions,
    Neither,
}

pub(super) fn manner(spec: &BackboneSpec) -> Manner {
    match spec {
        BackboneSpec::OpenAi(_) | BackboneSpec::Scripted { .. } => Manner::Words,
        BackboneSpec::Surrogate { .. } => Manner::Positions,
        BackboneSpec::Recorded { .. } | BackboneSpec::NullModel { .. } | BackboneSpec::Panel(_) => Manner::Neither,
    }
}

impl Phases<'_> {
    fn at(&self, field: &str) -> Place {
        path!["timeline", self.place, field]
    }

    fn find(&self, name: &str) -> Option<(Backbone, &BackboneSpec)> {
        let backbones = &self.scenario.backbones.0;
        let place = backbones.iter().position(|(known, _)| *known == name)?;
        Some((Backbone(place as u16), &backbones[place].1))
    }

    fn set_up(
        &self,
        spec: &DraftSpec,
        digests: &mut Vec<InputDigest>,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<Drafting> {
        let before = mistakes.len();
        self.check_numbers(spec, mistakes);
        self.check_population(mistakes);
        let backbones = self.backbones(spec, mistakes);
        let judge = self.judge(spec, mistakes);
        let prompts = self.prompts(spec, digests, mistakes);
        let labelled = self.labelled(spec, prompts.as_deref(), digests, mistakes);
        let humans = self.humans(spec, digests, mistakes);
        if mistakes.len() > before {
            return None;
        }
        Some(Drafting {
            prompts: prompts?,
            methods: spec.methods.clone(),
            size: spec.size as usize,
            sets: spec.sets as usize,
            backbones,
            judge,
            labelled,
            choosing: spec.choosing,
            surrogate: spec.surrogate,
            humans,
        })
    }

    fn check_numbers(&self, spec: &DraftSpec, mistakes: &mut Vec<Mistake>) {
        let mut say = |field: &str, message: String, help: &str| {
            let mistake = Mistake::at(self.at(field), message);
            mistakes.push(if help.is_empty() { mistake } else { mistake.help(help) });
        };
        if !(2..=16).contains(&spec.size) {
            say("size", format!("a set holds 2 to 16 candidates, not {}", spec.size), "the published sets hold 4");
        }
        if !(2..=1000).contains(&spec.sets) {
            let help = "a single set cannot tell correlation within sets from the mean of its prompt";
            say("sets", format!("each method makes 2 to 1000 sets a prompt, not {}", spec.sets), help);
        }
        if spec.methods.is_empty() {
            say("methods", "no method is named".to_owned(), "write methods: [Independent, Nc]");
        }
        let mut methods = spec.methods.clone();
        methods.sort_unstable();
        methods.dedup();
        if methods.len() < spec.methods.len() {
            say("methods", "a method is named twice".to_owned(), "");
        }
        let how = spec.surrogate;
        let sound = |value: f64, above: f64| value.is_finite() && value >= above && value <= 100.0;
        if !(sound(how.scatter, 0.0)
            && sound(how.diverse_scatter, 0.0)
            && sound(how.error, 0.0)
            && sound(how.band, 0.0))
        {
            say("surrogate", "scatter, error and band are numbers from 0 to 100".to_owned(), "");
        }
        let agents: i64 = members(self.scenario)
            .map(|member| member.count.max(0).saturating_mul(member.cultures.len().max(1) as i64))
            .fold(0, i64::saturating_add);
        // Twelve prompts at least stand for those that are not read yet.
        let prompts = if spec.only.is_empty() { 12 } else { spec.only.len() as i64 };
        let each = [prompts, spec.methods.len() as i64, spec.sets, spec.size];
        let candidates = each.into_iter().fold(agents, i64::saturating_mul);
        if candidates > MOST_CANDIDATES {
            let message = format!("{candidates} candidates or more: a tick holds at most {MOST_CANDIDATES}");
            say("sets", message, "take fewer agents, prompts (`only`), methods or sets");
        }
    }

    /// Who can draft at all.
    fn check_population(&self, mistakes: &mut Vec<Mistake>) {
        let used = |name: &String| members(self.scenario).any(|member| member.backbone == *name);
        for (name, spec) in self.scenario.backbones.0.iter().filter(|(name, _)| used(name)) {
            if manner(spec) == Manner::Neither {
                let why = match spec {
                    BackboneSpec::Recorded { .. } => "answers from recordings, and those hold no drafts",
                    BackboneSpec::Panel(_) => "is a panel, which weighs options and writes no replies",
                    _ => "is a classical model, which has opinions and no words for them",
                };
                let mistake = Mistake::at(path!["timeline", self.place], format!("backbone `{name}` {why}"));
                mistakes.push(mistake.help("take a surrogate or a language model"));
            }
        }
    }

    fn backbones(&self, spec: &DraftSpec, mistakes: &mut Vec<Mistake>) -> Vec<Backbone> {
        let wanted = spec.methods.contains(&Method::Backbones);
        if !wanted && !spec.backbones.is_empty() {
            let message = "backbones are listed, and no method draws from several";
            mistakes.push(Mistake::at(self.at("backbones"), message).help("add Backbones to `methods`"));
        }
        if !wanted {
            return Vec::new();
        }
        if spec.backbones.len() as i64 != spec.size {
            let message =
                format!("{} backbones are listed, and a set holds {} candidates", spec.backbones.len(), spec.size);
            let help = "list one a candidate: only sets of one size can be compared";
            mistakes.push(Mistake::at(self.at("backbones"), message).help(help));
        }
        let own: Vec<Manner> =
            members(self.scenario).filter_map(|member| Some(manner(self.find(&member.backbone)?.1))).collect();
        let mut found = Vec::new();
        for (index, name) in spec.backbones.iter().enumerate() {
            let mut at = self.at("backbones");
            at.push(Step::Index(index));
            let Some((backbone, spec)) = self.find(name) else {
                let known = self.scenario.backbones.0.iter().map(|(name, _)| name.as_str());
                mistakes.push(Mistake::at(at, format!("there is no backbone `{name}`")).meant(name, known));
                continue;
            };
            if own.iter().any(|own| *own != manner(spec)) {
                let message = format!("backbone `{name}` drafts in another way than some agents do");
                let help = "texts and positions do not make one set: take surrogates for surrogates, language models \
                            for language models";
                mistakes.push(Mistake::at(at, message).help(help));
                continue;
            }
            found.push(backbone);
        }
        found
    }

    fn judge(&self, spec: &DraftSpec, mistakes: &mut Vec<Mistake>) -> Option<Backbone> {
        let writing = |name: &str| self.find(name).is_some_and(|(_, spec)| manner(spec) == Manner::Words);
        let drafting = members(self.scenario).map(|member| member.backbone.as_str());
        let drafting = drafting.chain(spec.backbones.iter().map(String::as_str));
        let under_test: Vec<&str> = drafting.filter(|name| writing(name)).collect();
        let at = || self.at("judge");
        let Some(name) = &spec.judge else {
            if let Some(writer) = under_test.first() {
                let message = format!("backbone `{writer}` drafts in words, and nobody judges them");
                let help = "name a backbone that is another model: judge: Some(\"…\")";
                mistakes.push(Mistake::at(path!["timeline", self.place], message).help(help));
            }
            return None;
        };
        let Some((judge, judged_by)) = self.find(name) else {
            let known = self.scenario.backbones.0.iter().map(|(name, _)| name.as_str());
            mistakes.push(Mistake::at(at(), format!("there is no backbone `{name}`")).meant(name, known));
            return None;
        };
        if manner(judged_by) != Manner::Words {
            let message = format!("backbone `{name}` cannot judge: it reads no texts");
            let help = "surrogates are judged without one; texts are judged by a language model";
            mistakes.push(Mistake::at(at(), message).help(help));
            return None;
        }
        let same =
            |tested: &&&str| **tested == name || self.find(tested).is_some_and(|(_, spec)| same_model(judged_by, spec));
        if let Some(tested) = under_test.iter().find(same) {
            let message = if *tested == name {
                format!("backbone `{name}` is under test and cannot be the judge")
            } else {
                format!("backbone `{name}` is the same model at the same server as `{tested}`, which is under test")
            };
            mistakes.push(Mistake::at(at(), message).help("take another model: judges favour what is like themselves"));
            return None;
        }
        Some(judge)
    }

    fn prompts(
        &self,
        spec: &DraftSpec,
        digests: &mut Vec<InputDigest>,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<Vec<EverydayPrompt>> {
        let asset = self.asset(&EVERYDAY, &spec.prompts, "prompts", digests, mistakes)?;
        let all = drafting::everyday(&asset).map_err(|error| note(error, self.at("prompts"), mistakes)).ok()?;
        for (index, id) in spec.only.iter().enumerate() {
            let mut at = self.at("only");
            at.push(Step::Index(index));
            if !all.iter().any(|prompt| *prompt.id == **id) {
                let known = all.iter().map(|prompt| &*prompt.id);
                mistakes.push(Mistake::at(at, format!("there is no everyday prompt `{id}`")).meant(id, known));
            }
        }
        let wanted = |prompt: &EverydayPrompt| spec.only.is_empty() || spec.only.iter().any(|id| **id == *prompt.id);
        Some(all.into_iter().filter(wanted).collect())
    }

    fn labelled(
        &self,
        spec: &DraftSpec,
        prompts: Option<&[EverydayPrompt]>,
        digests: &mut Vec<InputDigest>,
        mistakes: &mut Vec<Mistake>,
    ) -> Vec<LabelledPair> {
        match &spec.labelled {
            Labelled::Nothing => Vec::new(),
            Labelled::Contrasts => prompts.into_iter().flatten().flat_map(EverydayPrompt::labelled).collect(),
            Labelled::File(path) => {
                let asset = self.asset(&LABELLED, path, "labelled", digests, mistakes);
                let read = asset.map(|asset| drafting::labelled(&asset));
                let noted = read.and_then(|read| read.map_err(|error| note(error, self.at("labelled"), mistakes)).ok());
                noted.unwrap_or_default()
            }
        }
    }

    fn humans(
        &self,
        spec: &DraftSpec,
        digests: &mut Vec<InputDigest>,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<Arc<Vec<[f64; 2]>>> {
        let asset = self.asset(&HUMANS, spec.humans.as_ref()?, "humans", digests, mistakes)?;
        drafting::humans(&asset).map_err(|error| note(error, self.at("humans"), mistakes)).ok().map(Arc::new)
    }

    fn asset(
        &self,
        kind: &Kind,
        name: &str,
        field: &str,
        digests: &mut Vec<InputDigest>,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<Asset> {
        let found = Asset::find(kind, name, self.base).map_err(|error| note(error, self.at(field), mistakes)).ok()?;
        digests.push(found.digest());
        Some(found)
    }
}

/// Whether two backbones are one model at one server.
pub(super) fn same_model(one: &BackboneSpec, other: &BackboneSpec) -> bool {
    let (BackboneSpec::OpenAi(one), BackboneSpec::OpenAi(other)) = (one, other) else {
        return false;
    };
    let plain = |address: &String| address.trim_end_matches('/').to_lowercase();
    let addresses: Vec<String> = one.addresses().map(plain).collect();
    one.model == other.model && other.addresses().any(|address| addresses.contains(&plain(address)))
}

/// Where surrogates stand, by backbone.
fn standpoints(
    scenario: &Scenario,
    inputs: &Inputs,
    place: usize,
    mistakes: &mut Vec<Mistake>,
) -> Vec<Option<Arc<Standpoints>>> {
    let surrogate = |(_, spec): &&(String, BackboneSpec)| manner(spec) == Manner::Positions;
    let Some((name, _)) = scenario.backbones.0.iter().find(surrogate) else {
        return Vec::new();
    };
    let asked = inputs.whole_survey.filtered(|item| QUESTIONS.contains(&&*item.id));
    let lacking: Vec<&str> = QUESTIONS.into_iter().filter(|id| asked.position(id).is_none()).collect();
    if !lacking.is_empty() {
        let message = format!(
            "agents of backbone `{name}` draft from where they stand on the map, and the survey lacks {}",
            lacking.join(", ")
        );
        mistakes.push(Mistake::at(path!["timeline", place], message).help("take the survey `wvs7-values`"));
        return Vec::new();
    }
    let figures = match drafting::plane() {
        Ok(figures) => figures,
        Err(error) => {
            note(error, path!["timeline", place], mistakes);
            return Vec::new();
        }
    };
    let human = HumanPositions::new(&asked, &inputs.reference, &inputs.cultures);
    let of = |spec: &BackboneSpec| {
        let BackboneSpec::Surrogate { preset, with } = spec else {
            return None;
        };
        let parameters = inputs.presets.presets.get(preset.as_str())?.with(with);
        let mind = Mind::new(preset, &parameters, &asked, &human, &inputs.cultures);
        Standpoints::new(&mind, &asked, &inputs.reference, &inputs.cultures, &figures.projection).map(Arc::new)
    };
    scenario.backbones.0.iter().map(|(_, spec)| of(spec)).collect()
}
