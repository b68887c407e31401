//! Migration texts: cut into statements and put into the words of one engine.
//!
//! Texts are ours, so this knows just enough SQL: quotes, line comments and semicolons.

use crate::migrate::{Migration, MigrationEngine};
use aws_lc_rs::digest;

/// The engine a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// One statement of a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) text: String,
    /// SHA-256 of the text in hexadecimal. Comments and spacing do not count.
    pub(crate) checksum: String,
}

impl Dialect {
    /// Whether a migration runs here.
    pub(crate) fn takes(self, migration: &Migration) -> bool {
        match migration.engine {
            MigrationEngine::Both => true,
            MigrationEngine::Sqlite => self == Self::Sqlite,
            MigrationEngine::Postgres => self == Self::Postgres,
        }
    }

    /// The statements of a migration for this engine.
    pub(crate) fn steps(self, text: &str) -> Vec<Step> {
        let mut pieces = vec![String::new()];
        for line in text.lines() {
            self.read_line(line, &mut pieces);
        }
        let step = |text: String| Step {
            checksum: checksum(&text),
            text,
        };
        pieces.into_iter().filter(|piece| !piece.is_empty()).map(step).collect()
    }

    /// What text for this engine only stands behind.
    fn mark(self) -> &'static str {
        match self {
            Self::Sqlite => "-- sqlite: ",
            Self::Postgres => "-- postgres: ",
        }
    }

    /// Adds a line to the last piece, opening new pieces at semicolons.
    fn read_line(self, line: &str, pieces: &mut Vec<String>) {
        let mut words = Words {
            dialect: self,
            piece: String::new(),
            word: String::new(),
        };
        let mut quote = None;
        let mut rest = line;
        while let Some(letter) = rest.chars().next() {
            if quote.is_none() && rest.starts_with("--") {
                // A comment, unless it is for this engine.
                words.add(' ');
                rest = rest.strip_prefix(self.mark()).unwrap_or_default();
                continue;
            }
            rest = rest.strip_prefix(letter).unwrap_or_default();
            match (quote, letter) {
                (Some(open), _) => {
                    words.piece.push(letter);
                    quote = (letter != open).then_some(open);
                }
                (None, '\'' | '"') => {
                    words.add(letter);
                    quote = Some(letter);
                }
                (None, ';') => {
                    join(pieces, &words.finish());
                    pieces.push(String::new());
                }
                (None, _) => words.add(letter),
            }
        }
        join(pieces, &words.finish());
    }
}

/// Collects a line, translating type names word by word.
struct Words {
    dialect: Dialect,
    piece: String,
    word: String,
}

impl Words {
    fn add(&mut self, letter: char) {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            self.word.push(letter);
            return;
        }
        self.end_word();
        // Spacing does not count.
        if !(letter.is_whitespace() && (self.piece.is_empty() || self.piece.ends_with(' '))) {
            self.piece.push(if letter.is_whitespace() { ' ' } else { letter });
        }
    }

    fn end_word(&mut self) {
        self.piece.push_str(match (self.dialect, self.word.as_str()) {
            (Dialect::Postgres, "BLOB") => "BYTEA",
            // Only `INTEGER PRIMARY KEY` is the row id itself; under another name SQLite would keep a second tree for the key.
            (Dialect::Sqlite, "BIGINT") => "INTEGER",
            (_, word) => word,
        });
        self.word.clear();
    }

    fn finish(&mut self) -> String {
        self.end_word();
        std::mem::take(&mut self.piece)
    }
}

fn join(pieces: &mut [String], more: &str) {
    let more = more.trim();
    if let Some(last) = pieces.last_mut()
        && !more.is_empty()
    {
        if !last.is_empty() {
            last.push(' ');
        }
        last.push_str(more);
    }
}

fn checksum(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "-- what it is for; and why
CREATE TABLE t (
  id   BIGINT PRIMARY KEY, -- grows; with time
  body BLOB NOT NULL CHECK (body <> 'BLOB; --'),
  big_BIGINT BIGINT
) -- sqlite: STRICT
;
-- postgres: CREATE INDEX p ON t (body);
CREATE INDEX i ON t (body);
";

    fn texts(dialect: Dialect, text: &str) -> Vec<String> {
        dialect.steps(text).into_iter().map(|step| step.text).collect()
    }

    #[test]
    fn statements_are_cut_at_semicolons_and_put_into_the_words_of_the_engine() {
        assert_eq!(
            texts(Dialect::Sqlite, TEXT),
            [
                "CREATE TABLE t ( id INTEGER PRIMARY KEY, body BLOB NOT NULL CHECK (body <> 'BLOB; --'), big_BIGINT INTEGER ) STRICT",
                "CREATE INDEX i ON t (body)",
            ]
        );
        assert_eq!(
            texts(Dialect::Postgres, TEXT),
            [
                "CREATE TABLE t ( id BIGINT PRIMARY KEY, body BYTEA NOT NULL CHECK (body <> 'BLOB; --'), big_BIGINT BIGINT )",
                "CREATE INDEX p ON t (body)",
                "CREATE INDEX i ON t (body)",
            ]
        );
    }

    #[test]
    fn comments_and_spacing_do_not_change_a_checksum_but_words_do() {
        let of = |text: &str| Dialect::Sqlite.steps(text);
        assert_eq!(of("SELECT 1 FROM  t; -- x"), of("-- y\nSELECT 1\n  FROM t;\n"));
        assert_ne!(of("SELECT 1"), of("SELECT 2"));
    }
}
