//! Pages of lists: `limit` and an opaque cursor `after`, newest first, never an offset. A row that arrives meanwhile moves nothing.

use super::findings::Findings;
use axum::http::Uri;
use flow::view::Page;
use serde::Serialize;
use std::str::FromStr;
use utoipa::ToSchema;
use vocab::id::IdError;
use vocab::limits::{PAGE_DEFAULT, PAGE_MAX};

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listed<T> {
    /// The rows, in the order that the route documents.
    pub(crate) data: Vec<T>,
    /// Whether there are more.
    pub(crate) has_more: bool,
    /// The cursor for the next page: send it as `after`. Null when there are no more.
    pub(crate) next: Option<String>,
}

impl<T> Listed<T> {
    /// A list that is always whole.
    pub(crate) fn whole(data: Vec<T>) -> Self {
        Self {
            data,
            has_more: false,
            next: None,
        }
    }

    /// A page out of `limit` rows and possibly one more, which only tells that there are more.
    pub(crate) fn cut<R>(
        mut rows: Vec<R>,
        limit: usize,
        cursor: impl Fn(&R) -> String,
        present: impl Fn(&R) -> T,
    ) -> Self {
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(cursor);
        Self {
            data: rows.iter().map(present).collect(),
            has_more,
            next,
        }
    }

    /// The `Link` header (RFC 8288) to the next page: the same query with the next cursor.
    pub(crate) fn link(&self, uri: &Uri) -> Option<String> {
        let next = self.next.as_ref()?;
        let query = uri.query().unwrap_or_default().split('&');
        let mut kept: Vec<&str> = query
            .filter(|pair| !pair.is_empty() && !pair.starts_with("after="))
            .collect();
        let after = format!("after={next}");
        kept.push(&after);
        Some(format!("<{}?{}>; rel=\"next\"", uri.path(), kept.join("&")))
    }
}

/// Which page was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// Rows asked of the store: one more than shown.
    pub(crate) page: Page,
    /// Rows shown at most.
    pub(crate) limit: usize,
}

/// Reads `limit` and `after`, where the cursor is the id of the last row that was shown.
pub(crate) fn window<I: FromStr<Err = IdError>>(
    found: &mut Findings,
    asked_limit: Option<&str>,
    after: Option<&str>,
    number: impl FnOnce(I) -> i64,
) -> Window {
    let limit = limit(found, asked_limit);
    let before = found.parameter("after", after, str::parse).map(number);
    Window {
        page: Page {
            before,
            limit: limit + 1,
        },
        limit,
    }
}

/// Reads `limit`.
pub(crate) fn limit(found: &mut Findings, asked: Option<&str>) -> usize {
    let parse = |text: &str| match text.parse::<usize>() {
        Ok(limit) if (1..=PAGE_MAX).contains(&limit) => Ok(limit),
        Ok(_) | Err(_) => Err(format!("`limit` is a number from 1 to {PAGE_MAX}")),
    };
    found.parameter("limit", asked, parse).unwrap_or(PAGE_DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_too_many_only_tells_that_there_are_more() {
        let page = Listed::cut(vec![9, 8, 7], 2, i32::to_string, |row| *row);
        assert_eq!(
            (page.data.as_slice(), page.has_more, page.next.as_deref()),
            ([9, 8].as_slice(), true, Some("8"))
        );
        let last = Listed::cut(vec![7], 2, i32::to_string, |row| *row);
        assert_eq!((last.has_more, last.next), (false, None));
    }

    #[test]
    fn the_link_keeps_the_filters_and_replaces_the_cursor() {
        let page = Listed {
            data: vec![1],
            has_more: true,
            next: Some("pay_8".to_owned()),
        };
        let link = page
            .link(&"/v1/payments?state=settled&after=pay_9&limit=1".parse().unwrap())
            .unwrap();
        assert_eq!(link, "</v1/payments?state=settled&limit=1&after=pay_8>; rel=\"next\"");
    }

    #[test]
    fn a_limit_outside_of_its_bounds_is_refused() {
        for text in ["0", "-1", "501", "ten", ""] {
            let mut found = Findings::default();
            limit(&mut found, Some(text));
            assert!(!found.is_empty(), "{text}");
        }
    }
}
