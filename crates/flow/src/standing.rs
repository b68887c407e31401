//! States of payments as rows hold them: a code and the state's own data as a small JSON object.

use crate::refusal::Error;
use payment::reason::Reason;
use payment::state::{Recall, State, StateName};
use serde::{Deserialize, Serialize};
use vocab::id::{OrderId, PaymentId};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Detail {
    #[serde(skip_serializing_if = "Option::is_none")]
    booked: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needed: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recall: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// The data of a state for its row.
pub(crate) fn write(state: &State) -> Result<String, Error> {
    let of_reason = |reason: &Reason| Detail {
        code: Some(reason.code().to_owned()),
        text: Some(reason.text().to_owned()),
        ..Detail::default()
    };
    let of_order = |order: &OrderId| Detail { order: Some(order.to_string()), ..Detail::default() };
    let detail = match state {
        State::Received { duplicate_of } => {
            Detail { duplicate_of: duplicate_of.map(|earlier| earlier.to_string()), ..Detail::default() }
        }
        State::WaitingForApproval { needed } => Detail { needed: Some(*needed), ..Detail::default() },
        State::Approved | State::Expired => Detail::default(),
        State::Queued { not_before, resend } => Detail {
            date: Some(not_before.to_string()),
            order: resend.map(|order| order.to_string()),
            ..Detail::default()
        },
        State::Dispatching { order } | State::Unknown { order } => of_order(order),
        State::AcceptedByBank { order, booked_minor, recall } => Detail {
            booked: Some(*booked_minor),
            recall: Some(recall.code()),
            ..of_order(order)
        },
        State::Settled { order, on } => Detail { date: Some(on.to_string()), ..of_order(order) },
        State::Returned { on, reason } => Detail { date: Some(on.to_string()), ..of_reason(reason) },
        State::Rejected { reason } | State::Cancelled { reason } => of_reason(reason),
    };
    serde_json::to_string(&detail).map_err(|_| Error::Bug("a state that cannot be written"))
}

/// The same data for an event, where the check finds it again.
pub(crate) fn as_value(detail: &str) -> Result<serde_json::Value, Error> {
    serde_json::from_str(detail).map_err(|_| Error::Bug("a state that cannot be read"))
}

/// A state back from its row.
pub fn read(row: &store::payments::PaymentState) -> Result<State, Error> {
    parse(row.state, &row.detail).ok_or(Error::Bug("a stored state that cannot be read"))
}

fn parse(code: i64, detail: &str) -> Option<State> {
    let detail: Detail = serde_json::from_str(detail).ok()?;
    let order: Option<OrderId> = detail.order.as_deref().map(str::parse).transpose().ok()?;
    let duplicate_of: Option<PaymentId> = detail.duplicate_of.as_deref().map(str::parse).transpose().ok()?;
    let date = detail.date.as_deref().map(str::parse).transpose().ok()?;
    let reason = || Some(Reason::new(detail.code.as_deref()?, detail.text.as_deref()?));
    Some(match StateName::from_code(code)? {
        StateName::Received => State::Received { duplicate_of },
        StateName::WaitingForApproval => State::WaitingForApproval { needed: detail.needed? },
        StateName::Approved => State::Approved,
        StateName::Queued => State::Queued { not_before: date?, resend: order },
        StateName::Dispatching => State::Dispatching { order: order? },
        StateName::Unknown => State::Unknown { order: order? },
        StateName::AcceptedByBank => State::AcceptedByBank {
            order: order?,
            booked_minor: detail.booked?,
            recall: Recall::from_code(detail.recall?)?,
        },
        StateName::Rejected => State::Rejected { reason: reason()? },
        StateName::Settled => State::Settled { order: order?, on: date? },
        StateName::Returned => State::Returned { on: date?, reason: reason()? },
        StateName::Cancelled => State::Cancelled { reason: reason()? },
        StateName::Expired => State::Expired,
    })
}
