//! The container of a backup: every row of a database in a form that belongs to no engine, or the files of its keys.
//!
//! Pure. It is written to and read from whatever is handed in; encryption, files and databases are elsewhere. Whoever reads one
//! believes nothing in it: every length is bounded before memory is asked for, and what was counted while reading is compared
//! with what was counted while writing.
#![warn(missing_docs)]

pub mod cells;
pub mod container;
pub mod error;
mod frame;
pub mod manifest;

pub use cells::{Cell, Cells};
pub use container::{Piece, Reader, Writer};
pub use error::ArchiveError;
pub use manifest::{Column, Head, Kind, Log, Manifest, Table};
