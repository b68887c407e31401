//! Writes the XML of our own messages: elements in the order given, escaped text, indented, the same bytes for the same values.
//!
//! The writer keeps its first fault instead of returning a result for each element, so that a message reads like its schema. The
//! facets of the schemas (length, digits, years) are checked on the way: no document leaves that a bank refuses for its form.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use vocab::money::Money;
use vocab::time::{Date, Timestamp};

/// Why a message could not be written. Names the element, never its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The schema's length does not fit.
    #[error("`{element}` is empty or longer than {max} characters; shorten it")]
    Length {
        /// Name of the element.
        element: &'static str,
        /// Characters allowed.
        max: usize,
    },
    /// The text would not arrive as it was sent.
    #[error(
        "`{element}` begins or ends with a space or holds a control character, which banks do not pass on; remove it"
    )]
    Character {
        /// Name of the element.
        element: &'static str,
    },
    /// The schema allows 18 digits and no sign.
    #[error("the amount in `{element}` is negative or has more than 18 digits; split the payment")]
    Amount {
        /// Name of the element.
        element: &'static str,
    },
    /// Messages know the years 1 to 9999.
    #[error("the date in `{element}` is outside of the years 1 to 9999; correct it")]
    Date {
        /// Name of the element.
        element: &'static str,
    },
    /// The value cannot be said in this message, or contradicts another value of it.
    #[error("`{element}` cannot be written: {reason}")]
    Content {
        /// Name of the element.
        element: &'static str,
        /// What is wrong and what to do.
        reason: &'static str,
    },
}

/// Digits that the schemas allow in an amount.
const AMOUNT_DIGITS_MAX: usize = 18;

/// A message being written.
pub(crate) struct XmlWriter {
    writer: Writer<Vec<u8>>,
    fault: Option<WriteError>,
}

impl XmlWriter {
    /// A whole message: declaration, `Document` in the namespace, and what `body` writes into it.
    pub(crate) fn document(namespace: &str, body: impl FnOnce(&mut Self)) -> Result<Vec<u8>, WriteError> {
        let mut xml = Self {
            writer: Writer::new_with_indent(Vec::new(), b' ', 2),
            fault: None,
        };
        xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        let mut root = BytesStart::new("Document");
        root.push_attribute(("xmlns", namespace));
        xml.event(Event::Start(root));
        body(&mut xml);
        xml.event(Event::End(BytesEnd::new("Document")));
        match xml.fault {
            Some(fault) => Err(fault),
            None => {
                let mut bytes = xml.writer.into_inner();
                bytes.push(b'\n');
                Ok(bytes)
            }
        }
    }

