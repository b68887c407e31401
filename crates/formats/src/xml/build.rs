//! From text to the arena of a [`Document`]: drives quick-xml and enforces what it leaves open.
//!
//! quick-xml finds tags and resolves nothing by itself. Added here: no document type, no entities but the five of XML, one outermost
//! element, sound names, declared prefixes, and the limits.

use super::namespace::Namespaces;
use super::open::{Closed, Open, is_blank};
use super::{Attribute, Document, Node, Span, narrow, wide};
use crate::encoding::is_xml_character;
use crate::finding::{Finding, FindingCode, quoted};
use quick_xml::XmlVersion;
use quick_xml::errors::{Error, IllFormedError};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;
use std::borrow::Cow;
use vocab::limits;

pub(super) fn build(input: &str) -> Result<Document<'_>, Finding> {
    let mut builder = Builder::new(input);
    let mut reader = Reader::from_str(input);
    reader.config_mut().check_comments = true;
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        builder.refuse_document_type(at)?;
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let at = usize::try_from(reader.error_position()).unwrap_or(at).max(at);
                // A lone `<` at the very end is not consumed.
                let read = reader.buffer_position().saturating_add(1);
                let to_the_end = read >= u64::try_from(input.len()).unwrap_or(u64::MAX);
                return Err(builder.not_read(at, &error, to_the_end));
            }
        };
        match event {
            Event::Start(start) => builder.open(at, &start)?,
            Event::Empty(start) => {
                builder.open(at, &start)?;
                builder.close();
            }
            Event::End(_) => builder.close(),
            Event::Text(text) => builder.text(at, &text, text.xml10_content())?,
            Event::CData(text) => builder.cdata(at, &text.xml10_content())?,
            Event::GeneralRef(reference) => builder.reference(at, &reference)?,
            Event::Decl(declaration) => builder.declaration(at, &declaration)?,
            Event::Comment(_) | Event::PI(_) => {}
            Event::DocType(_) => return Err(builder.forbidden(at)),
            Event::Eof => return builder.finish(at),
        }
    }
}

struct Builder<'a> {
    input: &'a str,
    rewritten: String,
    nodes: Vec<Node>,
    attributes: Vec<Attribute>,
    open: Vec<Open<'a>>,
    namespaces: Namespaces,
    /// Up to where lines are counted, and the line there.
    counted: usize,
    line: u32,
}

impl<'a> Builder<'a> {
    fn new(input: &'a str) -> Self {
        Self {
            input,
            rewritten: String::new(),
            nodes: Vec::new(),
            attributes: Vec::new(),
            open: Vec::new(),
            namespaces: Namespaces::new(),
            counted: 0,
            line: 1,
        }
    }

    fn open(&mut self, at: usize, start: &BytesStart<'_>) -> Result<(), Finding> {
        let line = self.line_at(at);
        if self.open.is_empty() && !self.nodes.is_empty() {
            return Err(self.malformed(at, "there is a second outermost element; a file holds one message"));
        }
        if self.open.len() >= limits::XML_DEPTH_MAX {
            return Err(self.limit(
                at,
                &format!("elements are nested deeper than {}", limits::XML_DEPTH_MAX),
            ));
        }
        if self.nodes.len() >= limits::XML_ELEMENTS_MAX {
            return Err(self.limit(
                at,
                &format!("there are more than {} elements", limits::XML_ELEMENTS_MAX),
            ));
        }
        let name = start.name();
        self.check_name(at, name.as_ref())?;
        let index = narrow(self.nodes.len());
        self.read_attributes(at, index, start)?;
        let (local, prefix) = name.decompose();
        let prefix = prefix.as_ref().map_or("", |prefix| prefix.as_ref());
        let Some(foreign) = self.namespaces.is_foreign(prefix) else {
            return Err(self.malformed(at, &format!("the prefix {} is not declared", quoted(prefix))));
        };
        let local = local.as_ref();
        // `<`, then the whole name, of which the local part is the end.
        let before = name.as_ref().len().saturating_sub(local.len());
        let local_at = at.saturating_add(1).saturating_add(before);
        let name = Span {
            start: narrow(local_at),
            length: narrow(local.len()),
        };
        let in_input = self.slice(name);
        let (mut parent, mut ordinal) = (0, 1);
        if let Some(open) = self.open.last_mut() {
            let numbered = open.begin_child(in_input, index);
            (parent, ordinal) = (open.node, numbered.ordinal);
            if let Some(first) = numbered
                .no_longer_alone
                .and_then(|first| self.nodes.get_mut(wide(first)))
            {
                first.alone = false;
            }
        }
        let end = index.saturating_add(1);
        let alone = ordinal == 1;
        self.nodes.push(Node {
            name,
            text: Span::default(),
            line,
            parent,
            end,
            ordinal,
            alone,
            foreign,
        });
        self.open.push(Open::new(index));
        Ok(())
    }

