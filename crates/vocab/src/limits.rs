//! Every limit of the platform, with the reason for the number.

/// Largest request body in bytes: a pain.001 of 10,000 payments with full addresses has about 12 MB.
pub const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Payments in one file: what one statement page of a large payroll needs; larger files are split by the sender.
pub const BATCH_PAYMENTS_MAX: usize = 10_000;
/// Findings kept per file: beyond that the file is wrong as a whole and a person reads no further.
pub const FINDINGS_MAX: usize = 1_000;
/// Depth of elements in a foreign XML file: pain.001 itself needs 12.
pub const XML_DEPTH_MAX: usize = 32;
/// Characters of text in one XML element: the longest field of our messages has 500.
pub const XML_TEXT_MAX: usize = 10_000;
/// Bytes of an element or attribute name in a foreign XML file: the longest of our messages has 17, with room for a prefix.
pub const XML_NAME_MAX: usize = 128;
/// Attributes of one element in a foreign XML file: the outermost one declares a few namespaces, the others have one at most.
pub const XML_ATTRIBUTES_MAX: usize = 32;
/// Elements in a foreign XML file: 10,000 payments with 60 elements each, and room.
pub const XML_ELEMENTS_MAX: usize = 2_000_000;
/// Lines in one statement: a busy collection account has 50,000 a day.
pub const STATEMENT_LINES_MAX: usize = 100_000;
/// Free lines that an address may hold beside town and country.
pub const HYBRID_ADDRESS_LINES: usize = 2;
/// Approvers that one payment can ask for: nobody collects more signatures in practice.
pub const APPROVERS_MAX: u32 = 5;
/// Payments that the inbox of a member looks at to find those which wait for them: ten times what one code decides. Those that they made,
/// changed or approved are left out before, so nearly all that it looks at count.
pub const INBOX_SCAN_MAX: usize = 500;
/// Days a payment waits for its approvals after its execution date before it expires.
pub const APPROVAL_DAYS_MAX: i64 = 14;
/// Days before the execution date at which an approved payment may travel to the bank: long enough for weekends, short
/// enough that a change of mind needs no recall.
pub const DISPATCH_LEAD_DAYS: i64 = 3;
/// Days ahead that an execution date may lie: banks keep future orders for at most a year.
pub const EXECUTION_DAYS_AHEAD_MAX: i64 = 365;
/// Days within which the same payee, amount and reference are asked about as a possible duplicate.
pub const DUPLICATE_WINDOW_DAYS: i64 = 30;
/// Payments in one order to a bank.
pub const ORDER_PAYMENTS_MAX: usize = 1_000;
/// Postings in one journal entry: a batch booking of one order with its fees.
pub const ENTRY_POSTINGS_MAX: usize = 2_048;
/// Requests taken into one slice of a hot operation: more gains nothing and costs latency.
pub const SLICE_MAX: usize = 64;
/// Requests that may wait for the writer before the server answers 503.
pub const QUEUE_MAX: usize = 4_096;
/// Entries sealed at once.
pub const SEAL_MAX: usize = 8_192;
/// Rows on one page of a list unless the caller asks for fewer.
pub const PAGE_DEFAULT: usize = 50;
/// Rows on one page of a list at most.
pub const PAGE_MAX: usize = 500;
/// Seconds that a worker holds a job before another may take it over: longer than any call to a bank.
pub const LEASE_SECONDS: i64 = 60;
/// Seconds beyond its own length after which a lease may end and still count: clocks of servers differ by less. What ends later was
/// taken before the clock was set back.
pub const LEASE_AHEAD_SECONDS: i64 = 600;
/// Seconds that a call to a bank may take.
pub const BANK_CALL_SECONDS: u64 = 20;
/// Seconds after which a job that is due counts as overdue: a worker looks ten times a second.
pub const JOB_OVERDUE_SECONDS: i64 = 60;
/// Times a job is tried before a person is asked.
pub const ATTEMPTS_MAX: i64 = 20;
/// Hours that an idempotency key is remembered at least.
pub const IDEMPOTENCY_HOURS: i64 = 72;
/// Length of an idempotency key in characters.
pub const IDEMPOTENCY_KEY_MAX: usize = 128;
/// Seconds that a signature may be valid.
pub const SIGNATURE_SECONDS_MAX: i64 = 300;
/// Times a transaction is run again after a conflict.
pub const TRANSACTION_ATTEMPTS_MAX: u32 = 10;
/// Minutes from one backup to the next unless the operator says otherwise: a working day loses a quarter of itself at most.
pub const BACKUP_MINUTES_DEFAULT: i64 = 360;
/// Minutes from one backup to the next at least: each reads the whole database.
pub const BACKUP_MINUTES_MIN: i64 = 5;
/// Minutes from one backup to the next at most: a day is as much as anybody wants to type in again.
pub const BACKUP_MINUTES_MAX: i64 = 1_440;
/// Days that backups of data are kept unless the operator says otherwise: a mistake is found within a month's end.
pub const BACKUP_DATA_DAYS_DEFAULT: i64 = 35;
/// Days that backups of keys are kept unless the operator says otherwise: so long may an erased key be restored.
pub const BACKUP_KEYS_DAYS_DEFAULT: i64 = 7;
/// Days that backups are kept at most: ten years, as long as books are.
pub const BACKUP_DAYS_MAX: i64 = 3_660;
/// Backups that are kept whatever their age.
pub const BACKUPS_KEPT_MIN: usize = 3;
/// Days after which the last verified backup is too old: a week with one person ill.
pub const BACKUP_VERIFIED_DAYS_MAX: i64 = 7;
/// Seconds that a server holds the turn to make a backup before another may take it; renewed four times within.
pub const BACKUP_TURN_SECONDS: u64 = 240;
/// Seconds until a backup is tried again that failed: time enough to make room.
pub const BACKUP_RETRY_SECONDS: i64 = 1_800;
