//! The simple types of pain.001: texts, codes, forms, numbers, dates.

use super::Content;

/// A text of one of these kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Simple {
    /// 1 to so many characters.
    Text(usize),
    /// One of these codes.
    Codes(&'static [&'static str]),
    /// A form that the schema states as a pattern.
    Form(Form),
    /// A decimal number of so many digits, so many of them behind the point.
    Decimal { digits: usize, fraction: usize },
    /// `2026-11-22`, with or without time zone.
    Date,
    /// `2026-11-22T10:00:00`, with or without fraction and time zone.
    DateTime,
    /// `true`, `false`, `1` or `0`.
    Boolean,
}

/// The patterns of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Form {
    Currency,
    Country,
    Bic,
    Bic2009,
    Iban,
    Lei,
    Count,
    Alphanumeric4,
    Phone,
    Uuid,
}

impl Form {
    /// The pattern in the words of the schema.
    #[cfg(test)]
    pub(super) fn pattern(self) -> &'static str {
        match self {
            Self::Currency => "[A-Z]{3,3}",
            Self::Country => "[A-Z]{2,2}",
            Self::Bic => "[A-Z0-9]{4,4}[A-Z]{2,2}[A-Z0-9]{2,2}([A-Z0-9]{3,3}){0,1}",
            Self::Bic2009 => "[A-Z]{6,6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3,3}){0,1}",
            Self::Iban => "[A-Z]{2,2}[0-9]{2,2}[a-zA-Z0-9]{1,30}",
            Self::Lei => "[A-Z0-9]{18,18}[0-9]{2,2}",
            Self::Count => "[0-9]{1,15}",
            Self::Alphanumeric4 => "[a-zA-Z0-9]{4}",
            Self::Phone => r"\+[0-9]{1,3}-[0-9()+\-]{1,30}",
            Self::Uuid => "[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}",
        }
    }

    /// What is expected, for people.
    pub(in super::super) fn expected(self) -> &'static str {
        match self {
            Self::Currency => "a currency of three capital letters",
            Self::Country => "a country of two capital letters",
            Self::Bic | Self::Bic2009 => "a BIC of 8 or 11 capital letters and digits",
            Self::Iban => "an IBAN without spaces: two capital letters, two digits, then letters and digits",
            Self::Lei => "an LEI of 20 capital letters and digits",
            Self::Count => "a number of up to 15 digits",
            Self::Alphanumeric4 => "four letters or digits",
            Self::Phone => "a telephone number such as +49-301234567",
            Self::Uuid => "a version 4 UUID of 36 lower-case characters",
        }
    }

    /// Whether a text has this form.
    pub(in super::super) fn fits(self, text: &str) -> bool {
        let upper = |byte: u8| byte.is_ascii_uppercase();
        let digit = |byte: u8| byte.is_ascii_digit();
        let capital = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let letter = |byte: u8| byte.is_ascii_alphanumeric();
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let of = |lengths: &[usize], at: &dyn Fn(usize, u8) -> bool| {
            lengths.contains(&text.len()) && text.bytes().enumerate().all(|(place, byte)| at(place, byte))
        };
        match self {
            Self::Currency => of(&[3], &|_, byte| upper(byte)),
            Self::Country => of(&[2], &|_, byte| upper(byte)),
            Self::Bic => of(&[8, 11], &|place, byte| {
                if matches!(place, 4 | 5) {
                    upper(byte)
                } else {
                    capital(byte)
                }
            }),
            Self::Bic2009 => of(&[8, 11], &|place, byte| match place {
                0..=5 => upper(byte),
                6 => upper(byte) || (b'2'..=b'9').contains(&byte),
                7 => capital(byte) && byte != b'O',
                _ => capital(byte),
            }),
            Self::Iban => {
                (5..=34).contains(&text.len())
                    && text.bytes().enumerate().all(|(place, byte)| match place {
                        0 | 1 => upper(byte),
                        2 | 3 => digit(byte),
                        _ => letter(byte),
                    })
            }
            Self::Lei => of(&[20], &|place, byte| {
                if place < 18 { capital(byte) } else { digit(byte) }
            }),
            Self::Count => (1..=15).contains(&text.len()) && text.bytes().all(digit),
            Self::Alphanumeric4 => of(&[4], &|_, byte| letter(byte)),
            Self::Phone => telephone(text),
            Self::Uuid => of(&[36], &|place, byte| match place {
                8 | 13 | 18 | 23 => byte == b'-',
                14 => byte == b'4',
                19 => b"89ab".contains(&byte),
                _ => hexadecimal(byte),
            }),
        }
    }
}

