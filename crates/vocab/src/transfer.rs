//! A credit transfer: what a payer orders, in the words of pain.001, independent of the file it came in.

use crate::account::{AccountNumber, Bic};
use crate::money::Amount;
use crate::party::Party;
use crate::reference::{CreditorReference, Reference, Uetr};
use crate::time::Date;

/// One payment from one of the organization's accounts to a creditor. Valid by construction of its parts; whether a bank would
/// take it is checked by `formats`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditTransfer {
    /// The submitter's own reference (`EndToEndId`), which comes back on the statement.
    pub end_to_end_id: Reference,
    /// The submitter's `UETR`, if they gave one.
    pub uetr: Option<Uetr>,
    /// Who pays: the organization itself.
    pub debtor: Party,
    /// The account that is debited.
    pub debtor_account: AccountNumber,
    /// The bank that keeps it.
    pub debtor_agent: Option<Bic>,
    /// Who is paid.
    pub creditor: Party,
    /// The account that is credited.
    pub creditor_account: AccountNumber,
    /// The bank that keeps it; may be left out within SEPA.
    pub creditor_agent: Option<Bic>,
    /// How much, in which currency.
    pub amount: Amount,
    /// The day the bank is asked to execute.
    pub execution_on: Date,
    /// What the creditor is told.
    pub remittance: Remittance,
    /// Who bears the charges.
    pub charges: ChargeBearer,
    /// Service level code, such as `SEPA`, `URGP`, `NURG`.
    pub service_level: Option<String>,
    /// Category purpose code, such as `SUPP` or `SALA`.
    pub category_purpose: Option<String>,
    /// Purpose code of the single payment.
    pub purpose: Option<String>,
    /// Whether the payer wants this payment booked together with its neighbours of the same batch.
    pub batch_booking: bool,
}

/// What the creditor is told about the payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remittance {
    /// Nothing.
    None,
    /// Free text, 1 to 140 characters of the bank set.
    Text(String),
    /// A structured creditor reference (ISO 11649).
    Creditor(CreditorReference),
    /// A structured reference of another scheme, 1 to 35 characters.
    Other(Reference),
}

/// Who bears the charges (`ChrgBr`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeBearer {
    /// Following the service level (`SLEV`), the only one in SEPA.
    ServiceLevel,
    /// Each their own (`SHAR`).
    Shared,
    /// The debtor (`DEBT`).
    Debtor,
    /// The creditor (`CRED`).
    Creditor,
}

impl ChargeBearer {
    /// The code of ISO 20022.
    pub fn code(self) -> &'static str {
        match self {
            Self::ServiceLevel => "SLEV",
            Self::Shared => "SHAR",
            Self::Debtor => "DEBT",
            Self::Creditor => "CRED",
        }
    }

    /// From the code of ISO 20022.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::ServiceLevel, Self::Shared, Self::Debtor, Self::Creditor]
            .into_iter()
            .find(|bearer| bearer.code() == code)
    }
}
