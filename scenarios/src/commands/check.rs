//! `pluriverse check`: every mistake of a scenario at once, then what it would do.

use pluriverse_engine::tick::PlannedTick;
use pluriverse_worlds::survey::record::RecordAnswers;
use pluriverse_worlds::survey::state::PhaseDesign;
use pluriverse_worlds::survey::state::asks_the_survey;
use serde::Serialize;

use super::Exit;
use super::cli::ScenarioArgs;
use super::money::{Asked, Reckoned, arms_of_tick, reckon};
use super::output::{Form, complain, counted, say, say_json, table};
use crate::file::read::dialect;
use crate::file::schema::{BackboneSpec, Scenario};
use crate::load::{LoadError, Request, load};
use crate::resolve::{Asking, Resolved, ResolvedSociety};

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
    /// Decisions: agents × items × ticks that ask the survey, over all arms and replicates.
    pub decisions: u64,
    /// Ballots, over all arms and replicates.
    pub ballots: u64,
    /// Judgements of dilemmas, over all arms and replicates.
    pub judgements: u64,
    /// Candidates drafted, over all arms and replicates.
    #[serde(skip_serializing_if = "is_none")]
    pub drafts: u64,
    /// Rows of the answers table.
    pub answer_rows: u64,
    /// What language models will be asked, by backbone.
    pub asked: Vec<Asked>,
    /// Currency of all money; absent without prices.
    pub currency: Option<String>,
}

impl Plan {
    /// The plan of a scenario.
    pub fn of(resolved: &Resolved) -> Self {
        let (items, ticks) = (resolved.survey.len(), resolved.plan.len());
        let items_each = items as u64;
        let decisions =
            |society: &ResolvedSociety| society.agents.len() as u64 * items_each * ticks_of(resolved, society);
        let agents: u64 = resolved.societies.iter().map(|society| society.agents.len() as u64).sum();
        Self {
            societies: resolved
                .societies
                .iter()
                .map(|society| (society.name.to_string(), society.agents.len()))
                .collect(),
            agents,
            items,
            ticks,
            decisions: resolved.societies.iter().map(decisions).sum(),
            ballots: resolved.societies.iter().map(|society| ballots(resolved, society)).sum(),
            judgements: resolved.societies.iter().map(|society| judgements(resolved, society)).sum(),
            drafts: resolved.societies.iter().map(|society| drafts(resolved, society)).sum(),
            answer_rows: answer_rows(resolved, items_each),
            asked: reckon(resolved),
            currency: resolved.prices.as_ref().map(|prices| prices.currency.clone()),
        }
    }

    /// What to ask before money is spent; `None` where none will be.
    pub fn question(&self) -> Option<String> {
        let money = self.money()?;
        let requests: u64 = self.asked.iter().map(|asked| asked.requests).sum();
        (money.high > 0.0)
            .then(|| format!("{} for about {}: go on?", counted(requests, "request", "requests"), self.sum(&money)))
    }

    fn money(&self) -> Option<Reckoned> {
        let amounts = self.asked.iter().filter_map(|asked| asked.money);
        amounts.reduce(|a, b| Reckoned { low: a.low + b.low, likely: a.likely + b.likely, high: a.high + b.high })
    }

    fn sum(&self, money: &Reckoned) -> String {
        let currency = self.currency.as_deref().unwrap_or("");
        format!("{:.2} {currency} ({:.2} to {:.2})", money.likely, money.low, money.high)
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let mut rows = vec![
            ("societies".to_owned(), self.societies.len().to_string()),
            ("agents".to_owned(), self.agents.to_string()),
            ("items".to_owned(), self.items.to_string()),
            ("ticks".to_owned(), self.ticks.to_string()),
            ("decisions".to_owned(), self.decisions.to_string()),
            ("rows of answers written".to_owned(), self.answer_rows.to_string()),
        ];
        if self.judgements > 0 {
            rows.insert(5, ("judgements of dilemmas".to_owned(), self.judgements.to_string()));
        }
        if self.ballots > 0 {
            rows.insert(5, ("ballots".to_owned(), self.ballots.to_string()));
        }
        if self.drafts > 0 {
            rows.insert(5, ("candidates drafted".to_owned(), self.drafts.to_string()));
        }
        let whole = |figure: &Reckoned| format!("≈ {:.0} ({:.0} to {:.0})", figure.likely, figure.low, figure.high);
        for asked in &self.asked {
            let of = |what: &str| format!("{}: {what}", asked.backbone);
            let requests = match asked.requests_at_most {
                most if most > asked.requests => format!("{} to {most}", asked.requests),
                _ => asked.requests.to_string(),
            };
            rows.push((of("requests"), requests));
            rows.push((of("prompt tokens"), whole(&asked.prompt_tokens)));
            rows.push((of("reply tokens"), whole(&asked.reply_tokens)));
            if let Some(money) = &asked.money {
                rows.push((of("money"), self.sum(money)));
            }
        }
        if self.asked.is_empty() {
            rows.push(("requests to language models".to_owned(), "0".to_owned()));
        }
        rows.into_iter().map(|(what, value)| vec![what, value]).collect()
    }
}

