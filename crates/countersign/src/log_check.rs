//! `countersign log check`: every row against the log.

use crate::args::LogCheck;
use crate::{Outcome, output, wire};
use serde_json::json;
use std::process::ExitCode;

pub(crate) async fn run(args: LogCheck) -> Outcome {
    let platform = wire::unchecked(&args.place).await?;
    let checked = flow::check::check(&platform).await;
    platform.store().close().await;
    let report = checked?;
    if args.json {
        let problems: Vec<_> = report
            .problems
            .iter()
            .map(|problem| json!({"table": problem.table, "row": problem.row, "sentence": problem.sentence}))
            .collect();
        let sound = problems.is_empty();
        output::line(
            &json!({"sound": sound, "size": report.size, "rows": report.rows, "problems": problems}).to_string(),
        );
    } else {
        for problem in &report.problems {
            output::line(&format!("{} {}: {}", problem.table, problem.row, problem.sentence));
        }
        let verdict = match report.problems.len() {
            0 => "everything is as it was recorded".to_owned(),
            1 => "one thing is not as it was recorded".to_owned(),
            count => format!("{count} things are not as they were recorded"),
        };
        output::line(&format!(
            "checked {} rows and {} entries of the log: {verdict}",
            report.rows, report.size
        ));
    }
    Ok(if report.problems.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
