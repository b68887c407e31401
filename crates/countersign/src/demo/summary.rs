//! The machine-readable summary of the demo.

use super::{Ended, Finding};
use crate::setup::detail;
use flow::Platform;
use serde_json::{Value, json};
use vocab::limits;

/// The summary as one JSON object.
pub(crate) async fn summary(platform: &Platform, ended: &Ended) -> Result<Value, Box<dyn std::error::Error>> {
    let overview = flow::view::overview(platform, ended.ctx).await.map_err(detail)?;
    let mut payments = Vec::new();
    if let Some(batch) = ended.batch {
        let of_batch = flow::view::batch(platform, ended.ctx, batch, 0, limits::BATCH_PAYMENTS_MAX)
            .await
            .map_err(detail)?;
        let all = flow::view::findings(platform, ended.ctx, batch, 0, limits::BATCH_PAYMENTS_MAX * 2);
        let of_file = all.await.map_err(detail)?;
        for (fate, state) in of_batch.payments {
            let Some(id) = fate.payment else {
                let found = of_file
                    .iter()
                    .find(|finding| finding.payment_number == Some(fate.number));
                let reason = found.map(|finding| finding.code.clone());
                payments.push(json!({
                    "end_to_end_id": fate.end_to_end_id, "id": null, "state": "refused", "reason": reason, "receipt": null,
                }));
                continue;
            };
            let payment = flow::view::payment(platform, ended.ctx, id).await.map_err(detail)?;
            let receipt = ended
                .receipts
                .iter()
                .find(|(of, _)| *of == id)
                .map(|(_, path)| path.display().to_string());
            payments.push(json!({
                "end_to_end_id": payment.transfer.end_to_end_id.as_str(),
                "id": id.to_string(),
                "state": state.map(|state| state.name()),
                "reason": payment.state.reason().map(|reason| reason.code().to_owned()),
                "receipt": receipt,
            }));
        }
    }
    let findings: Vec<Value> = ended
        .findings
        .iter()
        .map(|finding| json!({"path": finding.path, "line": finding.line, "code": finding.code, "message": finding.message}))
        .collect();
    let (lines, matched) = overview.lines;
    Ok(json!({
        "batch": ended.batch.map(|batch| batch.to_string()),
        "payments": payments,
        "findings": findings,
        "ledger": {"balanced": overview.balanced, "entries": overview.entries},
        "reconciliation": {"lines": lines, "matched": matched, "exceptions": overview.exceptions_open},
        "log": {"size": overview.log_size, "root": root(&overview.checkpoint)},
    }))
}

/// The root hash of a checkpoint: its third line.
fn root(checkpoint: &str) -> String {
    checkpoint.lines().nth(2).unwrap_or_default().to_owned()
}

/// The findings of a file that was refused as a whole.
pub(crate) fn findings_of_refusal(body: &[u8]) -> Vec<Finding> {
    let value: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let errors = value
        .get("errors")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let text = |error: &Value, name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    errors
        .iter()
        .map(|error| Finding {
            path: text(error, "pointer"),
            line: error.get("line").and_then(Value::as_i64).unwrap_or(0),
            code: text(error, "code"),
            message: text(error, "detail"),
        })
        .collect()
}
