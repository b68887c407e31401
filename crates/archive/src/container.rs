//! The container: a line that says what it is, its head, rows by table or files, and its manifest at the end.
//!
//! The manifest comes last because rows are counted while they pass: nothing is held in memory or written twice.

use crate::error::ArchiveError;
use crate::frame::{self, Tag};
use crate::manifest::{Head, Log, Manifest, Sum};
use aws_lc_rs::digest::{Context, SHA256, digest};
use std::io::{Read, Write};

/// The first line, without the number of the format.
const MAGIC: &[u8; 19] = b"countersign-backup\n";
/// The format that is written, and the newest that is read.
pub const FORMAT: u32 = 1;
/// Bytes of rows that are best handed over at once.
pub const ROWS_BYTES: usize = 512 * 1024;
/// Bytes of rows that may be handed over at once.
pub const ROWS_BYTES_MAX: usize = frame::CONTENT_MAX - PLACE_BYTES;
/// Number of the table and of rows, before the rows.
const PLACE_BYTES: usize = 8;

/// Counts what passes.
struct Passing {
    rows: u64,
    digest: Context,
}

impl Passing {
    fn new() -> Self {
        Self {
            rows: 0,
            digest: Context::new(&SHA256),
        }
    }

    fn add(&mut self, rows: &[u8], count: u32) {
        self.rows = self.rows.saturating_add(u64::from(count));
        self.digest.update(rows);
    }

    fn sum(self, name: &str) -> Sum {
        Sum {
            name: name.to_owned(),
            count: self.rows,
            sha256: hex(self.digest.finish().as_ref()),
        }
    }
}

/// Counts and digests the rows of one table, as a container does: to compare a database with one.
pub struct Counting(Passing);

impl Counting {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self(Passing::new())
    }

    /// Some more rows.
    pub fn add(&mut self, rows: &[u8], count: u32) {
        self.0.add(rows, count);
    }

    /// What they came to.
    pub fn sum(self, table: &str) -> Sum {
        self.0.sum(table)
    }
}

impl Default for Counting {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Counting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Counting({} rows)", self.0.rows)
    }
}

/// Writes a container.
pub struct Writer<W> {
    out: W,
    tables: Vec<String>,
    /// Those before the last one are complete.
    sums: Vec<Passing>,
    files: Vec<Sum>,
    content: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Begins one.
    pub fn begin(mut out: W, head: &Head) -> Result<Self, ArchiveError> {
        let written = out.write_all(MAGIC).and_then(|()| out.write_all(&FORMAT.to_be_bytes()));
        written.map_err(ArchiveError::Write)?;
        let json = serde_json::to_vec(head).map_err(|_| ArchiveError::Misused("a head that cannot be written"))?;
        frame::write(&mut out, Tag::Head, &json)?;
        Ok(Self {
            out,
            tables: head.tables.iter().map(|table| table.name.clone()).collect(),
            sums: Vec::new(),
            files: Vec::new(),
            content: Vec::new(),
        })
    }

    /// Adds `count` rows of a table. Tables come in the order of the head.
    pub fn rows(&mut self, table: usize, rows: &[u8], count: u32) -> Result<(), ArchiveError> {
        if table >= self.tables.len() || self.sums.len() > table.saturating_add(1) {
            return Err(ArchiveError::Misused("tables in another order than in the head"));
        }
        self.sums.resize_with(table.saturating_add(1), Passing::new);
        if let Some(sum) = self.sums.last_mut() {
            sum.add(rows, count);
        }
        let place = u32::try_from(table).map_err(|_| ArchiveError::Misused("too many tables"))?;
        self.content.clear();
        self.content.extend_from_slice(&place.to_be_bytes());
        self.content.extend_from_slice(&count.to_be_bytes());
        self.content.extend_from_slice(rows);
        frame::write(&mut self.out, Tag::Rows, &self.content)
    }

    /// Adds a file.
    pub fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.content.clear();
        self.content.extend_from_slice(name.as_bytes());
        self.content.push(0);
        self.content.extend_from_slice(bytes);
        self.files.push(file_sum(name, bytes));
        frame::write(&mut self.out, Tag::File, &self.content)
    }

    /// Ends it; gives back what it was written to, and its manifest.
    pub fn end(mut self, log: Option<Log>, ended_at: String) -> Result<(W, Manifest), ArchiveError> {
        self.sums.resize_with(self.tables.len(), Passing::new);
        let tables = self.tables.iter().zip(self.sums).map(|(name, sum)| sum.sum(name));
        let manifest = Manifest {
            tables: tables.collect(),
            files: self.files,
            log,
            ended_at,
        };
        let json =
            serde_json::to_vec(&manifest).map_err(|_| ArchiveError::Misused("a manifest that cannot be written"))?;
        frame::write(&mut self.out, Tag::End, &json)?;
        Ok((self.out, manifest))
    }
}

impl<W> std::fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writer")
    }
}

/// A part of a container.
pub enum Piece {
    /// Some rows of a table.
    Rows {
        /// Its place in the head.
        table: usize,
        /// How many.
        count: u32,
        /// Their cells, to be read with [`crate::Cells`].
        rows: Vec<u8>,
    },
    /// A file.
    File {
        /// Its name.
        name: String,
        /// Its bytes: keys, so whoever takes them makes a secret of them.
        bytes: Vec<u8>,
    },
    /// The end: everything before it was as the manifest says.
    End(Manifest),
}

