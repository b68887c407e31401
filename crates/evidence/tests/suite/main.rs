//! Tests of the evidence crate from outside: published vectors, properties, and files altered byte by byte.
//!
//! One binary, because linking the cryptographic library costs more than all of the tests.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod canonical;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod merkle_vectors;
#[cfg(test)]
mod notes;
#[cfg(test)]
mod proofs;
#[cfg(test)]
mod receipts;
#[cfg(test)]
mod tessera;
#[cfg(test)]
mod tiles;
#[cfg(test)]
mod trees;
