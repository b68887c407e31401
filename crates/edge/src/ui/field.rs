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

/// A line of a form that changes something: what it is for, how a browser may fill it in, and a word of help.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    /// Its name in the form, which is also its id on the page.
    pub(crate) name: &'a str,
    /// What it is for.
    pub(crate) label: &'a str,
    /// Type of an HTML input.
    pub(crate) kind: &'static str,
    /// What a browser may fill in.
    pub(crate) autocomplete: &'static str,
    /// What stands in it.
    pub(crate) value: &'a str,
    /// A word of help.
    pub(crate) hint: Option<&'a str>,
}

/// The line.
pub(crate) fn entry(entry: Entry<'_>) -> Markup {
    let hint = entry.hint.map(|_| format!("{}-hint", entry.name));
    html! {
        div.field {
            label for=(entry.name) { (entry.label) }
            input type=(entry.kind) id=(entry.name) name=(entry.name) value=(entry.value) autocomplete=(entry.autocomplete)
                autocapitalize="none" spellcheck="false" required aria-describedby=[hint.as_deref()];
            @if let Some(words) = entry.hint { p.hint id=[hint.as_deref()] { (words) } }
        }
    }
}

/// The line for a code of the authenticator app. `name` tells several on one page apart.
pub(crate) fn code_entry(id: &str, label: &str, hint: &str) -> Markup {
    html! {
        div.field {
            label for=(id) { (label) }
            input.code type="text" id=(id) name="code" value="" autocomplete="one-time-code" inputmode="numeric" autocapitalize="none"
                spellcheck="false" maxlength="24" required aria-describedby={ (id) "-hint" };
            p.hint id={ (id) "-hint" } { (hint) }
        }
    }
}

/// What was wrong with a form that was sent, above it.
pub(crate) fn problem(sentence: Option<&str>) -> Markup {
    html! { @if let Some(sentence) = sentence { p.notice.bad role="alert" { (sentence) } } }
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
