//! The container of a backup: nothing panics, nothing takes memory that was not sent, and what reads whole is written again and reads the
//! same.

#![no_main]

use archive::{ArchiveError, Cells, Head, Manifest, Piece, Reader, Writer};
use libfuzzer_sys::fuzz_target;

type Pieces = (Head, Vec<Piece>, Manifest);

fuzz_target!(|data: &[u8]| {
    cells(data, 3);
    let begun = [b"countersign-backup\n\0\0\0\x01".as_slice(), data].concat();
    for bytes in [data, begun.as_slice()] {
        if let Ok((head, pieces, manifest)) = read(bytes) {
            let mut writer = Writer::begin(Vec::new(), &head).expect("it was read");
            for piece in &pieces {
                match piece {
                    Piece::Rows { table, count, rows } => writer.rows(*table, rows, *count).expect("they were read"),
                    Piece::File { name, bytes } => writer.file(name, bytes).expect("it was read"),
                    Piece::End(_) => {}
                }
            }
            let (again, written) = writer
                .end(manifest.log.clone(), manifest.ended_at.clone())
                .expect("it was read");
            assert_eq!(written, manifest);
            assert!(read(&again).is_ok());
        }
    }
});

fn read(bytes: &[u8]) -> Result<Pieces, ArchiveError> {
    let mut reader = Reader::open(bytes)?;
    let (head, mut pieces) = (reader.head().clone(), Vec::new());
    loop {
        match reader.piece()? {
            Piece::End(manifest) => return Ok((head, pieces, manifest)),
            Piece::Rows { table, count, rows } => {
                cells(&rows, head.tables[table].columns.len());
                pieces.push(Piece::Rows { table, count, rows });
            }
            file @ Piece::File { .. } => pieces.push(file),
        }
    }
}

fn cells(rows: &[u8], columns: usize) {
    let (mut cells, mut row, mut again) = (Cells::new(rows), Vec::new(), Vec::new());
    loop {
        match cells.take_row(columns, &mut row) {
            Ok(true) => row.iter().for_each(|cell| cell.push(&mut again).expect("it was read")),
            Ok(false) => {
                assert_eq!(again, rows);
                return;
            }
            Err(_) => return,
        }
    }
}
