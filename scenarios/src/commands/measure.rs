//! `pluriverse measure`: the paper's measures over a folder of recordings or a run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::record::directory::RunDirectory;
use pluriverse_engine::record::manifest::{Manifest, RunStatus};
use pluriverse_engine::seed::EXPOSED_ARM;
use pluriverse_worlds::survey::record::RecordAnswers;
use pluriverse_worlds::survey::{Coding, ReferenceSheet, Statistic, Survey};
use serde::Serialize;

use super::Exit;
use super::cli::MeasureArgs;
use super::output::{Form, complain, complain_of, figure, say, say_json, table};
use super::published::measure_data;
use crate::baselines::Baselines;
use crate::inputs::asset::AssetError;
use crate::inputs::recordings::Index;
use crate::inputs::run::{StrandAnswers, StrandName, UnknownItems, answers};
use crate::load::of_manifest;
use crate::shapes::shape_of;
use crate::studies::measure::{ItemFigure, ItemVariant, Measures, Society, items, measure, recorded_society, unusable};
use crate::studies::setting::{Setting, choose_cultures};
use pluriverse_agents::parse::ParseRule;

/// One measured society.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Measured {
    /// The backbone, or the society of a run.
    pub society: String,
    /// The round.
    pub round: u32,
    /// The tick, in a run.
    pub tick: Option<u32>,
    /// Whether anybody answered anything.
    pub usable: bool,
    /// The measures.
    #[serde(flatten)]
    pub measures: Measures,
    /// D_q and A_q of every comparable item, where asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<ItemFigure>>,
    /// The same with the slip of the published script.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items_as_released: Option<Vec<ItemFigure>>,
}

/// Everything `measure` finds.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Report {
    /// How answers were read.
    pub parse: &'static str,
    /// The statistic.
    pub statistic: &'static str,
    /// The coding.
    pub coding: &'static str,
    /// The cultures measured.
    pub cultures: Vec<String>,
    /// Humans and trivial baselines over these cultures.
    pub baselines: Baselines,
    /// The humans as a society of reference sheets, one agent a culture.
    pub human_pairs: Vec<HumanPair>,
    /// The societies.
    pub societies: Vec<Measured>,
}

/// The distance between two populations.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct HumanPair {
    /// The first population.
    pub a: String,
    /// The second population.
    pub b: String,
    /// Their distance in percent.
    pub distance: Option<f64>,
    /// Items both have data on.
    pub common_items: u32,
}

/// Carries the command out.
pub fn execute(args: &MeasureArgs, form: Form) -> Exit {
    if !RunDirectory::holds_a_run(&args.dir) && shape_of(&args.dir).is_ok() {
        return measure_data(&args.dir, form);
    }
    let report = if RunDirectory::holds_a_run(&args.dir) {
        of_run(args)
    } else {
        Setting::embedded().map_err(|error| vec![error]).and_then(|setting| of_recordings(args, &setting))
    };
    match report {
        Ok(report) if form == Form::Json => {
            say_json(&report);
            Exit::Done
        }
        Ok(report) => {
            print(&report);
            Exit::Done
        }
        Err(errors) => {
            errors.iter().for_each(complain_of);
            Exit::Mistake
        }
    }
}

/// Measures every backbone and round of a folder of recordings.
pub fn of_recordings(args: &MeasureArgs, setting: &Setting) -> Result<Report, Vec<AssetError>> {
    let index = Index::of(&args.dir).map_err(|error| vec![error])?;
    let cultures = choose_cultures(&args.cultures, &index, setting)?;
    let choice = Choice::of(args, ParseRule::Paper, Statistic::Mode, Coding::AsPublished);
    let mut errors = Vec::new();
    let mut societies = Vec::new();
    for model in index.models() {
        let rounds = index.rounds(model);
        match index.read(model, &cultures, &rounds) {
            Err(mut found) => errors.append(&mut found),
            Ok(recording) => {
                for &round in &rounds {
                    let society = recorded_society(&recording, round, &cultures, &setting.survey, choice.rule);
                    societies.push((model.to_owned(), round, None, society));
                }
            }
        }
    }
    if errors.is_empty() { Ok(report(choice, setting, &cultures, societies)) } else { Err(errors) }
}

