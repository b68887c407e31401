//! A tiny growth on every engine that is there.

use super::history::LAID;
use super::*;
use crate::{paper, report::Report};

fn grown(site: &Site<'_>) -> Growth {
    let plan = Plan {
        sizes: &[200, 400],
        rounds: 1,
        span: Duration::from_millis(300),
        pgbench: None,
    };
    crate::server::runtime().unwrap().block_on(run(site, &plan)).unwrap()
}

fn judge(growth: Growth) {
    let [first, second] = growth.steps.as_slice() else {
        panic!("two sizes were asked for: {growth:?}");
    };
    assert!(first.payments >= 200 && second.payments >= 400 && second.payments > first.payments);
    for step in &growth.steps {
        assert!(step.bytes_each > 0 && step.start > Duration::ZERO, "{step:?}");
        let [round] = step.rounds.as_slice() else {
            panic!("one round was asked for: {step:?}");
        };
        assert!(round.fresh.count > 0 && round.grown.count > 0 && round.single.count > 0);
        assert!(round.grown.percentile(50) <= round.grown.percentile(99));
        for query in &step.queries {
            assert_eq!(query.failed, None, "{}", query.name);
            assert!(!query.micros.is_empty(), "{}", query.name);
            assert!(query.micros.is_sorted(), "{}", query.name);
        }
        let rows = |name: &str| step.queries.iter().find(|query| query.name == name).unwrap().rows;
        assert_eq!(rows("newest page"), vocab::limits::PAGE_DEFAULT);
        assert_eq!(rows("one account, paid long ago"), LAID);
        assert_eq!(rows("one day, of the oldest"), LAID);
        assert_eq!(rows("one state, of none"), 0);
    }
    let mut report = Report::default();
    let engine = growth.engine;
    report.growth.push(growth);
    assert!(
        report
            .json()
            .contains(&format!("{{\"engine\":\"{engine}\",\"payments\":"))
    );
    let papers = paper::written(&report, &[]);
    assert!(papers.iter().any(|(name, _)| *name == "growth-throughput.svg"));
}

#[test]
fn sqlite_grows_and_every_size_has_its_figures() {
    let dir = tempfile::tempdir().unwrap();
    judge(grown(&Site::Sqlite(dir.path())));
    assert_eq!(
        std::fs::read_dir(dir.path()).unwrap().count(),
        0,
        "databases are taken away"
    );
}

#[test]
fn postgres_grows_and_every_size_has_its_figures() {
    let Ok(server) = std::env::var(testkit::database::POSTGRES_VARIABLE) else {
        println!(
            "skipped: no PostgreSQL ({} is not set)",
            testkit::database::POSTGRES_VARIABLE
        );
        return;
    };
    judge(grown(&Site::Postgres(&server)));
}
