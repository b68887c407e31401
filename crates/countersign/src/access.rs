//! `countersign access explain`: whether a member may do something, which rule decides, and who else could.

use crate::args::AccessExplain;
use crate::setup::detail;
use crate::setup_link::chosen_organization;
use crate::{Outcome, output, wire};
use flow::access::Object;
use flow::rights::Action;
use std::process::ExitCode;
use vocab::context::{Actor, World};
use vocab::id::MemberId;

pub(crate) async fn explain(args: AccessExplain) -> Outcome {
    let Some(action) = Action::from_name(&args.action) else {
        let all: Vec<String> = Action::ALL
            .iter()
            .map(|action| format!("  {:20} {}", action.name(), action.meaning()))
            .collect();
        return Err(format!("`{}` is no action; these are:\n{}", args.action, all.join("\n")).into());
    };
    let member: MemberId = args.member.parse()?;
    let object = match args.object.as_deref() {
        None => Object::Nothing,
        Some(id) if id.starts_with("pay_") => Object::Payment(id.parse()?),
        Some(id) => Object::Member(id.parse()?),
    };
    let platform = wire::offline(&args.place).await?;
    let organization = chosen_organization(&platform, args.organization.as_deref()).await?;
    let ctx = platform.ctx(organization, World::Test, Actor::System);
    let explained = flow::access::explain(&platform, ctx, member, action, object).await;
    platform.store().close().await;
    let explained = explained.map_err(detail)?;
    let roles: Vec<&str> = explained.roles.iter().map(|role| role.name()).collect();
    let state = explained
        .state
        .map_or("no member of this organization", |state| state.name());
    output::line(&format!("{member} is {state}, with the roles: {}", listed(&roles)));
    let code = match explained.decision {
        Ok(role) => {
            output::line(&format!("yes: the role {} permits {}", role.name(), action.name()));
            ExitCode::SUCCESS
        }
        Err(rule) => {
            output::line(&format!("no: {rule} (rule {})", rule.name()));
            ExitCode::FAILURE
        }
    };
    let others: Vec<String> = explained.others.iter().map(ToString::to_string).collect();
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    output::line(&format!("others who may: {}", listed(&others)));
    Ok(code)
}

fn listed(words: &[&str]) -> String {
    if words.is_empty() {
        "none".to_owned()
    } else {
        words.join(", ")
    }
}
