//! Rights: roles in force, separations of duty, shutting somebody out, and two organizations apart.

use crate::person::{PASSWORD, Person, secret};
use flow::access::Object;
use flow::members::Invite;
use flow::refusal::Code;
use flow::rights::{Action, Role, Rule};
use std::collections::BTreeSet;
use testkit::database::Database;
use testkit::house::House;
use vocab::context::{Actor, World};

async fn house(database: &Database) -> House {
    House::build(database, vec![testkit::channel::silent()]).await
}

#[tokio::test]
async fn nobody_changes_their_own_roles_and_one_administrator_stays() {
    for database in Database::all() {
        let house = house(&database).await;
        let platform = &house.platform;
        let grace = Person::first(&house).await;
        let session = grace.session(&house).await;
        let own = flow::members::change_role(platform, &session, session.member, Role::Approver, true, "").await;
        assert_eq!(own.unwrap_err().refusal().code, Code::SeparationOfDuties);
        let out = flow::members::deactivate(platform, &session, session.member, "").await;
        assert_eq!(out.unwrap_err().refusal().code, Code::SeparationOfDuties);
        let hugo = grace.invite(&house, "Hugo", &[Role::SecurityOfficer]).await;
        let officer = hugo.session(&house).await;
        let last = flow::members::deactivate(platform, &officer, session.member, "").await;
        let last = last.unwrap_err().refusal();
        assert!(
            last.code == Code::NotPermitted && last.detail.contains("last_administrator"),
            "{}",
            last.detail
        );
        let grants = flow::members::change_role(platform, &officer, session.member, Role::Maker, true, "").await;
        let grants = grants.unwrap_err().refusal();
        assert!(
            grants.detail.contains("administrator"),
            "says who could help: {}",
            grants.detail
        );
        flow::seal::seal_all(platform).await.unwrap();
        let events = flow::view::events(platform, session.ctx, 0, 500).await.unwrap();
        let refused = events.iter().filter(|event| event.kind == "permission.refused").count();
        assert_eq!(refused, 4);
        assert_eq!(flow::check::check(platform).await.unwrap().problems, []);
    }
}

