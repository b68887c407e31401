//! The reader of foreign XML: what it gives for honest documents, and what it refuses.

use formats::finding::FindingCode;
use formats::xml::read;
use proptest::prelude::*;

fn refused(text: &str) -> Option<FindingCode> {
    read(text.as_bytes()).err().map(|finding| finding.code)
}

#[test]
fn names_texts_lines_and_paths_are_as_in_the_file() {
    let file = "\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D xmlns=\"urn:x\">\n  <P><Id>1</Id></P>\n  <P>\n    <Id>A &amp; B&#x21;</Id>\n    <Amt Ccy=\"E&quot;R\">1.00</Amt>\n  </P>\n</D>\n";
    let document = read(file.as_bytes()).unwrap();
    let root = document.root();
    assert_eq!((root.name(), document.namespace(), root.text()), ("D", "urn:x", ""));
    let groups: Vec<_> = root.children_named("P").collect();
    assert_eq!(groups.len(), 2);
    assert_eq!(groups[0].text_of("Id"), Some("1"));
    let id = groups[1].child("Id").unwrap();
    assert_eq!(
        (id.text(), id.line(), id.path()),
        ("A & B!", 5, "/D/P[2]/Id".to_owned())
    );
    let amount = root.children().last().unwrap().child("Amt").unwrap();
    assert_eq!((amount.attribute("Ccy"), amount.line()), (Some("E\"R"), 6));
    assert_eq!(amount.parent().unwrap().index(), groups[1].index());
    assert_eq!(root.at(&["P", "Id"]).unwrap().text(), "1");
    assert_eq!(root.attributes().count(), 0);
}

#[test]
fn comments_instructions_and_cdata_leave_one_text() {
    let file = "<a><!-- x --><b>1<!-- y -->2<?pi z?><![CDATA[<3>]]>\r\n4</b></a>";
    assert_eq!(read(file.as_bytes()).unwrap().root().text_of("b"), Some("12<3>\n4"));
}

#[test]
fn text_between_elements_is_kept_for_the_reader_to_refuse() {
    let file = "<a> x <b/> y </a>";
    assert_eq!(read(file.as_bytes()).unwrap().root().text(), " x  y ");
}

#[test]
fn elements_of_another_namespace_are_not_found_by_name() {
    let file = "<a xmlns=\"urn:x\" xmlns:y=\"urn:y\"><y:b>no</y:b><b xmlns=\"urn:z\">no</b><b>yes</b></a>";
    let document = read(file.as_bytes()).unwrap();
    assert_eq!(document.root().text_of("b"), Some("yes"));
    assert_eq!(document.root().children().filter(|child| child.is_foreign()).count(), 2);
}

#[test]
fn a_prefix_for_everything_is_the_same_message() {
    let file = "<p:a xmlns:p=\"urn:x\"><p:b>yes</p:b></p:a>";
    let document = read(file.as_bytes()).unwrap();
    assert_eq!(
        (document.namespace(), document.root().text_of("b")),
        ("urn:x", Some("yes"))
    );
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for file in [
        "<a></b>",
        "</a>",
        "<a/><b/>",
        "<a/>x",
        "x<a/>",
        "<a b=c/>",
        "<a b=\"1\" b=\"2\"/>",
        "<a b/>",
        "<a b=\"<\"/>",
        "<1/>",
        "< a/>",
        "<a:b/>",
        "<a c:b=\"1\"/>",
        "<a/b/>",
        "<a>&</a>",
        "<a>& b</a>",
        "<a>&#0;</a>",
        "<a>&#xFFFE;</a>",
        "<a>&#x110000;</a>",
        "<a>]]></a>",
        "<a><!-- -- --></a>",
        " <?xml version=\"1.0\"?><a/>",
        "<?xml version=\"1.1\"?><a/>",
        "<?xml?><a/>",
        "<a xmlns:b=\"\"/>",
        "<a/><![CDATA[x]]>",
        "<a x=\"&#1;\"/>",
        "<a></a >x</a>",
        "<?><a/>",
        "<a:b:c/>",
    ] {
        assert_eq!(refused(file), Some(FindingCode::XmlMalformed), "{file}");
    }
}

