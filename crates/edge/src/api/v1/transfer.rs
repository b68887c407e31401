//! What is ordered, on the wire: the body of a new or changed payment, and the heart of every payment that is shown.

use super::money::Money;
use super::party::Party;
use crate::api::body;
use crate::api::findings::Findings;
use crate::authenticate::Signed;
use crate::problem::Problem;
use flow::refusal::Code;
use flow::single::{Single, Told};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vocab::time::Date;
use vocab::transfer::CreditTransfer;

/// A credit transfer as it is ordered.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transfer {
    /// Your own reference, which comes back on the statement: 1 to 35 characters that banks pass on.
    #[schema(value_type = String, required = true, example = "INV-2026-1001")]
    end_to_end_id: Option<String>,
    /// Unique end-to-end transaction reference: a version 4 UUID in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    uetr: Option<String>,
    /// Who pays: your organization, with one of its accounts.
    #[schema(value_type = Party, required = true)]
    debtor: Option<Party>,
    /// Who is paid.
    #[schema(value_type = Party, required = true)]
    creditor: Option<Party>,
    /// How much.
    #[schema(value_type = Money, required = true)]
    amount: Option<Money>,
    /// The day on which the bank is asked to execute, as `2026-12-01`.
    #[schema(value_type = String, format = Date, required = true, example = "2026-12-01")]
    execution_on: Option<String>,
    /// What the creditor is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    remittance: Option<Remittance>,
    /// Who bears the charges: `SLEV`, `SHAR`, `DEBT` or `CRED`. Unless you say so, `SLEV` within SEPA, where nothing else is allowed,
    /// and `SHAR` elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "SLEV")]
    charges: Option<String>,
    /// Service level code, such as `SEPA` or `URGP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "SEPA")]
    service_level: Option<String>,
    /// Category purpose code, such as `SUPP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    category_purpose: Option<String>,
    /// Purpose code.
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    /// Whether the payment may be booked together with others of the same order. False unless you say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_booking: Option<bool>,
}

/// What the creditor is told: one of the three.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Remittance {
    /// Free text of 1 to 140 characters that banks pass on.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Structured creditor reference (ISO 11649), such as `RF18539007547034`.
    #[serde(skip_serializing_if = "Option::is_none")]
    creditor_reference: Option<String>,
    /// Structured reference of another scheme, 1 to 35 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

/// The transfer in the body of a request.
pub(crate) fn read(signed: &Signed) -> Result<CreditTransfer, Problem> {
    let (wire, mut found) = body::read::<Transfer>(signed)?;
    let transfer = wire.parse(&mut found);
    if let (false, Ok(day)) = (found.is_empty(), date(wire.execution_on.as_deref().unwrap_or_default())) {
        // Alone it is no reason to refuse here: the request may be a repetition of one that came in time.
        found.add(flow::single::day_findings(day, signed.ctx.now.date()));
    }
    found.finish(
        Code::PaymentInvalid,
        "the payment cannot be accepted as it is; `errors` says why",
    )?;
    transfer.ok_or_else(|| flow::Error::Bug("a transfer that cannot be read, without a finding").into())
}

impl Transfer {
    /// As ordered.
    pub(crate) fn of(transfer: &CreditTransfer) -> Self {
        let text = |text: &str| Some(text.to_owned());
        Self {
            end_to_end_id: text(transfer.end_to_end_id.as_str()),
            uetr: transfer.uetr.as_ref().and_then(|uetr| text(uetr.as_str())),
            debtor: Some(Party::of(
                &transfer.debtor,
                &transfer.debtor_account,
                transfer.debtor_agent.as_ref(),
            )),
            creditor: Some(Party::of(
                &transfer.creditor,
                &transfer.creditor_account,
                transfer.creditor_agent.as_ref(),
            )),
            amount: Some(transfer.amount.money().into()),
            execution_on: Some(transfer.execution_on.to_string()),
            remittance: Remittance::of(&transfer.remittance),
            charges: text(transfer.charges.code()),
            service_level: transfer.service_level.clone(),
            category_purpose: transfer.category_purpose.clone(),
            purpose: transfer.purpose.clone(),
            batch_booking: Some(transfer.batch_booking),
        }
    }

