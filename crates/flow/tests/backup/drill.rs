//! The drill: everything is lost, and goes on from a backup. No payment is sent twice that was sent after the backup was made.

use crate::kit::{Kit, blocking, config};
use crate::stage::Stage;
use evidence::key::SignerKey;
use flow::Platform;
use flow::backup::acts::{self, Done};
use flow::backup::restore;
use payment::state::StateName;
use store::{MIGRATIONS, Store, StoreConfig};
use testkit::database::Database;
use vocab::exchange::Channel;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_everything_is_lost_payments_go_on_and_none_is_sent_twice() {
    for (database, target) in Database::all().into_iter().zip(Database::all()) {
        let mut stage = Stage::on(database).await;
        let kit = Kit::new();
        let settled = stage.pay(1, 1_000).await;
        stage.work().await;
        assert_eq!(stage.name(settled).await, StateName::AcceptedByBank);
        let queued = stage.pay(2, 2_000).await;
        flow::seal::seal_all(&stage.house.platform).await.unwrap();
        let receipt = flow::receipt::receipt(&stage.house.platform, stage.house.as_client(), settled)
            .await
            .unwrap()
            .unwrap();
        let made = kit.make(&stage).await;
        // After the backup the second payment reaches the bank. Then everything is lost.
        stage.work().await;
        let sent = stage.bank.received().len();
        assert_eq!(stage.name(queued).await, StateName::AcceptedByBank);
        stage.house.platform.store().close().await;

        kit.load(&made, target.url()).await.unwrap();
        let keys = restore::keys(&kit.folder.keys(&made.name), &kit.identities).unwrap();
        let url = target.url().to_owned();
        let store = blocking(move || Store::open(StoreConfig::new(url, MIGRATIONS)))
            .await
            .unwrap();
        let bank: std::sync::Arc<dyn Channel> = std::sync::Arc::<crate::bank::Bank>::clone(&stage.bank);
        let mut config = config(&stage.house.clock, &keys, store);
        config.channels = vec![bank];
        let platform = Platform::start(config).await.unwrap();
        acts::note(&platform, Done::Restored, &made.name, 0, "").await.unwrap();
        stage.house.platform = platform;
        stage.database = target;

        // The database believes that the second payment waits. It must not be sent again.
        assert_eq!(stage.name(queued).await, StateName::Queued);
        stage.later(60).await;
        stage.later(3_600).await;
        assert_eq!(stage.bank.received().len(), sent);
        assert!(acts::list(&stage.house.platform).await.unwrap().0.held_since.is_some());
        let ctx = stage.house.as_client();
        let once = stage.once(ctx, "cancel", "after the restore");
        flow::cancel::cancel(&stage.house.platform, ctx, queued, "sent before the restore", once)
            .await
            .unwrap();
        acts::note(&stage.house.platform, Done::Released, "", 0, "")
            .await
            .unwrap();
        stage.later(60).await;
        assert_eq!(stage.bank.received().len(), sent);

        // Payments go on, and what was proven stays proven.
        let after = stage.pay(3, 3_000).await;
        stage.later(60).await;
        assert_eq!(stage.name(after).await, StateName::AcceptedByBank);
        assert!(stage.bank.received().len() > sent);
        let verifier = SignerKey::from_seed(crate::kit::LOG_NAME, &[9; 32])
            .unwrap()
            .verifier()
            .clone();
        assert!(evidence::receipt::verify_receipt(&receipt, &verifier).is_ok());
        flow::seal::seal_all(&stage.house.platform).await.unwrap();
        stage.end().await;
    }
}
