//! A schema of its own on a PostgreSQL server, gone with the value: for demonstrations and tests that leave nothing behind.

use super::PostgresAddress;
use crate::error::{OpenError, StoreError};

/// A schema that is dropped with this value.
#[derive(Debug)]
pub struct Scratch {
    server: PostgresAddress,
    name: String,
    url: String,
}

impl Scratch {
    /// Creates an empty schema on the server at `url`. The name consists of lower-case letters, digits and underscores. Blocks.
    pub fn create(url: &str, name: &str) -> Result<Self, OpenError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if name.is_empty() || !name.bytes().all(plain) {
            return Err(OpenError::Start {
                source: StoreError::bug("a schema name with other than plain characters"),
            });
        }
        let server = PostgresAddress::parse(url)?;
        let separator = if url.contains('?') { '&' } else { '?' };
        let scratch = Self {
            server,
            name: name.to_owned(),
            url: format!("{url}{separator}options=-c%20search_path%3D{name}"),
        };
        scratch.run(&format!("CREATE SCHEMA {name}"))?;
        Ok(scratch)
    }

    /// The URL that opens a store in this schema.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// On a thread of its own: the blocking client must not be used on an async task, and the owner may be on one.
    fn run(&self, statement: &str) -> Result<(), OpenError> {
        let failed = |what: String| OpenError::Start {
            source: StoreError::unavailable(what),
        };
        let run = || {
            let mut client = self.server.connect()?;
            client.batch_execute(statement).map_err(|error| {
                failed(
                    error
                        .code()
                        .map_or("the connection was lost", |state| state.code())
                        .to_owned(),
                )
            })
        };
        std::thread::scope(|scope| scope.spawn(run).join())
            .unwrap_or_else(|_| Err(failed("the connecting thread broke".to_owned())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self
            .run(&format!("DROP SCHEMA IF EXISTS {} CASCADE", self.name))
            .is_err()
        {
            tracing::warn!(schema = self.name, "a scratch schema was left behind");
        }
    }
}
