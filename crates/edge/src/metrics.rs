//! Counters of the edge and the text in which a scraper reads all counters of the process.
//!
//! Handles are looked up once per route and kept: counting a request is a few atomic additions. Labels are routes as they are
//! written in the router, never paths as they were sent.

use axum::http::{Method, StatusCode};
use flow::pulse::Pulse;
use flow::refusal::Code;
use flow::view::StateName;
use metrics::{Counter, Gauge, Histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use vocab::context::World;
use vocab::time::Timestamp;

/// Upper ends of the buckets of durations, in seconds: from a look-up in memory to the deadline of a request.
const BUCKETS: [f64; 12] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0,
];

/// Why counters could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The buckets of the histograms.
    #[error("the histograms could not be set up")]
    Buckets(#[source] metrics_exporter_prometheus::BuildError),
    /// Somebody else collects the counters of this process.
    #[error("another recorder collects the counters of this process already")]
    Installed,
}

/// Where counters go and how they are read.
#[derive(Clone)]
pub struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
}

impl Metrics {
    /// Counters of this edge only, for tests and for several edges in one process.
    pub fn local() -> Result<Self, MetricsError> {
        let builder = PrometheusBuilder::new()
            .set_buckets(&BUCKETS)
            .map_err(MetricsError::Buckets)?;
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        Ok(Self {
            recorder: Arc::new(recorder),
            handle,
        })
    }

    /// Counters of the whole process: what store and flow count goes here too. Once per process.
    pub fn install() -> Result<Self, MetricsError> {
        let metrics = Self::local()?;
        metrics::set_global_recorder(Arc::clone(&metrics.recorder)).map_err(|_| MetricsError::Installed)?;
        Ok(metrics)
    }

    /// All counters in the text format of Prometheus.
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Takes measured durations into their histograms. Between two scrapes they would pile up otherwise.
    pub(crate) fn tidy(&self) {
        self.handle.run_upkeep();
    }

    /// Says once what this server is.
    pub(crate) fn describe(&self, engine: &'static str) {
        self.with(|| {
            let labels = [("version", env!("CARGO_PKG_VERSION")), ("db", engine)];
            metrics::gauge!("countersign_build_info", &labels).set(1.0);
        });
    }

    /// Takes over what waits at this moment; `None` when the database did not say.
    pub(crate) fn waiting(&self, pulse: Option<&Pulse>) {
        self.with(|| {
            metrics::gauge!("countersign_database_up").set(if pulse.is_some() { 1.0 } else { 0.0 });
            if let Some(pulse) = pulse {
                tell(pulse);
            }
        });
    }

    /// Counts a request that was refused or failed, by the code of its problem document.
    pub(crate) fn refused(&self, code: Code) {
        self.with(|| metrics::counter!("countersign_http_problems_total", "code" => code.as_str()))
            .increment(1);
    }

    /// Connections that are open.
    pub(crate) fn connections(&self) -> Gauge {
        self.with(|| metrics::gauge!("countersign_http_connections"))
    }

    /// Counts a request that was not believed.
    pub(crate) fn not_believed(&self, reason: &'static str) {
        self.with(|| metrics::counter!("countersign_auth_failures_total", "method" => "signature", "reason" => reason))
            .increment(1);
    }

