//! Tables of a run directory, read back.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::RecordError;
use super::table::{Column, ColumnKind, TableSpec};

/// Reads `<dir>/<name>.parquet` whole: its columns, in the table's order. Columns that the writer did not know yet are
/// empty.
pub fn read_table(dir: &Path, spec: &TableSpec) -> Result<Vec<Column>, RecordError> {
    let path = dir.join(format!("{}.parquet", spec.name));
    let file = File::open(&path)
        .map_err(|error| RecordError::Malformed { path: path.display().to_string(), reason: error.to_string() })?;
    let table_error = |source: ParquetError| RecordError::Table { table: spec.name.to_owned(), source };
    let reader = SerializedFileReader::new(file).map_err(table_error)?;
    let schema = reader.metadata().file_metadata().schema_descr();
    let names: Vec<&str> = schema.root_schema().get_fields().iter().map(|field| field.name()).collect();
    // Columns that a later minor version added behind the others are missing in what earlier ones wrote.
    let known: Vec<&str> = spec.columns.iter().map(|(name, _)| *name).take(names.len()).collect();
    if names != known {
        return Err(RecordError::Malformed {
            path: path.display().to_string(),
            reason: format!("its columns are {}", names.join(", ")),
        });
    }
    let rows = reader.metadata().file_metadata().num_rows() as usize;
    spec.columns
        .iter()
        .enumerate()
        .map(|(index, &(_, kind))| match kind {
            ColumnKind::Integer if index >= known.len() => Ok(Column::Integer(vec![None; rows])),
            ColumnKind::Real if index >= known.len() => Ok(Column::Real(vec![None; rows])),
            ColumnKind::Reals if index >= known.len() => Ok(Column::Reals(vec![None; rows])),
            ColumnKind::Text if index >= known.len() => Ok(Column::same_text(&Arc::from(""), rows)),
            ColumnKind::Text => read_column::<ByteArrayType>(&reader, index).map(text_column),
            ColumnKind::Integer => read_column::<Int64Type>(&reader, index).map(Column::Integer),
            ColumnKind::Real => read_column::<DoubleType>(&reader, index).map(Column::Real),
            ColumnKind::Reals => read_lists(&reader, index).map(Column::Reals),
        })
        .collect::<Result<_, _>>()
        .map_err(table_error)
}

fn read_column<T: DataType>(
    reader: &SerializedFileReader<File>,
    column: usize,
) -> Result<Vec<Option<T::T>>, ParquetError> {
    let mut cells = Vec::new();
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        let rows = group.metadata().num_rows() as usize;
        let optional = group.metadata().column(column).column_descr().max_def_level() > 0;
        let mut column = get_typed_column_reader::<T>(group.get_column_reader(column)?);
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        let mut read = 0;
        while read < rows {
            let (records, ..) = column.read_records(rows - read, optional.then_some(&mut levels), None, &mut values)?;
            if records == 0 {
                break;
            }
            read += records;
        }
        let mut values = values.into_iter();
        if optional {
            cells.extend(levels.iter().map(|&level| if level > 0 { values.next() } else { None }));
        } else {
            cells.extend(values.map(Some));
        }
    }
    Ok(cells)
}

fn read_lists(reader: &SerializedFileReader<File>, column: usize) -> Result<Vec<Option<Vec<f64>>>, ParquetError> {
    let mut cells: Vec<Option<Vec<f64>>> = Vec::new();
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        let rows = group.metadata().num_rows() as usize;
        let mut column = get_typed_column_reader::<DoubleType>(group.get_column_reader(column)?);
        let (mut values, mut definition, mut repetition) = (Vec::new(), Vec::new(), Vec::new());
        let mut read = 0;
        while read < rows {
            let (records, ..) =
                column.read_records(rows - read, Some(&mut definition), Some(&mut repetition), &mut values)?;
            if records == 0 {
                break;
            }
            read += records;
        }
        let mut values = values.into_iter();
        for (&present, &goes_on) in definition.iter().zip(&repetition) {
            if goes_on == 0 {
                cells.push((present > 0).then(Vec::new));
            }
            if present == 2
                && let (Some(Some(list)), Some(value)) = (cells.last_mut(), values.next())
            {
                list.push(value);
            }
        }
    }
    Ok(cells)
}

fn text_column(cells: Vec<Option<parquet::data_type::ByteArray>>) -> Column {
    let mut values: Vec<Arc<str>> = Vec::new();
    let mut known = std::collections::BTreeMap::new();
    let rows = cells
        .into_iter()
        .map(|cell| {
            let text: Arc<str> = Arc::from(cell.as_ref().and_then(|bytes| bytes.as_utf8().ok()).unwrap_or_default());
            *known.entry(text.clone()).or_insert_with(|| {
                values.push(text);
                values.len() as u32 - 1
            })
        })
        .collect();
    Column::Text { values, rows }
}
