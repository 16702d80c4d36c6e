//! `study mixed-backbones`.

use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::record::table::{Column, ColumnKind, TableSpec};
use serde::Serialize;

use super::material::Material;
use super::tables::{self, texts};
use crate::commands::cli::MixedArgs;
use crate::commands::output::{Form, figure, say, say_json, signed, table};
use crate::commands::progress::Progress;
use crate::inputs::asset::AssetError;
use crate::studies::mixed::{
    Assignment, Coverage, EXHAUSTIVE_UP_TO, Figures, Mixed, Range, Tables, exhaustive, list, search, with_intervals,
};

/// What `mixed-backbones --json` prints.
#[derive(Serialize)]
struct MixedReport<'a> {
    cultures: &'a [Arc<str>],
    backbones: Vec<Arc<str>>,
    #[serde(flatten)]
    mixed: &'a Mixed,
}

/// Carries the study out.
pub(super) fn execute(args: &MixedArgs, form: Form, progress: &Progress) -> Result<(), Vec<AssetError>> {
    let one = |error| vec![error];
    let material = Material::of(&args.studied)?;
    let (systems, cultures) = (&material.systems, &material.source.cultures);
    let tables = Tables::of(systems, cultures, &material.references, &material.spans).map_err(one)?;
    let mixed = match (tables.assignments(), args.search) {
        (_, Some(starts)) => search(&tables, starts, &mut material.draws("mixed.search").stream(AgentId(0), 0)),
        (Some(all), None) if all <= EXHAUSTIVE_UP_TO => {
            exhaustive(&tables, &|done, all| progress.step(done, all, "first culture's backbones"))
        }
        _ => {
            return Err(vec![AssetError {
                message: format!(
                    "{} backbones for {} cultures make more than {EXHAUSTIVE_UP_TO} assignments",
                    systems.len(),
                    cultures.len()
                ),
                help: Some(
                    "--search N climbs from N random starts instead; --systems and --cultures choose fewer".to_owned(),
                ),
            }]);
        }
    };
    if args.assignments && mixed.coverage == Coverage::Searched {
        return Err(vec![AssetError::new("--assignments writes all of them, and a search does not go through them")]);
    }
    let resamples = material.resamples();
    let mixed = with_intervals(mixed, &material.source.survey, systems, &material.references, &resamples);
    let names = material.names();
    if let Some(folder) = &args.studied.out {
        write(&mixed, &names, cultures, folder).map_err(one)?;
        if args.assignments {
            write_assignments(&tables, folder).map_err(one)?;
        }
    }
    if form == Form::Json {
        say_json(&MixedReport { cultures, backbones: names, mixed: &mixed });
        return Ok(());
    }
    say(&format!("{}\n", material.how));
    tell_mixed(&mixed, &names, cultures);
    if let Some(folder) = &args.studied.out {
        say(&format!("\nTables written to {}", folder.display()));
    }
    Ok(())
}

fn tell_mixed(mixed: &Mixed, names: &[Arc<str>], cultures: &[Arc<str>]) {
    say(&match mixed.coverage {
        Coverage::Exhaustive => format!("{} assignments, all there are", mixed.assignments),
        Coverage::Searched => {
            format!(
                "{} assignments looked at by the search, some more than once, and not all there are: extremes may lie beyond",
                mixed.assignments
            )
        }
    });
    let range = |name: &str, range: &Range| {
        vec![name.to_owned(), figure(Some(range.min), 2), figure(Some(range.mean), 2), figure(Some(range.max), 2)]
    };
    say(&table(
        &["over assignments", "least", "mean", "most"],
        &[
            range("diversity (Diversity_P)", &mixed.pairwise_diversity),
            range("tree (Diversity_S)", &mixed.structural_diversity),
            range("alignment", &mixed.alignment),
        ],
    ));
    let row = |label: String, assignment: &Assignment, words: String| {
        let f = assignment.figures;
        let figures = [f.pairwise_diversity, f.structural_diversity, f.alignment].map(|value| figure(Some(value), 2));
        [vec![label], figures.to_vec(), vec![words]].concat()
    };
    let mut rows: Vec<Vec<String>> =
        mixed.frontier.iter().map(|a| row("mixed".to_owned(), a, in_words(a, names, cultures))).collect();
    rows.extend(
        mixed
            .single_frontier
            .iter()
            .map(|&single| row("single".to_owned(), &mixed.singles[single], names[single].to_string())),
    );
    say(&format!(
        "\nFrontier: no other assignment is better in both diversity and alignment\n{}",
        table(&["", "diversity", "tree", "alignment", "backbones"], &rows)
    ));
    let rows: Vec<Vec<String>> = mixed
        .gains
        .iter()
        .map(|gain| {
            let with = |value: f64, interval: Option<(f64, f64)>| match interval {
                Some((lower, upper)) => format!("{value:+.2} [{lower:+.2}, {upper:+.2}]"),
                None => signed(Some(value), 2),
            };
            let [diversity, alignment] = gain.over_best_intervals;
            vec![
                gain.point.to_owned(),
                names[gain.best_single].to_string(),
                with(gain.over_best.0, diversity),
                with(gain.over_best.1, alignment),
                names[gain.nearest_single].to_string(),
                signed(Some(gain.over_nearest.0), 2),
                signed(Some(gain.over_nearest.1), 2),
            ]
        })
        .collect();
    let headers = ["mixed", "best single", "diversity", "alignment", "nearest single", "diversity", "alignment"];
    say(&format!("\nGains over single backbones, in points\n{}", table(&headers, &rows)));
    say(
        "Intervals are over items, 95 %, assignments held as found. That they are the best of many is not in them: part of every \
         gain is chance.",
    );
}

