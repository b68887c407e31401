//! Reads the headers Signature-Input and Signature (RFC 9421 section 4) and picks the one signature that is meant for us.
//!
//! Syntax is checked for every signature on the message. Rules of our profile apply to ours only: what a proxy on the way
//! adds for its own purposes is none of our business.

use super::Refusal;
use super::component::{Component, Selector};
use super::message::{SIGNATURE, SIGNATURE_INPUT, single};
use super::profile::TAG;
use crate::limits;
use http::HeaderMap;
use sfv::visitor::{DictionaryVisitor, EntryVisitor, Ignored, InnerListVisitor, ItemVisitor, ParameterVisitor};
use sfv::{BareItemFromInput, Integer, KeyRef, Parser, StringRef, key_ref};
use std::borrow::Cow;

/// What Signature-Input says about one signature.
#[derive(Debug)]
pub(crate) struct SignatureInput<'a> {
    pub(crate) label: &'a str,
    pub(crate) components: Vec<Component<'a>>,
    /// In the order of the sender, duplicates included.
    pub(crate) parameters: Vec<Parameter<'a>>,
}

impl SignatureInput<'_> {
    fn is_ours(&self) -> bool {
        self.parameters
            .iter()
            .any(|parameter| matches!(parameter, Parameter::Tag(tag) if tag.as_str() == TAG))
    }
}

/// A parameter of a signature (RFC 9421 section 2.3).
#[derive(Clone, Debug)]
pub(crate) enum Parameter<'a> {
    Created(Integer),
    Expires(Integer),
    Nonce(Cow<'a, StringRef>),
    KeyId(Cow<'a, StringRef>),
    Algorithm(Cow<'a, StringRef>),
    Tag(Cow<'a, StringRef>),
    /// Unknown, or of the wrong type.
    Unsupported,
}

impl<'a> Parameter<'a> {
    fn read(name: &KeyRef, value: BareItemFromInput<'a>) -> Self {
        match (name.as_str(), value) {
            ("created", BareItemFromInput::Integer(seconds)) => Self::Created(seconds),
            ("expires", BareItemFromInput::Integer(seconds)) => Self::Expires(seconds),
            ("nonce", BareItemFromInput::String(text)) => Self::Nonce(text),
            ("keyid", BareItemFromInput::String(text)) => Self::KeyId(text),
            ("alg", BareItemFromInput::String(text)) => Self::Algorithm(text),
            ("tag", BareItemFromInput::String(text)) => Self::Tag(text),
            _ => Self::Unsupported,
        }
    }

    pub(crate) fn name(&self) -> &'static KeyRef {
        match self {
            Self::Created(_) => const { key_ref("created") },
            Self::Expires(_) => const { key_ref("expires") },
            Self::Nonce(_) => const { key_ref("nonce") },
            Self::KeyId(_) => const { key_ref("keyid") },
            Self::Algorithm(_) => const { key_ref("alg") },
            Self::Tag(_) => const { key_ref("tag") },
            Self::Unsupported => const { key_ref("unsupported") },
        }
    }
}

/// The signature with our tag, and its value.
pub(crate) fn tagged(headers: &HeaderMap) -> Result<(SignatureInput<'_>, Vec<u8>), Refusal> {
    let input = single(headers, SIGNATURE_INPUT, limits::SIGNATURE_INPUT_BYTES_MAX)?
        .ok_or(Refusal::MissingHeader(SIGNATURE_INPUT))?;
    let value = single(headers, SIGNATURE, limits::SIGNATURE_BYTES_MAX)?.ok_or(Refusal::MissingHeader(SIGNATURE))?;
    let inputs = read_inputs(input)?;
    let mut values = read_values(value)?;
    let same_labels = inputs.len() == values.len()
        && inputs
            .iter()
            .all(|input| values.iter().any(|(label, _)| *label == input.label));
    if !same_labels {
        return Err(Refusal::LabelsDiffer);
    }
    let mut ours = inputs.into_iter().filter(SignatureInput::is_ours);
    let input = ours.next().ok_or(Refusal::NoTaggedSignature)?;
    if ours.next().is_some() {
        return Err(Refusal::SeveralTaggedSignatures);
    }
    let at = values
        .iter()
        .position(|(label, _)| *label == input.label)
        .ok_or(Refusal::LabelsDiffer)?;
    let (_, value) = values.swap_remove(at);
    Ok((input, value))
}

/// Reads a Signature-Input header.
pub(crate) fn read_inputs(header: &str) -> Result<Vec<SignatureInput<'_>>, Refusal> {
    let mut members = Members::new(SIGNATURE_INPUT);
    let parsed = Parser::new(header).parse_dictionary_with_visitor(Inputs { members: &mut members });
    members.finish(parsed)
}

/// Reads a Signature header.
pub(crate) fn read_values(header: &str) -> Result<Vec<(&str, Vec<u8>)>, Refusal> {
    let mut members = Members::new(SIGNATURE);
    let parsed = Parser::new(header).parse_dictionary_with_visitor(Values { members: &mut members });
    members.finish(parsed)
}

/// The members of a dictionary while it is being read. The parser turns a visitor's errors into text, so the refusal is kept
/// here.
struct Members<T> {
    header: &'static str,
    read: Vec<T>,
    refusal: Option<Refusal>,
}

impl<T> Members<T> {
    fn new(header: &'static str) -> Self {
        Self {
            header,
            read: Vec::new(),
            refusal: None,
        }
    }

    fn admit(&mut self, seen: impl Fn(&T) -> bool) -> Result<(), Refusal> {
        if self.read.iter().any(seen) {
            return Err(self.refuse(Refusal::DuplicateMember(self.header)));
        }
        if self.read.len() >= limits::SIGNATURES_MAX {
            return Err(self.refuse(Refusal::TooManySignatures));
        }
        Ok(())
    }

    fn refuse(&mut self, refusal: Refusal) -> Refusal {
        self.refusal = Some(refusal);
        refusal
    }

    fn finish(self, parsed: Result<(), sfv::Error>) -> Result<Vec<T>, Refusal> {
        match (self.refusal, parsed) {
            (Some(refusal), _) => Err(refusal),
            (None, Err(_)) => Err(Refusal::MalformedHeader(self.header)),
            (None, Ok(())) => Ok(self.read),
        }
    }
}

struct Inputs<'m, 'a> {
    members: &'m mut Members<SignatureInput<'a>>,
}

impl<'a> DictionaryVisitor<'a> for Inputs<'_, 'a> {
    type Out = ();
    type Error = Refusal;

    fn entry(&mut self, label: &'a KeyRef) -> Result<impl EntryVisitor<'a>, Refusal> {
        let label = label.as_str();
        self.members.admit(|input| input.label == label)?;
        let input = SignatureInput {
            label,
            components: Vec::with_capacity(12),
            parameters: Vec::with_capacity(6),
        };
        Ok(self.members.read.push_mut(input))
    }

    fn finish(self) -> Result<(), Refusal> {
        Ok(())
    }
}

impl<'a> EntryVisitor<'a> for &mut SignatureInput<'a> {
    type Error = Refusal;

    fn item(self) -> Result<impl ItemVisitor<'a>, Refusal> {
        Err::<Ignored, _>(Refusal::MalformedHeader(SIGNATURE_INPUT))
    }

    fn inner_list(self) -> Result<impl InnerListVisitor<'a>, Refusal> {
        Ok(self)
    }
}

