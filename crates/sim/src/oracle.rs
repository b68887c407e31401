//! The oracle: knows what was asked, what was answered and what the banks saw, and says which rule does not hold.

pub(crate) mod answers;
mod contacts;
mod ending;
