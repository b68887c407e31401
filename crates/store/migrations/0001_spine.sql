-- The spine: organizations, payments, approvals, orders, ledger, statements, evidence.
--
-- Every row belongs to an organization and a world (0 test, 1 live). Times are microseconds since 1970, dates yyyymmdd. Ids grow with
-- time, so that rows of the hot tables are appended. `seal` is a keyed code over the row's other columns; the rows of hot tables are
-- bound by their authenticated encryption and by the log instead. Columns named `sealed` are encrypted before they come here.
--
-- Idempotency keys, nonces and likenesses are looked up by digests in no order: PostgreSQL has a key for them, SQLite appends the rows and
-- follows their digests in memory (store/src/digests.rs).

CREATE TABLE organizations (
  id BIGINT PRIMARY KEY, name TEXT NOT NULL, created_at BIGINT NOT NULL, seal BLOB NOT NULL
);

CREATE TABLE members (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, sealed BLOB NOT NULL, created_at BIGINT NOT NULL, seal BLOB NOT NULL
);

CREATE TABLE clients (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, name TEXT NOT NULL, created_at BIGINT NOT NULL, seal BLOB NOT NULL
);

-- Public keys that sign requests. `holder` is a member or a client in text form.
CREATE TABLE signing_keys (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, holder TEXT NOT NULL, public_key TEXT NOT NULL,
  created_at BIGINT NOT NULL, revoked_at BIGINT, seal BLOB NOT NULL
);

CREATE TABLE approval_policies (
  organization BIGINT NOT NULL, world BIGINT NOT NULL, version BIGINT NOT NULL, text TEXT NOT NULL, created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (organization, world, version)
);

-- How far the clock of the test world is ahead of the real one.
CREATE TABLE test_clock (id BIGINT PRIMARY KEY, ahead_micros BIGINT NOT NULL);

-- The organization's own bank accounts. One number may hold several currencies, each an account of its own.
CREATE TABLE accounts (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, number_index BLOB NOT NULL, currency TEXT NOT NULL,
  channel TEXT NOT NULL, sealed BLOB NOT NULL, created_at BIGINT NOT NULL, seal BLOB NOT NULL
);
CREATE UNIQUE INDEX accounts_by_number ON accounts (organization, world, number_index, currency);

-- What an account holds and what is reserved on it, kept beside the postings so that it can be read and locked as one row.
CREATE TABLE account_totals (
  account BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, held_minor BIGINT NOT NULL
);

CREATE TABLE batches (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, created_by TEXT NOT NULL, created_at BIGINT NOT NULL,
  format TEXT NOT NULL, message_id TEXT, file_digest BLOB NOT NULL, partial BIGINT NOT NULL, payments BIGINT NOT NULL,
  accepted BIGINT NOT NULL, findings BIGINT NOT NULL, seal BLOB NOT NULL
);
CREATE INDEX batches_by_organization ON batches (organization, world, id);

CREATE TABLE findings (
  batch BIGINT NOT NULL, number BIGINT NOT NULL, organization BIGINT NOT NULL, world BIGINT NOT NULL, payment_number BIGINT,
  path TEXT NOT NULL, line BIGINT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (batch, number)
);

-- The payments of a batch in the order of the file: accepted ones with their id, refused ones without.
CREATE TABLE batch_payments (
  batch BIGINT NOT NULL, number BIGINT NOT NULL, organization BIGINT NOT NULL, world BIGINT NOT NULL, line BIGINT NOT NULL,
  payment BIGINT, end_to_end_id TEXT, seal BLOB NOT NULL, PRIMARY KEY (batch, number)
);

-- `sealed` is the canonical content: exactly what was approved and what will be sent.
CREATE TABLE payments (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, batch BIGINT, account BIGINT NOT NULL,
  amount_minor BIGINT NOT NULL, currency TEXT NOT NULL, execution_on BIGINT NOT NULL, created_by TEXT NOT NULL,
  version BIGINT NOT NULL, content_digest BLOB NOT NULL, sealed BLOB NOT NULL
);
CREATE INDEX payments_by_batch ON payments (batch, id) WHERE batch IS NOT NULL;

