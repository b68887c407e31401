//! Every Rust file opens with a module comment: what this is, where it stands, what it must never do.

use super::Finding;
use crate::tree::Tree;

/// The first line is a `//!` comment with words in it.
pub(super) fn module_comment(tree: &Tree) -> Vec<Finding> {
    tree.files
        .iter()
        .filter(|file| file.is_rust())
        .filter(|file| {
            let first = file.text().lines().next().unwrap_or_default();
            first.strip_prefix("//!").is_none_or(|words| words.trim().is_empty())
        })
        .map(|file| {
            Finding::new(
                &file.path,
                1,
                "the file does not open with a `//!` comment that says what it is",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_an_opening_is_found() {
        let tree = Tree::of(&[
            ("a.rs", "//! Words.\n"),
            ("b.rs", "use a;\n//! Too late.\n"),
            ("c.rs", "//!\n//! Words.\n"),
            ("d.rs", ""),
            ("e.txt", "no Rust"),
        ]);
        let found: Vec<_> = module_comment(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["b.rs", "c.rs", "d.rs"]);
    }
}
