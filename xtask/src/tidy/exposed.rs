//! The places that look into a secret: a committed list, so that a new one is seen by whoever reads the change.

use super::Finding;
use crate::source::{self, Token};
use crate::tree::Tree;

/// Where the list is kept.
pub(crate) const LIST: &str = "xtask/golden/expose.txt";

/// The call sites equal the list.
pub(super) fn as_listed(tree: &Tree) -> Vec<Finding> {
    let listed: Vec<&str> = tree
        .file(LIST)
        .map(|file| file.text().lines().collect())
        .unwrap_or_default();
    let sites = sites(tree);
    let mut findings = Vec::new();
    let mut open = listed.clone();
    for site in &sites {
        match open.iter().position(|line| *line == site.name) {
            Some(at) => {
                open.swap_remove(at);
            }
            None => findings.push(Finding::new(
                &site.path,
                site.line,
                format!(
                    "`{}` opens a secret and is not in {LIST}; if it must, run `cargo xtask golden`",
                    site.name
                ),
            )),
        }
    }
    for gone in open {
        let line = listed
            .iter()
            .position(|line| *line == gone)
            .map_or(1, |at| at.saturating_add(1));
        findings.push(Finding::new(
            LIST,
            line,
            format!("`{gone}` opens no secret any more; run `cargo xtask golden`"),
        ));
    }
    findings
}

/// The list as it should be: one line for each call site, sorted.
pub(crate) fn listing(tree: &Tree) -> String {
    let mut names: Vec<_> = sites(tree).into_iter().map(|site| site.name).collect();
    names.sort();
    names.into_iter().fold(String::new(), |list, name| list + &name + "\n")
}

struct Site {
    /// `path function`: a line number would change with every edit above it.
    name: String,
    path: String,
    line: usize,
}

fn sites(tree: &Tree) -> Vec<Site> {
    let mut sites = Vec::new();
    for file in tree
        .files
        .iter()
        .filter(|file| file.is_rust() && !file.is_test() && file.path.starts_with("crates/"))
    {
        let tokens = source::lex(file.text());
        let product = source::product(&tokens);
        let mut function = "-";
        for window in product.windows(2) {
            let [before, token] = window else { continue };
            if before.is_word("fn") {
                function = token.text;
            } else if opens(before, token) {
                sites.push(Site {
                    name: format!("{} {function}", file.path),
                    path: file.path.clone(),
                    line: token.line,
                });
            }
        }
    }
    sites
}

/// `.expose…` and `Secret::expose…`, as a call or as a value.
fn opens(before: &Token<'_>, token: &Token<'_>) -> bool {
    (before.is_sign(".") || before.is_sign(":")) && (token.is_word("expose") || token.text.starts_with("expose_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "//! x\nfn seal(key: &Secret) {\n    open(key.expose());\n}\nfn all(keys: &[Secret]) {\n    keys.iter().map(Secret::expose);\n}\n\
                        fn expose() {}\n#[cfg(test)]\nmod tests { fn a() { b.expose() } }\n";

    #[test]
    fn calls_and_paths_are_listed_by_function_but_not_the_definition_nor_tests() {
        let tree = Tree::of(&[("crates/keys/src/a.rs", CODE), ("crates/keys/tests/b.rs", CODE)]);
        assert_eq!(listing(&tree), "crates/keys/src/a.rs all\ncrates/keys/src/a.rs seal\n");
    }

    #[test]
    fn a_new_place_is_found_where_it_is() {
        let tree = Tree::of(&[("crates/keys/src/a.rs", CODE), (LIST, "crates/keys/src/a.rs all\n")]);
        let found = as_listed(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].path.as_str(), found[0].line), ("crates/keys/src/a.rs", 3));
    }

    #[test]
    fn a_place_that_is_gone_is_found_in_the_list() {
        let listing = "crates/keys/src/a.rs all\ncrates/keys/src/a.rs seal\ncrates/keys/src/z.rs old\n";
        let found = as_listed(&Tree::of(&[("crates/keys/src/a.rs", CODE), (LIST, listing)]));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].path.as_str(), found[0].line), (LIST, 3));
    }

    #[test]
    fn a_second_call_in_the_same_function_is_a_new_place() {
        let code = "//! x\nfn seal(key: &Secret) { open(key.expose()); print(key.expose()); }\n";
        let found = as_listed(&Tree::of(&[
            ("crates/keys/src/a.rs", code),
            (LIST, "crates/keys/src/a.rs seal\n"),
        ]));
        assert_eq!(found.len(), 1);
    }
}
