//! `pluriverse embed`: what agents of a run wrote, measured in the space of an embeddings server.

use std::collections::BTreeMap;
use std::sync::Arc;

use pluriverse_engine::openai::{OpenAi, OpenAiSettings, ReplyForm, Sampling};
use pluriverse_engine::record::manifest::Manifest;
use pluriverse_engine::record::read::read_table;
use pluriverse_engine::record::table::{Column, TableSpec};
use pluriverse_worlds::platform::measures::embeddings::Embeddings;
use pluriverse_worlds::platform::record::{COMMENTS, POSTS};
use secrecy::SecretString;
use serde::Serialize;

use super::Exit;
use super::cli::EmbedArgs;
use super::output::{Form, complain, figure, say, say_json, table};
use crate::file::schema::Phase;
use crate::load::of_manifest;

/// Texts in one request.
const BATCH: usize = 64;

/// The texts of one strand, oldest first, each with the round it was written in.
type Texts = BTreeMap<(Arc<str>, Arc<str>, i64), Vec<(i64, i64, Arc<str>)>>;

/// Figures of the latest texts up to a round.
#[derive(Serialize)]
struct Window {
    society: Arc<str>,
    arm: Arc<str>,
    replicate: i64,
    round: i64,
    texts: usize,
    /// Mean cosine distance of two texts.
    dispersion: Option<f64>,
    /// Mean distance of unit vectors from their mean.
    radius: Option<f64>,
    /// 1 less the cosine of this window's centroid and that of the one before.
    drift: Option<f64>,
    /// How many different texts there are in effect, by cosine.
    vendi: Option<f64>,
}

/// Carries the command out.
pub fn execute(args: &EmbedArgs, form: Form) -> Exit {
    match windows(args) {
        Ok(windows) if form == Form::Json => {
            say_json(&serde_json::json!({ "model": args.model, "windows": windows }));
            Exit::Done
        }
        Ok(windows) => {
            say(&print(args, &windows));
            Exit::Done
        }
        Err((exit, why)) => {
            complain(&format!("error: {why}"));
            exit
        }
    }
}

type Failed = (Exit, String);

fn windows(args: &EmbedArgs) -> Result<Vec<Window>, Failed> {
    let mistaken = |why: String| (Exit::Mistake, why);
    let manifest = Manifest::read(&args.run).map_err(|error| mistaken(error.to_string()))?;
    let scenario = of_manifest(&manifest).map_err(mistaken)?;
    let every = scenario.timeline.iter().find_map(|phase| match phase {
        Phase::Post(spec) => Some(spec.every.max(1)),
        _ => None,
    });
    let every = every.ok_or_else(|| mistaken("nobody posted in this run".to_owned()))?;
    let texts = texts(args).map_err(mistaken)?;
    let mut places: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    let mut wanted: Vec<Arc<str>> = Vec::new();
    let mut cut: Vec<(&(Arc<str>, Arc<str>, i64), i64, Vec<usize>)> = Vec::new();
    for (strand, said) in &texts {
        let last = said.iter().map(|(round, ..)| *round).max().unwrap_or_default();
        for round in (1..=last).filter(|round| round % every == 0 || *round == last) {
            let until: Vec<&Arc<str>> =
                said.iter().filter(|(written, ..)| *written <= round).map(|(.., text)| text).collect();
            if until.len() < args.texts {
                continue;
            }
            let of_text = |text: &&Arc<str>| {
                *places.entry((*text).clone()).or_insert_with(|| {
                    wanted.push((*text).clone());
                    wanted.len() - 1
                })
            };
            cut.push((strand, round, until[until.len() - args.texts..].iter().map(of_text).collect()));
        }
    }
    if cut.is_empty() {
        return Err(mistaken(format!("fewer than {} texts were written: take fewer with --texts", args.texts)));
    }
    let vectors = embedded(args, &wanted)?;
    let mut found: Vec<Window> = Vec::new();
    let mut before: Option<(&(Arc<str>, Arc<str>, i64), Embeddings)> = None;
    for (strand, round, places) in cut {
        let window: Vec<&[f32]> = places.iter().map(|&place| &*vectors[place]).collect();
        let Some(now) = Embeddings::new(&window) else {
            continue;
        };
        let earlier = before.as_ref().filter(|(of, _)| *of == strand);
        found.push(Window {
            society: strand.0.clone(),
            arm: strand.1.clone(),
            replicate: strand.2,
            round,
            texts: places.len(),
            dispersion: now.dispersion(),
            radius: Some(now.radius()),
            drift: earlier.and_then(|(_, earlier)| now.drift_since(earlier)),
            vendi: now.vendi().map(|vendi| vendi.score),
        });
        before = Some((strand, now));
    }
    Ok(found)
}

