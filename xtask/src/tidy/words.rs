//! Words that do not belong into the tree: marks of unfinished work, silenced lints, signatures, paths of one machine.
//!
//! In Rust the comments (and where it says so the texts) are read, elsewhere every line. The words stand here in two
//! halves where the rule would otherwise find itself.

use super::Finding;
use crate::source::{self, Kind};
use crate::tree::{File, Tree};

const TODO_KINDS: &[&str] = &["-correctness", "-security", "-speed"];
const NOT_DONE: &str = "is a mark of unfinished work; finish it, or leave it out and say so in the change";

/// Signatures of tools and numbers of trackers: a line is judged by what it says, wherever it came from.
const SIGNATURES: &[&str] = &[
    concat!("A", "I"),
    concat!("L", "LM"),
    concat!("Cla", "ude"),
    concat!("Anth", "ropic"),
    concat!("Open", "AI"),
    concat!("Chat", "GPT"),
    concat!("Copi", "lot"),
    concat!("language ", "model"),
    concat!("Co-authored", "-by"),
];

const MACHINE_PATHS: &[&str] = &[concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/")];

/// No open end without a kind, and none of the words that announce one.
pub(super) fn unfinished(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| is_ours(file)) {
        for (line, text, kind) in pieces(file) {
            for at in words_at(text, concat!("TO", "DO")) {
                let after = text.get(at.saturating_add(4)..).unwrap_or_default();
                if !TODO_KINDS.iter().any(|kind| after.starts_with(kind)) {
                    let sentence = "an open end needs its kind: -correctness, -security or -speed";
                    findings.push(Finding::new(&file.path, line, sentence));
                }
            }
            for word in [concat!("FIX", "ME"), concat!("HA", "CK")] {
                for _ in words_at(text, word) {
                    findings.push(Finding::new(&file.path, line, format!("`{word}` {NOT_DONE}")));
                }
            }
            // The same three letters are the code of "no currency" and end the BIC of a head office; both stand in quotes.
            let three = concat!("X", "XX");
            if kind != Piece::Text && words_at(text, three).any(|at| !quoted(text, at)) {
                findings.push(Finding::new(&file.path, line, format!("`{three}` {NOT_DONE}")));
            }
            // Pages have attributes and selectors of this name, so it counts in prose only.
            for phrase in [concat!("place", "holder"), concat!("for ", "now")] {
                if kind == Piece::Prose && words_at(&text.to_ascii_lowercase(), phrase).next().is_some() {
                    findings.push(Finding::new(&file.path, line, format!("`{phrase}` {NOT_DONE}")));
                }
            }
        }
    }
    findings
}

/// Lints are overridden with `#[expect(…, reason)]`, which complains when its reason is gone.
pub(super) fn overrides(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| file.is_rust()) {
        let tokens: Vec<_> = source::lex(file.text())
            .into_iter()
            .filter(|token| token.kind != Kind::Comment)
            .collect();
        for window in tokens.windows(4) {
            if let [hash, bracket, allow, open] = window
                && (hash.is_sign("#") || hash.is_sign("!"))
                && bracket.is_sign("[")
                && allow.is_word("allow")
                && open.is_sign("(")
            {
                let sentence = "a lint is overridden with `#[expect(lint, reason = \"…\")]`, not with `allow`";
                findings.push(Finding::new(&file.path, hash.line, sentence));
            }
        }
    }
    findings
}

/// No signatures of tools, no numbers of an issue tracker.
pub(super) fn origin(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| is_ours(file)) {
        for (line, text, kind) in pieces(file) {
            let named = SIGNATURES
                .iter()
                .any(|word| kind == Piece::Prose && words_at(text, word).next().is_some());
            if named || (kind == Piece::Prose && names_issue(text)) {
                let sentence =
                    "the tree says what the product is, not how it came about; leave the signature or number out";
                findings.push(Finding::new(&file.path, line, sentence));
            }
        }
    }
    findings
}

/// No absolute paths of the machine something was written on.
pub(super) fn machine_paths(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| is_ours(file)) {
        for (line, text, _) in pieces(file) {
            for path in MACHINE_PATHS {
                let begins = |(at, _): (usize, &str)| {
                    text.get(..at)
                        .unwrap_or_default()
                        .chars()
                        .next_back()
                        .is_none_or(|c| !c.is_alphanumeric() && !"./-_}".contains(c))
                };
                if text.match_indices(path).any(begins) {
                    findings.push(Finding::new(
                        &file.path,
                        line,
                        format!("`{path}…` is a path of one machine; use one relative to the repository"),
                    ));
                }
            }
        }
    }
    findings
}

/// Where a piece of text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    /// Comments and documents.
    Prose,
    /// A string literal of Rust.
    Text,
    /// A line of another language, code and comments mixed.
    Mixed,
}

