//! Who may import whom: arrows point down, pure crates see only words, and only one crate talks to a database.
//!
//! The table is the diagram of `ARCHITECTURE.md`. Development dependencies are exempt: a test may look anywhere.

use super::Finding;
use crate::tree::{Need, Package, Tree};

/// What a crate may import of our own crates.
enum May {
    /// These and nothing else.
    See(&'static [&'static str]),
    /// Everything but what is for development only.
    SeeAll,
    /// Everything; and no other crate may import it except as a development dependency.
    Develop,
}

const EDGES: &[(&str, May)] = &[
    ("vocab", May::See(&[])),
    ("formats", May::See(&["vocab"])),
    ("signing", May::See(&["vocab"])),
    ("keys", May::See(&["vocab"])),
    ("identity", May::See(&["vocab"])),
    ("payment", May::See(&["vocab"])),
    ("ledger", May::See(&["vocab"])),
    ("evidence", May::See(&["vocab"])),
    ("archive", May::See(&[])),
    ("store", May::See(&["vocab", "archive"])),
    (
        "flow",
        May::See(&[
            "vocab", "formats", "signing", "keys", "identity", "payment", "ledger", "evidence", "archive", "store",
        ]),
    ),
    ("channels", May::See(&["vocab", "formats"])),
    ("edge", May::See(&["vocab", "flow", "signing"])),
    ("countersign", May::SeeAll),
    ("testkit", May::Develop),
    ("sim", May::Develop),
    ("bench", May::Develop),
    ("torture", May::Develop),
    ("cluster", May::Develop),
    ("xtask", May::See(&["cluster"])),
];

/// Crates without clock, randomness, input and output.
pub(super) const PURE: &[&str] = &[
    "vocab", "formats", "signing", "keys", "identity", "payment", "ledger", "evidence", "archive",
];

/// Packages from outside that bring a world with them, which pure crates must not have. A trailing `*` stands for anything.
const WORLD: &[&str] = &[
    "tokio*",
    "futures*",
    "async-*",
    "axum*",
    "hyper*",
    "tower*",
    "reqwest",
    "rustls*",
    "rusqlite",
    "postgres*",
    "tracing*",
    "metrics*",
    "rand",
    "rand_*",
    "getrandom",
    "fastrand",
    "uuid",
    "tempfile",
    "rust-embed",
];

/// Packages that talk to a database, and who may have them. `channels` keeps the simulated bank's own book.
const DATABASES: &[&str] = &["rusqlite", "postgres*", "tokio-postgres*", "sqlx*", "diesel*"];
const DATABASE_USERS: &[&str] = &["store", "channels", "testkit", "sim", "bench"];

/// Every edge between our own crates is in the table.
pub(super) fn allowed(tree: &Tree) -> Vec<Finding> {
    let ours: Vec<_> = tree.packages.iter().map(|package| package.name.as_str()).collect();
    let mut findings = Vec::new();
    for package in &tree.packages {
        let Some((_, may)) = EDGES.iter().find(|(name, _)| *name == package.name) else {
            findings.push(Finding::new(
                &package.manifest,
                1,
                format!(
                    "crate `{}` has no row in the table of edges (xtask/src/tidy/edges.rs); say what it may import",
                    package.name
                ),
            ));
            continue;
        };
        for dependency in product_dependencies(package).filter(|name| ours.contains(name)) {
            let fine = match may {
                May::See(list) => list.contains(&dependency),
                May::SeeAll => !for_development(dependency),
                May::Develop => true,
            };
            if !fine {
                findings.push(at_dependency(
                    tree,
                    package,
                    dependency,
                    format!(
                        "`{}` must not import `{dependency}`; arrows point down, see ARCHITECTURE.md",
                        package.name
                    ),
                ));
            }
        }
    }
    findings
}

/// Pure crates bring no world with them, and databases are behind `store`.
pub(super) fn outside(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &tree.packages {
        let name = package.name.as_str();
        for dependency in product_dependencies(package) {
            if PURE.contains(&name) && matches(WORLD, dependency) {
                let sentence = format!(
                    "`{name}` is pure and must not depend on `{dependency}`; hand in what it needs as an argument"
                );
                findings.push(at_dependency(tree, package, dependency, sentence));
            } else if matches(DATABASES, dependency) && !DATABASE_USERS.contains(&name) {
                let sentence =
                    format!("`{name}` must not talk to a database through `{dependency}`; SQL lives in `store`");
                findings.push(at_dependency(tree, package, dependency, sentence));
            }
        }
    }
    findings
}

