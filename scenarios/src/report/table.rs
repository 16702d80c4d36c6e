//! Tables of a page.

use maud::{Markup, html};

/// A column: its header, and whether it holds figures.
pub(super) struct Column {
    header: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Figures,
    Drawn,
}

/// A column of text.
pub(super) fn text(header: &str) -> Column {
    Column { header: header.to_owned(), kind: Kind::Text }
}

/// A column of figures.
pub(super) fn figures(header: &str) -> Column {
    Column { header: header.to_owned(), kind: Kind::Figures }
}

/// A column of intervals, drawn around 0.
pub(super) fn drawn() -> Column {
    Column { header: "−  0  +".to_owned(), kind: Kind::Drawn }
}

/// A table of these columns.
pub(super) fn table(columns: &[Column], rows: &[Vec<Markup>]) -> Markup {
    let class = |column: &Column| match column.kind {
        Kind::Text => "text",
        Kind::Figures => "n",
        Kind::Drawn => "drawn",
    };
    html! {
        div.table { table {
            thead { tr { @for column in columns { th class=(class(column)) { (column.header) } } } }
            tbody { @for row in rows {
                tr { @for (column, cell) in columns.iter().zip(row) { td class=(class(column)) { (cell) } } }
            } }
        } }
    }
}

/// A cell of plain text.
pub(super) fn cell(content: impl Into<String>) -> Markup {
    let content = content.into();
    html! { (content) }
}
