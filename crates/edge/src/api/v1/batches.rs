//! Batches: files of payments, what was found wrong in them, and what became of each payment.

use crate::api::findings::Findings;
use crate::api::id::Id;
use crate::api::page::{Listed, limit, window};
use crate::api::query;
use crate::api::reply::Reply;
use crate::authenticate::{Signed, Uploaded};
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::State;
use flow::refusal::Code;
use flow::upload::Upload;
use flow::view::BatchDetail;
use flow::view::{BatchPayment, StateName};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vocab::id::BatchId;
use vocab::limits::PAGE_MAX;

/// Media types of payment files.
const MEDIA_TYPES: [&str; 3] = ["application/xml", "text/xml", "text/csv"];

/// How to take a file in.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct How {
    /// `true` to have the good payments of a faulty file accepted; otherwise one fault refuses the whole file.
    partial: Option<String>,
}

/// A file that was taken in.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchTakenIn {
    /// `bat_…`
    id: String,
    /// Payments in the file.
    payments: usize,
    /// Payments accepted.
    accepted: usize,
    /// Findings; read them at the batch.
    findings: usize,
}

/// Submit a file of payments
///
/// The body is the file itself: pain.001.001.03, pain.001.001.09 or CSV with the columns of the guide. A refused file leaves nothing
/// behind; everything that is wrong with it is in `errors`.
#[utoipa::path(post, path = "/v1/batches", tag = "batches", operation_id = "submit_batch", params(How),
    request_body(description = "The file.", content((String = "application/xml"), (String = "text/csv"))),
    responses((status = 201, description = "The file was taken in.", body = BatchTakenIn)))]
pub(crate) async fn submit(State(edge): State<EdgeState>, file: Uploaded) -> Result<Reply<BatchTakenIn>, Problem> {
    let request = &file.signed;
    let partial = partial(&query::read::<How>(&request.uri)?)?;
    if !request.content_type().is_some_and(|kind| MEDIA_TYPES.contains(&kind)) {
        let detail = "a payment file is `application/xml` (pain.001) or `text/csv`; say which in `content-type`";
        return Err(Problem::new(Code::ContentType, detail));
    }
    let idempotency = request.idempotency(&edge, "upload")?;
    let upload = Upload {
        bytes: request.body.to_vec(),
        partial,
    };
    let taken = flow::upload::submit_batch(edge.platform(), request.ctx, upload, idempotency).await?;
    let body = BatchTakenIn {
        id: taken.batch.to_string(),
        payments: taken.payments,
        accepted: taken.accepted,
        findings: taken.findings,
    };
    Ok(Reply::created(&format!("/v1/batches/{}", taken.batch), body).replayed(taken.replayed))
}

fn partial(how: &How) -> Result<bool, Problem> {
    let mut found = Findings::default();
    let parse = |text: &str| text.parse::<bool>().map_err(|_| "`true` or `false` is expected");
    let partial = found.parameter("partial", how.partial.as_deref(), parse);
    found.finish(Code::Malformed, "")?;
    Ok(partial.unwrap_or(false))
}

/// A file of payments.
#[derive(Serialize, ToSchema)]
pub(crate) struct Batch {
    /// `bat_…`
    id: String,
    /// Who submitted it: `usr_…` or `app_…`.
    created_by: String,
    /// When, RFC 3339.
    created_at: String,
    /// `pain.001.001.03`, `pain.001.001.09` or `csv`.
    format: String,
    /// The message id in the file, if it has one.
    message_id: Option<String>,
    /// SHA-256 of the file in hexadecimal.
    file_digest: String,
    /// Whether the good payments of a faulty file were to be accepted.
    partial: bool,
    /// Payments in the file.
    payments: i64,
    /// Payments accepted.
    accepted: i64,
    /// Findings.
    findings: i64,
}

impl Batch {
    fn of(batch: &flow::view::Batch) -> Self {
        Self {
            id: batch.id.to_string(),
            created_by: batch.created_by.to_string(),
            created_at: batch.created_at.to_string(),
            format: batch.format.clone(),
            message_id: batch.message_id.clone(),
            file_digest: super::approvals::hex(&batch.file_digest),
            partial: batch.partial,
            payments: batch.payments,
            accepted: batch.accepted,
            findings: batch.findings,
        }
    }
}

/// Which batches to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Rows on the page, 1 to 500; 50 unless you say so.
    limit: Option<String>,
    /// Cursor: `next` of the page before.
    after: Option<String>,
}

impl Wanted {
    /// The first position of the page and its length, where the cursor is a position in the file.
    fn positions(&self) -> Result<(i64, usize), Problem> {
        let mut found = Findings::default();
        let limit = limit(&mut found, self.limit.as_deref());
        let position = |text: &str| match text.parse::<i64>() {
            Ok(position) if position >= 0 => Ok(position),
            Ok(_) | Err(_) => Err("not a cursor of this list; send `next` of the page before"),
        };
        let after = found.parameter("after", self.after.as_deref(), position);
        found.finish(Code::Malformed, "")?;
        Ok((after.map_or(0, |after| after.saturating_add(1)), limit))
    }
}