fn texts(args: &EmbedArgs) -> Result<Texts, String> {
    let mut texts = Texts::new();
    for spec in [&POSTS, &COMMENTS] {
        let columns = read_table(&args.run, spec).map_err(|error| error.to_string())?;
        let column = |name: &str| column(spec, &columns, name);
        let (society, arm, replicate) = (column("society"), column("arm"), column("replicate"));
        let (round, at, content, title) = (column("round"), column("at"), column("content"), column("title"));
        let number = |column: Option<&Column>, row: usize| column.and_then(|column| column.integer(row)).unwrap_or(0);
        let text = |column: Option<&Column>, row: usize| column.map_or("", |column| column.text(row)).to_owned();
        for row in 0..columns.first().map_or(0, Column::rows) {
            let said = format!("{}\n{}", text(title, row), text(content, row)).trim().to_owned();
            if said.is_empty() {
                continue;
            }
            let strand = (Arc::from(text(society, row)), Arc::from(text(arm, row)), number(replicate, row));
            texts.entry(strand).or_default().push((number(round, row), number(at, row), Arc::from(said)));
        }
    }
    for said in texts.values_mut() {
        said.sort_by_key(|(_, at, _)| *at);
    }
    Ok(texts)
}

fn column<'a>(spec: &TableSpec, columns: &'a [Column], name: &str) -> Option<&'a Column> {
    spec.columns.iter().position(|(known, _)| *known == name).and_then(|place| columns.get(place))
}

#[expect(clippy::disallowed_methods, reason = "keys come from the environment, and this is the program's edge")]
fn embedded(args: &EmbedArgs, texts: &[Arc<str>]) -> Result<Vec<Vec<f32>>, Failed> {
    let key = match &args.key {
        None => None,
        Some(variable) => Some(SecretString::from(
            std::env::var(variable)
                .map_err(|_| (Exit::Mistake, format!("environment variable {variable} is not set")))?,
        )),
    };
    let server = OpenAi::new(OpenAiSettings {
        addresses: vec![args.server.clone()],
        model: Arc::from(args.model.as_str()),
        sampling: Sampling::default(),
        form: ReplyForm::Text,
        key,
        key_header: None,
    })
    .map_err(|error| (Exit::Mistake, error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| (Exit::Failed, error.to_string()))?;
    let mut vectors = Vec::with_capacity(texts.len());
    for batch in texts.chunks(BATCH) {
        let batch: Vec<&str> = batch.iter().map(|text| &**text).collect();
        let found = runtime.block_on(server.embed(&batch));
        vectors.extend(found.map_err(|failure| (Exit::Failed, failure.reason.to_string()))?);
    }
    Ok(vectors)
}

fn print(args: &EmbedArgs, windows: &[Window]) -> String {
    let rows = windows.iter().map(|window| {
        vec![
            format!("{}, {}, {}", window.society, window.arm, window.replicate),
            window.round.to_string(),
            figure(window.dispersion, 4),
            figure(window.radius, 4),
            figure(window.drift, 4),
            figure(window.vendi, 1),
        ]
    });
    let headers = ["society, arm, replicate", "round", "dispersion", "radius", "drift", "Vendi"];
    format!(
        "Latest {} texts in the space of {}\n{}\ndispersion: mean cosine distance of two texts; radius: mean distance of \
         unit vectors from their mean;\ndrift: 1 less the cosine of this centroid and the one before; Vendi: different texts \
         in effect, by cosine.",
        args.texts,
        args.model,
        table(&headers, &rows.collect::<Vec<_>>())
    )
}
