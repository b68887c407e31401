//! The load: connections that submit, approve, repeat, read and now and then move the test clock, each with a request under way at a time.
//! A connection that breaks is made again, to another server if there is one.

use crate::Failure;
use crate::chance::{Chance, now};
use crate::kinds::Kind;
use crate::report::Violation;
use crate::site::Site;
use crate::witness::{Asked, Payment, Witness};
use bytes::Bytes;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use testkit::caller::{Ask, Connection, Place, Reply, Signer, invoice};
use tokio::task::JoinSet;
use vocab::time::Timestamp;

/// Connections at the same time.
const CONNECTIONS: usize = 8;
/// Whoever asks is answered within this time, if only with a no: the server's own limit is 30 seconds.
const ANSWER_MAX: Duration = Duration::from_secs(40);
/// Days ahead of the execution date.
const DAYS_AHEAD: i64 = 2;

/// Somebody who asks.
#[derive(Debug)]
pub(crate) struct Asker {
    places: Vec<Place>,
    at: usize,
    connection: Option<Connection>,
    client: Arc<Signer>,
    approver: Arc<Signer>,
    pub(crate) witness: Arc<Witness>,
    chance: Chance,
    /// The clock of the servers is being moved: signatures may be too old or too new for them.
    pub(crate) clock_moves: bool,
}

/// What came of asking.
pub(crate) enum Answer {
    /// An answer; for 2xx its JSON.
    Given(Reply),
    /// None: whether it was done is unknown.
    None,
}

impl Asker {
    pub(crate) fn new(site: &Site, chance: Chance) -> Result<Self, Failure> {
        Ok(Self {
            places: site.places()?,
            at: 0,
            connection: None,
            client: Arc::clone(&site.client),
            approver: Arc::clone(&site.approver),
            witness: Arc::clone(&site.witness),
            chance,
            clock_moves: false,
        })
    }

    /// The time as the servers have it.
    fn now(&self) -> Timestamp {
        now().plus_seconds(self.witness.clock_ahead.load(Ordering::Relaxed))
    }

    /// Sends a signed request as the application or as the approver.
    pub(crate) async fn ask(&mut self, ask: &Ask<'_>, as_approver: bool) -> Answer {
        self.witness.requests.fetch_add(1, Ordering::Relaxed);
        let asked = async {
            self.connect().await?;
            let nonce = format!("{:016x}{:016x}", self.chance.draw(), self.chance.draw());
            let place = self.places.get(self.at).ok_or("no server")?;
            let signer = if as_approver { &self.approver } else { &self.client };
            let request = signer.sign(ask, &place.authority, self.now(), &nonce)?;
            let connection = self.connection.as_mut().ok_or("no connection")?;
            connection.send(request).await
        };
        match tokio::time::timeout(ANSWER_MAX, asked).await {
            Ok(Ok(reply)) => Answer::Given(reply),
            Ok(Err(_)) => {
                self.connection = None;
                self.at = self.at.saturating_add(1) % self.places.len().max(1);
                Answer::None
            }
            Err(_) => {
                self.connection = None;
                let found = format!("{} {} was not answered within {ANSWER_MAX:?}", ask.method, ask.path);
                self.witness.found(Violation::new("every request is answered", found));
                Answer::None
            }
        }
    }

