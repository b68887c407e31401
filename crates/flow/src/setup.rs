//! Setup: organizations, members, clients, keys, accounts and the approval policy. Used by the command line until people can sign in.

use crate::count::Count;
use crate::platform::{Parts, Platform};
use crate::refusal::{Code, Error, Refusal, refuse};
use crate::work::Work;
use identity::member::MemberState;
use identity::permission::Role;
use keys::Place;
use payment::policy::Policy;
use serde::{Deserialize, Serialize};
use serde_json::json;
use signing::key::VerifyingKey;
use std::sync::Arc;
use store::organizations::{Member, SigningKey};
use store::scope::Scope;
use vocab::account::AccountNumber;
use vocab::context::{Actor, Ctx, World};
use vocab::id::{AccountId, ClientId, KeyId, MemberId, OrganizationId};
use vocab::money::Currency;

/// Makes an organization.
pub async fn organization(platform: &Platform, world: World, name: &str) -> Result<OrganizationId, Error> {
    let name = name.to_owned();
    let id = OrganizationId::from_i64(platform.parts().id());
    let ctx = platform.ctx(id, world, Actor::System);
    write(platform, ctx, "organization", move |work| {
        add_organization(work, &name)?;
        Ok(id)
    })
    .await
}

/// The row of the organization whose work this is.
pub(crate) fn add_organization(work: &mut Work<'_>, name: &str) -> Result<(), Error> {
    let (id, name) = (work.ctx.organization, checked(name, "organization")?);
    store::organizations::add(work.tx, work.scope, &name, work.ctx.now)?;
    work.event("organization.created", id, &json!({"name": name}))?;
    Ok(())
}

/// Every organization with its name.
pub async fn organizations(platform: &Platform) -> Result<Vec<(OrganizationId, String)>, Error> {
    platform
        .parts()
        .store
        .read("organizations", |tx| Ok(store::organizations::list(tx)?))
        .await
}

/// Adds a person who signs requests with a key. They sign in to the console once somebody invites them.
pub async fn member(platform: &Platform, ctx: Ctx, name: &str, may_approve: bool) -> Result<MemberId, Error> {
    let name = checked(name, "member")?;
    let id = MemberId::from_i64(platform.parts().id());
    write(platform, ctx, "member", move |work| {
        add_member(work, id, &name, MemberState::Active)?;
        if may_approve {
            crate::rights::change_role(work, id, Role::Approver, true)?;
        }
        Ok(id)
    })
    .await
}

/// Grants a role from the command line, where whoever has the database has everything.
pub async fn role(platform: &Platform, ctx: Ctx, member: MemberId, role: Role) -> Result<(), Error> {
    write(platform, ctx, "role", move |work| {
        crate::rights::change_role(work, member, role, true)
    })
    .await
}

/// The rows of a new member, whatever way they come in.
pub(crate) fn add_member(work: &mut Work<'_>, id: MemberId, name: &str, state: MemberState) -> Result<(), Error> {
    let place = member_place(work.ctx.organization, id);
    let sealed = work
        .parts
        .keyring
        .0
        .seal(&place, work.parts.random(), name.as_bytes())?;
    store::organizations::add_member(work.tx, work.scope, &Member { id, sealed }, work.ctx.now)?;
    crate::rights::change_state(work, id, state, "member.added")
}

/// Adds an application.
pub async fn client(platform: &Platform, ctx: Ctx, name: &str) -> Result<ClientId, Error> {
    let name = checked(name, "client")?;
    let id = ClientId::from_i64(platform.parts().id());
    write(platform, ctx, "client", move |work| {
        store::organizations::add_client(work.tx, work.scope, id, &name, work.ctx.now)?;
        work.event("client.added", id, &json!({"name": name}))?;
        Ok(id)
    })
    .await
}

/// Registers a public key in the text form of `signing` for a member or a client.
pub async fn key(platform: &Platform, ctx: Ctx, holder: Actor, public_key: &str) -> Result<KeyId, Error> {
    if VerifyingKey::parse(public_key).is_err() {
        return refuse(Code::Malformed, "the public key cannot be read");
    }
    let id = KeyId::from_i64(platform.parts().id());
    let public_key = public_key.to_owned();
    write(platform, ctx, "key", move |work| {
        let (organization, world) = (work.ctx.organization, work.ctx.world);
        let key = SigningKey {
            id,
            organization,
            world,
            holder,
            public_key: public_key.clone(),
            revoked_at: None,
        };
        store::organizations::add_key(work.tx, work.scope, &key, work.ctx.now)?;
        work.event(
            "key.registered",
            id,
            &json!({"holder": holder.to_string(), "public_key": public_key}),
        )?;
        Ok(id)
    })
    .await
}

/// Sets the approval policy, in the text form of `payment::policy`.
pub async fn approval_policy(platform: &Platform, ctx: Ctx, text: &str) -> Result<i64, Error> {
    let policy: Policy = text
        .parse()
        .map_err(|error: payment::policy::PolicyError| Refusal::new(Code::PolicyInvalid, error.to_string()))?;
    let text = policy.to_string();
    write(platform, ctx, "approval policy", move |work| {
        let before = store::policies::current(work.tx, work.scope)?.map_or(0, |policy| policy.version);
        let policy = store::policies::Policy {
            version: before.saturating_add(1),
            text: text.clone(),
        };
        store::policies::add(work.tx, work.scope, &policy, work.ctx.actor, work.ctx.now)?;
        let organization = work.ctx.organization;
        work.event(
            "policy.set",
            organization,
            &json!({"text": text, "version": policy.version}),
        )?;
        Ok(policy.version)
    })
    .await
}