-- Where a payment stands: one small row, written over. `detail` is the data of the state; `held_minor` the hold on the account.
CREATE TABLE payment_states (
  payment BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, state BIGINT NOT NULL, since BIGINT NOT NULL,
  held_minor BIGINT NOT NULL, event BIGINT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX payment_states_by_state ON payment_states (organization, world, state, payment);

-- Contents that a change replaced, with the columns that they open with.
CREATE TABLE earlier_contents (
  payment BIGINT NOT NULL, version BIGINT NOT NULL, organization BIGINT NOT NULL, world BIGINT NOT NULL, account BIGINT NOT NULL,
  amount_minor BIGINT NOT NULL, currency TEXT NOT NULL, execution_on BIGINT NOT NULL, content_digest BLOB NOT NULL,
  sealed BLOB NOT NULL, changed_by TEXT NOT NULL, changed_at BIGINT NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (payment, version)
);

-- Keyed digests of payee, amount and reference: the same digest twice is asked about.
CREATE TABLE likenesses (
  organization BIGINT NOT NULL, world BIGINT NOT NULL, likeness BLOB NOT NULL, payment BIGINT NOT NULL, execution_on BIGINT NOT NULL
  -- postgres: , PRIMARY KEY (likeness, payment)
);

CREATE TABLE approvals (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, payment BIGINT NOT NULL, member BIGINT NOT NULL,
  signing_key BIGINT NOT NULL, content_digest BLOB NOT NULL, approved BIGINT NOT NULL, note TEXT NOT NULL, given_at BIGINT NOT NULL,
  seal BLOB NOT NULL
);
CREATE INDEX approvals_by_payment ON approvals (payment, id);

-- Requests that were answered: the same key and content get the same answer again.
CREATE TABLE idempotency (
  digest BLOB NOT NULL -- postgres: PRIMARY KEY
  , organization BIGINT NOT NULL, world BIGINT NOT NULL, request_digest BLOB NOT NULL, answer TEXT NOT NULL, at BIGINT NOT NULL,
  seal BLOB NOT NULL
);
CREATE INDEX idempotency_by_time ON idempotency (at);

-- Signatures that were seen, until they expire.
CREATE TABLE nonces (
  expires_at BIGINT NOT NULL, signing_key BIGINT NOT NULL, digest BLOB NOT NULL
  -- postgres: , PRIMARY KEY (expires_at, signing_key, digest)
);

-- One message to a bank. `sealed` is its exact bytes.
CREATE TABLE orders (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, account BIGINT NOT NULL, channel TEXT NOT NULL,
  payments BIGINT NOT NULL, total_minor BIGINT NOT NULL, currency TEXT NOT NULL, document_digest BLOB NOT NULL, sealed BLOB NOT NULL,
  created_at BIGINT NOT NULL, seal BLOB NOT NULL
);

CREATE TABLE order_payments (
  order_id BIGINT NOT NULL, number BIGINT NOT NULL, organization BIGINT NOT NULL, world BIGINT NOT NULL, payment BIGINT NOT NULL,
  seal BLOB NOT NULL, PRIMARY KEY (order_id, number)
);
-- A payment travels in one order only: sending again means the same order again.
CREATE UNIQUE INDEX order_payments_by_payment ON order_payments (payment);

-- Keyed digests of references that a statement may name a payment by, when it does not name our own.
CREATE TABLE payment_references (
  organization BIGINT NOT NULL, world BIGINT NOT NULL, reference BLOB NOT NULL, payment BIGINT NOT NULL,
  PRIMARY KEY (organization, world, reference, payment)
) -- sqlite: WITHOUT ROWID
;

-- Each contact with the bank about an order, written before it is made; the outcome is a row of its own.
CREATE TABLE attempts (
  order_id BIGINT NOT NULL, number BIGINT NOT NULL, organization BIGINT NOT NULL, world BIGINT NOT NULL, kind TEXT NOT NULL,
  outcome TEXT NOT NULL, detail TEXT NOT NULL, at BIGINT NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (order_id, number)
);

-- Documents that came from a bank, as they came.
CREATE TABLE documents (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, channel TEXT NOT NULL, kind TEXT NOT NULL,
  reference TEXT NOT NULL, digest BLOB NOT NULL, sealed BLOB NOT NULL, received_at BIGINT NOT NULL, seal BLOB NOT NULL
);
CREATE UNIQUE INDEX documents_by_reference ON documents (organization, world, channel, kind, reference, digest);

-- How far the mailbox of a channel has been read.
CREATE TABLE mailboxes (
  organization BIGINT NOT NULL, world BIGINT NOT NULL, channel TEXT NOT NULL, cursor BIGINT NOT NULL,
  PRIMARY KEY (organization, world, channel)
);

CREATE TABLE statements (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, account BIGINT NOT NULL, kind TEXT NOT NULL,
  identification TEXT NOT NULL, sequence BIGINT, covers BIGINT NOT NULL, currency TEXT NOT NULL, opening_minor BIGINT,
  closing_minor BIGINT, lines BIGINT NOT NULL, new_lines BIGINT NOT NULL, digest BLOB NOT NULL, imported_at BIGINT NOT NULL, seal BLOB NOT NULL
);
CREATE UNIQUE INDEX statements_by_identification ON statements (account, kind, identification, digest);

-- Lines that moved an account, each once whatever number of documents repeat it.
CREATE TABLE statement_lines (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, statement BIGINT NOT NULL, account BIGINT NOT NULL,
  identity TEXT NOT NULL, amount_minor BIGINT NOT NULL, currency TEXT NOT NULL, booked_on BIGINT NOT NULL, rule TEXT NOT NULL,
  explanation TEXT NOT NULL, sealed BLOB NOT NULL, seal BLOB NOT NULL
);
CREATE UNIQUE INDEX statement_lines_by_identity ON statement_lines (account, identity);
CREATE INDEX statement_lines_by_statement ON statement_lines (statement, id);

-- Which payments a line explains, and how.
CREATE TABLE matches (
  line BIGINT NOT NULL, number BIGINT NOT NULL, organization BIGINT NOT NULL, world BIGINT NOT NULL, payment BIGINT NOT NULL,
  amount_minor BIGINT NOT NULL, effect TEXT NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (line, number)
);
CREATE INDEX matches_by_payment ON matches (payment, line);

CREATE TABLE exceptions (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, account BIGINT, statement BIGINT, line BIGINT,
  payment BIGINT, code TEXT NOT NULL, sentence TEXT NOT NULL, created_at BIGINT NOT NULL, resolved_at BIGINT, resolved_by TEXT,
  note TEXT, seal BLOB NOT NULL
);
CREATE INDEX exceptions_open ON exceptions (organization, world, id) WHERE resolved_at IS NULL;

CREATE TABLE ledger_accounts (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, code TEXT NOT NULL, currency TEXT NOT NULL, seal BLOB NOT NULL
);
CREATE UNIQUE INDEX ledger_accounts_by_code ON ledger_accounts (organization, world, code);

-- `seal` covers the entry and its postings.
CREATE TABLE entries (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
  at BIGINT NOT NULL, postings BIGINT NOT NULL, seal BLOB NOT NULL
);
CREATE INDEX entries_by_subject ON entries (organization, world, subject, id);
CREATE TABLE postings (
  entry BIGINT NOT NULL, number BIGINT NOT NULL, organization BIGINT NOT NULL, world BIGINT NOT NULL, ledger_account BIGINT NOT NULL,
  amount_minor BIGINT NOT NULL, currency TEXT NOT NULL, PRIMARY KEY (entry, number)
);
CREATE INDEX postings_by_account ON postings (ledger_account, entry);

-- What happened. `body` is canonical JSON; its salted commitment is a leaf of the log. The salt is a keyed code over the other columns:
-- nobody else can guess it, and nobody else can add an event.
CREATE TABLE events (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, subject BIGINT NOT NULL, salt BLOB NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX events_by_subject ON events (subject, id);

-- Committed events that have no place in the log yet.
CREATE TABLE log_pending (event BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL);

CREATE TABLE log_leaves (
  position BIGINT PRIMARY KEY, event BIGINT NOT NULL, organization BIGINT NOT NULL, world BIGINT NOT NULL
);
CREATE UNIQUE INDEX log_leaves_by_event ON log_leaves (event);

-- Hash tiles (C2SP tlog-tiles), the rightmost of each level possibly partial.
CREATE TABLE log_tiles (
  level BIGINT NOT NULL, position BIGINT NOT NULL, width BIGINT NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY (level, position)
);

-- The signed head of the log: one row.
CREATE TABLE log_head (id BIGINT PRIMARY KEY, size BIGINT NOT NULL, checkpoint TEXT NOT NULL);

-- Work for the outside world, written with the decision that asks for it; deleted when done. `seal` covers the columns that never change:
-- id, organization, world, kind, subject.
CREATE TABLE jobs (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, kind TEXT NOT NULL, subject BIGINT NOT NULL,
  due_at BIGINT NOT NULL, attempts BIGINT NOT NULL, leased_until BIGINT NOT NULL, last_error TEXT,
  seal BLOB NOT NULL
);
CREATE INDEX jobs_by_due ON jobs (due_at);
CREATE INDEX jobs_by_subject ON jobs (kind, subject);

-- Until members sign in, the console opens through a link that works once.
CREATE TABLE console_links (
  digest BLOB PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, expires_at BIGINT NOT NULL, seal BLOB NOT NULL
);
CREATE TABLE console_sessions (
  digest BLOB PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, expires_at BIGINT NOT NULL, seal BLOB NOT NULL
);

-- Facts about this database, such as which keys it was written with.
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
