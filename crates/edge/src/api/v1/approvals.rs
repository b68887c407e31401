//! Approvals: a person says yes or no to exactly the content that they name.

use crate::api::reply::Reply;
use crate::api::{body, query};
use crate::authenticate::Signed;
use crate::problem::Problem;
use crate::state::EdgeState;
use axum::extract::State;
use flow::approve::Approve;
use flow::refusal::Code;
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use utoipa::ToSchema;

/// A yes or a no.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovalDecision {
    /// What it is about, `pay_…`.
    #[schema(value_type = String, required = true)]
    payment: Option<String>,
    /// The content hash of the payment as the member has seen it: 64 hexadecimal digits in lower case.
    #[schema(value_type = String, required = true)]
    content_hash: Option<String>,
    /// True for yes, false to decline the payment.
    #[schema(value_type = bool, required = true)]
    approved: Option<bool>,
    /// Words for the record, up to 500 characters.
    note: Option<String>,
}

/// What followed from it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApprovalGiven {
    /// `apr_…`
    id: String,
    /// `pay_…`
    payment: String,
    /// Distinct people who have approved the present content.
    approvals: u32,
    /// How many the policy asks for.
    approvals_needed: u32,
    /// Where the payment stands now.
    state: &'static str,
}

/// Approve or decline a payment
///
/// Needs the key of a member who may approve and who neither made nor changed the payment. When the last approval is in, the payment is
/// queued for its bank.
#[utoipa::path(post, path = "/v1/approvals", tag = "approvals", operation_id = "approve_payment", request_body = ApprovalDecision,
    responses((status = 201, description = "The approval counts.", body = ApprovalGiven)))]
pub(crate) async fn give(State(edge): State<EdgeState>, request: Signed) -> Result<Reply<ApprovalGiven>, Problem> {
    query::none(&request.uri)?;
    let decision = read(&request)?;
    let payment = decision.payment;
    let idempotency = request.idempotency(&edge, "approve")?;
    let given = flow::approve::approve(edge.platform(), request.ctx, decision, idempotency).await?;
    let body = ApprovalGiven {
        id: given.approval.to_string(),
        payment: payment.to_string(),
        approvals: given.count,
        approvals_needed: given.needed,
        state: given.state.name(),
    };
    Ok(Reply::created(&format!("/v1/payments/{payment}/timeline"), body).replayed(given.replayed))
}

fn read(request: &Signed) -> Result<Approve, Problem> {
    let (wire, mut found) = body::read::<ApprovalDecision>(request)?;
    let payment = found.required("/payment", wire.payment.as_deref());
    let payment = found.parsed("/payment", "id_invalid", payment, str::parse);
    let hash = found.required("/content_hash", wire.content_hash.as_deref());
    let content_hash = found.parsed("/content_hash", "hash_invalid", hash, |text| {
        unhex(text).ok_or("64 hexadecimal digits in lower case are expected")
    });
    let approved = found.required("/approved", wire.approved);
    found.finish(
        Code::Malformed,
        "the approval names no payment or content; `errors` says what is wrong",
    )?;
    let (Some(payment), Some(content_hash), Some(approved)) = (payment, content_hash, approved) else {
        return Err(flow::Error::Bug("an approval that cannot be read, without a finding").into());
    };
    let note = wire.note.unwrap_or_default();
    Ok(Approve {
        payment,
        content_hash,
        approved,
        note,
        key: request.key,
    })
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a text does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

pub(crate) fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64
        || !text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(place * 2..place * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_64_lower_case_digits_and_nothing_else() {
        let hash: [u8; 32] = std::array::from_fn(|place| u8::try_from(place).unwrap() * 7);
        assert_eq!(unhex(&hex(&hash)), Some(hash));
        for text in [
            hex(&hash[..31]),
            hex(&hash).to_uppercase(),
            format!("{}+f", hex(&hash[..31])),
            "é".repeat(32),
        ] {
            assert_eq!(unhex(&text), None, "{text}");
        }
    }
}
