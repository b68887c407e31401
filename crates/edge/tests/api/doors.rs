//! Two doors, one rule set: a payment that comes by itself and the same payment in a file are refused for the same reasons, and make
//! the same content when they are accepted.

use crate::support::{Api, Ask, get, post};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::house::ACCOUNT;
use testkit::transfers::CREDITOR;

/// An account outside of SEPA.
const ABROAD: &str = "TR330006100519786457841326";

/// A payment as somebody writes it.
#[derive(Clone)]
struct Written {
    end_to_end_id: String,
    name: String,
    iban: String,
    bic: String,
    /// Whole units with two decimal places.
    amount: String,
    currency: &'static str,
    day: &'static str,
    text: String,
    charges: &'static str,
    service_level: &'static str,
    purpose: &'static str,
    town: &'static str,
    country: &'static str,
}

impl Written {
    fn sound() -> Self {
        Self {
            end_to_end_id: "DOOR-1".to_owned(),
            name: "Supplier".to_owned(),
            iban: CREDITOR.to_owned(),
            bic: String::new(),
            amount: "12.50".to_owned(),
            currency: "EUR",
            day: "2026-11-24",
            text: "Invoice 1".to_owned(),
            charges: "",
            service_level: "SEPA",
            purpose: "",
            town: "",
            country: "",
        }
    }

    fn json(&self) -> Ask {
        let minor: i64 = self.amount.replace('.', "").parse().unwrap();
        let mut creditor = json!({"name": self.name, "iban": self.iban});
        let mut body = json!({
            "end_to_end_id": self.end_to_end_id, "debtor": {"name": "House", "iban": ACCOUNT},
            "amount": {"amount": minor, "currency": self.currency}, "execution_on": self.day,
            "remittance": {"text": self.text},
        });
        for (name, value) in [
            ("charges", self.charges),
            ("service_level", self.service_level),
            ("purpose", self.purpose),
        ] {
            if !value.is_empty() {
                body[name] = json!(value);
            }
        }
        if !self.bic.is_empty() {
            creditor["bic"] = json!(self.bic);
        }
        for (name, value) in [("town", self.town), ("country", self.country)] {
            if !value.is_empty() {
                creditor["address"][name] = json!(value);
            }
        }
        body["creditor"] = creditor;
        post("/v1/payments").json(&body)
    }

    fn csv(&self) -> Ask {
        let header = "end_to_end_id,debtor_name,debtor_account,creditor_name,creditor_account,creditor_bic,amount,currency,execution_date,\
                      remittance,charge_bearer,service_level,purpose,creditor_town,creditor_country";
        let row = [
            &self.end_to_end_id,
            "House",
            ACCOUNT,
            &self.name,
            &self.iban,
            &self.bic,
            &self.amount,
            self.currency,
            self.day,
            &self.text,
            self.charges,
            self.service_level,
            self.purpose,
            self.town,
            self.country,
        ];
        post("/v1/batches").body("text/csv", format!("{header}\n{}\n", row.join(",")))
    }

    fn xml(&self) -> Ask {
        let some = |text: &str, element: String| if text.is_empty() { String::new() } else { element };
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn><GrpHdr><MsgId>M-1</MsgId>\
             <CreDtTm>2026-11-22T10:00:00</CreDtTm><NbOfTxs>1</NbOfTxs><InitgPty><Nm>House</Nm></InitgPty></GrpHdr><PmtInf>\
             <PmtInfId>P-1</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>{}</Dt></ReqdExctnDt><Dbtr><Nm>House</Nm></Dbtr>\
             <DbtrAcct><Id><IBAN>{ACCOUNT}</IBAN></Id></DbtrAcct>\
             <DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt>\
             <CdtTrfTxInf><PmtId><EndToEndId>{}</EndToEndId></PmtId>{}<Amt><InstdAmt Ccy=\"{}\">{}</InstdAmt></Amt>{}{}\
             <Cdtr><Nm>{}</Nm>{}</Cdtr><CdtrAcct><Id><IBAN>{}</IBAN></Id></CdtrAcct>{}<RmtInf><Ustrd>{}</Ustrd></RmtInf>\
             </CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>",
            self.day,
            self.end_to_end_id,
            some(
                self.service_level,
                format!("<PmtTpInf><SvcLvl><Cd>{}</Cd></SvcLvl></PmtTpInf>", self.service_level)
            ),
            self.currency,
            self.amount,
            some(self.charges, format!("<ChrgBr>{}</ChrgBr>", self.charges)),
            some(
                &self.bic,
                format!(
                    "<CdtrAgt><FinInstnId><BICFI>{}</BICFI></FinInstnId></CdtrAgt>",
                    self.bic
                )
            ),
            self.name,
            some(
                &format!("{}{}", self.town, self.country),
                format!(
                    "<PstlAdr>{}{}</PstlAdr>",
                    some(self.town, format!("<TwnNm>{}</TwnNm>", self.town)),
                    some(self.country, format!("<Ctry>{}</Ctry>", self.country))
                )
            ),
            self.iban,
            some(self.purpose, format!("<Purp><Cd>{}</Cd></Purp>", self.purpose)),
            self.text,
        );
        post("/v1/batches").body("application/xml", xml)
    }
}

