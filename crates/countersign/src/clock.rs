//! `countersign clock`: moves the clock of the test world, for every server on the database.

use crate::args::{Clock, ClockCommand};
use crate::{Outcome, output, wire};
use std::process::ExitCode;
use vocab::context::{Actor, World};

pub(crate) async fn run(args: Clock) -> Outcome {
    let (platform, by) = match &args.command {
        ClockCommand::Advance { by, place } => (wire::offline(place).await?, Some(seconds(by)?)),
        ClockCommand::Show { place } => (wire::offline(place).await?, None),
    };
    if let Some(by) = by {
        let organizations = flow::setup::organizations(&platform).await?;
        let Some((organization, _)) = organizations.first() else {
            return Err("there is no organization in this database yet".into());
        };
        let ctx = platform.ctx(*organization, World::Test, Actor::System);
        flow::clock::advance_again(&platform, ctx, by)
            .await
            .map_err(|error| error.refusal().detail)?;
    }
    output::line(&format!("the test world's time is {}", platform.now(World::Test)));
    platform.store().close().await;
    Ok(ExitCode::SUCCESS)
}

/// Reads `90s`, `30m`, `12h`, `3d`, `2w`.
fn seconds(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is no duration; write for example 90s, 30m, 12h, 3d or 2w");
    let unit_at = text.len().checked_sub(1).ok_or_else(wrong)?;
    let (number, unit) = text.split_at_checked(unit_at).ok_or_else(wrong)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return Err(wrong()),
    };
    number
        .parse::<i64>()
        .ok()
        .filter(|number| *number > 0)
        .and_then(|number| number.checked_mul(unit))
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn durations_are_read_or_explained() {
        assert_eq!(seconds("3d"), Ok(259_200));
        assert_eq!(seconds("90s"), Ok(90));
        for text in ["", "d", "3", "-1d", "0s", "3 d", "3D", "9223372036854775807w", "é"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
