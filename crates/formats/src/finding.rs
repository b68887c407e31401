//! What is wrong with a file, said so that the person who made it can put it right.
//!
//! Every reader of this crate reports findings instead of failing at the first error. A finding names the place (path and line),
//! a stable code and a sentence. It never repeats names, addresses or account numbers: findings are shown, stored and logged.

use std::fmt;
use std::ops::Range;
use vocab::limits;

macro_rules! finding_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+) => {
        /// Every kind of finding; the text form is part of the API and never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingCode {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl FindingCode {
            /// All codes, in the order of the guide.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable text form.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

finding_codes! {
    /// The file has no content.
    FileEmpty = "file_empty",
    /// The file is larger than is read.
    FileTooLarge = "file_too_large",
    /// Neither XML nor a CSV with known columns.
    FormatUnknown = "format_unknown",
    /// An XML message, but not one that is read here.
    MessageUnsupported = "message_unsupported",
    /// More payments than one file may hold.
    TooManyPayments = "too_many_payments",
    /// Not a single payment.
    NoPayments = "no_payments",
    /// More findings than are listed.
    FindingsTruncated = "findings_truncated",
    /// Not UTF-8, or a character that XML does not allow.
    Encoding = "encoding",
    /// Not well-formed XML.
    XmlMalformed = "xml_malformed",
    /// The file ends in the middle.
    XmlTruncated = "xml_truncated",
    /// A document type or an entity of its own.
    XmlForbidden = "xml_forbidden",
    /// Deeper, longer or larger than any honest message.
    XmlLimit = "xml_limit",
    /// An element that the schema does not know at this place.
    UnknownElement = "unknown_element",
    /// An element that the schema asks for.
    MissingElement = "missing_element",
    /// An element more often than the schema allows.
    RepeatedElement = "repeated_element",
    /// An element in another order than the schema asks for.
    MisplacedElement = "misplaced_element",
    /// An attribute that the schema does not know.
    UnknownAttribute = "unknown_attribute",
    /// An attribute that the schema asks for.
    MissingAttribute = "missing_attribute",
    /// Text between elements.
    MisplacedText = "misplaced_text",
    /// Empty, too short or too long.
    ValueLength = "value_length",
    /// Not of the form that the schema asks for.
    ValueForm = "value_form",
    /// Not one of the codes that the schema lists.
    ValueCode = "value_code",
    /// A valid element that would be lost on the way to the bank.
    UnsupportedElement = "unsupported_element",
    /// A valid element that is not passed on, without effect on the payment. A note: refuses nothing.
    ElementNotForwarded = "element_not_forwarded",
    /// Stated for the group and again for the payment.
    StatedTwice = "stated_twice",
    /// Fewer or more payments than the header says.
    CountMismatch = "count_mismatch",
    /// The amounts do not add up to what the header says.
    SumMismatch = "sum_mismatch",
    /// The same end-to-end id as an earlier payment of the file.
    DuplicateEndToEndId = "duplicate_end_to_end_id",
    /// The same instruction id as an earlier payment of the file.
    DuplicateInstructionId = "duplicate_instruction_id",
    /// The same UETR as an earlier payment of the file.
    DuplicateUetr = "duplicate_uetr",
    /// The same payment information id as an earlier group of the file.
    DuplicateGroupId = "duplicate_group_id",
    /// A character that banks do not pass on.
    CharacterSet = "character_set",
    /// Not a reference that banks pass on.
    ReferenceInvalid = "reference_invalid",
    /// A value that every payment needs.
    ValueMissing = "value_missing",
    /// An address in free lines only.
    AddressUnstructured = "address_unstructured",
    /// An address without town or country.
    AddressIncomplete = "address_incomplete",
    /// Not an IBAN.
    IbanInvalid = "iban_invalid",
    /// Not an account number.
    AccountInvalid = "account_invalid",
    /// Not a BIC.
    BicInvalid = "bic_invalid",
    /// The creditor's bank is needed and not named.
    AgentMissing = "agent_missing",
    /// Not an ISO 11649 creditor reference.
    CreditorReferenceInvalid = "creditor_reference_invalid",
    /// Not a UETR.
    UetrInvalid = "uetr_invalid",
    /// Not a date.
    DateInvalid = "date_invalid",
    /// To be executed before today.
    ExecutionDatePast = "execution_date_past",
    /// To be executed later than banks keep orders.
    ExecutionDateTooFar = "execution_date_too_far",
    /// Not an amount, or not greater than zero.
    AmountInvalid = "amount_invalid",
    /// More decimal places than the currency has.
    AmountPrecision = "amount_precision",
    /// Not a currency that one can pay in.
    CurrencyUnknown = "currency_unknown",
    /// A cheque or something else that is no credit transfer.
    PaymentMethodUnsupported = "payment_method_unsupported",
    /// Not a code for who bears the charges.
    ChargeBearerInvalid = "charge_bearer_invalid",
    /// Not the form of a code.
    CodeInvalid = "code_invalid",
    /// Free text and a structured reference, or more of them than one.
    RemittanceAmbiguous = "remittance_ambiguous",
    /// SEPA knows euro only.
    SepaCurrency = "sepa_currency",
    /// More than SEPA transfers in one payment.
    SepaAmount = "sepa_amount",
    /// SEPA knows shared charges (`SLEV`) only.
    SepaChargeBearer = "sepa_charge_bearer",
    /// SEPA needs IBANs of its own countries.
    SepaAccount = "sepa_account",
    /// A CSV column that is needed.
    ColumnMissing = "column_missing",
    /// A CSV column that is not known.
    ColumnUnknown = "column_unknown",
    /// A CSV column twice.
    ColumnRepeated = "column_repeated",
    /// A CSV row with more or fewer cells than the header.
    RowLength = "row_length",
    /// A quote in a CSV cell that does not close, or text after it.
    QuoteInvalid = "quote_invalid",
    /// A number as spreadsheets write it.
    NumberFormat = "number_format",
    /// A date as spreadsheets write it.
    DateFormat = "date_format",
    /// A cell that a spreadsheet would calculate.
    FormulaCell = "formula_cell",
}

impl FindingCode {
    /// Whether what it is about may not be accepted. Notes inform and refuse nothing.
    pub fn refuses(self) -> bool {
        self != Self::ElementNotForwarded
    }
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where in the file: `/Document/CstmrCdtTrfInitn/PmtInf[2]/ReqdExctnDt` in XML, `row[3]/amount` in CSV. Empty when the file
    /// could not be read as a whole.
    pub path: String,
    /// Line of the file, from 1.
    pub line: u32,
    /// What kind of thing.
    pub code: FindingCode,
    /// A sentence for people: what is wrong and what to do.
    pub message: String,
    /// The payments concerned, by their index in the file: one payment or all of a group. `None`: the file as a whole.
    pub payments: Option<Range<usize>>,
}

impl Finding {
    /// A finding about the file as a whole.
    pub fn about_file(code: FindingCode, path: impl Into<String>, line: u32, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            line,
            code,
            message: message.into(),
            payments: None,
        }
    }

    /// Whether the payment with this index may not be accepted because of it.
    pub fn concerns(&self, payment: usize) -> bool {
        self.payments.as_ref().is_none_or(|range| range.contains(&payment))
    }
}