/// List batches, newest first
#[utoipa::path(get, path = "/v1/batches", tag = "batches", operation_id = "list_batches", params(Wanted),
    responses((status = 200, description = "A page of batches.", body = Listed<Batch>)))]
pub(crate) async fn list(State(edge): State<EdgeState>, request: Signed) -> Result<Reply<Listed<Batch>>, Problem> {
    let wanted: Wanted = query::read(&request.uri)?;
    let mut found = Findings::default();
    let window = window(
        &mut found,
        wanted.limit.as_deref(),
        wanted.after.as_deref(),
        BatchId::to_i64,
    );
    found.finish(Code::Malformed, "")?;
    let rows = flow::view::batches(edge.platform(), request.ctx, window.page).await?;
    Ok(Reply::page(
        &request.uri,
        Listed::cut(rows, window.limit, |row| row.id.to_string(), Batch::of),
    ))
}

/// A batch with its findings and the fate of its payments.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchRead {
    /// The batch.
    batch: Batch,
    /// What was found, in the order of the file: the first page of it, of up to 500. The cursor belongs to
    /// `GET /v1/batches/{id}/findings`.
    findings: Listed<Finding>,
    /// The payments of the file in its order, a page of them. The cursor is a position in the file.
    results: Listed<Fate>,
}

/// Something that was found wrong in a file.
#[derive(Serialize, ToSchema)]
pub(crate) struct Finding {
    /// Position of the payment in the file, from 0. Null: the file as a whole, or several payments.
    payment: Option<i64>,
    /// Path of the element, or the cell.
    path: String,
    /// Line in the file, from 1.
    line: i64,
    /// Stable code.
    code: String,
    /// A sentence.
    message: String,
}

/// What became of a payment of the file.
#[derive(Serialize, ToSchema)]
pub(crate) struct Fate {
    /// Position in the file, from 0.
    position: i64,
    /// Line in the file, from 1.
    line: i64,
    /// The submitter's reference, if it could be read.
    end_to_end_id: Option<String>,
    /// `pay_…` if the payment was accepted.
    payment: Option<String>,
    /// Where the payment stands now, if it was accepted.
    state: Option<&'static str>,
}

/// Read a batch
#[utoipa::path(get, path = "/v1/batches/{id}", tag = "batches", operation_id = "read_batch",
    params(("id" = String, Path, description = "`bat_…`"), Wanted),
    responses((status = 200, description = "The batch.", body = BatchRead)))]
pub(crate) async fn read(
    State(edge): State<EdgeState>,
    id: Id<BatchId>,
    request: Signed,
) -> Result<Reply<BatchRead>, Problem> {
    let (from, limit) = query::read::<Wanted>(&request.uri)?.positions()?;
    let detail = flow::view::batch(edge.platform(), request.ctx, id.get()?, from, limit + 1).await?;
    Ok(Reply::ok(BatchRead::of(detail, limit)))
}

impl BatchRead {
    fn of(detail: BatchDetail, limit: usize) -> Self {
        let fate = |(payment, state): &(BatchPayment, Option<StateName>)| Fate {
            position: payment.number,
            line: payment.line,
            end_to_end_id: payment.end_to_end_id.clone(),
            payment: payment.payment.map(|id| id.to_string()),
            state: state.map(StateName::name),
        };
        Self {
            batch: Batch::of(&detail.batch),
            findings: findings(detail.findings, 0, PAGE_MAX),
            results: Listed::cut(detail.payments, limit, |(payment, _)| payment.number.to_string(), fate),
        }
    }
}

/// A page of findings that begins with number `from`.
fn findings(rows: Vec<flow::view::Finding>, from: i64, limit: usize) -> Listed<Finding> {
    let numbered = (from..).zip(rows).collect();
    Listed::cut(
        numbered,
        limit,
        |(number, _)| number.to_string(),
        |(_, row)| Finding::of(row),
    )
}

/// List the findings about a batch, in the order of the file
#[utoipa::path(get, path = "/v1/batches/{id}/findings", tag = "batches", operation_id = "list_findings",
    params(("id" = String, Path, description = "`bat_…`"), Wanted),
    responses((status = 200, description = "A page of findings.", body = Listed<Finding>)))]
pub(crate) async fn list_findings(
    State(edge): State<EdgeState>,
    id: Id<BatchId>,
    request: Signed,
) -> Result<Reply<Listed<Finding>>, Problem> {
    let (from, limit) = query::read::<Wanted>(&request.uri)?.positions()?;
    let rows = flow::view::findings(edge.platform(), request.ctx, id.get()?, from, limit + 1).await?;
    Ok(Reply::page(&request.uri, findings(rows, from, limit)))
}

impl Finding {
    fn of(finding: &flow::view::Finding) -> Self {
        Self {
            payment: finding.payment_number,
            path: finding.path.clone(),
            line: finding.line,
            code: finding.code.clone(),
            message: finding.message.clone(),
        }
    }
}