#[test]
fn a_file_that_ends_too_early_says_so() {
    for file in [
        "",
        "  ",
        "<",
        "<a",
        "<a>",
        "<a><b></b>",
        "<a><!--",
        "<a><!",
        "<a><![CDA",
        "<a><![CDATA[x]]",
        "<?xml",
        "<a b=\"",
        "<!-- only -->",
    ] {
        assert_eq!(refused(file), Some(FindingCode::XmlTruncated), "{file}");
    }
}

#[test]
fn document_types_and_entities_are_refused_before_they_are_parsed() {
    for file in [
        "<!DOCTYPE a><a/>",
        "<!doctype a><a/>",
        "<!DOCTYPE",
        "<a><!DOCTYPE b></a>",
        "<!ENTITY x \"y\"><a/>",
        "<a>&x;</a>",
        "<!-><a/>",
    ] {
        assert_eq!(refused(file), Some(FindingCode::XmlForbidden), "{file}");
    }
}

#[test]
fn a_finding_knows_the_line() {
    let finding = read(b"<a>\n<b>\n</c>\n</a>").unwrap_err();
    assert_eq!((finding.line, finding.path.as_str()), (3, "/a/b"));
    let finding = read(b"<a>\n\n\xE4</a>").unwrap_err();
    assert_eq!((finding.line, finding.code), (3, FindingCode::Encoding));
}

#[test]
fn other_encodings_are_named() {
    let utf16: Vec<u8> = "<a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(read(&utf16).unwrap_err().message.contains("UTF-16"));
    assert!(read(b"\xFE\xFF\0<").unwrap_err().message.contains("UTF-16"));
    let declared = read(b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>").unwrap_err();
    assert!(declared.message.contains("ISO-8859-1"));
    assert_eq!(read(b"<a>\0</a>").unwrap_err().code, FindingCode::Encoding);
    assert_eq!(
        read("<a>\u{FFFE}</a>".as_bytes()).unwrap_err().code,
        FindingCode::Encoding
    );
}

#[test]
fn depth_text_attributes_and_names_are_limited() {
    let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(read(deep(32).as_bytes()).is_ok());
    assert_eq!(refused(&deep(33)), Some(FindingCode::XmlLimit));
    assert_eq!(refused(&"<a>".repeat(1_000_000)), Some(FindingCode::XmlLimit));
    assert!(read(format!("<a>{}</a>", "ä".repeat(10_000)).as_bytes()).is_ok());
    assert_eq!(
        refused(&format!("<a>{}</a>", "x".repeat(10_001))),
        Some(FindingCode::XmlLimit)
    );
    assert_eq!(
        refused(&format!("<a>{}</a>", "&amp;<!---->".repeat(10_001))),
        Some(FindingCode::XmlLimit)
    );
    let attributes: String = (0..33).map(|n| format!(" a{n}=''")).collect();
    assert_eq!(refused(&format!("<a{attributes}/>")), Some(FindingCode::XmlLimit));
    assert_eq!(refused(&format!("<{}/>", "a".repeat(129))), Some(FindingCode::XmlLimit));
    assert_eq!(
        refused(&format!("<a b='{}'/>", "x".repeat(10_001))),
        Some(FindingCode::XmlLimit)
    );
}

/// Pieces that hostile and honest documents are made of.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<a>",
        "</a>",
        "<b c=\"d\">",
        "</b>",
        "<a/>",
        "&amp;",
        "&#65;",
        "&x;",
        "&",
        ";",
        "<!--",
        "-->",
        "--",
        "<![CDATA[",
        "]]>",
        "<?",
        "?>",
        "<?xml version=\"1.0\"?>",
        "<!DOCTYPE a [",
        "]>",
        "<",
        ">",
        "/",
        "=",
        "\"",
        "'",
        " ",
        "\n",
        "\r\n",
        "x",
        "ä",
        "\u{0}",
        ":",
        "xmlns=\"u\"",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_document_like_text_is_read_or_refused(text in pieces()) {
        match read(text.as_bytes()) {
            Ok(document) => prop_assert!(document.root().path().starts_with('/')),
            Err(finding) => prop_assert!(!finding.message.is_empty()),
        }
    }

    #[test]
    fn a_text_comes_back_as_it_was_escaped(text in "[^\\x00-\\x1f\\x7f\\u{fffe}\\u{ffff}]{0,60}") {
        let file = format!("<a><b>{}</b></a>", quick_xml::escape::escape(text.as_str()));
        let document = read(file.as_bytes()).unwrap();
        prop_assert_eq!(document.root().text_of("b"), Some(text.as_str()));
    }
}
