//! Panels: personas are drawn or taken as written, put into words, and checked with the panel's constants.

use std::collections::BTreeSet;
use std::sync::Arc;

use pluriverse_agents::form::AnswerFormat;
use pluriverse_agents::kinds::panel::decision::{MOST_DRAWS, MOST_PASSES};
use pluriverse_agents::kinds::panel::{Panel, PanelPersona};
use pluriverse_agents::kinds::surrogate::model::{HumanPositions, Mind};
use pluriverse_agents::profile::Profile;
use pluriverse_agents::profile::marginals::Marginals;
use pluriverse_agents::profile::stance::Stance;
use pluriverse_engine::agent::Backbone;
use pluriverse_engine::seed::draw_by_name;
use pluriverse_worlds::panel::constants::{Blend, RunningPrior};
use pluriverse_worlds::panel::{PanelFault, PanelSettings};
use pluriverse_worlds::survey::Survey;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::ResolvedBackbone;
use super::inputs::Inputs;
use super::personas::Telling;
use crate::file::diagnose::Mistake;
use crate::file::outline::Step;
use crate::file::panel::{PanelPersonas, PanelSpec};
use crate::file::personas::MicrodataSpec;
use crate::file::schema::{BackboneSpec, Phase, Scenario};
use crate::path;

/// A panel of a scenario, for the cultures whose agents answer by it.
pub(super) fn resolve(
    name: &str,
    spec: &PanelSpec,
    scenario: &Scenario,
    inputs: &Inputs,
    telling: &Telling,
    cultures: &BTreeSet<Arc<str>>,
    human: &HumanPositions,
    mistakes: &mut Vec<Mistake>,
) -> Option<ResolvedBackbone> {
    let before = mistakes.len();
    let at = |field: &str| path!["backbones", name, field];
    let over = over(name, spec, scenario, mistakes);
    check_settings(name, spec, mistakes);
    check_options(name, spec, scenario, mistakes);
    if let Some((field, temperature)) = spec.dilemmas.problem() {
        let message = format!("{field}: gaps are divided by a finite number above 0, not by {temperature}");
        mistakes.push(Mistake::at(path!["backbones", name, "dilemmas", field], message));
    }
    if !(0.0..=1000.0).contains(&spec.smoothing) {
        let message = format!("a distribution is smoothed by 0 to 1000 replies, not by {}", spec.smoothing);
        mistakes.push(Mistake::at(at("smoothing"), message));
    }
    let (place, backbone) = over?;
    if in_words(backbone) {
        check_answers(name, scenario, mistakes);
        check_requests(name, spec, scenario, mistakes);
    }
    let drawing = Drawing { name, spec, scenario, inputs, telling, survey: &inputs.survey };
    let personas = drawing.personas(cultures, mistakes);
    if mistakes.len() > before {
        return None;
    }
    let panel = Panel {
        over: Backbone(place as u16),
        base: spec.base,
        smoothing: spec.smoothing,
        settings: settings(spec),
        judging: spec.dilemmas,
        personas,
    };
    let mind = mind_over(backbone, &panel, inputs, &inputs.survey, human);
    Some(ResolvedBackbone::Panel { panel: Arc::new(panel), mind })
}

/// What answers other items for a panel of surrogates, as those that are asked for a vote alone; `None` where its
/// voices are asked in words or something is wrong with it, which is told elsewhere.
pub(super) fn mind(
    name: &str,
    spec: &PanelSpec,
    scenario: &Scenario,
    inputs: &Inputs,
    telling: &Telling,
    survey: &Survey,
    human: &HumanPositions,
) -> Option<Arc<Mind>> {
    let (place, backbone) = over(name, spec, scenario, &mut Vec::new())?;
    let cultures: BTreeSet<Arc<str>> = inputs.cultures.codes().map(Arc::from).collect();
    let known = cultures.into_iter().filter(|code| inputs.reference.has_culture(code)).collect();
    let personas = Drawing { name, spec, scenario, inputs, telling, survey }.personas(&known, &mut Vec::new());
    let panel = Panel {
        over: Backbone(place as u16),
        base: spec.base,
        smoothing: spec.smoothing,
        settings: settings(spec),
        judging: spec.dilemmas,
        personas,
    };
    mind_over(backbone, &panel, inputs, survey, human)
}

