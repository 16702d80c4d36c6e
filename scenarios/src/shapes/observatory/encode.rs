//! A Parquet file out of rows of cells, a row group at a time.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as PhysicalType, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::Kind;
use crate::shapes::cell::Cell;
use crate::shapes::error::ShapeError;
use crate::shapes::time;

/// Rows of a row group: some 20 MB of usual posts, 1.3 GB of nothing but posts of the greatest length permitted.
const PORTION: usize = 1 << 15;

pub(super) fn write<T>(
    file: File,
    path: &Path,
    name: &str,
    columns: &[(&'static str, Kind)],
    rows: &[T],
    cell: impl Fn(&T, &str) -> Cell,
) -> Result<(), ShapeError> {
    let broken = |error: ParquetError| ShapeError::table(path, &error);
    let fields = columns.iter().map(|&(name, kind)| field(name, kind).map(Arc::new)).collect::<Result<_, _>>();
    let schema =
        fields.and_then(|fields| Type::group_type_builder(name).with_fields(fields).build()).map_err(broken)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(format!("pluriverse {}", env!("CARGO_PKG_VERSION")))
        .build();
    let mut writer =
        SerializedFileWriter::new(BufWriter::new(file), Arc::new(schema), Arc::new(properties)).map_err(broken)?;
    for (portion, rows) in rows.chunks(PORTION).enumerate() {
        let mut group = writer.next_row_group().map_err(broken)?;
        for &(name, kind) in columns {
            let cells: Vec<Cell> = rows.iter().map(|row| cell(row, name)).collect();
            let cells = if kind == Kind::Moment { worded(cells, path, name, portion * PORTION)? } else { cells };
            let Some(mut column) = group.next_column().map_err(broken)? else {
                break;
            };
            write_column(&mut column, kind, &cells).and_then(|()| column.close()).map_err(broken)?;
        }
        group.close().map_err(broken)?;
    }
    writer.close().map(|_| ()).map_err(broken)
}

fn field(name: &str, kind: Kind) -> Result<Type, ParquetError> {
    match kind {
        Kind::Text | Kind::Moment => Type::primitive_type_builder(name, PhysicalType::BYTE_ARRAY)
            .with_converted_type(ConvertedType::UTF8)
            .with_logical_type(Some(LogicalType::String)),
        Kind::Whole => Type::primitive_type_builder(name, PhysicalType::INT64),
        Kind::Flag => Type::primitive_type_builder(name, PhysicalType::BOOLEAN),
    }
    .with_repetition(Repetition::OPTIONAL)
    .build()
}

/// Moments as texts.
fn worded(cells: Vec<Cell>, path: &Path, field: &'static str, before: usize) -> Result<Vec<Cell>, ShapeError> {
    let word = |(at, cell): (usize, Cell)| match cell {
        Cell::Moment(seconds) => match time::rfc3339(seconds) {
            Some(text) => Ok(Cell::Text(text.into())),
            None => Err(ShapeError::Value {
                file: path.display().to_string(),
                place: "row",
                row: (before + at + 1) as u64,
                field,
                reason: format!("{cell} is outside the years 0 to 9999"),
                more: 0,
            }),
        },
        other => Ok(other),
    };
    cells.into_iter().enumerate().map(word).collect()
}

fn write_column(column: &mut SerializedColumnWriter<'_>, kind: Kind, cells: &[Cell]) -> Result<(), ParquetError> {
    match kind {
        Kind::Text | Kind::Moment => put::<ByteArrayType>(column, cells, |cell| match cell {
            Cell::Text(text) => Some(ByteArray::from(&**text)),
            _ => None,
        }),
        Kind::Whole => put::<Int64Type>(column, cells, |cell| match cell {
            Cell::Whole(number) => Some(*number),
            _ => None,
        }),
        Kind::Flag => put::<BoolType>(column, cells, |cell| match cell {
            Cell::Flag(flag) => Some(*flag),
            _ => None,
        }),
    }
}

fn put<T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    cells: &[Cell],
    of: fn(&Cell) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let values: Vec<T::T> = cells.iter().filter_map(of).collect();
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    column.typed::<T>().write_batch(&values, Some(&levels), None).map(|_| ())
}
