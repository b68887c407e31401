//! People after a restore: everybody can sign in as before, nobody is signed in, and no link that was made before opens anything.

use crate::kit::{Kit, blocking, config};
use crate::person::{Person, join, visitor};
use crate::stage::Stage;
use flow::Platform;
use flow::backup::restore;
use flow::members::Invite;
use flow::refusal::Code;
use flow::rights::Role;
use store::{MIGRATIONS, Store, StoreConfig};
use testkit::database::Database;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_survive_a_restore_and_their_sessions_and_links_do_not() {
    for (database, target) in Database::all().into_iter().zip(Database::all()) {
        let mut stage = Stage::on(database).await;
        let kit = Kit::new();
        let grace = Person::first(&stage.house).await;
        let hugo = grace.invite(&stage.house, "Hugo", &[Role::Approver]).await;
        let invite = Invite {
            name: "Ines".to_owned(),
            email: "ines@example.com".to_owned(),
            roles: [Role::Auditor].into(),
        };
        let session = grace.session(&stage.house).await;
        let link = flow::members::invite(&stage.house.platform, &session, invite, &grace.code(&stage.house))
            .await
            .unwrap();
        flow::seal::seal_all(&stage.house.platform).await.unwrap();
        let made = kit.make(&stage).await;
        stage.house.platform.store().close().await;

        kit.load(&made, target.url()).await.unwrap();
        let keys = restore::keys(&kit.folder.keys(&made.name), &kit.identities).unwrap();
        let url = target.url().to_owned();
        let store = blocking(move || Store::open(StoreConfig::new(url, MIGRATIONS)))
            .await
            .unwrap();
        stage.house.platform = Platform::start(config(&stage.house.clock, &keys, store)).await.unwrap();
        let platform = &stage.house.platform;
        for person in [&grace, &hugo] {
            let found = flow::sessions::find(platform, &person.secret, true).await.unwrap();
            assert!(found.is_none(), "signed in before");
        }
        assert_eq!(
            join(&stage.house, &link, None).await.unwrap_err().refusal().code,
            Code::LinkSpent
        );
        stage.house.clock.advance_seconds(30);
        let half = hugo.half_in(&stage.house).await.unwrap();
        let open = flow::sign_in::second_factor(platform, &half, &hugo.code(&stage.house), &visitor())
            .await
            .unwrap();
        let session = flow::sessions::find(platform, &open, true).await.unwrap().unwrap();
        assert_eq!(
            (session.name.as_str(), session.roles),
            ("Hugo", [Role::Approver].into())
        );
        let members = flow::members::list(platform, session.ctx).await.unwrap();
        let ines = members.iter().find(|member| member.name == "Ines").unwrap();
        assert_eq!(ines.state, flow::members::MemberState::Invited, "to be invited again");
        assert_eq!(flow::check::check(platform).await.unwrap().problems, []);
        stage.database = target;
        stage.end().await;
    }
}
