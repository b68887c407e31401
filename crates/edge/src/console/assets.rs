//! Serves style sheet, script and mark. Their addresses hold their hash, so browsers keep them for a year without asking.

use super::failure::Failure;
use crate::ui::assets;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

/// `GET /console/assets/{name}`
pub(super) async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Failure> {
    let asset = assets::named(&name).ok_or(Failure::Missing("file of this name"))?;
    let kept = [
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (ETAG, asset.etag.as_str()),
    ];
    if headers
        .get(IF_NONE_MATCH)
        .is_some_and(|tags| names(tags.as_bytes(), &asset.etag))
    {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    Ok((kept, [(CONTENT_TYPE, asset.kind)], asset.bytes.as_slice()).into_response())
}

/// Whether a list of entity tags (RFC 9110 section 13.1.2) names this one; weak comparison.
fn names(list: &[u8], etag: &str) -> bool {
    let Ok(list) = std::str::from_utf8(list) else {
        return false;
    };
    list.split(',')
        .map(|tag| tag.trim())
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}
