//! Phases of dilemmas: sets are generated, human preferences and prompts are read, and what surrogates judge by is
//! worked out.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::form::AnswerFormat;
use pluriverse_agents::judging::DilemmaPrompts;
use pluriverse_agents::kinds::language_model::JudgingPrompts;
use pluriverse_agents::kinds::surrogate::dilemmas::DilemmaMind;
use pluriverse_agents::kinds::surrogate::model::Parameters;
use pluriverse_agents::template::TemplateError;
use pluriverse_engine::record::manifest::InputDigest;
use pluriverse_engine::seed::draw_by_name;
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::dilemmas::asked::DilemmaSet;
use pluriverse_worlds::dilemmas::{DilemmaSettings, HumanAmces, Scenario as Dilemma, generate};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::drafts::{Manner, manner, members, same_model};
use super::inputs::{Inputs, note};
use super::{ResolvedBackbone, ResolvedSociety};
use crate::file::diagnose::Mistake;
use crate::file::dilemmas::DilemmaSpec;
use crate::file::panel::PanelSpec;
use crate::file::schema::{BackboneSpec, Phase, Scenario};
use crate::inputs::asset::{AMCES, Asset, DILEMMA_PROMPTS};
use crate::inputs::dilemmas::amces;
use crate::path;

/// More pairs, controls or samples than this are taken for a slip.
const MOST: i64 = 1000;

/// Larger groups than this are taken for a slip.
const LARGEST_GROUP: i64 = 20;

/// What phases of dilemmas need besides the scenario itself.
#[derive(Default)]
pub(super) struct Dilemmas {
    /// Their sets, in order.
    pub(super) sets: Vec<Arc<DilemmaSet>>,
    /// What surrogates judge by, by set and backbone.
    pub(super) minds: Vec<Vec<Option<Arc<DilemmaMind>>>>,
    /// The prompts, where there is such a phase.
    pub(super) prompts: Option<JudgingPrompts>,
}

/// The phases of dilemmas, with their places in the timeline.
fn specs(scenario: &Scenario) -> impl Iterator<Item = (usize, &DilemmaSpec)> {
    scenario.timeline.iter().enumerate().filter_map(|(place, phase)| match phase {
        Phase::Dilemmas(spec) => Some((place, spec.as_ref())),
        Phase::Survey | Phase::Exposure { .. } | Phase::Vote(_) | Phase::Post(_) | Phase::Draft(_) => None,
    })
}

