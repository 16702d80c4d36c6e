//! Prompts of a vote: the ballot paper in words, and what others marked on theirs.

use std::sync::Arc;

use pluriverse_worlds::budgeting::exact::decimal;
use pluriverse_worlds::budgeting::vote::design::Election;
use pluriverse_worlds::budgeting::vote::form::{BallotForm, Named};
use pluriverse_worlds::budgeting::vote::showing::ShownBallot;
use pluriverse_worlds::budgeting::{Ballot, Instance};
use pluriverse_worlds::culture::{CultureProfile, Cultures};
use serde::{Deserialize, Serialize};

use crate::form::AnswerFormat;
use crate::template::{Template, TemplateError, compile};

/// The templates of a vote, as written in an asset. `{{` and `}}` stand for braces.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename = "VotePrompts", deny_unknown_fields)]
pub struct VotePromptTemplates {
    /// Name of the set.
    pub name: Arc<str>,
    /// System prompt: who the model is to be. Variables: `country`, `demonym`, `persona`.
    pub system: String,
    /// User prompt. Variables: `intro`, `projects`, `task`, `form`, `country`, `demonym`.
    pub question: String,
    /// User prompt where others' ballots are shown. Also: `peers`.
    pub shown_question: String,
    /// One project. Variables: `id`, `name`, `category`, `dimension`, `cost`, `currency`, `description`.
    pub project: String,
    /// One ballot of somebody else. Variables: `demonym`, `ballot`.
    pub peer: String,
    /// Before the question, where a voter is shown its own ballot of the round before. Variable: `ballot`.
    pub own: String,
    /// Before the question, where a voter is reminded of its answers to the survey. Variable: `answers`.
    #[serde(default = "recall")]
    pub recall: String,
    /// One such answer. Variables: `question`, `option`.
    #[serde(default = "recalled")]
    pub recalled: String,
    /// What is to be done, by what a ballot has to be. Variables: `most`, `lowest`, `highest`.
    pub tasks: TaskTexts,
    /// In which form: plain text, without variables.
    pub forms: BallotFormTexts,
    /// Behind a reply that is no ballot, where the scenario has it sent back. Variables: `task`, `form`.
    pub reformat: String,
    /// What stands in place of a demonym where ballots are shown without one: plain text.
    #[serde(default = "somebody")]
    pub somebody: String,
}

/// What a voter is told to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskTexts {
    /// So many approvals.
    pub approve_exactly: String,
    /// Up to so many approvals.
    pub approve_at_most: String,
    /// Any number of approvals.
    pub approve_any: String,
    /// So many ranks.
    pub rank_exactly: String,
    /// Up to so many ranks.
    pub rank_at_most: String,
    /// Any number of ranks.
    pub rank_any: String,
    /// A sum of points.
    pub cumulative: String,
    /// Points by themselves.
    pub scoring: String,
}

/// In which form a ballot is given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BallotFormTexts {
    /// Projects in `\\boxed{}`.
    pub boxed: String,
    /// Projects alone.
    pub plain: String,
    /// Projects in a JSON object.
    pub schema: String,
    /// Projects with points in `\\boxed{}`.
    pub boxed_points: String,
    /// Projects with points alone.
    pub plain_points: String,
    /// Projects with points in a JSON object.
    pub schema_points: String,
}

fn recall() -> String {
    "Before this vote you answered questions like this:\n{answers}".to_owned()
}

fn recalled() -> String {
    "- {question} You answered: {option}".to_owned()
}

fn somebody() -> String {
    "Somebody".to_owned()
}

/// The templates of a vote, checked and ready to be filled.
pub struct VotePrompts {
    system: Template,
    question: Template,
    shown_question: Template,
    project: Template,
    peer: Template,
    own: Template,
    recall: Template,
    recalled: Template,
    reformat: Template,
    tasks: TaskTexts,
    forms: BallotFormTexts,
    format: AnswerFormat,
    somebody: String,
}

