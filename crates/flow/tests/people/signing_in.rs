//! Signing in: two factors always, each code once, the same answer to everybody.

use crate::person::{PASSWORD, Person, secret, visitor};
use flow::Error;
use flow::refusal::Code;
use flow::sessions::Standing;
use testkit::database::Database;
use testkit::house::House;

async fn house(database: &Database) -> House {
    House::build(database, vec![testkit::channel::silent()]).await
}

/// The second factor; the secret of an open session.
async fn opened(house: &House, half: &str, code: &str) -> Result<String, Error> {
    flow::sign_in::second_factor(&house.platform, half, code, &visitor()).await
}

#[tokio::test]
async fn a_password_alone_opens_nothing_and_each_code_counts_once() {
    for database in Database::all() {
        let house = house(&database).await;
        let grace = Person::first(&house).await;
        let half = grace.half_in(&house).await.unwrap();
        let session = flow::sessions::find(&house.platform, &half, true)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(session.standing, Standing::HalfOpen);
        let brings_own_app = flow::enrol::begin(&house.platform, &session, "House").await;
        assert_eq!(brings_own_app.unwrap_err().refusal().code, Code::StateForbids);
        let wrong = opened(&house, &half, "000000").await;
        assert_eq!(wrong.unwrap_err().refusal().code, Code::CodeWrong);
        let code = grace.code(&house);
        let open = opened(&house, &half, &code).await.unwrap();
        assert!(
            flow::sessions::find(&house.platform, &half, true)
                .await
                .unwrap()
                .is_none(),
            "another secret now"
        );
        let session = flow::sessions::find(&house.platform, &open, true)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(session.standing, Standing::Open);
        let half = grace.half_in(&house).await.unwrap();
        let again = opened(&house, &half, &code).await;
        assert_eq!(again.unwrap_err().refusal().code, Code::CodeWrong, "used before");
        let recovery = &grace.codes[3];
        opened(&house, &half, &recovery.to_lowercase()).await.unwrap();
        let half = grace.half_in(&house).await.unwrap();
        let again = opened(&house, &half, recovery).await;
        assert_eq!(again.unwrap_err().refusal().code, Code::CodeWrong, "used before");
        assert_eq!(flow::check::check(&house.platform).await.unwrap().problems, []);
    }
}

#[tokio::test]
async fn whoever_cannot_sign_in_hears_the_same_and_waits_after_a_few_tries() {
    for database in Database::all() {
        let house = house(&database).await;
        Person::first(&house).await;
        let try_in = async |email: &str, password: &str| {
            let tried = flow::sign_in::password(&house.platform, email, secret(password), visitor()).await;
            tried.unwrap_err().refusal()
        };
        let unknown = try_in("nobody@example.com", PASSWORD).await;
        let wrong = try_in("grace@example.com", "another long password").await;
        assert_eq!(unknown, wrong);
        assert_eq!(unknown.code, Code::Unauthenticated);
        for email in ["grace@example.com", "nobody@example.com"] {
            for _ in 0..4 {
                try_in(email, "another long password").await;
            }
            assert_eq!(try_in(email, PASSWORD).await.code, Code::Throttled, "{email}");
        }
        house.clock.advance_seconds(60);
        let right = flow::sign_in::password(&house.platform, "grace@example.com", secret(PASSWORD), visitor()).await;
        assert!(right.is_ok(), "the wait ends by itself");
    }
}

#[tokio::test]
async fn sessions_end_by_themselves_and_everywhere_at_once() {
    for database in Database::all() {
        let house = house(&database).await;
        let grace = Person::first(&house).await;
        let half = grace.half_in(&house).await.unwrap();
        let second = opened(&house, &half, &grace.code(&house)).await.unwrap();
        let session = grace.session(&house).await;
        assert_eq!(flow::sessions::list(&house.platform, &session).await.unwrap().len(), 2);
        flow::sessions::end_everywhere(&house.platform, &session).await.unwrap();
        for secret in [&second, &grace.secret] {
            assert!(
                flow::sessions::find(&house.platform, secret, true)
                    .await
                    .unwrap()
                    .is_none()
            );
        }
        house.clock.advance_seconds(30);
        let half = grace.half_in(&house).await.unwrap();
        let third = opened(&house, &half, &grace.code(&house)).await.unwrap();
        house.clock.advance_seconds(14 * 60);
        assert!(
            flow::sessions::find(&house.platform, &third, false)
                .await
                .unwrap()
                .is_some()
        );
        house.clock.advance_seconds(60);
        // Looked at by the page itself, which is no use of it: idle all the same.
        assert!(
            flow::sessions::find(&house.platform, &third, true)
                .await
                .unwrap()
                .is_none()
        );
    }
}

