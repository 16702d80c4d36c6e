//! `study sensitivity`.

use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::record::table::{Column, ColumnKind, TableSpec};

use super::material::Material;
use super::tables::{self, texts};
use crate::commands::cli::Studied;
use crate::commands::output::{Form, counted, figure, say, say_json, signed, table};
use crate::commands::progress::Progress;
use crate::inputs::asset::AssetError;
use crate::studies::robustness::{Headline, robustness};

/// Carries the study out.
pub(super) fn execute(args: &Studied, form: Form, progress: &Progress) -> Result<(), Vec<AssetError>> {
    let material = Material::of(args)?;
    progress.step(0, 1, "one choice after another");
    let found = robustness(&material.source);
    if let Some(folder) = &args.out {
        write(&found, folder).map_err(|error| vec![error])?;
    }
    if form == Form::Json {
        say_json(&found);
        return Ok(());
    }
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|way| {
            let two = |value: Option<f64>| figure(value, 2);
            let name = |name: &Option<Arc<str>>| name.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string);
            vec![
                way.choice.to_owned(),
                way.items.to_string(),
                two(way.pairwise_diversity),
                two(way.human_pairwise_diversity),
                format!("{} of {}", way.below_humans.0, way.below_humans.1),
                two(way.structural_diversity),
                two(way.human_structural_diversity),
                two(way.alignment),
                signed(way.pearson, 3),
                signed(way.spearman, 3),
                name(&way.most_diverse),
                name(&way.most_aligned),
            ]
        })
        .collect();
    let headers = [
        "choice",
        "items",
        "diversity",
        "humans",
        "below",
        "tree",
        "humans",
        "alignment",
        "r",
        "ρ",
        "most diverse",
        "most aligned",
    ];
    say(&format!(
        "{}, {}\n\n{}",
        material.source.cultures.iter().map(|code| &**code).collect::<Vec<_>>().join(" "),
        counted(material.systems.len() as u64, "system", "systems"),
        table(&headers, &rows)
    ));
    say(
        "Diversity, tree and alignment are means over systems; r and ρ are of diversity and alignment over them. The first line is \
         the published way; each other line changes one choice.",
    );
    Ok(())
}

/// `choices.parquet`: one row a choice.
static CHOICES: TableSpec = TableSpec {
    name: "choices",
    columns: &[
        ("choice", ColumnKind::Text),
        ("items", ColumnKind::Integer),
        ("pairwise_diversity", ColumnKind::Real),
        ("human_pairwise_diversity", ColumnKind::Real),
        ("systems_below_humans", ColumnKind::Integer),
        ("systems", ColumnKind::Integer),
        ("structural_diversity", ColumnKind::Real),
        ("human_structural_diversity", ColumnKind::Real),
        ("alignment", ColumnKind::Real),
        ("pearson", ColumnKind::Real),
        ("spearman", ColumnKind::Real),
        ("most_diverse", ColumnKind::Text),
        ("most_aligned", ColumnKind::Text),
    ],
};

fn write(found: &[Headline], folder: &Path) -> Result<(), AssetError> {
    let real = |of: fn(&Headline) -> Option<f64>| Column::Real(found.iter().map(of).collect());
    let whole = |of: fn(&Headline) -> usize| Column::Integer(found.iter().map(|way| Some(of(way) as i64)).collect());
    let name = |name: &Option<Arc<str>>| name.clone().unwrap_or_default();
    let columns = [
        texts(found.iter().map(|way| way.choice)),
        whole(|way| way.items),
        real(|way| way.pairwise_diversity),
        real(|way| way.human_pairwise_diversity),
        whole(|way| way.below_humans.0),
        whole(|way| way.below_humans.1),
        real(|way| way.structural_diversity),
        real(|way| way.human_structural_diversity),
        real(|way| way.alignment),
        real(|way| way.pearson),
        real(|way| way.spearman),
        texts(found.iter().map(|way| name(&way.most_diverse))),
        texts(found.iter().map(|way| name(&way.most_aligned))),
    ];
    tables::write(folder, &CHOICES, &columns)
}
