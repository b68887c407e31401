-- People: where members stand, their roles, what they prove themselves with, their sessions, and what they did with a fresh factor.
--
-- Standing and roles are only ever added to: the newest row counts, and each is named by an event. Of secrets only hashes are kept.

-- Where a member stands: `invited`, `active`, `deactivated`.
CREATE TABLE member_states (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, member BIGINT NOT NULL, state TEXT NOT NULL, made_by TEXT NOT NULL,
  at BIGINT NOT NULL, seal BLOB NOT NULL
);
CREATE INDEX member_states_by_member ON member_states (organization, member, id);

-- Roles granted (1) and withdrawn (0).
CREATE TABLE role_changes (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, member BIGINT NOT NULL, role TEXT NOT NULL, granted BIGINT NOT NULL,
  made_by TEXT NOT NULL, at BIGINT NOT NULL, seal BLOB NOT NULL
);
CREATE INDEX role_changes_by_member ON role_changes (organization, member, id);

-- The address a member signs in with, once in an installation. `sealed` is the address.
CREATE TABLE addresses (
  member BIGINT PRIMARY KEY, organization BIGINT NOT NULL, email_index BLOB NOT NULL, sealed BLOB NOT NULL, seal BLOB NOT NULL
);
CREATE UNIQUE INDEX addresses_by_email ON addresses (email_index);

CREATE TABLE passwords (
  member BIGINT PRIMARY KEY, organization BIGINT NOT NULL, hash TEXT NOT NULL, pepper BIGINT NOT NULL, set_at BIGINT NOT NULL,
  seal BLOB NOT NULL
);

-- `sealed` is the secret shared with the app. `last_step` is the last time step whose code was used; unconfirmed until a code was.
CREATE TABLE authenticators (
  member BIGINT PRIMARY KEY, organization BIGINT NOT NULL, sealed BLOB NOT NULL, last_step BIGINT, confirmed_at BIGINT,
  seal BLOB NOT NULL
);

CREATE TABLE recovery_codes (
  member BIGINT NOT NULL, number BIGINT NOT NULL, organization BIGINT NOT NULL, digest BLOB NOT NULL, used_at BIGINT,
  seal BLOB NOT NULL, PRIMARY KEY (member, number)
);

-- `digest` is that of the secret in the browser; `sealed` what the browser calls itself. Deleted when it ends.
CREATE TABLE sessions (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, member BIGINT NOT NULL, digest BLOB NOT NULL,
  sealed BLOB NOT NULL, started_at BIGINT NOT NULL, seen_at BIGINT NOT NULL, factor TEXT, factor_at BIGINT, seal BLOB NOT NULL
);
CREATE UNIQUE INDEX sessions_by_digest ON sessions (digest);
CREATE INDEX sessions_by_member ON sessions (organization, member, id);

-- Links that work once: `setup` (member 0; organization 0 when there is none yet), `invitation`, `recovery`. Deleted by their use.
CREATE TABLE one_time_links (
  digest BLOB PRIMARY KEY, organization BIGINT NOT NULL, kind TEXT NOT NULL, member BIGINT NOT NULL, expires_at BIGINT NOT NULL,
  seal BLOB NOT NULL
);

-- Failures in a row for an account or a source, by keyed digest.
CREATE TABLE throttles (subject BLOB PRIMARY KEY, failures BIGINT NOT NULL, last_at BIGINT NOT NULL);

-- A factor proven for one act: `digest` is that of exactly what the page showed.
CREATE TABLE step_ups (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, world BIGINT NOT NULL, member BIGINT NOT NULL, session BIGINT NOT NULL,
  digest BLOB NOT NULL, factor TEXT NOT NULL, at BIGINT NOT NULL, seal BLOB NOT NULL
);

-- When a member last did what a role permits.
CREATE TABLE role_uses (
  member BIGINT NOT NULL, action BIGINT NOT NULL, organization BIGINT NOT NULL, at BIGINT NOT NULL, seal BLOB NOT NULL,
  PRIMARY KEY (member, action)
);
