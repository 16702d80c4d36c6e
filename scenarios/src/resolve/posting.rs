//! Posting phases: ranges are checked, grammar and prompts are read.

use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::posting::grammar::{Grammar, TalkGrammar};
use pluriverse_agents::posting::prompt::{PostPrompts, PostTemplates};
use pluriverse_engine::record::manifest::InputDigest;
use pluriverse_worlds::exposure::design::{MemoryPolicy, Placebo, Treatment};
use pluriverse_worlds::platform::guests::Guests;
use pluriverse_worlds::platform::posting::{Posting, RecordImpressions};
use pluriverse_worlds::platform::ranker::Ranker;
use pluriverse_worlds::platform::rules::{OPENED, Rules};
use pluriverse_worlds::platform::schedule::WakeProbability;
use pluriverse_worlds::platform::wording::Wording;

use super::arms::ResolvedArm;
use super::inputs::{Inputs, note};
use crate::file::diagnose::Mistake;
use crate::file::posting::{Checklist, PostSpec};
use crate::file::schema::{BackboneSpec, Phase, Scenario};
use crate::inputs::asset::{Asset, GRAMMARS, POST_PROMPTS};
use crate::inputs::published::guests_of;
use crate::path;
use crate::shapes;

/// What posting phases need besides the scenario itself.
pub(super) struct Postings {
    /// Their set-ups, in order.
    pub(super) set_ups: Vec<Arc<Posting>>,
    /// How positions become words.
    pub(super) wording: Option<Arc<dyn Wording>>,
    /// Who was on the platform before it opened.
    pub(super) seeds: Guests,
    /// The prompts of agents that answer in text.
    pub(super) prompts: Option<Arc<PostPrompts>>,
}

/// The posting phases of a scenario, with their places in the timeline.
pub(super) fn specs(scenario: &Scenario) -> impl Iterator<Item = (usize, &PostSpec)> {
    scenario.timeline.iter().enumerate().filter_map(|(place, phase)| match phase {
        Phase::Post(spec) => Some((place, spec.as_ref())),
        Phase::Survey | Phase::Exposure { .. } | Phase::Vote(_) | Phase::Dilemmas(_) | Phase::Draft(_) => None,
    })
}

