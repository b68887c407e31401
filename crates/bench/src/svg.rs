//! Plots as plain SVG: rectangles, lines and words. Readable on light and on dark ground, and by those who cannot see them: each has a
//! title and a description that holds the figures.

use std::fmt::Write;

const WIDTH: u64 = 860;
const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#1f2933}.soft{fill:#5b6672}.track{fill:#e4e8ec}.bar{fill:#2c6fbb}\
.must{stroke:#b3261e;stroke-width:2}.aim{stroke:#1b7f4d;stroke-width:2}.axis{stroke:#8a949e}.line{fill:none;stroke-width:2.5}\
.s0{stroke:#2c6fbb}.s1{stroke:#c05a00;stroke-dasharray:7 4}.d0{fill:#2c6fbb}.d1{fill:#c05a00}\
@media(prefers-color-scheme:dark){text{fill:#e6eaee}.soft{fill:#a4afba}.track{fill:#2e363e}.bar{fill:#6aa7ea}\
.must{stroke:#ff8a80}.aim{stroke:#63d297}.s0{stroke:#6aa7ea}.s1{stroke:#f0a050}.d0{fill:#6aa7ea}.d1{fill:#f0a050}}";

/// One row of a bar chart.
#[derive(Debug)]
pub(crate) struct Bar {
    pub(crate) name: String,
    /// Nothing if it was not measured.
    pub(crate) measured: Option<u64>,
    pub(crate) must: u64,
    pub(crate) aim: u64,
    /// What stands at the end of the row.
    pub(crate) words: String,
}

/// One line of a line plot: what it is, and a point for each place.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<u64>,
}

/// Rows of bars with marks at must and aim; every row has its own scale.
pub(crate) fn bars(title: &str, bars: &[Bar]) -> String {
    let mut body = String::new();
    let mut told = Vec::new();
    for (row, bar) in (0..).zip(bars) {
        let top: u64 = 44 + row * 34;
        let most = bar.measured.unwrap_or(0).max(bar.must).max(bar.aim).max(1);
        let along = |value: u64| value.saturating_mul(280) / most;
        let text = top + 14;
        let _ = write!(
            body,
            "<text x=\"8\" y=\"{text}\">{}</text><rect class=\"track\" x=\"250\" y=\"{top}\" width=\"280\" height=\"18\"/>",
            escaped(&bar.name)
        );
        if let Some(measured) = bar.measured {
            let _ = write!(
                body,
                "<rect class=\"bar\" x=\"250\" y=\"{top}\" width=\"{}\" height=\"18\"/>",
                along(measured)
            );
        }
        for (class, value) in [("must", bar.must), ("aim", bar.aim)] {
            let (x, from, to) = (250 + along(value), top - 4, top + 22);
            let _ = write!(
                body,
                "<line class=\"{class}\" x1=\"{x}\" y1=\"{from}\" x2=\"{x}\" y2=\"{to}\"/>"
            );
        }
        let _ = write!(
            body,
            "<text class=\"soft\" x=\"542\" y=\"{text}\">{}</text>",
            escaped(&bar.words)
        );
        told.push(format!("{}: {}", bar.name, bar.words));
    }
    let height = 44 + 34 * u64::try_from(bars.len()).unwrap_or_default();
    drawn(title, &format!("{}.", told.join("; ")), height, &body)
}

/// A line for each row over places that stand at the same distance from each other.
pub(crate) fn lines(title: &str, unit: &str, places: &[String], rows: &[Line]) -> String {
    let most = rows
        .iter()
        .flat_map(|row| &row.points)
        .copied()
        .max()
        .unwrap_or(0)
        .max(1);
    let steps = u64::try_from(places.len()).unwrap_or_default().saturating_sub(1).max(1);
    let across = |place: u64| 90 + place * 480 / steps;
    let up = |value: u64| 250 - value.saturating_mul(190) / most;
    let mut body = format!(
        "<line class=\"axis\" x1=\"90\" y1=\"250\" x2=\"580\" y2=\"250\"/><line class=\"axis\" x1=\"90\" y1=\"50\" x2=\"90\" y2=\"250\"/>\
         <text class=\"soft\" x=\"8\" y=\"64\">{most} {0}</text><text class=\"soft\" x=\"8\" y=\"254\">0 {0}</text>",
        escaped(unit)
    );
    for (place, name) in (0..).zip(places) {
        let x = across(place);
        let _ = write!(
            body,
            "<text class=\"soft\" x=\"{x}\" y=\"272\" text-anchor=\"middle\">{}</text>",
            escaped(name)
        );
    }
    let mut told = Vec::new();
    for (number, row) in (0_u64..).zip(rows) {
        let class = number % 2;
        let points: Vec<String> = (0..)
            .zip(&row.points)
            .map(|(place, value)| format!("{},{}", across(place), up(*value)))
            .collect();
        let label = 74 + number * 24;
        let _ = write!(
            body,
            "<polyline class=\"line s{class}\" points=\"{}\"/><line class=\"line s{class}\" x1=\"600\" y1=\"{}\" x2=\"630\" y2=\"{}\"/>\
             <text x=\"638\" y=\"{}\">{}</text>",
            points.join(" "),
            label,
            label,
            label + 4,
            escaped(&row.name)
        );
        for (place, value) in (0..).zip(&row.points) {
            let (x, y) = (across(place), up(*value));
            let _ = write!(body, "<circle class=\"d{class}\" cx=\"{x}\" cy=\"{y}\" r=\"3\"/>");
        }
        for (place, value) in places.iter().zip(&row.points) {
            told.push(format!("{} at {place}: {value} {unit}", row.name));
        }
    }
    drawn(title, &format!("{}.", told.join("; ")), 290, &body)
}

fn drawn(title: &str, told: &str, height: u64, body: &str) -> String {
    let (title, told) = (escaped(title), escaped(told));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" \
         aria-labelledby=\"t d\"><title id=\"t\">{title}</title><desc id=\"d\">{told}</desc><style>{STYLE}</style>\
         <text x=\"8\" y=\"24\">{title}</text>{body}</svg>\n"
    )
}

/// Text that may stand in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
