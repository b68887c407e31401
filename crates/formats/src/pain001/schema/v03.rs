//! The schema of pain.001.001.03: what may stand in which element, in which order, how often.
//!
//! The types have their names in ISO 20022; a test compares them with the official schema where that is at hand.

use super::shared::*;
use super::simple::*;
use super::types;

types! {
    DOCUMENT = Sequence { One CstmrCdtTrfInitn CUSTOMER_CREDIT_TRANSFER_INITIATION };
    CUSTOMER_CREDIT_TRANSFER_INITIATION = Sequence {
        One GrpHdr GROUP_HEADER_32, AtLeastOne PmtInf PAYMENT_INSTRUCTION_INFORMATION_3,
    };
    PAYMENT_INSTRUCTION_INFORMATION_3 = Sequence {
        One PmtInfId TEXT_35, One PmtMtd PAYMENT_METHOD_3_CODE, Optional BtchBookg BOOLEAN, Optional NbOfTxs COUNT,
        Optional CtrlSum CONTROL_SUM, Optional PmtTpInf PAYMENT_TYPE_INFORMATION_19, One ReqdExctnDt DATE,
        Optional PoolgAdjstmntDt DATE, One Dbtr PARTY_IDENTIFICATION_32, One DbtrAcct CASH_ACCOUNT_16,
        One DbtrAgt BRANCH_AND_FINANCIAL_INSTITUTION_IDENTIFICATION_4, Optional DbtrAgtAcct CASH_ACCOUNT_16,
        Optional UltmtDbtr PARTY_IDENTIFICATION_32, Optional ChrgBr CHARGE_BEARER_TYPE_1_CODE,
        Optional ChrgsAcct CASH_ACCOUNT_16, Optional ChrgsAcctAgt BRANCH_AND_FINANCIAL_INSTITUTION_IDENTIFICATION_4,
        AtLeastOne CdtTrfTxInf CREDIT_TRANSFER_TRANSACTION_INFORMATION_10,
    };
    CREDIT_TRANSFER_TRANSACTION_INFORMATION_10 = Sequence {
        One PmtId PAYMENT_IDENTIFICATION_1, Optional PmtTpInf PAYMENT_TYPE_INFORMATION_19, One Amt AMOUNT_TYPE_3_CHOICE,
        Optional XchgRateInf EXCHANGE_RATE_INFORMATION_1, Optional ChrgBr CHARGE_BEARER_TYPE_1_CODE,
        Optional ChqInstr CHEQUE_6, Optional UltmtDbtr PARTY_IDENTIFICATION_32,
        Optional IntrmyAgt1 BRANCH_AND_FINANCIAL_INSTITUTION_IDENTIFICATION_4, Optional IntrmyAgt1Acct CASH_ACCOUNT_16,
        Optional IntrmyAgt2 BRANCH_AND_FINANCIAL_INSTITUTION_IDENTIFICATION_4, Optional IntrmyAgt2Acct CASH_ACCOUNT_16,
        Optional IntrmyAgt3 BRANCH_AND_FINANCIAL_INSTITUTION_IDENTIFICATION_4, Optional IntrmyAgt3Acct CASH_ACCOUNT_16,
        Optional CdtrAgt BRANCH_AND_FINANCIAL_INSTITUTION_IDENTIFICATION_4, Optional CdtrAgtAcct CASH_ACCOUNT_16,
        Optional Cdtr PARTY_IDENTIFICATION_32, Optional CdtrAcct CASH_ACCOUNT_16,
        Optional UltmtCdtr PARTY_IDENTIFICATION_32, Any InstrForCdtrAgt INSTRUCTION_FOR_CREDITOR_AGENT_1,
        Optional InstrForDbtrAgt TEXT_140, Optional Purp CODE_OR_PROPRIETARY, UpTo(10) RgltryRptg REGULATORY_REPORTING_3,
        Optional Tax TAX_INFORMATION_3, UpTo(10) RltdRmtInf REMITTANCE_LOCATION_2, Optional RmtInf REMITTANCE_INFORMATION_5,
    };
    REMITTANCE_INFORMATION_5 = Sequence { Any Ustrd TEXT_140, Any Strd STRUCTURED_REMITTANCE_INFORMATION_7 };
    STRUCTURED_REMITTANCE_INFORMATION_7 = Sequence {
        Any RfrdDocInf REFERRED_DOCUMENT_INFORMATION_3, Optional RfrdDocAmt REMITTANCE_AMOUNT_1,
        Optional CdtrRefInf CREDITOR_REFERENCE_INFORMATION_2, Optional Invcr PARTY_IDENTIFICATION_32,
        Optional Invcee PARTY_IDENTIFICATION_32, UpTo(3) AddtlRmtInf TEXT_140,
    };
    REMITTANCE_AMOUNT_1 = Sequence {
        Optional DuePyblAmt AMOUNT, Optional DscntApldAmt AMOUNT, Optional CdtNoteAmt AMOUNT, Optional TaxAmt AMOUNT,
        Any AdjstmntAmtAndRsn DOCUMENT_ADJUSTMENT_1, Optional RmtdAmt AMOUNT,
    };
    REFERRED_DOCUMENT_INFORMATION_3 = Sequence {
        Optional Tp REFERRED_DOCUMENT_TYPE_2, Optional Nb TEXT_35, Optional RltdDt DATE,
    };
    REFERRED_DOCUMENT_TYPE_2 = Sequence { One CdOrPrtry REFERRED_DOCUMENT_TYPE_1_CHOICE, Optional Issr TEXT_35 };
    REFERRED_DOCUMENT_TYPE_1_CHOICE = Choice { One Cd DOCUMENT_TYPE_5_CODE, One Prtry TEXT_35 };
    REMITTANCE_LOCATION_2 = Sequence {
        Optional RmtId TEXT_35, Optional RmtLctnMtd REMITTANCE_LOCATION_METHOD_2_CODE, Optional RmtLctnElctrncAdr TEXT_2048,
        Optional RmtLctnPstlAdr NAME_AND_ADDRESS_10,
    };
    TAX_INFORMATION_3 = Sequence {
        Optional Cdtr TAX_PARTY_1, Optional Dbtr TAX_PARTY_2, Optional AdmstnZn TEXT_35, Optional RefNb TEXT_140,
        Optional Mtd TEXT_35, Optional TtlTaxblBaseAmt AMOUNT, Optional TtlTaxAmt AMOUNT, Optional Dt DATE,
        Optional SeqNb NUMBER, Any Rcrd TAX_RECORD_1,
    };
    TAX_RECORD_1 = Sequence {
        Optional Tp TEXT_35, Optional Ctgy TEXT_35, Optional CtgyDtls TEXT_35, Optional DbtrSts TEXT_35,
        Optional CertId TEXT_35, Optional FrmsCd TEXT_35, Optional Prd TAX_PERIOD_1, Optional TaxAmt TAX_AMOUNT_1,
        Optional AddtlInf TEXT_140,
    };
    TAX_AMOUNT_1 = Sequence {
        Optional Rate RATE, Optional TaxblBaseAmt AMOUNT, Optional TtlAmt AMOUNT, Any Dtls TAX_RECORD_DETAILS_1,
    };
    TAX_RECORD_DETAILS_1 = Sequence { Optional Prd TAX_PERIOD_1, One Amt AMOUNT };
    TAX_PERIOD_1 = Sequence { Optional Yr DATE, Optional Tp TAX_RECORD_PERIOD_1_CODE, Optional FrToDt DATE_PERIOD_DETAILS };
    DATE_PERIOD_DETAILS = Sequence { One FrDt DATE, One ToDt DATE };
    CHEQUE_6 = Sequence {
        Optional ChqTp CHEQUE_TYPE_2_CODE, Optional ChqNb TEXT_35, Optional ChqFr NAME_AND_ADDRESS_10,
        Optional DlvryMtd CHEQUE_DELIVERY_METHOD_1_CHOICE, Optional DlvrTo NAME_AND_ADDRESS_10,
        Optional InstrPrty PRIORITY_2_CODE, Optional ChqMtrtyDt DATE, Optional FrmsCd TEXT_35, UpTo(2) MemoFld TEXT_35,
        Optional RgnlClrZone TEXT_35, Optional PrtLctn TEXT_35,
    };
    NAME_AND_ADDRESS_10 = Sequence { One Nm TEXT_140, One Adr POSTAL_ADDRESS_6 };
    EXCHANGE_RATE_INFORMATION_1 = Sequence {
        Optional XchgRate RATE, Optional RateTp EXCHANGE_RATE_TYPE_1_CODE, Optional CtrctId TEXT_35,
    };
    AMOUNT_TYPE_3_CHOICE = Choice { One InstdAmt AMOUNT, One EqvtAmt EQUIVALENT_AMOUNT_2 };
    PAYMENT_IDENTIFICATION_1 = Sequence { Optional InstrId TEXT_35, One EndToEndId TEXT_35 };
    CASH_ACCOUNT_16 = Sequence {
        One Id ACCOUNT_IDENTIFICATION_4_CHOICE, Optional Tp CASH_ACCOUNT_TYPE_2, Optional Ccy CURRENCY, Optional Nm TEXT_70,
    };
    CASH_ACCOUNT_TYPE_2 = Choice { One Cd CASH_ACCOUNT_TYPE_4_CODE, One Prtry TEXT_35 };
    PAYMENT_TYPE_INFORMATION_19 = Sequence {
        Optional InstrPrty PRIORITY_2_CODE, Optional SvcLvl CODE_OR_PROPRIETARY,
        Optional LclInstrm LOCAL_INSTRUMENT_2_CHOICE, Optional CtgyPurp CODE_OR_PROPRIETARY,
    };
    GROUP_HEADER_32 = Sequence {
        One MsgId TEXT_35, One CreDtTm DATE_TIME, UpTo(2) Authstn AUTHORISATION_1_CHOICE, One NbOfTxs COUNT,
        Optional CtrlSum CONTROL_SUM, One InitgPty PARTY_IDENTIFICATION_32,
        Optional FwdgAgt BRANCH_AND_FINANCIAL_INSTITUTION_IDENTIFICATION_4,
    };
    BRANCH_AND_FINANCIAL_INSTITUTION_IDENTIFICATION_4 = Sequence {
        One FinInstnId FINANCIAL_INSTITUTION_IDENTIFICATION_7, Optional BrnchId BRANCH_DATA_2,
    };
    BRANCH_DATA_2 = Sequence { Optional Id TEXT_35, Optional Nm TEXT_140, Optional PstlAdr POSTAL_ADDRESS_6 };
    FINANCIAL_INSTITUTION_IDENTIFICATION_7 = Sequence {
        Optional BIC BIC_2009, Optional ClrSysMmbId CLEARING_SYSTEM_MEMBER_IDENTIFICATION_2, Optional Nm TEXT_140,
        Optional PstlAdr POSTAL_ADDRESS_6, Optional Othr GENERIC_FINANCIAL_IDENTIFICATION_1,
    };
    PARTY_IDENTIFICATION_32 = Sequence {
        Optional Nm TEXT_140, Optional PstlAdr POSTAL_ADDRESS_6, Optional Id PARTY_6_CHOICE, Optional CtryOfRes COUNTRY,
        Optional CtctDtls CONTACT_DETAILS_2,
    };
    CONTACT_DETAILS_2 = Sequence {
        Optional NmPrfx NAME_PREFIX_1_CODE, Optional Nm TEXT_140, Optional PhneNb PHONE, Optional MobNb PHONE,
        Optional FaxNb PHONE, Optional EmailAdr TEXT_2048, Optional Othr TEXT_35,
    };
    PARTY_6_CHOICE = Choice { One OrgId ORGANISATION_IDENTIFICATION_4, One PrvtId PERSON_IDENTIFICATION_5 };
    PERSON_IDENTIFICATION_5 = Sequence {
        Optional DtAndPlcOfBirth DATE_AND_PLACE_OF_BIRTH, Any Othr GENERIC_PERSON_IDENTIFICATION_1,
    };
    DATE_AND_PLACE_OF_BIRTH = Sequence {
        One BirthDt DATE, Optional PrvcOfBirth TEXT_35, One CityOfBirth TEXT_35, One CtryOfBirth COUNTRY,
    };
    ORGANISATION_IDENTIFICATION_4 = Sequence { Optional BICOrBEI BIC_2009, Any Othr GENERIC_ORGANISATION_IDENTIFICATION_1 };
    POSTAL_ADDRESS_6 = Sequence {
        Optional AdrTp ADDRESS_TYPE_2_CODE, Optional Dept TEXT_70, Optional SubDept TEXT_70, Optional StrtNm TEXT_70,
        Optional BldgNb TEXT_16, Optional PstCd TEXT_16, Optional TwnNm TEXT_35, Optional CtrySubDvsn TEXT_35,
        Optional Ctry COUNTRY, UpTo(7) AdrLine TEXT_70,
    };
}
