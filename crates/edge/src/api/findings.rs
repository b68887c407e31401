//! Everything that is wrong with a request, collected while it is read, so that a caller corrects it in one go.

use crate::problem::Problem;
use flow::refusal::{Code, FieldError, Refusal};
use std::fmt::Display;

/// Findings that one answer lists at most: beyond that nobody reads on.
const FINDINGS_MAX: usize = 100;

/// What was found so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    errors: Vec<FieldError>,
    malformed: bool,
}

impl Findings {
    /// A field that does not have the form that the API reference asks for.
    pub(crate) fn malformed(&mut self, pointer: &str, code: &str, detail: impl Into<String>) {
        self.malformed = true;
        self.wrong(pointer, code, detail);
    }

    /// A field of the right form whose value cannot be used.
    pub(crate) fn wrong(&mut self, pointer: &str, code: &str, detail: impl Into<String>) {
        if self.errors.len() < FINDINGS_MAX {
            let (pointer, code) = (pointer.to_owned(), code.to_owned());
            self.errors.push(FieldError {
                pointer,
                line: None,
                code,
                detail: detail.into(),
            });
        }
    }

    /// What the rules of payments have found.
    pub(crate) fn add(&mut self, errors: Vec<FieldError>) {
        let free = FINDINGS_MAX.saturating_sub(self.errors.len());
        self.errors.extend(errors.into_iter().take(free));
    }

    /// The value of a field that has to be there. What was removed as malformed is not reported as missing again.
    pub(crate) fn required<T>(&mut self, pointer: &str, value: Option<T>) -> Option<T> {
        if value.is_none() && !self.covers(pointer) {
            self.malformed(pointer, "value_missing", "this field is needed");
        }
        value
    }

    /// The parsed value of a field, if it is there and can be parsed.
    pub(crate) fn parsed<T, E: Display>(
        &mut self,
        pointer: &str,
        code: &str,
        text: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(text?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(pointer, code, error.to_string());
                None
            }
        }
    }

    /// The same for a query parameter, whose form is part of the request's form.
    pub(crate) fn parameter<T, E: Display>(
        &mut self,
        name: &str,
        text: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(text?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.malformed(&format!("?{name}"), "parameter_invalid", error.to_string());
                None
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// Refuses the request if anything was found: as malformed, or else with the code of the operation.
    pub(crate) fn finish(self, code: Code, detail: &str) -> Result<(), Problem> {
        if self.errors.is_empty() {
            return Ok(());
        }
        let parameter = self
            .errors
            .first()
            .and_then(|error| error.pointer.strip_prefix('?'))
            .map(str::to_owned);
        let mut refusal = if self.malformed {
            Refusal::new(
                Code::Malformed,
                "the request does not have the form that is asked for; `errors` says where",
            )
        } else {
            Refusal::new(code, detail)
        };
        refusal.errors = self.errors;
        let problem = Problem::from(refusal);
        Err(match parameter {
            Some(name) => problem.param(name),
            None => problem,
        })
    }

    /// Whether something was found at this place or around it.
    fn covers(&self, pointer: &str) -> bool {
        self.errors.iter().any(|error| {
            pointer
                .strip_prefix(error.pointer.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_was_removed_as_malformed_is_not_missing_as_well() {
        let mut found = Findings::default();
        found.malformed("/creditor", "type_mismatch", "an object is expected");
        assert_eq!(found.required::<i32>("/creditor/name", None), None);
        assert_eq!(found.required::<i32>("/creditors", None), None);
        let problem = found.finish(Code::PaymentInvalid, "no").unwrap_err();
        let pointers: Vec<&str> = problem
            .refusal()
            .errors
            .iter()
            .map(|error| error.pointer.as_str())
            .collect();
        assert_eq!(pointers, ["/creditor", "/creditors"]);
        assert_eq!(problem.refusal().code, Code::Malformed);
    }

    #[test]
    fn a_wrong_value_has_the_code_of_the_operation() {
        let mut found = Findings::default();
        found.wrong("/amount", "amount_invalid", "the amount must be greater than zero");
        assert_eq!(
            found.finish(Code::PaymentInvalid, "no").unwrap_err().refusal().code,
            Code::PaymentInvalid
        );
    }
}
