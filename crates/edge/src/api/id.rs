//! Ids in paths. Read before the caller is known, judged after: a stranger learns nothing from a wrong id, not even that.

use crate::problem::Problem;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use flow::refusal::Code;
use std::convert::Infallible;
use std::str::FromStr;
use vocab::id::IdError;

/// The id in the path of a request, not yet judged.
#[derive(Debug)]
pub(crate) struct Id<T>(Result<T, IdError>);

impl<T> Id<T> {
    /// The id, or the refusal that says what was expected.
    pub(crate) fn get(self) -> Result<T, Problem> {
        self.0
            .map_err(|error| Problem::new(Code::Malformed, error.to_string()).param("id"))
    }
}

impl<T: FromStr<Err = IdError>, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        // Not text at all after decoding: the empty text is refused in the same way.
        let text = Path::<String>::from_request_parts(parts, state)
            .await
            .map(|Path(text)| text)
            .unwrap_or_default();
        Ok(Self(text.parse()))
    }
}
