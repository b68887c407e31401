//! The database as somebody with a database client sees it: tables, columns, rows as SQL literals, and statements.

use testkit::database::Database;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Text,
    Bytes,
}

#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) nullable: bool,
    pub(crate) key: bool,
}

/// A row: for each column the SQL literal of its value.
pub(crate) type Row = Vec<String>;

pub(crate) enum Raw {
    Sqlite(rusqlite::Connection),
    Postgres(Box<postgres::Client>),
}

impl Raw {
    /// Blocks; not for async tasks.
    pub(crate) fn open(database: &Database) -> Self {
        if database.is_postgres() {
            Self::Postgres(Box::new(
                postgres::Client::connect(database.url(), postgres::NoTls).unwrap(),
            ))
        } else {
            let connection = rusqlite::Connection::open(database.url().strip_prefix("sqlite:").unwrap()).unwrap();
            connection
                .execute_batch("PRAGMA busy_timeout = 5000; PRAGMA synchronous = OFF;")
                .unwrap();
            Self::Sqlite(connection)
        }
    }

    /// Runs statements in one transaction; false when a constraint of the schema does not let them.
    pub(crate) fn run(&mut self, statements: &[String]) -> bool {
        let text = format!("BEGIN; {}; COMMIT;", statements.join("; "));
        match self {
            Self::Sqlite(connection) => {
                let ran = connection.execute_batch(&text);
                if ran.is_err() {
                    connection.execute_batch("ROLLBACK").unwrap();
                }
                permitted(ran, |error| error.to_string().contains("constraint"))
            }
            Self::Postgres(client) => {
                let ran = client.batch_execute(&text);
                if ran.is_err() {
                    client.batch_execute("ROLLBACK").unwrap();
                }
                permitted(ran, |error| {
                    error.code().is_some_and(|state| state.code().starts_with("23"))
                })
            }
        }
    }

