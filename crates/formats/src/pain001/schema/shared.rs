//! Types of the schema that pain.001.001.03 and .09 have in common, by their names in ISO 20022.
//!
//! `CODE_OR_PROPRIETARY` stands for the many types that hold an external code of up to four characters or a proprietary one.

use super::simple::*;
use super::types;

types! {
    CODE_OR_PROPRIETARY = Choice { One Cd TEXT_4, One Prtry TEXT_35 };
    CREDITOR_REFERENCE_INFORMATION_2 = Sequence { Optional Tp CREDITOR_REFERENCE_TYPE_2, Optional Ref TEXT_35 };
    CREDITOR_REFERENCE_TYPE_2 = Sequence { One CdOrPrtry CREDITOR_REFERENCE_TYPE_1_CHOICE, Optional Issr TEXT_35 };
    CREDITOR_REFERENCE_TYPE_1_CHOICE = Choice { One Cd DOCUMENT_TYPE_3_CODE, One Prtry TEXT_35 };
    DOCUMENT_ADJUSTMENT_1 = Sequence {
        One Amt AMOUNT, Optional CdtDbtInd CREDIT_DEBIT_CODE, Optional Rsn TEXT_4, Optional AddtlInf TEXT_140,
    };
    TAX_PARTY_2 = Sequence {
        Optional TaxId TEXT_35, Optional RegnId TEXT_35, Optional TaxTp TEXT_35, Optional Authstn TAX_AUTHORISATION_1,
    };
    TAX_AUTHORISATION_1 = Sequence { Optional Titl TEXT_35, Optional Nm TEXT_140 };
    TAX_PARTY_1 = Sequence { Optional TaxId TEXT_35, Optional RegnId TEXT_35, Optional TaxTp TEXT_35 };
    REGULATORY_REPORTING_3 = Sequence {
        Optional DbtCdtRptgInd REGULATORY_REPORTING_TYPE_1_CODE, Optional Authrty REGULATORY_AUTHORITY_2,
        Any Dtls STRUCTURED_REGULATORY_REPORTING_3,
    };
    STRUCTURED_REGULATORY_REPORTING_3 = Sequence {
        Optional Tp TEXT_35, Optional Dt DATE, Optional Ctry COUNTRY, Optional Cd TEXT_10, Optional Amt AMOUNT,
        Any Inf TEXT_35,
    };
    REGULATORY_AUTHORITY_2 = Sequence { Optional Nm TEXT_140, Optional Ctry COUNTRY };
    INSTRUCTION_FOR_CREDITOR_AGENT_1 = Sequence { Optional Cd INSTRUCTION_3_CODE, Optional InstrInf TEXT_140 };
    CHEQUE_DELIVERY_METHOD_1_CHOICE = Choice { One Cd CHEQUE_DELIVERY_1_CODE, One Prtry TEXT_35 };
    EQUIVALENT_AMOUNT_2 = Sequence { One Amt AMOUNT, One CcyOfTrf CURRENCY };
    ACCOUNT_IDENTIFICATION_4_CHOICE = Choice { One IBAN IBAN, One Othr GENERIC_ACCOUNT_IDENTIFICATION_1 };
    GENERIC_ACCOUNT_IDENTIFICATION_1 = Sequence {
        One Id TEXT_34, Optional SchmeNm CODE_OR_PROPRIETARY, Optional Issr TEXT_35,
    };
    LOCAL_INSTRUMENT_2_CHOICE = Choice { One Cd TEXT_35, One Prtry TEXT_35 };
    GENERIC_FINANCIAL_IDENTIFICATION_1 = Sequence {
        One Id TEXT_35, Optional SchmeNm CODE_OR_PROPRIETARY, Optional Issr TEXT_35,
    };
    CLEARING_SYSTEM_MEMBER_IDENTIFICATION_2 = Sequence {
        Optional ClrSysId CLEARING_SYSTEM_IDENTIFICATION_2_CHOICE, One MmbId TEXT_35,
    };
    CLEARING_SYSTEM_IDENTIFICATION_2_CHOICE = Choice { One Cd TEXT_5, One Prtry TEXT_35 };
    GENERIC_PERSON_IDENTIFICATION_1 = Sequence {
        One Id TEXT_35, Optional SchmeNm CODE_OR_PROPRIETARY, Optional Issr TEXT_35,
    };
    GENERIC_ORGANISATION_IDENTIFICATION_1 = Sequence {
        One Id TEXT_35, Optional SchmeNm CODE_OR_PROPRIETARY, Optional Issr TEXT_35,
    };
    AUTHORISATION_1_CHOICE = Choice { One Cd AUTHORISATION_1_CODE, One Prtry TEXT_128 };
}
