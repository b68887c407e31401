//! Tests of the console: what each page says of a small organization, and who gets to see pages at all.

mod access;
mod pages;
#[expect(dead_code, reason = "shared with the tests of flow, which use more of it")]
#[path = "../../../flow/tests/people/person.rs"]
mod person;
mod reading;
mod routes;
mod sample;
mod visitor;
