//! The repository as the rules see it: its files with their texts, its packages and their edges.
//!
//! Files come from git (tracked, and new ones that are not ignored); packages from `cargo metadata`, so that no
//! second reading of manifests can disagree with cargo's own.

use crate::process;
use serde_json::Value;
use std::path::Path;

/// One file.
#[derive(Debug)]
pub(crate) struct File {
    /// From the top folder, with `/`.
    pub(crate) path: String,
    /// Size in bytes.
    pub(crate) size: u64,
    /// Nothing if it is not UTF-8.
    pub(crate) text: Option<String>,
}

impl File {
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The last part of the path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// True for files that exist for tests only.
    pub(crate) fn is_test(&self) -> bool {
        self.path
            .split('/')
            .any(|part| part == "tests" || part == "tests.rs" || part == "benches")
    }

    /// The text, empty for a file that is not text.
    pub(crate) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}

/// What a dependency is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Normal,
    Dev,
    Build,
}

/// A package with what its manifest says.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Path of the manifest from the top folder.
    pub(crate) manifest: String,
    pub(crate) dependencies: Vec<(String, Need)>,
    /// Names of its binaries and the files they start in.
    pub(crate) bins: Vec<(String, String)>,
}

/// Everything the rules may ask about.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
    /// The members of the workspace.
    pub(crate) packages: Vec<Package>,
    /// The package of the fuzz targets, which stands outside the workspace.
    pub(crate) fuzz: Option<Package>,
}

impl Tree {
    /// Reads the repository at `root`.
    pub(crate) fn read(root: &Path) -> Result<Self, String> {
        let mut names = String::from_utf8(process::output(process::command("git", root).args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]))?)
        .map_err(|_| "a file name is not UTF-8; rename it".to_owned())?
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect::<Vec<_>>();
        names.sort();
        names.dedup();
        let files = names.into_iter().filter_map(|path| read_file(root, path)).collect();
        let packages = metadata(root, "Cargo.toml")?;
        let fuzz = if root.join("fuzz/Cargo.toml").is_file() {
            metadata(root, "fuzz/Cargo.toml")?.pop()
        } else {
            None
        };
        Ok(Self { files, packages, fuzz })
    }

    /// The file at this path.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The line of `path` that begins with `start`, from 1; 1 if there is none.
    pub(crate) fn line_of(&self, path: &str, start: &str) -> usize {
        let text = self.file(path).map(File::text).unwrap_or_default();
        text.lines()
            .position(|line| line.trim_start().starts_with(start))
            .map_or(1, |at| at.saturating_add(1))
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            size: u64::try_from(text.len()).unwrap(),
            text: Some((*text).to_owned()),
        };
        Self {
            files: files.iter().map(file).collect(),
            ..Self::default()
        }
    }
}

/// Nothing for what git still lists but is deleted, and for links and submodules.
fn read_file(root: &Path, path: String) -> Option<File> {
    let place = root.join(&path);
    let about = std::fs::symlink_metadata(&place).ok()?;
    let text = if about.is_file() {
        String::from_utf8(std::fs::read(&place).ok()?).ok()
    } else {
        return None;
    };
    Some(File {
        path,
        size: about.len(),
        text,
    })
}

fn metadata(root: &Path, manifest: &str) -> Result<Vec<Package>, String> {
    let json = process::output(process::cargo(root).args([
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
        "--manifest-path",
        manifest,
    ]))?;
    let json: Value = serde_json::from_slice(&json).map_err(|error| format!("cargo metadata: {error}"))?;
    packages(&json, &format!("{}/", root.display()))
}

/// The packages of a `cargo metadata` answer; `prefix` is cut off the paths.
pub(crate) fn packages(json: &Value, prefix: &str) -> Result<Vec<Package>, String> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let list = |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let inside = |path: String| path.strip_prefix(prefix).map(str::to_owned).unwrap_or(path);
    let package = |value: &Value| {
        let dependency = |value: &Value| {
            let need = match value.get("kind").and_then(Value::as_str) {
                Some("dev") => Need::Dev,
                Some("build") => Need::Build,
                _ => Need::Normal,
            };
            Some((text(value, "name")?, need))
        };
        let bin = |value: &Value| {
            let is_bin = list(value, "kind").iter().any(|kind| kind.as_str() == Some("bin"));
            is_bin
                .then(|| Some((text(value, "name")?, inside(text(value, "src_path")?))))
                .flatten()
        };
        Some(Package {
            name: text(value, "name")?,
            manifest: inside(text(value, "manifest_path")?),
            dependencies: list(value, "dependencies").iter().filter_map(dependency).collect(),
            bins: list(value, "targets").iter().filter_map(bin).collect(),
        })
    };
    list(json, "packages")
        .iter()
        .map(|value| package(value).ok_or_else(|| "cargo metadata: a package has no name".to_owned()))
        .collect()
}