type Named = (String, u32, Option<u32>, Society);

/// The choices a reader has to know: the command line's, or the defaults of what is measured.
#[derive(Clone, Copy)]
struct Choice {
    rule: ParseRule,
    statistic: Statistic,
    coding: Coding,
    items: bool,
}

impl Choice {
    fn of(args: &MeasureArgs, rule: ParseRule, statistic: Statistic, coding: Coding) -> Self {
        Self {
            rule: args.parse.map_or(rule, ParseRule::from),
            statistic: args.statistic.map_or(statistic, Statistic::from),
            coding: args.coding.map_or(coding, Coding::from),
            items: args.items,
        }
    }
}

fn report(choice: Choice, setting: &Setting, cultures: &BTreeSet<Arc<str>>, societies: Vec<Named>) -> Report {
    let Choice { rule, statistic, coding, .. } = choice;
    let sheets = setting.sheets(statistic, coding);
    let codes: BTreeSet<&str> = cultures.iter().map(AsRef::as_ref).collect();
    Report {
        parse: rule.name(),
        statistic: statistic.name(),
        coding: coding.name(),
        cultures: codes.iter().map(|code| (*code).to_owned()).collect(),
        baselines: Baselines::of(
            &setting.reference,
            &setting.survey,
            &composition(&codes, &societies),
            statistic,
            coding,
        ),
        human_pairs: human_pairs(&codes, &sheets, &setting.survey),
        societies: societies
            .into_iter()
            .map(|(name, round, tick, society)| {
                let of = |variant| choice.items.then(|| items(&society, &setting.survey, &sheets, variant));
                Measured {
                    society: name,
                    round,
                    tick,
                    usable: !unusable(&society),
                    measures: measure(&society, &setting.survey, &sheets),
                    items: of(ItemVariant::Plain),
                    items_as_released: of(ItemVariant::AsReleased),
                }
            })
            .collect(),
    }
}

/// Agents of each culture: those of the society, where there is one; one each, where several are compared.
fn composition<'c>(codes: &BTreeSet<&'c str>, societies: &[Named]) -> BTreeMap<&'c str, u64> {
    let names: BTreeSet<&str> = societies.iter().map(|(name, ..)| name.as_str()).collect();
    let single = societies.first().filter(|_| names.len() == 1);
    let count = |code: &str| {
        single.map_or(1, |(.., society)| society.cultures.iter().filter(|culture| ***culture == *code).count() as u64)
    };
    codes.iter().map(|code| (*code, count(code))).collect()
}

fn human_pairs(codes: &BTreeSet<&str>, sheets: &BTreeMap<Arc<str>, ReferenceSheet>, survey: &Survey) -> Vec<HumanPair> {
    let spans = survey.squared_spans();
    let codes: Vec<&str> = codes.iter().copied().filter(|code| sheets.contains_key(*code)).collect();
    codes
        .iter()
        .enumerate()
        .flat_map(|(first, a)| codes[first + 1..].iter().map(move |b| (*a, *b)))
        .map(|(a, b)| {
            let (distance, common_items) =
                pluriverse_worlds::survey::measures::distance::between_references(&sheets[a], &sheets[b], &spans);
            HumanPair { a: a.to_owned(), b: b.to_owned(), distance, common_items }
        })
        .collect()
}

