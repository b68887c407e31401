//! Tests of the console: what each page says of a small organization, and who gets to see pages at all.

mod access;
mod pages;
mod reading;
mod sample;
mod visitor;
