//! `study compositions`.

use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::record::table::{Column, ColumnKind, TableSpec};
use pluriverse_worlds::survey::measures::distance::{between_agents, between_references};
use serde::Serialize;

use super::material::Material;
use super::tables::{self, texts};
use crate::commands::cli::CompositionArgs;
use crate::commands::output::{Form, figure, say, say_json, signed, table};
use crate::commands::progress::Progress;
use crate::inputs::asset::AssetError;
use crate::studies::compositions::{MOST_CULTURES, OfSize, QUANTILES, compositions, gap_interval, resampled_distances};
use crate::studies::scaled::Row;

/// A system's subsets.
#[derive(Serialize)]
struct Composed {
    system: Arc<str>,
    sizes: Vec<OfSize>,
}

/// Carries the study out.
pub(super) fn execute(args: &CompositionArgs, form: Form, progress: &Progress) -> Result<(), Vec<AssetError>> {
    let material = Material::of(&args.studied)?;
    let cultures = &material.source.cultures;
    let c = cultures.len();
    if c > MOST_CULTURES {
        return Err(vec![AssetError::new(format!("{c} cultures have too many subsets: at most {MOST_CULTURES}"))]);
    }
    if let Some(&size) = args.sizes.iter().find(|&&size| !(2..=c).contains(&size)) {
        return Err(vec![AssetError::new(format!("subsets of {c} cultures have 2 to {c} of them, not {size}"))]);
    }
    let (survey, resamples) = (&material.source.survey, material.resamples());
    let human =
        |a: usize, b: usize| between_references(&material.references[a], &material.references[b], &material.spans).0;
    let humans = composed("humans", cultures, human)?;
    let human_distances = resampled_distances(&material.references, survey, &resamples);
    let mut all = vec![humans];
    for (done, system) in (1..).zip(&material.systems) {
        progress.step(done, material.systems.len() as u64, &system.name);
        let id = |place: usize| AgentId(place as u32);
        let distance = |a: usize, b: usize| between_agents(&system.sheets, &material.spans, id(a), id(b)).percent();
        let mut found = composed(&system.name, cultures, distance)?;
        let row = |place: usize| -> Row {
            (0..survey.len()).map(|item| system.sheets.get(id(place), item).ok().map(f64::from)).collect()
        };
        let distances = resampled_distances(&(0..c).map(row).collect::<Vec<_>>(), survey, &resamples);
        for (of, human) in found.sizes.iter_mut().zip(&all[0].sizes) {
            of.gap_interval = gap_interval((&distances, &of.most), (&human_distances, &human.most), c);
        }
        all.push(found);
    }
    let wanted = |size: usize| args.sizes.is_empty() || args.sizes.contains(&size);
    for system in &mut all {
        system.sizes.retain(|of| wanted(of.cultures));
    }
    if let Some(folder) = &args.studied.out {
        write(&all, cultures, folder).map_err(|error| vec![error])?;
    }
    if form == Form::Json {
        say_json(&serde_json::json!({ "cultures": cultures, "quantiles": QUANTILES, "systems": all }));
        return Ok(());
    }
    say(&format!("{}\n", material.how));
    let humans = all[0].sizes.clone();
    for system in &all {
        say(&format!(
            "{}: Diversity_P over all subsets of cultures\n{}\n",
            system.system,
            sizes(system, &humans, cultures)
        ));
    }
    say(
        "Gap: the largest Diversity_P of the system less that of the humans, in points and relative to it; the subsets may \
         differ.\nIts 95 % interval is over items, subsets held as found: that they are the extremes of many is not in it.",
    );
    Ok(())
}

/// `compositions.parquet`: one row a system and size.
static COMPOSITIONS: TableSpec = TableSpec {
    name: "compositions",
    columns: &[
        ("system", ColumnKind::Text),
        ("cultures", ColumnKind::Integer),
        ("subsets", ColumnKind::Integer),
        ("min", ColumnKind::Real),
        ("quantile_05", ColumnKind::Real),
        ("quantile_25", ColumnKind::Real),
        ("quantile_50", ColumnKind::Real),
        ("quantile_75", ColumnKind::Real),
        ("quantile_95", ColumnKind::Real),
        ("max", ColumnKind::Real),
        ("mean", ColumnKind::Real),
        ("deviation", ColumnKind::Real),
        ("gap", ColumnKind::Real),
        ("gap_lower", ColumnKind::Real),
        ("gap_upper", ColumnKind::Real),
        ("least", ColumnKind::Text),
        ("most", ColumnKind::Text),
    ],
};