    fn with<T>(&self, work: impl FnOnce() -> T) -> T {
        metrics::with_local_recorder(&*self.recorder, work)
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

fn tell(pulse: &Pulse) {
    for world in [World::Test, World::Live] {
        // All of them, so that a state that has emptied falls to zero.
        for state in StateName::ALL.into_iter().filter(|state| *state != StateName::Settled) {
            let mut counted = pulse.payments.iter();
            let payments = counted.find(|(of, name, _)| (*of, *name) == (world, state));
            let payments = payments.map_or(0, |(_, _, payments)| *payments);
            metrics::gauge!("countersign_payments", "world" => world.name(), "state" => state.name())
                .set(whole(payments));
        }
    }
    for (world, jobs) in &pulse.jobs {
        let world = world.name();
        metrics::gauge!("countersign_jobs", "world" => world).set(whole(jobs.all));
        metrics::gauge!("countersign_jobs_due", "world" => world).set(whole(jobs.due.count));
        metrics::gauge!("countersign_jobs_due_oldest_seconds", "world" => world).set(whole(jobs.due.oldest_seconds));
        metrics::gauge!("countersign_jobs_overdue", "world" => world).set(whole(jobs.overdue));
    }
    for (world, open) in &pulse.exceptions {
        let world = world.name();
        metrics::gauge!("countersign_exceptions_open", "world" => world).set(whole(open.count));
        metrics::gauge!("countersign_exceptions_oldest_seconds", "world" => world).set(whole(open.oldest_seconds));
    }
    let backups = &pulse.backups;
    let since = |at: Option<Timestamp>| at.map_or(0, |at| u64::try_from(at.seconds()).unwrap_or(0));
    let last = [
        ("countersign_backup_last_success_timestamp_seconds", backups.created_at),
        (
            "countersign_backup_last_verified_timestamp_seconds",
            backups.verified_at,
        ),
        ("countersign_backup_last_failure_timestamp_seconds", backups.failed_at),
    ];
    for (name, at) in last {
        metrics::gauge!(name).set(whole(since(at)));
    }
    metrics::gauge!("countersign_backup_verified_too_old").set(if backups.too_old { 1.0 } else { 0.0 });
    metrics::gauge!("countersign_sending_held_back").set(if backups.held_since.is_some() { 1.0 } else { 0.0 });
    metrics::gauge!("countersign_log_size").set(whole(pulse.log_size));
    metrics::gauge!("countersign_seal_pending").set(whole(pulse.seal.count));
    metrics::gauge!("countersign_seal_oldest_seconds").set(whole(pulse.seal.oldest_seconds));
    metrics::gauge!("countersign_intake_queue").set(whole(pulse.intake_waiting));
    metrics::gauge!("countersign_db_write_queue").set(whole(pulse.writes_waiting));
}

/// Counts beyond four thousand million stay there.
fn whole(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The meters of all routes.
#[derive(Debug)]
pub(crate) struct Meters {
    metrics: Metrics,
    listed: BTreeMap<String, Arc<Meter>>,
    /// Of routes that were not listed, made when first asked for.
    others: Mutex<BTreeMap<String, Arc<Meter>>>,
    unmatched: Arc<Meter>,
}

impl Meters {
    pub(crate) fn new(metrics: &Metrics, routes: impl Iterator<Item = String>) -> Self {
        let meter = |route: &str| Arc::new(Meter::new(metrics.clone(), route));
        Self {
            metrics: metrics.clone(),
            listed: routes.map(|route| (route.clone(), meter(&route))).collect(),
            others: Mutex::default(),
            unmatched: meter("unmatched"),
        }
    }

    /// The meter of a route as the router spells it; requests that match none share one, so that a scanner cannot make up labels.
    pub(crate) fn of(&self, route: Option<&str>) -> Arc<Meter> {
        let Some(route) = route else {
            return Arc::clone(&self.unmatched);
        };
        if let Some(meter) = self.listed.get(route) {
            return Arc::clone(meter);
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || Arc::new(Meter::new(self.metrics.clone(), route));
        Arc::clone(others.entry(route.to_owned()).or_insert_with(make))
    }
}

const METHODS: [&str; 4] = ["GET", "POST", "PUT", "other"];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Counts the requests of one route.
pub(crate) struct Meter {
    metrics: Metrics,
    route: String,
    requests: [[OnceLock<Counter>; CLASSES.len()]; METHODS.len()],
    duration: Histogram,
}

impl Meter {
    fn new(metrics: Metrics, route: &str) -> Self {
        let route = route.to_owned();
        let labels = [("route", route.clone())];
        let duration = metrics.with(|| metrics::histogram!("countersign_http_request_duration_seconds", &labels));
        Self {
            metrics,
            route,
            requests: <_>::default(),
            duration,
        }
    }

    pub(crate) fn count(&self, method: &Method, status: StatusCode, took: Duration) {
        let method = METHODS
            .iter()
            .position(|known| *known == method.as_str())
            .unwrap_or(METHODS.len() - 1);
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(cell) = self.requests.get(method).and_then(|row| row.get(class)) {
            cell.get_or_init(|| self.counter(method, class)).increment(1);
        }
        self.duration.record(took);
    }

    fn counter(&self, method: usize, class: usize) -> Counter {
        let name = |names: &[&'static str], at: usize| names.get(at).copied().unwrap_or("other");
        let labels = [
            ("route", self.route.clone()),
            ("method", name(&METHODS, method).to_owned()),
            ("status_class", name(&CLASSES, class).to_owned()),
        ];
        self.metrics
            .with(|| metrics::counter!("countersign_http_requests_total", &labels))
    }
}

impl std::fmt::Debug for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Meter({})", self.route)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route_method_and_class() {
        let metrics = Metrics::local().unwrap();
        let meters = Meters::new(&metrics, ["/v1/payments".to_owned()].into_iter());
        meters
            .of(Some("/v1/payments"))
            .count(&Method::POST, StatusCode::CREATED, Duration::from_millis(2));
        meters
            .of(None)
            .count(&Method::DELETE, StatusCode::NOT_FOUND, Duration::from_millis(1));
        for _ in 0..2 {
            meters
                .of(Some("/payments"))
                .count(&Method::GET, StatusCode::OK, Duration::from_millis(1));
        }
        let text = metrics.render();
        let line = |line: &str| text.lines().any(|found| found == line);
        assert!(
            line(r#"countersign_http_requests_total{route="/v1/payments",method="POST",status_class="2xx"} 1"#),
            "{text}"
        );
        assert!(line(
            r#"countersign_http_requests_total{route="unmatched",method="other",status_class="4xx"} 1"#
        ));
        assert!(line(
            r#"countersign_http_requests_total{route="/payments",method="GET",status_class="2xx"} 2"#
        ));
        assert!(line(
            r#"countersign_http_request_duration_seconds_count{route="/v1/payments"} 1"#
        ));
    }
}
