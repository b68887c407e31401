//! Who acted, in words: the names of members, and what stands for applications, the platform and the bank.

use crate::state::EdgeState;
use std::collections::BTreeMap;
use vocab::context::Ctx;

/// Names of the organization's people, by their id in text form.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// Of an organization.
    pub(super) async fn of(state: &EdgeState, ctx: Ctx) -> Result<Self, flow::Error> {
        let members = flow::view::members(state.platform(), ctx).await?;
        Ok(Self(
            members.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
        ))
    }

    #[cfg(test)]
    pub(super) fn from_pairs(pairs: &[(&str, &str)]) -> Self {
        Self(
            pairs
                .iter()
                .map(|(id, name)| ((*id).to_owned(), (*name).to_owned()))
                .collect(),
        )
    }

    /// Whoever this actor in text form is.
    pub(super) fn actor(&self, actor: &str) -> String {
        match actor {
            "system" => "Countersign".to_owned(),
            "bank" => "the bank".to_owned(),
            id => match self.0.get(id) {
                Some(name) => name.clone(),
                None if id.starts_with("app_") => format!("application {id}"),
                None => id.to_owned(),
            },
        }
    }
}