/// What a voter sees besides the ballot paper.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ShownToVoter {
    /// Others' ballots; empty where nothing is shown.
    pub peers: Vec<ShownBallot>,
    /// The voter's own ballot of the round before, where it is shown.
    pub own: Option<Ballot>,
    /// The answers it is reminded of: question and option.
    pub recalled: Vec<(Arc<str>, Arc<str>)>,
}

const SYSTEM: &[&str] = &["country", "demonym", "persona"];
const QUESTION: &[&str] = &["intro", "projects", "task", "form", "country", "demonym"];
const SHOWN: &[&str] = &["intro", "projects", "task", "form", "country", "demonym", "peers"];
const PROJECT: &[&str] = &["id", "name", "category", "dimension", "cost", "currency", "description"];
const RECALLED: &[&str] = &["question", "option"];
const TASK: &[&str] = &["most", "lowest", "highest"];

impl VotePrompts {
    /// Checks the templates; every mistake at once.
    pub fn new(templates: &VotePromptTemplates, format: AnswerFormat) -> Result<Self, Vec<TemplateError>> {
        let mut errors = Vec::new();
        let mut compile = |name, text: &str, variables, required: &[&str]| {
            compile(name, text, variables, required).unwrap_or_else(|mut found| {
                errors.append(&mut found);
                Template::default()
            })
        };
        let tasks = &templates.tasks;
        for (text, required) in [
            (&tasks.approve_exactly, "most"),
            (&tasks.approve_at_most, "most"),
            (&tasks.rank_exactly, "most"),
            (&tasks.rank_at_most, "most"),
            (&tasks.cumulative, "highest"),
            (&tasks.scoring, "highest"),
        ] {
            compile("tasks", text, TASK, &[required]);
        }
        let prompts = Self {
            system: compile("system", &templates.system, SYSTEM, &[]),
            question: compile("question", &templates.question, QUESTION, &["projects", "task", "form"]),
            shown_question: compile(
                "shown_question",
                &templates.shown_question,
                SHOWN,
                &["projects", "task", "form", "peers"],
            ),
            project: compile("project", &templates.project, PROJECT, &["id", "name"]),
            peer: compile("peer", &templates.peer, &["demonym", "ballot"], &["ballot"]),
            own: compile("own", &templates.own, &["ballot"], &["ballot"]),
            recall: compile("recall", &templates.recall, &["answers"], &["answers"]),
            recalled: compile("recalled", &templates.recalled, RECALLED, RECALLED),
            reformat: compile("reformat", &templates.reformat, &["task", "form"], &["form"]),
            tasks: templates.tasks.clone(),
            forms: templates.forms.clone(),
            format,
            somebody: templates.somebody.clone(),
        };
        if errors.is_empty() { Ok(prompts) } else { Err(errors) }
    }

    /// The system prompt of a voter.
    pub fn system(&self, profile: &CultureProfile, persona: &str) -> Arc<str> {
        let filled = self.system.fill(&[&profile.country, &profile.demonym, persona]);
        Arc::from(filled.trim_end())
    }

    /// The user prompt of a voter.
    pub fn question(
        &self,
        profile: &CultureProfile,
        election: &Election,
        shown: &ShownToVoter,
        cultures: &Cultures,
    ) -> Arc<str> {
        let (task, form) = (self.task(election), self.form(election.form));
        let (intro, projects) = (&*election.paper.intro, self.projects(election));
        let (country, demonym) = (&*profile.country, &*profile.demonym);
        let asked = if shown.peers.is_empty() {
            self.question.fill(&[intro, &projects, &task, form, country, demonym])
        } else {
            let peers: Vec<String> =
                shown.peers.iter().map(|peer| self.peer(peer, &election.paper.instance, cultures)).collect();
            self.shown_question.fill(&[intro, &projects, &task, form, country, demonym, &peers.join("\n")])
        };
        let own = shown.own.as_ref().map(|own| self.own.fill(&[&written(own, &election.paper.instance)]));
        let recalled = (!shown.recalled.is_empty()).then(|| {
            let answers = shown.recalled.iter().map(|(question, option)| self.recalled.fill(&[question, option]));
            self.recall.fill(&[&answers.collect::<Vec<_>>().join("\n")])
        });
        let blocks: Vec<String> = recalled.into_iter().chain(own).chain([asked]).collect();
        Arc::from(blocks.join("\n\n"))
    }

