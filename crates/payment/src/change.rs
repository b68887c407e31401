//! What may be changed on a payment before it goes to the bank, and what a change consists of.
//!
//! Every change voids the approvals. Who pays from which account, and the reference it was submitted under, cannot be changed: that
//! would be another payment.

use vocab::transfer::CreditTransfer;

/// Why a change is none that can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefusal {
    /// Old and new are the same.
    #[error("nothing was changed")]
    NothingChanged,
    /// A field that makes it the payment it is.
    #[error("`{0}` cannot be changed; cancel the payment and submit a new one")]
    Fixed(&'static str),
}

impl ChangeRefusal {
    /// Stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NothingChanged => "nothing_changed",
            Self::Fixed(_) => "field_cannot_change",
        }
    }
}

/// The fields that make a payment the one it is.
pub const FIXED: [&str; 5] = ["end_to_end_id", "uetr", "debtor", "debtor_account", "debtor_agent"];

/// The names of the fields that differ, in the order of the message.
pub fn fields_changed(old: &CreditTransfer, new: &CreditTransfer) -> Vec<&'static str> {
    // Taken apart by name, so that a field added to a transfer cannot be forgotten here.
    let CreditTransfer {
        end_to_end_id,
        uetr,
        debtor,
        debtor_account,
        debtor_agent,
        creditor,
        creditor_account,
        creditor_agent,
        amount,
        execution_on,
        remittance,
        charges,
        service_level,
        category_purpose,
        purpose,
        batch_booking,
    } = old;
    let differs = [
        ("end_to_end_id", *end_to_end_id != new.end_to_end_id),
        ("uetr", *uetr != new.uetr),
        ("debtor", *debtor != new.debtor),
        ("debtor_account", *debtor_account != new.debtor_account),
        ("debtor_agent", *debtor_agent != new.debtor_agent),
        ("creditor", *creditor != new.creditor),
        ("creditor_account", *creditor_account != new.creditor_account),
        ("creditor_agent", *creditor_agent != new.creditor_agent),
        ("amount", *amount != new.amount),
        ("execution_on", *execution_on != new.execution_on),
        ("remittance", *remittance != new.remittance),
        ("charges", *charges != new.charges),
        ("service_level", *service_level != new.service_level),
        ("category_purpose", *category_purpose != new.category_purpose),
        ("purpose", *purpose != new.purpose),
        ("batch_booking", *batch_booking != new.batch_booking),
    ];
    differs
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(field, _)| field)
        .collect()
}

/// The fields that a permitted change touches.
pub fn check(old: &CreditTransfer, new: &CreditTransfer) -> Result<Vec<&'static str>, ChangeRefusal> {
    let fields = fields_changed(old, new);
    if fields.is_empty() {
        return Err(ChangeRefusal::NothingChanged);
    }
    match fields.iter().find(|field| FIXED.contains(field)) {
        Some(fixed) => Err(ChangeRefusal::Fixed(fixed)),
        None => Ok(fields),
    }
}
