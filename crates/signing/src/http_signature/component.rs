//! One covered component: its identifier, and its value in a message (RFC 9421 section 2).

use super::Refusal;
use super::message::{Message, RequestParts, ResponseParts, SIGNATURE, SIGNATURE_INPUT};
use crate::limits;
use http::HeaderMap;
use sfv::{Dictionary, ItemSerializer, ListEntry, ListSerializer, ParameterSerializer, Parser, StringRef, key_ref};
use std::borrow::{BorrowMut, Cow};
use std::fmt::Write;

/// A component identifier: a header in lower case, or a derived component that starts with `@`.
#[derive(Clone, Debug)]
pub(crate) struct Component<'a> {
    pub(crate) name: Cow<'a, StringRef>,
    /// In the order of the sender, which the signature base repeats.
    pub(crate) selectors: Vec<Selector<'a>>,
    /// Whether there are no parameters but the selectors.
    pub(crate) supported: bool,
}

/// A parameter of a component identifier.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Selector<'a> {
    /// `;req`: taken from the request that a response answers.
    Request,
    /// `;key="…"`: one member of a dictionary header.
    Member(Cow<'a, StringRef>),
}

impl<'a> Component<'a> {
    pub(crate) fn plain(name: Cow<'a, StringRef>) -> Self {
        Self {
            name,
            selectors: Vec::new(),
            supported: true,
        }
    }

    /// `"name";req;key="member"`.
    pub(crate) fn member_of_request(name: &'a StringRef, member: &'a StringRef) -> Self {
        let selectors = vec![Selector::Request, Selector::Member(Cow::Borrowed(member))];
        Self {
            selectors,
            ..Self::plain(Cow::Borrowed(name))
        }
    }

    pub(crate) fn is_plain(&self, name: &str) -> bool {
        self.supported && self.selectors.is_empty() && self.name.as_str() == name
    }

    /// Whether both select the same thing, in whatever order they say so.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.name == other.name && self.of_request() == other.of_request() && self.member() == other.member()
    }

    pub(crate) fn of_request(&self) -> bool {
        self.selectors.contains(&Selector::Request)
    }

    pub(crate) fn member(&self) -> Option<&StringRef> {
        self.selectors.iter().find_map(|selector| match selector {
            Selector::Member(name) => Some(&**name),
            Selector::Request => None,
        })
    }

    /// Writes the identifier, as in the line of the signature base.
    pub(crate) fn append_identifier(&self, out: &mut String) {
        self.append_selectors(ItemSerializer::with_buffer(out).bare_item(&*self.name));
    }

    /// Writes the parameters of the identifier behind its name.
    pub(crate) fn append_selectors<W: BorrowMut<String>>(&self, mut item: ParameterSerializer<W>) {
        for selector in &self.selectors {
            item = match selector {
                Selector::Request => item.parameter(const { key_ref("req") }, true),
                Selector::Member(name) => item.parameter(const { key_ref("key") }, &**name),
            };
        }
    }

    /// Writes the value that the component has in `message`.
    pub(crate) fn append_value(&self, message: &Message<'_>, out: &mut String) -> Result<(), Refusal> {
        if !self.supported {
            return Err(Refusal::UnsupportedComponent);
        }
        let derived = self.name.as_str().starts_with('@');
        match (message, self.of_request()) {
            (Message::Request(request), false) if derived => self.append_derived(request, out),
            (Message::Request(RequestParts { headers, .. }), false) => self.append_field(headers, out),
            (Message::Response(response), false) if derived => self.append_status(response, out),
            (Message::Response(ResponseParts { headers, .. }), false) => self.append_field(headers, out),
            (Message::Response(response), true) => self.append_of_request(response, out),
            (Message::Request(_), true) => Err(Refusal::UnsupportedComponent),
        }
    }

    fn append_derived(&self, request: &RequestParts<'_>, out: &mut String) -> Result<(), Refusal> {
        if self.member().is_some() {
            return Err(Refusal::UnsupportedComponent);
        }
        match self.name.as_str() {
            "@method" => out.push_str(visible(request.method)?),
            "@authority" => append_authority(request.authority, out)?,
            "@path" => append_path(request.path, out)?,
            "@query" => {
                out.push('?');
                out.push_str(query(request.query)?);
            }
            _ => return Err(Refusal::UnsupportedComponent),
        }
        Ok(())
    }

    fn append_status(&self, response: &ResponseParts<'_>, out: &mut String) -> Result<(), Refusal> {
        if !self.is_plain("@status") {
            return Err(Refusal::UnsupportedComponent);
        }
        write!(out, "{:03}", response.status).map_err(|_| Refusal::UnusableComponent)
    }

    /// Of the request, a response covers the signature and its parameters: all of it hangs on these two.
    fn append_of_request(&self, response: &ResponseParts<'_>, out: &mut String) -> Result<(), Refusal> {
        if self.member().map(StringRef::as_str) != Some(&response.request.label) {
            return Err(Refusal::UnsupportedComponent);
        }
        match self.name.as_str() {
            SIGNATURE => out.push_str(&response.request.value_text()),
            SIGNATURE_INPUT => out.push_str(&response.request.parameters),
            _ => return Err(Refusal::UnsupportedComponent),
        }
        Ok(())
    }

    fn append_field(&self, headers: &HeaderMap, out: &mut String) -> Result<(), Refusal> {
        let name = self.name.as_str();
        // The header map would find `Content-Type` as well; the signature base would not be the same.
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(Refusal::UnsupportedComponent);
        }
        match self.member() {
            None => append_lines(headers, name, out),
            Some(member) => {
                let mut value = String::new();
                append_lines(headers, name, &mut value)?;
                append_member(&value, member.as_str(), out)
            }
        }
    }
}

