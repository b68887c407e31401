//! What each route of the console asks of whoever comes: the one table that sessions are held against. A route that is not in it is closed.

use flow::rights::Action;

/// What a route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing: the ways in, and what they look like.
    Nobody,
    /// A session that is half open: the password is proven and the second factor is not.
    HalfOpen,
    /// A member who is signed in.
    Member,
    /// A session of any kind, also one that is half open: to end it.
    Anyone,
    /// A session of any kind that is open: for what a page fetches by itself.
    Open,
    /// A member whose roles permit it; what only reads also opens through a link from the command line.
    May(Action),
}

/// Method, route and need.
pub(super) const ROUTES: &[(&str, &str, Need)] = &[
    ("GET", "/s/{link}", Need::Nobody),
    ("POST", "/s/{link}", Need::Nobody),
    ("GET", "/sign-in", Need::Nobody),
    ("POST", "/sign-in", Need::Nobody),
    ("GET", "/join/{link}", Need::Nobody),
    ("POST", "/join/{link}", Need::Nobody),
    ("GET", "/console/signed-out", Need::Nobody),
    ("GET", "/console/assets/{name}", Need::Nobody),
    ("GET", "/sign-in/factor", Need::HalfOpen),
    ("POST", "/sign-in/factor", Need::HalfOpen),
    ("GET", "/enrol", Need::HalfOpen),
    ("POST", "/enrol", Need::HalfOpen),
    ("POST", "/console/sign-out", Need::Anyone),
    ("GET", "/", Need::May(Action::ReadPayments)),
    ("GET", "/payments", Need::May(Action::ReadPayments)),
    ("GET", "/payments/{payment}", Need::May(Action::ReadPayments)),
    ("GET", "/payments/{payment}/receipt", Need::May(Action::ReadPayments)),
    ("GET", "/batches", Need::May(Action::ReadPayments)),
    ("GET", "/batches/{batch}", Need::May(Action::ReadPayments)),
    ("GET", "/ledger", Need::May(Action::ReadPayments)),
    ("GET", "/statements", Need::May(Action::ReadPayments)),
    ("GET", "/statements/{statement}", Need::May(Action::ReadPayments)),
    ("GET", "/exceptions", Need::May(Action::ReadPayments)),
    ("GET", "/accounts", Need::May(Action::ReadPayments)),
    ("GET", "/console/events", Need::Open),
    ("GET", "/log", Need::May(Action::ReadLog)),
    ("GET", "/backups", Need::May(Action::ReadBackups)),
    ("GET", "/approvals", Need::May(Action::ApprovePayment)),
    ("POST", "/approvals", Need::May(Action::ApprovePayment)),
    ("GET", "/members", Need::May(Action::ReadMembers)),
    ("POST", "/members", Need::May(Action::InviteMember)),
    ("GET", "/members/{member}", Need::May(Action::ReadMembers)),
    ("POST", "/members/{member}/invite", Need::May(Action::InviteMember)),
    ("POST", "/members/{member}/role", Need::May(Action::GrantRole)),
    (
        "POST",
        "/members/{member}/deactivate",
        Need::May(Action::DeactivateMember),
    ),
    ("GET", "/access", Need::May(Action::ReadAccess)),
    ("GET", "/me", Need::Member),
    ("POST", "/me/password", Need::Member),
    ("POST", "/me/codes", Need::Member),
    ("POST", "/me/sessions/{session}/end", Need::Member),
    ("POST", "/me/sign-out-everywhere", Need::Member),
];

/// What a route asks for; nothing when it is not in the table. HEAD asks for as much as GET.
pub(super) fn of(method: &str, route: &str) -> Option<Need> {
    let method = if method == "HEAD" { "GET" } else { method };
    let found = ROUTES.iter().find(|(of, path, _)| *of == method && *path == route);
    found.map(|(_, _, need)| *need)
}

/// What a link from the command line opens: what pages showed before there were members.
pub(super) fn opens_by_link(need: Need) -> bool {
    match need {
        Need::Nobody
        | Need::Anyone
        | Need::Open
        | Need::May(Action::ReadPayments | Action::ReadLog | Action::ReadBackups) => true,
        Need::HalfOpen | Need::Member | Need::May(_) => false,
    }
}
