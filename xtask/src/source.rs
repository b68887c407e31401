//! Rust source as the rules see it: words, signs, texts and comments with their lines.
//!
//! Just enough of a lexer to tell a word in a comment from one in a string literal from one in code. It never
//! fails: an unterminated text simply reaches to the end of the file, and the compiler will have said so already.

/// What a piece of source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An identifier or keyword.
    Word,
    /// One character of punctuation.
    Sign,
    /// The inside of a string literal (plain, raw, byte or C string), escapes as written.
    Text,
    /// A line or block comment with its slashes, documentation or not.
    Comment,
    /// Numbers, characters, lifetimes: nothing a rule asks about.
    Other,
}

/// One piece of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    /// The line it starts on, from 1.
    pub(crate) line: usize,
}

impl Token<'_> {
    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text == word
    }

    pub(crate) fn is_sign(&self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.text == sign
    }
}

/// Splits a file.
pub(crate) fn lex(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (source, 1);
    while let Some(first) = rest.chars().next() {
        let (kind, text, length) = piece(rest, first);
        if let Some(kind) = kind {
            tokens.push(Token { kind, text, line });
        }
        let (eaten, after) = cut(rest, length.max(first.len_utf8()));
        line = line.saturating_add(eaten.matches('\n').count());
        rest = after;
    }
    tokens
}

/// The pieces that are part of the product: everything but items behind `#[cfg(test)]`.
pub(crate) fn product<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut kept = Vec::new();
    let mut rest = tokens;
    while let Some((first, after)) = rest.split_first() {
        if first.is_sign("#") && test_attribute(after) {
            if after.first().is_some_and(|token| token.is_sign("!")) {
                return kept; // `#![cfg(test)]`: the whole file, or what is left of the module
            }
            rest = after_item(after);
        } else {
            kept.push(*first);
            rest = after;
        }
    }
    kept
}

/// True for the inside of `#[cfg(test)]`, `#[cfg(all(test, …))]`, but not of `#[cfg(not(test))]`.
fn test_attribute(tokens: &[Token<'_>]) -> bool {
    let mut inside = tokens
        .iter()
        .take_while(|token| !token.is_sign("]"))
        .filter(|token| token.kind == Kind::Word);
    inside.next().is_some_and(|word| word.text == "cfg") && {
        let words: Vec<_> = inside.map(|word| word.text).collect();
        words.contains(&"test") && !words.contains(&"not") && !words.contains(&"any")
    }
}

/// What follows the item that begins here: it ends with its block, or with a semicolon if it has none.
fn after_item<'a, 'b>(tokens: &'b [Token<'a>]) -> &'b [Token<'a>] {
    let mut depth = 0_usize;
    let mut rest = tokens;
    while let Some((token, after)) = rest.split_first() {
        rest = after;
        if ["{", "(", "["].iter().any(|open| token.is_sign(open)) {
            depth = depth.saturating_add(1);
        } else if ["}", ")", "]"].iter().any(|close| token.is_sign(close)) {
            depth = depth.saturating_sub(1);
            if depth == 0 && token.is_sign("}") {
                break;
            }
        } else if token.is_sign(";") && depth == 0 {
            break;
        }
    }
    rest
}

/// The piece at the start of `rest`: its kind (none for white space), its text, and how many bytes it takes.
fn piece(rest: &str, first: char) -> (Option<Kind>, &str, usize) {
    if first.is_whitespace() {
        return (None, "", first.len_utf8());
    }
    if rest.starts_with("//") {
        let length = rest.find('\n').unwrap_or(rest.len());
        return (Some(Kind::Comment), cut(rest, length).0, length);
    }
    if rest.starts_with("/*") {
        let length = block_comment(rest);
        return (Some(Kind::Comment), cut(rest, length).0, length);
    }
    if let Some((text, length)) = string(rest) {
        return (Some(Kind::Text), text, length);
    }
    if first == '\'' {
        let length = quote(rest);
        return (Some(Kind::Other), cut(rest, length).0, length);
    }
    if first.is_alphanumeric() || first == '_' {
        let length = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let kind = if first.is_ascii_digit() {
            Kind::Other
        } else {
            Kind::Word
        };
        return (Some(kind), cut(rest, length).0, length);
    }
    (Some(Kind::Sign), cut(rest, first.len_utf8()).0, first.len_utf8())
}

