//! Deciding about payments in the console: a fresh code, bound to exactly what was shown.

use crate::person::Person;
use flow::authenticate::idempotency;
use flow::intake::Submitted;
use flow::refusal::Code;
use flow::rights::Role;
use flow::step_up::Decision;
use payment::state::StateName;
use std::collections::BTreeSet;
use testkit::database::Database;
use testkit::house::House;
use testkit::transfers::transfer;
use vocab::transfer::CreditTransfer;

async fn house(database: &Database) -> House {
    House::build(database, vec![testkit::channel::silent()]).await
}

async fn submit(house: &House, number: u32) -> Submitted {
    submit_for(house, number, 100).await
}

async fn submit_for(house: &House, number: u32, minor: i64) -> Submitted {
    let ctx = house.as_client();
    let key = number.to_string();
    let once = idempotency(
        &house.platform,
        ctx.organization,
        ctx.world,
        ctx.actor,
        "submit",
        &key,
        b"",
    );
    flow::intake::submit(&house.platform, ctx, transfer(number, minor), once, None)
        .await
        .unwrap()
}

fn decision(payments: &[&Submitted], code: &str) -> Decision {
    Decision {
        payments: payments.iter().map(|one| (one.payment, one.content_digest)).collect(),
        approved: true,
        note: "as agreed".to_owned(),
        code: code.to_owned(),
    }
}

#[tokio::test]
async fn one_code_approves_what_was_shown_and_nothing_twice() {
    for database in Database::all() {
        let house = house(&database).await;
        let platform = &house.platform;
        let grace = Person::first(&house).await;
        let hugo = grace.invite(&house, "Hugo", &[Role::Approver]).await;
        let session = hugo.session(&house).await;
        let (one, two, three) = (
            submit(&house, 1).await,
            submit(&house, 2).await,
            submit(&house, 3).await,
        );
        assert_eq!(
            flow::inbox::waiting(platform, session.ctx).await.unwrap().waiting.len(),
            3
        );
        let wrong = flow::step_up::decide(platform, &session, decision(&[&one], "000000")).await;
        assert_eq!(wrong.unwrap_err().refusal().code, Code::CodeWrong);
        let recovery = flow::step_up::decide(platform, &session, decision(&[&one], &hugo.codes[0])).await;
        assert_eq!(recovery.unwrap_err().refusal().code, Code::CodeWrong);
        let code = hugo.code(&house);
        let given = flow::step_up::decide(platform, &session, decision(&[&one, &two], &code))
            .await
            .unwrap();
        assert!(given.iter().all(|given| given.state != StateName::WaitingForApproval));
        let again = flow::step_up::decide(platform, &session, decision(&[&three], &code)).await;
        assert_eq!(again.unwrap_err().refusal().code, Code::CodeWrong, "a code counts once");
        assert_eq!(
            flow::inbox::waiting(platform, session.ctx).await.unwrap().waiting.len(),
            1
        );
        let detail = flow::view::payment_detail(platform, session.ctx, one.payment)
            .await
            .unwrap();
        assert!(detail.approvals[0].approval.signing_key.is_none() && detail.approvals[0].counts);
        let report = flow::check::check(platform).await.unwrap();
        assert_eq!(report.problems, []);
    }
}

#[tokio::test]
async fn what_was_changed_since_it_was_shown_is_not_approved_and_nothing_beside_it() {
    for database in Database::all() {
        let house = house(&database).await;
        let platform = &house.platform;
        let grace = Person::first(&house).await;
        let session = grace.session(&house).await;
        let (one, two) = (submit(&house, 1).await, submit(&house, 2).await);
        let ctx = house.as_client();
        let once = idempotency(platform, ctx.organization, ctx.world, ctx.actor, "change", "1", b"");
        let dearer = CreditTransfer {
            end_to_end_id: transfer(2, 100).end_to_end_id,
            ..transfer(2, 900)
        };
        flow::change::change(platform, ctx, two.payment, dearer, once)
            .await
            .unwrap();
        let stale = flow::step_up::decide(platform, &session, decision(&[&one, &two], &grace.code(&house))).await;
        let stale = stale.unwrap_err().refusal();
        assert_eq!(stale.code, Code::ContentChanged);
        assert!(stale.detail.contains(&two.payment.to_string()), "{}", stale.detail);
        let waiting = flow::inbox::waiting(platform, session.ctx).await.unwrap();
        assert_eq!(waiting.waiting.len(), 2, "all or nothing");
    }
}

