//! Intake on both engines: what is accepted, what is asked, what is repeated.

use flow::authenticate::{idempotency, nonce};
use flow::intake::submit;
use flow::{Code, Error};
use payment::state::StateName;
use testkit::database::Database;
use testkit::house::House;
use testkit::transfers::transfer;

async fn pay(house: &House, key: &str, number: u32, minor: i64) -> Result<flow::intake::Submitted, Error> {
    let ctx = house.as_client();
    let transfer = transfer(number, minor);
    let content = flow::content::canonical(&transfer)?;
    let once = idempotency(
        &house.platform,
        ctx.organization,
        ctx.world,
        ctx.actor,
        "payments",
        key,
        &content,
    );
    submit(&house.platform, ctx, transfer, once, None).await
}

fn code(result: Result<flow::intake::Submitted, Error>) -> Option<Code> {
    result.err().map(|error| error.refusal().code)
}

#[tokio::test]
async fn a_payment_waits_for_as_many_people_as_the_policy_says() {
    for database in Database::all() {
        let house = House::build(&database, vec![testkit::channel::silent()]).await;
        let small = pay(&house, "a", 1, 100).await.unwrap();
        assert_eq!((small.state, small.needed), (StateName::WaitingForApproval, 1));
        let large = pay(&house, "b", 2, 5_000_000).await.unwrap();
        assert_eq!((large.state, large.needed), (StateName::WaitingForApproval, 2));
        let account = flow::view::account(&house.platform, house.as_client(), house.account)
            .await
            .unwrap();
        assert_eq!(account.held.minor(), 5_000_100);
    }
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_never_a_second_payment() {
    for database in Database::all() {
        let house = House::build(&database, vec![testkit::channel::silent()]).await;
        let first = pay(&house, "a", 1, 100).await.unwrap();
        let again = pay(&house, "a", 1, 100).await.unwrap();
        assert!(again.replayed && !first.replayed);
        assert_eq!(again.payment, first.payment);
        assert_eq!(code(pay(&house, "a", 1, 101).await), Some(Code::IdempotencyKeyReused));
        let page = store::scope::Page {
            before: None,
            limit: 10,
        };
        let all = flow::view::payments(&house.platform, house.as_client(), Default::default(), page)
            .await
            .unwrap();
        assert_eq!(all.len(), 1);
    }
}

#[tokio::test]
async fn repeats_that_arrive_together_make_one_payment() {
    for database in Database::all() {
        let house = House::build(&database, vec![testkit::channel::silent()]).await;
        let house = std::sync::Arc::new(house);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..40 {
            let house = std::sync::Arc::clone(&house);
            tasks.spawn(async move { pay(&house, "same", 1, 100).await.unwrap() });
        }
        let answers = tasks.join_all().await;
        assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
        assert!(answers.iter().all(|answer| answer.payment == answers[0].payment));
    }
}

#[tokio::test]
async fn a_payment_like_an_earlier_one_is_asked_about_and_not_dropped() {
    for database in Database::all() {
        let house = House::build(&database, vec![testkit::channel::silent()]).await;
        let first = pay(&house, "a", 1, 100).await.unwrap();
        let second = pay(&house, "b", 1, 100).await.unwrap();
        assert_eq!(
            (second.state, second.duplicate_of),
            (StateName::Received, Some(first.payment))
        );
        let other = pay(&house, "c", 2, 100).await.unwrap();
        assert_eq!(other.duplicate_of, None);
    }
}

#[tokio::test]
async fn a_signature_is_taken_once_even_after_a_restart() {
    for database in Database::all() {
        let house = House::build(&database, vec![testkit::channel::silent()]).await;
        let ctx = house.as_client();
        let seen = nonce(house.client_key, ctx.now.seconds() + 60, &[1; 32]);
        let content = flow::content::canonical(&transfer(1, 100)).unwrap();
        let once = |key| {
            idempotency(
                &house.platform,
                ctx.organization,
                ctx.world,
                ctx.actor,
                "payments",
                key,
                &content,
            )
        };
        submit(&house.platform, ctx, transfer(1, 100), once("a"), Some(seen))
            .await
            .unwrap();
        let replayed = submit(&house.platform, ctx, transfer(1, 100), once("a"), Some(seen)).await;
        assert_eq!(code(replayed), Some(Code::Replayed));
        house.platform.store().close().await;
        let reopened = testkit::house::platform(&database, &house.clock, vec![testkit::channel::silent()]).await;
        let replayed = submit(&reopened, ctx, transfer(1, 100), once("a"), Some(seen)).await;
        assert_eq!(code(replayed), Some(Code::Replayed));
        reopened.store().close().await;
    }
}

#[tokio::test]
async fn a_foreign_account_and_a_past_date_are_refused_and_leave_nothing() {
    for database in Database::all() {
        let house = House::build(&database, vec![testkit::channel::silent()]).await;
        let ctx = house.as_client();
        let mut foreign = transfer(1, 100);
        foreign.debtor_account = vocab::account::AccountNumber::guess("DE02120300000000202051").unwrap();
        let once = idempotency(
            &house.platform,
            ctx.organization,
            ctx.world,
            ctx.actor,
            "payments",
            "k",
            b"1",
        );
        assert_eq!(
            code(submit(&house.platform, ctx, foreign, once, None).await),
            Some(Code::AccountUnknown)
        );
        let mut past = transfer(1, 100);
        past.execution_on = vocab::time::Date::constant(2026, 11, 21);
        let once = idempotency(
            &house.platform,
            ctx.organization,
            ctx.world,
            ctx.actor,
            "payments",
            "l",
            b"1",
        );
        assert_eq!(
            code(submit(&house.platform, ctx, past, once, None).await),
            Some(Code::PaymentInvalid)
        );
        let account = flow::view::account(&house.platform, ctx, house.account).await.unwrap();
        assert_eq!(account.held.minor(), 0);
    }
}
