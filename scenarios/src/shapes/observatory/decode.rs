//! A Parquet file as batches of cells, so that of a table only what is kept of it lies in memory.

use std::fs::File;
use std::path::Path;

use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use super::{Need, Table};
use crate::shapes::cell::Cell;
use crate::shapes::error::ShapeError;

/// Rows of a batch.
const BATCH: usize = 4096;

/// A table's file, its columns looked over.
pub(super) struct Open<'a> {
    table: &'static Table,
    path: &'a Path,
    reader: SerializedFileReader<File>,
    /// For each of the table's columns where the file has it.
    places: Vec<Option<usize>>,
}

/// Some rows of a table.
pub(super) struct Batch<'a> {
    table: &'a Table,
    columns: Vec<Option<Vec<Cell>>>,
    /// How many they are.
    pub(super) rows: usize,
}

impl Batch<'_> {
    /// What a row holds in a column.
    pub(super) fn cell(&self, row: usize, column: &str) -> &Cell {
        let place = self.table.columns.iter().position(|(name, ..)| *name == column);
        let cells = place.and_then(|place| self.columns[place].as_ref());
        cells.and_then(|cells| cells.get(row)).unwrap_or(&Cell::Absent)
    }
}

impl<'a> Open<'a> {
    /// Opens a file; one that lacks columns is one error that names them all.
    pub(super) fn new(path: &'a Path, table: &'static Table) -> Result<Self, ShapeError> {
        let file = File::open(path).map_err(|error| ShapeError::io(path, &error))?;
        let reader = SerializedFileReader::new(file).map_err(|error| ShapeError::table(path, &error))?;
        let schema = reader.metadata().file_metadata().schema_descr();
        // Columns within columns are none of ours, whatever they are called.
        let place = |name: &str| schema.columns().iter().position(|leaf| *leaf.path().parts() == [name]);
        let places: Vec<Option<usize>> = table.columns.iter().map(|(name, ..)| place(name)).collect();
        let lacks =
            table.columns.iter().zip(&places).filter(|((.., need), at)| *need == Need::Required && at.is_none());
        let missing: Vec<&'static str> = lacks.map(|((name, ..), _)| *name).collect();
        if !missing.is_empty() {
            let fields = schema.root_schema().get_fields();
            let there: Vec<String> = fields.iter().map(|field| field.name().to_owned()).collect();
            let known = |name: &String| table.columns.iter().any(|(known, ..)| known == name);
            let strange = there.iter().filter(|name| !known(name)).cloned().collect();
            return Err(ShapeError::MissingColumns { file: path.display().to_string(), missing, there, strange });
        }
        Ok(Self { table, path, reader, places })
    }

    /// Hands over all rows, in order.
    pub(super) fn batches(&self, take: &mut dyn FnMut(&Batch<'_>)) -> Result<(), ShapeError> {
        let broken = |error: ParquetError| ShapeError::table(self.path, &error);
        for group in 0..self.reader.num_row_groups() {
            let group = self.reader.get_row_group(group).map_err(broken)?;
            let open = |place: usize| {
                let leaf = group.metadata().column(place).column_descr();
                let (unit, optional) = (Unit::of(leaf), leaf.max_def_level() > 0);
                Ok(Leaf { reader: group.get_column_reader(place)?, unit, optional })
            };
            let mut leaves: Vec<Option<Leaf>> = self
                .places
                .iter()
                .map(|place| place.map(open).transpose())
                .collect::<Result<_, _>>()
                .map_err(broken)?;
            let mut left = group.metadata().num_rows() as usize;
            while left > 0 {
                let rows = left.min(BATCH);
                let columns = leaves
                    .iter_mut()
                    .map(|leaf| leaf.as_mut().map(|leaf| leaf.next(rows)).transpose())
                    .collect::<Result<_, _>>()
                    .map_err(broken)?;
                take(&Batch { table: self.table, columns, rows });
                left -= rows;
            }
        }
        Ok(())
    }
}

/// What a column's whole numbers count.
#[derive(Clone, Copy)]
enum Unit {
    Number,
    Days,
    PerSecond(i64),
}

impl Unit {
    fn of(leaf: &ColumnDescriptor) -> Self {
        match (leaf.logical_type_ref(), leaf.converted_type()) {
            (Some(LogicalType::Timestamp(stamp)), _) => Self::PerSecond(match stamp.unit {
                TimeUnit::MILLIS => 1_000,
                TimeUnit::MICROS => 1_000_000,
                TimeUnit::NANOS => 1_000_000_000,
            }),
            (_, ConvertedType::TIMESTAMP_MILLIS) => Self::PerSecond(1_000),
            (_, ConvertedType::TIMESTAMP_MICROS) => Self::PerSecond(1_000_000),
            (Some(LogicalType::Date), _) | (_, ConvertedType::DATE) => Self::Days,
            _ => Self::Number,
        }
    }

    fn cell(self, number: i64) -> Cell {
        match self {
            Self::Number => Cell::Whole(number),
            Self::Days => Cell::Moment(number.saturating_mul(86_400)),
            Self::PerSecond(per_second) => Cell::Moment(number.div_euclid(per_second)),
        }
    }
}

/// A column of a row group while it is read.
struct Leaf {
    reader: ColumnReader,
    unit: Unit,
    optional: bool,
}

impl Leaf {
    fn next(&mut self, rows: usize) -> Result<Vec<Cell>, ParquetError> {
        let (unit, optional) = (self.unit, self.optional);
        match &mut self.reader {
            ColumnReader::ByteArrayColumnReader(reader) => {
                cells(reader, rows, optional, |bytes| Ok(Cell::Text(bytes.as_utf8()?.into())))
            }
            ColumnReader::Int64ColumnReader(reader) => cells(reader, rows, optional, |number| Ok(unit.cell(number))),
            ColumnReader::Int32ColumnReader(reader) => {
                cells(reader, rows, optional, |number| Ok(unit.cell(i64::from(number))))
            }
            ColumnReader::Int96ColumnReader(reader) => {
                cells(reader, rows, optional, |moment| Ok(Cell::Moment(moment.to_seconds())))
            }
            ColumnReader::BoolColumnReader(reader) => cells(reader, rows, optional, |flag| Ok(Cell::Flag(flag))),
            ColumnReader::DoubleColumnReader(reader) => cells(reader, rows, optional, |number| Ok(Cell::Real(number))),
            ColumnReader::FloatColumnReader(reader) => {
                cells(reader, rows, optional, |number| Ok(Cell::Real(f64::from(number))))
            }
            ColumnReader::FixedLenByteArrayColumnReader(_) => {
                Err(ParquetError::General("bytes of a fixed length are no column of this table".to_owned()))
            }
        }
    }
}

fn cells<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
    optional: bool,
    of: impl Fn(T::T) -> Result<Cell, ParquetError>,
) -> Result<Vec<Cell>, ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    let mut read = 0;
    while read < rows {
        let (records, ..) = reader.read_records(rows - read, optional.then_some(&mut levels), None, &mut values)?;
        if records == 0 {
            return Err(ParquetError::EOF("a column ends before its row group does".to_owned()));
        }
        read += records;
    }
    let mut values = values.into_iter();
    if !optional {
        return values.map(of).collect();
    }
    levels
        .iter()
        .map(|&level| if level > 0 { values.next().map_or(Ok(Cell::Null), &of) } else { Ok(Cell::Null) })
        .collect()
}