#[tokio::test]
async fn who_made_a_payment_or_has_no_role_for_it_decides_nothing() {
    for database in Database::all() {
        let house = house(&database).await;
        let platform = &house.platform;
        let grace = Person::first(&house).await;
        let session = grace.session(&house).await;
        let once = idempotency(
            platform,
            session.ctx.organization,
            session.ctx.world,
            session.ctx.actor,
            "s",
            "1",
            b"",
        );
        let own = flow::intake::submit(platform, session.ctx, transfer(1, 100), once, None)
            .await
            .unwrap();
        let waiting = flow::inbox::waiting(platform, session.ctx).await.unwrap();
        assert!(waiting.waiting[0].not_for.is_some());
        let refused = flow::step_up::decide(platform, &session, decision(&[&own], &grace.code(&house))).await;
        assert_eq!(refused.unwrap_err().refusal().code, Code::SeparationOfDuties);
        flow::seal::seal_all(platform).await.unwrap();
        let events = flow::view::events(platform, session.ctx, 0, 500).await.unwrap();
        assert!(events.iter().any(|event| event.kind == "permission.refused"), "is told");
        let hugo = grace.invite(&house, "Hugo", &[Role::Auditor]).await;
        let session = hugo.session(&house).await;
        let refused = flow::step_up::decide(platform, &session, decision(&[&own], &hugo.code(&house))).await;
        assert_eq!(refused.unwrap_err().refusal().code, Code::NotPermitted);
    }
}

#[tokio::test]
async fn what_was_decided_does_not_hide_what_still_waits() {
    for database in Database::all() {
        let house = house(&database).await;
        let platform = &house.platform;
        let grace = Person::first(&house).await;
        let hugo = grace.invite(&house, "Hugo", &[Role::Approver]).await;
        let session = hugo.session(&house).await;
        // Each takes two people, so that what one of them has approved goes on waiting.
        for number in 0..80 {
            submit_for(&house, number, 5_000_000).await;
        }
        let mut reached = BTreeSet::new();
        for (count, beyond, more) in [(50, 30, true), (30, 0, false), (0, 30, false)] {
            let inbox = flow::inbox::waiting(platform, session.ctx).await.unwrap();
            let mine: Vec<_> = inbox.waiting.iter().filter(|one| one.not_for.is_none()).collect();
            assert_eq!((mine.len(), inbox.beyond, inbox.more_for_you), (count, beyond, more));
            assert!(
                mine.windows(2).all(|pair| pair[0].payment.id > pair[1].payment.id),
                "newest first"
            );
            if mine.is_empty() {
                break;
            }
            let named = |one: &&flow::inbox::Waiting| {
                let hash = flow::content::digest(&flow::content::canonical(&one.payment.transfer).unwrap());
                (one.payment.id, hash)
            };
            reached.extend(mine.iter().map(|one| one.payment.id));
            let decision = Decision {
                payments: mine.iter().map(named).collect(),
                approved: true,
                note: String::new(),
                code: hugo.code(&house),
            };
            flow::step_up::decide(platform, &session, decision).await.unwrap();
            house.clock.advance_seconds(30);
        }
        assert_eq!(reached.len(), 80);
        let other = grace.session(&house).await;
        let inbox = flow::inbox::waiting(platform, other.ctx).await.unwrap();
        assert!(
            inbox.waiting.len() == 50 && inbox.more_for_you,
            "they still wait for somebody else"
        );
    }
}
