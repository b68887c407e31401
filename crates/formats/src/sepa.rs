//! Rules of the SEPA credit transfer scheme (EPC125-05, EPC132-08) that no schema states: for payments with the service level `SEPA`.

use crate::field::Place;
use crate::finding::FindingCode;
use crate::inspect::Inspector;
use vocab::account::AccountNumber;
use vocab::money::Amount;
use vocab::transfer::ChargeBearer;

/// The code of the service level.
pub(crate) const SERVICE_LEVEL: &str = "SEPA";

/// The largest amount of the scheme, in cents.
const AMOUNT_MAX_MINOR: i64 = 99_999_999_999;

/// Country codes of IBANs within the scheme, November 2026 (EPC409-09).
const COUNTRIES: [&str; 42] = [
    "AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI", "GR", "HR", "HU",
    "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL", "NO", "PL", "PT", "RO", "RS", "SE",
    "SI", "SK", "SM", "VA",
];

/// Whether the account belongs to a bank of the scheme, as far as its number tells.
pub(crate) fn reaches(account: &AccountNumber) -> bool {
    match account {
        AccountNumber::Iban(iban) => COUNTRIES.contains(&iban.country()),
        AccountNumber::Other(_) => false,
    }
}

/// Euro, and not more than the scheme transfers at once.
pub(crate) fn check_amount(inspector: &mut Inspector<'_>, place: Place<'_>, amount: Amount) {
    if amount.currency().code() != "EUR" {
        let message = format!(
            "a SEPA payment is in EUR, not in {}; change the service level or the currency",
            amount.currency()
        );
        inspector.report(place, FindingCode::SepaCurrency, message);
    } else if amount.minor() > AMOUNT_MAX_MINOR {
        inspector.report(
            place,
            FindingCode::SepaAmount,
            "SEPA transfers at most 999999999.99 EUR; split it or use another service level",
        );
    }
}

/// An IBAN of a country of the scheme.
pub(crate) fn check_account(inspector: &mut Inspector<'_>, place: Place<'_>, account: &AccountNumber) {
    if !reaches(account) {
        let message =
            "a SEPA payment needs the IBAN of an account in a SEPA country; change the service level or the account";
        inspector.report(place, FindingCode::SepaAccount, message);
    }
}

/// Charges follow the service level.
pub(crate) fn check_charges(inspector: &mut Inspector<'_>, place: Place<'_>, bearer: ChargeBearer) {
    if bearer != ChargeBearer::ServiceLevel {
        let message = format!(
            "charges of a SEPA payment are shared (`SLEV`), not `{}`; write SLEV or leave it out",
            bearer.code()
        );
        inspector.report(place, FindingCode::SepaChargeBearer, message);
    }
}