/// The approval policy in force, in text form.
pub async fn current_policy(platform: &Platform, ctx: Ctx) -> Result<Option<String>, Error> {
    crate::view::read(platform, ctx, "approval policy", |_, tx, scope| {
        Ok(store::policies::current(tx, scope)?.map(|policy| policy.text))
    })
    .await
}

/// Adds one of the organization's accounts; the same number and currency again gives the account that is there. Its payments take
/// `channel`, and its mailbox is read from then on.
pub async fn account(
    platform: &Platform,
    ctx: Ctx,
    number: AccountNumber,
    currency: Currency,
    holder: &str,
    channel: &str,
) -> Result<AccountId, Error> {
    let Some(way) = platform.parts().channels.get(channel) else {
        return refuse(
            Code::Malformed,
            format!("there is no channel `{channel}` on this server"),
        );
    };
    if ctx.world == World::Live && way.simulated() {
        return refuse(
            Code::Malformed,
            format!("channel `{channel}` is simulated and moves no real money"),
        );
    }
    let (holder, channel) = (checked(holder, "account holder")?, channel.to_owned());
    let id = AccountId::from_i64(platform.parts().id());
    write(platform, ctx, "account", move |work| {
        let index = crate::intake::account_index(work.parts, &number);
        if let Some(known) = store::accounts::by_number(work.tx, work.scope, &index, currency)? {
            return Ok(known.id);
        }
        let described = Described {
            holder: holder.clone(),
            iban: matches!(number, AccountNumber::Iban(_)),
            number: number.as_str().to_owned(),
        };
        let plain = serde_json::to_vec(&described).map_err(|_| Error::Bug("an account that cannot be written"))?;
        let place = account_place(work.scope, id);
        let sealed = work.parts.keyring.0.seal(&place, work.parts.random(), &plain)?;
        let account = store::accounts::Account {
            id,
            number_index: index,
            currency,
            channel: channel.clone(),
            sealed,
        };
        store::accounts::add(work.tx, work.scope, &account, work.ctx.now)?;
        work.event(
            "account.added",
            id,
            &json!({"channel": channel, "currency": currency.code()}),
        )?;
        for job in [crate::collect::JOB, crate::sweep::JOB] {
            if !store::jobs::exists(work.tx, work.scope, job, 0)? {
                work.enqueue(job, 0, work.ctx.now)?;
            }
        }
        Ok(id)
    })
    .await
}

#[derive(Serialize, Deserialize)]
struct Described {
    holder: String,
    iban: bool,
    number: String,
}

/// Number and holder of an account.
pub(crate) fn open_account(
    parts: &Parts,
    scope: Scope<'_>,
    account: &store::accounts::Account,
) -> Result<(AccountNumber, String), Error> {
    let plain = parts
        .keyring
        .0
        .open(&account_place(scope, account.id), &account.sealed)?;
    let unreadable = Error::Bug("a stored account that cannot be read");
    let Ok(described) = serde_json::from_slice::<Described>(&plain) else {
        return Err(unreadable);
    };
    let number = if described.iban {
        described.number.parse().map(AccountNumber::Iban)
    } else {
        AccountNumber::other(&described.number)
    };
    Ok((number.map_err(|_| unreadable)?, described.holder))
}

fn account_place(scope: Scope<'_>, id: AccountId) -> Place<'static> {
    let (organization, world, row) = (scope.organization, scope.world, id.to_i64());
    Place {
        table: "accounts",
        column: "sealed",
        organization,
        world,
        row,
        bound: &[],
    }
}

/// The place of a member's name. Members belong to both worlds; their names are sealed in the live one.
pub(crate) fn member_place(organization: OrganizationId, id: MemberId) -> Place<'static> {
    Place {
        table: "members",
        column: "sealed",
        organization,
        world: World::Live,
        row: id.to_i64(),
        bound: &[],
    }
}

pub(crate) fn checked(name: &str, what: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 140 || name.chars().any(char::is_control) {
        return refuse(
            Code::Malformed,
            format!("the name of a {what} has 1 to 140 characters and no control characters"),
        );
    }
    Ok(name.to_owned())
}

/// Runs a writing transaction.
pub(crate) async fn write<T: Send + 'static>(
    platform: &Platform,
    ctx: Ctx,
    name: &'static str,
    mut work: impl FnMut(&mut Work<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let parts = Arc::clone(platform.parts());
    let written = platform.parts().store.write(name, move |tx| -> Result<_, Error> {
        let mut step = Work::new(&parts, ctx, tx);
        let outcome = work(&mut step)?;
        Ok((outcome, step.counts))
    });
    let (outcome, counts) = written.await?;
    counts.into_iter().for_each(Count::tell);
    Ok(outcome)
}