impl std::fmt::Debug for Piece {
    /// The content is nobody's business.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Rows { .. } => "Rows",
            Self::File { .. } => "File",
            Self::End(_) => "End",
        })
    }
}

/// Reads a container.
pub struct Reader<R> {
    input: R,
    head: Head,
    sums: Vec<Passing>,
    files: Vec<Sum>,
}

impl<R: Read> Reader<R> {
    /// Reads the head.
    pub fn open(mut input: R) -> Result<Self, ArchiveError> {
        match frame::array::<19>(&mut input) {
            Ok(magic) if magic == *MAGIC => {}
            Ok(_) | Err(ArchiveError::Truncated) => return Err(ArchiveError::NotOurs),
            Err(error) => return Err(error),
        }
        let found = u32::from_be_bytes(frame::array(&mut input)?);
        if found != FORMAT {
            return Err(ArchiveError::Newer { found, known: FORMAT });
        }
        let (Tag::Head, json) = frame::read(&mut input)? else {
            return Err(ArchiveError::Damaged("it does not begin with its head"));
        };
        let head: Head = serde_json::from_slice(&json).map_err(|_| ArchiveError::Damaged("its head cannot be read"))?;
        let sound = head
            .tables
            .iter()
            .all(|table| !table.columns.is_empty() && table.key.iter().all(|column| *column < table.columns.len()));
        if !sound {
            return Err(ArchiveError::Damaged("its head names what is not there"));
        }
        Ok(Self {
            input,
            head,
            sums: Vec::new(),
            files: Vec::new(),
        })
    }

    /// What it says about itself.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The next piece. After [`Piece::End`] there is nothing more to read.
    pub fn piece(&mut self) -> Result<Piece, ArchiveError> {
        let (tag, content) = frame::read(&mut self.input)?;
        match tag {
            Tag::Head => Err(ArchiveError::Damaged("it has two heads")),
            Tag::Rows => self.rows(content),
            Tag::File => self.file(&content),
            Tag::End => self.end(&content).map(Piece::End),
        }
    }

    fn rows(&mut self, mut content: Vec<u8>) -> Result<Piece, ArchiveError> {
        let (Some((table, after)), damaged) = (
            content.split_first_chunk::<4>(),
            ArchiveError::Damaged("rows of no table"),
        ) else {
            return Err(ArchiveError::Damaged("rows of no table"));
        };
        let Some((count, _)) = after.split_first_chunk::<4>() else {
            return Err(damaged);
        };
        let (table, count) = (u32::from_be_bytes(*table), u32::from_be_bytes(*count));
        let table = usize::try_from(table).unwrap_or(usize::MAX);
        if table >= self.head.tables.len() || self.sums.len() > table.saturating_add(1) {
            return Err(damaged);
        }
        content.drain(..PLACE_BYTES);
        self.sums.resize_with(table.saturating_add(1), Passing::new);
        if let Some(sum) = self.sums.last_mut() {
            sum.add(&content, count);
        }
        Ok(Piece::Rows {
            table,
            count,
            rows: content,
        })
    }

    fn file(&mut self, content: &[u8]) -> Result<Piece, ArchiveError> {
        let mut parts = content.splitn(2, |byte| *byte == 0);
        let name = parts.next().and_then(|name| std::str::from_utf8(name).ok());
        let (Some(name), Some(bytes)) = (name, parts.next()) else {
            return Err(ArchiveError::Damaged("a file without a name"));
        };
        self.files.push(file_sum(name, bytes));
        Ok(Piece::File {
            name: name.to_owned(),
            bytes: bytes.to_vec(),
        })
    }

    fn end(&mut self, json: &[u8]) -> Result<Manifest, ArchiveError> {
        let manifest: Manifest =
            serde_json::from_slice(json).map_err(|_| ArchiveError::Damaged("its manifest cannot be read"))?;
        if !frame::at_end(&mut self.input)? {
            return Err(ArchiveError::Damaged("something follows its end"));
        }
        self.sums.resize_with(self.head.tables.len(), Passing::new);
        let names = self.head.tables.iter().map(|table| table.name.as_str());
        let sums: Vec<Sum> = names
            .zip(std::mem::take(&mut self.sums))
            .map(|(name, sum)| sum.sum(name))
            .collect();
        let mut compared = sums.iter().zip(&manifest.tables);
        if let Some((read, _)) = compared.find(|(read, written)| read != written) {
            return Err(ArchiveError::Rows {
                table: read.name.clone(),
            });
        }
        if manifest.tables.len() != sums.len() || manifest.files != self.files {
            return Err(ArchiveError::Damaged("it holds other things than its manifest says"));
        }
        Ok(manifest)
    }
}

impl<R> std::fmt::Debug for Reader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reader({})", self.head.name)
    }
}

fn file_sum(name: &str, bytes: &[u8]) -> Sum {
    Sum {
        name: name.to_owned(),
        count: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        sha256: hex(digest(&SHA256, bytes).as_ref()),
    }
}

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