    /// What has to be there is looked for here; what stands there is judged by the rules of payment files.
    fn parse(&self, found: &mut Findings) -> Option<CreditTransfer> {
        let end_to_end_id = found.required("/end_to_end_id", self.end_to_end_id.as_deref());
        let debtor = found.required("/debtor", self.debtor.as_ref());
        let debtor = debtor.map(|side| side.named("/debtor", found));
        let creditor = found.required("/creditor", self.creditor.as_ref());
        let creditor = creditor.map(|side| side.named("/creditor", found));
        let amount = found.required("/amount", self.amount.as_ref());
        let (amount_minor, currency) = amount.map_or((None, None), |money| money.named("/amount", found));
        let execution_on = found.required("/execution_on", self.execution_on.as_deref());
        let remittance = self
            .remittance
            .as_ref()
            .map_or(Told::Nothing, |remittance| remittance.named(found));
        let (transfer, errors) = flow::single::read(&Single {
            end_to_end_id,
            uetr: self.uetr.as_deref(),
            debtor: debtor.unwrap_or_default(),
            creditor: creditor.unwrap_or_default(),
            amount_minor,
            currency,
            execution_on,
            remittance,
            charges: self.charges.as_deref(),
            service_level: self.service_level.as_deref(),
            category_purpose: self.category_purpose.as_deref(),
            purpose: self.purpose.as_deref(),
            batch_booking: self.batch_booking.unwrap_or(false),
        });
        found.add(errors);
        transfer
    }
}

impl Remittance {
    fn of(remittance: &vocab::transfer::Remittance) -> Option<Self> {
        let none = Self {
            text: None,
            creditor_reference: None,
            reference: None,
        };
        match remittance {
            vocab::transfer::Remittance::None => None,
            vocab::transfer::Remittance::Text(text) => Some(Self {
                text: Some(text.clone()),
                ..none
            }),
            vocab::transfer::Remittance::Creditor(reference) => Some(Self {
                creditor_reference: Some(reference.as_str().to_owned()),
                ..none
            }),
            vocab::transfer::Remittance::Other(reference) => Some(Self {
                reference: Some(reference.as_str().to_owned()),
                ..none
            }),
        }
    }

    fn named(&self, found: &mut Findings) -> Told<'_> {
        match (
            self.text.as_deref(),
            self.creditor_reference.as_deref(),
            self.reference.as_deref(),
        ) {
            (None, None, None) => Told::Nothing,
            (Some(text), None, None) => Told::Text(text),
            (None, Some(reference), None) => Told::Creditor(reference),
            (None, None, Some(reference)) => Told::Other(reference),
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => {
                let detail = "the creditor is told one thing: a text, a creditor reference or another reference";
                found.malformed("/remittance", "remittance_ambiguous", detail);
                Told::Unsound
            }
        }
    }
}

