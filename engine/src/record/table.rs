//! Tables of a run directory: declared columns, rows in memory, Parquet on disk.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bevy_ecs::prelude::Resource;
use bytes::Bytes;
use parquet::basic::{Compression, ConvertedType, Encoding, LogicalType, Repetition, Type as PhysicalType, ZstdLevel};
use parquet::column::writer::{ColumnCloseResult, ColumnWriter, get_column_writer};
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, SerializedRowGroupWriter, TrackedWrite};
use parquet::schema::types::{ColumnDescPtr, ColumnPath, Type, TypePtr};
use rayon::prelude::*;

use super::RecordError;

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnKind {
    /// Text, never missing.
    Text,
    /// Whole numbers; may be missing.
    Integer,
    /// Numbers; may be missing.
    Real,
    /// Lists of numbers; may be missing.
    Reals,
}

/// A table: its name (also the file's) and its columns in order.
#[derive(Debug, PartialEq, Eq)]
pub struct TableSpec {
    /// Name of the table and of its file, without extension.
    pub name: &'static str,
    /// Column names and kinds, in order.
    pub columns: &'static [(&'static str, ColumnKind)],
}

/// One column of some rows.
#[derive(Clone, PartialEq, Debug)]
pub enum Column {
    /// Text by index into a list of distinct values, so that a million rows share one string.
    Text {
        /// The distinct values.
        values: Vec<Arc<str>>,
        /// For each row, the index of its value.
        rows: Vec<u32>,
    },
    /// Whole numbers.
    Integer(Vec<Option<i64>>),
    /// Numbers.
    Real(Vec<Option<f64>>),
    /// Lists of numbers.
    Reals(Vec<Option<Vec<f64>>>),
}

impl Column {
    /// The same text in every row.
    pub fn same_text(value: &Arc<str>, rows: usize) -> Self {
        Self::Text { values: vec![value.clone()], rows: vec![0; rows] }
    }

    /// Texts row by row, with each distinct one held once.
    pub fn distinct(texts: impl IntoIterator<Item = Arc<str>>) -> Self {
        let mut known: BTreeMap<Arc<str>, u32> = BTreeMap::new();
        let mut values = Vec::new();
        let rows = texts
            .into_iter()
            .map(|text| {
                *known.entry(text.clone()).or_insert_with(|| {
                    values.push(text);
                    values.len() as u32 - 1
                })
            })
            .collect();
        Self::Text { values, rows }
    }

    /// The same whole number in every row.
    pub fn same_integer(value: i64, rows: usize) -> Self {
        Self::Integer(vec![Some(value); rows])
    }

    /// The text in a row; empty for other columns.
    pub fn text(&self, row: usize) -> &str {
        match self {
            Self::Text { values, rows } => &values[rows[row] as usize],
            Self::Integer(_) | Self::Real(_) | Self::Reals(_) => "",
        }
    }

    /// The whole number in a row, where there is one.
    pub fn integer(&self, row: usize) -> Option<i64> {
        match self {
            Self::Integer(cells) => cells[row],
            Self::Text { .. } | Self::Real(_) | Self::Reals(_) => None,
        }
    }

    /// The number in a row, where there is one.
    pub fn real(&self, row: usize) -> Option<f64> {
        match self {
            Self::Real(cells) => cells[row],
            Self::Text { .. } | Self::Integer(_) | Self::Reals(_) => None,
        }
    }

    /// The list in a row, where there is one.
    pub fn reals(&self, row: usize) -> Option<&[f64]> {
        match self {
            Self::Reals(cells) => cells[row].as_deref(),
            Self::Text { .. } | Self::Integer(_) | Self::Real(_) => None,
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Text { rows, .. } => rows.len(),
            Self::Integer(values) => values.len(),
            Self::Real(values) => values.len(),
            Self::Reals(values) => values.len(),
        }
    }
}

/// Rows of one table, made in portions while they are written, so that a million agents' answers never lie in memory
/// all at once.
pub struct Rows {
    /// Which table.
    pub table: &'static TableSpec,
    /// The portions, each one row group: the table's columns, in order, all of one length.
    pub portions: Box<dyn Iterator<Item = Vec<Column>> + Send + Sync>,
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Rows").field("table", &self.table.name).finish_non_exhaustive()
    }
}

