//! Each page of the sample, letter by letter as in `golden/`. `UPDATE_GOLDEN=1` writes the files anew; read the difference before
//! committing it.

use super::sample;
use crate::console::query::Asked;
use crate::console::{
    accounts, backups, batch, batches, doors, exceptions, home, ledger, log, payment, payments, statement, statements,
};
use crate::ui::assets;
use maud::Markup;
use std::path::Path;
use vocab::context::World;

/// Compares a page with its golden file. One element a line; the hashes of assets are left out, they change with the style.
fn golden(name: &str, page: Markup) {
    let mut text = page.into_string();
    for file in ["console.css", "live.js", "mark.svg"] {
        text = text.replace(&assets::address(file), &format!("{}{file}", assets::FOLDER));
    }
    let text = format!("{}\n", text.replace("><", ">\n<"));
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/console/golden")
        .join(format!("{name}.html"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == text,
        "{name}: not as committed; run with UPDATE_GOLDEN=1 and read the difference"
    );
}

#[test]
fn home_shows_the_journey_and_what_needs_a_person() {
    let mut attention: Vec<_> = sample::payments()
        .iter()
        .filter(|payment| {
            matches!(
                payment.state.name().name(),
                "unknown" | "received" | "waiting_for_approval"
            )
        })
        .map(home::of_payment)
        .collect();
    attention.extend(
        sample::exceptions()
            .iter()
            .filter(|exception| exception.resolved.is_none())
            .map(home::of_exception),
    );
    let page = home::Home {
        overview: sample::busy(),
        attention,
        accounts: sample::accounts(),
    };
    golden("home", page.render(&sample::frame()));
}

#[test]
fn an_empty_home_says_what_to_do_first() {
    let page = home::Home {
        overview: sample::overview(&[]),
        attention: Vec::new(),
        accounts: Vec::new(),
    };
    golden("home_empty", page.render(&sample::frame()));
}

#[test]
fn the_live_world_has_no_banner() {
    let page = accounts::Accounts {
        accounts: sample::accounts(),
    };
    let frame = crate::ui::shell::Frame {
        world: World::Live,
        ..sample::frame()
    };
    assert!(!page.render(&frame).into_string().contains("Test world"));
    assert!(page.render(&sample::frame()).into_string().contains("Test world"));
}

#[test]
fn payments_say_why_they_are_where_they_are() {
    let asked = Asked {
        currency: "EUR".to_owned(),
        min: "10".to_owned(),
        ..Asked::default()
    };
    let page = payments::Payments {
        wanted: asked.wanted(),
        asked,
        accounts: sample::accounts(),
        payments: sample::payments(),
        more: true,
    };
    golden("payments", page.render(&sample::frame()));
}

#[test]
fn a_filter_that_cannot_be_read_is_explained_next_to_it() {
    let asked = Asked {
        min: "1,50".to_owned(),
        currency: "EUR".to_owned(),
        state: "gone".to_owned(),
        ..Asked::default()
    };
    let page = payments::Payments {
        wanted: asked.wanted(),
        asked,
        accounts: sample::accounts(),
        payments: Vec::new(),
        more: false,
    };
    golden("payments_wrong_filter", page.render(&sample::frame()));
}

#[test]
fn one_payment_tells_its_whole_story() {
    let page = payment::Payment {
        detail: sample::detail(),
        names: sample::names(),
        accounts: sample::accounts(),
        decides: false,
    };
    golden("payment", page.render(&sample::frame()));
}

#[test]
fn batches_tell_what_became_of_files() {
    let page = batches::Batches {
        batches: sample::batches(),
        names: sample::names(),
        first: true,
        more: false,
    };
    golden("batches", page.render(&sample::frame()));
    let page = batch::Batch {
        detail: sample::batch(),
        names: sample::names(),
        from: 0,
        more: false,
    };
    golden("batch", page.render(&sample::frame()));
}

#[test]
fn the_ledger_shows_balances_of_a_day_and_entries() {
    let page = ledger::Ledger {
        on: Some("2026-11-24".parse().unwrap()),
        wrong: None,
        balances: sample::balances(),
        entries: sample::entries(),
        accounts: sample::accounts(),
        first: false,
        more: true,
    };
    golden("ledger", page.render(&sample::frame()));
}

#[test]
fn statements_explain_each_line() {
    let page = statements::Statements {
        statements: sample::statements(),
        accounts: sample::accounts(),
        account: None,
        first: true,
        more: false,
    };
    golden("statements", page.render(&sample::frame()));
    let page = statement::Statement {
        detail: sample::statement(),
        accounts: sample::accounts(),
        first: true,
        more: false,
    };
    golden("statement", page.render(&sample::frame()));
}

#[test]
fn exceptions_say_what_to_do() {
    let page = exceptions::Exceptions {
        exceptions: sample::exceptions(),
        names: sample::names(),
        all: true,
        first: true,
        more: false,
    };
    golden("exceptions", page.render(&sample::frame()));
}

#[test]
fn the_log_says_how_to_verify_it() {
    let page = log::Log {
        overview: sample::busy(),
        verifier: "countersign.example/log+70d12021+AVx1jQ2H0RrgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        events: sample::timeline().into_iter().rev().collect(),
        names: sample::names(),
        below: 148,
    };
    golden("log", page.render(&sample::frame()));
    golden(
        "accounts",
        accounts::Accounts {
            accounts: sample::accounts(),
        }
        .render(&sample::frame()),
    );
}

#[test]
fn closed_doors_say_how_to_get_in() {
    golden("offer", doors::offer(&"0a".repeat(32)));
    for page in [doors::spent(), doors::no_session()] {
        assert!(page.into_string().contains("countersign console-link --data DIR"));
    }
    for page in [doors::no_session(), doors::signed_out(), doors::members_only()] {
        assert!(page.into_string().contains("href=\"/sign-in\""));
    }
}

#[test]
fn foreign_text_is_never_markup() {
    let page = payment::Payment {
        detail: sample::detail(),
        names: sample::names(),
        accounts: sample::accounts(),
        decides: false,
    };
    let text = page.render(&sample::frame()).into_string();
    assert!(text.contains("Invoice 4711 &lt;thank you&gt;") && !text.contains("<thank you>"));
}

#[test]
fn no_page_holds_an_inline_script_or_style() {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console/golden");
    for file in std::fs::read_dir(files).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!text.contains(" style=") && !text.contains("<style") && !text.contains("javascript:"));
        assert!(!text.contains(" onclick") && !text.contains(" onload"));
        for script in text.split("<script").skip(1) {
            let whole = script.replace('\n', "");
            assert!(
                whole.starts_with(" defer src=\"/console/assets/live.js\"></script>"),
                "{whole}"
            );
        }
    }
}

#[test]
fn backups_are_listed_with_what_is_known_of_each() {
    let page = backups::Backups {
        standing: flow::backup::acts::Standing {
            created_at: Some(sample::at("2026-11-25T06:00:12Z")),
            verified_at: Some(sample::at("2026-11-24T06:03:40Z")),
            failed_at: Some(sample::at("2026-11-24T18:00:02Z")),
            too_old: false,
            held_since: None,
        },
        backups: sample::backups(),
        now: sample::at("2026-11-25T10:04:31Z"),
    };
    golden("backups", page.render(&sample::frame()));
}

#[test]
fn without_backups_the_page_says_what_to_do() {
    let page = backups::Backups {
        standing: flow::backup::acts::Standing {
            too_old: true,
            held_since: Some(sample::at("2026-11-25T09:00:00Z")),
            ..flow::backup::acts::Standing::default()
        },
        backups: Vec::new(),
        now: sample::at("2026-11-25T10:04:31Z"),
    };
    golden("backups_none", page.render(&sample::frame()));
}
