//! Database URLs: which engine, and where.

use super::postgres::PostgresAddress;
use crate::error::OpenError;
use std::path::PathBuf;

/// Where the database is.
#[derive(Debug)]
pub(crate) enum Location {
    /// A file that stays.
    File(PathBuf),
    /// A file in a directory of its own that is deleted at the end.
    Temporary,
    Postgres(Box<PostgresAddress>),
}

impl Location {
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return PostgresAddress::parse(url).map(|address| Self::Postgres(Box::new(address)));
        }
        let path = match url.strip_prefix("sqlite:") {
            Some(":memory:") => return Ok(Self::Temporary),
            Some(path) => path.strip_prefix("//").unwrap_or(path),
            None => url,
        };
        if let Some((scheme, _)) = path.split_once("://") {
            return Err(OpenError::Url {
                what: format!("`{scheme}` is no database of ours"),
            });
        }
        if path.is_empty() {
            return Err(OpenError::Url {
                what: "the path is missing".to_owned(),
            });
        }
        Ok(Self::File(PathBuf::from(path)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_path_with_or_without_a_scheme() {
        for (url, path) in [
            ("data/cs.db", "data/cs.db"),
            ("sqlite:cs.db", "cs.db"),
            ("sqlite:/var/cs.db", "/var/cs.db"),
            ("sqlite:///var/cs.db", "/var/cs.db"),
        ] {
            assert!(
                matches!(Location::parse(url), Ok(Location::File(found)) if found == std::path::Path::new(path)),
                "{url}"
            );
        }
        assert!(matches!(Location::parse("sqlite::memory:"), Ok(Location::Temporary)));
    }

    #[test]
    fn other_engines_and_empty_paths_are_refused_without_repeating_the_url() {
        let error = Location::parse("mysql://root:hunter2@db/x").unwrap_err().to_string();
        assert!(error.contains("`mysql`") && !error.contains("hunter2"), "{error}");
        assert!(Location::parse("").is_err());
        assert!(Location::parse("sqlite:").is_err());
    }
}