/// `assignments.parquet`: one row an assignment, in order, the last culture's backbone fastest.
static ASSIGNMENTS: TableSpec = TableSpec {
    name: "assignments",
    columns: &[
        ("assignment", ColumnKind::Integer),
        ("pairwise_diversity", ColumnKind::Real),
        ("structural_diversity", ColumnKind::Real),
        ("alignment", ColumnKind::Real),
    ],
};

/// `frontier.parquet`: one row an assignment no other beats.
static FRONTIER: TableSpec = TableSpec {
    name: "frontier",
    columns: &[
        ("kind", ColumnKind::Text),
        ("backbones", ColumnKind::Text),
        ("pairwise_diversity", ColumnKind::Real),
        ("structural_diversity", ColumnKind::Real),
        ("alignment", ColumnKind::Real),
    ],
};

/// `density.parquet`: how many assignments fall into each cell.
static DENSITY: TableSpec = TableSpec {
    name: "density",
    columns: &[
        ("pairwise_diversity", ColumnKind::Real),
        ("alignment", ColumnKind::Real),
        ("assignments", ColumnKind::Integer),
    ],
};

/// An assignment as `BRA=one CHN=two`.
fn in_words(assignment: &Assignment, names: &[Arc<str>], cultures: &[Arc<str>]) -> String {
    let each = cultures.iter().zip(&assignment.backbones);
    each.map(|(code, &backbone)| format!("{code}={}", names[usize::from(backbone)])).collect::<Vec<_>>().join(" ")
}

fn write(mixed: &Mixed, names: &[Arc<str>], cultures: &[Arc<str>], folder: &Path) -> Result<(), AssetError> {
    let singles = mixed.single_frontier.iter().map(|&single| ("single", &mixed.singles[single]));
    let rows: Vec<(&str, &Assignment)> = mixed.frontier.iter().map(|a| ("mixed", a)).chain(singles).collect();
    let real = |of: fn(&Figures) -> f64| Column::Real(rows.iter().map(|(_, a)| Some(of(&a.figures))).collect());
    let columns = [
        texts(rows.iter().map(|(kind, _)| *kind)),
        texts(rows.iter().map(|(_, assignment)| in_words(assignment, names, cultures))),
        real(|figures| figures.pairwise_diversity),
        real(|figures| figures.structural_diversity),
        real(|figures| figures.alignment),
    ];
    tables::write(folder, &FRONTIER, &columns)?;
    let columns = [
        Column::Real(mixed.density.iter().map(|cell| Some(cell.0)).collect()),
        Column::Real(mixed.density.iter().map(|cell| Some(cell.1)).collect()),
        Column::Integer(mixed.density.iter().map(|cell| Some(cell.2 as i64)).collect()),
    ];
    tables::write(folder, &DENSITY, &columns)
}

fn write_assignments(tables: &Tables, folder: &Path) -> Result<(), AssetError> {
    const PORTION: usize = 1 << 20;
    let mut writer = tables::open(folder, &ASSIGNMENTS)?;
    let mut columns: [Vec<Option<f64>>; 3] = Default::default();
    let (mut next, mut broken) = (0_i64, None);
    let mut flush = |columns: &mut [Vec<Option<f64>>; 3]| {
        let rows = columns[0].len() as i64;
        let [p, s, a] = std::mem::take(columns);
        let numbers = Column::Integer((next..next + rows).map(Some).collect());
        next += rows;
        if let Err(error) = writer.append(&[numbers, Column::Real(p), Column::Real(s), Column::Real(a)]) {
            broken.get_or_insert(error);
        }
    };
    list(tables, |figures| {
        let values = [figures.pairwise_diversity, figures.structural_diversity, figures.alignment];
        columns.iter_mut().zip(values).for_each(|(column, value)| column.push(Some(value)));
        if columns[0].len() == PORTION {
            flush(&mut columns);
        }
    });
    flush(&mut columns);
    match broken {
        Some(error) => Err(tables::failed(folder, &error)),
        None => writer.finish().map_err(|error| tables::failed(folder, &error)),
    }
}
