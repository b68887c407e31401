//! The signature base (RFC 9421 section 2.5): the text that is signed.

use super::Refusal;
use super::component::Component;
use super::input::Parameter;
use super::message::Message;
use sfv::ListSerializer;

/// The text that is signed, and its last line's value.
#[derive(Debug)]
pub(crate) struct SignatureBase {
    pub(crate) text: String,
    /// The covered components and parameters, strictly serialized: whatever spaces the sender left between them, both sides
    /// sign the same text.
    pub(crate) parameters: String,
}

impl SignatureBase {
    pub(crate) fn build(
        components: &[Component<'_>],
        parameters: &[Parameter<'_>],
        message: &Message<'_>,
    ) -> Result<Self, Refusal> {
        let mut text = String::with_capacity(1_024);
        for component in components {
            component.append_identifier(&mut text);
            text.push_str(": ");
            component.append_value(message, &mut text)?;
            text.push('\n');
        }
        let parameters = serialize(components, parameters)?;
        text.push_str("\"@signature-params\": ");
        text.push_str(&parameters);
        Ok(Self { text, parameters })
    }
}

fn serialize(components: &[Component<'_>], parameters: &[Parameter<'_>]) -> Result<String, Refusal> {
    let mut out = String::with_capacity(512);
    let mut outer = ListSerializer::with_buffer(&mut out);
    let mut list = outer.inner_list();
    for component in components {
        component.append_selectors(list.bare_item(&*component.name));
    }
    let mut list = list.finish();
    for parameter in parameters {
        let name = parameter.name();
        list = match parameter {
            Parameter::Created(seconds) | Parameter::Expires(seconds) => list.parameter(name, *seconds),
            Parameter::Nonce(text) | Parameter::KeyId(text) | Parameter::Algorithm(text) | Parameter::Tag(text) => {
                list.parameter(name, &**text)
            }
            Parameter::Unsupported => return Err(Refusal::UnsupportedParameter),
        };
    }
    Ok(out)
}
