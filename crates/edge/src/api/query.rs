//! Reads query parameters. One that is not known is refused, with those that are: a filter with a typing error would otherwise
//! silently show everything.

use super::findings::Findings;
use crate::problem::Problem;
use axum::extract::Query;
use axum::http::Uri;
use flow::refusal::Code;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use utoipa::IntoParams;

/// The parameters as a wire type whose fields are optional texts.
pub(crate) fn read<T: DeserializeOwned + IntoParams>(uri: &Uri) -> Result<T, Problem> {
    match Query::try_from_uri(uri) {
        Ok(Query(query)) => Ok(query),
        Err(_) => Err(explain::<T>(uri)),
    }
}

/// Refuses every parameter, for routes that have none.
pub(crate) fn none(uri: &Uri) -> Result<(), Problem> {
    #[derive(serde::Deserialize, IntoParams)]
    #[serde(deny_unknown_fields)]
    struct None {}
    read::<None>(uri).map(|None {}| ())
}

fn explain<T: IntoParams>(uri: &Uri) -> Problem {
    let known: Vec<String> = T::into_params(|| None)
        .into_iter()
        .map(|parameter| parameter.name)
        .collect();
    let valid = if known.is_empty() {
        "there are none here".to_owned()
    } else {
        format!("valid are `{}`", known.join("`, `"))
    };
    let given = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map(|Query(pairs)| pairs)
        .unwrap_or_default();
    let mut found = Findings::default();
    let mut seen = BTreeSet::new();
    for (name, _) in &given {
        let shown: String = name.chars().take(64).collect();
        if !known.contains(name) {
            found.malformed(
                &format!("?{shown}"),
                "parameter_unknown",
                format!("this parameter is not known; {valid}"),
            );
        } else if !seen.insert(name) {
            found.malformed(
                &format!("?{shown}"),
                "parameter_repeated",
                "this parameter is there twice",
            );
        }
    }
    let unreadable = || Problem::new(Code::Malformed, format!("the query cannot be read; {valid}"));
    found.finish(Code::Malformed, "").err().unwrap_or_else(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize, IntoParams)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        limit: Option<String>,
        after: Option<String>,
    }

    fn uri(query: &str) -> Uri {
        format!("/x?{query}").parse().unwrap()
    }

    #[test]
    fn known_parameters_are_read() {
        let asked: Asked = read(&uri("limit=5")).unwrap();
        assert_eq!((asked.limit.as_deref(), asked.after), (Some("5"), None));
        assert!(none(&"/x".parse().unwrap()).is_ok());
    }

    #[test]
    fn unknown_and_repeated_parameters_are_refused_with_the_valid_ones() {
        let problem = read::<Asked>(&uri("limits=5&after=a&after=b&x")).unwrap_err();
        let errors = &problem.refusal().errors;
        let places: Vec<&str> = errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(places, ["?limits", "?after", "?x"]);
        assert!(errors[0].detail.contains("`limit`, `after`"), "{}", errors[0].detail);
        assert!(
            none(&uri("limit=1")).unwrap_err().refusal().errors[0]
                .detail
                .contains("none")
        );
    }
}
