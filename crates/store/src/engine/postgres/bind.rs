//! Parameters for PostgreSQL: single values, and columns as arrays.
//!
//! Every parameter is sent with its own type, so that the server never has to guess one.

use crate::tx::{Column, Value};
use bytes::BytesMut;
use postgres::types::{IsNull, ToSql, Type};
use std::error::Error;

/// A parameter as the driver wants it.
#[derive(Debug)]
pub(super) struct Bound<'a>(pub(super) Column<'a>);

impl Bound<'_> {
    /// The type the server is told.
    pub(super) fn type_of(&self) -> Type {
        match self.0 {
            Column::Same(Value::Int(_) | Value::OptInt(_)) => Type::INT8,
            Column::Same(Value::Text(_) | Value::OptText(_)) => Type::TEXT,
            Column::Same(Value::Blob(_) | Value::OptBlob(_)) => Type::BYTEA,
            Column::Int(_) | Column::OptInt(_) => Type::INT8_ARRAY,
            Column::Text(_) | Column::OptText(_) => Type::TEXT_ARRAY,
            Column::Blob(_) | Column::OptBlob(_) => Type::BYTEA_ARRAY,
        }
    }
}

impl ToSql for Bound<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Column::Same(Value::Int(number)) => number.to_sql_checked(ty, out),
            Column::Same(Value::OptInt(number)) => number.to_sql_checked(ty, out),
            Column::Same(Value::Text(text)) => text.to_sql_checked(ty, out),
            Column::Same(Value::OptText(text)) => text.to_sql_checked(ty, out),
            Column::Same(Value::Blob(bytes)) => bytes.to_sql_checked(ty, out),
            Column::Same(Value::OptBlob(bytes)) => bytes.to_sql_checked(ty, out),
            Column::Int(cells) => cells.to_sql_checked(ty, out),
            Column::OptInt(cells) => cells.to_sql_checked(ty, out),
            Column::Text(cells) => cells.to_sql_checked(ty, out),
            Column::OptText(cells) => cells.to_sql_checked(ty, out),
            Column::Blob(cells) => cells.to_sql_checked(ty, out),
            Column::OptBlob(cells) => cells.to_sql_checked(ty, out),
        }
    }

    /// Any: the inner value checks itself when it is written.
    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.to_sql(ty, out)
    }
}
