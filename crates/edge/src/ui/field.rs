//! Fields of forms: each with a visible label, and with what was wrong next to it.

use maud::{Markup, html};

/// A field and what stands in it.
#[derive(Debug)]
pub(crate) struct Field<'a> {
    /// Its name in the query, which is also its id on the page.
    pub(crate) name: &'static str,
    /// What it is for.
    pub(crate) label: &'static str,
    /// What stands in it.
    pub(crate) value: &'a str,
    /// What was wrong with it.
    pub(crate) wrong: Option<&'a str>,
}

/// A field to write into. `kind` is the type of an HTML input.
pub(crate) fn field(kind: &str, field: &Field<'_>) -> Markup {
    let numeric = (field.label.contains("mount")).then_some("decimal");
    framed(
        field,
        &html! {
            input type=(kind) id=(field.name) name=(field.name) value=(field.value) inputmode=[numeric] autocomplete="off"
                spellcheck="false" aria-invalid=[field.wrong.map(|_| "true")] aria-describedby=[described(field)];
        },
    )
}

/// A field to choose from: values with their words. The first choice stands for "any".
pub(crate) fn choice(field: &Field<'_>, any: &str, options: &[(String, String)]) -> Markup {
    framed(
        field,
        &html! {
            select id=(field.name) name=(field.name) aria-describedby=[described(field)] {
                option value="" { (any) }
                @for (value, words) in options {
                    option value=(value) selected[value == field.value] { (words) }
                }
            }
        },
    )
}

fn framed(field: &Field<'_>, control: &Markup) -> Markup {
    html! {
        div.field {
            label for=(field.name) { (field.label) }
            (control)
            @if let Some(wrong) = field.wrong { p.wrong id={ (field.name) "-wrong" } { (wrong) } }
        }
    }
}

fn described(field: &Field<'_>) -> Option<String> {
    field.wrong.map(|_| format!("{}-wrong", field.name))
}
