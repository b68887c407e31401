//! The journey as a picture: how many payments stand at each step, drawn once lying for wide screens and once standing for narrow
//! ones, and told once more as a table for those who do not see it.

use crate::ui::table::{data_table, number, sentence, text};
use crate::ui::tag::{Tone, state_title, state_tone, status_tag};
use crate::ui::values::{count, counted};
use flow::view::{Overview, StateName};
use maud::{Markup, html};

/// A step of the journey with what stands there.
struct Step {
    name: &'static str,
    count: i64,
    caption: String,
    href: String,
    chips: Vec<Chip>,
}

/// Some of the payments of a step, or what left the journey there.
struct Chip {
    tone: Tone,
    words: String,
    href: String,
}

/// The picture and its table.
pub(super) fn journey(overview: &Overview) -> Markup {
    let steps = steps(overview);
    html! {
        figure.journey {
            (lying(&steps))
            (standing(&steps))
        }
    }
}

/// The same as a table of all states.
pub(super) fn table(overview: &Overview) -> Markup {
    let rows = overview.states.iter().map(|(state, number)| {
        vec![
            html! { a href={ "/payments?state=" (state) } { (status_tag(*state)) } },
            html! { (count(number)) },
            html! { (state.sentence()) },
        ]
    });
    data_table(
        "Payments by state",
        &[text("State"), number("Payments"), sentence("What it means")],
        rows,
    )
}

fn steps(overview: &Overview) -> Vec<Step> {
    use StateName::{
        AcceptedByBank, Approved, Cancelled, Dispatching, Expired, Queued, Received, Rejected, Returned, Settled,
        Unknown, WaitingForApproval,
    };
    let number = |wanted: StateName| {
        overview
            .states
            .iter()
            .find(|(state, _)| *state == wanted)
            .map_or(0, |found| found.1)
    };
    let step = |name, standing: &[StateName], caption: &str, chips: &[StateName]| {
        let busiest = standing.iter().copied().max_by_key(|state| number(*state));
        Step {
            name,
            count: standing.iter().map(|state| number(*state)).sum(),
            caption: caption.to_owned(),
            href: busiest.map_or_else(|| "/payments".to_owned(), address),
            chips: chips
                .iter()
                .filter(|state| number(**state) > 0)
                .map(|state| chip(*state, number(*state)))
                .collect(),
        }
    };
    let all = Step {
        name: "Request",
        count: overview.states.iter().map(|(_, count)| count).sum(),
        caption: "came in".to_owned(),
        href: "/payments".to_owned(),
        chips: Vec::new(),
    };
    let (lines, explained) = overview.lines;
    let open = overview.exceptions_open;
    let reconcile = Step {
        name: "Reconcile",
        count: explained,
        caption: format!("of {}", counted(lines, "bank line")),
        href: "/statements".to_owned(),
        chips: (open > 0)
            .then(|| Chip {
                tone: Tone::Waiting,
                words: counted(open, "exception"),
                href: "/exceptions".to_owned(),
            })
            .into_iter()
            .collect(),
    };
    vec![
        all,
        step("Intake", &[Received], "being looked at", &[]),
        step(
            "Approve",
            &[WaitingForApproval],
            "wait for people",
            &[Cancelled, Expired],
        ),
        step(
            "Dispatch",
            &[Approved, Queued, Dispatching],
            "go to the bank",
            &[Approved, Queued, Dispatching],
        ),
        step(
            "Bank",
            &[AcceptedByBank, Unknown],
            "at the bank",
            &[AcceptedByBank, Unknown, Rejected],
        ),
        step("Settle", &[Settled], "executed", &[Returned]),
        reconcile,
    ]
}

fn chip(state: StateName, payments: i64) -> Chip {
    // "By bank" says the step above it already.
    let title = state_title(state).to_lowercase().replace(" by bank", "");
    let words = format!("{} {title}", count(payments));
    Chip {
        tone: state_tone(state),
        words,
        href: address(state),
    }
}

fn address(state: StateName) -> String {
    format!("/payments?state={state}")
}

// Measures of both drawings, in units of their view box.
const BOX_WIDTH: usize = 134;
const BOX_HEIGHT: usize = 96;
const GAP: usize = 33;
const CHIP_HEIGHT: usize = 26;
const CHIP_STEP: usize = 31;
const TALL_WIDTH: usize = 404;
const TALL_BOX: usize = 64;
const TALL_GAP: usize = 22;
const TALL_CHIP: usize = 128;

