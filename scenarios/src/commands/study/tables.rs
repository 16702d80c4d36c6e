//! Tables that studies leave in a folder.

use std::path::Path;

use pluriverse_engine::record::table::{Column, TableSpec, TableWriter};

use crate::inputs::asset::AssetError;

/// A fresh table in a folder, which is made where it is not there; a table of that name that is there already is left alone.
pub(super) fn open(folder: &Path, spec: &'static TableSpec) -> Result<TableWriter, AssetError> {
    let file = folder.join(format!("{}.parquet", spec.name));
    if file.exists() {
        return Err(AssetError::new(format!("{} is there already; choose another --out", file.display())));
    }
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    TableWriter::create(folder, spec).map_err(|error| failed(folder, &error))
}

/// Writes a table of few rows.
pub(super) fn write(folder: &Path, spec: &'static TableSpec, columns: &[Column]) -> Result<(), AssetError> {
    let mut writer = open(folder, spec)?;
    writer.append(columns).and_then(|()| writer.finish()).map_err(|error| failed(folder, &error))
}

/// What to say of a table that cannot be written.
pub(super) fn failed(folder: &Path, error: &dyn std::fmt::Display) -> AssetError {
    AssetError::new(format!("cannot write tables to {}: {error}", folder.display()))
}

/// A column of texts.
pub(super) fn texts<T: AsRef<str>>(values: impl Iterator<Item = T>) -> Column {
    let values: Vec<std::sync::Arc<str>> = values.map(|value| std::sync::Arc::from(value.as_ref())).collect();
    Column::Text { rows: (0..values.len() as u32).collect(), values }
}
