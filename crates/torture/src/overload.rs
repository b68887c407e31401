//! Overload: far more is asked than the server can do. It has to say so at once (503 with `Retry-After`) to those it cannot serve, serve
//! the others in bounded time, and refuse nobody any more as soon as the load has fallen.

use crate::Failure;
use crate::chance::now;
use crate::judge;
use crate::report::{Violation, in_millis};
use crate::site::{Engine, Site};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use testkit::caller::{Ask, Place, Shared, Signer, invoice};
use tokio::task::JoinSet;

/// Connections, each with up to a hundred requests under way.
const CONNECTIONS: usize = 96;
/// Requests under way at most: applications have threads and patience in limited number, too.
const UNDER_WAY_MAX: usize = CONNECTIONS * 100;
/// Requests under way at the same time when the server is not pressed, and how long that is measured.
const CALM: (usize, Duration) = (64, Duration::from_secs(4));
/// So many times of what the server did then is asked of it, for how long.
const PRESSURE: (u64, Duration) = (6, Duration::from_secs(8));
/// Afterwards, so many hundredths of it, for how long.
const EASE: (u64, Duration) = (25, Duration::from_secs(5));
/// Within this time 99 of 100 payments that are taken in have their answer.
const ACCEPTED_MAX: Duration = Duration::from_millis(3_000);
/// Whoever asks is answered within this time, if only with a no.
const ANSWERS_MAX: Duration = Duration::from_secs(40);
/// After this time nobody is refused any more.
const RECOVERED_MAX: Duration = Duration::from_millis(1_000);

/// What the answers were.
#[derive(Debug, Default)]
struct Counts {
    accepted_millis: Vec<u64>,
    refused: u64,
    /// When the last refused request was sent.
    refused_last: Option<Instant>,
    without_retry_after: u64,
    others: Vec<String>,
}

/// Who asks, from how many connections.
#[derive(Clone, Debug)]
struct Crowd {
    connections: Arc<Vec<Shared>>,
    authority: String,
    signer: Arc<Signer>,
    day: String,
    numbers: Arc<AtomicU64>,
    under_way: Arc<AtomicUsize>,
}

/// Presses, eases and judges; the figures.
pub(crate) async fn run(site: &mut Site, engine: Engine) -> Result<Value, Failure> {
    site.start(0).await?;
    let place = site.places()?.into_iter().next().ok_or("no server")?;
    let crowd = Crowd::gather(site, &place).await?;
    let calm = crowd.calm().await?;
    let rate = u64::try_from(calm.accepted_millis.len())? / CALM.1.as_secs().max(1);
    let pressed = crowd
        .arrive(rate.saturating_mul(PRESSURE.0).max(200), PRESSURE.1)
        .await?;
    // At once: those who still wait are no longer asking.
    let began = Instant::now();
    let eased = crowd
        .arrive((rate.saturating_mul(EASE.0) / 100).max(10), EASE.1)
        .await?;
    crowd.everybody_is_answered().await?;
    let (pressed, eased) = (taken(&pressed), taken(&eased));
    let recovered = eased
        .refused_last
        .map_or(Duration::ZERO, |last| last.saturating_duration_since(began));
    let figures = json!({
        "engine": engine.name(),
        "calm_per_second": rate,
        "calm_p99_ms": percentile(&calm, 99),
        "asked_per_second": rate.saturating_mul(PRESSURE.0),
        "accepted_per_second": u64::try_from(pressed.accepted_millis.len())? / PRESSURE.1.as_secs().max(1),
        "accepted_p50_ms": percentile(&pressed, 50),
        "accepted_p99_ms": percentile(&pressed, 99),
        "refused": pressed.refused,
        "refused_after": eased.refused,
        "recovered_ms": in_millis(recovered),
    });
    for counts in [&calm, &pressed, &eased] {
        if let Some(other) = counts.others.first() {
            return Violation::fail(
                "under pressure a payment is taken in or put off",
                format!("{other}: {figures}"),
            );
        }
        if counts.without_retry_after > 0 {
            return Violation::fail(
                "503 names `Retry-After`",
                format!("{} without", counts.without_retry_after),
            );
        }
    }
    if pressed.refused == 0 {
        return Violation::fail("past saturation the server answers 503", figures.to_string());
    }
    if percentile(&pressed, 99) > in_millis(ACCEPTED_MAX) {
        let expected = format!("99 of 100 accepted payments are answered within {ACCEPTED_MAX:?}");
        return Violation::fail(expected, figures.to_string());
    }
    if recovered > RECOVERED_MAX {
        let expected = format!("{RECOVERED_MAX:?} after the load has fallen nobody is refused");
        return Violation::fail(expected, figures.to_string());
    }
    judge::checked(site)?;
    Ok(figures)
}