    /// What is public.
    pub(crate) async fn read_public(&mut self, path: &str) -> Result<Reply, Failure> {
        self.connect().await?;
        let place = self.places.get(self.at).ok_or("no server")?;
        let request = Ask::get(path).unsigned(&place.authority)?;
        let connection = self.connection.as_mut().ok_or("no connection")?;
        let reply = tokio::time::timeout(ANSWER_MAX, connection.send(request)).await;
        match reply {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) => {
                self.connection = None;
                self.at = self.at.saturating_add(1) % self.places.len().max(1);
                Err(error)
            }
            Err(late) => {
                self.connection = None;
                Err(late.into())
            }
        }
    }

    /// The JSON of something that must be readable now.
    pub(crate) async fn read(&mut self, path: &str) -> Result<Value, Failure> {
        Ok(serde_json::from_slice(&self.signed_bytes(path).await?)?)
    }

    /// The bytes of something that must be readable now for whoever signs.
    pub(crate) async fn signed_bytes(&mut self, path: &str) -> Result<Bytes, Failure> {
        let mut last = String::new();
        for _ in 0..40 {
            match self.ask(&Ask::get(path), false).await {
                Answer::Given(reply) if reply.status.is_success() => return Ok(reply.body),
                Answer::Given(reply) => last = format!("{} {}", reply.status, String::from_utf8_lossy(&reply.body)),
                Answer::None => last = "no answer".to_owned(),
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        Violation::fail(format!("{path} can be read after a few seconds"), last)
    }

    /// Anything that is public and must be readable now.
    pub(crate) async fn bytes(&mut self, path: &str) -> Result<Bytes, Failure> {
        let mut last = String::new();
        for _ in 0..40 {
            match self.read_public(path).await {
                Ok(reply) if reply.status.is_success() => return Ok(reply.body),
                Ok(reply) => last = reply.status.to_string(),
                Err(error) => last = error.to_string(),
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        Violation::fail(format!("{path} can be read after a few seconds"), last)
    }

    /// Sends something that changes the world; the JSON of a yes. A no for good is `Err`.
    async fn change(&mut self, path: &str, asked: &Asked, as_approver: bool) -> Result<Option<Value>, Reply> {
        let ask = Ask::post(path, asked.body.clone(), &asked.key);
        let Answer::Given(reply) = self.ask(&ask, as_approver).await else {
            return Ok(None);
        };
        match reply.status.as_u16() {
            200 | 201 => Ok(serde_json::from_slice(&reply.body).ok()),
            503 => {
                self.not_now(&reply);
                Ok(None)
            }
            401 if self.clock_moves => Ok(None),
            _ => Err(reply),
        }
    }

    /// An answer that says "not now" is no promise, but has to say what to do.
    fn not_now(&self, reply: &Reply) {
        self.witness.refused.fetch_add(1, Ordering::Relaxed);
        if !reply.headers.contains_key("retry-after") {
            let found = format!("503 without it: {}", String::from_utf8_lossy(&reply.body));
            self.witness.found(Violation::new("503 names `Retry-After`", found));
        }
    }

    /// Submits a payment, for the first time or again.
    pub(crate) async fn submit(&mut self, number: usize) -> bool {
        let Some(payment) = self.witness.payment(number) else {
            return false;
        };
        match self.change("/v1/payments", &payment.submission, false).await {
            Ok(Some(answer)) => {
                self.witness.submitted(number, &answer);
                true
            }
            Ok(None) => {
                self.witness.gave_up(number, false);
                false
            }
            // A clock that was moved makes dates of the past.
            Err(reply) if reply.status == 422 && self.clock_moves => {
                self.witness.refuses(number);
                false
            }
            Err(reply) => {
                self.witness.refuses(number);
                self.unexpected("a sound payment is taken in", &reply);
                false
            }
        }
    }

    /// Approves a payment, for the first time or again.
    pub(crate) async fn approve(&mut self, number: usize) -> bool {
        let approval = self.witness.payment(number).and_then(|payment| payment.approval);
        let Some(approval) = approval else { return false };
        match self.change("/v1/approvals", &approval, true).await {
            Ok(Some(answer)) => {
                self.witness.approved(number, &answer);
                true
            }
            Ok(None) => {
                self.witness.gave_up(number, true);
                false
            }
            Err(reply) => {
                self.witness.gave_up(number, true);
                self.unexpected("an approval of what was taken in counts", &reply);
                false
            }
        }
    }

    /// Moves the test clock on, for the first time or again.
    pub(crate) async fn step(&mut self, number: usize) -> bool {
        let Some(step) = self.witness.step(number) else {
            return false;
        };
        match self.change("/v1/test/clock", &step, false).await {
            Ok(Some(answer)) => {
                self.witness.stepped(number, &answer);
                true
            }
            Ok(None) => false,
            Err(reply) => {
                self.unexpected("the test clock can be moved", &reply);
                false
            }
        }
    }

    fn unexpected(&self, expected: &str, reply: &Reply) {
        let found = format!("{} {}", reply.status, String::from_utf8_lossy(&reply.body));
        self.witness.found(Violation::new(expected, found));
    }

    async fn connect(&mut self) -> Result<(), Failure> {
        if self.connection.is_none() {
            let place = self.places.get(self.at).ok_or("no server")?;
            self.connection = Some(Connection::open(place).await?);
        }
        Ok(())
    }

    /// One request, of a kind that chance decides.
    async fn turn(&mut self) {
        // What was never answered comes first: the answer was lost and its application waits for it.
        if let Some(number) = self.witness.unanswered() {
            self.submit(number).await;
            return;
        }
        if let Some(number) = self.witness.unanswered_approval() {
            self.approve(number).await;
            return;
        }
        match self.chance.below(100) {
            0..=44 => {
                let number = self.new_payment();
                self.submit(number).await;
            }
            45..=84 => match self.witness.approves(self.chance.below(1_000)) {
                Some(number) => drop(self.approve(number).await),
                None => {
                    let number = self.new_payment();
                    self.submit(number).await;
                }
            },
            85..=92 => {
                let number = self.chance.below(self.witness.count());
                self.repeat(number).await;
            }
            _ => self.look().await,
        }
    }

    fn new_payment(&mut self) -> usize {
        let kind = Kind::of(self.chance.below(100));
        let minor = u32::try_from(self.chance.below(100_000).saturating_add(100)).unwrap_or(100);
        let days = self.witness.days.load(Ordering::Relaxed).saturating_add(DAYS_AHEAD);
        let day = self.now().plus_days(days).date().to_string();
        self.witness.asks(|number| {
            let figure = u32::try_from(number).unwrap_or(u32::MAX);
            Payment {
                kind,
                minor: i64::from(minor),
                end_to_end: format!("INV-{figure:010}"),
                submission: Asked {
                    key: format!("payment-{number}"),
                    body: invoice(figure, minor, kind.creditor(), &day),
                    answer: None,
                    under_way: true,
                },
                refused: false,
                approval: None,
                state: None,
            }
        })
    }

    /// Asks again what was answered.
    async fn repeat(&mut self, number: usize) {
        let Some(payment) = self.witness.payment(number) else {
            return;
        };
        if payment.submission.answer.is_some() {
            self.submit(number).await;
            if payment.is_approved() {
                self.approve(number).await;
            }
        }
    }

    /// Reads a payment.
    async fn look(&mut self) {
        let number = self.chance.below(self.witness.count());
        let Some(payment) = self.witness.payment(number) else {
            return;
        };
        let Some(id) = payment.id() else { return };
        let path = format!("/v1/payments/{id}");
        if let Answer::Given(reply) = self.ask(&Ask::get(&path), false).await {
            match reply.status.as_u16() {
                200 => {
                    let shown: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
                    let state = shown["state"].as_str().unwrap_or_default();
                    self.witness.shown(id, state, payment.state.as_deref());
                }
                503 => self.not_now(&reply),
                401 if self.clock_moves => {}
                _ => self.unexpected("an acknowledged payment can be read", &reply),
            }
        }
    }
}

/// Load that runs beside whatever is broken.
#[derive(Debug)]
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    askers: JoinSet<()>,
}

impl Load {
    /// Begins; `days` on which the test clock is moved meanwhile.
    pub(crate) fn begin(site: &Site, chance: &mut Chance, days: i64, clock_moves: bool) -> Result<Self, Failure> {
        let stop = Arc::new(AtomicBool::new(false));
        let mut askers = JoinSet::new();
        for number in 0..CONNECTIONS {
            let mut asker = Asker::new(site, chance.split())?;
            asker.clock_moves = clock_moves;
            asker.at = number % asker.places.len().max(1);
            let stop = Arc::clone(&stop);
            askers.spawn(async move {
                if number == 0 && days > 0 {
                    tokio::time::sleep(asker.chance.millis(0, 400)).await;
                    let step = asker.witness.steps(days);
                    asker.step(step).await;
                }
                while !stop.load(Ordering::Relaxed) {
                    asker.turn().await;
                    // People and applications think: it is not the speed that is tried here.
                    let pause = if asker.connection.is_none() { 20 } else { 2 };
                    tokio::time::sleep(asker.chance.millis(pause, pause.saturating_mul(4))).await;
                }
            });
        }
        let (mut watcher, watched) = (Asker::new(site, chance.split())?, Arc::clone(&stop));
        askers.spawn(async move {
            while !watched.load(Ordering::Relaxed) {
                crate::log::watch(&mut watcher).await;
                tokio::time::sleep(Duration::from_millis(40)).await;
            }
        });
        Ok(Self { stop, askers })
    }

    /// Ends when everybody has an answer or knows that there is none.
    pub(crate) async fn end(mut self) -> Result<(), Failure> {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.askers.join_next().await {
            ended?;
        }
        Ok(())
    }
}
