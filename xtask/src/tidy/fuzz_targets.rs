//! Every fuzz target is built: a file without its entry in the manifest would quietly never run.

use super::Finding;
use crate::tree::Tree;

const FOLDER: &str = "fuzz/fuzz_targets/";
const MANIFEST: &str = "fuzz/Cargo.toml";

/// Files and binaries of the fuzz package are the same set, under the same names.
pub(super) fn built(tree: &Tree) -> Vec<Finding> {
    let bins = tree
        .fuzz
        .as_ref()
        .map(|package| package.bins.as_slice())
        .unwrap_or_default();
    let mut findings = Vec::new();
    for file in tree
        .files
        .iter()
        .filter(|file| file.path.starts_with(FOLDER) && file.is_rust())
    {
        let stem = file.name().trim_end_matches(".rs");
        if !bins.iter().any(|(name, path)| name == stem && *path == file.path) {
            findings.push(Finding::new(
                &file.path,
                1,
                format!("no [[bin]] named `{stem}` in {MANIFEST}; it would never run"),
            ));
        }
    }
    for (name, path) in bins {
        if tree.file(path).is_none() {
            let line = tree.line_of(MANIFEST, &format!("name = \"{name}\""));
            findings.push(Finding::new(
                MANIFEST,
                line,
                format!("the file of `{name}` does not exist"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Package;

    fn tree(files: &[(&str, &str)], bins: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::of(files);
        let bins = bins
            .iter()
            .map(|(name, path)| ((*name).to_owned(), (*path).to_owned()))
            .collect();
        tree.fuzz = Some(Package {
            name: "fuzz".to_owned(),
            manifest: MANIFEST.to_owned(),
            dependencies: Vec::new(),
            bins,
        });
        tree
    }

    #[test]
    fn a_target_without_its_bin_is_found() {
        let files = [("fuzz/fuzz_targets/csv.rs", ""), ("fuzz/fuzz_targets/tile.rs", "")];
        let found = built(&tree(&files, &[("csv", "fuzz/fuzz_targets/csv.rs")]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "fuzz/fuzz_targets/tile.rs");
    }

    #[test]
    fn a_bin_without_its_file_is_found() {
        assert_eq!(
            built(&tree(
                &[(MANIFEST, "\n[[bin]]\nname = \"csv\"\n")],
                &[("csv", "fuzz/fuzz_targets/csv.rs")]
            ))[0]
                .line,
            3
        );
    }

    #[test]
    fn targets_without_any_manifest_are_found() {
        assert_eq!(built(&Tree::of(&[("fuzz/fuzz_targets/csv.rs", "")])).len(), 1);
    }
}
