//! Money on the wire: whole minor units and a currency, never a decimal number.

use crate::api::findings::Findings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vocab::money::Currency;

/// An amount of money in whole minor units of its currency (ISO 4217): 125000 of EUR is 1250.00, 300 of JPY is 300.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Money {
    /// Minor units. Negative only in ledgers and statements.
    #[schema(value_type = i64, required = true, example = 125_000)]
    amount: Option<i64>,
    /// Three-letter code.
    #[schema(value_type = String, required = true, example = "EUR")]
    currency: Option<String>,
}

impl From<vocab::money::Money> for Money {
    fn from(money: vocab::money::Money) -> Self {
        Self {
            amount: Some(money.minor()),
            currency: Some(money.currency().code().to_owned()),
        }
    }
}

impl Money {
    /// A sum in minor units of a currency.
    pub(crate) fn of(minor: i64, currency: Currency) -> Self {
        vocab::money::Money::new(minor, currency).into()
    }

    /// What was written, for the rules of payments.
    pub(crate) fn named(&self, pointer: &str, found: &mut Findings) -> (Option<i64>, Option<&str>) {
        let minor = found.required(&format!("{pointer}/amount"), self.amount);
        let code = found.required(&format!("{pointer}/currency"), self.currency.as_deref());
        (minor, code)
    }
}

/// A currency by its code.
pub(crate) fn currency(code: &str) -> Result<Currency, &'static str> {
    Currency::from_code(code).ok_or("not a currency that one can pay in; write its three-letter code in capitals")
}