/// Rows that worlds want written, in order. Emptied by the recorder.
#[derive(Resource, Default, Debug)]
pub struct TableRows(pub Vec<Rows>);

/// A Parquet file that grows under a `.part` name and gets its own when it is whole.
pub struct TableWriter {
    spec: &'static TableSpec,
    writer: SerializedFileWriter<BufWriter<File>>,
    part: PathBuf,
    whole: PathBuf,
}

impl TableWriter {
    /// Opens `<dir>/<name>.parquet.part`.
    pub fn create(dir: &Path, spec: &'static TableSpec) -> Result<Self, RecordError> {
        let whole = dir.join(format!("{}.parquet", spec.name));
        let part = dir.join(format!("{}.parquet.part", spec.name));
        let file =
            File::create(&part).map_err(|source| RecordError::Io { path: part.display().to_string(), source })?;
        let properties = properties(spec);
        let writer = schema(spec)
            .and_then(|schema| SerializedFileWriter::new(BufWriter::new(file), schema, Arc::new(properties)))
            .map_err(|source| table_error(spec, source))?;
        Ok(Self { spec, writer, part, whole })
    }

    /// The table this writes.
    pub fn spec(&self) -> &'static TableSpec {
        self.spec
    }

    /// Appends rows as one row group.
    pub fn append(&mut self, columns: &[Column]) -> Result<(), RecordError> {
        let spec = self.spec;
        let rows = columns.first().map_or(0, Column::rows);
        if columns.len() != spec.columns.len() || columns.iter().any(|column| column.rows() != rows) {
            return Err(RecordError::Malformed {
                path: spec.name.to_owned(),
                reason: "columns do not match the table".to_owned(),
            });
        }
        if rows == 0 {
            return Ok(());
        }
        let schema = self.writer.schema_descr().columns().to_vec();
        let properties = self.writer.properties().clone();
        self.writer
            .next_row_group()
            .and_then(|group| write_group(group, columns, (&schema, &properties)))
            .map_err(|source| table_error(spec, source))
    }

    /// Writes the footer and gives the file its own name.
    pub fn finish(self) -> Result<(), RecordError> {
        let spec = self.spec;
        self.writer.close().map_err(|source| table_error(spec, source))?;
        std::fs::rename(&self.part, &self.whole)
            .map_err(|source| RecordError::Io { path: self.whole.display().to_string(), source })
    }
}

/// Whole numbers are written as differences: in tables of events they hardly repeat, and a dictionary of them costs more
/// than it saves.
fn properties(spec: &TableSpec) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(format!("pluriverse {}", env!("CARGO_PKG_VERSION")));
    for (name, _) in spec.columns.iter().filter(|(_, kind)| *kind == ColumnKind::Integer) {
        let path = ColumnPath::from(*name);
        builder = builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
    }
    builder.build()
}

fn table_error(spec: &'static TableSpec, source: ParquetError) -> RecordError {
    RecordError::Table { table: spec.name.to_owned(), source }
}

fn schema(spec: &TableSpec) -> Result<TypePtr, ParquetError> {
    let fields = spec.columns.iter().map(|&(name, kind)| field(name, kind).map(Arc::new)).collect::<Result<_, _>>()?;
    Type::group_type_builder(spec.name).with_fields(fields).build().map(Arc::new)
}

fn field(name: &str, kind: ColumnKind) -> Result<Type, ParquetError> {
    let optional = |physical| Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
    match kind {
        ColumnKind::Text => Type::primitive_type_builder(name, PhysicalType::BYTE_ARRAY)
            .with_repetition(Repetition::REQUIRED)
            .with_converted_type(ConvertedType::UTF8)
            .with_logical_type(Some(LogicalType::String))
            .build(),
        ColumnKind::Integer => optional(PhysicalType::INT64).build(),
        ColumnKind::Real => optional(PhysicalType::DOUBLE).build(),
        ColumnKind::Reals => {
            // The three levels of a Parquet list: the list may be missing, its elements may not.
            let element = Type::primitive_type_builder("element", PhysicalType::DOUBLE)
                .with_repetition(Repetition::REQUIRED)
                .build()?;
            let list = Type::group_type_builder("list")
                .with_repetition(Repetition::REPEATED)
                .with_fields(vec![Arc::new(element)])
                .build()?;
            Type::group_type_builder(name)
                .with_repetition(Repetition::OPTIONAL)
                .with_converted_type(ConvertedType::LIST)
                .with_logical_type(Some(LogicalType::List))
                .with_fields(vec![Arc::new(list)])
                .build()
        }
    }
}

