//! What of a valid message reaches the bank, and what would be lost on the way.
//!
//! A payment carries what [`vocab::transfer::CreditTransfer`] holds. Anything else in a file is either without effect on the
//! payment, then the submitter is told once, or it changes what happens, then the payment is refused: an instruction must never be
//! dropped in silence.

use super::report::{GroupPlace, Report};
use crate::finding::FindingCode;
use crate::xml::Element;
use Fate::{Carried, Note, Within};

/// What becomes of an element. One that is not listed is refused.
enum Fate {
    /// Goes with the payment, or is checked and replaced by our own; the readers say more where it depends on the value.
    Carried,
    /// It depends on what is in it.
    Within(&'static [Known]),
    /// Is left out, without effect on the payment.
    Note(&'static str),
}

struct Known(&'static str, Fate);

static ADDRESS: &[Known] = &[
    Known("AdrTp", Note("the type of an address")),
    Known("StrtNm", Carried),
    Known("BldgNb", Carried),
    Known("PstCd", Carried),
    Known("TwnNm", Carried),
    Known("CtrySubDvsn", Carried),
    Known("Ctry", Carried),
    Known("AdrLine", Carried),
];

static TYPE_INFORMATION: &[Known] = &[
    Known("InstrPrty", Carried),
    Known("SvcLvl", Within(&[Known("Cd", Carried)])),
    Known("CtgyPurp", Within(&[Known("Cd", Carried)])),
];

/// What an agent is known by beside its BIC is judged by [`super::party`].
static AGENT: &[Known] = &[Known("FinInstnId", Carried)];

static ACCOUNT_ID: &[Known] = &[
    Known("IBAN", Carried),
    Known(
        "Othr",
        Within(&[Known("Id", Carried), Known("SchmeNm", Within(&[Known("Cd", Carried)]))]),
    ),
];

static GROUP: &[Known] = &[
    Known("PmtInfId", Carried),
    Known("PmtMtd", Carried),
    Known("BtchBookg", Carried),
    Known("NbOfTxs", Carried),
    Known("CtrlSum", Carried),
    Known("PmtTpInf", Within(TYPE_INFORMATION)),
    Known("ReqdExctnDt", Carried),
    Known(
        "Dbtr",
        Within(&[
            Known("Nm", Carried),
            Known("PstlAdr", Within(ADDRESS)),
            Known("Id", Note("the identification of the debtor")),
            Known("CtryOfRes", Note("the debtor's country of residence")),
            Known("CtctDtls", Note("the contact details of the debtor")),
        ]),
    ),
    Known(
        "DbtrAcct",
        Within(&[
            Known("Id", Within(ACCOUNT_ID)),
            Known("Tp", Note("the type of the debtor's account")),
            Known("Ccy", Carried),
            Known("Nm", Note("the name of the debtor's account")),
        ]),
    ),
    Known("DbtrAgt", Within(AGENT)),
    Known("ChrgBr", Carried),
    Known("CdtTrfTxInf", Carried),
];

static PAYMENT: &[Known] = &[
    Known("PmtId", Carried),
    Known("PmtTpInf", Within(TYPE_INFORMATION)),
    Known("Amt", Within(&[Known("InstdAmt", Carried)])),
    Known("ChrgBr", Carried),
    Known("CdtrAgt", Within(AGENT)),
    Known(
        "Cdtr",
        Within(&[Known("Nm", Carried), Known("PstlAdr", Within(ADDRESS))]),
    ),
    Known(
        "CdtrAcct",
        Within(&[
            Known("Id", Within(ACCOUNT_ID)),
            Known("Ccy", Note("the currency of the creditor's account")),
            Known("Nm", Note("the name of the creditor's account")),
        ]),
    ),
    Known("Purp", Within(&[Known("Cd", Carried)])),
    Known(
        "RmtInf",
        Within(&[
            Known("Ustrd", Carried),
            Known(
                "Strd",
                Within(&[Known(
                    "CdtrRefInf",
                    Within(&[
                        Known(
                            "Tp",
                            Within(&[
                                Known("CdOrPrtry", Within(&[Known("Cd", Carried)])),
                                Known("Issr", Carried),
                            ]),
                        ),
                        Known("Ref", Carried),
                    ]),
                )]),
            ),
        ]),
    ),
];

/// Reports what a group states for all its payments and would be lost.
pub(super) fn check_group<'d>(report: &mut Report<'d>, group: &GroupPlace<'d>) {
    check(report, group.element, GROUP);
}

/// Reports what a payment states and would be lost.
pub(super) fn check_payment<'d>(report: &mut Report<'d>, payment: Element<'d>) {
    check(report, payment, PAYMENT);
}

/// Reports an element as one that would be lost.
pub(super) fn refuse<'d>(report: &mut Report<'d>, element: Element<'d>) {
    refuse_because(
        report,
        element,
        "remove it if it is not needed, or send this payment another way",
    );
}

/// The same with a better advice.
pub(super) fn refuse_because<'d>(report: &mut Report<'d>, element: Element<'d>, advice: &str) {
    let message = format!("`{}` would be lost on the way to the bank; {advice}", element.name());
    report.at(element, FindingCode::UnsupportedElement, message);
}

fn check<'d>(report: &mut Report<'d>, element: Element<'d>, known: &[Known]) {
    for child in element.children() {
        if report.findings.full() {
            return;
        }
        // What the schema does not know has been reported.
        if !report.is_sound(child) {
            continue;
        }
        match known
            .iter()
            .find(|Known(name, _)| *name == child.name())
            .map(|Known(_, fate)| fate)
        {
            Some(Carried) => {}
            Some(Within(known)) => check(report, child, known),
            Some(Note(what)) => report.note(child, what),
            None => refuse(report, child),
        }
    }
}
