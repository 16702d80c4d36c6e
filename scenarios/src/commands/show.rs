//! `pluriverse show`: what an agent of a run was asked, what it said, and how that was read.

use std::path::Path;

use pluriverse_agents::kinds::language_model::REQUESTS;
use pluriverse_engine::record::manifest::{Manifest, RunStatus};
use pluriverse_engine::record::table::TableSpec;
use pluriverse_engine::replies::{Kept, ReplyReader};
use pluriverse_worlds::survey::record::ANSWERS;
use serde::Serialize;

use super::Exit;
use super::cli::ShowArgs;
use super::output::{Form, complain, counted, say, say_json, table};
use crate::inputs::columns::Columns;

/// Columns that tell how a request was put.
const KNOBS: [&str; 8] = ["treatment", "shown", "who", "order", "own", "memory", "update", "options"];

/// One request of a run, as recorded.
#[derive(Serialize)]
struct Shown {
    society: String,
    arm: String,
    replicate: i64,
    tick: i64,
    round: i64,
    agent: i64,
    item: String,
    sample: i64,
    turn: i64,
    backbone: String,
    outcome: String,
    answer: Option<i64>,
    rule: String,
    reply: String,
    reason: String,
    key: String,
    draw: i64,
    /// How it was shown what it was shown, knob by knob.
    design: String,
    /// The answers it was shown, as written in the table.
    put_beside: String,
    /// The order in which options were offered, where it is not the survey's.
    options_offered: String,
    /// What is kept of it beyond the table.
    kept: Option<Kept>,
}

/// Carries the command out.
pub fn execute(args: &ShowArgs, form: Form) -> Exit {
    match show(args, form) {
        Ok(()) => Exit::Done,
        Err(message) => {
            complain(&format!("error: {message}"));
            Exit::Mistake
        }
    }
}

fn show(args: &ShowArgs, form: Form) -> Result<(), String> {
    let manifest = Manifest::read(&args.run).map_err(|error| error.to_string())?;
    if manifest.status == RunStatus::Running {
        return Err(format!(
            "the run in {} is not over: it is being written, or was killed and can be taken up",
            args.run.display()
        ));
    }
    if !args.run.join("requests.parquet").exists() {
        return show_answers(args, form);
    }
    let columns = Table::read(&args.run, &REQUESTS)?;
    let wanted: Vec<usize> = columns.rows().filter(|&row| columns.is_wanted(row, args)).collect();
    if wanted.is_empty() {
        return Err("no request of this run is like that".to_owned());
    }
    let mut shown: Vec<Shown> = wanted.iter().map(|&row| columns.request(row)).collect();
    let reader = ReplyReader::open(&args.run).map_err(|error| error.to_string())?;
    for request in shown.iter_mut().take(args.full) {
        request.kept = reader.kept(&request.key).map_err(|error| error.to_string())?;
    }
    if form == Form::Json {
        say_json(&shown);
        return Ok(());
    }
    for request in shown.iter().take(args.full) {
        say(&in_full(request));
    }
    if shown.len() > args.full {
        say(&brief(&shown));
        say(&format!(
            "{}; --arm, --replicate, --agent, --round, --item and --outcome choose, --full says how many are shown in full",
            counted(shown.len() as u64, "request", "requests")
        ));
    }
    Ok(())
}

fn in_full(request: &Shown) -> String {
    let Shown { society, arm, replicate, tick, round, agent, item, sample, turn, backbone, .. } = request;
    let mut parts = vec![format!(
        "agent {agent} of {society}, arm {arm}, replicate {replicate}, round {round} (tick {tick}), item {item}, sample \
         {sample}, turn {turn}, backbone {backbone}"
    )];
    if !request.design.is_empty() {
        let shown = if request.put_beside.is_empty() { "nobody's" } else { &request.put_beside };
        let order = if request.options_offered.is_empty() { "the survey's" } else { &request.options_offered };
        parts.push(format!("[design] {}; shown: {shown}; order of options: {order}", request.design));
    }
    if let Some(kept) = &request.kept {
        parts.extend(kept.messages.iter().map(|(role, said)| format!("[{role}]\n{said}")));
        parts.extend(kept.reasoning.iter().map(|reasoning| format!("[thought aloud]\n{reasoning}")));
    }
    let (rule, outcome, reason) = (&request.rule, &request.outcome, &request.reason);
    let read = match request.answer {
        Some(answer) => format!("[said]\n{}\n\n[read by rule {rule}] {outcome}: option {answer}", request.reply),
        None if request.reply.is_empty() => format!("[no reply] {outcome}: {reason}"),
        None => format!("[said]\n{}\n\n[read by rule {rule}] {outcome}: {reason}", request.reply),
    };
    parts.push(format!("{read}\n{}", provenance(request)));
    parts.join("\n\n") + "\n"
}