/// A scenario as a file with every default written out; read again, it is the same scenario.
pub fn written_out(scenario: &Scenario) -> Result<String, ron::Error> {
    let pretty = ron::ser::PrettyConfig::new().compact_arrays(true).escape_strings(false);
    let text = dialect().to_string_pretty(scenario, pretty)?;
    // A choice called `None` comes out as a raw identifier, which reads back but looks like a slip.
    Ok(format!("Scenario{}", text.replace(": r#None", ": None")))
}

/// Ticks of a society in all its strands in which the survey is asked: what arms have in common counts once a
/// replicate.
fn ticks_of(resolved: &Resolved, society: &ResolvedSociety) -> u64 {
    let asks = |tick: &PlannedTick| u64::from(asks_the_survey(&tick.mechanism));
    over_strands(resolved, society, |_, tick| asks(tick))
}

/// Ballots of a society in all its strands.
fn ballots(resolved: &Resolved, society: &ResolvedSociety) -> u64 {
    let samples = |arm: usize, tick: &PlannedTick| match resolved.arms[arm].timeline[tick.phase as usize] {
        PhaseDesign::Vote(design) => u64::from(design.samples),
        _ => 0,
    };
    society.agents.len() as u64 * over_strands(resolved, society, samples)
}

/// Judgements of dilemmas of a society in all its strands, each of a scenario in both orders.
fn judgements(resolved: &Resolved, society: &ResolvedSociety) -> u64 {
    let scenarios = |arm: usize, tick: &PlannedTick| match resolved.arms[arm].timeline[tick.phase as usize] {
        PhaseDesign::Dilemmas(design) => resolved.dilemma_sets[usize::from(design.set)].scenarios.len() as u64,
        _ => 0,
    };
    society.agents.len() as u64 * over_strands(resolved, society, scenarios)
}

/// Candidates of a society in all its strands.
fn drafts(resolved: &Resolved, society: &ResolvedSociety) -> u64 {
    let candidates = |arm: usize, tick: &PlannedTick| match resolved.arms[arm].timeline[tick.phase as usize] {
        PhaseDesign::Draft(design) => {
            let drafting = &resolved.draftings[usize::from(design.drafting)];
            (drafting.sets_an_agent() * drafting.size) as u64
        }
        _ => 0,
    };
    society.agents.len() as u64 * over_strands(resolved, society, candidates)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// What is counted of every tick, over all strands of a society.
fn over_strands(resolved: &Resolved, society: &ResolvedSociety, count: impl Fn(usize, &PlannedTick) -> u64) -> u64 {
    let ticks = (0..).zip(&resolved.plan);
    let of_tick = |(tick, planned): (u32, &PlannedTick)| -> u64 {
        arms_of_tick(resolved, society, tick).into_iter().map(|arm| count(arm, planned)).sum()
    };
    ticks.map(of_tick).sum::<u64>() * u64::from(society.strands.replicates)
}

fn answer_rows(resolved: &Resolved, items: u64) -> u64 {
    let recorded = |agents: usize| match resolved.scenario.record.answers {
        RecordAnswers::All => agents as u64,
        RecordAnswers::Sample(wanted) => u64::from(wanted).min(agents as u64),
        RecordAnswers::None => 0,
    };
    let rows = |society: &ResolvedSociety| recorded(society.agents.len()) * items * ticks_of(resolved, society);
    resolved.societies.iter().map(rows).sum()
}

/// Keys that a run would need and that are not set here.
#[expect(clippy::disallowed_methods, reason = "keys come from the environment, and this is the program's edge")]
fn missing_keys(scenario: &Scenario) -> Vec<String> {
    let keys = scenario.backbones.0.iter().filter_map(|(name, backbone)| match backbone {
        BackboneSpec::OpenAi(spec) => Some((name, spec.key.as_ref()?)),
        _ => None,
    });
    let unset = keys.filter(|(_, variable)| std::env::var_os(variable).is_none_or(|key| key.is_empty()));
    unset
        .map(|(name, variable)| {
            format!("backbone `{name}` needs the environment variable {variable}, which is not set here.")
        })
        .collect()
}

/// Carries the command out.
pub fn execute(args: &ScenarioArgs, form: Form) -> Exit {
    let request = Request { asking: Asking::Elsewhere, ..args.into() };
    let resolved = match load(&request) {
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
    say(&table(&["plan", ""], &plan.rows()));
    if !plan.asked.is_empty() {
        say(
            "\nTokens are reckoned at 4 characters each (3 to 5: English text; other scripts take more). Replies at 12\n\
             tokens, up to `max_tokens` or 1000, reasoning not counted. Repeated calls come on top.",
        );
    }
    for missing in missing_keys(&resolved.scenario) {
        say(&format!("\nNote: {missing}"));
    }
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
