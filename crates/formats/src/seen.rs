//! Ids that should be unique in a file.

use crate::field::Field;
use crate::finding::{FindingCode, quoted};
use crate::inspect::Inspector;
use std::collections::BTreeMap;

/// Ids that were seen in the file, with the line of the first: what should be unique and is not was probably copied.
#[derive(Debug, Default)]
pub(crate) struct Seen<'d> {
    groups: BTreeMap<&'d str, u32>,
    end_to_end: BTreeMap<&'d str, u32>,
    instructions: BTreeMap<&'d str, u32>,
    uetrs: BTreeMap<&'d str, u32>,
}

/// Stands for an end-to-end id that nobody gave, as often as needed.
const NOT_PROVIDED: &str = "NOTPROVIDED";

impl<'d> Seen<'d> {
    pub(crate) fn check_group_id(&mut self, inspector: &mut Inspector<'_>, field: Field<'d>) {
        check_unique(&mut self.groups, inspector, field, FindingCode::DuplicateGroupId);
    }

    pub(crate) fn check_end_to_end_id(&mut self, inspector: &mut Inspector<'_>, field: Field<'d>) {
        if field.text != NOT_PROVIDED {
            check_unique(&mut self.end_to_end, inspector, field, FindingCode::DuplicateEndToEndId);
        }
    }

    pub(crate) fn check_instruction_id(&mut self, inspector: &mut Inspector<'_>, field: Field<'d>) {
        check_unique(
            &mut self.instructions,
            inspector,
            field,
            FindingCode::DuplicateInstructionId,
        );
    }

    pub(crate) fn check_uetr(&mut self, inspector: &mut Inspector<'_>, field: Field<'d>) {
        check_unique(&mut self.uetrs, inspector, field, FindingCode::DuplicateUetr);
    }
}

fn check_unique<'d>(
    seen: &mut BTreeMap<&'d str, u32>,
    inspector: &mut Inspector<'_>,
    field: Field<'d>,
    code: FindingCode,
) {
    let line = field.place.line();
    if let Some(first) = seen.get(field.text) {
        let message = format!(
            "{} stands already in line {first}; give each its own, or remove what was copied",
            quoted(field.text)
        );
        inspector.report(field.place, code, message);
    } else {
        seen.insert(field.text, line);
    }
}
