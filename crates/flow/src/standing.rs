//! States of payments as rows hold them: a code and the state's own data as a small canonical JSON object.

use crate::refusal::Error;
use payment::parts::Parts;
use payment::reason::Reason;
use payment::state::{Recall, State, StateName};
use serde::{Deserialize, Serialize};
use store::payments::Standing;
use vocab::id::{OrderId, PaymentId};

// In the order of their names, so that compact serialisation is canonical.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Detail {
    #[serde(skip_serializing_if = "Option::is_none")]
    booked: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needed: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recall: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// The data of a state for its row.
pub(crate) fn write(state: &State) -> Result<String, Error> {
    let parts = Parts::from_state(state);
    let detail = Detail {
        booked: parts.booked_minor,
        code: parts.reason.as_ref().map(|reason| reason.code().to_owned()),
        duplicate_of: parts.duplicate_of.map(|earlier| earlier.to_string()),
        needed: parts.needed,
        on: parts.on.map(|on| on.to_string()),
        order: parts.order.map(|order| order.to_string()),
        recall: parts.recall.map(Recall::code),
        text: parts.reason.as_ref().map(|reason| reason.text().to_owned()),
    };
    serde_json::to_string(&detail).map_err(|_| Error::Bug("a state that cannot be written"))
}

/// The same data for an event, where the check finds it again.
pub(crate) fn as_value(detail: &str) -> Result<serde_json::Value, Error> {
    serde_json::from_str(detail).map_err(|_| Error::Bug("a state that cannot be read"))
}

/// The state of a payment back from its row.
pub fn read(standing: &Standing) -> Result<State, Error> {
    parse(standing).ok_or(Error::Bug("a stored state that cannot be read"))
}

fn parse(standing: &Standing) -> Option<State> {
    let detail: Detail = serde_json::from_str(&standing.state.detail).ok()?;
    let parts = Parts {
        name: StateName::from_code(standing.state.state)?,
        duplicate_of: detail
            .duplicate_of
            .as_deref()
            .map(str::parse::<PaymentId>)
            .transpose()
            .ok()?,
        needed: detail.needed,
        on: detail.on.as_deref().map(str::parse).transpose().ok()?,
        order: detail.order.as_deref().map(str::parse::<OrderId>).transpose().ok()?,
        booked_minor: detail.booked,
        recall: detail
            .recall
            .map(|code| Recall::from_code(code).ok_or(()))
            .transpose()
            .ok()?,
        reason: detail
            .code
            .map(|code| Reason::new(&code, detail.text.as_deref().unwrap_or_default())),
    };
    parts.into_state(standing.payment.amount.minor()).ok()
}
