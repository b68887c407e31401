//! Characters that banks pass on.
//!
//! SEPA and SWIFT agree on one Latin set that reaches the payee unchanged in every currency; it is the one of
//! [`vocab::reference::is_bank_character`]. More than that is refused rather than replaced, since a replaced name is another
//! name to whoever compares it (Verification of Payee, sanctions lists); the finding proposes what to write instead.

use vocab::reference::is_bank_character;

/// The first character of a text that banks do not pass on.
pub fn first_outside(text: &str) -> Option<char> {
    text.chars().find(|character| !is_bank_character(*character))
}

/// What is usually written for a character that banks do not pass on; `None` for those without a usual form.
pub fn replacement(character: char) -> Option<&'static str> {
    let latin = match character {
        'Ä' => "Ae",
        'Ö' => "Oe",
        'Ü' => "Ue",
        'ä' | 'æ' => "ae",
        'ö' | 'œ' => "oe",
        'ü' => "ue",
        'ß' => "ss",
        'À' | 'Á' | 'Â' | 'Ã' | 'Å' | 'Ā' | 'Ă' | 'Ą' => "A",
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'Æ' => "AE",
        'Œ' => "OE",
        'Ç' | 'Ć' | 'Ĉ' | 'Č' => "C",
        'ç' | 'ć' | 'ĉ' | 'č' => "c",
        'Ð' | 'Ď' | 'Đ' => "D",
        'ð' | 'ď' | 'đ' => "d",
        'È' | 'É' | 'Ê' | 'Ë' | 'Ē' | 'Ė' | 'Ę' | 'Ě' => "E",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
        'Ğ' | 'Ģ' => "G",
        'ğ' | 'ģ' => "g",
        'Ì' | 'Í' | 'Î' | 'Ï' | 'Ī' | 'Į' | 'İ' => "I",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => "i",
        'Ķ' => "K",
        'ķ' => "k",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ł' => "L",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'Ñ' | 'Ń' | 'Ņ' | 'Ň' => "N",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ø' | 'Ő' => "O",
        'ò' | 'ó' | 'ô' | 'õ' | 'ø' | 'ő' => "o",
        'Ŕ' | 'Ř' => "R",
        'ŕ' | 'ř' => "r",
        'Ś' | 'Ş' | 'Š' | 'Ș' => "S",
        'ś' | 'ş' | 'š' | 'ș' => "s",
        'Ţ' | 'Ť' | 'Ț' => "T",
        'ţ' | 'ť' | 'ț' => "t",
        'Þ' => "TH",
        'þ' => "th",
        'Ù' | 'Ú' | 'Û' | 'Ū' | 'Ů' | 'Ű' | 'Ų' => "U",
        'ù' | 'ú' | 'û' | 'ū' | 'ů' | 'ű' | 'ų' => "u",
        'Ý' | 'Ÿ' => "Y",
        'ý' | 'ÿ' => "y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        'ź' | 'ż' | 'ž' => "z",
        _ => return replaced_sign(character),
    };
    Some(latin)
}

fn replaced_sign(character: char) -> Option<&'static str> {
    match character {
        '&' => Some("+"),
        '@' => Some("(at)"),
        '"' | '`' | '´' | '‘' | '’' | '“' | '”' | '„' | '«' | '»' => Some("'"),
        '_' | '–' | '—' | '~' => Some("-"),
        ';' | '!' | '*' | '#' | '…' => Some("."),
        '[' | '{' | '<' => Some("("),
        ']' | '}' | '>' => Some(")"),
        '\\' | '|' => Some("/"),
        '€' => Some("EUR"),
        '\u{a0}' | '\t' | '\n' | '\r' => Some(" "),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_foreign_character_is_found() {
        assert_eq!(first_outside("Aurora Instruments GmbH (Jena) 1/2"), None);
        assert_eq!(first_outside("Aurora & Söhne"), Some('&'));
    }

    proptest! {
        #[test]
        fn a_replacement_is_always_passed_on(character: char) {
            if let Some(text) = replacement(character) {
                prop_assert_eq!(first_outside(text), None);
                prop_assert!(!is_bank_character(character));
            }
        }
    }
}
