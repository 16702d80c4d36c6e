//! `pluriverse check`: every mistake of a scenario at once, then what it would do.

use pluriverse_worlds::survey::record::RecordAnswers;
use serde::Serialize;

use super::Exit;
use super::cli::ScenarioArgs;
use super::output::{Form, complain, say, say_json, table};
use crate::file::read::dialect;
use crate::file::schema::Scenario;
use crate::load::{LoadError, load};
use crate::resolve::{Resolved, ResolvedBackbone};

/// What a scenario would do.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Plan {
    /// Societies by name, with their numbers of agents.
    pub societies: Vec<(String, usize)>,
    /// Agents in all.
    pub agents: u64,
    /// Items asked.
    pub items: usize,
    /// Ticks.
    pub ticks: usize,
    /// Decisions: agents × items × ticks.
    pub decisions: u64,
    /// Rows of the answers table.
    pub answer_rows: u64,
    /// Of these, requests to language models.
    pub model_requests: u64,
    /// Estimated prompt tokens of these requests at four characters a token, without what peers will have written.
    pub prompt_tokens: u64,
    /// What the requests will cost. Scripted models cost nothing, and no other kind sends requests.
    pub cost: f64,
}

impl Plan {
    /// The plan of a scenario.
    pub fn of(resolved: &Resolved) -> Self {
        let (items, ticks) = (resolved.survey.len(), resolved.plan.len());
        let each = (items * ticks) as u64;
        let agents = resolved.societies.iter().flat_map(|society| &society.agents);
        let asked = agents
            .clone()
            .filter(|agent| matches!(resolved.backbones[agent.backbone.index()].1, ResolvedBackbone::Model(_)));
        let characters: usize =
            asked
                .clone()
                .take(1)
                .flat_map(|agent| {
                    let profile = resolved.cultures.profile(agent.culture);
                    let system = resolved.prompts.system(profile, resolved.personas.text(agent.persona)).len();
                    resolved.survey.items.iter().map(move |item| {
                        system + resolved.prompts.question(profile, item, None, &resolved.cultures).len()
                    })
                })
                .sum();
        let asked = asked.count() as u64;
        let agents = agents.count() as u64;
        Self {
            societies: resolved
                .societies
                .iter()
                .map(|society| (society.name.to_string(), society.agents.len()))
                .collect(),
            agents,
            items,
            ticks,
            decisions: agents * each,
            answer_rows: answer_rows(resolved, each),
            model_requests: asked * each,
            prompt_tokens: asked * characters as u64 * ticks as u64 / 4,
            cost: 0.0,
        }
    }
}

/// A scenario as a file with every default written out; read again, it is the same scenario.
pub fn written_out(scenario: &Scenario) -> Result<String, ron::Error> {
    let pretty = ron::ser::PrettyConfig::new().compact_arrays(true).escape_strings(false);
    let text = dialect().to_string_pretty(scenario, pretty)?;
    Ok(format!("Scenario{text}"))
}

fn answer_rows(resolved: &Resolved, each: u64) -> u64 {
    let recorded = |agents: usize| match resolved.scenario.record.answers {
        RecordAnswers::All => agents as u64,
        RecordAnswers::Sample(wanted) => u64::from(wanted).min(agents as u64),
        RecordAnswers::None => 0,
    };
    resolved.societies.iter().map(|society| recorded(society.agents.len()) * each).sum()
}

/// Carries the command out.
pub fn execute(args: &ScenarioArgs, form: Form) -> Exit {
    let resolved = match load(&args.into()) {
        Ok(resolved) => resolved,
        Err(error) => {
            refuse(&error, form);
            return Exit::Mistake;
        }
    };
    let plan = Plan::of(&resolved);
    if form == Form::Json {
        say_json(&serde_json::json!({
            "digest": resolved.digest(),
            "plan": plan,
            "resolved": resolved.scenario_json(),
        }));
        return Exit::Done;
    }
    say(&format!("{}: no mistakes\n", resolved.scenario.name));
    let rows = [
        ("societies", plan.societies.len().to_string()),
        ("agents", plan.agents.to_string()),
        ("items", plan.items.to_string()),
        ("ticks", plan.ticks.to_string()),
        ("decisions", plan.decisions.to_string()),
        ("rows of answers written", plan.answer_rows.to_string()),
        ("requests to language models", plan.model_requests.to_string()),
        ("prompt tokens, estimated", plan.prompt_tokens.to_string()),
        ("cost", format!("{:.2}", plan.cost)),
    ];
    let rows: Vec<Vec<String>> = rows.into_iter().map(|(what, value)| vec![what.to_owned(), value]).collect();
    say(&table(&["plan", ""], &rows));
    match written_out(&resolved.scenario) {
        Ok(text) => say(&format!("\nWith every default written out:\n\n{text}")),
        Err(error) => complain(&format!("error: cannot print the scenario: {error}")),
    }
    Exit::Done
}

/// Says what is wrong with a scenario, in the form asked for.
pub fn refuse(error: &LoadError, form: Form) {
    match (form, error) {
        (Form::Json, LoadError::Mistaken(mistakes)) => {
            let list: Vec<serde_json::Value> = mistakes
                .mistakes
                .iter()
                .map(|mistake| {
                    let (line, column) = mistakes.position(mistake);
                    serde_json::json!({
                        "line": line, "column": column, "message": mistake.message, "help": mistake.help,
                    })
                })
                .collect();
            say_json(&serde_json::json!({ "mistakes": list }));
        }
        _ => complain(&error.render()),
    }
}
