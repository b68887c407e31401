//! Checks a message against the tables of its schema: order, number and kind of elements, attributes, values.

use super::report::Report;
use super::schema::{Content, Occurs, Particle, Simple};
use super::values::{self, Unfit};
use crate::finding::{FindingCode, quoted};
use crate::spelling::nearest;
use crate::xml::Element;

/// Reports everything in `element` that the schema refuses. The depth of the recursion is that of the schema.
pub(super) fn check<'d>(report: &mut Report<'d>, element: Element<'d>, content: &Content) {
    if report.findings.full() {
        return;
    }
    match content {
        Content::Anything => check_envelope(report, element),
        Content::Sequence(particles) => check_sequence(report, element, particles),
        Content::Choice(particles) => check_choice(report, element, particles),
        Content::Simple(simple) => check_text(report, element, *simple),
        Content::Amount => check_amount(report, element),
    }
    for (name, _) in element.attributes() {
        // The hint where to find the schema is allowed everywhere; nothing is ever fetched.
        let hint = name
            .split_once(':')
            .is_some_and(|(_, local)| matches!(local, "schemaLocation" | "noNamespaceSchemaLocation"));
        let known = name == "Ccy" && matches!(content, Content::Amount);
        if !hint && !known {
            let message = format!("the attribute {} is not known here; remove it", quoted(name));
            report.at(element, FindingCode::UnknownAttribute, message);
        }
    }
}

/// Holds one element of whatever kind, which is not looked into.
fn check_envelope<'d>(report: &mut Report<'d>, element: Element<'d>) {
    refuse_text(report, element);
    let mut children = element.children();
    if children.next().is_none() {
        report.missing(element, "*", "the envelope is empty; fill it or remove it");
    } else if let Some(second) = children.next() {
        report.at(
            second,
            FindingCode::RepeatedElement,
            "an envelope holds one element; remove the others",
        );
    }
}

fn check_sequence<'d>(report: &mut Report<'d>, element: Element<'d>, particles: &[Particle]) {
    refuse_text(report, element);
    let mut counts = vec![0_usize; particles.len()];
    let mut reached = 0;
    for child in element.children() {
        if report.findings.full() {
            return;
        }
        let Some((place, particle)) = known(child, particles) else {
            unknown(report, child, particles);
            continue;
        };
        if let (true, Some(later)) = (place < reached, particles.get(reached)) {
            let message = format!("`{}` must stand before `{}`; move it", particle.name, later.name);
            report.at(child, FindingCode::MisplacedElement, message);
        }
        reached = reached.max(place);
        count(report, child, particle, counts.get_mut(place));
        check(report, child, particle.content);
    }
    for (particle, count) in particles.iter().zip(counts) {
        if particle.occurs.required() && count == 0 {
            report.missing(
                element,
                particle.name,
                format!("`{}` is missing; add it", particle.name),
            );
        }
    }
}

fn check_choice<'d>(report: &mut Report<'d>, element: Element<'d>, particles: &[Particle]) {
    refuse_text(report, element);
    let names = || {
        particles
            .iter()
            .map(|particle| format!("`{}`", particle.name))
            .collect::<Vec<_>>()
            .join(" or ")
    };
    let mut chosen = 0_usize;
    for child in element.children() {
        if report.findings.full() {
            return;
        }
        let Some((_, particle)) = known(child, particles) else {
            unknown(report, child, particles);
            continue;
        };
        chosen = chosen.saturating_add(1);
        if chosen == 2 {
            let message = format!("only one of {} may stand here; remove the other", names());
            report.at(child, FindingCode::RepeatedElement, message);
        }
        check(report, child, particle.content);
    }
    if let (0, Some(first)) = (chosen, particles.first()) {
        report.missing(
            element,
            first.name,
            format!("one of {} must stand here; add it", names()),
        );
    }
}

fn known<'p>(child: Element<'_>, particles: &'p [Particle]) -> Option<(usize, &'p Particle)> {
    let named = |(_, particle): &(usize, &Particle)| particle.name == child.name();
    particles.iter().enumerate().find(named).filter(|_| !child.is_foreign())
}

fn unknown<'d>(report: &mut Report<'d>, child: Element<'d>, particles: &[Particle]) {
    let name = quoted(child.name());
    let message = if child.is_foreign() {
        format!("{name} is in another namespace than the message; remove it")
    } else {
        match nearest(child.name(), particles.iter().map(|particle| particle.name)) {
            Some(meant) => format!("{name} is not known here; did you mean `{meant}`?"),
            None => format!("{name} is not known here; remove it"),
        }
    };
    report.at(child, FindingCode::UnknownElement, message);
}

fn count<'d>(report: &mut Report<'d>, child: Element<'d>, particle: &Particle, count: Option<&mut usize>) {
    let Some(count) = count else {
        return;
    };
    *count = count.saturating_add(1);
    // Said once, at the first that is too many.
    if *count == particle.occurs.max().saturating_add(1) {
        let message = match particle.occurs {
            Occurs::UpTo(max) => format!(
                "`{}` may stand here {max} times at most; remove the others",
                particle.name
            ),
            Occurs::One | Occurs::Optional | Occurs::Any | Occurs::AtLeastOne => {
                format!("`{}` may stand here only once; remove the other", particle.name)
            }
        };
        report.at(child, FindingCode::RepeatedElement, message);
    }
}

fn check_text<'d>(report: &mut Report<'d>, element: Element<'d>, simple: Simple) {
    refuse_children(report, element);
    let text = element.text();
    match values::check(simple, text) {
        Ok(()) => {}
        Err(Unfit::Length(_)) if text.is_empty() => {
            report.at(
                element,
                FindingCode::ValueLength,
                "the element is empty; fill it or remove it",
            );
        }
        Err(Unfit::Length(max)) => {
            report.at(
                element,
                FindingCode::ValueLength,
                format!("the text has more than {max} characters; shorten it"),
            );
        }
        Err(Unfit::Code(codes)) => {
            report.at(
                element,
                FindingCode::ValueCode,
                format!("{} is not one of {}", quoted(text), codes.join(", ")),
            );
        }
        Err(Unfit::Form(code, expected)) => report.at(element, code, format!("this is not {expected}; correct it")),
    }
}

fn check_amount<'d>(report: &mut Report<'d>, element: Element<'d>) {
    refuse_children(report, element);
    let text = element.text();
    if !values::is_amount(text) {
        let message = format!(
            "{} is not an amount; write digits with a point, no separators, at most 18 digits and 5 decimal places",
            quoted(text)
        );
        report.at(element, FindingCode::AmountInvalid, message);
    }
    match element.attribute("Ccy") {
        None => report.at_attribute(
            element,
            "Ccy",
            FindingCode::MissingAttribute,
            "the currency is missing; add the attribute `Ccy`",
        ),
        Some(code) if !values::is_currency(code) => {
            let message = format!("{} is not a currency of three capital letters", quoted(code));
            report.at_attribute(element, "Ccy", FindingCode::CurrencyUnknown, message);
        }
        Some(_) => {}
    }
}

fn refuse_text<'d>(report: &mut Report<'d>, element: Element<'d>) {
    if !element.text().trim_ascii().is_empty() {
        report.at(
            element,
            FindingCode::MisplacedText,
            "there is text between the elements; remove it",
        );
    }
}

fn refuse_children<'d>(report: &mut Report<'d>, element: Element<'d>) {
    if let Some(child) = element.children().next() {
        let message = format!(
            "{} is not known here, only text may stand here; remove it",
            quoted(child.name())
        );
        report.at(child, FindingCode::UnknownElement, message);
    }
}