fn lying(steps: &[Step]) -> Markup {
    let pitch = BOX_WIDTH + GAP;
    let rows = steps.iter().map(|step| step.chips.len()).max().unwrap_or(0);
    let (width, height) = (
        steps.len() * pitch - GAP + 4,
        BOX_HEIGHT + 4 + rows * CHIP_STEP + usize::from(rows > 0) * 6,
    );
    html! {
        svg.long viewBox={ "-2 -2 " (width) " " (height) } role="group" aria-labelledby="journey-long-title journey-long-desc" {
            title id="journey-long-title" { "The journey of payments" }
            desc id="journey-long-desc" { (described(steps)) }
            @for (place, step) in steps.iter().enumerate() {
                @let x = place * pitch;
                @if place > 0 { (arrow_right(x)) }
                (step_link(step, &html! {
                    rect.box x=(x) y="0" width=(BOX_WIDTH) height=(BOX_HEIGHT) rx="10" {}
                    text.name x=(x + 14) y="26" { (step.name) } " "
                    text.count x=(x + 14) y="61" { (count(step.count)) } " "
                    text.caption x=(x + 14) y="82" { (step.caption) }
                }))
                @for (row, chip) in step.chips.iter().enumerate() {
                    (chip_link(chip, x, BOX_HEIGHT + 8 + row * CHIP_STEP, BOX_WIDTH))
                }
            }
        }
    }
}

fn standing(steps: &[Step]) -> Markup {
    let mut y = 0;
    let mut places = Vec::with_capacity(steps.len());
    for step in steps {
        places.push(y);
        y += TALL_BOX + TALL_GAP + if step.chips.is_empty() { 0 } else { CHIP_HEIGHT + 8 };
    }
    html! {
        svg.tall viewBox={ "-2 -2 " (TALL_WIDTH + 4) " " (y - TALL_GAP + 4) } role="group"
            aria-labelledby="journey-tall-title journey-tall-desc" {
            title id="journey-tall-title" { "The journey of payments" }
            desc id="journey-tall-desc" { (described(steps)) }
            @for (place, (step, y)) in steps.iter().zip(places).enumerate() {
                @if place > 0 { (arrow_down(y)) }
                (step_link(step, &html! {
                    rect.box x="0" y=(y) width=(TALL_WIDTH) height=(TALL_BOX) rx="10" {}
                    text.name x="16" y=(y + 28) { (step.name) } " "
                    text.count x=(TALL_WIDTH - 16) y=(y + 42) text-anchor="end" { (count(step.count)) } " "
                    text.caption x="16" y=(y + 48) { (step.caption) }
                }))
                @for (column, chip) in step.chips.iter().enumerate() {
                    (chip_link(chip, column * (TALL_CHIP + 10), y + TALL_BOX + 6, TALL_CHIP))
                }
            }
        }
    }
}

/// The name for screen readers is what is seen, in its order; the spaces between the texts are part of that.
fn step_link(step: &Step, drawing: &Markup) -> Markup {
    let class = if step.count > 0 { "step some" } else { "step" };
    html! {
        a class=(class) href=(step.href) aria-label={ (step.name) ": " (count(step.count)) " " (step.caption) } { (drawing) }
    }
}

fn chip_link(chip: &Chip, x: usize, y: usize, width: usize) -> Markup {
    html! {
        a class={ "chip " (chip.tone.class()) } href=(chip.href) {
            rect x=(x) y=(y) width=(width) height=(CHIP_HEIGHT) rx="13" {}
            text x=(x + width / 2) y=(y + 17) text-anchor="middle" { (chip.words) }
        }
    }
}

fn arrow_right(x: usize) -> Markup {
    let (from, to, y) = (x - GAP + 5, x - 6, BOX_HEIGHT / 2);
    html! {
        path.way d={ "M" (from) " " (y) "H" (to - 5) } {}
        path.tip d={ "M" (to) " " (y) "l-7 -4v8z" } {}
    }
}

fn arrow_down(y: usize) -> Markup {
    let x = TALL_WIDTH / 2;
    html! {
        path.way d={ "M" (x) " " (y - 18) "V" (y - 8) } {}
        path.tip d={ "M" (x) " " (y - 3) "l-4 -7h8z" } {}
    }
}

fn described(steps: &[Step]) -> String {
    let said: Vec<String> = steps
        .iter()
        .map(|step| {
            let chips: Vec<&str> = step.chips.iter().map(|chip| chip.words.as_str()).collect();
            let more = if chips.is_empty() {
                String::new()
            } else {
                format!(" ({})", chips.join(", "))
            };
            format!("{}: {} {}{more}", step.name, count(step.count), step.caption)
        })
        .collect();
    format!("{}.", said.join("; "))
}
