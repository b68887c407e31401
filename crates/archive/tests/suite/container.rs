//! Containers: what is written comes back, and whatever else is read is refused and never believed.

use archive::{ArchiveError, Cell, Cells, Column, Head, Kind, Log, Piece, Reader, Table, Writer};
use proptest::prelude::*;

fn table(name: &str) -> Table {
    let column = |name: &str, kind| Column {
        name: name.to_owned(),
        kind,
    };
    Table {
        name: name.to_owned(),
        columns: vec![
            column("id", Kind::Number),
            column("name", Kind::Text),
            column("sealed", Kind::Bytes),
        ],
        key: vec![0],
    }
}

fn head() -> Head {
    Head {
        name: "20261122T100000Z-abcd".to_owned(),
        begun_at: "2026-11-22T10:00:00Z".to_owned(),
        engine: "sqlite".to_owned(),
        schema: 1,
        tables: vec![table("empty"), table("members"), table("nobody"), table("payments")],
    }
}

fn row(id: i64) -> Vec<u8> {
    let mut row = Vec::new();
    for cell in [Cell::Number(id), Cell::Text("Ada"), Cell::Bytes(&[0; 40])] {
        cell.push(&mut row).unwrap();
    }
    row
}

fn container() -> Vec<u8> {
    let mut writer = Writer::begin(Vec::new(), &head()).unwrap();
    writer.rows(1, &[row(1), row(2)].concat(), 2).unwrap();
    writer.rows(3, &row(3), 1).unwrap();
    writer.rows(3, &row(4), 1).unwrap();
    writer.file("keys/master.key", b"secret").unwrap();
    let log = Log {
        size: 4,
        root: "abc=".to_owned(),
        checkpoint: "log\n4\nabc=\n".to_owned(),
    };
    writer.end(Some(log), "2026-11-22T10:00:09Z".to_owned()).unwrap().0
}

/// Rows by table, and names of files.
type Found = (Vec<(usize, u32)>, Vec<String>);

/// Reads to the end.
fn read(bytes: &[u8]) -> Result<Found, ArchiveError> {
    let mut reader = Reader::open(bytes)?;
    let (mut rows, mut files) = (Vec::new(), Vec::new());
    loop {
        match reader.piece()? {
            Piece::Rows {
                table,
                count,
                rows: cells,
            } => {
                let width = reader.head().tables[table].columns.len();
                let (mut cells, mut row, mut found) = (Cells::new(&cells), Vec::new(), 0);
                while cells.take_row(width, &mut row)? {
                    found += 1;
                }
                if found != count {
                    return Err(ArchiveError::Damaged("count"));
                }
                rows.push((table, count));
            }
            Piece::File { name, .. } => files.push(name),
            Piece::End(_) => return Ok((rows, files)),
        }
    }
}

#[test]
fn what_was_written_comes_back() {
    let bytes = container();
    assert_eq!(
        read(&bytes).unwrap(),
        (vec![(1, 2), (3, 1), (3, 1)], vec!["keys/master.key".to_owned()])
    );
    let mut reader = Reader::open(bytes.as_slice()).unwrap();
    assert_eq!(reader.head(), &head());
    let manifest = loop {
        if let Piece::End(manifest) = reader.piece().unwrap() {
            break manifest;
        }
    };
    let counts: Vec<_> = manifest
        .tables
        .iter()
        .map(|sum| (sum.name.as_str(), sum.count))
        .collect();
    assert_eq!(counts, [("empty", 0), ("members", 2), ("nobody", 0), ("payments", 2)]);
    assert_eq!(manifest.log.as_ref().map(|log| log.size), Some(4));
    assert_eq!(manifest.rows(), 4);
}

#[test]
fn a_container_that_is_cut_off_is_refused_at_every_length() {
    let bytes = container();
    for length in 0..bytes.len() {
        let error = read(&bytes[..length]).unwrap_err();
        assert!(
            matches!(error, ArchiveError::Truncated | ArchiveError::NotOurs),
            "{length}: {error}"
        );
    }
}

