//! Files as wholes: their size, their length, their names.

use super::Finding;
use crate::tree::Tree;

const BYTES_MAX: u64 = 1024 * 1024;
const LINES_MAX: usize = 700;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc"];

/// No file above 1 MiB: a clone stays small for ever, or it never does.
pub(super) fn large(tree: &Tree) -> Vec<Finding> {
    tree.files
        .iter()
        .filter(|file| file.size > BYTES_MAX)
        .map(|file| {
            Finding::new(
                &file.path,
                1,
                format!("{} bytes; files above 1 MiB do not belong into git", file.size),
            )
        })
        .collect()
}

/// No file or folder of Rust with a name that fits everything.
pub(super) fn named_after_nothing(tree: &Tree) -> Vec<Finding> {
    let empty = |path: &str| {
        path.trim_end_matches(".rs")
            .split('/')
            .find(|part| EMPTY_NAMES.contains(part))
            .map(str::to_owned)
    };
    tree.files
        .iter()
        .filter(|file| file.is_rust())
        .filter_map(|file| {
            let name = empty(&file.path)?;
            Some(Finding::new(
                &file.path,
                1,
                format!("`{name}` fits everything; name it after its noun and keep it with that noun"),
            ))
        })
        .collect()
}

/// No Rust file that nobody reads to the end.
pub(super) fn long(tree: &Tree) -> Vec<Finding> {
    tree.files
        .iter()
        .filter(|file| file.is_rust())
        .filter_map(|file| {
            let lines = file.text().lines().count();
            let sentence = format!("{lines} lines; past {LINES_MAX} there are two nouns in a file");
            (lines > LINES_MAX).then(|| Finding::new(&file.path, LINES_MAX, sentence))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::File;

    #[test]
    fn a_large_file_is_found_by_its_size() {
        let mut tree = Tree::of(&[("a.bin", "")]);
        tree.files.push(File {
            path: "b.bin".to_owned(),
            size: BYTES_MAX + 1,
            text: None,
        });
        let found = large(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "b.bin");
    }

    #[test]
    fn names_that_fit_everything_are_found_in_files_and_folders() {
        let tree = Tree::of(&[
            ("crates/a/src/helpers.rs", ""),
            ("crates/a/tests/common/mod.rs", ""),
            ("crates/a/src/commonwealth.rs", ""),
            ("docs/misc/a.md", ""),
        ]);
        assert_eq!(named_after_nothing(&tree).len(), 2);
    }

    #[test]
    fn a_long_file_is_found() {
        let (fine, long_one) = ("//\n".repeat(LINES_MAX), "//\n".repeat(LINES_MAX + 1));
        let found = long(&Tree::of(&[("a.rs", &fine), ("b.rs", &long_one), ("c.md", &long_one)]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "b.rs");
    }
}
