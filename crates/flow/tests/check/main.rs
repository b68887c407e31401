//! The check of the whole database, against somebody who can write to it and has no keys: whatever they change, remove, add or swap is
//! found, and the table is named. A house in which everything has happened once is the place of all of it.

#[cfg(test)]
#[expect(dead_code, reason = "shared with the tests of the workers, which use more of it")]
#[path = "../worker/bank.rs"]
mod bank;
#[cfg(test)]
mod filled;
#[cfg(test)]
mod large;
#[cfg(test)]
#[expect(dead_code, reason = "shared with the tests of people, which use more of it")]
#[path = "../people/person.rs"]
mod person;
#[cfg(test)]
mod raw;
#[cfg(test)]
mod rewritten;
#[cfg(test)]
#[expect(
    dead_code,
    unused_macros,
    unused_imports,
    reason = "shared with the tests of the workers, which use more of it"
)]
#[path = "../worker/stage.rs"]
mod stage;
#[cfg(test)]
mod tampering;