/// A payment, and the codes for which every door refuses it.
fn faults() -> Vec<(Written, Vec<&'static str>)> {
    let with = |change: &dyn Fn(&mut Written), codes: &[&'static str]| {
        let mut written = Written::sound();
        change(&mut written);
        (written, codes.to_vec())
    };
    vec![
        with(&|w| w.currency = "USD", &["sepa_currency"]),
        with(&|w| w.amount = "1000000000.00".to_owned(), &["sepa_amount"]),
        with(&|w| w.charges = "SHAR", &["sepa_charge_bearer"]),
        with(&|w| w.iban = ABROAD.to_owned(), &["sepa_account"]),
        with(
            &|w| (w.iban, w.service_level) = (ABROAD.to_owned(), "URGP"),
            &["agent_missing"],
        ),
        with(&|w| w.name = "K\u{e4}se".to_owned(), &["character_set"]),
        with(&|w| w.name = "N".repeat(141), &["value_length"]),
        with(&|w| w.text = "T".repeat(141), &["value_length"]),
        with(&|w| w.end_to_end_id = "//".to_owned(), &["reference_invalid"]),
        with(&|w| w.end_to_end_id = "E".repeat(36), &["value_length"]),
        with(&|w| w.iban = "DE02120300000000202052".to_owned(), &["iban_invalid"]),
        with(&|w| w.bic = "COBA".to_owned(), &["bic_invalid"]),
        with(&|w| w.purpose = "gd", &["code_invalid"]),
        with(&|w| w.amount = "0.00".to_owned(), &["amount_invalid"]),
        with(&|w| w.currency = "XAU", &["currency_unknown"]),
        with(&|w| w.day = "2026-11-21", &["execution_date_past"]),
        with(&|w| w.day = "2028-11-21", &["execution_date_too_far"]),
        with(&|w| w.town = "Oslo", &["address_incomplete"]),
        with(&|w| (w.town, w.country) = ("Oslo", "no"), &["code_invalid"]),
        with(
            &|w| {
                (w.currency, w.charges, w.day) = ("USD", "DEBT", "2026-11-21");
                w.name = "K\u{e4}se".to_owned();
            },
            &[
                "character_set",
                "execution_date_past",
                "sepa_charge_bearer",
                "sepa_currency",
            ],
        ),
    ]
}

fn codes(document: &Value) -> BTreeSet<String> {
    let errors = document["errors"].as_array().unwrap_or_else(|| panic!("{document}"));
    errors
        .iter()
        .map(|error| error["code"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_door_finds_the_same_faults() {
    let api = Api::open().await;
    for (written, expected) in faults() {
        let expected: BTreeSet<String> = expected.into_iter().map(str::to_owned).collect();
        for (door, request) in [
            ("payment", written.json()),
            ("CSV", written.csv()),
            ("pain.001", written.xml()),
        ] {
            let refused = api.ask(request).await;
            assert_eq!(refused.status, 422, "{door} {expected:?}: {}", refused.text());
            assert_eq!(codes(&refused.json()), expected, "{door}: {}", refused.text());
        }
    }
    let none = api.ask(get("/v1/payments")).await.json();
    assert_eq!(none["data"], json!([]));
}

#[tokio::test]
async fn the_same_payment_has_the_same_content_through_every_door() {
    for service_level in ["SEPA", "URGP"] {
        let mut written = Written::sound();
        written.service_level = service_level;
        let mut hashes = BTreeSet::new();
        for request in [written.json(), written.csv()] {
            let api = Api::open().await;
            let accepted = api.ask(request).await;
            assert_eq!(accepted.status, 201, "{}", accepted.text());
            let list = api.ask(get("/v1/payments")).await.json();
            let charges = if service_level == "SEPA" { "SLEV" } else { "SHAR" };
            assert_eq!(list["data"][0]["transfer"]["charges"], charges);
            hashes.insert(list["data"][0]["content_hash"].as_str().unwrap().to_owned());
        }
        assert_eq!(hashes.len(), 1, "{service_level}");
    }
}
