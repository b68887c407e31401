//! Tables. On a narrow screen each row is shown as a block whose cells name their column; the roles are written out because a
//! browser drops those of a table that is not laid out as one.

use maud::{Markup, html};

/// A column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    name: &'static str,
    class: &'static str,
}

/// A column of words and short values.
pub(crate) const fn text(name: &'static str) -> Column {
    Column { name, class: "" }
}

/// A column of sums or counts, ranged right.
pub(crate) const fn number(name: &'static str) -> Column {
    Column { name, class: "sum" }
}

/// A column of sentences.
pub(crate) const fn sentence(name: &'static str) -> Column {
    Column { name, class: "said" }
}

/// A row: one cell for each column, the first of which names the row.
#[derive(Debug)]
pub(crate) struct Row {
    anchor: Option<String>,
    cells: Vec<Markup>,
}

impl Row {
    /// The row can be linked to under this id.
    pub(crate) fn anchored(id: &impl ToString, cells: Vec<Markup>) -> Self {
        Self {
            anchor: Some(id.to_string()),
            cells,
        }
    }
}

impl From<Vec<Markup>> for Row {
    fn from(cells: Vec<Markup>) -> Self {
        Self { anchor: None, cells }
    }
}

/// A table. The caption is for those who do not see where on the page it stands.
pub(crate) fn data_table<R: Into<Row>>(caption: &str, columns: &[Column], rows: impl IntoIterator<Item = R>) -> Markup {
    html! {
        div.data-wrap {
            table.data role="table" {
                caption.unseen { (caption) }
                thead role="rowgroup" {
                    tr role="row" {
                        @for column in columns {
                            th class=[class(column)] scope="col" role="columnheader" { (column.name) }
                        }
                    }
                }
                tbody role="rowgroup" {
                    @for row in rows { (line(columns, &row.into())) }
                }
            }
        }
    }
}

fn line(columns: &[Column], row: &Row) -> Markup {
    html! {
        tr role="row" id=[row.anchor.as_deref()] {
            @for (place, (column, cell)) in columns.iter().zip(&row.cells).enumerate() {
                @if place == 0 {
                    th class=[class(column)] scope="row" role="rowheader" { (cell) }
                } @else {
                    td class=[class(column)] role="cell" data-label=(column.name) { div { (cell) } }
                }
            }
        }
    }
}

fn class(column: &Column) -> Option<&'static str> {
    Some(column.class).filter(|class| !class.is_empty())
}