/// Reads and checks what posting phases need.
pub(super) fn resolve(
    scenario: &Scenario,
    base: &Path,
    inputs: &Inputs,
    arms: &[ResolvedArm],
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Postings {
    let mut resolved = Postings { set_ups: Vec::new(), wording: None, seeds: Guests::default(), prompts: None };
    if specs(scenario).next().is_none() {
        return resolved;
    }
    let templates = templates(scenario, base, digests, mistakes);
    resolved.prompts = templates.as_ref().and_then(|templates| prompts(templates, scenario, mistakes));
    for (place, spec) in specs(scenario) {
        check(place, spec, mistakes);
        check_backbones(place, scenario, mistakes);
        check_arms(arms, mistakes);
        if resolved.wording.is_none() {
            resolved.wording = grammar(place, spec, base, inputs, digests, mistakes);
        }
        if let Some(seeded) = &spec.seeded {
            let read = seeds(place, seeded, base, inputs, digests, mistakes);
            resolved.seeds = resolved.seeds.and(&read);
        }
        resolved.set_ups.push(Arc::new(posting(spec, templates.as_ref())));
    }
    resolved
}

fn templates(
    scenario: &Scenario,
    base: &Path,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Option<PostTemplates> {
    let found = Asset::find(&POST_PROMPTS, &scenario.post_prompts, base).and_then(|asset| {
        digests.push(asset.digest());
        asset.ron()
    });
    found.map_err(|error| note(error, path!["post_prompts"], mistakes)).ok()
}

fn prompts(templates: &PostTemplates, scenario: &Scenario, mistakes: &mut Vec<Mistake>) -> Option<Arc<PostPrompts>> {
    match PostPrompts::new(templates, scenario.answer.format) {
        Ok(prompts) => Some(Arc::new(prompts)),
        Err(errors) => {
            mistakes.extend(errors.iter().map(|error| Mistake::at(path!["post_prompts"], error.to_string())));
            None
        }
    }
}

fn posting(spec: &PostSpec, templates: Option<&PostTemplates>) -> Posting {
    let steps = match (&spec.checklist, templates) {
        (Checklist::Steps(steps), _) => steps.clone(),
        (Checklist::Late, Some(templates)) => templates.late.clone(),
        (Checklist::Early, Some(templates)) => templates.early.clone(),
        (Checklist::Late | Checklist::Early, None) => Vec::new(),
    };
    let seconds = |minutes: f64| libm::round(minutes * 60.0).clamp(0.0, f64::from(u32::MAX)) as u32;
    Posting {
        rounds: spec.rounds.clamp(1, i64::from(u32::MAX)) as u32,
        round: seconds(spec.minutes).max(1),
        heartbeat: spec.heartbeat,
        rules: Rules {
            limits: spec.limits,
            ranker: spec.ranker,
            repeated_vote: spec.repeated_vote,
            retention: spec.retention.map(|hours| seconds(hours * 60.0)),
            opened: OPENED,
            ..Rules::default()
        },
        votes: spec.votes,
        karma: spec.karma,
        extent: spec.extent,
        budget: spec.budget,
        sort: spec.sort,
        checklist: steps.into_iter().map(Arc::from).collect(),
        habits: spec.habits,
        proof: spec.proof,
        impressions: spec.impressions,
        words: spec.words,
        observe: spec.observe.clone(),
        every: spec.every.clamp(1, i64::from(u32::MAX)) as u32,
        window: spec.window.clamp(1, i64::from(u32::MAX)) as u32,
    }
}

/// Reads published posts and comments that are on the platform when it opens.
fn seeds(
    place: usize,
    folder: &str,
    base: &Path,
    inputs: &Inputs,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Guests {
    let at = || path!["timeline", place, "seeded"];
    match shapes::read(&base.join(folder)) {
        Ok(record) => {
            let last = Path::new(folder).file_name().map(|name| name.to_string_lossy().into_owned());
            let mut hasher = blake3::Hasher::new();
            for post in &record.posts {
                hasher.update(format!("{post:?}\n").as_bytes());
            }
            for comment in &record.comments {
                hasher.update(format!("{comment:?}\n").as_bytes());
            }
            let name = format!("posts of {}", last.unwrap_or_default());
            digests.push(InputDigest { name, blake3: hasher.finalize().to_hex().to_string() });
            guests_of(&record, &inputs.cultures)
        }
        Err(errors) => {
            mistakes.extend(errors.iter().map(|error| Mistake::at(at(), error.to_string())));
            Guests::default()
        }
    }
}

/// Checks the ranges of a phase's numbers.
fn check(place: usize, spec: &PostSpec, mistakes: &mut Vec<Mistake>) {
    let mut say = |field: &[&str], message: String, help: &str| {
        let mut at = path!["timeline", place];
        at.extend(field.iter().map(|&name| crate::file::outline::Step::from(name)));
        let mistake = Mistake::at(at, message);
        mistakes.push(if help.is_empty() { mistake } else { mistake.help(help) });
    };
    let beat = spec.heartbeat;
    if !(1.0 / 60.0..=10_080.0).contains(&spec.minutes) {
        say(&["minutes"], format!("a round takes from a second to a week, not {} minutes", spec.minutes), "");
    }
    if !(1.0 / 60.0..=10_080.0).contains(&beat.minutes) {
        let message = format!("agents wake every so many minutes, from a second to a week, not every {}", beat.minutes);
        say(&["heartbeat", "minutes"], message, "the published platform's agents do every 30 minutes");
    }
    if !(0.0..=0.5).contains(&beat.jitter) {
        let message = format!("a beat lies up to half a period off its time, not {} of one", beat.jitter);
        say(&["heartbeat", "jitter"], message, "");
    }
    match beat.wake {
        WakeProbability::Share(share) if !(0.0..=1.0).contains(&share) => {
            say(&["heartbeat", "wake"], format!("a probability lies from 0 to 1, not at {share}"), "");
        }
        WakeProbability::PowerLaw { exponent, least } if exponent <= 1.0 || !(least > 0.0 && least <= 1.0) => {
            let message =
                "a power law needs an exponent above 1 and a least probability above 0 and up to 1".to_owned();
            say(&["heartbeat", "wake"], message, "write PowerLaw(exponent: 1.7, least: 0.01)");
        }
        _ => {}
    }
    if beat.hours.is_some_and(|(from, to)| from > 23 || to > 24 || from == to) {
        say(&["heartbeat", "hours"], "hours of the day go from 0 to 24".to_owned(), "write hours: (8, 22)");
    }
    if spec.retention.is_some_and(|hours| !(hours * 60.0 >= spec.minutes && hours <= 1e6)) {
        say(&["retention"], "posts stay for at least a round, and for 1000000 hours at most".to_owned(), "");
    }
    if matches!(spec.memory, MemoryPolicy::Own(0) | MemoryPolicy::Seen(0)) {
        say(&["memory"], "a memory holds at least one round".to_owned(), "write None where nothing is remembered");
    }
    if !(1..=100).contains(&spec.budget.feed) {
        say(&["budget", "feed"], format!("a feed shows 1 to 100 posts, not {}", spec.budget.feed), "");
    }
    if !(1..=1_000).contains(&spec.budget.actions) || spec.budget.reads > 20 {
        say(&["budget"], "an agent does 1 to 1000 things when it wakes, and reads up to 20 times more".to_owned(), "");
    }
    if !(1..=1_000_000).contains(&spec.every) {
        say(&["every"], format!("it is measured every 1 to 1000000 rounds, not every {}", spec.every), "");
    }
    if !(10..=10_000_000).contains(&spec.window) {
        say(&["window"], format!("windows hold 10 to 10000000 words, not {}", spec.window), "");
    }
    if let Ranker::Best { z } = spec.ranker
        && !(z > 0.0 && z <= 10.0)
    {
        say(&["ranker"], format!("the quantile of an interval lies above 0 and up to 10, not at {z}"), "");
    }
    if spec.impressions == RecordImpressions::Sample(0) {
        say(&["impressions"], "nobody's impressions would be recorded".to_owned(), "write None if that is meant");
    }
    if let Ranker::OasisRandomTopK { k, of } = spec.ranker
        && !(1..=of).contains(&k)
    {
        say(&["ranker"], format!("{k} posts cannot be drawn from {of}"), "");
    }
    check_habits(place, spec, mistakes);
}

fn check_habits(place: usize, spec: &PostSpec, mistakes: &mut Vec<Mistake>) {
    let json = serde_json::to_value(spec.habits).unwrap_or_default();
    for (name, value) in json.as_object().into_iter().flatten() {
        let value = value.as_f64().unwrap_or(f64::NAN);
        if !(0.0..=1.0).contains(&value) {
            let at = path!["timeline", place, "habits", name.as_str()];
            mistakes.push(Mistake::at(at, format!("a probability lies from 0 to 1, not at {value}")));
        }
    }
    if !(spec.proof.votes >= 0.0 && spec.proof.karma >= 0.0) {
        let at = path!["timeline", place, "proof"];
        mistakes.push(Mistake::at(at, "votes and karma weigh nothing or something, not less"));
    }
}

/// Who can be on a platform at all.
fn check_backbones(place: usize, scenario: &Scenario, mistakes: &mut Vec<Mistake>) {
    let surveyed = scenario.timeline[..place].iter().any(|phase| matches!(phase, Phase::Survey));
    for (name, backbone) in &scenario.backbones.0 {
        let at = path!["timeline", place];
        match backbone {
            BackboneSpec::Recorded { .. } => {
                let message = format!("backbone `{name}` answers from recordings, and those hold no posts");
                mistakes.push(Mistake::at(at, message).help("take a surrogate or a language model"));
            }
            BackboneSpec::NullModel { .. } => {
                let message = format!("backbone `{name}` is a classical model, which says itself when opinions move");
                mistakes.push(Mistake::at(at, message).help("take a surrogate or a language model"));
            }
            BackboneSpec::Surrogate { .. } if !surveyed => {
                let message =
                    format!("agents of backbone `{name}` vote by their answers, and nothing was asked before");
                mistakes.push(Mistake::at(at, message).help("put Survey before the posting"));
            }
            BackboneSpec::Surrogate { .. }
            | BackboneSpec::OpenAi(_)
            | BackboneSpec::Scripted { .. }
            | BackboneSpec::Panel(_) => {}
        }
    }
}

/// Which placebos a platform knows.
fn check_arms(arms: &[ResolvedArm], mistakes: &mut Vec<Mistake>) {
    for (index, arm) in arms.iter().enumerate() {
        if let Treatment::Placebo(Placebo::Donor | Placebo::AcrossItems) = arm.treatment {
            let message =
                format!("arm `{}` shows other answers in the place of some, and posts are no answers", arm.name);
            let help = "write Placebo(OtherRun(\"…\")): posts of another run; or Placebo(Uniform): posts of strangers \
                        whose positions are drawn evenly";
            let mistake = Mistake::at(path!["arms", index], message).help(help);
            if !mistakes.contains(&mistake) {
                mistakes.push(mistake);
            }
        }
    }
}

fn grammar(
    place: usize,
    spec: &PostSpec,
    base: &Path,
    inputs: &Inputs,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Option<Arc<dyn Wording>> {
    let at = || path!["timeline", place, "grammar"];
    let asset = Asset::find(&GRAMMARS, &spec.grammar, base).map_err(|error| note(error, at(), mistakes)).ok()?;
    digests.push(asset.digest());
    let talk: TalkGrammar = asset.ron().map_err(|error| note(error, at(), mistakes)).ok()?;
    match Grammar::new(&talk, &inputs.survey.items, &inputs.cultures) {
        Ok(grammar) => Some(Arc::new(grammar)),
        Err(errors) => {
            mistakes.extend(errors.iter().map(|error| Mistake::at(at(), error.to_string())));
            None
        }
    }
}
