//! `study landscape`.

use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::record::table::{Column, ColumnKind, TableSpec};
use serde::Serialize;

use super::material::{Material, RESAMPLES};
use super::tables::{self, texts};
use crate::commands::cli::LandscapeArgs;
use crate::commands::output::{Form, counted, figure, say, say_json, table};
use crate::commands::progress::Progress;
use crate::inputs::asset::AssetError;
use crate::studies::landscape::{Association, Correlation, Point, association, points, sampled_points};
use crate::studies::measure::{ItemFigure, ItemVariant, Society, items};

/// Permutations and resamples of systems behind a coefficient.
const PERMUTATIONS: usize = 10_000;

/// What `landscape --json` prints.
#[derive(Serialize)]
struct LandscapeReport<'a> {
    cultures: &'a [Arc<str>],
    points: &'a [Point],
    association: &'a Association,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    items: Vec<(Arc<str>, Vec<ItemFigure>)>,
}

/// Carries the study out.
pub(super) fn execute(args: &LandscapeArgs, form: Form, progress: &Progress) -> Result<(), Vec<AssetError>> {
    let material = Material::of(&args.studied)?;
    let survey = &material.source.survey;
    let all = material.systems.len() as u64;
    let step = |done: u64, what: &str| progress.step(done, all, what);
    let samples = material.samples();
    let found = match samples.len() {
        0 | 1 => points(survey, &material.systems, &material.references, &material.resamples(), &step),
        _ => sampled_points(survey, &samples, &material.references),
    };
    let pairs: Vec<(f64, f64)> = found.iter().filter_map(|p| p.pairwise_diversity.zip(p.alignment)).collect();
    let association = association(&pairs, PERMUTATIONS, &material.draws("landscape.systems"));
    let tables = item_tables(args, &material)?;
    if let Some(folder) = &args.studied.out {
        write(&found, &tables, folder).map_err(|error| vec![error])?;
    }
    if form == Form::Json {
        let cultures = &material.source.cultures;
        say_json(&LandscapeReport { cultures, points: &found, association: &association, items: tables });
        return Ok(());
    }
    say(&format!("{}\n", material.how));
    let cell = |value: Option<f64>, interval: Option<(f64, f64)>| match interval {
        Some((lower, upper)) => format!("{} [{lower:.2}, {upper:.2}]", figure(value, 2)),
        None => figure(value, 2),
    };
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|point| {
            let [p, s, a] = point.intervals;
            vec![
                point.system.to_string(),
                cell(point.pairwise_diversity, p),
                cell(point.structural_diversity, s),
                cell(point.alignment, a),
            ]
        })
        .collect();
    say(&table(&["system", "diversity", "tree", "alignment"], &rows));
    let coefficient = |name: &str, Correlation { coefficient, p, interval }: Correlation| match (coefficient, p) {
        (Some(coefficient), Some(p)) => {
            let interval = interval.map_or("no interval".to_owned(), |(low, high)| format!("{low:+.3} to {high:+.3}"));
            format!("{name} {coefficient:+.3}, p {p:.4}, 95 % interval {interval}")
        }
        _ => format!("{name}: fewer than three systems, or figures that do not vary"),
    };
    say(&format!(
        "\nDiversity against alignment over {}\n{}\n{}",
        counted(association.systems as u64, "system", "systems"),
        coefficient("Pearson's r", association.pearson),
        coefficient("Spearman's ρ", association.spearman)
    ));
    let over = match samples.len() {
        0 | 1 => format!("{RESAMPLES} resamples of the items"),
        several => format!("Student's t over {several} samples of every answer, whose means are told"),
    };
    say(&format!(
        "Intervals of figures: {over}. p and intervals of coefficients: {PERMUTATIONS} permutations and resamples of the \
         systems."
    ));
    for (system, items) in tables {
        let row = |item: &ItemFigure| vec![item.item.to_string(), figure(item.diversity, 3), figure(item.alignment, 3)];
        let rows: Vec<Vec<String>> = items.iter().map(row).collect();
        say(&format!("\n{system}, item by item\n{}", table(&["item", "D_q", "A_q"], &rows)));
    }
    Ok(())
}

/// D_q and A_q of the systems that are asked for.
fn item_tables(args: &LandscapeArgs, material: &Material) -> Result<Vec<(Arc<str>, Vec<ItemFigure>)>, Vec<AssetError>> {
    let cultures = &material.source.cultures;
    let references = cultures.iter().cloned().zip(material.references.iter().cloned()).collect();
    args.items
        .iter()
        .map(|wanted| {
            let system =
                material.systems.iter().find(|system| *system.name == **wanted).ok_or_else(|| {
                    vec![AssetError::new(format!("there is no system `{wanted}` among those studied"))]
                })?;
            let society = Society { cultures: cultures.clone(), sheets: system.sheets.clone() };
            Ok((system.name.clone(), items(&society, &material.source.survey, &references, ItemVariant::Plain)))
        })
        .collect()
}

/// `systems.parquet`: one row a system.
static SYSTEMS: TableSpec = TableSpec {
    name: "systems",
    columns: &[
        ("system", ColumnKind::Text),
        ("pairwise_diversity", ColumnKind::Real),
        ("pairwise_diversity_lower", ColumnKind::Real),
        ("pairwise_diversity_upper", ColumnKind::Real),
        ("structural_diversity", ColumnKind::Real),
        ("structural_diversity_lower", ColumnKind::Real),
        ("structural_diversity_upper", ColumnKind::Real),
        ("alignment", ColumnKind::Real),
        ("alignment_lower", ColumnKind::Real),
        ("alignment_upper", ColumnKind::Real),
    ],
};

/// `items.parquet`: one row a system and item.
static ITEMS: TableSpec = TableSpec {
    name: "items",
    columns: &[
        ("system", ColumnKind::Text),
        ("item", ColumnKind::Text),
        ("item_diversity", ColumnKind::Real),
        ("item_alignment", ColumnKind::Real),
    ],
};

fn write(points: &[Point], items: &[(Arc<str>, Vec<ItemFigure>)], folder: &Path) -> Result<(), AssetError> {
    let mut columns = vec![texts(points.iter().map(|point| &*point.system))];
    let figures: [fn(&Point) -> Option<f64>; 3] =
        [|point| point.pairwise_diversity, |point| point.structural_diversity, |point| point.alignment];
    for (place, figure) in figures.into_iter().enumerate() {
        let end = |of: fn((f64, f64)) -> f64| {
            Column::Real(points.iter().map(|point| point.intervals[place].map(of)).collect())
        };
        columns.extend([Column::Real(points.iter().map(figure).collect()), end(|ends| ends.0), end(|ends| ends.1)]);
    }
    tables::write(folder, &SYSTEMS, &columns)?;
    if items.is_empty() {
        return Ok(());
    }
    let rows = || items.iter().flat_map(|(system, items)| items.iter().map(move |item| (system, item)));
    let columns = [
        texts(rows().map(|(system, _)| system.clone())),
        texts(rows().map(|(_, item)| item.item.clone())),
        Column::Real(rows().map(|(_, item)| item.diversity).collect()),
        Column::Real(rows().map(|(_, item)| item.alignment).collect()),
    ];
    tables::write(folder, &ITEMS, &columns)
}