fn write(all: &[Composed], cultures: &[Arc<str>], folder: &Path) -> Result<(), AssetError> {
    let humans = &all[0].sizes;
    let rows: Vec<(&str, &OfSize, &OfSize)> =
        all.iter().flat_map(|of| of.sizes.iter().zip(humans).map(|(own, human)| (&*of.system, own, human))).collect();
    let real = |of: &dyn Fn(&OfSize) -> Option<f64>| Column::Real(rows.iter().map(|(_, own, _)| of(own)).collect());
    let quantile = |place: usize| real(&move |of: &OfSize| Some(of.quantiles[place]));
    let gap = rows.iter().map(|(_, own, human)| Some(own.max - human.max)).collect();
    let columns = [
        texts(rows.iter().map(|(system, ..)| *system)),
        Column::Integer(rows.iter().map(|(_, own, _)| Some(own.cultures as i64)).collect()),
        Column::Integer(rows.iter().map(|(_, own, _)| Some(own.subsets as i64)).collect()),
        real(&|of| Some(of.min)),
        quantile(0),
        quantile(1),
        quantile(2),
        quantile(3),
        quantile(4),
        real(&|of| Some(of.max)),
        real(&|of| Some(of.mean)),
        real(&|of| Some(of.deviation)),
        Column::Real(gap),
        real(&|of| of.gap_interval.map(|(lower, _)| lower)),
        real(&|of| of.gap_interval.map(|(_, upper)| upper)),
        texts(rows.iter().map(|(_, own, _)| members(&own.least, cultures))),
        texts(rows.iter().map(|(_, own, _)| members(&own.most, cultures))),
    ];
    tables::write(folder, &COMPOSITIONS, &columns)
}

fn members(places: &[u8], cultures: &[Arc<str>]) -> String {
    places.iter().map(|&place| &*cultures[usize::from(place)]).collect::<Vec<_>>().join(" ")
}

fn composed(
    name: &str,
    cultures: &[Arc<str>],
    distance: impl Fn(usize, usize) -> Option<f64>,
) -> Result<Composed, Vec<AssetError>> {
    let c = cultures.len();
    let mut distances = vec![0.0; c * c];
    for a in 0..c {
        for b in a + 1..c {
            let found = distance(a, b).ok_or_else(|| {
                vec![AssetError::new(format!("{name}: {} and {} have no item in common", cultures[a], cultures[b]))]
            })?;
            distances[a * c + b] = found;
            distances[b * c + a] = found;
        }
    }
    Ok(Composed { system: Arc::from(name), sizes: compositions(&distances, c) })
}

fn sizes(system: &Composed, humans: &[OfSize], cultures: &[Arc<str>]) -> String {
    let rows: Vec<Vec<String>> = system
        .sizes
        .iter()
        .zip(humans)
        .map(|(of, human)| {
            let two = |value: f64| figure(Some(value), 2);
            let [low, _, middle, _, high] = of.quantiles.map(two);
            let mut row =
                vec![of.cultures.to_string(), of.subsets.to_string(), two(of.min), low, middle, high, two(of.max)];
            if &*system.system != "humans" {
                let gap = signed(Some(of.max - human.max), 2);
                row.push(of.gap_interval.map_or(gap.clone(), |(low, high)| format!("{gap} [{low:+.2}, {high:+.2}]")));
                row.push(format!("{:+.1}", (of.max - human.max) / human.max * 100.0));
            }
            row.push(members(&of.most, cultures));
            row
        })
        .collect();
    let mut headers = vec!["cultures", "subsets", "least", "5 %", "middle", "95 %", "most"];
    if &*system.system != "humans" {
        headers.extend(["gap", "gap %"]);
    }
    headers.push("most diverse");
    table(&headers, &rows)
}