    /// A piece of the input.
    fn slice(&self, span: Span) -> &'a str {
        let start = wide(span.start);
        self.input
            .get(start..start.saturating_add(wide(span.length)))
            .unwrap_or_default()
    }

    fn close(&mut self) {
        let Some(open) = self.open.pop() else {
            return;
        };
        self.namespaces.leave(self.open.len());
        let index = open.node;
        let text = match open.close() {
            Closed::InInput(span) => span,
            Closed::Rewritten(text) => self.rewrite(&text),
        };
        let end = narrow(self.nodes.len());
        if let Some(node) = self.nodes.get_mut(wide(index)) {
            node.text = text;
            node.end = end;
        }
    }

    /// Keeps a text that differs from the input.
    fn rewrite(&mut self, text: &str) -> Span {
        let start = narrow(self.input.len().saturating_add(self.rewritten.len()));
        self.rewritten.push_str(text);
        Span {
            start,
            length: narrow(text.len()),
        }
    }

    fn read_attributes(&mut self, at: usize, node: u32, start: &BytesStart<'_>) -> Result<(), Finding> {
        let depth = self.open.len();
        let mut prefixes = Vec::new();
        for (count, attribute) in start.attributes().enumerate() {
            if count >= limits::XML_ATTRIBUTES_MAX {
                return Err(self.limit(
                    at,
                    &format!("an element has more than {} attributes", limits::XML_ATTRIBUTES_MAX),
                ));
            }
            let Ok(attribute) = attribute else {
                return Err(self.malformed(
                    at,
                    "an attribute is not of the form name=\"value\" or stands there twice",
                ));
            };
            self.check_name(at, attribute.key.as_ref())?;
            let Some(value) = normalized(&attribute) else {
                return Err(self.malformed(
                    at,
                    "an attribute holds `<`, an entity of its own or a forbidden character",
                ));
            };
            if value.len() > limits::XML_TEXT_MAX {
                return Err(self.limit(
                    at,
                    &format!("an attribute is longer than {} bytes", limits::XML_TEXT_MAX),
                ));
            }
            if let Some(declaration) = attribute.key.as_namespace_binding() {
                if !self.namespaces.declare(depth, declaration, &value) {
                    return Err(self.malformed(at, "a namespace is declared in a way that is not allowed"));
                }
                continue;
            }
            prefixes.extend(attribute.key.prefix().map(|prefix| prefix.as_ref().to_owned()));
            let name = self.rewrite(attribute.key.as_ref());
            let value = self.rewrite(&value);
            self.attributes.push(Attribute { node, name, value });
        }
        match prefixes.iter().find(|prefix| !self.namespaces.knows(prefix)) {
            Some(prefix) => Err(self.malformed(at, &format!("the prefix {} is not declared", quoted(prefix)))),
            None => Ok(()),
        }
    }

    fn check_name(&mut self, at: usize, name: &str) -> Result<(), Finding> {
        if name.len() > limits::XML_NAME_MAX {
            return Err(self.limit(at, &format!("a name is longer than {} bytes", limits::XML_NAME_MAX)));
        }
        let begins = |letter: char| letter.is_alphabetic() || letter == '_';
        let follows = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
        let sound = |part: &str| part.starts_with(begins) && part.chars().all(follows);
        let sound = match name.split_once(':') {
            Some((prefix, local)) => sound(prefix) && sound(local),
            None => sound(name),
        };
        if sound {
            Ok(())
        } else {
            Err(self.malformed(
                at,
                &format!("{} is not a name; `<` is written `&lt;` in text", quoted(name)),
            ))
        }
    }

    fn text(&mut self, at: usize, raw: &str, text: Cow<'a, str>) -> Result<(), Finding> {
        if raw.contains("]]>") {
            return Err(self.malformed(at, "`]]>` stands in the text; write `]]&gt;`"));
        }
        self.append(at, text)
    }

    fn cdata(&mut self, at: usize, text: &str) -> Result<(), Finding> {
        if self.open.is_empty() {
            return Err(self.malformed(at, "there is a CDATA section outside of the outermost element"));
        }
        self.append(at, Cow::Owned(text.to_owned()))
    }

    fn reference(&mut self, at: usize, reference: &BytesRef<'_>) -> Result<(), Finding> {
        if reference.is_char_ref() {
            return match reference.resolve_char_ref() {
                Ok(Some(character)) if is_xml_character(character) => {
                    self.append(at, Cow::Owned(character.to_string()))
                }
                Ok(_) | Err(_) => Err(self.malformed(at, "a character reference names no character that XML allows")),
            };
        }
        match resolve_xml_entity(reference) {
            Some(text) => self.append(at, Cow::Owned(text.to_owned())),
            None => {
                let line = self.line_at(at);
                let name = quoted(reference);
                let message = format!(
                    "the entity {name} is not one of the five of XML; write the text itself, or `&amp;` for `&`"
                );
                Err(Finding::about_file(
                    FindingCode::XmlForbidden,
                    self.path(),
                    line,
                    message,
                ))
            }
        }
    }

    fn append(&mut self, at: usize, text: Cow<'a, str>) -> Result<(), Finding> {
        let Some(open) = self.open.last_mut() else {
            let layout = is_blank(&text);
            return if layout {
                Ok(())
            } else {
                Err(self.malformed(at, "there is text outside of the outermost element"))
            };
        };
        if open.append(at, text) {
            Ok(())
        } else {
            Err(self.limit(
                at,
                &format!("a text is longer than {} characters", limits::XML_TEXT_MAX),
            ))
        }
    }

    fn declaration(&mut self, at: usize, declaration: &BytesDecl<'_>) -> Result<(), Finding> {
        if at != 0 {
            return Err(self.malformed(at, "the XML declaration must be the very first thing in the file"));
        }
        if !matches!(declaration.xml_version(), Ok(XmlVersion::Explicit1_0)) {
            return Err(self.malformed(at, "only version 1.0 of XML is read"));
        }
        match declaration.encoding() {
            None => Ok(()),
            Some(Ok(name)) if name.eq_ignore_ascii_case("UTF-8") => Ok(()),
            Some(Ok(name)) => {
                let message = format!(
                    "the file declares the encoding {}; save it as UTF-8 and declare that",
                    quoted(&name)
                );
                Err(Finding::about_file(FindingCode::Encoding, "", 1, message))
            }
            Some(Err(_)) => Err(self.malformed(at, "the encoding in the XML declaration cannot be read")),
        }
    }

    fn finish(mut self, at: usize) -> Result<Document<'a>, Finding> {
        if let Some(open) = self.open.last() {
            let name = self.nodes.get(wide(open.node)).map_or("", |node| self.slice(node.name));
            let message = format!(
                "the file ends before {} is closed; it was cut off, send it again",
                quoted(name)
            );
            return Err(self.about(FindingCode::XmlTruncated, at, &message));
        }
        if self.nodes.is_empty() {
            return Err(self.about(
                FindingCode::XmlTruncated,
                at,
                "the file holds no element; it was cut off, send it again",
            ));
        }
        Ok(Document {
            input: self.input,
            rewritten: self.rewritten,
            nodes: self.nodes,
            attributes: self.attributes,
            namespace: self.namespaces.into_root(),
        })
    }

    /// SECURITY: refuses `<!DOCTYPE` and any other declaration before quick-xml parses it.
    fn refuse_document_type(&mut self, at: usize) -> Result<(), Finding> {
        let rest = self.input.as_bytes().get(at..).unwrap_or_default();
        let declaration = rest.starts_with(b"<!") && !rest.starts_with(b"<!--") && !rest.starts_with(b"<![CDATA[");
        // A comment or CDATA section cut off within its first characters is no declaration.
        let cut_off = b"<!--".starts_with(rest) || b"<![CDATA[".starts_with(rest);
        match (declaration, cut_off) {
            (false, _) => Ok(()),
            (true, false) => Err(self.forbidden(at)),
            (true, true) => Err(self.about(
                FindingCode::XmlTruncated,
                at,
                "the file ends within a comment or text section",
            )),
        }
    }

    fn forbidden(&mut self, at: usize) -> Finding {
        self.about(
            FindingCode::XmlForbidden,
            at,
            "document types and declarations (`<!DOCTYPE`) are not read; remove them",
        )
    }

    fn malformed(&mut self, at: usize, message: &str) -> Finding {
        self.about(FindingCode::XmlMalformed, at, message)
    }

    fn limit(&mut self, at: usize, message: &str) -> Finding {
        self.about(
            FindingCode::XmlLimit,
            at,
            &format!("{message}; no payment message needs that"),
        )
    }

    fn not_read(&mut self, at: usize, error: &Error, to_the_end: bool) -> Finding {
        match error {
            Error::Syntax(_) if to_the_end => self.about(
                FindingCode::XmlTruncated,
                at,
                "the file ends within a tag, comment or text section",
            ),
            Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
                let (expected, found) = (quoted(expected), quoted(found));
                self.malformed(at, &format!("{expected} is open here, but {found} is closed"))
            }
            Error::IllFormed(IllFormedError::UnmatchedEndTag(found)) => {
                self.malformed(at, &format!("{} is closed here but was never opened", quoted(found)))
            }
            Error::IllFormed(IllFormedError::UnclosedReference) => self.malformed(
                at,
                "`&` begins a reference that does not end with `;`; write `&amp;` for `&`",
            ),
            Error::Syntax(_)
            | Error::IllFormed(_)
            | Error::Io(_)
            | Error::InvalidAttr(_)
            | Error::Encoding(_)
            | Error::Escape(_)
            | Error::Namespace(_) => self.malformed(at, "a tag or comment is not written as XML asks for"),
        }
    }

    fn about(&mut self, code: FindingCode, at: usize, message: &str) -> Finding {
        let line = self.line_at(at);
        Finding::about_file(code, self.path(), line, message)
    }

    /// Path of the innermost open element.
    fn path(&self) -> String {
        self.open.iter().fold(String::new(), |path, open| {
            let name = self.nodes.get(wide(open.node)).map_or("", |node| self.slice(node.name));
            path + "/" + name
        })
    }

    /// The line of a byte. Counts on from the last call: positions only grow, save for errors, which come last.
    fn line_at(&mut self, at: usize) -> u32 {
        let passed = self.input.as_bytes().get(self.counted..at).unwrap_or_default();
        let breaks = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(narrow(breaks));
        self.counted = self.counted.max(at);
        self.line
    }
}

/// The value with references resolved and white space normalized; `None` if it holds what XML forbids.
fn normalized<'v>(attribute: &quick_xml::events::attributes::Attribute<'v>) -> Option<Cow<'v, str>> {
    if attribute.value.contains('<') {
        return None;
    }
    let value = attribute.normalized_value(XmlVersion::Explicit1_0).ok()?;
    value.chars().all(is_xml_character).then_some(value)
}
