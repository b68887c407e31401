//! A value as it stands in a file, and where it stands: what the checks of payments work on, whatever the format.

use crate::xml::Element;

/// A place in a file. Its path is built only when something has to be said about it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'d> {
    /// An element of an XML message.
    Element(Element<'d>),
    /// An attribute of an element.
    Attribute(Element<'d>, &'static str),
    /// A row of a CSV file, by the number of the payment in it.
    Row { index: usize, line: u32 },
    /// A cell of such a row.
    Cell {
        index: usize,
        line: u32,
        column: &'static str,
    },
    /// A value of a payment that comes in no file, by JSON pointer: what it belongs to, its name, and its number in a list.
    Member {
        of: &'static str,
        name: &'static str,
        index: Option<usize>,
    },
}

impl Place<'_> {
    pub(crate) fn path(self) -> String {
        match self {
            Self::Element(element) => element.path(),
            Self::Attribute(element, name) => format!("{}/@{name}", element.path()),
            Self::Row { index, .. } => format!("row[{}]", index.saturating_add(1)),
            Self::Cell { index, column, .. } => format!("row[{}]/{column}", index.saturating_add(1)),
            Self::Member { of, name, index: None } => format!("{of}/{name}"),
            Self::Member {
                of,
                name,
                index: Some(index),
            } => format!("{of}/{name}/{index}"),
        }
    }

    pub(crate) fn line(self) -> u32 {
        match self {
            Self::Element(element) | Self::Attribute(element, _) => element.line(),
            Self::Row { line, .. } | Self::Cell { line, .. } => line,
            Self::Member { .. } => 0,
        }
    }
}

/// A value that somebody wrote into a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'d> {
    pub(crate) text: &'d str,
    pub(crate) place: Place<'d>,
    /// `false`: the form of the value has been found wrong already. Nothing more is said about it.
    pub(crate) sound: bool,
}

impl<'d> Field<'d> {
    /// The same value without white space around it: for numbers, dates and codes.
    pub(crate) fn trimmed(self) -> Self {
        Self {
            text: self.text.trim_matches([' ', '\t', '\n', '\r']),
            ..self
        }
    }
}
