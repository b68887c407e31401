//! No secret is ever committed: private keys and access keys of services, by their shape.
//!
//! Published test keys have their place in `tests/vectors/`, next to the sentence that says where they are from.

use super::Finding;
use crate::tree::Tree;

/// How access keys of well known services begin, and how many letters or digits follow at least.
const ACCESS_KEYS: &[(&str, usize)] = &[
    ("AKIA", 16),
    ("ghp_", 30),
    ("github_pat_", 30),
    ("glpat-", 20),
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("xoxb-", 20),
    ("AIza", 30),
];

/// Nothing that looks like a secret outside the test vectors.
pub(super) fn committed(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| !file.path.contains("tests/vectors/")) {
        let lines: Vec<&str> = file.text().lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let next = lines.get(at.saturating_add(1)).copied().unwrap_or_default();
            if begins_private_key(line, next) {
                findings.push(Finding::new(
                    &file.path,
                    at.saturating_add(1),
                    "a private key; published test keys belong into tests/vectors/",
                ));
            }
            if ACCESS_KEYS
                .iter()
                .any(|(start, length)| holds_key(line, start, *length))
            {
                findings.push(Finding::new(
                    &file.path,
                    at.saturating_add(1),
                    "looks like an access key; revoke it, then remove it",
                ));
            }
        }
    }
    findings
}

/// The first line of a PEM block with its key behind it. The bare marker is no secret: code that writes keys has it too.
fn begins_private_key(line: &str, next: &str) -> bool {
    let Some((_, after)) = line.split_once("-----BEGIN ") else {
        return false;
    };
    let Some((_, after)) = after.split_once("PRIVATE KEY-----") else {
        return false;
    };
    let body = after.trim_start_matches("\\n");
    run_of_base64(body) >= 32
        || run_of_base64(next.trim_start_matches(|c: char| c.is_whitespace() || "\"'#/*".contains(c))) >= 32
}

fn run_of_base64(text: &str) -> usize {
    text.chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "+/=".contains(*c))
        .count()
}

fn holds_key(line: &str, start: &str, length: usize) -> bool {
    line.match_indices(start).any(|(at, _)| {
        let word = line
            .get(..at)
            .and_then(|before| before.chars().next_back())
            .is_none_or(|c| !c.is_ascii_alphanumeric());
        let after = line.get(at.saturating_add(start.len())..).unwrap_or_default();
        word && after
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c))
            .count()
            >= length
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKER: &str = concat!("-----BEGIN ", "PRIVATE KEY-----");

    #[test]
    fn a_private_key_is_found_as_a_block_and_in_one_line() {
        let body = "MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for text in [
            format!("x\n{MARKER}\n{body}\n"),
            format!("x\nlet key = \"{MARKER}\\n{body}\\n\";\n"),
            format!("x\n  # {MARKER}\n  # {body}\n"),
        ] {
            let found = committed(&Tree::of(&[
                ("crates/a/src/a.rs", &text),
                ("crates/a/tests/vectors/a.pem", &text),
            ]));
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].line, 2);
        }
    }

    #[test]
    fn the_marker_alone_is_no_secret() {
        let text = format!("let begin = \"{MARKER}\";\nwrite(begin);\n");
        assert_eq!(committed(&Tree::of(&[("a.rs", &text)])), []);
    }

    #[test]
    fn access_keys_are_found_by_their_beginning() {
        let text = format!("id = {}{}\n", "AKIA", "ABCDEFGHIJKLMNOP");
        assert_eq!(committed(&Tree::of(&[("a.toml", &text)])).len(), 1);
        assert_eq!(
            committed(&Tree::of(&[(
                "a.toml",
                "AKIA is a beginning, XAKIAABCDEFGHIJKLMNOP is not"
            )])),
            []
        );
    }
}
