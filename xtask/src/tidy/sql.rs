//! SQL is visible text, and it is in `store` only.
//!
//! Looked for in string literals of product code. The simulated bank keeps its own small book and is exempt by name;
//! tests and the crates that are only for development may look into a database as they like.

use super::Finding;
use crate::source::{self, Kind};
use crate::tree::Tree;

const MAY: &[&str] = &[
    "crates/store/",
    "crates/channels/src/sandbox/",
    "crates/testkit/",
    "crates/sim/",
    "crates/bench/",
    "xtask/src/tidy/",
];

/// No statement outside `store`.
pub(super) fn only_in_store(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| file.is_rust() && !file.is_test()) {
        if MAY.iter().any(|place| file.path.starts_with(place)) {
            continue;
        }
        let tokens = source::lex(file.text());
        for token in source::product(&tokens) {
            if token.kind == Kind::Text && is_statement(token.text) {
                findings.push(Finding::new(
                    &file.path,
                    token.line,
                    "SQL outside crates/store; give the noun's file there a function",
                ));
            }
        }
    }
    findings
}

/// True for a text with a statement that reads or writes rows.
///
/// In capitals it counts anywhere in the text; in small letters only at the start, so that an English sentence that says
/// *select* and *from* is not taken for one.
pub(super) fn is_statement(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let starts = |at: usize| {
        let rest = words.get(at..).unwrap_or_default();
        let capitals = rest
            .first()
            .is_some_and(|word| word.chars().all(|c| c.is_ascii_uppercase()));
        (at == 0 || capitals) && begins_statement(rest, capitals)
    };
    (0..words.len()).any(starts)
}

fn begins_statement(words: &[&str], capitals: bool) -> bool {
    let is = |at: usize, keyword: &str| {
        words.get(at).is_some_and(|word| {
            if capitals {
                *word == keyword
            } else {
                *word == keyword.to_ascii_lowercase()
            }
        })
    };
    let name = |at: usize| {
        words
            .get(at)
            .is_some_and(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || "{\"(".contains(c)))
    };
    let later = |keyword: &str| (1..words.len()).any(|at| is(at, keyword) && name(at.saturating_add(1)));
    (is(0, "SELECT") && later("FROM"))
        || (is(0, "INSERT") && is(1, "INTO") && name(2))
        || (is(0, "UPDATE") && (is(2, "SET") || (is(2, "AS") && is(4, "SET")) || (capitals && is(3, "SET"))))
        || (is(0, "DELETE") && is(1, "FROM") && name(2))
        || (is(0, "CREATE") && (is(1, "TABLE") || is(1, "INDEX") || is(2, "INDEX")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_recognised() {
        for text in [
            "SELECT a FROM b",
            "SELECT a,\n  b\n FROM payments WHERE id = $1",
            "insert into payments (id) values ($1)",
            "UPDATE payments SET state = $1",
            "UPDATE payments AS p SET state = $1",
            "DELETE FROM payments",
            "WITH a AS (SELECT 1) UPDATE payments SET b = 1",
            "CREATE UNIQUE INDEX a ON b (c)",
        ] {
            assert!(is_statement(text), "{text}");
        }
    }

    #[test]
    fn sentences_are_not_statements() {
        for text in [
            "",
            "SELECT",
            "choose or select a payment from the list",
            "update the file, then set the date",
            "Delete from here",
            "insert the card into the reader",
            "the UPDATE was refused",
        ] {
            assert!(!is_statement(text), "{text}");
        }
    }

    #[test]
    fn a_statement_in_a_page_is_found() {
        let tree = Tree::of(&[(
            "crates/edge/src/page.rs",
            "//! x\nfn a() {\n    run(\"SELECT id FROM payments\");\n}\n",
        )]);
        let found = only_in_store(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 3);
    }

    #[test]
    fn store_the_simulated_bank_and_tests_may() {
        let text = "//! x\nconst A: &str = \"SELECT id FROM payments\";\n";
        let hidden = "//! x\n// \"SELECT id FROM payments\"\n#[cfg(test)]\nmod tests { const A: &str = \"DELETE FROM payments\"; }\n";
        let tree = Tree::of(&[
            ("crates/store/src/a.rs", text),
            ("crates/channels/src/sandbox/book.rs", text),
            ("crates/flow/tests/a.rs", text),
            ("crates/flow/src/b.rs", hidden),
        ]);
        assert_eq!(only_in_store(&tree), []);
    }
}
