//! Relative links of the documents lead somewhere, down to the heading.

use super::Finding;
use crate::tree::Tree;

/// Every relative link in a document resolves to a file or folder of the repository and, if it names one, to a heading.
pub(super) fn resolve(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| {
        file.path.ends_with(".md") && !file.path.contains("/vectors/") && !file.path.contains("/vendor/")
    }) {
        for (line, link) in links(file.text()) {
            if link.contains("://") || link.starts_with("mailto:") || link.starts_with('/') {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() {
                Some(file.path.clone())
            } else {
                joined(&file.path, path)
            };
            let Some(target) = target.filter(|target| exists(tree, target)) else {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    format!("the link to `{link}` leads nowhere"),
                ));
                continue;
            };
            if !heading.is_empty() && target.ends_with(".md") && !has_heading(tree, &target, heading) {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    format!("`{target}` has no heading `#{heading}`"),
                ));
            }
        }
    }
    findings
}

/// The targets of inline links and of reference definitions, with their lines; code is no link.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        let at = at.saturating_add(1);
        for (start, _) in line.match_indices("](") {
            let inside_code = line.get(..start).unwrap_or_default().matches('`').count() % 2 == 1;
            let target = line
                .get(start.saturating_add(2)..)
                .and_then(|after| after.split([')', ' ']).next())
                .unwrap_or_default();
            if !target.is_empty() && !inside_code {
                found.push((at, target));
            }
        }
        if let Some((_, target)) = line.strip_prefix('[').and_then(|line| line.split_once("]: ")) {
            found.push((at, target.split_whitespace().next().unwrap_or_default()));
        }
    }
    found
}

/// `path` as seen from the folder of `from`; nothing if it leads above the top folder.
fn joined(from: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn exists(tree: &Tree, target: &str) -> bool {
    let folder = format!("{target}/");
    target.is_empty()
        || tree
            .files
            .iter()
            .any(|file| file.path == target || file.path.starts_with(&folder))
}

/// Headings are linked in small letters, with dashes for spaces and without punctuation.
fn has_heading(tree: &Tree, path: &str, wanted: &str) -> bool {
    let text = tree.file(path).map(crate::tree::File::text).unwrap_or_default();
    text.lines().filter(|line| line.starts_with('#')).any(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let slug: String = words
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .collect();
        slug.replace(' ', "-") == wanted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let tree = Tree::of(&[
            ("docs/a.md", text),
            ("docs/b/c.md", "# One, two\n"),
            ("README.md", "# Top\n"),
        ]);
        resolve(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found_on_its_line() {
        assert_eq!(
            found("text\n[x](b/d.md)\n"),
            ["docs/a.md:2: the link to `b/d.md` leads nowhere"]
        );
        assert_eq!(found("[x]: ../nothing.md\n").len(), 1);
        assert_eq!(found("[x](../../../README.md)\n").len(), 1);
    }

    #[test]
    fn links_that_lead_somewhere_are_not() {
        let text = "# Mine\n[a](b/c.md) [b](../README.md#top) [c](b/) [d](#mine) ![e](b/c.md \"t\") [f](https://example.org/x) [g](mailto:a@example.org)\n";
        assert_eq!(found(text), Vec::<String>::new());
    }

    #[test]
    fn a_heading_that_is_not_there_is_found() {
        assert_eq!(
            found("[x](b/c.md#one-two)\n[y](b/c.md#three)\n"),
            ["docs/a.md:2: `docs/b/c.md` has no heading `#three`"]
        );
    }

    #[test]
    fn code_is_no_link() {
        assert_eq!(
            found("`[x](nothing.md)`\n```\n[y](nothing.md)\n```\n"),
            Vec::<String>::new()
        );
    }
}
