//! Agents that draft their answers: who can, and how many drafts.

use pluriverse_agents::drafts::AnswerDrafting;
use pluriverse_agents::form::AnswerFormat;

use crate::file::diagnose::Mistake;
use crate::file::outline::Path;
use crate::file::schema::{BackboneSpec, Member, Scenario};
use crate::path;

/// Finds members whose drafting cannot be.
pub(super) fn check(scenario: &Scenario, mistakes: &mut Vec<Mistake>) {
    for (index, member) in scenario.population.iter().flatten().enumerate() {
        check_member(scenario, member, path!["population", index, "drafting"], mistakes);
    }
    for (name, society) in &scenario.societies.0 {
        for (index, member) in society.population.iter().enumerate() {
            check_member(
                scenario,
                member,
                path!["societies", name.as_str(), "population", index, "drafting"],
                mistakes,
            );
        }
    }
}

fn check_member(scenario: &Scenario, member: &Member, at: Path, mistakes: &mut Vec<Mistake>) {
    let Some(drafts) = member.drafting.drafts() else {
        return;
    };
    if !(2..=AnswerDrafting::MOST).contains(&drafts) {
        let message = format!("an answer is taken from 2 to {} drafts, not {drafts}", AnswerDrafting::MOST);
        mistakes.push(Mistake::at(at.clone(), message).help("the published sets hold 4"));
    }
    let name = &member.backbone;
    let Some((_, spec)) = scenario.backbones.0.iter().find(|(known, _)| known == name) else {
        return;
    };
    let why = match spec {
        BackboneSpec::Recorded { .. } => "answers from recordings, and those hold no drafts",
        BackboneSpec::NullModel { .. } => "is a classical model, which drafts nothing",
        BackboneSpec::Panel(_) => "is a panel, which weighs all options at once and drafts none",
        BackboneSpec::OpenAi(_) | BackboneSpec::Scripted { .. } => {
            if matches!(scenario.answer.format, AnswerFormat::Logprobs { .. }) {
                let message = format!(
                    "backbone `{name}` is read by the probabilities of its answer, and of a draft nobody knows them"
                );
                mistakes.push(Mistake::at(at, message).help("take another format: answer: (format: Boxed)"));
            }
            return;
        }
        BackboneSpec::Surrogate { .. } => return,
    };
    let mistake = Mistake::at(at, format!("backbone `{name}` {why}"));
    mistakes.push(mistake.help("take a surrogate or a language model, or leave out `drafting`"));
}
