//! Rows and cells of comma-separated values (RFC 4180), with the line of each.
//!
//! Separated by semicolons, commas or tabs, whichever the header has most of. A cell in quotes may hold separators, line breaks and
//! doubled quotes. A quote that does not close properly refuses the file: nobody knows then where rows end.

use crate::finding::{Finding, FindingCode};
use std::borrow::Cow;
use std::iter::Peekable;
use std::str::CharIndices;
use vocab::limits;

/// Cells of one row that are kept: more than there are columns, few enough to bound memory.
const CELLS_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct Table<'t> {
    pub(super) header: Option<Row<'t>>,
    /// Without blank rows; one more than allowed at most, so that it can be told.
    pub(super) rows: Vec<Row<'t>>,
}

#[derive(Debug)]
pub(super) struct Row<'t> {
    /// Line at which it begins, from 1.
    pub(super) line: u32,
    /// The first cells.
    pub(super) cells: Vec<Cell<'t>>,
    /// How many cells there are, those not kept too.
    pub(super) width: usize,
}

#[derive(Debug)]
pub(super) struct Cell<'t> {
    /// Without white space around it.
    pub(super) text: Cow<'t, str>,
    /// Line at which it begins.
    pub(super) line: u32,
}

impl Row<'_> {
    fn is_blank(&self) -> bool {
        self.width <= CELLS_MAX && self.cells.iter().all(|cell| cell.text.is_empty())
    }
}

pub(super) fn read(text: &str) -> Result<Table<'_>, Finding> {
    let (separator, text, line) = separator(text);
    let mut reader = Reader {
        text,
        letters: text.char_indices().peekable(),
        line,
        separator,
    };
    let mut table = Table {
        header: None,
        rows: Vec::new(),
    };
    while let Some(row) = reader.row()? {
        if row.is_blank() {
            continue;
        }
        if table.header.is_none() {
            table.header = Some(row);
        } else {
            table.rows.push(row);
        }
        if table.rows.len() > limits::BATCH_PAYMENTS_MAX {
            break;
        }
    }
    Ok(table)
}

/// The separator, the text to read and its first line: spreadsheets may name the separator in a line `sep=;` of its own.
fn separator(text: &str) -> (char, &str, u32) {
    let first = text.trim_start().lines().next().unwrap_or_default();
    let mut hint = first.strip_prefix("sep=").into_iter().flat_map(str::chars);
    if let (Some(separator @ (';' | ',' | '\t')), None) = (hint.next(), hint.next()) {
        let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
        return (separator, rest, 2);
    }
    let mut quoted = false;
    let mut counts = [(0_usize, '\t'), (0, ','), (0, ';')];
    for letter in first.chars() {
        quoted ^= letter == '"';
        for (count, separator) in &mut counts {
            if letter == *separator && !quoted {
                *count = count.saturating_add(1);
            }
        }
    }
    let (_, separator) = counts.into_iter().max_by_key(|(count, _)| *count).unwrap_or((0, ';'));
    (separator, text, 1)
}

struct Reader<'t> {
    text: &'t str,
    letters: Peekable<CharIndices<'t>>,
    line: u32,
    separator: char,
}

/// What ended a cell.
enum End {
    Cell,
    Row,
    File,
}