/// Under which key a reply is kept, and from whom it came.
fn provenance(request: &Shown) -> String {
    let mut parts = vec![format!("key {}, draw {}", request.key, request.draw)];
    if let Some(kept) = &request.kept {
        parts.push(format!("model {}, settings {}", kept.model, kept.sampling));
        parts.extend(kept.seed.map(|seed| format!("seed {seed}")));
        parts.extend(kept.served_model.iter().map(|served| format!("served by {served}")));
        if kept.from_cache {
            parts.push("from a shared cache".to_owned());
        }
    }
    parts.join("; ")
}

fn brief(shown: &[Shown]) -> String {
    const MOST: usize = 40;
    let rows: Vec<Vec<String>> = shown
        .iter()
        .take(MOST)
        .map(|request| {
            let reply: String =
                request.reply.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(40).collect();
            vec![
                request.society.clone(),
                request.arm.clone(),
                request.replicate.to_string(),
                request.round.to_string(),
                request.agent.to_string(),
                request.item.clone(),
                request.outcome.clone(),
                request.answer.map_or_else(|| "–".to_owned(), |answer| answer.to_string()),
                reply,
            ]
        })
        .collect();
    table(&["society", "arm", "replicate", "round", "agent", "item", "outcome", "answer", "reply"], &rows)
}

/// Answers of a run that asked no language model.
fn show_answers(args: &ShowArgs, form: Form) -> Result<(), String> {
    const MOST: usize = 60;
    let columns = Table::read(&args.run, &ANSWERS)?;
    let wanted: Vec<usize> = columns.rows().filter(|&row| columns.is_wanted(row, args)).collect();
    let rows: Vec<Vec<String>> = wanted
        .iter()
        .take(MOST)
        .map(|&row| {
            let whole =
                |name: &str| columns.integer(name, row).map_or_else(|| "–".to_owned(), |value| value.to_string());
            vec![
                columns.text("society", row),
                columns.text("arm", row),
                whole("replicate"),
                whole("round"),
                whole("agent"),
                columns.text("culture", row),
                columns.text("backbone", row),
                columns.text("item", row),
                columns.text("outcome", row),
                whole("answer"),
            ]
        })
        .collect();
    if form == Form::Json {
        say_json(&rows);
        return Ok(());
    }
    say("No language model was asked in this run: there are answers and no words.");
    let headers = ["society", "arm", "replicate", "round", "agent", "culture", "backbone", "item", "outcome", "answer"];
    say(&table(&headers, &rows));
    if wanted.len() > MOST {
        say(&format!(
            "{} of {} answers; --arm, --replicate, --agent, --round, --item and --outcome choose",
            MOST,
            wanted.len()
        ));
    }
    Ok(())
}

/// A table of a run.
struct Table(Columns<'static>);

impl Table {
    fn read(run: &Path, spec: &'static TableSpec) -> Result<Self, String> {
        Columns::read(run, spec).map(Self).map_err(|error| error.to_string())
    }

    fn rows(&self) -> std::ops::Range<usize> {
        self.0.rows()
    }

    fn text(&self, name: &str, row: usize) -> String {
        self.0.text(name, row).to_owned()
    }

    fn integer(&self, name: &str, row: usize) -> Option<i64> {
        self.0.integer(name, row)
    }

    fn is_wanted(&self, row: usize, args: &ShowArgs) -> bool {
        let number = |name: &str, wanted: Option<u32>| {
            wanted.is_none_or(|wanted| self.integer(name, row) == Some(i64::from(wanted)))
        };
        let word =
            |name: &str, wanted: &Option<String>| wanted.as_ref().is_none_or(|wanted| self.text(name, row) == *wanted);
        number("agent", args.agent)
            && number("round", args.round)
            && number("replicate", args.replicate)
            && word("arm", &args.arm)
            && word("society", &args.society)
            && word("item", &args.item)
            && word("outcome", &args.outcome)
    }

    fn request(&self, row: usize) -> Shown {
        let number = |name: &str| self.integer(name, row).unwrap_or_default();
        Shown {
            society: self.text("society", row),
            arm: self.text("arm", row),
            replicate: number("replicate"),
            tick: number("tick"),
            round: number("round"),
            agent: number("agent"),
            item: self.text("item", row),
            sample: number("sample"),
            turn: number("turn"),
            backbone: self.text("backbone", row),
            outcome: self.text("outcome", row),
            answer: self.integer("answer", row),
            rule: self.text("rule", row),
            reply: self.text("reply", row),
            reason: self.text("reason", row),
            key: self.text("key", row),
            draw: number("draw"),
            design: KNOBS
                .iter()
                .map(|knob| (knob, self.text(knob, row)))
                .filter(|(_, value)| !value.is_empty())
                .map(|(knob, value)| format!("{knob} {value}"))
                .collect::<Vec<_>>()
                .join(", "),
            put_beside: self.text("answers_shown", row),
            options_offered: self.text("options_offered", row),
            kept: None,
        }
    }
}
