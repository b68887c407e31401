//! The public log (C2SP tlog-tiles): checkpoint, hash tiles and entry bundles, for anybody, without a signature. Entries are salted
//! commitments and say nothing about payments.

use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use flow::refusal::Code;
use flow::view::Tile;

/// Never changes again: a full tile stays as it is for ever.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Does not change either, but is of no use once the tile has grown.
const FOR_A_WHILE: &str = "public, max-age=600";

/// Read the newest signed checkpoint
#[utoipa::path(get, path = "/log/checkpoint", tag = "log", operation_id = "read_checkpoint",
    responses((status = 200, description = "The checkpoint, a signed note.", body = String, content_type = "text/plain")))]
pub(crate) async fn checkpoint(State(edge): State<EdgeState>) -> Result<impl IntoResponse, Problem> {
    let checkpoint = flow::seal::checkpoint(edge.platform()).await?;
    Ok((
        [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-cache")],
        checkpoint,
    ))
}

/// Read a tile of hashes or a bundle of entries
///
/// `{tile}` is `<level>/<index>` or `entries/<index>`, with the index in groups of three digits (`x001/x234/067`) and `.p/<width>` behind
/// it for a tile that is not full. A bundle is a sequence of entries, each with its length in two bytes before it.
#[utoipa::path(get, path = "/log/tile/{*tile}", tag = "log", operation_id = "read_tile",
    params(("tile" = String, Path, description = "Which tile.", example = "0/000.p/8")),
    responses((status = 200, description = "The hashes or entries.", body = Vec<u8>, content_type = "application/octet-stream")))]
pub(crate) async fn tile(
    State(edge): State<EdgeState>,
    path: Result<Path<String>, axum::extract::rejection::PathRejection>,
) -> Result<impl IntoResponse, Problem> {
    let absent = || Problem::new(Code::NotFound, "the log has no such tile");
    let Path(path) = path.map_err(|_| absent())?;
    let tile = Tile::from_path(&format!("tile/{path}")).ok_or_else(absent)?;
    let bytes = flow::seal::tile(edge.platform(), tile).await?.ok_or_else(absent)?;
    let cache = if tile.is_full() { FOR_EVER } else { FOR_A_WHILE };
    Ok((
        [(CONTENT_TYPE, "application/octet-stream"), (CACHE_CONTROL, cache)],
        bytes,
    ))
}
