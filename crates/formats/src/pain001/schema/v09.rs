//! The schema of pain.001.001.09: what may stand in which element, in which order, how often.
//!
//! The types have their names in ISO 20022; a test compares them with the official schema where that is at hand.

use super::shared::*;
use super::simple::*;
use super::types;

types! {
    DOCUMENT = Sequence { One CstmrCdtTrfInitn CUSTOMER_CREDIT_TRANSFER_INITIATION };
    CUSTOMER_CREDIT_TRANSFER_INITIATION = Sequence {
        One GrpHdr GROUP_HEADER_85, AtLeastOne PmtInf PAYMENT_INSTRUCTION_30, Any SplmtryData SUPPLEMENTARY_DATA_1,
    };
    PAYMENT_INSTRUCTION_30 = Sequence {
        One PmtInfId TEXT_35, One PmtMtd PAYMENT_METHOD_3_CODE, Optional BtchBookg BOOLEAN, Optional NbOfTxs COUNT,
        Optional CtrlSum CONTROL_SUM, Optional PmtTpInf PAYMENT_TYPE_INFORMATION_26,
        One ReqdExctnDt DATE_AND_DATE_TIME_2_CHOICE, Optional PoolgAdjstmntDt DATE, One Dbtr PARTY_IDENTIFICATION_135,
        One DbtrAcct CASH_ACCOUNT_38, One DbtrAgt BRANCH_AND_FINANCIAL_INSTITUTION_IDENTIFICATION_6,
        Optional DbtrAgtAcct CASH_ACCOUNT_38, Optional InstrForDbtrAgt TEXT_140,
        Optional UltmtDbtr PARTY_IDENTIFICATION_135, Optional ChrgBr CHARGE_BEARER_TYPE_1_CODE,
        Optional ChrgsAcct CASH_ACCOUNT_38, Optional ChrgsAcctAgt BRANCH_AND_FINANCIAL_INSTITUTION_IDENTIFICATION_6,
        AtLeastOne CdtTrfTxInf CREDIT_TRANSFER_TRANSACTION_34,
    };
    CREDIT_TRANSFER_TRANSACTION_34 = Sequence {
        One PmtId PAYMENT_IDENTIFICATION_6, Optional PmtTpInf PAYMENT_TYPE_INFORMATION_26, One Amt AMOUNT_TYPE_4_CHOICE,
        Optional XchgRateInf EXCHANGE_RATE_1, Optional ChrgBr CHARGE_BEARER_TYPE_1_CODE, Optional ChqInstr CHEQUE_11,
        Optional UltmtDbtr PARTY_IDENTIFICATION_135, Optional IntrmyAgt1 BRANCH_AND_FINANCIAL_INSTITUTION_IDENTIFICATION_6,
        Optional IntrmyAgt1Acct CASH_ACCOUNT_38, Optional IntrmyAgt2 BRANCH_AND_FINANCIAL_INSTITUTION_IDENTIFICATION_6,
        Optional IntrmyAgt2Acct CASH_ACCOUNT_38, Optional IntrmyAgt3 BRANCH_AND_FINANCIAL_INSTITUTION_IDENTIFICATION_6,
        Optional IntrmyAgt3Acct CASH_ACCOUNT_38, Optional CdtrAgt BRANCH_AND_FINANCIAL_INSTITUTION_IDENTIFICATION_6,
        Optional CdtrAgtAcct CASH_ACCOUNT_38, Optional Cdtr PARTY_IDENTIFICATION_135, Optional CdtrAcct CASH_ACCOUNT_38,
        Optional UltmtCdtr PARTY_IDENTIFICATION_135, Any InstrForCdtrAgt INSTRUCTION_FOR_CREDITOR_AGENT_1,
        Optional InstrForDbtrAgt TEXT_140, Optional Purp CODE_OR_PROPRIETARY, UpTo(10) RgltryRptg REGULATORY_REPORTING_3,
        Optional Tax TAX_INFORMATION_8, UpTo(10) RltdRmtInf REMITTANCE_LOCATION_7,
        Optional RmtInf REMITTANCE_INFORMATION_16, Any SplmtryData SUPPLEMENTARY_DATA_1,
    };
    SUPPLEMENTARY_DATA_1 = Sequence { Optional PlcAndNm TEXT_350, One Envlp ANYTHING };
    REMITTANCE_INFORMATION_16 = Sequence { Any Ustrd TEXT_140, Any Strd STRUCTURED_REMITTANCE_INFORMATION_16 };
    STRUCTURED_REMITTANCE_INFORMATION_16 = Sequence {
        Any RfrdDocInf REFERRED_DOCUMENT_INFORMATION_7, Optional RfrdDocAmt REMITTANCE_AMOUNT_2,
        Optional CdtrRefInf CREDITOR_REFERENCE_INFORMATION_2, Optional Invcr PARTY_IDENTIFICATION_135,
        Optional Invcee PARTY_IDENTIFICATION_135, Optional TaxRmt TAX_INFORMATION_7, Optional GrnshmtRmt GARNISHMENT_3,
        UpTo(3) AddtlRmtInf TEXT_140,
    };
    GARNISHMENT_3 = Sequence {
        One Tp GARNISHMENT_TYPE_1, Optional Grnshee PARTY_IDENTIFICATION_135,
        Optional GrnshmtAdmstr PARTY_IDENTIFICATION_135, Optional RefNb TEXT_140, Optional Dt DATE, Optional RmtdAmt AMOUNT,
        Optional FmlyMdclInsrncInd BOOLEAN, Optional MplyeeTermntnInd BOOLEAN,
    };
    GARNISHMENT_TYPE_1 = Sequence { One CdOrPrtry CODE_OR_PROPRIETARY, Optional Issr TEXT_35 };
    TAX_INFORMATION_7 = Sequence {
        Optional Cdtr TAX_PARTY_1, Optional Dbtr TAX_PARTY_2, Optional UltmtDbtr TAX_PARTY_2, Optional AdmstnZone TEXT_35,
        Optional RefNb TEXT_140, Optional Mtd TEXT_35, Optional TtlTaxblBaseAmt AMOUNT, Optional TtlTaxAmt AMOUNT,
        Optional Dt DATE, Optional SeqNb NUMBER, Any Rcrd TAX_RECORD_2,
    };
    REMITTANCE_AMOUNT_2 = Sequence {
        Optional DuePyblAmt AMOUNT, Any DscntApldAmt DISCOUNT_AMOUNT_AND_TYPE_1, Optional CdtNoteAmt AMOUNT,
        Any TaxAmt TAX_AMOUNT_AND_TYPE_1, Any AdjstmntAmtAndRsn DOCUMENT_ADJUSTMENT_1, Optional RmtdAmt AMOUNT,
    };
    REFERRED_DOCUMENT_INFORMATION_7 = Sequence {
        Optional Tp REFERRED_DOCUMENT_TYPE_4, Optional Nb TEXT_35, Optional RltdDt DATE,
        Any LineDtls DOCUMENT_LINE_INFORMATION_1,
    };
    DOCUMENT_LINE_INFORMATION_1 = Sequence {
        AtLeastOne Id DOCUMENT_LINE_IDENTIFICATION_1, Optional Desc TEXT_2048, Optional Amt REMITTANCE_AMOUNT_3,
    };
    REMITTANCE_AMOUNT_3 = Sequence {
        Optional DuePyblAmt AMOUNT, Any DscntApldAmt DISCOUNT_AMOUNT_AND_TYPE_1, Optional CdtNoteAmt AMOUNT,
        Any TaxAmt TAX_AMOUNT_AND_TYPE_1, Any AdjstmntAmtAndRsn DOCUMENT_ADJUSTMENT_1, Optional RmtdAmt AMOUNT,
    };
    TAX_AMOUNT_AND_TYPE_1 = Sequence { Optional Tp CODE_OR_PROPRIETARY, One Amt AMOUNT };
    DISCOUNT_AMOUNT_AND_TYPE_1 = Sequence { Optional Tp CODE_OR_PROPRIETARY, One Amt AMOUNT };
    DOCUMENT_LINE_IDENTIFICATION_1 = Sequence {
        Optional Tp DOCUMENT_LINE_TYPE_1, Optional Nb TEXT_35, Optional RltdDt DATE,
    };
    DOCUMENT_LINE_TYPE_1 = Sequence { One CdOrPrtry CODE_OR_PROPRIETARY, Optional Issr TEXT_35 };
    REFERRED_DOCUMENT_TYPE_4 = Sequence { One CdOrPrtry REFERRED_DOCUMENT_TYPE_3_CHOICE, Optional Issr TEXT_35 };
    REFERRED_DOCUMENT_TYPE_3_CHOICE = Choice { One Cd DOCUMENT_TYPE_6_CODE, One Prtry TEXT_35 };
    REMITTANCE_LOCATION_7 = Sequence { Optional RmtId TEXT_35, Any RmtLctnDtls REMITTANCE_LOCATION_DATA_1 };
    REMITTANCE_LOCATION_DATA_1 = Sequence {
        One Mtd REMITTANCE_LOCATION_METHOD_2_CODE, Optional ElctrncAdr TEXT_2048, Optional PstlAdr NAME_AND_ADDRESS_16,
    };
    TAX_INFORMATION_8 = Sequence {
        Optional Cdtr TAX_PARTY_1, Optional Dbtr TAX_PARTY_2, Optional AdmstnZone TEXT_35, Optional RefNb TEXT_140,
        Optional Mtd TEXT_35, Optional TtlTaxblBaseAmt AMOUNT, Optional TtlTaxAmt AMOUNT, Optional Dt DATE,
        Optional SeqNb NUMBER, Any Rcrd TAX_RECORD_2,
    };
    TAX_RECORD_2 = Sequence {
        Optional Tp TEXT_35, Optional Ctgy TEXT_35, Optional CtgyDtls TEXT_35, Optional DbtrSts TEXT_35,
        Optional CertId TEXT_35, Optional FrmsCd TEXT_35, Optional Prd TAX_PERIOD_2, Optional TaxAmt TAX_AMOUNT_2,
        Optional AddtlInf TEXT_140,
    };
    TAX_AMOUNT_2 = Sequence {
        Optional Rate RATE, Optional TaxblBaseAmt AMOUNT, Optional TtlAmt AMOUNT, Any Dtls TAX_RECORD_DETAILS_2,
    };
    TAX_RECORD_DETAILS_2 = Sequence { Optional Prd TAX_PERIOD_2, One Amt AMOUNT };
    TAX_PERIOD_2 = Sequence { Optional Yr DATE, Optional Tp TAX_RECORD_PERIOD_1_CODE, Optional FrToDt DATE_PERIOD_2 };
    DATE_PERIOD_2 = Sequence { One FrDt DATE, One ToDt DATE };
    CHEQUE_11 = Sequence {
        Optional ChqTp CHEQUE_TYPE_2_CODE, Optional ChqNb TEXT_35, Optional ChqFr NAME_AND_ADDRESS_16,
        Optional DlvryMtd CHEQUE_DELIVERY_METHOD_1_CHOICE, Optional DlvrTo NAME_AND_ADDRESS_16,
        Optional InstrPrty PRIORITY_2_CODE, Optional ChqMtrtyDt DATE, Optional FrmsCd TEXT_35, UpTo(2) MemoFld TEXT_35,
        Optional RgnlClrZone TEXT_35, Optional PrtLctn TEXT_35, UpTo(5) Sgntr TEXT_70,
    };
    NAME_AND_ADDRESS_16 = Sequence { One Nm TEXT_140, One Adr POSTAL_ADDRESS_24 };
    EXCHANGE_RATE_1 = Sequence {
        Optional UnitCcy CURRENCY, Optional XchgRate RATE, Optional RateTp EXCHANGE_RATE_TYPE_1_CODE,
        Optional CtrctId TEXT_35,
    };
    AMOUNT_TYPE_4_CHOICE = Choice { One InstdAmt AMOUNT, One EqvtAmt EQUIVALENT_AMOUNT_2 };
    PAYMENT_IDENTIFICATION_6 = Sequence { Optional InstrId TEXT_35, One EndToEndId TEXT_35, Optional UETR UUID };
    CASH_ACCOUNT_38 = Sequence {
        One Id ACCOUNT_IDENTIFICATION_4_CHOICE, Optional Tp CODE_OR_PROPRIETARY, Optional Ccy CURRENCY, Optional Nm TEXT_70,
        Optional Prxy PROXY_ACCOUNT_IDENTIFICATION_1,
    };
    PROXY_ACCOUNT_IDENTIFICATION_1 = Sequence { Optional Tp CODE_OR_PROPRIETARY, One Id TEXT_2048 };
    DATE_AND_DATE_TIME_2_CHOICE = Choice { One Dt DATE, One DtTm DATE_TIME };
    PAYMENT_TYPE_INFORMATION_26 = Sequence {
        Optional InstrPrty PRIORITY_2_CODE, Any SvcLvl CODE_OR_PROPRIETARY, Optional LclInstrm LOCAL_INSTRUMENT_2_CHOICE,
        Optional CtgyPurp CODE_OR_PROPRIETARY,
    };
    GROUP_HEADER_85 = Sequence {
        One MsgId TEXT_35, One CreDtTm DATE_TIME, UpTo(2) Authstn AUTHORISATION_1_CHOICE, One NbOfTxs COUNT,
        Optional CtrlSum CONTROL_SUM, One InitgPty PARTY_IDENTIFICATION_135,
        Optional FwdgAgt BRANCH_AND_FINANCIAL_INSTITUTION_IDENTIFICATION_6,
    };
    BRANCH_AND_FINANCIAL_INSTITUTION_IDENTIFICATION_6 = Sequence {
        One FinInstnId FINANCIAL_INSTITUTION_IDENTIFICATION_18, Optional BrnchId BRANCH_DATA_3,
    };
    BRANCH_DATA_3 = Sequence {
        Optional Id TEXT_35, Optional LEI LEI, Optional Nm TEXT_140, Optional PstlAdr POSTAL_ADDRESS_24,
    };
    FINANCIAL_INSTITUTION_IDENTIFICATION_18 = Sequence {
        Optional BICFI BIC, Optional ClrSysMmbId CLEARING_SYSTEM_MEMBER_IDENTIFICATION_2, Optional LEI LEI,
        Optional Nm TEXT_140, Optional PstlAdr POSTAL_ADDRESS_24, Optional Othr GENERIC_FINANCIAL_IDENTIFICATION_1,
    };
    PARTY_IDENTIFICATION_135 = Sequence {
        Optional Nm TEXT_140, Optional PstlAdr POSTAL_ADDRESS_24, Optional Id PARTY_38_CHOICE, Optional CtryOfRes COUNTRY,
        Optional CtctDtls CONTACT_4,
    };
    CONTACT_4 = Sequence {
        Optional NmPrfx NAME_PREFIX_2_CODE, Optional Nm TEXT_140, Optional PhneNb PHONE, Optional MobNb PHONE,
        Optional FaxNb PHONE, Optional EmailAdr TEXT_2048, Optional EmailPurp TEXT_35, Optional JobTitl TEXT_35,
        Optional Rspnsblty TEXT_35, Optional Dept TEXT_70, Any Othr OTHER_CONTACT_1,
        Optional PrefrdMtd PREFERRED_CONTACT_METHOD_1_CODE,
    };
    OTHER_CONTACT_1 = Sequence { One ChanlTp TEXT_4, Optional Id TEXT_128 };
    PARTY_38_CHOICE = Choice { One OrgId ORGANISATION_IDENTIFICATION_29, One PrvtId PERSON_IDENTIFICATION_13 };
    PERSON_IDENTIFICATION_13 = Sequence {
        Optional DtAndPlcOfBirth DATE_AND_PLACE_OF_BIRTH_1, Any Othr GENERIC_PERSON_IDENTIFICATION_1,
    };
    DATE_AND_PLACE_OF_BIRTH_1 = Sequence {
        One BirthDt DATE, Optional PrvcOfBirth TEXT_35, One CityOfBirth TEXT_35, One CtryOfBirth COUNTRY,
    };
    ORGANISATION_IDENTIFICATION_29 = Sequence {
        Optional AnyBIC BIC, Optional LEI LEI, Any Othr GENERIC_ORGANISATION_IDENTIFICATION_1,
    };
    POSTAL_ADDRESS_24 = Sequence {
        Optional AdrTp ADDRESS_TYPE_3_CHOICE, Optional Dept TEXT_70, Optional SubDept TEXT_70, Optional StrtNm TEXT_70,
        Optional BldgNb TEXT_16, Optional BldgNm TEXT_35, Optional Flr TEXT_70, Optional PstBx TEXT_16,
        Optional Room TEXT_70, Optional PstCd TEXT_16, Optional TwnNm TEXT_35, Optional TwnLctnNm TEXT_35,
        Optional DstrctNm TEXT_35, Optional CtrySubDvsn TEXT_35, Optional Ctry COUNTRY, UpTo(7) AdrLine TEXT_70,
    };
    ADDRESS_TYPE_3_CHOICE = Choice { One Cd ADDRESS_TYPE_2_CODE, One Prtry GENERIC_IDENTIFICATION_30 };
    GENERIC_IDENTIFICATION_30 = Sequence { One Id ALPHANUMERIC_4, One Issr TEXT_35, Optional SchmeNm TEXT_35 };
}