impl Crowd {
    async fn gather(site: &Site, place: &Place) -> Result<Self, Failure> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(Shared::open(place).await?);
        }
        Ok(Self {
            connections: Arc::new(connections),
            authority: place.authority.clone(),
            signer: Arc::clone(&site.client),
            day: now().plus_days(5).date().to_string(),
            numbers: Arc::default(),
            under_way: Arc::default(),
        })
    }

    /// As many at a time as the server likes best; each asks again when it is answered.
    async fn calm(&self) -> Result<Counts, Failure> {
        let (counts, began) = (Arc::<Mutex<Counts>>::default(), Instant::now());
        let mut askers = JoinSet::new();
        for _ in 0..CALM.0 {
            let (crowd, counts) = (self.clone(), Arc::clone(&counts));
            askers.spawn(async move {
                while began.elapsed() < CALM.1 {
                    crowd.ask(&counts).await;
                }
            });
        }
        while let Some(ended) = askers.join_next().await {
            ended?;
        }
        Ok(taken(&counts))
    }

    /// So many arrive each second, whether others have been answered or not.
    async fn arrive(&self, rate: u64, span: Duration) -> Result<Arc<Mutex<Counts>>, Failure> {
        let (counts, began) = (Arc::<Mutex<Counts>>::default(), Instant::now());
        let mut arrived = 0_u64;
        while began.elapsed() < span {
            let due = u64::try_from(began.elapsed().as_micros())?.saturating_mul(rate) / 1_000_000;
            while arrived < due {
                arrived = arrived.saturating_add(1);
                if self.under_way.load(Ordering::Relaxed) < UNDER_WAY_MAX {
                    self.under_way.fetch_add(1, Ordering::Relaxed);
                    let (crowd, counts) = (self.clone(), Arc::clone(&counts));
                    tokio::spawn(async move {
                        crowd.ask(&counts).await;
                        crowd.under_way.fetch_sub(1, Ordering::Relaxed);
                    });
                }
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(counts)
    }

    async fn everybody_is_answered(&self) -> Result<(), Failure> {
        let began = Instant::now();
        while self.under_way.load(Ordering::Relaxed) > 0 {
            if began.elapsed() > ANSWERS_MAX {
                let found = format!("{} still wait", self.under_way.load(Ordering::Relaxed));
                return Violation::fail("every request is answered", found);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    async fn ask(&self, counts: &Mutex<Counts>) {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let Some(connection) = usize::try_from(number)
            .ok()
            .and_then(|at| self.connections.get(at % CONNECTIONS))
        else {
            return;
        };
        let began = Instant::now();
        let asked = async {
            let figure = u32::try_from(number)?;
            let body = invoice(figure, figure % 90_000 + 100, testkit::transfers::CREDITOR, &self.day);
            let key = format!("payment-{number}");
            let request = self.signer.sign(
                &Ask::post("/v1/payments", body, &key),
                &self.authority,
                now(),
                &format!("{number:032x}"),
            )?;
            connection.send(request).await
        };
        let reply = asked.await;
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        match reply {
            Ok(reply) if reply.status.is_success() => counts.accepted_millis.push(in_millis(began.elapsed())),
            Ok(reply) if reply.status == 503 => {
                counts.refused = counts.refused.saturating_add(1);
                counts.refused_last = Some(counts.refused_last.map_or(began, |last| last.max(began)));
                if !reply.headers.contains_key("retry-after") {
                    counts.without_retry_after = counts.without_retry_after.saturating_add(1);
                }
            }
            Ok(reply) => counts
                .others
                .push(format!("{} {}", reply.status, String::from_utf8_lossy(&reply.body))),
            Err(error) => counts.others.push(format!("no answer: {error}")),
        }
    }
}

fn taken(counts: &Mutex<Counts>) -> Counts {
    let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
    let mut taken = std::mem::take(&mut *counts);
    taken.accepted_millis.sort_unstable();
    taken
}

fn percentile(counts: &Counts, hundredths: usize) -> u64 {
    let place = counts.accepted_millis.len().saturating_mul(hundredths) / 100;
    let found = counts.accepted_millis.get(place).or(counts.accepted_millis.last());
    found.copied().unwrap_or(0)
}
