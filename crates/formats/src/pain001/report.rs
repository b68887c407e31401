//! Collects findings about an XML payment file, and knows whom each of them concerns.
//!
//! A place within a payment concerns the payment, one within a group all payments of the group, any other the file. Elements
//! about which something was said are remembered, so that nobody complains about the same thing twice.

use crate::field::{Field, Place};
use crate::finding::{Finding, FindingCode, Findings};
use crate::inspect::Inspector;
use crate::xml::Element;
use std::collections::BTreeSet;
use std::ops::Range;

pub(super) struct Report<'d> {
    pub(super) findings: Findings,
    groups: Vec<GroupPlace<'d>>,
    /// The elements of each payment, in the order of the file: ascending and disjoint.
    payments: Vec<Range<u32>>,
    /// Elements about which something was said.
    unsound: BTreeSet<u32>,
    /// Notes that were made; one of each kind is enough for a file of thousands.
    noted: BTreeSet<&'static str>,
}

/// A `PmtInf` and the payments in it.
#[derive(Clone)]
pub(super) struct GroupPlace<'d> {
    pub(super) element: Element<'d>,
    pub(super) payments: Range<usize>,
}

impl<'d> Report<'d> {
    pub(super) fn new(root: Element<'d>) -> Self {
        let mut groups = Vec::new();
        let mut payments = Vec::new();
        for element in root
            .child("CstmrCdtTrfInitn")
            .iter()
            .flat_map(|message| message.children_named("PmtInf"))
        {
            let first = payments.len();
            payments.extend(
                element
                    .children_named("CdtTrfTxInf")
                    .map(|payment| payment.index()..payment.end()),
            );
            groups.push(GroupPlace {
                element,
                payments: first..payments.len(),
            });
        }
        Self {
            findings: Findings::default(),
            groups,
            payments,
            unsound: BTreeSet::new(),
            noted: BTreeSet::new(),
        }
    }

    pub(super) fn groups(&self) -> Vec<GroupPlace<'d>> {
        self.groups.clone()
    }

    pub(super) fn payment_count(&self) -> usize {
        self.payments.len()
    }

    /// Says something about an element.
    pub(super) fn at(&mut self, element: Element<'d>, code: FindingCode, message: impl Into<String>) {
        self.say(Place::Element(element), element, code, message.into());
    }

    /// Says something about an attribute.
    pub(super) fn at_attribute(
        &mut self,
        element: Element<'d>,
        name: &'static str,
        code: FindingCode,
        message: impl Into<String>,
    ) {
        self.say(Place::Attribute(element, name), element, code, message.into());
    }

    /// Says that an element is not there.
    pub(super) fn missing(&mut self, parent: Element<'d>, name: &str, message: impl Into<String>) {
        let payments = self.concerned(parent);
        self.findings.add(|| Finding {
            path: format!("{}/{name}", parent.path()),
            line: parent.line(),
            code: FindingCode::MissingElement,
            message: message.into(),
            payments,
        });
    }

    /// Makes a note about an element that is not passed on; the first time only.
    pub(super) fn note(&mut self, element: Element<'d>, what: &'static str) {
        if self.noted.insert(what) {
            let name = element.name();
            let message = format!(
                "{what} (`{name}`) is not passed on to the bank, here and wherever else it stands in this file"
            );
            let payments = self.concerned(element);
            let place = Place::Element(element);
            let code = FindingCode::ElementNotForwarded;
            self.findings.add(|| Finding {
                path: place.path(),
                line: place.line(),
                code,
                message,
                payments,
            });
        }
    }

    fn say(&mut self, place: Place<'d>, element: Element<'d>, code: FindingCode, message: String) {
        self.unsound.insert(element.index());
        let payments = self.concerned(element);
        self.findings.add(|| Finding {
            path: place.path(),
            line: place.line(),
            code,
            message,
            payments,
        });
    }

    /// Whether nothing was said about an element.
    pub(super) fn is_sound(&self, element: Element<'d>) -> bool {
        !self.unsound.contains(&element.index())
    }

    /// The text of an element for the checks of values.
    pub(super) fn field(&self, element: Element<'d>) -> Field<'d> {
        Field {
            text: element.text(),
            place: Place::Element(element),
            sound: self.is_sound(element),
        }
    }

    /// The text of the element reached by these names.
    pub(super) fn field_at(&self, element: Element<'d>, names: &[&str]) -> Option<Field<'d>> {
        element.at(names).map(|found| self.field(found))
    }

    /// Someone to check the values of these payments.
    pub(super) fn inspector(&mut self, payments: Range<usize>) -> Inspector<'_> {
        Inspector::new(&mut self.findings, Some(payments))
    }

    /// Someone to check the values of the header.
    pub(super) fn file_inspector(&mut self) -> Inspector<'_> {
        Inspector::new(&mut self.findings, None)
    }

    fn concerned(&self, element: Element<'d>) -> Option<Range<usize>> {
        let index = element.index();
        let number = self.payments.partition_point(|payment| payment.end <= index);
        if self
            .payments
            .get(number)
            .is_some_and(|payment| payment.contains(&index))
        {
            return Some(number..number.saturating_add(1));
        }
        let number = self.groups.partition_point(|group| group.element.end() <= index);
        let group = self.groups.get(number).filter(|group| group.element.index() <= index)?;
        Some(group.payments.clone())
    }
}