fn telephone(text: &str) -> bool {
    let Some((country, rest)) = text.strip_prefix('+').and_then(|text| text.split_once('-')) else {
        return false;
    };
    (1..=3).contains(&country.len())
        && country.bytes().all(|byte| byte.is_ascii_digit())
        && (1..=30).contains(&rest.len())
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"()+-".contains(&byte))
}

macro_rules! simple {
    ($($name:ident = $simple:expr;)+) => {
        $(pub(super) static $name: Content = Content::Simple($simple);)+
    };
}

macro_rules! codes {
    ($($name:ident: $($code:ident)+;)+) => {
        $(pub(super) static $name: Content = Content::Simple(Simple::Codes(&[$(stringify!($code)),+]));)+
    };
}

pub(super) static AMOUNT: Content = Content::Amount;
pub(super) static ANYTHING: Content = Content::Anything;

simple! {
    TEXT_4 = Simple::Text(4);
    TEXT_5 = Simple::Text(5);
    TEXT_10 = Simple::Text(10);
    TEXT_16 = Simple::Text(16);
    TEXT_34 = Simple::Text(34);
    TEXT_35 = Simple::Text(35);
    TEXT_70 = Simple::Text(70);
    TEXT_128 = Simple::Text(128);
    TEXT_140 = Simple::Text(140);
    TEXT_350 = Simple::Text(350);
    TEXT_2048 = Simple::Text(2048);
    CURRENCY = Simple::Form(Form::Currency);
    COUNTRY = Simple::Form(Form::Country);
    BIC = Simple::Form(Form::Bic);
    BIC_2009 = Simple::Form(Form::Bic2009);
    IBAN = Simple::Form(Form::Iban);
    LEI = Simple::Form(Form::Lei);
    COUNT = Simple::Form(Form::Count);
    ALPHANUMERIC_4 = Simple::Form(Form::Alphanumeric4);
    PHONE = Simple::Form(Form::Phone);
    UUID = Simple::Form(Form::Uuid);
    CONTROL_SUM = Simple::Decimal { digits: 18, fraction: 17 };
    RATE = Simple::Decimal { digits: 11, fraction: 10 };
    NUMBER = Simple::Decimal { digits: 18, fraction: 0 };
    DATE = Simple::Date;
    DATE_TIME = Simple::DateTime;
    BOOLEAN = Simple::Boolean;
}

codes! {
    ADDRESS_TYPE_2_CODE: ADDR PBOX HOME BIZZ MLTO DLVY;
    AUTHORISATION_1_CODE: AUTH FDET FSUM ILEV;
    CASH_ACCOUNT_TYPE_4_CODE: CASH CHAR COMM TAXE CISH TRAS SACC CACC SVGS ONDP MGLD NREX MOMA LOAN SLRY ODFT;
    CHARGE_BEARER_TYPE_1_CODE: DEBT CRED SHAR SLEV;
    CHEQUE_DELIVERY_1_CODE: MLDB MLCD MLFA CRDB CRCD CRFA PUDB PUCD PUFA RGDB RGCD RGFA;
    CHEQUE_TYPE_2_CODE: CCHQ CCCH BCHQ DRFT ELDR;
    CREDIT_DEBIT_CODE: CRDT DBIT;
    DOCUMENT_TYPE_3_CODE: RADM RPIN FXDR DISP PUOR SCOR;
    DOCUMENT_TYPE_5_CODE: MSIN CNFA DNFA CINV CREN DEBN HIRI SBIN CMCN SOAC DISP BOLD VCHR AROI TSUT;
    DOCUMENT_TYPE_6_CODE: MSIN CNFA DNFA CINV CREN DEBN HIRI SBIN CMCN SOAC DISP BOLD VCHR AROI TSUT PUOR;
    EXCHANGE_RATE_TYPE_1_CODE: SPOT SALE AGRD;
    INSTRUCTION_3_CODE: CHQB HOLD PHOB TELB;
    NAME_PREFIX_1_CODE: DOCT MIST MISS MADM;
    NAME_PREFIX_2_CODE: DOCT MADM MISS MIST MIKS;
    PAYMENT_METHOD_3_CODE: CHK TRF TRA;
    PREFERRED_CONTACT_METHOD_1_CODE: LETT MAIL PHON FAXX CELL;
    PRIORITY_2_CODE: HIGH NORM;
    REGULATORY_REPORTING_TYPE_1_CODE: CRED DEBT BOTH;
    REMITTANCE_LOCATION_METHOD_2_CODE: FAXI EDIC URID EMAL POST SMSM;
    TAX_RECORD_PERIOD_1_CODE: MM01 MM02 MM03 MM04 MM05 MM06 MM07 MM08 MM09 MM10 MM11 MM12 QTR1 QTR2 QTR3 QTR4 HLF1 HLF2;
}
