//! The group header: who sent the file, and whether it is complete.
//!
//! A wrong count or sum in the header refuses the whole file: it was changed or cut off on its way, and nobody knows where.

use super::control::{self, Decimal};
use super::report::{GroupPlace, Report};
use crate::batch::Header;
use crate::field::{Field, Place};
use crate::finding::{FindingCode, quoted};
use crate::inspect::Inspector;
use crate::xml::Element;

pub(super) fn read<'d>(report: &mut Report<'d>, message: Element<'d>) -> Header {
    let groups = report.groups();
    for supplement in message.children_named("SplmtryData") {
        super::carried::refuse(report, supplement);
    }
    let Some(element) = message.child("GrpHdr") else {
        return Header::default();
    };
    let count = report.field_at(element, &["NbOfTxs"]);
    let sum = report.field_at(element, &["CtrlSum"]);
    let message_id = report.field_at(element, &["MsgId"]);
    if let Some(agent) = element.child("FwdgAgt").filter(|agent| report.is_sound(*agent)) {
        report.note(agent, "the forwarding agent");
    }
    let mut inspector = report.file_inspector();
    message_id.map(|id| inspector.reference(id));
    let payments = groups
        .iter()
        .map(|group| group.payments.len())
        .fold(0, usize::saturating_add);
    check_count(&mut inspector, count, payments);
    check_sum(&mut inspector, sum, control::total(groups.iter().map(control::sum_of)));
    let text = |field: Option<Field<'d>>| field.map(|field| field.text.to_owned());
    Header {
        message_id: text(message_id),
        created_at: element.text_of("CreDtTm").map(str::to_owned),
        initiating_party: element.at(&["InitgPty", "Nm"]).map(|name| name.text().to_owned()),
        count: text(count),
        sum: text(sum),
    }
}

/// The same for the count and sum of one group, which refuse the group.
pub(super) fn check_group(report: &mut Report<'_>, group: &GroupPlace<'_>) {
    let place = |name: &str| {
        let element = group.element.child(name)?;
        Some(Field {
            text: element.text(),
            place: Place::Element(element),
            sound: true,
        })
    };
    let mut inspector = report.inspector(group.payments.clone());
    check_count(&mut inspector, place("NbOfTxs"), group.payments.len());
    check_sum(&mut inspector, place("CtrlSum"), control::sum_of(group));
}

fn check_count(inspector: &mut Inspector<'_>, declared: Option<Field<'_>>, found: usize) {
    let Some(declared) = declared else {
        return;
    };
    // What is no number was found by the schema.
    if declared.text.parse::<usize>().is_ok_and(|count| count != found) {
        let message = format!(
            "{} payments are declared, {found} are there; the file was changed or cut off, have it made again",
            quoted(declared.text)
        );
        inspector.report(declared.place, FindingCode::CountMismatch, message);
    }
}

fn check_sum(inspector: &mut Inspector<'_>, declared: Option<Field<'_>>, found: Option<Decimal>) {
    let Some((declared, sum)) = declared.and_then(|declared| Some((declared, Decimal::parse(declared.text)?))) else {
        return;
    };
    let message = match found {
        Some(found) if found == sum => return,
        Some(found) => format!(
            "the amounts should add up to {}, they add up to `{found}`; the file was changed or cut off, have it made again",
            quoted(declared.text.trim())
        ),
        // A file with an amount that cannot be read may just as well have been altered elsewhere.
        None => "the sum cannot be checked, because an amount cannot be read; correct the amount".to_owned(),
    };
    inspector.report(declared.place, FindingCode::SumMismatch, message);
}