#[tokio::test]
async fn a_deactivated_member_is_out_with_session_key_and_password() {
    for database in Database::all() {
        let house = house(&database).await;
        let platform = &house.platform;
        let grace = Person::first(&house).await;
        let hugo = grace.invite(&house, "Hugo", &[Role::Approver]).await;
        let session = grace.session(&house).await;
        let member = hugo.session(&house).await.member;
        flow::members::deactivate(platform, &session, member, "").await.unwrap();
        assert!(
            flow::sessions::find(platform, &hugo.secret, true)
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(
            hugo.half_in(&house).await.unwrap_err().refusal().code,
            Code::Unauthenticated
        );
        let with_key = house.members[0];
        assert!(
            flow::authenticate::key(platform, house.member_keys[0])
                .await
                .unwrap()
                .is_some()
        );
        flow::members::deactivate(platform, &session, with_key, "")
            .await
            .unwrap();
        house.clock.advance_seconds(flow::authenticate::KEY_CACHE_SECONDS);
        assert!(
            flow::authenticate::key(platform, house.member_keys[0])
                .await
                .unwrap()
                .is_none()
        );
        let back = flow::members::change_role(platform, &session, member, Role::Maker, true, "").await;
        assert_eq!(back.unwrap_err().refusal().code, Code::StateForbids);
    }
}

/// A link for somebody whom an administrator invites.
async fn invited(house: &House, administrator: &Person, name: &str) -> String {
    let session = administrator.session(house).await;
    let invite = Invite {
        name: name.to_owned(),
        email: format!("{}@example.com", name.to_lowercase()),
        roles: [Role::Administrator].into(),
    };
    flow::members::invite(&house.platform, &session, invite, "")
        .await
        .unwrap()
}

#[tokio::test]
async fn who_is_shut_out_does_not_come_back_as_somebody_they_invited() {
    for database in Database::all() {
        let house = house(&database).await;
        let platform = &house.platform;
        let grace = Person::first(&house).await;
        let hugo = grace.invite(&house, "Hugo", &[Role::Administrator]).await;
        // One link unused, one used halfway, one made anew for somebody invited by another, and one that was never Hugo's.
        let bob = invited(&house, &hugo, "Bob").await;
        let halfway = crate::person::join(&house, &invited(&house, &hugo, "Eve").await, None)
            .await
            .unwrap();
        invited(&house, &grace, "Kim").await;
        let lea = invited(&house, &grace, "Lea").await;
        let (session, own) = (grace.session(&house).await, hugo.session(&house).await);
        let members = flow::members::list(platform, session.ctx).await.unwrap();
        let id_of = |name: &str| members.iter().find(|member| member.name == name).unwrap().id;
        let kim = flow::members::invite_again(platform, &own, id_of("Kim"), "")
            .await
            .unwrap();
        flow::members::deactivate(platform, &session, own.member, "")
            .await
            .unwrap();
        for link in [&bob, &kim] {
            let spent = crate::person::join(&house, link, None).await;
            assert_eq!(spent.unwrap_err().refusal().code, Code::LinkSpent);
        }
        let half = flow::sessions::find(platform, &halfway, true).await.unwrap();
        assert!(half.is_none(), "nor through an enrolment begun before");
        let password = flow::sign_in::password(platform, "eve@example.com", secret(PASSWORD), crate::person::visitor());
        assert_eq!(password.await.unwrap_err().refusal().code, Code::Unauthenticated);
        crate::person::join(&house, &lea, None).await.unwrap();
        let again = flow::members::invite_again(platform, &session, id_of("Bob"), "")
            .await
            .unwrap();
        crate::person::join(&house, &again, None).await.unwrap();
        flow::seal::seal_all(platform).await.unwrap();
        let events = flow::view::events(platform, session.ctx, 0, 500).await.unwrap();
        let withdrawn: BTreeSet<String> = events
            .into_iter()
            .filter(|event| event.kind == "member.invitation_withdrawn")
            .map(|event| event.subject)
            .collect();
        assert_eq!(
            withdrawn,
            ["Bob", "Eve", "Kim"].map(|name| id_of(name).to_string()).into()
        );
        assert_eq!(flow::check::check(platform).await.unwrap().problems, []);
    }
}

#[tokio::test]
async fn who_returns_is_invited_as_somebody_new_with_the_same_address() {
    for database in Database::all() {
        let house = house(&database).await;
        let platform = &house.platform;
        let grace = Person::first(&house).await;
        let session = grace.session(&house).await;
        let mut before = BTreeSet::new();
        for _ in 0..2 {
            let hugo = grace.invite(&house, "Hugo", &[Role::Approver]).await;
            let half = hugo.half_in(&house).await.unwrap();
            let found = flow::sessions::find(platform, &half, true).await.unwrap().unwrap();
            assert!(before.insert(found.member), "the address leads to whoever has it now");
            flow::members::deactivate(platform, &session, found.member, "")
                .await
                .unwrap();
            assert_eq!(
                hugo.half_in(&house).await.unwrap_err().refusal().code,
                Code::Unauthenticated
            );
        }
        let members = flow::members::list(platform, session.ctx).await.unwrap();
        let hugos = members.iter().filter(|member| before.contains(&member.id));
        let emails: Vec<_> = hugos.filter_map(|member| member.email.as_deref()).collect();
        assert_eq!(emails, ["hugo@example.com"; 2], "what was theirs stays on record");
        assert_eq!(flow::check::check(platform).await.unwrap().problems, []);
    }
}

#[tokio::test]
async fn another_organization_finds_none_of_our_members() {
    for database in Database::all() {
        let house = house(&database).await;
        let platform = &house.platform;
        let grace = Person::first(&house).await;
        let ours = grace.session(&house).await;
        let other = flow::setup::organization(platform, World::Test, "Other").await.unwrap();
        let link = flow::links::setup(platform, Some(other)).await.unwrap().unwrap();
        let joining = flow::join::Joining {
            password: secret(PASSWORD),
            first: Some(crate::person::first("eve@example.com")),
            visitor: crate::person::visitor(),
        };
        let half = flow::join::join(platform, &link, joining).await.unwrap();
        let eve = Person::enrol(&house, "eve@example.com", &half)
            .await
            .session(&house)
            .await;
        let missing = |done: Result<(), flow::Error>| done.unwrap_err().refusal().code;
        let role = flow::members::change_role(platform, &eve, ours.member, Role::Maker, true, "").await;
        assert_eq!(missing(role), Code::NotFound);
        assert_eq!(
            missing(flow::members::deactivate(platform, &eve, ours.member, "").await),
            Code::NotFound
        );
        let again = flow::members::invite_again(platform, &eve, ours.member, "").await;
        assert_eq!(again.unwrap_err().refusal().code, Code::NotFound);
        assert_eq!(
            missing(flow::sessions::end_one(platform, &eve, ours.id).await),
            Code::NotFound
        );
        let theirs = flow::members::list(platform, eve.ctx).await.unwrap();
        assert_eq!(theirs.len(), 1);
        let recovery = flow::links::recovery(platform, other, "grace@example.com").await;
        assert_eq!(recovery.unwrap_err().refusal().code, Code::NotFound);
    }
}

#[tokio::test]
async fn a_decision_is_explained_as_it_is_made() {
    for database in Database::all() {
        let house = house(&database).await;
        let platform = &house.platform;
        let ctx = platform.ctx(house.organization, World::Test, Actor::System);
        let explain = async |member, object| {
            let action = Action::ApprovePayment;
            flow::access::explain(platform, ctx, member, action, object)
                .await
                .unwrap()
        };
        let [ada, ben, cy] = house.members;
        let may = explain(ada, Object::Nothing).await;
        assert_eq!((may.decision, may.others), (Ok(Role::Approver), vec![ben]));
        assert_eq!(explain(cy, Object::Nothing).await.decision, Err(Rule::RolePermits));
        let transfer = testkit::transfers::transfer(1, 100);
        let as_ada = house.as_member(0);
        let once =
            flow::authenticate::idempotency(platform, as_ada.organization, as_ada.world, as_ada.actor, "t", "k", b"");
        let made = flow::intake::submit(platform, as_ada, transfer, once, None)
            .await
            .unwrap();
        let own = explain(ada, Object::Payment(made.payment)).await;
        assert_eq!((own.decision, own.others), (Err(Rule::MakerIsNotChecker), vec![ben]));
    }
}