#[tokio::test]
async fn a_code_counts_once_however_many_use_it_at_the_same_time() {
    for database in Database::all() {
        let house = house(&database).await;
        let grace = Person::first(&house).await;
        for code in [grace.code(&house), grace.codes[0].clone()] {
            let (one, two, three) = (
                grace.half_in(&house).await.unwrap(),
                grace.half_in(&house).await.unwrap(),
                grace.half_in(&house).await.unwrap(),
            );
            let (one, two, three) = tokio::join!(
                opened(&house, &one, &code),
                opened(&house, &two, &code),
                opened(&house, &three, &code)
            );
            let outcomes = [one, two, three];
            assert_eq!(
                outcomes.iter().filter(|opened| opened.is_ok()).count(),
                1,
                "{outcomes:?}"
            );
        }
        assert_eq!(flow::check::check(&house.platform).await.unwrap().problems, []);
    }
}

#[tokio::test]
async fn guesses_of_a_second_factor_wait_by_source_as_well() {
    for database in Database::all() {
        let house = house(&database).await;
        let grace = Person::first(&house).await;
        let mut people = vec![grace];
        for name in ["Hugo", "Ines", "Jens", "Kate", "Lars"] {
            let person = people[0].invite(&house, name, &[]).await;
            people.push(person);
        }
        let mut answers = Vec::new();
        let last = people.pop().unwrap();
        for person in &people {
            let half = person.half_in(&house).await.unwrap();
            for _ in 0..5 {
                answers.push(opened(&house, &half, "000000").await.unwrap_err().refusal().code);
            }
        }
        assert!(answers.iter().all(|code| *code == Code::CodeWrong), "{answers:?}");
        let half = last.half_in(&house).await;
        assert_eq!(half.unwrap_err().refusal().code, Code::Throttled, "the source waits");
    }
}

#[tokio::test]
async fn a_whole_office_goes_on_signing_in_beside_somebody_who_guesses() {
    for database in Database::all() {
        let house = house(&database).await;
        let grace = Person::first(&house).await;
        // Guesses at many accounts from the same network, far beyond what costs nothing.
        for guess in 0..200 {
            let email = format!("guess{guess}@example.com");
            let tried = flow::sign_in::password(&house.platform, &email, secret("a wrong password"), visitor());
            assert!(tried.await.is_err());
            house.clock.advance_seconds(5);
        }
        house.clock.advance_seconds(61);
        let half = grace.half_in(&house).await.unwrap();
        // A success begins no wait for whoever comes next from there.
        opened(&house, &half, &grace.code(&house)).await.unwrap();
    }
}

#[tokio::test]
async fn guesses_from_elsewhere_keep_nobody_out_for_long_and_disturb_no_open_session() {
    for database in Database::all() {
        let house = house(&database).await;
        let grace = Person::first(&house).await;
        for machine in 0..100 {
            let elsewhere = flow::sign_in::Visitor {
                source: format!("198.51.100.{machine}"),
                ..visitor()
            };
            let tried = flow::sign_in::password(&house.platform, &grace.email, secret("a wrong password"), elsewhere);
            assert!(tried.await.is_err());
        }
        house.clock.advance_seconds(61);
        let half = grace.half_in(&house).await.unwrap();
        for _ in 0..6 {
            assert!(opened(&house, &half, "000000").await.is_err());
        }
        let session = grace.session(&house).await;
        let codes = flow::enrol::renew_codes(&house.platform, &session, &grace.code(&house)).await;
        assert!(codes.is_ok(), "wrong codes at the door do not count inside");
    }
}

#[tokio::test]
async fn a_session_that_began_with_a_password_connects_no_app() {
    let database = Database::sqlite();
    let house = house(&database).await;
    let grace = Person::first(&house).await;
    let half = grace.half_in(&house).await.unwrap();
    // As it would be if the member were recovered while this sign-in was under way.
    let path = store::whole::Place::of(house.platform.store())
        .path()
        .unwrap()
        .to_owned();
    let emptied = rusqlite::Connection::open(path).unwrap();
    emptied.execute("DELETE FROM authenticators", []).unwrap();
    let session = flow::sessions::find(&house.platform, &half, true)
        .await
        .unwrap()
        .unwrap();
    let begun = flow::enrol::begin(&house.platform, &session, "House").await;
    assert_eq!(begun.unwrap_err().refusal().code, Code::StateForbids);
}