/// Measures the recorded answers of a run, by society and tick, with the run's own survey and reference figures.
pub fn of_run(args: &MeasureArgs) -> Result<Report, Vec<AssetError>> {
    let one = |error: &dyn std::fmt::Display| vec![AssetError::new(error.to_string())];
    if args.parse.is_some() || !args.cultures.is_empty() {
        return Err(one(
            &"--parse and --cultures are for recordings: a run's answers are read already, and all are measured",
        ));
    }
    let manifest = Manifest::read(&args.dir).map_err(|error| one(&error))?;
    match &manifest.status {
        RunStatus::Running => {
            return Err(vec![AssetError {
                message: format!("the run in {} never ended: its files are not whole", args.dir.display()),
                help: Some(format!("take it up with run {} --resume --out …", manifest.scenario)),
            }]);
        }
        RunStatus::Interrupted { ticks, reason } => {
            complain(&format!("note: the run stopped after {ticks} ticks: {reason}"));
        }
        RunStatus::Complete { .. } => {}
    }
    let scenario = of_manifest(&manifest).map_err(|error| one(&error))?;
    let setting = Setting::of(
        &scenario.survey,
        &scenario.items,
        &scenario.reference.figures,
        &scenario.cultures,
        args.base.as_deref().unwrap_or(Path::new("")),
    )
    .map_err(|error| {
        vec![AssetError {
            help: Some("--base names the folder that the run's relative paths start from".to_owned()),
            ..error
        }]
    })?;
    let changed = setting.digests.iter().find(|digest| !manifest.inputs.contains(digest));
    if let Some(changed) = changed {
        return Err(vec![AssetError::new(format!("{} is not what the run was made with", changed.name))]);
    }
    if scenario.record.answers == RecordAnswers::None {
        return Err(one(&"the run recorded no answers (record: (answers: None))"));
    }
    // Items asked aside are in the table of answers, and in none of these measures.
    let unknown = if scenario.also_ask.is_empty() { UnknownItems::Refused } else { UnknownItems::PassedOver };
    let strands = answers(&args.dir, &setting.survey, unknown).map_err(|error| vec![error])?;
    // Names of arms and replicates tell nothing where there is one of each.
    let plain = strands.iter().all(|strand| *strand.name.arm == *EXPOSED_ARM && strand.name.replicate == 0);
    let naming = if plain { Naming::Plain } else { Naming::Full };
    let societies: Vec<Named> = strands.into_iter().flat_map(|strand| named(strand, naming)).collect();
    let cultures = societies.iter().flat_map(|(.., society)| society.cultures.iter().cloned()).collect();
    let reference = &scenario.reference;
    let choice = Choice::of(args, scenario.parse, reference.statistic, reference.coding);
    Ok(report(choice, &setting, &cultures, societies))
}

/// How strands are called.
#[derive(Clone, Copy)]
enum Naming {
    /// By their society.
    Plain,
    /// Also by arm and replicate.
    Full,
}

/// The societies of a strand, one a tick.
fn named(strand: StrandAnswers, naming: Naming) -> Vec<Named> {
    let StrandName { society, arm, replicate } = &strand.name;
    let name = match naming {
        Naming::Plain => society.to_string(),
        Naming::Full => format!("{society}, {arm}, replicate {replicate}"),
    };
    let cultures = strand.cultures;
    strand
        .ticks
        .into_iter()
        .map(|(tick, (round, sheets))| {
            (name.clone(), round, Some(tick), Society { cultures: cultures.clone(), sheets })
        })
        .collect()
}

fn print(report: &Report) {
    say(&format!(
        "cultures {}; parse rule {}, reference {} ({})\n",
        report.cultures.join(" "),
        report.parse,
        report.statistic,
        report.coding
    ));
    let mut rows: Vec<Vec<String>> = report
        .societies
        .iter()
        .map(|measured| {
            let measures = &measured.measures;
            let missing: Vec<String> = measures.missing.iter().map(|(why, count)| format!("{count} {why}")).collect();
            vec![
                measured.society.clone(),
                measured.round.to_string(),
                figure(measures.pairwise_diversity, 2),
                figure(measures.structural_diversity, 2),
                figure(measures.alignment, 2),
                if measures.out_of_range > 0 { measures.out_of_range.to_string() } else { String::new() },
                missing.join(", "),
            ]
        })
        .collect();
    let plain = |label: String, pairwise, structural, alignment| {
        let cell = |value: Option<f64>| value.map_or_else(String::new, |value| figure(Some(value), 2));
        vec![label, String::new(), cell(pairwise), cell(structural), cell(alignment), String::new(), String::new()]
    };
    let baselines = &report.baselines;
    for (statistic, pairwise, structural) in &baselines.humans {
        rows.push(plain(format!("humans, by {statistic}"), *pairwise, *structural, None));
    }
    rows.push(plain("two random people".to_owned(), baselines.random_respondents, None, None));
    rows.push(plain("culture-blind constant".to_owned(), None, None, baselines.leave_one_out));
    rows.push(plain("scale midpoint".to_owned(), None, None, baselines.scale_midpoint));
    say(&table(&["society", "round", "diversity", "tree", "alignment", "no option", "missing"], &rows));
}