/// All lines of a header, joined (RFC 9421 section 2.1). Line folding and line feeds cannot be in a header value.
fn append_lines(headers: &HeaderMap, name: &str, out: &mut String) -> Result<(), Refusal> {
    let mut separator = "";
    for line in headers.get_all(name) {
        if line.len() > limits::HEADER_BYTES_MAX {
            return Err(Refusal::UnusableComponent);
        }
        let text = line.to_str().map_err(|_| Refusal::UnusableComponent)?;
        out.push_str(separator);
        out.push_str(text.trim_matches([' ', '\t']));
        separator = ", ";
    }
    if separator.is_empty() {
        Err(Refusal::UnusableComponent)
    } else {
        Ok(())
    }
}

/// One member of a dictionary header, strictly serialized (RFC 9421 section 2.1.2).
fn append_member(value: &str, member: &str, out: &mut String) -> Result<(), Refusal> {
    let dictionary: Dictionary = Parser::new(value).parse().map_err(|_| Refusal::UnusableComponent)?;
    match dictionary.get(member).ok_or(Refusal::UnusableComponent)? {
        ListEntry::Item(item) => {
            ItemSerializer::with_buffer(out)
                .bare_item(&item.bare_item)
                .parameters(&item.params);
        }
        entry @ ListEntry::InnerList(_) => ListSerializer::with_buffer(out).members([entry]),
    }
    Ok(())
}

/// Lower case, and without the default port of HTTPS (RFC 9421 section 2.2.3).
fn append_authority(authority: &str, out: &mut String) -> Result<(), Refusal> {
    let authority = authority.strip_suffix(":443").unwrap_or(authority);
    // A user name in front of the host would let one reader see another host than the next.
    if authority.is_empty() || authority.contains(['@', '/', '?', '#']) {
        return Err(Refusal::UnusableComponent);
    }
    out.extend(visible(authority)?.chars().map(|letter| letter.to_ascii_lowercase()));
    Ok(())
}

fn append_path(path: &str, out: &mut String) -> Result<(), Refusal> {
    if path.is_empty() {
        out.push('/');
        return Ok(());
    }
    if !path.starts_with('/') || path.contains(['?', '#']) {
        return Err(Refusal::UnusableComponent);
    }
    out.push_str(visible(path)?);
    Ok(())
}

fn query(query: Option<&str>) -> Result<&str, Refusal> {
    match query {
        None | Some("") => Ok(""),
        Some(query) if query.contains('#') => Err(Refusal::UnusableComponent),
        Some(query) => visible(query),
    }
}

/// Printable ASCII without spaces: nothing that could end a line of the signature base and begin another.
fn visible(text: &str) -> Result<&str, Refusal> {
    let printable = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if printable {
        Ok(text)
    } else {
        Err(Refusal::UnusableComponent)
    }
}