impl fmt::Display for Finding {
    /// `line 12: the amount must be greater than zero (amount_invalid)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {} ({})", self.line, self.message, self.code)
    }
}

/// The findings of one file while it is read. Keeps at most [`limits::FINDINGS_MAX`] of them.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    full: bool,
}

impl Findings {
    /// Adds one. The finding is built only when there is room.
    pub(crate) fn add(&mut self, finding: impl FnOnce() -> Finding) {
        if self.list.len() < limits::FINDINGS_MAX {
            self.list.push(finding());
        } else {
            self.full = true;
        }
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether there are more than are kept. Reading on is useless then.
    pub(crate) fn full(&self) -> bool {
        self.full
    }

    /// The findings by line, with a last one that says so if there were more.
    pub(crate) fn finish(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|finding| finding.line);
        if self.full {
            let line = self.list.last().map_or(1, |last| last.line);
            let message = format!(
                "there are more than {} findings, the rest is not listed; correct these first and submit the file again",
                limits::FINDINGS_MAX
            );
            self.list
                .push(Finding::about_file(FindingCode::FindingsTruncated, "", line, message));
        }
        self.list
    }
}

/// Characters of a foreign text that a message repeats at most.
const QUOTED_MAX: usize = 40;

/// A foreign text for a message: in backticks, shortened, without control characters or backticks of its own. Only for texts that
/// are no personal data: amounts, dates, codes, references, element names.
pub(crate) fn quoted(text: &str) -> String {
    let plain = |letter: char| {
        if letter.is_control() || letter == '`' {
            '?'
        } else {
            letter
        }
    };
    let mut quoted: String = std::iter::once('`')
        .chain(text.chars().take(QUOTED_MAX).map(plain))
        .collect();
    if text.chars().nth(QUOTED_MAX).is_some() {
        quoted.push('…');
    }
    quoted.push('`');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_snake_case_text() {
        let mut texts: Vec<&str> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
        assert!(
            texts
                .iter()
                .all(|text| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
        );
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), FindingCode::ALL.len());
    }

    #[test]
    fn the_list_ends_with_a_word_about_the_rest() {
        let mut findings = Findings::default();
        for line in 0..=u32::try_from(limits::FINDINGS_MAX).unwrap() {
            findings.add(|| Finding::about_file(FindingCode::ValueForm, "/x", line, "wrong"));
        }
        let list = findings.finish();
        assert_eq!(list.len(), limits::FINDINGS_MAX + 1);
        assert_eq!(list.last().unwrap().code, FindingCode::FindingsTruncated);
    }

    #[test]
    fn a_quoted_text_is_short_and_tame() {
        assert_eq!(quoted("12.50"), "`12.50`");
        assert_eq!(quoted("a`b\nc"), "`a?b?c`");
        assert_eq!(quoted(&"x".repeat(10_000)).chars().count(), 43);
    }
}
