-- Backups: what was done about them, one row for each act, never written over; and whose turn it is to make one.

-- `act` is created, verified, failed, deleted, restored or released; `name` is the name that the files of the backup share. The acts
-- belong to the installation; `organization` is the one in whose events they are told.
CREATE TABLE backups (
  id BIGINT PRIMARY KEY, organization BIGINT NOT NULL, name TEXT NOT NULL, act TEXT NOT NULL, at BIGINT NOT NULL, bytes BIGINT NOT NULL,
  detail TEXT NOT NULL, seal BLOB NOT NULL
);
CREATE INDEX backups_by_act ON backups (act, id);

-- Several servers on one database: one of them makes the backup. One row.
CREATE TABLE backup_turn (id BIGINT PRIMARY KEY, token BIGINT NOT NULL, leased_until BIGINT NOT NULL);