fn pieces(file: &File) -> Vec<(usize, &str, Piece)> {
    let lines = |first: usize, text, kind| -> Vec<(usize, &str, Piece)> {
        str::lines(text)
            .enumerate()
            .map(|(at, line)| (first.saturating_add(at), line, kind))
            .collect()
    };
    if file.is_rust() {
        let piece = |token: source::Token<'_>| match token.kind {
            Kind::Comment => Some(Piece::Prose),
            Kind::Text => Some(Piece::Text),
            Kind::Word | Kind::Sign | Kind::Other => None,
        };
        return source::lex(file.text())
            .into_iter()
            .filter_map(|token| piece(token).map(|kind| lines(token.line, token.text, kind)))
            .flatten()
            .collect();
    }
    lines(
        1,
        file.text(),
        if file.path.ends_with(".md") {
            Piece::Prose
        } else {
            Piece::Mixed
        },
    )
}

/// Not what others wrote: vendored files, test vectors, licences, lock files. Nor these rules themselves.
fn is_ours(file: &File) -> bool {
    let theirs = ["/vendor/", "/vectors/"].iter().any(|place| file.path.contains(place))
        || file.name().ends_with(".lock")
        || file.name() == "package-lock.json"
        || file.name().starts_with("LICENSE");
    !theirs && file.text.is_some()
}

/// Where `word` stands in `text` with no letter or digit on either side.
fn words_at<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        let after = text
            .get(at.saturating_add(word.len())..)
            .and_then(|after| after.chars().next());
        let joins = |c: char| c.is_alphanumeric() || c == '_';
        !before.is_some_and(joins) && !after.is_some_and(joins)
    })
}

/// True if the position is inside quotes or backticks of its line.
fn quoted(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    ['`', '"', '\'']
        .iter()
        .any(|mark| before.matches(*mark).count() % 2 == 1)
}

fn names_issue(text: &str) -> bool {
    words_at(text, "issue").any(|at| {
        let after = text.get(at.saturating_add(5)..).unwrap_or_default();
        let number = after
            .strip_prefix(" #")
            .or_else(|| after.strip_prefix(' '))
            .unwrap_or_default();
        number.starts_with(|c: char| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(words: &str) -> Tree {
        Tree::of(&[("a.rs", &format!("//! x\nfn a() {{}}\n// {words}\n"))])
    }

    #[test]
    fn an_open_end_needs_a_kind() {
        assert_eq!(unfinished(&comment(concat!("TO", "DO: later")))[0].line, 3);
        assert_eq!(unfinished(&comment(concat!("TO", "DO-speed later"))), []);
        assert_eq!(unfinished(&comment(concat!("TO", "DOS is a plural"))), []);
    }

    #[test]
    fn words_that_announce_unfinished_work_are_found() {
        for words in [
            concat!("FIX", "ME later"),
            concat!("a place", "holder"),
            concat!("enough for ", "now."),
            concat!("X", "XX see below"),
        ] {
            assert_eq!(unfinished(&comment(words)).len(), 1, "{words}");
            assert_eq!(unfinished(&Tree::of(&[("docs/a.md", words)])).len(), 1, "{words}");
        }
    }

    #[test]
    fn a_currency_code_and_an_attribute_of_a_page_are_not() {
        assert_eq!(
            unfinished(&comment(concat!("codes such as `X", "XX` and \"MARKDEF1X", "XX\""))),
            []
        );
        let code = concat!(
            "//! x\nconst A: &str = \"X",
            "XX\";\nfn a() { html! { input place",
            "holder=\"IBAN\"; } }\n"
        );
        assert_eq!(
            unfinished(&Tree::of(&[
                ("a.rs", code),
                ("a.css", concat!("::place", "holder { color: red }"))
            ])),
            []
        );
    }

    #[test]
    fn a_silenced_lint_is_found_in_code_only() {
        let tree = |code: &str| Tree::of(&[("a.rs", code)]);
        assert_eq!(overrides(&tree("//! x\n#[allow(dead_code)]\nfn a() {}\n"))[0].line, 2);
        assert_eq!(overrides(&tree("//! x\n#![allow(dead_code)]\n")).len(), 1);
        assert_eq!(
            overrides(&tree(
                "//! `#[allow(`\nconst A: &str = \"#[allow(x)]\";\n#[expect(x)]\nfn allow() {}\n"
            )),
            []
        );
    }

    #[test]
    fn signatures_and_numbers_of_issues_are_found() {
        for words in [
            concat!("written by an A", "I"),
            concat!("Co-authored", "-by: x"),
            "see issue #12",
            "as in issue 7",
        ] {
            assert_eq!(origin(&comment(words)).len(), 1, "{words}");
        }
        for words in [
            "user agent, debtor agent, session",
            "AIS is account information",
            "the issuer's issue date",
        ] {
            assert_eq!(origin(&comment(words)), [], "{words}");
        }
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        for words in [
            concat!("see /ro", "ot/a"),
            concat!("`/wo", "rk/main`"),
            concat!("(/ho", "me/x/y)"),
        ] {
            assert_eq!(machine_paths(&comment(words)).len(), 1, "{words}");
        }
        for words in [
            concat!("https://example.org/ho", "me/a"),
            concat!("../wo", "rk/a"),
            "the root / work",
        ] {
            assert_eq!(machine_paths(&comment(words)), [], "{words}");
        }
    }

    #[test]
    fn what_others_wrote_is_left_alone() {
        let text = concat!("FIX", "ME");
        assert_eq!(
            unfinished(&Tree::of(&[
                ("crates/edge/assets/vendor/a.js", text),
                ("crates/a/tests/vectors/b.md", text)
            ])),
            []
        );
    }
}
