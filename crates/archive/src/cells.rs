//! Cells: a row is its cells one after the other, each with a tag, so that no engine's own form is needed to read it.
//!
//! `0`: nothing; `1`: a number, 8 bytes, the most significant first; `2`: a text and `3`: bytes, each a length of 4 bytes and the content.

use crate::error::ArchiveError;

const NULL: u8 = 0;
const NUMBER: u8 = 1;
const TEXT: u8 = 2;
const BYTES: u8 = 3;

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// NULL.
    Null,
    /// A whole number.
    Number(i64),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

impl Cell<'_> {
    /// Appends the cell. Cells beyond 4 GiB are refused; no column of ours comes near.
    pub fn push(self, row: &mut Vec<u8>) -> Result<(), ArchiveError> {
        let (tag, content) = match self {
            Self::Null => {
                row.push(NULL);
                return Ok(());
            }
            Self::Number(number) => {
                row.push(NUMBER);
                row.extend_from_slice(&number.to_be_bytes());
                return Ok(());
            }
            Self::Text(text) => (TEXT, text.as_bytes()),
            Self::Bytes(bytes) => (BYTES, bytes),
        };
        let length = u32::try_from(content.len()).map_err(|_| ArchiveError::Misused("a cell beyond 4 GiB"))?;
        row.push(tag);
        row.extend_from_slice(&length.to_be_bytes());
        row.extend_from_slice(content);
        Ok(())
    }
}

/// The cells of one or more rows.
#[derive(Clone, Copy, Debug)]
pub struct Cells<'a> {
    rest: &'a [u8],
}

impl<'a> Cells<'a> {
    /// From the first cell on.
    pub fn new(rows: &'a [u8]) -> Self {
        Self { rest: rows }
    }

    /// The next cell; `None` after the last one.
    pub fn take(&mut self) -> Result<Option<Cell<'a>>, ArchiveError> {
        let Some((tag, rest)) = self.rest.split_first() else {
            return Ok(None);
        };
        self.rest = rest;
        let cell = match *tag {
            NULL => Cell::Null,
            NUMBER => Cell::Number(i64::from_be_bytes(self.array()?)),
            TEXT => {
                let text = std::str::from_utf8(self.content()?);
                Cell::Text(text.map_err(|_| ArchiveError::Damaged("a text is not UTF-8"))?)
            }
            BYTES => Cell::Bytes(self.content()?),
            _ => return Err(ArchiveError::Damaged("a cell of an unknown kind")),
        };
        Ok(Some(cell))
    }

    /// The next row of so many cells, into a list that is used again and again; false after the last one.
    pub fn take_row(&mut self, columns: usize, row: &mut Vec<Cell<'a>>) -> Result<bool, ArchiveError> {
        row.clear();
        while row.len() < columns {
            match self.take()? {
                Some(cell) => row.push(cell),
                None if row.is_empty() => return Ok(false),
                None => return Err(ArchiveError::Damaged("a row ends in the middle")),
            }
        }
        Ok(columns > 0)
    }

    fn content(&mut self) -> Result<&'a [u8], ArchiveError> {
        let length = u32::from_be_bytes(self.array()?);
        let length = usize::try_from(length).map_err(|_| short())?;
        let (content, rest) = self.rest.split_at_checked(length).ok_or_else(short)?;
        self.rest = rest;
        Ok(content)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ArchiveError> {
        let (array, rest) = self.rest.split_first_chunk::<N>().ok_or_else(short)?;
        self.rest = rest;
        Ok(*array)
    }
}

fn short() -> ArchiveError {
    ArchiveError::Damaged("a cell ends in the middle")
}
