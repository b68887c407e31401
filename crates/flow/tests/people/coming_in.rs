//! Coming in: the setup link, invitations, and the way back.

use crate::person::{PASSWORD, Person, first, join, secret, visitor};
use flow::join::Joining;
use flow::links::{INVITATION_SECONDS, SETUP_SECONDS};
use flow::refusal::Code;
use flow::rights::Role;
use testkit::database::Database;
use testkit::house::House;

async fn house(database: &Database) -> House {
    House::build(database, vec![testkit::channel::silent()]).await
}

fn code<T>(result: Result<T, flow::Error>) -> Option<Code> {
    result.err().map(|error| error.refusal().code)
}

#[tokio::test]
async fn the_first_administrator_comes_in_through_a_link_that_works_once() {
    for database in Database::all() {
        let house = house(&database).await;
        let platform = &house.platform;
        let early = flow::links::setup(platform, Some(house.organization))
            .await
            .unwrap()
            .unwrap();
        let link = flow::links::setup(platform, Some(house.organization))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            code(flow::links::look(platform, &early).await),
            Some(Code::LinkSpent),
            "a newer one was made"
        );
        let weak = Joining {
            password: secret("password1234"),
            first: Some(first("grace@example.com")),
            visitor: visitor(),
        };
        assert_eq!(
            code(flow::join::join(platform, &link, weak).await),
            Some(Code::PasswordRefused)
        );
        let half = join(&house, &link, Some(first("grace@example.com"))).await.unwrap();
        assert_eq!(
            code(join(&house, &link, Some(first("eve@example.com"))).await),
            Some(Code::LinkSpent)
        );
        let grace = Person::enrol(&house, "grace@example.com", &half).await;
        let session = grace.session(&house).await;
        assert_eq!(
            session.roles.iter().copied().collect::<Vec<_>>(),
            [Role::Administrator, Role::Treasurer]
        );
        assert_eq!(grace.codes.len(), 10);
        assert!(
            flow::links::setup(platform, Some(house.organization))
                .await
                .unwrap()
                .is_none()
        );
        let report = flow::check::check(platform).await.unwrap();
        assert_eq!(report.problems, []);
    }
}

