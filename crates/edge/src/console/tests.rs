//! Tests of the console: what each page says of a small organization, and who gets to see pages at all.

mod pages;
mod sample;