/// The backbone a panel is over, and its place.
fn over<'a>(
    name: &str,
    spec: &PanelSpec,
    scenario: &'a Scenario,
    mistakes: &mut Vec<Mistake>,
) -> Option<(usize, &'a BackboneSpec)> {
    let place = scenario.backbones.0.iter().position(|(known, _)| *known == spec.over);
    let Some(place) = place else {
        let known = scenario.backbones.0.iter().map(|(known, _)| known.as_str()).filter(|known| *known != name);
        let message = format!("there is no backbone `{}` for the panel to be over", spec.over);
        mistakes.push(Mistake::at(path!["backbones", name, "over"], message).meant(&spec.over, known));
        return None;
    };
    let backbone = &scenario.backbones.0[place].1;
    let problem = match backbone {
        BackboneSpec::Surrogate { .. } | BackboneSpec::OpenAi(_) | BackboneSpec::Scripted { .. } => None,
        BackboneSpec::Panel(_) => Some("is a panel itself"),
        BackboneSpec::Recorded { .. } => Some("answers from recordings, and those hold no personas"),
        BackboneSpec::NullModel { .. } => Some("is a classical model, which has no personas"),
    };
    if let Some(problem) = problem {
        let message = format!("backbone `{}` {problem}", spec.over);
        let help = "a panel is over a Surrogate, an OpenAi or a Scripted backbone";
        mistakes.push(Mistake::at(path!["backbones", name, "over"], message).help(help));
        return None;
    }
    Some((place, backbone))
}

fn in_words(backbone: &BackboneSpec) -> bool {
    !matches!(backbone, BackboneSpec::Surrogate { .. })
}

/// The constants, with as many personas as are written where they are.
fn settings(spec: &PanelSpec) -> PanelSettings {
    match &spec.personas {
        PanelPersonas::Given(given) => PanelSettings { personas: given.len() as u32, ..spec.settings },
        PanelPersonas::Marginals | PanelPersonas::Microdata(_) => spec.settings,
    }
}

fn check_settings(name: &str, spec: &PanelSpec, mistakes: &mut Vec<Mistake>) {
    let settings = settings(spec);
    let at = |setting: &str| {
        let mut at = path!["backbones", name, "settings"];
        at.extend(setting.split('.').map(Step::from));
        at
    };
    if settings.personas < 2 {
        let (at, written) = match spec.personas {
            PanelPersonas::Given(_) => (path!["backbones", name, "personas"], "written"),
            PanelPersonas::Marginals | PanelPersonas::Microdata(_) => (at("personas"), "asked for"),
        };
        let message =
            format!("panel `{name}`: personas disagree where there are at least 2; {} is {written}", settings.personas);
        let help = "`settings: (personas: 4)` draws four, `personas: Given([(age: …), (age: …)])` are those written";
        mistakes.push(Mistake::at(at, message).help(help));
    } else if let Err(fault) = settings.check() {
        let at = match &fault {
            PanelFault::Setting { setting, .. } => at(setting),
            _ => path!["backbones", name, "settings"],
        };
        mistakes.push(Mistake::at(at, fault.to_string()));
    }
    let most = [
        ("personas", settings.personas, 1000),
        ("passes", settings.passes, MOST_PASSES),
        ("draws", settings.draws, MOST_DRAWS),
    ];
    for (field, value, most) in most {
        if value > most {
            mistakes.push(Mistake::at(at(field), format!("{field}: at most {most}, not {value}")));
        }
    }
}

/// Options that would have no part in what the agents of a society do are refused, not passed over.
fn check_options(name: &str, spec: &PanelSpec, scenario: &Scenario, mistakes: &mut Vec<Mistake>) {
    let judges = scenario.timeline.iter().any(|phase| matches!(phase, Phase::Dilemmas(_)));
    if matches!(spec.settings.blend, Blend::Safe(_)) && !judges {
        let message = format!("panel `{name}`: the safe blend is for log-odds of dilemmas, and none are judged here");
        let help = "leave `blend` out, or put Dilemmas() on the timeline";
        mistakes.push(Mistake::at(path!["backbones", name, "settings", "blend"], message).help(help));
    }
    if matches!(spec.settings.running_prior, RunningPrior::On(_)) && !judges {
        let message = format!("panel `{name}`: the running prior is for dilemmas, and none are judged here");
        let help = "leave `running_prior` out, or put Dilemmas() on the timeline";
        mistakes.push(Mistake::at(path!["backbones", name, "settings", "running_prior"], message).help(help));
    }
}

/// A panel corrects distributions: one reply a voice and order is none.
fn check_answers(name: &str, scenario: &Scenario, mistakes: &mut Vec<Mistake>) {
    let answer = &scenario.answer;
    let nothing_else = |phase: &Phase| matches!(phase, Phase::Dilemmas(_) | Phase::Draft(_));
    if scenario.timeline.iter().all(nothing_else) {
        return;
    }
    if answer.samples < 2 && !matches!(answer.format, AnswerFormat::Logprobs { .. }) {
        let message =
            format!("panel `{name}` corrects distributions over options, and a single reply says nothing of one");
        let help = "write `answer: (format: Logprobs())` where the server gives log-probabilities, or \
                    `answer: (samples: 5)`";
        mistakes.push(Mistake::at(path!["answer"], message).help(help));
    }
}

