//! Every route of the console for nobody, for a stranger with every role elsewhere, for a member without a role, and for one with all of
//! them: the answers are a golden file.

use super::person::{Person, first, secret, visitor};
use super::visitor::Visitor;
use crate::console::needs::{Need, ROUTES};
use axum::body::Body;
use flow::join::Joining;
use flow::rights::Role;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use vocab::context::World;

/// Ends the sessions that the walk needs.
const ENDING: [&str; 2] = ["/console/sign-out", "/me/sign-out-everywhere"];

#[tokio::test]
async fn golden_every_route_answers_by_who_asks() {
    let visitor = Visitor::new().await;
    let house = &visitor.house;
    let filled = visitor.fill().await;
    let grace = Person::first(house).await;
    let all = grace.invite(house, "Hugo", Role::ALL).await;
    let none = grace.invite(house, "Nell", &[]).await;
    let stranger = stranger(&visitor).await;
    let session = all.session(house).await;
    let parts = [
        ("{payment}", filled.payments[1].clone()),
        ("{batch}", filled.batch.clone()),
        ("{statement}", filled.statement.clone()),
        ("{member}", house.members[2].to_string()),
        ("{session}", session.id.to_string()),
        ("{link}", "0".repeat(64)),
        ("{name}", "none".to_owned()),
    ];
    let people = [None, Some(&stranger), Some(&none), Some(&all)];
    let mut table = String::from("method route                              nobody stranger no-role all-roles\n");
    for (method, route, _) in ROUTES.iter().filter(|(_, route, _)| !ENDING.contains(route)) {
        let path = parts
            .iter()
            .fold((*route).to_owned(), |path, (part, value)| path.replace(part, value));
        let _ = write!(table, "{method:6} {route:36}");
        for person in people {
            let _ = write!(table, " {:7}", ask(&visitor, method, &path, person).await);
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console/golden/routes.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &table).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap_or_default(), table);
}

#[test]
fn no_route_that_needs_a_right_is_without_one_and_none_stands_twice() {
    let mut seen = BTreeSet::new();
    for (method, route, need) in ROUTES {
        assert!(seen.insert((method, route)), "{method} {route}");
        let changes = *method == "POST";
        let open = matches!(need, Need::Nobody) && !["/s/{link}", "/sign-in", "/join/{link}"].contains(route);
        assert!(!(changes && open), "{method} {route} changes something for anybody");
    }
}

#[test]
fn every_route_says_what_it_asks_for() {
    let contents = include_str!("../../console.rs");
    let routed = contents.split(".route(\"").skip(1);
    let routed: BTreeSet<&str> = routed.map(|rest| rest.split('"').next().unwrap()).collect();
    let listed: BTreeSet<&str> = ROUTES.iter().map(|(_, route, _)| *route).collect();
    assert_eq!(routed, listed);
}

/// The status of an answer. A form carries its session's token and nothing else that could be right.
async fn ask(visitor: &Visitor, method: &str, path: &str, person: Option<&Person>) -> u16 {
    let mut request = visitor.request(method, path).header("sec-fetch-site", "same-origin");
    let mut body = Body::empty();
    if let Some(person) = person {
        request = request.header("cookie", format!("__Host-countersign={}", person.secret));
    }
    if method == "POST" {
        let token = person.map(|person| crate::console::session::form_token(&person.secret));
        request = request.header("content-type", "application/x-www-form-urlencoded");
        body = Body::from(format!("token={}", token.unwrap_or_default()));
    }
    visitor.status(request.body(body).unwrap()).await
}

/// Somebody with every role in another organization.
async fn stranger(visitor: &Visitor) -> Person {
    let house = &visitor.house;
    let other = flow::setup::organization(&house.platform, World::Test, "Other")
        .await
        .unwrap();
    let link = flow::links::setup(&house.platform, Some(other)).await.unwrap().unwrap();
    let joining = Joining {
        password: secret(super::person::PASSWORD),
        first: Some(first("eve@example.com")),
        visitor: self::visitor(),
    };
    let half = flow::join::join(&house.platform, &link, joining).await.unwrap();
    let eve = Person::enrol(house, "eve@example.com", &half).await;
    let member = eve.session(house).await;
    for role in Role::ALL {
        flow::setup::role(&house.platform, member.ctx, member.member, *role)
            .await
            .unwrap();
    }
    eve
}