/// Resolves every phase of dilemmas.
pub(super) fn resolve(
    scenario: &Scenario,
    base: &Path,
    inputs: &Inputs,
    (societies, backbones): (&[ResolvedSociety], &[(Arc<str>, ResolvedBackbone)]),
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Dilemmas {
    let mut resolved = Dilemmas::default();
    for (place, spec) in specs(scenario) {
        if resolved.sets.is_empty() && resolved.prompts.is_none() {
            resolved.prompts = prompts(scenario, base, digests, mistakes);
            check_backbones(place, scenario, mistakes);
        }
        check_choices(place, spec, scenario, mistakes);
        check_judge(place, spec, scenario, mistakes);
        let (scenarios, human) =
            (scenarios(place, spec, scenario, mistakes), human(place, spec, base, digests, mistakes));
        let (Some(scenarios), Some(human)) = (scenarios, human) else {
            continue;
        };
        strangers(place, &human, inputs, societies, mistakes);
        let of_culture = |code| human.country(code).ok().cloned();
        let set = Arc::new(DilemmaSet { scenarios, humans: inputs.cultures.codes().map(of_culture).collect() });
        resolved.minds.push(minds(scenario, inputs, backbones, &set, &human));
        resolved.sets.push(set);
    }
    resolved
}

/// The scenarios of a phase: a function of the seed and of how many of them there are, so that two phases alike put the
/// same ones to everybody.
fn scenarios(
    place: usize,
    spec: &DilemmaSpec,
    scenario: &Scenario,
    mistakes: &mut Vec<Mistake>,
) -> Option<Vec<Dilemma>> {
    let before = mistakes.len();
    let mut check = |field: &str, what: &str, value: i64, least: i64, most: i64| {
        if !(least..=most).contains(&value) {
            let message = format!("{what}: {least} to {most}, not {value}");
            mistakes.push(Mistake::at(path!["timeline", place, field], message));
        }
    };
    check("pairs", "pairs of each dimension", spec.pairs, 1, MOST);
    check("controls", "controls", spec.controls, 0, MOST);
    check("largest_group", "characters of the largest group", spec.largest_group, 2, LARGEST_GROUP);
    check("samples", "replies to each scenario and order", spec.samples, 1, MOST);
    let exact = spec.judge.is_none() && matches!(scenario.answer.format, AnswerFormat::Logprobs { .. });
    if exact && spec.samples > 1 {
        let message = "log-probabilities are exact already: one reply to each scenario and order is enough";
        mistakes.push(Mistake::at(path!["timeline", place, "samples"], message).help("write `samples: 1`"));
    }
    if mistakes.len() > before {
        return None;
    }
    let settings = DilemmaSettings {
        pairs: spec.pairs as u32,
        controls: spec.controls as u32,
        largest_group: spec.largest_group as u32,
    };
    let seed = draw_by_name(&["dilemmas", &scenario.seed.to_string()]);
    generate(&settings, &mut ChaCha8Rng::seed_from_u64(seed))
        .map_err(|fault| mistakes.push(Mistake::at(path!["timeline", place], fault.to_string())))
        .ok()
}

fn human(
    place: usize,
    spec: &DilemmaSpec,
    base: &Path,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Option<HumanAmces> {
    let found = Asset::find(&AMCES, &spec.human, base).and_then(|asset| {
        digests.push(asset.digest());
        amces(&asset)
    });
    found.map_err(|error| note(error, path!["timeline", place, "human"], mistakes)).ok()
}

/// Names the cultures of agents that nobody can be compared with.
fn strangers(
    place: usize,
    human: &HumanAmces,
    inputs: &Inputs,
    societies: &[ResolvedSociety],
    mistakes: &mut Vec<Mistake>,
) {
    let cultures: BTreeSet<u16> =
        societies.iter().flat_map(|society| &society.agents).map(|agent| agent.culture.0).collect();
    let codes = cultures.into_iter().map(|culture| &inputs.cultures.profile(Culture(culture)).code);
    for code in codes.filter(|code| human.country(code).is_err()) {
        let known: Vec<&str> = human.countries.iter().map(|country| &*country.code).collect();
        let message = format!("nothing is known of what people of {code} prefer in dilemmas");
        mistakes.push(Mistake::at(path!["timeline", place, "human"], message).meant(code, known));
    }
}

/// Names the backbones whose agents cannot judge.
fn check_backbones(place: usize, scenario: &Scenario, mistakes: &mut Vec<Mistake>) {
    for (name, backbone) in &scenario.backbones.0 {
        let why = match backbone {
            BackboneSpec::Recorded { .. } => "answers from recordings, and those hold no dilemmas",
            BackboneSpec::NullModel { .. } => "follows a classical model of opinions, which says nothing on dilemmas",
            BackboneSpec::Surrogate { .. }
            | BackboneSpec::OpenAi(_)
            | BackboneSpec::Scripted { .. }
            | BackboneSpec::Panel(_) => continue,
        };
        let mistake = Mistake::at(path!["timeline", place], format!("backbone `{name}` {why}"));
        mistakes.push(mistake.help("take a surrogate or a language model in its place, or leave the phase out"));
    }
}

/// A judge is a language model that is not under test.
fn check_judge(place: usize, spec: &DilemmaSpec, scenario: &Scenario, mistakes: &mut Vec<Mistake>) {
    let Some(name) = &spec.judge else {
        return;
    };
    let find = |name: &str| scenario.backbones.0.iter().find(|(known, _)| known == name).map(|(_, spec)| spec);
    let at = || path!["timeline", place, "judge"];
    let Some(judge) = find(name) else {
        let known = scenario.backbones.0.iter().map(|(known, _)| known.as_str());
        mistakes.push(Mistake::at(at(), format!("there is no backbone `{name}`")).meant(name, known));
        return;
    };
    if manner(judge) != Manner::Words {
        let message = format!("backbone `{name}` cannot judge: it reads no texts");
        mistakes.push(Mistake::at(at(), message).help("answers in words are judged by a language model"));
        return;
    }
    let behind = |name: &str| match find(name) {
        Some(BackboneSpec::Panel(panel)) => panel.over.clone(),
        _ => name.to_owned(),
    };
    let tested: BTreeSet<String> = members(scenario).map(|member| behind(&member.backbone)).collect();
    let same = |tested: &&String| *tested == name || find(tested).is_some_and(|spec| same_model(judge, spec));
    if let Some(tested) = tested.iter().find(same) {
        let message = format!("`{name}` judges what `{tested}` says, and that is the same model");
        mistakes.push(Mistake::at(at(), message).help("take another model: judges favour what is like themselves"));
    }
}

/// A panel corrects log-odds: one choice in each order is none.
fn check_choices(place: usize, spec: &DilemmaSpec, scenario: &Scenario, mistakes: &mut Vec<Mistake>) {
    if spec.judge.is_some() || spec.samples > 1 || matches!(scenario.answer.format, AnswerFormat::Logprobs { .. }) {
        return;
    }
    let in_words = |panel: &PanelSpec| {
        let over = scenario.backbones.0.iter().find(|(name, _)| *name == panel.over);
        over.is_some_and(|(_, over)| matches!(over, BackboneSpec::OpenAi(_) | BackboneSpec::Scripted { .. }))
    };
    for (name, backbone) in &scenario.backbones.0 {
        if let BackboneSpec::Panel(panel) = backbone
            && in_words(panel)
        {
            let message = format!("panel `{name}` corrects log-odds, and a single choice says nothing of them");
            let help = "write `samples: 5`, or `answer: (format: Logprobs())` where the server gives log-probabilities";
            mistakes.push(Mistake::at(path!["timeline", place, "samples"], message).help(help));
        }
    }
}

fn prompts(
    scenario: &Scenario,
    base: &Path,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Option<JudgingPrompts> {
    let found = Asset::find(&DILEMMA_PROMPTS, &scenario.dilemma_prompts, base).and_then(|asset| {
        digests.push(asset.digest());
        asset.ron()
    });
    let templates = found.map_err(|error| note(error, path!["dilemma_prompts"], mistakes)).ok()?;
    let both = DilemmaPrompts::new(&templates, scenario.answer.format).and_then(|closed| {
        Ok(JudgingPrompts { closed: Arc::new(closed), open: Arc::new(DilemmaPrompts::open(&templates)?) })
    });
    let note_all = |errors: Vec<TemplateError>| {
        mistakes.extend(errors.iter().map(|error| Mistake::at(path!["dilemma_prompts"], error.to_string())));
    };
    both.map_err(note_all).ok()
}

/// What surrogates judge a set by, by backbone: `None` where a backbone is none, or a panel in words.
fn minds(
    scenario: &Scenario,
    inputs: &Inputs,
    backbones: &[(Arc<str>, ResolvedBackbone)],
    set: &DilemmaSet,
    human: &HumanAmces,
) -> Vec<Option<Arc<DilemmaMind>>> {
    let parameters = |spec: &BackboneSpec| match spec {
        BackboneSpec::Surrogate { preset, with } => {
            Some((preset.clone(), inputs.presets.presets.get(preset.as_str())?.with(with)))
        }
        _ => None,
    };
    let mind = |preset: &str, of: &Parameters| DilemmaMind::new(preset, of, set, human, &inputs.cultures);
    let of = |(name, spec): &(String, BackboneSpec)| match spec {
        BackboneSpec::Panel(spec) => {
            let (_, over) = scenario.backbones.0.iter().find(|(known, _)| *known == spec.over)?;
            let (preset, of) = parameters(over)?;
            let (_, resolved) = backbones.iter().find(|(known, _)| **known == **name)?;
            let panel = resolved.panel()?.clone();
            Some(Arc::new(mind(&preset, &of).behind(panel, (&preset, &of), set, human, &inputs.cultures)))
        }
        spec => parameters(spec).map(|(preset, of)| Arc::new(mind(&preset, &of))),
    };
    scenario.backbones.0.iter().map(of).collect()
}