    fn texts(&mut self, query: &str) -> Vec<Row> {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare(query).unwrap();
                let width = statement.column_count();
                let read = |row: &rusqlite::Row<'_>| (0..width).map(|column| row.get::<_, String>(column)).collect();
                statement.query_map([], read).unwrap().map(Result::unwrap).collect()
            }
            Self::Postgres(client) => {
                let rows = client.simple_query(query).unwrap();
                let read = |message: &postgres::SimpleQueryMessage| {
                    let postgres::SimpleQueryMessage::Row(row) = message else {
                        return None;
                    };
                    let cell = |column| row.get(column).unwrap_or("").to_owned();
                    Some((0..row.len()).map(cell).collect())
                };
                rows.iter().filter_map(read).collect()
            }
        }
    }

    /// All tables of the schema.
    pub(crate) fn tables(&mut self) -> Vec<String> {
        let query = match self {
            Self::Sqlite(_) => {
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
            }
            Self::Postgres(_) => {
                "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1"
            }
        };
        self.texts(query).into_iter().flatten().collect()
    }

    /// The columns of a table in their order.
    pub(crate) fn columns(&mut self, table: &str) -> Vec<Column> {
        let query = match self {
            Self::Sqlite(_) => format!(
                "SELECT name, type, CAST(\"notnull\" AS TEXT), CAST(pk > 0 AS TEXT) FROM pragma_table_info('{table}') ORDER BY cid"
            ),
            Self::Postgres(_) => format!(
                "SELECT c.column_name, c.data_type, CASE c.is_nullable WHEN 'NO' THEN '1' ELSE '0' END,
                   CASE WHEN k.column_name IS NULL THEN '0' ELSE '1' END
                 FROM information_schema.columns c
                 LEFT JOIN information_schema.table_constraints t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
                   AND t.constraint_type = 'PRIMARY KEY'
                 LEFT JOIN information_schema.key_column_usage k ON k.table_schema = c.table_schema AND k.table_name = c.table_name
                   AND k.constraint_name = t.constraint_name AND k.column_name = c.column_name
                 WHERE c.table_schema = current_schema() AND c.table_name = '{table}' ORDER BY c.ordinal_position"
            ),
        };
        // What SQLite appends has its key on PostgreSQL only.
        let appended: &[&str] = match table {
            "idempotency" => &["digest"],
            "nonces" => &["expires_at", "signing_key", "digest"],
            "likenesses" => &["likeness", "payment"],
            _ => &[],
        };
        let column = |row: Row| Column {
            name: row[0].clone(),
            kind: match row[1].as_str() {
                "INTEGER" | "BIGINT" | "bigint" => Kind::Number,
                "TEXT" | "text" => Kind::Text,
                _ => Kind::Bytes,
            },
            key: row[3] == "1" || appended.contains(&row[0].as_str()),
            nullable: row[2] != "1" && row[3] != "1",
        };
        self.texts(&query).into_iter().map(column).collect()
    }

    /// All rows of a table in the order of its key.
    pub(crate) fn rows(&mut self, table: &str, columns: &[Column]) -> Vec<Row> {
        let literal = |column: &Column| match self {
            Self::Sqlite(_) => format!("quote({})", column.name),
            Self::Postgres(_) => format!("quote_nullable({}::TEXT)", column.name),
        };
        let literals: Vec<String> = columns.iter().map(literal).collect();
        let key: Vec<&str> = columns
            .iter()
            .filter(|column| column.key)
            .map(|column| column.name.as_str())
            .collect();
        self.texts(&format!(
            "SELECT {} FROM {table} ORDER BY {}",
            literals.join(", "),
            key.join(", ")
        ))
    }

    /// Another value of a column: near by, so that it is a value that could be there.
    pub(crate) fn altered(&self, column: &Column, literal: &str, by: i64) -> String {
        let plain = literal.trim_start_matches(['E', 'X', ' ']).trim_matches('\'');
        match column.kind {
            Kind::Number => match plain.parse::<i64>() {
                Ok(flag @ (0 | 1)) if by == 1 => (1 - flag).to_string(),
                Ok(number) => (number + by).to_string(),
                Err(_) => by.to_string(),
            },
            Kind::Text if literal == "NULL" => "'x'".to_owned(),
            Kind::Text => format!("{}x'", literal.strip_suffix('\'').unwrap()),
            Kind::Bytes => {
                let digits = plain.trim_start_matches('\\').trim_start_matches('x');
                let flipped = match digits.split_at_checked(2) {
                    Some((first, rest)) => format!("{:02x}{rest}", u8::from_str_radix(first, 16).unwrap() ^ 1),
                    None => "00".to_owned(),
                };
                match self {
                    Self::Sqlite(_) => format!("X'{flipped}'"),
                    Self::Postgres(_) => format!("'\\x{flipped}'"),
                }
            }
        }
    }
}

fn permitted<E: std::fmt::Debug>(ran: Result<(), E>, constraint: impl Fn(&E) -> bool) -> bool {
    match ran {
        Ok(()) => true,
        Err(error) if constraint(&error) => false,
        Err(error) => panic!("{error:?}"),
    }
}

/// `key = value AND …` of a row.
pub(crate) fn where_is(columns: &[Column], row: &Row) -> String {
    let parts = columns.iter().zip(row).filter(|(column, _)| column.key);
    parts
        .map(|(column, value)| format!("{} = {value}", column.name))
        .collect::<Vec<_>>()
        .join(" AND ")
}

pub(crate) fn update(table: &str, columns: &[Column], row: &Row, to: &Row) -> String {
    let set = columns
        .iter()
        .zip(row.iter().zip(to))
        .filter(|(_, (from, to))| from != to);
    let set: Vec<String> = set.map(|(column, (_, to))| format!("{} = {to}", column.name)).collect();
    format!("UPDATE {table} SET {} WHERE {}", set.join(", "), where_is(columns, row))
}

pub(crate) fn delete(table: &str, columns: &[Column], row: &Row) -> String {
    format!("DELETE FROM {table} WHERE {}", where_is(columns, row))
}

pub(crate) fn insert(table: &str, columns: &[Column], row: &Row) -> String {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), row.join(", "))
}