/// The length of a block comment; Rust nests them.
fn block_comment(source: &str) -> usize {
    let (mut rest, mut depth) = (source, 0_usize);
    while !rest.is_empty() {
        let step = if rest.starts_with("/*") {
            depth = depth.saturating_add(1);
            2
        } else if rest.starts_with("*/") {
            depth = depth.saturating_sub(1);
            2
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        rest = cut(rest, step).1;
        if depth == 0 {
            break;
        }
    }
    source.len().saturating_sub(rest.len())
}

/// The inside of a string literal of any kind and the length of the whole literal, if one begins here.
fn string(source: &str) -> Option<(&str, usize)> {
    let body = source.strip_prefix(['b', 'c']).unwrap_or(source);
    if let Some(raw) = body.strip_prefix('r') {
        let hashes = raw.find(|c| c != '#')?;
        let inside = cut(raw, hashes).1.strip_prefix('"')?;
        let close = format!("\"{}", "#".repeat(hashes));
        return Some(literal(source, inside, inside.find(&close), close.len()));
    }
    let inside = body.strip_prefix('"')?;
    let mut escaped = false;
    let end = inside.char_indices().find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    Some(literal(source, inside, end.map(|(at, _)| at), 1))
}

fn literal<'a>(source: &str, inside: &'a str, end: Option<usize>, close: usize) -> (&'a str, usize) {
    let before = source.len().saturating_sub(inside.len());
    let length = end.unwrap_or(inside.len());
    (
        cut(inside, length).0,
        before.saturating_add(length).saturating_add(close),
    )
}

/// The length of a character literal or of a lifetime.
fn quote(source: &str) -> usize {
    let mut chars = source.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some(_)) => chars
            .find(|(_, c)| *c == '\'')
            .map_or(source.len(), |(at, _)| at.saturating_add(1)),
        (Some(_), Some((at, '\''))) => at.saturating_add(1),
        _ => {
            let name = cut(source, 1).1;
            name.find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(name.len())
                .saturating_add(1)
        }
    }
}

/// Cuts at a byte position, or takes everything when the position is no boundary.
fn cut(text: &str, at: usize) -> (&str, &str) {
    text.split_at_checked(at).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_kind(source: &str, kind: Kind) -> Vec<&str> {
        lex(source)
            .into_iter()
            .filter(|token| token.kind == kind)
            .map(|token| token.text)
            .collect()
    }

    #[test]
    fn texts_are_found_in_every_spelling() {
        let source = r####"f("a \" b", r"c\", r#"d " e"#, b"f", br##"g "# h"##, c"i", "")"####;
        assert_eq!(
            of_kind(source, Kind::Text),
            [r#"a \" b"#, r"c\", r#"d " e"#, "f", r##"g "# h"##, "i", ""]
        );
    }

    #[test]
    fn a_comment_is_neither_code_nor_text() {
        let source = "// one \"x\"\nlet a = 1; /* two /* three */ four */ let b = \"// no comment\";";
        assert_eq!(
            of_kind(source, Kind::Comment),
            ["// one \"x\"", "/* two /* three */ four */"]
        );
        assert_eq!(of_kind(source, Kind::Text), ["// no comment"]);
    }

    #[test]
    fn characters_and_lifetimes_do_not_open_texts() {
        let source = "fn f<'a>(x: &'a str) { let q = '\"'; let e = '\\''; let u = '\\u{1F600}'; let k = \"t\"; }";
        assert_eq!(of_kind(source, Kind::Text), ["t"]);
        assert_eq!(
            of_kind(source, Kind::Other),
            ["'a", "'a", "'\"'", "'\\''", "'\\u{1F600}'"]
        );
    }

    #[test]
    fn lines_are_counted_through_texts_and_comments() {
        let source = "/* 1\n2 */\n\"3\n4\" word";
        let last = lex(source).into_iter().last().unwrap();
        assert_eq!((last.text, last.line), ("word", 4));
    }

    #[test]
    fn an_unterminated_text_ends_with_the_file() {
        assert_eq!(of_kind("a \"b", Kind::Text), ["b"]);
        assert_eq!(of_kind("a r#\"b\"", Kind::Text), ["b\""]);
        assert_eq!(of_kind("/* a", Kind::Comment), ["/* a"]);
    }

    #[test]
    fn test_modules_are_not_part_of_the_product() {
        let source = "fn a() {} #[cfg(test)] mod tests { fn b() { {} } } #[cfg(test)] fn e(_: [u8; 2]) { f }  #[cfg(test)] use c; #[cfg(not(test))] fn d() {}";
        let tokens = lex(source);
        let words: Vec<_> = product(&tokens)
            .into_iter()
            .filter(|t| t.kind == Kind::Word)
            .map(|t| t.text)
            .collect();
        assert_eq!(words, ["fn", "a", "cfg", "not", "test", "fn", "d"]);
    }

    #[test]
    fn a_file_that_is_only_for_tests_holds_no_product() {
        assert!(product(&lex("#![cfg(test)]\nfn a() {}")).is_empty());
    }
}