impl<'a> InnerListVisitor<'a> for &mut SignatureInput<'a> {
    type Error = Refusal;

    fn item(&mut self) -> Result<impl ItemVisitor<'a>, Refusal> {
        Ok(ComponentReader(&mut self.components))
    }

    fn finish(self) -> Result<impl ParameterVisitor<'a>, Refusal> {
        Ok(ParameterReader(&mut self.parameters))
    }
}

struct ComponentReader<'c, 'a>(&'c mut Vec<Component<'a>>);

impl<'a> ItemVisitor<'a> for ComponentReader<'_, 'a> {
    type Out = ();
    type Error = Refusal;

    fn bare_item(self, item: BareItemFromInput<'a>) -> Result<impl ParameterVisitor<'a, Out = ()>, Refusal> {
        let BareItemFromInput::String(name) = item else {
            return Err(Refusal::MalformedHeader(SIGNATURE_INPUT));
        };
        Ok(self.0.push_mut(Component::plain(name)))
    }
}

impl<'a> ParameterVisitor<'a> for &mut Component<'a> {
    type Out = ();
    type Error = Refusal;

    fn parameter(&mut self, name: &'a KeyRef, value: BareItemFromInput<'a>) -> Result<(), Refusal> {
        match (name.as_str(), value) {
            ("req", BareItemFromInput::Boolean(true)) if !self.of_request() => self.selectors.push(Selector::Request),
            ("key", BareItemFromInput::String(member)) if self.member().is_none() => {
                self.selectors.push(Selector::Member(member));
            }
            _ => self.supported = false,
        }
        Ok(())
    }

    fn finish(self) -> Result<(), Refusal> {
        Ok(())
    }
}

struct ParameterReader<'p, 'a>(&'p mut Vec<Parameter<'a>>);

impl<'a> ParameterVisitor<'a> for ParameterReader<'_, 'a> {
    type Out = ();
    type Error = Refusal;

    fn parameter(&mut self, name: &'a KeyRef, value: BareItemFromInput<'a>) -> Result<(), Refusal> {
        self.0.push(Parameter::read(name, value));
        Ok(())
    }

    fn finish(self) -> Result<(), Refusal> {
        Ok(())
    }
}

struct Values<'m, 'a> {
    members: &'m mut Members<(&'a str, Vec<u8>)>,
}

impl<'a> DictionaryVisitor<'a> for Values<'_, 'a> {
    type Out = ();
    type Error = Refusal;

    fn entry(&mut self, label: &'a KeyRef) -> Result<impl EntryVisitor<'a>, Refusal> {
        let label = label.as_str();
        self.members.admit(|(other, _)| *other == label)?;
        let (_, value) = self.members.read.push_mut((label, Vec::new()));
        Ok(Value(value))
    }

    fn finish(self) -> Result<(), Refusal> {
        Ok(())
    }
}

struct Value<'v>(&'v mut Vec<u8>);

impl<'a> EntryVisitor<'a> for Value<'_> {
    type Error = Refusal;

    fn item(self) -> Result<impl ItemVisitor<'a>, Refusal> {
        Ok(self)
    }

    fn inner_list(self) -> Result<impl InnerListVisitor<'a>, Refusal> {
        Err::<Ignored, _>(Refusal::MalformedHeader(SIGNATURE))
    }
}

impl<'a> ItemVisitor<'a> for Value<'_> {
    type Out = ();
    type Error = Refusal;

    fn bare_item(self, item: BareItemFromInput<'a>) -> Result<impl ParameterVisitor<'a, Out = ()>, Refusal> {
        let BareItemFromInput::ByteSequence(bytes) = item else {
            return Err(Refusal::MalformedHeader(SIGNATURE));
        };
        *self.0 = bytes;
        Ok(Ignored)
    }
}