/// A civil date in the one form of the API.
pub(crate) fn date(text: &str) -> Result<Date, &'static str> {
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    date.ok_or("not a date of the calendar; write it as `2026-12-01`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn whole() -> Value {
        json!({
            "end_to_end_id": "INV-1",
            "uetr": "8a562c67-ca16-48ba-b074-65581be6f001",
            "debtor": {"name": "Aurora GmbH", "iban": "DE89370400440532013000", "bic": "COBADEFFXXX"},
            "creditor": {
                "name": "Nordlicht Druck", "account": "12-345/6", "bic": "DNBANOKKXXX",
                "address": {"town": "Oslo", "country": "NO", "lines": ["Postboks 1"]},
            },
            "amount": {"amount": 125_000, "currency": "EUR"},
            "execution_on": "2026-12-01",
            "remittance": {"creditor_reference": "RF18 5390 0754 7034"},
            "charges": "SHAR",
            "service_level": "URGP",
            "category_purpose": "SUPP",
            "purpose": "GDDS",
            "batch_booking": true,
        })
    }

    fn codes(body: Value) -> Vec<String> {
        let wire: Transfer = serde_json::from_value(body).unwrap();
        let mut found = Findings::default();
        assert!(wire.parse(&mut found).is_none());
        let problem = found.finish(Code::PaymentInvalid, "").unwrap_err();
        problem
            .refusal()
            .errors
            .iter()
            .map(|error| format!("{} {}", error.pointer, error.code))
            .collect()
    }

    #[test]
    fn what_is_shown_can_be_ordered_again_unchanged() {
        let parse = |wire: Transfer| wire.parse(&mut Findings::default()).unwrap();
        let transfer = parse(serde_json::from_value(whole()).unwrap());
        let shown = serde_json::to_value(Transfer::of(&transfer)).unwrap();
        assert_eq!(shown["amount"], json!({"amount": 125_000, "currency": "EUR"}));
        assert_eq!(shown["remittance"], json!({"creditor_reference": "RF18539007547034"}));
        assert_eq!(parse(serde_json::from_value(shown).unwrap()), transfer);
    }

    #[test]
    fn everything_that_is_missing_is_named() {
        let mut missing = codes(json!({"debtor": {}, "amount": {}}));
        missing.sort();
        assert_eq!(
            missing,
            [
                "/amount/amount value_missing",
                "/amount/currency value_missing",
                "/creditor value_missing",
                "/debtor/iban value_missing",
                "/debtor/name value_missing",
                "/end_to_end_id value_missing",
                "/execution_on value_missing",
            ]
        );
    }

    #[test]
    fn every_wrong_value_is_named_with_its_code() {
        for (pointer, value, code) in [
            ("/end_to_end_id", json!("//"), "reference_invalid"),
            ("/uetr", json!("8a562c67"), "uetr_invalid"),
            ("/creditor/name", json!("Käse"), "character_set"),
            ("/debtor/iban", json!("DE88370400440532013000"), "iban_invalid"),
            ("/debtor/bic", json!("COBA"), "bic_invalid"),
            ("/creditor/account", json!(""), "account_invalid"),
            ("/amount/amount", json!(0), "amount_invalid"),
            ("/amount/currency", json!("XAU"), "currency_unknown"),
            ("/execution_on", json!("2026-02-30"), "date_invalid"),
            ("/execution_on", json!("20261201"), "date_invalid"),
            ("/charges", json!("OURS"), "charge_bearer_invalid"),
            ("/service_level", json!("sepa"), "code_invalid"),
            (
                "/remittance/creditor_reference",
                json!("RF19539007547034"),
                "creditor_reference_invalid",
            ),
            ("/creditor/address/country", json!("no"), "code_invalid"),
            ("/creditor/address/lines/0", json!("Straße"), "character_set"),
        ] {
            let mut body = whole();
            *body.pointer_mut(pointer).unwrap() = value;
            assert_eq!(codes(body), [format!("{pointer} {code}")], "{pointer}");
        }
    }

    #[test]
    fn an_address_of_free_lines_alone_is_refused() {
        let mut body = whole();
        body["creditor"]["address"] = json!({"lines": ["Postboks 1", "Oslo", "Norge"]});
        assert_eq!(codes(body), ["/creditor/address address_unstructured"]);
    }

    #[test]
    fn two_accounts_or_two_remittances_are_refused() {
        let mut body = whole();
        body["creditor"]["iban"] = json!("DE89370400440532013000");
        body["remittance"]["text"] = json!("x");
        assert_eq!(
            codes(body),
            ["/creditor/account stated_twice", "/remittance remittance_ambiguous"]
        );
    }
}
