//! Everything after approval, against a bank that does what the test says: sending once, asking, recalling, reading mailboxes,
//! reconciling, and the workers that do it. The same bodies run on both engines.

mod arrival;
mod bank;
mod crashes;
mod dispatch;
mod exceptions;
mod mailbox;
mod recalls;
mod servers;
mod silence;
mod stage;
mod statements;
mod sweeping;
