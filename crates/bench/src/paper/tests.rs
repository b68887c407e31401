//! What stands on the paper.

use super::*;
use crate::growth::{self, Query};
use crate::meter::Measured;
use crate::report::Round;
use quick_xml::Reader;
use quick_xml::events::Event;
use std::time::Duration;

fn measured(count: u64, micros: &[u32]) -> Measured {
    Measured {
        count,
        took: Duration::from_secs(1),
        micros: micros.to_vec(),
        processor: [("store-writer".to_owned(), count * 50_000)].into(),
    }
}

fn step(payments: u32, rate: u64) -> Step {
    Step {
        payments,
        rounds: vec![growth::Round {
            fresh: measured(10_000, &[1_000, 2_000]),
            fresh_start: Duration::from_millis(100),
            grown: measured(rate, &[1_000, 4_000]),
            single: measured(500, &[300, 900]),
            pgbench: None,
            verify_nanos: 25_000,
        }],
        resident: Some(300 << 20),
        resident_started: None,
        bytes_each: 1_234,
        start: Duration::from_millis(350),
        queries: vec![
            Query {
                name: "newest page",
                history: true,
                rows: 50,
                micros: vec![1_500, 19_000],
                failed: None,
            },
            Query {
                name: "overview",
                history: false,
                rows: 0,
                micros: Vec::new(),
                failed: Some("the disk <is> full".to_owned()),
            },
        ],
    }
}

fn report() -> Report {
    Report {
        rounds: vec![Round {
            full: Some(measured(4_000, &[1_000, 2_000])),
            verify: Some(measured(10_000, &[500])),
            verify_nanos: 25_000,
            ..Round::default()
        }],
        bytes_per_payment: Some(1_335),
        growth: vec![Growth {
            engine: "SQLite",
            steps: vec![step(10_000, 9_000), step(1_000_000, 6_500)],
        }],
    }
}

fn file(report: &Report, name: &str) -> String {
    let conditions = [("processor", "Xeon | 2.5 GHz".to_owned())];
    let mut files = written(report, &conditions).into_iter();
    files.find(|(found, _)| *found == name).unwrap().1
}

#[test]
fn the_report_states_conditions_must_and_aim() {
    let text = file(&report(), "report.md");
    for wanted in [
        "| processor | Xeon \\| 2.5 GHz |",
        "| ratio | measured | must | aim |",
        "| `full_over_verify` | 0.400 | >=0.400 | >=0.550 |",
        "| `history_p99_ms_sqlite` | 19.000 | <=20.000 | <=20.000 |",
        "| `bytes_per_payment` | 1335 | <=1400 | <=1100 |",
        "| `grown_over_fresh_sqlite` | 0.650 **missed** | >=0.700 | >=0.850 |",
        "| payments | 10,000 | 1,000,000 |",
        "| storage / fresh | 0.900 | 0.650 |",
        "| p99 / p99 of fresh | 2.000 | 2.000 |",
        "| start / start of fresh | 3.500 | 3.500 |",
        "| processor time of one / one Ed25519 verify | 2.000 | 2.000 |",
        "| newest page: p50, p99 in ms | 19.00, 19.00 | 19.00, 19.00 |",
        "](growth-latency.svg)",
    ] {
        assert!(text.contains(wanted), "`{wanted}` is missing in\n{text}");
    }
}

#[test]
fn what_was_not_measured_is_told_and_is_no_zero() {
    let text = file(&report(), "report.md");
    for wanted in [
        "| `full_over_pgbench` | not measured | >=1.500 | >=2.500 |",
        "| storage / pgbench | not measured | not measured |",
        "| memory after filling, after a start, in MiB | 300, not measured | 300, not measured |",
        "| overview: p50, p99 in ms | failed: the disk <is> full |",
    ] {
        assert!(text.contains(wanted), "`{wanted}` is missing in\n{text}");
    }
    let mut with_pgbench = report();
    with_pgbench.rounds[0].pgbench = Some(2_000);
    let text = file(&with_pgbench, "report.md");
    assert!(text.contains("| `full_over_pgbench` | 2.000 |"), "{text}");
    assert!(text.contains("| `storage_over_pgbench` | not measured |"), "{text}");
    let nothing = file(&Report::default(), "report.md");
    assert!(!nothing.contains("| 0.000"), "{nothing}");
    assert!(!nothing.contains("## Growth"));
    let bars = file(&report(), "ratios.svg");
    assert!(bars.contains("full_over_pgbench: not measured"));
}

#[test]
fn history_with_a_question_that_failed_has_no_figure() {
    let mut report = report();
    report.growth[0].steps[1].queries[1].history = true;
    let text = file(&report, "report.md");
    assert!(text.contains("| `history_p99_ms_sqlite` | not measured |"), "{text}");
}

#[test]
fn plots_are_well_formed_and_say_what_they_show() {
    for (name, text) in written(&report(), &[]) {
        if !name.ends_with(".svg") {
            continue;
        }
        let mut reader = Reader::from_str(&text);
        let mut elements = Vec::new();
        loop {
            let event = reader.read_event().unwrap();
            if let Event::Start(element) | Event::Empty(element) = &event {
                assert!(element.attributes().all(|attribute| attribute.is_ok()), "{name}");
                elements.push(element.name().as_ref().to_owned());
            }
            if matches!(event, Event::Eof) {
                break;
            }
        }
        assert_eq!(elements[..3], ["svg", "title", "desc"], "{name}");
        assert!(text.contains("prefers-color-scheme:dark"), "{name}");
    }
    let throughput = file(&report(), "growth-throughput.svg");
    assert!(throughput.contains("SQLite at 10,000: 9000 /s; SQLite at 1,000,000: 6500 /s."));
    assert!(throughput.contains("points=\"90,60 570,113\""), "{throughput}");
}

#[test]
fn digits_are_grouped() {
    assert_eq!(grouped(999), "999");
    assert_eq!(grouped(1_000), "1,000");
    assert_eq!(grouped(5_000_123), "5,000,123");
}
