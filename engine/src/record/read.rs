//! Tables of a run directory, read back.

use std::fs::File;
use std::ops::Range;
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
    let table = OpenTable::open(dir, spec)?;
    table.columns(0..table.reader.num_row_groups())
}

/// Reads a table in the portions it was written in, so that it never lies in memory whole: the columns of each portion,
/// in the table's order, are handed to `take`.
pub fn read_portions(dir: &Path, spec: &TableSpec, take: &mut dyn FnMut(&[Column])) -> Result<(), RecordError> {
    let table = OpenTable::open(dir, spec)?;
    for portion in 0..table.reader.num_row_groups() {
        take(&table.columns(portion..portion + 1)?);
    }
    Ok(())
}

/// A table's file, its columns looked over.
struct OpenTable<'a> {
    spec: &'a TableSpec,
    reader: SerializedFileReader<File>,
    /// How many of the table's columns its writer knew.
    known: usize,
}

impl<'a> OpenTable<'a> {
    fn open(dir: &Path, spec: &'a TableSpec) -> Result<Self, RecordError> {
        let path = dir.join(format!("{}.parquet", spec.name));
        let file = File::open(&path)
            .map_err(|error| RecordError::Malformed { path: path.display().to_string(), reason: error.to_string() })?;
        let reader = SerializedFileReader::new(file)
            .map_err(|source| RecordError::Table { table: spec.name.to_owned(), source })?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let names: Vec<&str> = schema.root_schema().get_fields().iter().map(|field| field.name()).collect();
        // Columns that a later minor version added behind the others are missing in what earlier ones wrote.
        let known: Vec<&str> = spec.columns.iter().map(|(name, _)| *name).take(names.len()).collect();
        if names != known {
            let reason = format!("its columns are {}", names.join(", "));
            return Err(RecordError::Malformed { path: path.display().to_string(), reason });
        }
        let known = known.len();
        Ok(Self { spec, reader, known })
    }

    fn columns(&self, groups: Range<usize>) -> Result<Vec<Column>, RecordError> {
        let (known, metadata) = (self.known, self.reader.metadata());
        let count = groups.clone().map(|group| metadata.row_group(group).num_rows() as usize).sum();
        let groups = &Groups { reader: &self.reader, groups };
        self.spec
            .columns
            .iter()
            .enumerate()
            .map(|(index, &(_, kind))| match kind {
                ColumnKind::Integer if index >= known => Ok(Column::Integer(vec![None; count])),
                ColumnKind::Real if index >= known => Ok(Column::Real(vec![None; count])),
                ColumnKind::Reals if index >= known => Ok(Column::Reals(vec![None; count])),
                ColumnKind::Text if index >= known => Ok(Column::same_text(&Arc::from(""), count)),
                ColumnKind::Text => read_column::<ByteArrayType>(groups, index).map(text_column),
                ColumnKind::Integer => read_column::<Int64Type>(groups, index).map(Column::Integer),
                ColumnKind::Real => read_column::<DoubleType>(groups, index).map(Column::Real),
                ColumnKind::Reals => read_lists(groups, index).map(Column::Reals),
            })
            .collect::<Result<_, _>>()
            .map_err(|source| RecordError::Table { table: self.spec.name.to_owned(), source })
    }
}

/// Row groups that are read one after another.
struct Groups<'r> {
    reader: &'r SerializedFileReader<File>,
    groups: Range<usize>,
}

fn read_column<T: DataType>(from: &Groups<'_>, column: usize) -> Result<Vec<Option<T::T>>, ParquetError> {
    let mut cells = Vec::new();
    for group in from.groups.clone() {
        let group = from.reader.get_row_group(group)?;
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

fn read_lists(from: &Groups<'_>, column: usize) -> Result<Vec<Option<Vec<f64>>>, ParquetError> {
    let mut cells: Vec<Option<Vec<f64>>> = Vec::new();
    for group in from.groups.clone() {
        let group = from.reader.get_row_group(group)?;
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
