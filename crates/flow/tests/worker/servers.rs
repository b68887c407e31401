//! Several servers on one database: each payment leaves once, whoever sends it.

use crate::bank::Next;
use crate::stage::Stage;
use flow::worker::run;
use payment::state::StateName;
use std::time::Duration;
use testkit::database::Database;

const PAYMENTS: u32 = 24;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_send_each_payment_once() {
    for database in Database::all() {
        let stage = Stage::on(database).await;
        for lost in 0..8 {
            stage.bank.next(if lost % 2 == 0 {
                Next::LoseAnswer
            } else {
                Next::LoseRequest
            });
        }
        let mut payments = Vec::new();
        for number in 1..=PAYMENTS {
            payments.push(stage.pay(number, 100).await);
        }
        let servers = [
            stage.house.platform.clone(),
            stage.another_server().await,
            stage.another_server().await,
        ];
        let (stop, _) = tokio::sync::watch::channel(false);
        let mut running = tokio::task::JoinSet::new();
        for server in servers {
            let mut stopped = stop.subscribe();
            running.spawn(run(server, async move {
                let _ = stopped.wait_for(|stop| *stop).await;
            }));
        }
        let mut left = payments.clone();
        for _ in 0..600 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            stage.house.clock.advance_seconds(1);
            let mut waiting = Vec::new();
            for payment in left {
                if stage.name(payment).await != StateName::AcceptedByBank {
                    waiting.push(payment);
                }
            }
            left = waiting;
            if left.is_empty() {
                break;
            }
        }
        stop.send(true).unwrap();
        running.join_all().await;
        assert!(left.is_empty(), "{left:?}");
        let executions = stage.bank.executions();
        assert_eq!(executions.len(), payments.len());
        assert!(executions.values().all(|times| *times == 1));
        assert!(
            stage.bank.received().iter().all(|received| received.deliveries == 1),
            "nothing the bank had was sent again"
        );
        let total = i64::from(PAYMENTS) * 100;
        assert_eq!(
            stage.books().await,
            [("in_transit".to_owned(), -total), ("payables".to_owned(), total)].into()
        );
        stage.end().await;
    }
}