impl<'t> Reader<'t> {
    fn row(&mut self) -> Result<Option<Row<'t>>, Finding> {
        if self.letters.peek().is_none() {
            return Ok(None);
        }
        let mut row = Row {
            line: self.line,
            cells: Vec::new(),
            width: 0,
        };
        loop {
            let (cell, end) = self.cell()?;
            row.width = row.width.saturating_add(1);
            if row.cells.len() < CELLS_MAX {
                row.cells.push(cell);
            }
            match end {
                End::Cell => {}
                End::Row | End::File => return Ok(Some(row)),
            }
        }
    }

    fn cell(&mut self) -> Result<(Cell<'t>, End), Finding> {
        let line = self.line;
        if self.letters.next_if(|(_, letter)| *letter == '"').is_some() {
            let text = self.quoted(line)?;
            let end = self.end();
            return match end {
                Some(end) => Ok((
                    Cell {
                        text: Cow::Owned(text.trim().to_owned()),
                        line,
                    },
                    end,
                )),
                None => Err(flaw(
                    self.line,
                    "there is text after a closing quote; double the quotes within a cell",
                )),
            };
        }
        let start = self.here();
        loop {
            let before = self.here();
            if let Some(end) = self.end() {
                let text = self.text.get(start..before).unwrap_or_default().trim();
                return Ok((
                    Cell {
                        text: Cow::Borrowed(text),
                        line,
                    },
                    end,
                ));
            }
            self.letters.next();
        }
    }

    /// The rest of a cell in quotes, after the opening one.
    fn quoted(&mut self, opened: u32) -> Result<String, Finding> {
        let mut text = String::new();
        while let Some((_, letter)) = self.letters.next() {
            match letter {
                '"' if self.letters.next_if(|(_, next)| *next == '"').is_some() => text.push('"'),
                '"' => return Ok(text),
                '\n' => self.line = self.line.saturating_add(1),
                _ => {}
            }
            if letter != '"' {
                text.push(letter);
            }
        }
        Err(flaw(
            opened,
            "a quote is opened here and never closed; close it or remove it",
        ))
    }

    /// Consumes a separator, a line end, or sees the end of the file; `None` if none of them comes next.
    fn end(&mut self) -> Option<End> {
        let Some((_, letter)) = self.letters.peek().copied() else {
            return Some(End::File);
        };
        if letter == self.separator {
            self.letters.next();
            return Some(End::Cell);
        }
        if !matches!(letter, '\n' | '\r') {
            return None;
        }
        self.letters.next();
        if letter == '\r' {
            self.letters.next_if(|(_, next)| *next == '\n');
        }
        self.line = self.line.saturating_add(1);
        Some(End::Row)
    }

    fn here(&mut self) -> usize {
        self.letters.peek().map_or(self.text.len(), |(at, _)| *at)
    }
}

fn flaw(line: u32, message: &str) -> Finding {
    Finding::about_file(FindingCode::QuoteInvalid, "", line, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        let table = read(text).unwrap();
        let rows = table.header.iter().chain(&table.rows);
        rows.map(|row| row.cells.iter().map(|cell| cell.text.clone().into_owned()).collect())
            .collect()
    }

    #[test]
    fn the_separator_is_the_one_the_header_has_most_of() {
        assert_eq!(cells("a;b,c;d\n1;2;3"), [vec!["a", "b,c", "d"], vec!["1", "2", "3"]]);
        assert_eq!(cells("a,b\r\n1,\"2,\"\"3\"\r\n"), [vec!["a", "b"], vec!["1", "2,\"3"]]);
        assert_eq!(cells("a\tb"), [vec!["a", "b"]]);
        assert_eq!(cells("sep=,\na,b"), [vec!["a", "b"]]);
    }

    #[test]
    fn lines_are_counted_through_cells_of_several_lines() {
        let table = read("a;b\n\n\"x\ny\r\nz\";1\n;;\n2;\"3\"\r4;5").unwrap();
        let lines: Vec<_> = table
            .rows
            .iter()
            .map(|row| (row.line, row.cells.last().unwrap().line))
            .collect();
        assert_eq!(lines, [(3, 5), (7, 7), (8, 8)]);
    }

    #[test]
    fn quotes_must_close() {
        assert_eq!(read("a\n\"b").map(|_| ()).unwrap_err().line, 2);
        assert_eq!(read("a\n\"b\nc\"d").map(|_| ()).unwrap_err().line, 3);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a;,\"\r\n\t x]{0,60}") {
            let _ = read(&text);
        }

        #[test]
        fn quoted_cells_come_back(texts in prop::collection::vec("[a-z;,\"\n ]{0,8}", 1..6)) {
            let quoted: Vec<_> = texts.iter().map(|text| format!("\"x{}x\"", text.replace('"', "\"\""))).collect();
            let expected: Vec<_> = texts.iter().map(|text| format!("x{text}x")).collect();
            prop_assert_eq!(cells(&format!("a;b\n{}", quoted.join(";"))).pop().unwrap(), expected);
        }
    }
}
