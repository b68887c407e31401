//! Backups: what is made while payments go on comes out whole on either engine, and whatever is not whole is refused.

#[cfg(test)]
#[expect(dead_code, reason = "shared with the tests of the workers, which use more of it")]
#[path = "../worker/bank.rs"]
mod bank;
#[cfg(test)]
mod damaged;
#[cfg(test)]
mod drill;
#[cfg(test)]
#[path = "../check/filled.rs"]
mod filled;
#[cfg(test)]
mod kit;
#[cfg(test)]
mod measure;
#[cfg(test)]
mod people;
#[cfg(test)]
#[expect(dead_code, reason = "shared with the tests of people, which use more of it")]
#[path = "../people/person.rs"]
mod person;
#[cfg(test)]
mod scheduled;
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
mod whole;
