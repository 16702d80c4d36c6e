//! Prompts of a platform: what an agent that reads words sees of it, and in which form it says what it does. What agents
//! wrote stands in JSON documents between [`OPENING`] and [`CLOSING`], and nowhere else.

mod data;
mod escape;
mod memory;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use pluriverse_worlds::culture::CultureProfile;
use pluriverse_worlds::platform::view::{Answered, Overview};
use serde::{Deserialize, Serialize};

use self::data::{Brought, Home, Memories, Unread};
use self::escape::block;
pub use self::escape::{CLOSING, OPENING};
pub use self::memory::{Deed, Excerpt, Remembered};
use super::schema::Left;
use crate::form::AnswerFormat;
use crate::template::{Template, TemplateError, compile};

/// The templates of a platform, as written in an asset. `{{` and `}}` stand for braces. `{data}` stands on a line of its
/// own, for the document with what agents wrote.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename = "PostPrompts", deny_unknown_fields)]
pub struct PostTemplates {
    /// Name of the set.
    pub name: Arc<str>,
    /// System prompt: where the model is and who it is to be. Variables: `country`, `demonym`, `persona`, `verbs`.
    pub system: String,
    /// What can be done, and how: plain text.
    pub verbs: String,
    /// What an agent sees when it wakes. Variable: `data`.
    pub wake: String,
    /// What it is told to go through, where there is a checklist. Variable: `items`.
    pub checklist: String,
    /// How much it may read, where it may. Variable: `reads`.
    pub reading: String,
    /// What it is to do. Variables: `actions`, `form`.
    pub task: String,
    /// What its reading brought. Variable: `data`.
    pub answered: String,
    /// Behind a reply that cannot be read. Variables: `data`, `form`.
    pub reformat: String,
    /// What it did and read before. Variable: `data`.
    pub memory: String,
    /// In which form it replies: plain text.
    pub forms: ActionFormTexts,
    /// A checklist after the platform's later instructions, in which answering comes first and posting last.
    pub late: Vec<String>,
    /// A checklist after the platform's early instructions, in which an agent thinks of posting on every visit.
    pub early: Vec<String>,
    /// Most characters that are shown of a text, whatever the scenario shows of it.
    #[serde(default = "excerpt")]
    pub excerpt: u32,
}

/// In which form actions are given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionFormTexts {
    /// JSON that nothing but the prompt asks for.
    pub plain: String,
    /// JSON that the server holds to a schema.
    pub schema: String,
}

const fn excerpt() -> u32 {
    10_000
}

/// The templates of a platform, checked and ready to be filled.
pub struct PostPrompts {
    system: Template,
    wake: Template,
    checklist: Template,
    reading: Template,
    task: Template,
    answered: Template,
    reformat: Template,
    memory: Template,
    verbs: String,
    form: String,
    excerpt: usize,
}

const SYSTEM: &[&str] = &["country", "demonym", "persona", "verbs"];
const DATA: &[&str] = &["data"];

impl PostPrompts {
    /// Checks the templates; every mistake at once.
    pub fn new(templates: &PostTemplates, format: AnswerFormat) -> Result<Self, Vec<TemplateError>> {
        let mut errors = Vec::new();
        let mut compile = |name, text: &str, variables: &[&str], required: &[&str]| {
            errors.extend(misplaced(name, text));
            compile(name, text, variables, required).unwrap_or_else(|mut found| {
                errors.append(&mut found);
                Template::default()
            })
        };
        let prompts = Self {
            system: compile("system", &templates.system, SYSTEM, &["verbs"]),
            wake: compile("wake", &templates.wake, DATA, DATA),
            checklist: compile("checklist", &templates.checklist, &["items"], &["items"]),
            reading: compile("reading", &templates.reading, &["reads"], &["reads"]),
            task: compile("task", &templates.task, &["actions", "form"], &["actions", "form"]),
            answered: compile("answered", &templates.answered, DATA, DATA),
            reformat: compile("reformat", &templates.reformat, &["data", "form"], &["form"]),
            memory: compile("memory", &templates.memory, DATA, DATA),
            verbs: templates.verbs.clone(),
            form: match format {
                AnswerFormat::Schema => &templates.forms.schema,
                _ => &templates.forms.plain,
            }
            .clone(),
            excerpt: templates.excerpt as usize,
        };
        let plain = [("verbs", &templates.verbs), ("forms", &prompts.form)];
        let items = templates.late.iter().chain(&templates.early).map(|item| ("checklist", item));
        errors.extend(plain.into_iter().chain(items).filter_map(|(name, text)| misplaced(name, text)));
        if errors.is_empty() { Ok(prompts) } else { Err(errors) }
    }

    /// The system prompt of an agent.
    pub fn system(&self, profile: &CultureProfile, persona: &str) -> String {
        let mut filled = self.system.fill(&[&profile.country, &profile.demonym, persona, &self.verbs]);
        filled.truncate(filled.trim_end().len());
        filled
    }

    /// The user prompt of an agent that wakes: what it remembers (a [`PostPrompts::recollection`]), what it sees, what it
    /// is to go through and how much it may do.
    pub fn wake(&self, overview: &Overview, checklist: &[impl AsRef<str>], left: Left, memory: Option<&str>) -> String {
        let seen = self.wake.fill(&[&block(&Home::new(overview, self.excerpt))]);
        let items = checklist.iter().enumerate().map(|(place, item)| format!("{}. {}", place + 1, item.as_ref()));
        let checklist = (!checklist.is_empty()).then(|| self.checklist.fill(&[&items.collect::<Vec<_>>().join("\n")]));
        let memory = memory.filter(|memory| !memory.is_empty()).map(str::to_owned);
        joined([memory, Some(seen), checklist].into_iter().chain(self.what_to_do(left)))
    }

    /// The user prompt behind a reply that read: what it brought, by verb, and how much may still be done.
    pub fn answered(&self, answered: &[(impl AsRef<str>, Answered)], left: Left) -> String {
        let brought = self.answered.fill(&[&block(&Brought::new(answered, self.excerpt))]);
        joined([Some(brought)].into_iter().chain(self.what_to_do(left)))
    }

    /// The user prompt behind a reply that cannot be read. Why it cannot is data too, since it may quote the reply.
    pub fn reformat(&self, why: &str) -> String {
        self.reformat.fill(&[&block(&Unread::new(why)), &self.form])
    }

    /// What an agent remembers, oldest first, to stand before a wake or a question of a survey; empty where there is
    /// nothing.
    pub fn recollection(&self, remembered: &[Remembered]) -> String {
        if remembered.is_empty() {
            return String::new();
        }
        self.memory.fill(&[&block(&Memories::new(remembered, self.excerpt))])
    }

    fn what_to_do(&self, left: Left) -> [Option<String>; 2] {
        let reading = (left.reads > 0).then(|| self.reading.fill(&[&left.reads.to_string()]));
        [reading, Some(self.task.fill(&[&left.actions.to_string(), &self.form]))]
    }
}

fn joined(blocks: impl Iterator<Item = Option<String>>) -> String {
    blocks.flatten().collect::<Vec<_>>().join("\n\n")
}

/// A text that would blur where data begins and ends.
fn misplaced(template: &'static str, text: &str) -> Option<TemplateError> {
    let wrong = text.lines().map(str::trim).find_map(|line| {
        if line == OPENING || line == CLOSING {
            return Some(format!("{line} is no line of a template: the line is written around {{data}}"));
        }
        let held = line.replace(' ', "");
        (held.contains("{data}") && held != "{data}").then(|| "{data} stands on a line of its own".to_owned())
    });
    wrong.map(|problem| TemplateError { template, problem })
}