    /// An element that holds elements.
    pub(crate) fn parent(&mut self, name: &'static str, body: impl FnOnce(&mut Self)) {
        self.event(Event::Start(BytesStart::new(name)));
        body(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// An element that holds text of 1 to `max` characters.
    pub(crate) fn text(&mut self, name: &'static str, value: &str, max: usize) {
        if value.is_empty() || value.chars().count() > max {
            return self.fail(WriteError::Length { element: name, max });
        }
        // SECURITY: escaping keeps markup out; control characters would make the document ill-formed or change under way.
        if !value.chars().all(is_plain) {
            return self.fail(WriteError::Character { element: name });
        }
        self.leaf(BytesStart::new(name), value);
    }

    /// The same, if there is a value.
    pub(crate) fn text_if(&mut self, name: &'static str, value: Option<&str>, max: usize) {
        if let Some(value) = value {
            self.text(name, value, max);
        }
    }

    /// Text of any length in as many elements as needed, broken at single spaces so that joining them with a space gives it back.
    pub(crate) fn paragraphs(&mut self, name: &'static str, value: &str, max: usize) {
        let mut rest = value;
        while rest.chars().count() > max {
            let Some((line, after)) = break_line(rest, max) else {
                return self.fail(WriteError::Length { element: name, max });
            };
            self.text(name, line, max);
            rest = after;
        }
        self.text(name, rest, max);
    }

    /// The choice that ISO 20022 makes for reasons: a code of up to four characters, else a proprietary text.
    pub(crate) fn code_or_proprietary(&mut self, value: &str) {
        if value.chars().count() <= 4 {
            self.text("Cd", value, 4);
        } else {
            self.text("Prtry", value, 35);
        }
    }

    /// An amount without its sign, with its currency. The caller writes the sign as the message has it.
    pub(crate) fn unsigned_money(&mut self, name: &'static str, money: Money) {
        let decimal = money.decimal();
        let decimal = decimal.strip_prefix('-').unwrap_or(&decimal);
        if decimal.bytes().filter(u8::is_ascii_digit).count() > AMOUNT_DIGITS_MAX {
            return self.fail(WriteError::Amount { element: name });
        }
        let mut start = BytesStart::new(name);
        start.push_attribute(("Ccy", money.currency().code()));
        self.leaf(start, decimal);
    }

    /// A civil date.
    pub(crate) fn date(&mut self, name: &'static str, date: Date) {
        if date.year() < 1 {
            return self.fail(WriteError::Date { element: name });
        }
        self.leaf(BytesStart::new(name), &date.to_string());
    }

    /// A point in time, in UTC.
    pub(crate) fn timestamp(&mut self, name: &'static str, at: Timestamp) {
        let text = at.to_string();
        // Outside of the years that a date can have, a timestamp prints as a number.
        if at.date().year() < 1 || !text.ends_with('Z') {
            return self.fail(WriteError::Date { element: name });
        }
        self.leaf(BytesStart::new(name), &text);
    }

    /// Keeps the first fault of the message.
    pub(crate) fn fail(&mut self, fault: WriteError) {
        self.fault.get_or_insert(fault);
    }

    fn leaf(&mut self, start: BytesStart<'_>, value: &str) {
        let end = start.to_end().into_owned();
        self.event(Event::Start(start));
        self.event(Event::Text(BytesText::new(value)));
        self.event(Event::End(end));
    }

    fn event(&mut self, event: Event<'_>) {
        if self.fault.is_none() && self.writer.write_event(event).is_err() {
            self.fail(WriteError::Content {
                element: "Document",
                reason: "memory ran out; write fewer payments at once",
            });
        }
    }
}

/// Whether XML and banks carry the character unchanged.
fn is_plain(character: char) -> bool {
    !character.is_control() && !matches!(character, '\u{fffe}' | '\u{ffff}')
}

/// The longest head of at most `max` characters before a space that stands alone, and what follows that space.
fn break_line(text: &str, max: usize) -> Option<(&str, &str)> {
    let mut best = None;
    let (mut before, mut characters) = (' ', text.char_indices().peekable());
    for _ in 0..=max {
        let (at, character) = characters.next()?;
        let alone = !before.is_whitespace() && characters.peek().is_some_and(|(_, after)| !after.is_whitespace());
        if character == ' ' && alone {
            best = text.split_at_checked(at);
        }
        before = character;
    }
    best.and_then(|(head, tail)| tail.strip_prefix(' ').map(|tail| (head, tail)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vocab::money::Currency;

    fn written(body: impl FnOnce(&mut XmlWriter)) -> Result<String, WriteError> {
        XmlWriter::document("urn:example", body).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn a_document_is_declared_indented_and_escaped() {
        let xml = written(|xml| {
            xml.parent("A", |xml| {
                xml.text("B", "1 < 2 & \"c\"", 35);
                xml.unsigned_money("C", Money::new(-5, Currency::from_code("EUR").unwrap()));
            });
        });
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:example\">\n  <A>\n    \
            <B>1 &lt; 2 &amp; &quot;c&quot;</B>\n    <C Ccy=\"EUR\">0.05</C>\n  </A>\n</Document>\n";
        assert_eq!(xml.unwrap(), expected);
    }

    #[test]
    fn the_first_fault_is_the_one_reported() {
        let length = written(|xml| {
            xml.text("A", "abc", 2);
            xml.text("B", "", 2);
        });
        assert_eq!(length, Err(WriteError::Length { element: "A", max: 2 }));
        for bad in ["a\rb", "a\nb", "a\u{0}b", "a\u{ffff}b"] {
            assert_eq!(
                written(|xml| xml.text("A", bad, 9)),
                Err(WriteError::Character { element: "A" }),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn what_the_schema_cannot_hold_is_refused() {
        let eur = Currency::from_code("EUR").unwrap();
        assert!(written(|xml| xml.unsigned_money("A", Money::new(999_999_999_999_999_999, eur))).is_ok());
        let amount = written(|xml| xml.unsigned_money("A", Money::new(i64::MIN, eur)));
        assert_eq!(amount, Err(WriteError::Amount { element: "A" }));
        let date = written(|xml| xml.timestamp("A", Timestamp::from_micros(i64::MAX)));
        assert_eq!(date, Err(WriteError::Date { element: "A" }));
    }

    #[test]
    fn long_text_breaks_where_it_can_be_joined_again() {
        assert_eq!(break_line("ab cd ef", 5), Some(("ab cd", "ef")));
        assert_eq!(break_line("ab cd ef", 4), Some(("ab", "cd ef")));
        assert_eq!(break_line("abcdef", 3), None);
        assert_eq!(break_line("ab  cd", 4), None);
    }

    proptest! {
        #[test]
        fn a_broken_line_joins_to_the_same_text(text in "[a-d ]{0,40}", max in 1_usize..12) {
            if let Some((head, tail)) = break_line(&text, max) {
                prop_assert!(head.chars().count() <= max);
                prop_assert_eq!(format!("{head} {tail}"), text);
            }
        }
    }
}