/// Faults are planned by the simulator alone: no other crate may turn on what lets them in.
pub(super) fn faults(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in tree
        .packages
        .iter()
        .filter(|package| !["store", "sim"].contains(&package.name.as_str()))
    {
        let manifest = tree.file(&package.manifest).map(|file| file.text()).unwrap_or_default();
        for (at, line) in manifest.lines().enumerate() {
            if line.contains("\"faults\"") || line.contains("store/faults") {
                findings.push(Finding::new(
                    &package.manifest,
                    at.saturating_add(1),
                    "only the simulator turns on `faults`; a product must not be able to break its own transactions",
                ));
            }
        }
    }
    findings
}

fn product_dependencies(package: &Package) -> impl Iterator<Item = &str> {
    package
        .dependencies
        .iter()
        .filter(|(_, need)| *need != Need::Dev)
        .map(|(name, _)| name.as_str())
}

fn for_development(name: &str) -> bool {
    EDGES
        .iter()
        .any(|(known, may)| *known == name && matches!(may, May::Develop))
}

fn matches(patterns: &[&str], name: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => *pattern == name,
    })
}

fn at_dependency(tree: &Tree, package: &Package, dependency: &str, sentence: String) -> Finding {
    Finding::new(&package.manifest, tree.line_of(&package.manifest, dependency), sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::packages;
    use serde_json::json;

    fn tree(name: &str, dependencies: &[(&str, Option<&str>)]) -> Tree {
        let dependencies: Vec<_> = dependencies
            .iter()
            .map(|(name, kind)| json!({"name": name, "kind": kind}))
            .collect();
        let list = json!({"packages": [
            {"name": name, "manifest_path": format!("/x/crates/{name}/Cargo.toml"), "targets": [], "dependencies": dependencies},
            {"name": "vocab", "manifest_path": "/x/crates/vocab/Cargo.toml", "targets": [], "dependencies": []},
            {"name": "store", "manifest_path": "/x/crates/store/Cargo.toml", "targets": [], "dependencies": []},
            {"name": "testkit", "manifest_path": "/x/crates/testkit/Cargo.toml", "targets": [], "dependencies": []},
        ]});
        let text = "[package]\n\n[dependencies]\nvocab.workspace = true\nstore.workspace = true\ntokio = \"1\"\n";
        let mut tree = Tree::of(&[(&format!("crates/{name}/Cargo.toml"), text)]);
        tree.packages = packages(&list, "/x/").unwrap();
        tree
    }

    #[test]
    fn a_pure_crate_that_imports_rows_is_found_on_its_line() {
        let found = allowed(&tree("payment", &[("vocab", None), ("store", None)]));
        assert_eq!(found.len(), 1);
        assert!(
            found[0]
                .to_string()
                .starts_with("crates/payment/Cargo.toml:5: `payment` must not import `store`")
        );
    }

    #[test]
    fn tests_may_import_anything() {
        let tree = tree("payment", &[("store", Some("dev")), ("tokio", Some("dev"))]);
        assert_eq!(allowed(&tree), []);
        assert_eq!(outside(&tree), []);
    }

    #[test]
    fn the_product_does_not_import_what_is_for_development() {
        assert_eq!(allowed(&tree("countersign", &[("testkit", None)])).len(), 1);
        assert_eq!(allowed(&tree("countersign", &[("store", None)])), []);
        assert_eq!(allowed(&tree("bench", &[("testkit", None)])), []);
    }

    #[test]
    fn only_the_simulator_plans_faults() {
        let text = "[package]\n[dependencies]\nstore = { workspace = true, features = [\"faults\"] }\n";
        for (name, findings) in [("countersign", 1), ("sim", 0)] {
            let mut tree = tree(name, &[("store", None)]);
            tree.files = Tree::of(&[(&format!("crates/{name}/Cargo.toml"), text)]).files;
            assert_eq!(faults(&tree).len(), findings, "{name}");
        }
    }

    #[test]
    fn build_scripts_are_no_way_around() {
        assert_eq!(allowed(&tree("payment", &[("store", Some("build"))])).len(), 1);
    }

    #[test]
    fn a_crate_without_a_row_is_asked_for_one() {
        assert!(allowed(&tree("novelty", &[]))[0].sentence.contains("no row"));
    }

    #[test]
    fn a_pure_crate_with_a_world_is_found() {
        let found = outside(&tree(
            "ledger",
            &[("tokio", None), ("tokio-util", None), ("jiff", None)],
        ));
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].line, 6);
    }

    #[test]
    fn only_store_has_a_database_driver() {
        assert_eq!(outside(&tree("flow", &[("rusqlite", None)])).len(), 1);
        assert_eq!(outside(&tree("channels", &[("rusqlite", None)])), []);
    }
}
