//! The lint settings of the pure crates: one text, and nothing of the workspace's settings is lost.
//!
//! Clippy takes the nearest `clippy.toml` and does not merge it with the one above it. So each pure crate holds the
//! whole text again, and this rule keeps the copies alike.

use super::{Finding, edges};
use crate::tree::{File, Tree};

const WORKSPACE: &str = "clippy.toml";
const FIRST: &str = "crates/vocab/clippy.toml";

/// All pure crates have the same settings, and these contain every setting of the workspace.
pub(super) fn repeated(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(first) = tree.file(FIRST) else {
        return if tree.file(WORKSPACE).is_some() {
            vec![Finding::new(FIRST, 1, "pure crates need their stricter clippy.toml")]
        } else {
            findings
        };
    };
    for name in edges::PURE {
        let path = format!("crates/{name}/clippy.toml");
        if tree.file(&path).map(File::text) != Some(first.text()) {
            findings.push(Finding::new(
                &path,
                1,
                format!("differs from {FIRST}; pure crates share one text, copy it"),
            ));
        }
    }
    let workspace = tree.file(WORKSPACE).map(File::text).unwrap_or_default();
    for (at, line) in workspace.lines().enumerate() {
        let setting = line.trim();
        if !setting.is_empty()
            && !setting.starts_with('#')
            && !first.text().lines().any(|other| other.trim() == setting)
        {
            findings.push(Finding::new(
                WORKSPACE,
                at.saturating_add(1),
                format!("{FIRST} lacks this line; clippy does not merge the two"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(workspace: &str, odd: &str) -> Tree {
        let strict = "a = true\n# why\nb = [\n  { path = \"x\" },\n  { path = \"y\" },\n]\n";
        let mut files = vec![(WORKSPACE.to_owned(), workspace.to_owned())];
        files.extend(
            edges::PURE
                .iter()
                .map(|name| (format!("crates/{name}/clippy.toml"), strict.to_owned())),
        );
        files.push(("crates/ledger/clippy.toml".to_owned(), odd.to_owned()));
        if !odd.is_empty() {
            files.retain(|(path, text)| path != "crates/ledger/clippy.toml" || text == odd);
        } else {
            files.pop();
        }
        Tree::of(
            &files
                .iter()
                .map(|(path, text)| (path.as_str(), text.as_str()))
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn settings_that_agree_are_fine() {
        assert_eq!(
            repeated(&tree("# other words\na = true\nb = [\n    { path = \"x\" },\n]\n", "")),
            []
        );
    }

    #[test]
    fn a_setting_that_is_lost_is_found_on_its_line() {
        let found = repeated(&tree("a = true\nc = true\n", ""));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].path.as_str(), found[0].line), (WORKSPACE, 2));
    }

    #[test]
    fn a_crate_that_went_its_own_way_is_found() {
        assert_eq!(
            repeated(&tree("a = true\n", "a = false\n"))[0].path,
            "crates/ledger/clippy.toml"
        );
    }
}
