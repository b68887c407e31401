//! An element whose end tag has not come yet: its text so far, and how its children are numbered.

use super::{Span, narrow};
use std::borrow::Cow;
use std::collections::BTreeMap;
use vocab::limits;

/// Kept for at most [`limits::XML_DEPTH_MAX`] elements at a time.
pub(super) struct Open<'a> {
    pub(super) node: u32,
    text: Text<'a>,
    characters: usize,
    /// Children by name: how many so far, and the node of the first.
    children: BTreeMap<&'a str, (u32, u32)>,
}

/// Text of an open element: as it stands in the input if possible.
enum Text<'a> {
    None,
    InInput(usize, &'a str),
    Rewritten(String),
}

/// The text of an element that was closed.
pub(super) enum Closed {
    InInput(Span),
    Rewritten(String),
}

/// The number of a child among those of its name.
pub(super) struct Numbered {
    /// From 1.
    pub(super) ordinal: u32,
    /// The first of the name, if this is the second: until now it was the only one.
    pub(super) no_longer_alone: Option<u32>,
}

impl<'a> Open<'a> {
    pub(super) fn new(node: u32) -> Self {
        Self {
            node,
            text: Text::None,
            characters: 0,
            children: BTreeMap::new(),
        }
    }

    /// A child of this name begins at this node.
    pub(super) fn begin_child(&mut self, name: &'a str, node: u32) -> Numbered {
        // SECURITY: looked at before the first child only; a long text before many children must not cost its length for each.
        if self.children.is_empty() && self.text.is_blank() {
            // White space before the first child is layout, not text.
            self.text = Text::None;
            self.characters = 0;
        }
        let (count, first) = self.children.entry(name).or_insert((0, node));
        *count = count.saturating_add(1);
        Numbered {
            ordinal: *count,
            no_longer_alone: (*count == 2).then_some(*first),
        }
    }

    /// Adds text that stands at `at`; borrowed, if it stands there as it is. `false`: the text is too long.
    pub(super) fn append(&mut self, at: usize, text: Cow<'a, str>) -> bool {
        if !self.children.is_empty() && is_blank(&text) {
            return true;
        }
        self.characters = self.characters.saturating_add(text.chars().count());
        if self.characters > limits::XML_TEXT_MAX {
            return false;
        }
        self.text = match (std::mem::replace(&mut self.text, Text::None), text) {
            (Text::None, Cow::Borrowed(text)) => Text::InInput(at, text),
            (Text::None, Cow::Owned(text)) => Text::Rewritten(text),
            (Text::InInput(_, before), text) => Text::Rewritten(format!("{before}{text}")),
            (Text::Rewritten(mut before), text) => {
                before.push_str(&text);
                Text::Rewritten(before)
            }
        };
        true
    }

    /// The whole text, once the end tag has come.
    pub(super) fn close(self) -> Closed {
        match self.text {
            Text::None => Closed::InInput(Span::default()),
            Text::InInput(at, text) => Closed::InInput(Span {
                start: narrow(at),
                length: narrow(text.len()),
            }),
            Text::Rewritten(text) => Closed::Rewritten(text),
        }
    }
}

impl Text<'_> {
    fn is_blank(&self) -> bool {
        match self {
            Self::None => true,
            Self::InInput(_, text) => is_blank(text),
            Self::Rewritten(text) => is_blank(text),
        }
    }
}

pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_whitespace())
}