#[tokio::test]
async fn an_installation_without_organization_gets_its_first_one_with_the_link() {
    for database in Database::all() {
        let clock = std::sync::Arc::new(testkit::time::TestClock::at(vocab::time::Timestamp::from_seconds(
            testkit::house::BEGIN,
        )));
        let platform = testkit::house::platform(&database, &clock, Vec::new()).await;
        let link = flow::links::setup(&platform, None).await.unwrap().unwrap();
        let mut grace = first("grace@example.com");
        grace.organization = "Aurora".to_owned();
        let joining = Joining {
            password: secret(PASSWORD),
            first: Some(grace),
            visitor: visitor(),
        };
        flow::join::join(&platform, &link, joining).await.unwrap();
        let organizations = flow::setup::organizations(&platform).await.unwrap();
        assert_eq!(organizations[0].1, "Aurora");
        assert!(flow::links::setup(&platform, None).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn links_grow_old_and_an_address_belongs_to_one_member() {
    for database in Database::all() {
        let house = house(&database).await;
        let link = flow::links::setup(&house.platform, Some(house.organization))
            .await
            .unwrap()
            .unwrap();
        house.clock.advance_seconds(SETUP_SECONDS);
        assert_eq!(
            code(flow::links::look(&house.platform, &link).await),
            Some(Code::LinkSpent)
        );
        let grace = Person::first(&house).await;
        let session = grace.session(&house).await;
        let invite = |email: &str| flow::members::Invite {
            name: "Hugo".to_owned(),
            email: email.to_owned(),
            roles: [Role::Approver].into(),
        };
        let taken = flow::members::invite(&house.platform, &session, invite("Grace@Example.com"), "").await;
        assert_eq!(code(taken), Some(Code::AddressTaken));
        let link = flow::members::invite(&house.platform, &session, invite("hugo@example.com"), "")
            .await
            .unwrap();
        house.clock.advance_seconds(INVITATION_SECONDS);
        assert_eq!(code(join(&house, &link, None).await), Some(Code::LinkSpent));
    }
}

#[tokio::test]
async fn who_lost_everything_comes_back_with_new_credentials_only() {
    for database in Database::all() {
        let house = house(&database).await;
        let grace = Person::first(&house).await;
        let link = flow::links::recovery(&house.platform, house.organization, "grace@example.com")
            .await
            .unwrap();
        let half = join(&house, &link, None).await.unwrap();
        assert!(
            flow::sessions::find(&house.platform, &grace.secret, true)
                .await
                .unwrap()
                .is_none(),
            "old session"
        );
        // Who stops here has a password and no app: the password alone must not bring an app in.
        assert_eq!(code(grace.half_in(&house).await), Some(Code::Unauthenticated));
        let back = Person::enrol(&house, "grace@example.com", &half).await;
        assert_eq!(back.session(&house).await.roles.len(), 2);
        assert!(!back.codes.contains(&grace.codes[0]));
        assert_eq!(flow::check::check(&house.platform).await.unwrap().problems, []);
    }
}

#[tokio::test]
async fn a_link_lets_one_in_however_many_use_it_at_the_same_time() {
    for database in Database::all() {
        let clock = std::sync::Arc::new(testkit::time::TestClock::at(vocab::time::Timestamp::from_seconds(
            testkit::house::BEGIN,
        )));
        let platform = testkit::house::platform(&database, &clock, Vec::new()).await;
        let link = flow::links::setup(&platform, None).await.unwrap().unwrap();
        let come = async |email: &str| {
            let mut first = first(email);
            first.organization = "Aurora".to_owned();
            let joining = Joining {
                password: secret(PASSWORD),
                first: Some(first),
                visitor: visitor(),
            };
            flow::join::join(&platform, &link, joining).await
        };
        let (one, two) = tokio::join!(come("grace@example.com"), come("eve@example.com"));
        assert!(one.is_ok() != two.is_ok(), "{:?} {:?}", one.is_ok(), two.is_ok());
        assert_eq!(flow::setup::organizations(&platform).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn who_stops_halfway_goes_on_with_another_link_and_the_first_browser_does_not_look_on() {
    for database in Database::all() {
        let house = house(&database).await;
        let platform = &house.platform;
        let link = async || {
            let link = flow::links::setup(platform, Some(house.organization)).await;
            link.unwrap().unwrap()
        };
        let early = join(&house, &link().await, Some(first("grace@example.com")))
            .await
            .unwrap();
        let session = flow::sessions::find(platform, &early, true).await.unwrap().unwrap();
        let shown = flow::enrol::begin(platform, &session, "House").await.unwrap();
        let half = join(&house, &link().await, Some(first("Grace@example.com")))
            .await
            .unwrap();
        assert!(flow::sessions::find(platform, &early, true).await.unwrap().is_none());
        let again = flow::sessions::find(platform, &half, true).await.unwrap().unwrap();
        assert_eq!(again.member, session.member, "the same member");
        let other = flow::enrol::begin(platform, &again, "House").await.unwrap();
        assert_ne!(shown.readable, other.readable, "another app secret");
        let grace = Person::enrol(&house, "grace@example.com", &half).await;
        assert_eq!(grace.session(&house).await.roles.len(), 2);
        assert_eq!(flow::check::check(platform).await.unwrap().problems, []);
    }
}

#[tokio::test]
async fn who_used_a_setup_link_and_stopped_halfway_is_not_administrator_beside_the_one_who_came() {
    for database in Database::all() {
        let house = house(&database).await;
        let link = flow::links::setup(&house.platform, Some(house.organization)).await;
        let stranger = join(&house, &link.unwrap().unwrap(), Some(first("mallory@example.com")))
            .await
            .unwrap();
        let session = flow::sessions::find(&house.platform, &stranger, true)
            .await
            .unwrap()
            .unwrap();
        flow::enrol::begin(&house.platform, &session, "House").await.unwrap();
        Person::first(&house).await;
        let begun = flow::enrol::begin(&house.platform, &session, "House").await;
        assert_eq!(code(begun), Some(Code::StateForbids));
        let confirmed = flow::enrol::confirm(&house.platform, &session, "000000").await;
        assert_eq!(code(confirmed), Some(Code::StateForbids));
    }
}