#[test]
fn rows_that_were_exchanged_dropped_or_altered_are_named_by_their_table() {
    // Frames of rows that are not compressed stand as they are; the digest in the manifest tells.
    let mut writer = Writer::begin(Vec::new(), &head()).unwrap();
    let (one, other) = ([Cell::Number(7); 3], [Cell::Number(8); 3]);
    let encode = |cells: [Cell<'_>; 3]| {
        let mut row = Vec::new();
        cells.into_iter().for_each(|cell| cell.push(&mut row).unwrap());
        row
    };
    writer.rows(1, &encode(one), 1).unwrap();
    let honest = writer.end(None, String::new()).unwrap().0;
    let mut forged = Writer::begin(Vec::new(), &head()).unwrap();
    forged.rows(1, &encode(other), 1).unwrap();
    let forged = forged.end(None, String::new()).unwrap().0;
    // The manifest of one behind the rows of the other: same lengths, so the tails can be exchanged.
    assert_eq!(honest.len(), forged.len());
    let same_head = honest.iter().zip(&forged).take_while(|(a, b)| a == b).count();
    let end_of_rows = same_head + encode(one).len();
    let spliced = [&forged[..end_of_rows], &honest[end_of_rows..]].concat();
    if spliced != honest {
        assert!(matches!(read(&spliced), Err(ArchiveError::Rows { table }) if table == "members"));
    }
}

#[test]
fn a_newer_format_and_another_file_are_told_apart() {
    let mut bytes = container();
    bytes[22] = 9;
    assert!(matches!(read(&bytes), Err(ArchiveError::Newer { found: 9, known: 1 })));
    assert!(matches!(
        read(b"PK\x03\x04 and more than nineteen bytes"),
        Err(ArchiveError::NotOurs)
    ));
    let mut longer = container();
    longer.push(0);
    assert!(matches!(read(&longer), Err(ArchiveError::Damaged(_))));
}

#[test]
fn a_length_that_cannot_be_takes_no_memory() {
    let mut bytes = container();
    bytes[24..28].copy_from_slice(&u32::MAX.to_be_bytes());
    assert!(matches!(read(&bytes), Err(ArchiveError::Damaged(_))));
    bytes[24..28].copy_from_slice(&(31_u32 << 20).to_be_bytes());
    bytes[28..32].copy_from_slice(&16_u32.to_be_bytes());
    assert!(matches!(read(&bytes), Err(ArchiveError::Damaged(_))));
}

#[test]
fn tables_come_in_the_order_of_the_head() {
    let mut writer = Writer::begin(Vec::new(), &head()).unwrap();
    writer.rows(3, &row(1), 1).unwrap();
    assert!(matches!(writer.rows(1, &row(1), 1), Err(ArchiveError::Misused(_))));
    assert!(matches!(writer.rows(9, &row(1), 1), Err(ArchiveError::Misused(_))));
}

proptest! {
    #[test]
    fn every_cell_comes_back(number in any::<i64>(), text in ".{0,60}", bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let cells = [Cell::Null, Cell::Number(number), Cell::Text(&text), Cell::Bytes(&bytes)];
        let mut row = Vec::new();
        for cell in cells {
            cell.push(&mut row).unwrap();
        }
        let (mut reader, mut back) = (Cells::new(&row), Vec::new());
        prop_assert!(reader.take_row(4, &mut back).unwrap());
        prop_assert_eq!(&back, &cells);
        prop_assert!(!reader.take_row(4, &mut back).unwrap());
    }

    #[test]
    fn one_flipped_byte_is_never_read_as_something_else(at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let mut bytes = container();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        // What a head or a manifest says in words is not covered by a digest of its own: the encryption around it is.
        if let Ok((rows, _)) = read(&bytes) {
            prop_assert_eq!(rows, vec![(1, 2), (3, 1), (3, 1)]);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let _ = read(&[b"countersign-backup\n\0\0\0\x01".as_slice(), &bytes].concat());
        let (mut cells, mut row) = (Cells::new(&bytes), Vec::new());
        while let Ok(true) = cells.take_row(3, &mut row) {}
    }
}