    /// The user prompt behind a reply that is no ballot.
    pub fn reformat(&self, election: &Election) -> Arc<str> {
        Arc::from(self.reformat.fill(&[&self.task(election), self.form(election.form)]))
    }

    fn projects(&self, election: &Election) -> String {
        let paper = &election.paper;
        let one = |project: &pluriverse_worlds::budgeting::Project| {
            let cost = decimal(&project.cost).unwrap_or_else(|| project.cost.to_string());
            let (id, name, category) = (&*project.id, &*project.name, &*project.category);
            let (dimension, description) = (&*project.dimension, &*project.description);
            self.project.fill(&[id, name, category, dimension, &cost, &paper.currency, description])
        };
        paper.instance.projects().iter().map(one).collect::<Vec<_>>().join("\n\n")
    }

    fn peer(&self, shown: &ShownBallot, instance: &Instance, cultures: &Cultures) -> String {
        let demonym = shown.culture.map_or(&*self.somebody, |culture| &*cultures.profile(culture).demonym);
        self.peer.fill(&[demonym, &written(&shown.ballot, instance)])
    }

    fn task(&self, election: &Election) -> String {
        let (_, most) = election.form.bounds(election.paper.instance.len());
        let tasks = &self.tasks;
        let (text, lowest, highest) = match election.form {
            BallotForm::Approval(Named::Exactly(_)) => (&tasks.approve_exactly, 0, 0),
            BallotForm::Approval(Named::AtMost(_)) => (&tasks.approve_at_most, 0, 0),
            BallotForm::Approval(Named::Any) => (&tasks.approve_any, 0, 0),
            BallotForm::Ranking(Named::Exactly(_)) => (&tasks.rank_exactly, 0, 0),
            BallotForm::Ranking(Named::AtMost(_)) => (&tasks.rank_at_most, 0, 0),
            BallotForm::Ranking(Named::Any) => (&tasks.rank_any, 0, 0),
            BallotForm::Cumulative { points } => (&tasks.cumulative, 1, points),
            BallotForm::Scoring { lowest, highest } => (&tasks.scoring, lowest, highest),
        };
        // Checked when the templates were read.
        let template = compile("tasks", text, TASK, &[]).unwrap_or_default();
        template.fill(&[&most.to_string(), &lowest.to_string(), &highest.to_string()])
    }

    fn form(&self, ballot: BallotForm) -> &str {
        let with_points = matches!(ballot, BallotForm::Cumulative { .. } | BallotForm::Scoring { .. });
        let forms = &self.forms;
        match (self.format, with_points) {
            (AnswerFormat::Boxed, false) => &forms.boxed,
            (AnswerFormat::Boxed, true) => &forms.boxed_points,
            (AnswerFormat::Schema, false) => &forms.schema,
            (AnswerFormat::Schema, true) => &forms.schema_points,
            (_, false) => &forms.plain,
            (_, true) => &forms.plain_points,
        }
    }
}

/// A ballot in words: ids with names, and points where there are any.
fn written(ballot: &Ballot, instance: &Instance) -> String {
    let one = |(place, &project): (usize, &usize)| {
        let project = &instance.projects()[project];
        let points = ballot.points.get(place).map(|points| format!(": {points}")).unwrap_or_default();
        format!("{} ({}){points}", project.id, project.name)
    };
    ballot.projects.iter().enumerate().map(one).collect::<Vec<_>>().join(", ")
}
