//! Why a payment was refused, returned or cancelled: a short code and a sentence, fit to be stored, shown and sent on.
//!
//! The words of a bank are foreign text: they are shortened, freed of control characters, and anything that looks like an
//! account number is blotted out before it becomes a reason. For the usual codes our own sentence is used instead.

use std::fmt;

/// Characters of a code: ISO external codes have 4, proprietary ones up to 35 (`Max35Text`).
pub const REASON_CODE_MAX: usize = 35;
/// Characters of a text: that of additional information in a status report (`Max105Text`).
pub const REASON_TEXT_MAX: usize = 105;
/// So many digits in one word make it look like an account number, a card or a telephone number.
const DIGITS_MAX: usize = 5;

/// A code and a sentence. Bounded, one line, without account numbers; making it again from its own parts changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    code: String,
    text: String,
}

impl Reason {
    /// A reason from any code and words, cleaned. An empty code becomes `NARR` (narrative), the ISO code for "see the text".
    pub fn new(code: &str, text: &str) -> Self {
        let code: String = code
            .chars()
            .filter(|c| is_code_character(*c))
            .take(REASON_CODE_MAX)
            .collect();
        let code = if code.is_empty() { "NARR".to_owned() } else { code };
        Self {
            code,
            text: clean(text),
        }
    }

    /// What a bank said: our own sentence for a usual code of ISO 20022, else the bank's words, cleaned.
    pub fn of_bank(code: Option<&str>, text: Option<&str>) -> Self {
        let code = code.unwrap_or_default();
        match explained(code) {
            Some(sentence) => Self::new(code, sentence),
            None => Self::new(code, text.unwrap_or("the bank gave no reason")),
        }
    }

    /// 1 to [`REASON_CODE_MAX`] letters, digits, `_`, `-` and `.`.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// 0 to [`REASON_TEXT_MAX`] characters, one line.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Reason {
    /// `AC04: the account is closed`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.text.is_empty() {
            f.write_str(&self.code)
        } else {
            write!(f, "{}: {}", self.code, self.text)
        }
    }
}

fn is_code_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_-.".contains(character)
}

fn clean(text: &str) -> String {
    // A foreign text may be long; nothing behind this many characters can still count.
    let start: String = text.chars().take(REASON_TEXT_MAX.saturating_mul(8)).collect();
    let words = start
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty());
    let shown: Vec<&str> = blot(words.collect());
    shown
        .join(" ")
        .chars()
        .take(REASON_TEXT_MAX)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// Replaces each run of neighbouring words that hold more than [`DIGITS_MAX`] digits together: account numbers are also written
/// in groups of four.
fn blot(words: Vec<&str>) -> Vec<&str> {
    let digits = |word: &str| word.chars().filter(|c| c.is_numeric()).count();
    let mut shown: Vec<&str> = Vec::with_capacity(words.len());
    let mut run: Vec<&str> = Vec::new();
    let mut run_digits: usize = 0;
    for word in words.into_iter().chain(std::iter::once("")) {
        let found = digits(word);
        if found > 0 {
            run.push(word);
            run_digits = run_digits.saturating_add(found);
            continue;
        }
        if run_digits > DIGITS_MAX {
            shown.push("…");
        } else {
            shown.append(&mut run);
        }
        run.clear();
        run_digits = 0;
        if !word.is_empty() {
            shown.push(word);
        }
    }
    shown
}

/// Our words for the usual codes of the ISO 20022 external code sets (status reason, return reason, cancellation reason).
fn explained(code: &str) -> Option<&'static str> {
    Some(match code {
        "AC01" => "the account number does not exist or is malformed",
        "AC03" => "the payee's account number is invalid",
        "AC04" => "the account is closed",
        "AC06" => "the account is blocked",
        "AC13" => "the account is not of a kind that can be used for this payment",
        "AG01" => "payments of this kind are not allowed on the account",
        "AG02" => "the transaction code is invalid for this payment",
        "AM01" => "the amount is zero",
        "AM02" => "the amount is larger than allowed",
        "AM03" => "the currency is not processed",
        "AM04" => "the account has not enough money",
        "AM05" => "the bank considers it a duplicate",
        "AM09" => "the amount is not the one that was agreed",
        "AM10" => "the control sum is wrong",
        "BE01" => "the party's identification does not fit the account",
        "BE04" => "the payee's address is missing or wrong",
        "BE05" => "the bank does not know who submitted this",
        "CNOR" => "the payee's bank is not registered in the clearing",
        "CURR" => "the currency is wrong",
        "CUST" => "requested by the payer",
        "CUTA" => "the payment was unable to be applied",
        "DNOR" => "the payer's bank is not registered in the clearing",
        "DT01" => "the execution date is invalid",
        "DU01" => "the message reference was used before",
        "DUPL" => "it is a duplicate of another payment",
        "ED05" => "the settlement failed",
        "FF01" => "the file's format is invalid",
        "FOCR" => "returned after a request to cancel",
        "FRAD" => "the payment comes from a fraud",
        "MD07" => "the account's owner has died",
        "MS02" => "the payee refuses the payment without giving a reason",
        "MS03" => "the bank does not give the reason",
        "RC01" => "the bank's code is wrong",
        "RR01" | "RR02" | "RR03" | "RR04" => "rules of law require more about a party or forbid the payment",
        "TECH" => "requested because of a technical error",
        "TM01" => "the order came after the cut-off time",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_account_number_in_a_banks_words_is_blotted_out() {
        let reason = Reason::of_bank(
            Some("XX99"),
            Some("account DE89 3704 0044 0532 0130 00 is\nunknown since 2019"),
        );
        assert_eq!(reason.to_string(), "XX99: account … is unknown since 2019");
        assert_eq!(Reason::new("X", "call 0301234567 now").text(), "call … now");
    }

    #[test]
    fn a_usual_code_gets_our_own_sentence() {
        let reason = Reason::of_bank(Some("AC04"), Some("Konto von Erika Muster erloschen"));
        assert_eq!(reason.to_string(), "AC04: the account is closed");
        assert_eq!(Reason::of_bank(None, None).to_string(), "NARR: the bank gave no reason");
    }

    proptest! {
        #[test]
        fn a_reason_is_bounded_and_made_again_from_its_parts_is_the_same(code in ".{0,60}", text in "(.|[0-9 ]{1,8}){0,60}") {
            let reason = Reason::new(&code, &text);
            prop_assert!((1..=REASON_CODE_MAX).contains(&reason.code().chars().count()));
            prop_assert!(reason.text().chars().count() <= REASON_TEXT_MAX);
            prop_assert!(!reason.text().chars().any(char::is_control));
            prop_assert_eq!(Reason::new(reason.code(), reason.text()), reason);
        }
    }
}
