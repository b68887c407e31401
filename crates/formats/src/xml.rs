//! A safe, bounded reader of foreign XML.
//!
//! It reads a whole message into an arena of small nodes that point into the input. Document types and entities of their own are
//! refused, depth, text, attributes and number of elements are limited ([`vocab::limits`]), only UTF-8 is read, and every
//! element knows its line. What is not well-formed is refused whole: a bank or a payer must never guess at half a message.

mod build;
mod namespace;
mod open;

use crate::encoding;
use crate::finding::Finding;
use std::fmt;

/// Reads a message. Fails with one finding that says why the bytes are no safe XML document; nothing of it is usable then.
///
/// Memory is proportional to the input: 36 bytes for each element beside the input itself.
pub fn read(bytes: &[u8]) -> Result<Document<'_>, Finding> {
    build::build(encoding::decode(bytes)?)
}

/// A well-formed message. Owns the arena, borrows the input; dropping it frees three vectors, whatever the depth.
pub struct Document<'a> {
    input: &'a str,
    /// Texts that differ from the input, because of references, CDATA or line ends. Spans beyond the input point here.
    rewritten: String,
    /// In the order of the start tags; never empty.
    nodes: Vec<Node>,
    /// In the order of their nodes.
    attributes: Vec<Attribute>,
    namespace: String,
}

/// INVARIANT: `end` is the index after the last descendant, so the children of node `n` are `n + 1`, then the `end` of each.
#[derive(Clone, Copy)]
struct Node {
    name: Span,
    text: Span,
    line: u32,
    parent: u32,
    end: u32,
    /// Its number among the children of its parent with the same name, from 1.
    ordinal: u32,
    /// Whether no other child of its parent has the same name.
    alone: bool,
    /// In another namespace than the root.
    foreign: bool,
}

#[derive(Clone, Copy)]
struct Attribute {
    node: u32,
    name: Span,
    value: Span,
}

/// A piece of the input or, beyond its length, of the rewritten texts.
#[derive(Clone, Copy, Default)]
struct Span {
    start: u32,
    length: u32,
}

/// Offsets are 32 bits wide to keep nodes small; the decoder refuses inputs that would not fit.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

fn wide(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

impl Document<'_> {
    /// The outermost element.
    pub fn root(&self) -> Element<'_> {
        Element {
            document: self,
            index: 0,
        }
    }

    /// The namespace of the outermost element, such as `urn:iso:std:iso:20022:tech:xsd:pain.001.001.09`. Empty when it has none.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    fn slice(&self, span: Span) -> &str {
        let (start, length) = (wide(span.start), wide(span.length));
        let (source, start) = match start.checked_sub(self.input.len()) {
            Some(beyond) => (self.rewritten.as_str(), beyond),
            None => (self.input, start),
        };
        source.get(start..start.saturating_add(length)).unwrap_or_default()
    }

    fn node(&self, index: u32) -> Option<&Node> {
        self.nodes.get(wide(index))
    }
}

impl fmt::Debug for Document<'_> {
    /// Without content: a message is full of personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} elements)", self.nodes.len())
    }
}

/// One element of a [`Document`]. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Element<'d> {
    document: &'d Document<'d>,
    index: u32,
}

impl<'d> Element<'d> {
    /// Its name without prefix.
    pub fn name(self) -> &'d str {
        self.document
            .node(self.index)
            .map_or("", |node| self.document.slice(node.name))
    }

    /// The text directly in it, references resolved, white space as it was. Empty for an element that holds only elements and
    /// the white space between them.
    pub fn text(self) -> &'d str {
        self.document
            .node(self.index)
            .map_or("", |node| self.document.slice(node.text))
    }

    /// Line of its start tag, from 1.
    pub fn line(self) -> u32 {
        self.document.node(self.index).map_or(1, |node| node.line)
    }

    /// Whether it is in another namespace than the outermost element. Such elements are found by [`Self::children`] only, so that
    /// nothing can pass for a part of the message by its local name alone.
    pub fn is_foreign(self) -> bool {
        self.document.node(self.index).is_none_or(|node| node.foreign)
    }

    /// Its place among all elements of the document, in the order of start tags.
    pub fn index(self) -> u32 {
        self.index
    }

    /// The place after its last descendant: an element is within this one if its index is in `index()..end()`.
    pub fn end(self) -> u32 {
        self.document.node(self.index).map_or(self.index, |node| node.end)
    }

    /// The element that holds it; `None` for the outermost.
    pub fn parent(self) -> Option<Self> {
        let parent = self.document.node(self.index)?.parent;
        (self.index != 0).then_some(Self { index: parent, ..self })
    }

    /// All elements directly in it, those of other namespaces too.
    pub fn children(self) -> Children<'d> {
        Children {
            document: self.document,
            next: self.index.saturating_add(1),
            end: self.end(),
        }
    }

    /// The elements of this name directly in it.
    pub fn children_named<'n>(self, name: &'n str) -> impl Iterator<Item = Element<'d>> + use<'d, 'n> {
        self.children()
            .filter(move |child| child.name() == name && !child.is_foreign())
    }

    /// The first element of this name directly in it.
    pub fn child(self, name: &str) -> Option<Self> {
        self.children()
            .find(|child| child.name() == name && !child.is_foreign())
    }

    /// The element reached by taking the first child of each name.
    pub fn at(self, names: &[&str]) -> Option<Self> {
        names.iter().try_fold(self, |element, name| element.child(name))
    }

    /// The text of the first child of this name.
    pub fn text_of(self, name: &str) -> Option<&'d str> {
        self.child(name).map(Self::text)
    }

    /// The value of an attribute, by its name with prefix as written.
    pub fn attribute(self, name: &str) -> Option<&'d str> {
        self.attributes()
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value)
    }

    /// Names with prefix, and values; declarations of namespaces are left out.
    pub fn attributes(self) -> impl Iterator<Item = (&'d str, &'d str)> {
        let (document, index) = (self.document, self.index);
        let first = document.attributes.partition_point(|attribute| attribute.node < index);
        let all = document.attributes.get(first..).unwrap_or_default().iter();
        all.take_while(move |attribute| attribute.node == index)
            .map(move |attribute| (document.slice(attribute.name), document.slice(attribute.value)))
    }

    /// Where it stands: `/Document/CstmrCdtTrfInitn/PmtInf[2]/PmtInfId`. The number counts elements of the same name and is left
    /// out where there is only one.
    pub fn path(self) -> String {
        let mut steps = Vec::new();
        let mut next = Some(self);
        while let Some(element) = next {
            steps.push(element.step());
            next = element.parent();
        }
        steps.iter().rev().fold(String::new(), |path, step| path + "/" + step)
    }

    fn step(self) -> String {
        match self.document.node(self.index) {
            Some(node) if !node.alone => format!("{}[{}]", self.name(), node.ordinal),
            _ => self.name().to_owned(),
        }
    }
}

impl fmt::Debug for Element<'_> {
    /// Without content: a message is full of personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({}, line {})", self.name(), self.line())
    }
}

/// The elements directly in another, in their order.
#[derive(Clone, Debug)]
pub struct Children<'d> {
    document: &'d Document<'d>,
    next: u32,
    end: u32,
}

impl<'d> Iterator for Children<'d> {
    type Item = Element<'d>;

    fn next(&mut self) -> Option<Element<'d>> {
        if self.next >= self.end {
            return None;
        }
        let child = Element {
            document: self.document,
            index: self.next,
        };
        self.next = child.end().max(self.next.saturating_add(1));
        Some(child)
    }
}
