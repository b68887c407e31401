//! What each route of the API asks of a member who signs for it. Applications are not asked: they have what the API offers them. A route that
//! is not in the table is closed.

use flow::rights::Action;

/// Method, route, and what it takes; nothing for routes that every caller may ask.
pub(super) const ROUTES: &[(&str, &str, Option<Action>)] = &[
    ("GET", "/v1/whoami", None),
    ("GET", "/v1/ping", None),
    ("POST", "/v1/payments", Some(Action::SubmitPayment)),
    ("POST", "/v1/batches", Some(Action::SubmitPayment)),
    ("PUT", "/v1/payments/{id}", Some(Action::ChangePayment)),
    ("POST", "/v1/payments/{id}/cancel", Some(Action::ChangePayment)),
    (
        "POST",
        "/v1/payments/{id}/confirm-not-duplicate",
        Some(Action::ChangePayment),
    ),
    ("POST", "/v1/payments/{id}/recall", Some(Action::ChangePayment)),
    ("POST", "/v1/approvals", Some(Action::ApprovePayment)),
    ("POST", "/v1/statements", Some(Action::Reconcile)),
    ("POST", "/v1/exceptions/{id}/resolve", Some(Action::Reconcile)),
    ("POST", "/v1/test/clock", Some(Action::MoveTestClock)),
    ("GET", "/v1/payments", Some(Action::ReadPayments)),
    ("GET", "/v1/payments/{id}", Some(Action::ReadPayments)),
    ("GET", "/v1/payments/{id}/timeline", Some(Action::ReadPayments)),
    ("GET", "/v1/payments/{id}/receipt", Some(Action::ReadPayments)),
    ("GET", "/v1/batches", Some(Action::ReadPayments)),
    ("GET", "/v1/batches/{id}", Some(Action::ReadPayments)),
    ("GET", "/v1/batches/{id}/findings", Some(Action::ReadPayments)),
    ("GET", "/v1/accounts", Some(Action::ReadPayments)),
    ("GET", "/v1/accounts/{id}", Some(Action::ReadPayments)),
    ("GET", "/v1/ledger/balances", Some(Action::ReadPayments)),
    ("GET", "/v1/ledger/entries", Some(Action::ReadPayments)),
    ("GET", "/v1/statements", Some(Action::ReadPayments)),
    ("GET", "/v1/statements/{id}", Some(Action::ReadPayments)),
    ("GET", "/v1/exceptions", Some(Action::ReadPayments)),
    ("GET", "/v1/exceptions/{id}", Some(Action::ReadPayments)),
    ("GET", "/v1/events", Some(Action::ReadLog)),
    ("GET", "/v1/events/stream", Some(Action::ReadLog)),
    ("GET", "/v1/log", Some(Action::ReadLog)),
];

/// What a route asks for; nothing when it is not in the table. HEAD asks for as much as GET.
pub(super) fn of(method: &str, route: &str) -> Option<Option<Action>> {
    let method = if method == "HEAD" { "GET" } else { method };
    let found = ROUTES.iter().find(|(of, path, _)| *of == method && *path == route);
    found.map(|(_, _, need)| *need)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_route_says_what_it_asks_of_a_member() {
        let (_, document) = crate::router::documented().split_for_parts();
        let document = serde_json::to_value(&document).unwrap();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys().filter(|_| path.starts_with("/v1/")) {
                assert!(of(&method.to_uppercase(), path).is_some(), "{method} {path}");
            }
        }
    }
}
