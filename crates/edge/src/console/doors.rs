//! Pages for those who are not in, and for what went wrong: what happened and what to do, in two sentences.

use crate::ui::shell;
use axum::http::StatusCode;
use maud::{Markup, html};

/// How to get a link, wherever a page has to say it.
const LINK_COMMAND: &str = "countersign console-link --data DIR";

/// Behind a link that works once. Opening it takes a press of the button, so that nothing that merely looks at links uses it up.
pub(super) fn offer(link: &str) -> Markup {
    shell::door(
        "Open the console",
        &html! {
            p { "This link works once, and for 15 minutes after it was made. Opening it starts a session of 12 hours in this browser." }
            form method="post" action={ "/s/" (link) } { button.button.first type="submit" { "Open the console" } }
        },
    )
}

/// The link was used, has expired, or never was one.
pub(super) fn spent() -> Markup {
    shell::door(
        "This link does not work any more",
        &html! {
            p { "A link opens the console once, within 15 minutes. This one was used, has expired, or was copied incompletely." }
            (another())
        },
    )
}

/// The one-time link of somebody who was to come in.
pub(super) fn spent_join() -> Markup {
    shell::door(
        "This link does not work any more",
        &html! {
            p { "It was used, is too old, or was copied incompletely. Ask whoever gave it to you for another one." }
            p { a href="/sign-in" { "Sign in, if you have finished it already" } }
        },
    )
}

/// No session.
pub(super) fn no_session() -> Markup {
    shell::door(
        "The console is closed",
        &html! {
            p { "There is no session in this browser, or it has ended." }
            p { a.button.first href="/sign-in" { "Sign in" } }
            p { "Whoever runs the server can also look around without signing in, through a link that works once:" }
            pre { code { (LINK_COMMAND) } }
        },
    )
}

/// After signing out.
pub(super) fn signed_out() -> Markup {
    shell::door(
        "You are signed out",
        &html! { p { "The session has ended." } p { a.button href="/sign-in" { "Sign in" } } },
    )
}

/// Not from this machine, or not for this server.
pub(super) fn elsewhere() -> (StatusCode, Markup) {
    let page = shell::door(
        "This opens only on the machine it runs on",
        &html! {
            p {
                "The request came through a proxy, under a name that this server does not have, or with a link that works only on the "
                "server itself. From elsewhere, sign in under one of the server\u{2019}s own names, or forward a port with SSH and open "
                "the console under " code { "https://localhost" } "."
            }
        },
    );
    (StatusCode::FORBIDDEN, page)
}

/// For members, and nobody is signed in as one.
pub(super) fn members_only() -> Markup {
    shell::door(
        "This is for members",
        &html! {
            p { "A link from the command line lets you look around. To decide anything, and to see members, sign in as one." }
            p { a.button.first href="/sign-in" { "Sign in" } }
            (way_home())
        },
    )
}

/// The answer is no, in the words of the rule.
pub(super) fn refused(detail: &str) -> Markup {
    shell::door(
        "The answer is no",
        &html! {
            p { (super::words::sentence(detail)) }
            p { "Nothing was changed." }
            p { a href="/me" { "What you may do is on your profile" } }
        },
    )
}

/// A form that did not come from our own page.
pub(super) fn foreign_form() -> Markup {
    shell::door(
        "This form was not sent from the console",
        &html! {
            p { "It came from another page, or was shown before the present session began. Nothing was changed." }
            (way_home())
        },
    )
}

/// There is no such thing.
pub(super) fn missing(what: &str) -> Markup {
    shell::door(
        "Nothing here",
        &html! {
            p { "There is no " (what) " in this organization and world. Check that the address was copied as a whole." }
            (way_home())
        },
    )
}

/// The address cannot be read.
pub(super) fn malformed(sentence: &str) -> Markup {
    shell::door("This address cannot be read", &html! { p { (sentence) } (way_home()) })
}

/// A receipt that cannot be had yet.
pub(super) fn not_sealed() -> Markup {
    shell::door(
        "The receipt is not ready yet",
        &html! {
            p { "What happened last is on its way into the log, which takes about a second. Reload this page." }
            (way_home())
        },
    )
}

/// The platform does not answer.
pub(super) fn busy(detail: &str) -> Markup {
    shell::door(
        "Not available at the moment",
        &html! { p { "The platform says: " (detail) ". Nothing was changed; reload the page in a moment." } (way_home()) },
    )
}

/// Something broke.
pub(super) fn broken(asked: &str) -> Markup {
    shell::door(
        "Something broke on our side",
        &html! {
            p { "The page could not be made, and nothing was changed. Report this request to whoever runs the server:" }
            pre { code.id { (asked) } }
            (way_home())
        },
    )
}

fn another() -> Markup {
    html! {
        p { "Make another link on the machine that runs the server, with its data directory:" }
        pre { code { (LINK_COMMAND) } }
    }
}

fn way_home() -> Markup {
    html! { p { a href="/" { "To the home page of the console" } } }
}
