//! The API from outside: a real platform on a temporary database, real signatures, the real router.

#[cfg(test)]
mod access;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod batches;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod feed;
#[cfg(test)]
mod health;
#[cfg(test)]
mod listener;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod log;
#[cfg(test)]
mod once;
#[cfg(test)]
mod payments;
#[cfg(test)]
mod repeats;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod support;
