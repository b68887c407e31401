//! What the schemas of pain.001 say, as tables, and in which words the tables are written.
//!
//! A table is checked by [`super::check`]. The tables hold every type of the schemas, also of subtrees that are never carried to a
//! bank: a file that the schema refuses is refused here, whatever part of it is wrong.

mod shared;
mod simple;
mod v03;
mod v09;

pub(super) use simple::{Form, Simple};
pub(super) use v03::DOCUMENT as DOCUMENT_03;
pub(super) use v09::DOCUMENT as DOCUMENT_09;

/// What an element holds.
#[derive(Debug)]
pub(super) enum Content {
    /// These elements in this order.
    Sequence(&'static [Particle]),
    /// Exactly one of these elements.
    Choice(&'static [Particle]),
    /// Text only.
    Simple(Simple),
    /// An amount of up to 18 digits, five of them decimal places, with the attribute `Ccy`.
    Amount,
    /// One element of whatever kind.
    Anything,
}

/// An element within another.
#[derive(Debug)]
pub(super) struct Particle {
    pub(super) name: &'static str,
    pub(super) occurs: Occurs,
    pub(super) content: &'static Content,
}

/// How often an element stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occurs {
    /// Once.
    One,
    /// Once or not at all.
    Optional,
    /// Not at all or up to so many times.
    UpTo(usize),
    /// Any number of times or not at all.
    Any,
    /// At least once.
    AtLeastOne,
}

impl Occurs {
    /// Whether it must be there.
    pub(super) fn required(self) -> bool {
        matches!(self, Self::One | Self::AtLeastOne)
    }

    /// How often at most.
    pub(super) fn max(self) -> usize {
        match self {
            Self::One | Self::Optional => 1,
            Self::UpTo(max) => max,
            Self::Any | Self::AtLeastOne => usize::MAX,
        }
    }
}

/// The language of the tables: `NAME = Sequence { One Element TYPE, Optional Element TYPE };`.
macro_rules! types {
    ($($type:ident = $kind:ident { $($occurs:ident $(($max:literal))? $name:ident $content:ident),+ $(,)? };)+) => {
        $(
            pub(in crate::pain001) static $type: super::Content = super::Content::$kind(&[
                $(super::Particle {
                    name: stringify!($name),
                    occurs: super::Occurs::$occurs $(($max))?,
                    content: &$content,
                },)+
            ]);
        )+
    };
}
use types;

#[cfg(test)]
mod tests;
