//! `cargo xtask tidy`: the house rules that a program can check.
//!
//! A rule is a function from the repository to findings; this file lists the rules. A finding is one line,
//! `path:line: sentence`, so that an editor can jump to it.

mod edges;
mod exposed;
mod files;
mod fuzz_targets;
mod links;
mod lints;
mod opening;
mod secrets;
mod sql;
mod subset;
mod words;

use crate::process;
use crate::tree::Tree;
use std::fmt;

pub(crate) use exposed::listing as exposed_listing;

/// Something that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    sentence: String,
}

impl Finding {
    fn new(path: &str, line: usize, sentence: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            sentence: sentence.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.sentence)
    }
}

type Rule = fn(&Tree) -> Vec<Finding>;

const RULES: &[Rule] = &[
    edges::allowed,
    edges::outside,
    edges::faults,
    opening::module_comment,
    sql::only_in_store,
    subset::portable,
    words::unfinished,
    words::overrides,
    words::origin,
    words::machine_paths,
    files::large,
    files::named_after_nothing,
    files::long,
    secrets::committed,
    links::resolve,
    lints::repeated,
    exposed::as_listed,
    fuzz_targets::built,
];

/// Checks the repository and prints the findings; true if there are none.
pub(crate) fn run(words: &[&str]) -> Result<bool, String> {
    if let Some(word) = words.first() {
        return Err(format!("`tidy` takes no arguments, `{word}` was given"));
    }
    let tree = Tree::read(&process::root()?)?;
    let findings = check(&tree);
    for finding in &findings {
        println!("{finding}");
    }
    println!(
        "{} files, {} rules, {} findings",
        tree.files.len(),
        RULES.len(),
        findings.len()
    );
    Ok(findings.is_empty())
}

fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<_> = RULES.iter().flat_map(|rule| rule(tree)).collect();
    findings.sort();
    findings.dedup();
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_reads_like_a_compiler_message() {
        assert_eq!(Finding::new("a/b.rs", 7, "no").to_string(), "a/b.rs:7: no");
    }

    #[test]
    fn an_orderly_tree_has_no_findings() {
        let tree = Tree::of(&[
            ("crates/a/src/lib.rs", "//! Words.\n\nfn a() {}\n"),
            ("README.md", "See [a](crates/a/src/lib.rs).\n"),
        ]);
        assert_eq!(check(&tree), []);
    }
}
