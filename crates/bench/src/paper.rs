//! The report on paper: `report.md` and its plots. What was not measured is said to be that; it is never a zero.

use crate::Failure;
use crate::growth::{Growth, Step};
use crate::meter::percentile;
use crate::report::{Line, Ratio, Report, median};
use crate::svg::{self, Bar};
use std::fmt::Write;
use std::fs;
use std::path::Path;

const NOT_MEASURED: &str = "not measured";

/// Writes all files into a folder. Plots of an earlier report that this one does not have go away.
pub(crate) fn write(dir: &Path, report: &Report, conditions: &[(&'static str, String)]) -> Result<(), Failure> {
    fs::create_dir_all(dir)?;
    for plot in ["ratios.svg", "growth-throughput.svg", "growth-latency.svg"] {
        let _ = fs::remove_file(dir.join(plot));
    }
    for (name, text) in written(report, conditions) {
        fs::write(dir.join(name), text)?;
    }
    Ok(())
}

/// The files with their names.
pub(crate) fn written(report: &Report, conditions: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    let lines = report.lines();
    let bars: Vec<Bar> = lines.iter().map(bar).collect();
    let mut files = vec![
        ("report.md", markdown(report, &lines, conditions)),
        (
            "ratios.svg",
            svg::bars("Ratios against must (red) and aim (green)", &bars),
        ),
    ];
    if let Some(places) = places(&report.growth) {
        let rows = |value: fn(&Step) -> u64| -> Vec<svg::Line> {
            let row = |growth: &Growth| svg::Line {
                name: growth.engine.to_owned(),
                points: growth.steps.iter().map(value).collect(),
            };
            report.growth.iter().map(row).collect()
        };
        let throughput = svg::lines(
            "Payments per second over payments in the database",
            "/s",
            &places,
            &rows(|step| step.rate().unwrap_or(0)),
        );
        let latency = svg::lines(
            "p99 of a submission under full load over payments in the database",
            "us",
            &places,
            &rows(|step| step.latency(99).unwrap_or(0)),
        );
        files.push(("growth-throughput.svg", throughput));
        files.push(("growth-latency.svg", latency));
    }
    files
}

/// The sizes of the first engine; those of the others differ by what was measured in between.
fn places(growth: &[Growth]) -> Option<Vec<String>> {
    let steps = &growth.first()?.steps;
    Some(steps.iter().map(|step| grouped(u64::from(step.payments))).collect())
}

fn bar(line: &Line) -> Bar {
    let sign = line.sign();
    Bar {
        name: line.name.clone(),
        measured: line.measured.map(Ratio::thousandths),
        must: line.must.thousandths(),
        aim: line.aim.thousandths(),
        words: format!(
            "{} (must {sign}{}, aim {sign}{})",
            shown(line.measured),
            line.must,
            line.aim
        ),
    }
}

fn markdown(report: &Report, lines: &[Line], conditions: &[(&'static str, String)]) -> String {
    let mut text = "# Speed, as measured\n\nWritten by `cargo xtask bench --report`; what the figures mean is in \
                    [performance.md](../performance.md).\n\n## Conditions\n\n| condition | value |\n| --- | --- |\n"
        .to_owned();
    for (name, value) in conditions {
        let _ = writeln!(text, "| {name} | {} |", value.replace('|', "\\|"));
    }
    text.push_str(
        "\n## Ratios\n\nMedian of the rounds of this run. Red marks what must be reached, green what is aimed at.\n\n\
         ![Bars of all ratios with marks at must and aim](ratios.svg)\n\n| ratio | measured | must | aim |\n| --- | --- | --- | --- |\n",
    );
    for line in lines {
        let (sign, missed) = (line.sign(), if line.missed() { " **missed**" } else { "" });
        let _ = writeln!(
            text,
            "| `{}` | {}{missed} | {sign}{} | {sign}{} |",
            line.name,
            shown(line.measured),
            line.must,
            line.aim
        );
    }
    if !report.rounds.is_empty() {
        text.push_str("\n## Rounds\n\n```text\n");
        for (number, round) in (1..).zip(&report.rounds) {
            let _ = write!(text, "round {number}\n{round}");
        }
        text.push_str("```\n");
    }
    if !report.growth.is_empty() {
        text.push_str(
            "\n## Growth\n\n![Payments per second over size](growth-throughput.svg)\n\n![p99 over size](growth-latency.svg)\n",
        );
    }
    for growth in &report.growth {
        grown(&mut text, growth);
    }
    text
}

fn grown(text: &mut String, growth: &Growth) {
    let _ = write!(text, "\n### {}\n\n| payments |", growth.engine);
    for step in &growth.steps {
        let _ = write!(text, " {} |", grouped(u64::from(step.payments)));
    }
    let _ = writeln!(text, "\n| --- |{}", " --- |".repeat(growth.steps.len()));
    for (name, value) in FIGURES {
        let _ = write!(text, "| {name} |");
        for step in &growth.steps {
            let _ = write!(text, " {} |", value(step).unwrap_or_else(|| NOT_MEASURED.to_owned()));
        }
        text.push('\n');
    }
    let names: Vec<&str> = growth
        .steps
        .first()
        .map(|step| step.queries.iter().map(|query| query.name).collect())
        .unwrap_or_default();
    for (place, name) in names.into_iter().enumerate() {
        let _ = write!(text, "| {name}: p50, p99 in ms |");
        for step in &growth.steps {
            let query = step.queries.get(place);
            let told = query.map(|query| match &query.failed {
                Some(why) => format!("failed: {why}"),
                None => format!(
                    "{}, {}",
                    millis(percentile(&query.micros, 50)),
                    millis(percentile(&query.micros, 99))
                ),
            });
            let _ = write!(text, " {} |", told.unwrap_or_else(|| NOT_MEASURED.to_owned()));
        }
        text.push('\n');
    }
}

type Figure = (&'static str, fn(&Step) -> Option<String>);

/// The rows of the table of growth.
const FIGURES: [Figure; 11] = [
    ("storage / fresh", |step| {
        step.over_fresh().map(|ratio| ratio.to_string())
    }),
    ("p99 / p99 of fresh", |step| {
        step.latency_over_fresh().map(|ratio| ratio.to_string())
    }),
    ("storage / pgbench", |step| {
        step.over_pgbench().map(|ratio| ratio.to_string())
    }),
    ("processor time of one / one Ed25519 verify", |step| {
        step.over_verify().map(|ratio| ratio.to_string())
    }),
    ("start / start of fresh", |step| {
        step.start_over_fresh().map(|ratio| ratio.to_string())
    }),
    ("storage, payments per second", |step| step.rate().map(grouped)),
    ("under full load: p50, p99 in ms", |step| {
        Some(format!("{}, {}", millis(step.latency(50)), millis(step.latency(99))))
    }),
    ("one caller alone: p50, p99 in ms", |step| {
        let of = |hundredths| median(step.rounds.iter().map(|round| round.single.percentile(hundredths)));
        Some(format!("{}, {}", millis(of(50)), millis(of(99))))
    }),
    ("memory after filling, after a start, in MiB", |step| {
        let mebi = |bytes: Option<u64>| bytes.map_or(NOT_MEASURED.to_owned(), |bytes| (bytes >> 20).to_string());
        Some(format!("{}, {}", mebi(step.resident), mebi(step.resident_started)))
    }),
    ("bytes of the database per payment", |step| {
        Some(grouped(step.bytes_each))
    }),
    ("start, in ms", |step| {
        u64::try_from(step.start.as_micros())
            .ok()
            .map(|micros| millis(Some(micros)))
    }),
];

fn shown(ratio: Option<Ratio>) -> String {
    ratio.map_or(NOT_MEASURED.to_owned(), |ratio| ratio.to_string())
}

fn millis(micros: Option<u64>) -> String {
    micros.map_or(NOT_MEASURED.to_owned(), |micros| {
        format!("{}.{:02}", micros / 1_000, micros % 1_000 / 10)
    })
}

/// With a comma between each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests;
