//! Containers of backups, from outside: what is written comes back, whatever else is refused.

#[cfg(test)]
mod container;
