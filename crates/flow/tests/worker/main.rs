//! Everything after approval, against a bank that does what the test says: sending once, asking, recalling, reading mailboxes,
//! reconciling, and the workers that do it. The same bodies run on both engines.

#[cfg(test)]
mod arrival;
#[cfg(test)]
mod bank;
#[cfg(test)]
mod crashes;
#[cfg(test)]
mod dispatch;
#[cfg(test)]
mod exceptions;
#[cfg(test)]
mod mailbox;
#[cfg(test)]
mod recalls;
#[cfg(test)]
mod repeats;
#[cfg(test)]
mod servers;
#[cfg(test)]
mod silence;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod sweeping;
