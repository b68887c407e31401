//! `countersign explain`: what a code of the API means and what to do about it.

use crate::{Outcome, output};
use flow::Code;
use std::process::ExitCode;

pub(crate) fn run(code: Option<&str>) -> Outcome {
    let Some(wanted) = code else {
        for code in Code::ALL {
            output::line(&format!("{:24} {} {}", code.as_str(), code.status(), code.title()));
        }
        return Ok(ExitCode::SUCCESS);
    };
    let Some(code) = Code::ALL.iter().find(|code| code.as_str() == wanted) else {
        return Err(format!("there is no code `{wanted}`; `countersign explain` lists all of them").into());
    };
    output::line(&format!(
        "{} (HTTP {})\n{}.\n{}",
        code.as_str(),
        code.status(),
        code.title(),
        code.remedy()
    ));
    Ok(ExitCode::SUCCESS)
}