/// Encodes the columns of a row group side by side, and puts them into the file one after another: the bytes are the
/// same whatever the number of threads.
fn write_group<W: std::io::Write + Send>(
    mut group: SerializedRowGroupWriter<'_, W>,
    columns: &[Column],
    (schema, properties): (&[ColumnDescPtr], &WriterPropertiesPtr),
) -> Result<(), ParquetError> {
    let encode = |(column, description): (&Column, &ColumnDescPtr)| encoded(column, description, properties);
    let encoded: Vec<_> = columns.par_iter().zip(schema).map(encode).collect();
    for column in encoded {
        let (bytes, close) = column?;
        group.append_column(&Bytes::from(bytes), close)?;
    }
    group.close().map(|_| ())
}

/// One column of a row group as the bytes it takes in a file.
fn encoded(
    column: &Column,
    description: &ColumnDescPtr,
    properties: &WriterPropertiesPtr,
) -> Result<(Vec<u8>, ColumnCloseResult), ParquetError> {
    let mut sink = TrackedWrite::new(Vec::new());
    let pages = Box::new(SerializedPageWriter::new(&mut sink));
    let mut writer = get_column_writer(description.clone(), properties.clone(), pages);
    match (column, &mut writer) {
        (Column::Text { values, rows }, ColumnWriter::ByteArrayColumnWriter(writer)) => {
            let bytes: Vec<ByteArray> = values.iter().map(|value| ByteArray::from(value.as_ref())).collect();
            let cells: Vec<ByteArray> = rows.iter().map(|&row| bytes[row as usize].clone()).collect();
            writer.write_batch(&cells, None, None)?;
        }
        (Column::Integer(cells), ColumnWriter::Int64ColumnWriter(writer)) => {
            let (present, levels) = split(cells);
            writer.write_batch(&present, Some(&levels), None)?;
        }
        (Column::Real(cells), ColumnWriter::DoubleColumnWriter(writer)) => {
            let (present, levels) = split(cells);
            writer.write_batch(&present, Some(&levels), None)?;
        }
        (Column::Reals(cells), ColumnWriter::DoubleColumnWriter(writer)) => {
            let (values, definition, repetition) = flattened(cells);
            writer.write_batch(&values, Some(&definition), Some(&repetition))?;
        }
        _ => return Err(ParquetError::General("a column of another kind than the table says".to_owned())),
    }
    let close = writer.close()?;
    Ok((sink.into_inner()?, close))
}

fn split<T: Copy>(cells: &[Option<T>]) -> (Vec<T>, Vec<i16>) {
    (cells.iter().flatten().copied().collect(), cells.iter().map(|cell| i16::from(cell.is_some())).collect())
}

/// Lists as Parquet writes them: their elements, and for each whether it is there (0 no list, 1 an empty one, 2 an
/// element) and whether it goes on with the list before it.
fn flattened(cells: &[Option<Vec<f64>>]) -> (Vec<f64>, Vec<i16>, Vec<i16>) {
    let (mut values, mut definition, mut repetition) = (Vec::new(), Vec::new(), Vec::new());
    for cell in cells {
        match cell.as_deref() {
            None | Some([]) => {
                definition.push(i16::from(cell.is_some()));
                repetition.push(0);
            }
            Some(list) => {
                values.extend_from_slice(list);
                definition.extend(std::iter::repeat_n(2, list.len()));
                repetition.extend((0..list.len()).map(|place| i16::from(place > 0)));
            }
        }
    }
    (values, definition, repetition)
}