/// Requests of one decision are numbered with 16 bits.
fn check_requests(name: &str, spec: &PanelSpec, scenario: &Scenario, mistakes: &mut Vec<Mistake>) {
    let voices = (i64::from(settings(spec).personas) + 1).saturating_mul(scenario.answer.samples.max(1));
    let votes = scenario.timeline.iter().filter_map(|phase| match phase {
        Phase::Vote(vote) => Some(vote.samples.max(1)),
        Phase::Dilemmas(dilemmas) => Some(dilemmas.samples.max(1)),
        _ => None,
    });
    let most = voices.saturating_mul(votes.max().unwrap_or_default().max(2));
    if most > i64::from(u16::MAX) {
        let message =
            format!("panel `{name}` would send {most} requests for one decision, and at most 65535 are numbered");
        let help = "take fewer personas, `answer: (samples: …)` or ballots";
        mistakes.push(Mistake::at(path!["backbones", name, "settings"], message).help(help));
    }
}

fn mind_over(
    backbone: &BackboneSpec,
    panel: &Panel,
    inputs: &Inputs,
    survey: &Survey,
    human: &HumanPositions,
) -> Option<Arc<Mind>> {
    let BackboneSpec::Surrogate { preset, with } = backbone else {
        return None;
    };
    let parameters = inputs.presets.presets.get(preset.as_str())?.with(with);
    let mind = Mind::new(preset, &parameters, survey, human, &inputs.cultures);
    Some(Arc::new(mind.behind(panel, (preset, &parameters), survey, human, &inputs.cultures)))
}

/// What personas are drawn from.
struct Drawing<'a> {
    name: &'a str,
    spec: &'a PanelSpec,
    scenario: &'a Scenario,
    inputs: &'a Inputs,
    telling: &'a Telling,
    /// The items on which their stances are wanted.
    survey: &'a Survey,
}

impl Drawing<'_> {
    /// The personas of these cultures, by culture.
    fn personas(&self, cultures: &BTreeSet<Arc<str>>, mistakes: &mut Vec<Mistake>) -> Vec<Vec<PanelPersona>> {
        let all = self.inputs.cultures.codes();
        all.map(|code| {
            if !cultures.iter().any(|wanted| **wanted == *code) {
                return Vec::new();
            }
            let profiles = self.profiles(code, mistakes);
            profiles.iter().map(|profile| self.persona(profile)).collect()
        })
        .collect()
    }

    fn profiles(&self, code: &str, mistakes: &mut Vec<Mistake>) -> Vec<Profile> {
        let dimensions = &self.telling.dimensions;
        match &self.spec.personas {
            PanelPersonas::Given(given) => {
                for (index, profile) in given.iter().enumerate() {
                    for fault in profile.faults(dimensions) {
                        let at = path!["backbones", self.name, "personas", 0, index];
                        let mistake = Mistake::at(at, fault.to_string());
                        if !mistakes.contains(&mistake) {
                            mistakes.push(mistake);
                        }
                    }
                }
                given.clone()
            }
            PanelPersonas::Microdata(spec) => self.of_microdata(spec, code),
            PanelPersonas::Marginals => {
                let inputs = self.inputs;
                match Marginals::new(&inputs.reference, code, &inputs.whole_survey, dimensions) {
                    Ok(marginals) => {
                        let mut rng = self.stream(code);
                        let whole = std::iter::once(marginals.whole(dimensions));
                        whole.chain((0..self.others()).map(|_| marginals.draw(dimensions, &mut rng))).collect()
                    }
                    Err(fault) => {
                        mistakes.push(
                            Mistake::at(path!["backbones", self.name, "personas"], fault.to_string())
                                .help("write `personas: Given([…])` for cultures the reference does not hold"),
                        );
                        Vec::new()
                    }
                }
            }
        }
    }

    /// All of a culture as one profile, and others drawn from its cells by weight; where there are as many of them as
    /// cells, each cell once. What is wrong with the file is told where it is read.
    fn of_microdata(&self, spec: &MicrodataSpec, code: &str) -> Vec<Profile> {
        let dimensions = &self.telling.dimensions;
        let Some((source, pool)) = self.telling.source(spec).zip(self.telling.pool(spec, code)) else {
            return Vec::new();
        };
        let whole = source.read.cells.profile(code, &[], dimensions);
        let cells = pool.entries();
        if cells.len() == self.others() as usize {
            return whole.into_iter().chain(cells.iter().map(|entry| entry.profile.clone())).collect();
        }
        let mut rng = self.stream(code);
        whole.into_iter().chain((0..self.others()).map(|_| pool.draw(&mut rng).clone())).collect()
    }

    /// Draws for a culture's personas. A panel belongs to its scenario and seed: the same in every society, arm and
    /// replicate.
    fn stream(&self, code: &str) -> ChaCha8Rng {
        let seed = self.scenario.seed.to_string();
        ChaCha8Rng::seed_from_u64(draw_by_name(&["panel personas", &seed, self.name, code]))
    }

    /// How many personas stand beside that of the whole culture.
    fn others(&self) -> u32 {
        self.spec.settings.personas.clamp(1, 1000) - 1
    }

    fn persona(&self, profile: &Profile) -> PanelPersona {
        let Telling { dimensions, words, .. } = self.telling;
        PanelPersona { words: words.of(profile), stance: Arc::new(Stance::of(profile, dimensions, self.survey)) }
    }
}
