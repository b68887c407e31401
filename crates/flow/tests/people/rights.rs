//! Rights: roles in force, separations of duty, shutting somebody out, and two organizations apart.

use crate::person::{PASSWORD, Person, secret};
use flow::access::Object;
use flow::refusal::Code;
use flow::rights::{Action, Role, Rule};
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
