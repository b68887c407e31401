//! History: the questions about past payments that the product answers, asked again and again while a writer runs.
//!
//! What is looked for was laid down before anything else: a page that holds only the oldest payments is the hardest to find. Only
//! questions that console and API offer are asked.

use super::Home;
use crate::Failure;
use crate::clock::now;
use crate::house::House;
use crate::meter::Meter;
use crate::storage::{self, DAYS_AHEAD};
use flow::view::{self, StateName};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use store::payments::Filter;
use store::scope::Page;
use vocab::id::{AccountId, PaymentId};
use vocab::limits::PAGE_DEFAULT;
use vocab::time::Date;

/// The account that paid long ago.
const QUIET: &str = "DE02100500000054540402";
/// Payments from it.
pub(super) const LAID: usize = 20;
/// On another day than all others.
const LAID_DAYS_AHEAD: i64 = DAYS_AHEAD + 14;
/// How often each question is asked at most.
const ASKED_MAX: usize = 200;

/// One question, and how long the answers took.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) name: &'static str,
    /// Whether it is about past payments, and not about everything at once.
    pub(crate) history: bool,
    /// Rows of the last answer.
    pub(crate) rows: usize,
    /// Sorted.
    pub(crate) micros: Vec<u32>,
    /// Why there was no answer.
    pub(crate) failed: Option<String>,
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Landmarks {
    busy_account: AccountId,
    quiet_account: AccountId,
    busy_day: Date,
    quiet_day: Date,
    oldest: PaymentId,
}

enum Question {
    List(Filter),
    Payment(PaymentId),
    Accounts,
    Overview,
}

impl Landmarks {
    /// The first payments of a new database.
    pub(super) async fn lay(house: &House, numbers: &Arc<AtomicU32>) -> Result<Self, Failure> {
        let quiet_account = house.account(QUIET).await?;
        let now = house.platform.wall();
        let template = storage::transfer(now, QUIET, LAID_DAYS_AHEAD)?;
        for _ in 0..LAID {
            storage::submit(house, &template, numbers.fetch_add(1, Ordering::Relaxed)).await?;
        }
        let laid = view::payments(&house.platform, house.ctx(), Filter::default(), newest()).await?;
        Ok(Self {
            busy_account: house.tenant.account,
            quiet_account,
            busy_day: now.plus_days(DAYS_AHEAD).date(),
            quiet_day: template.execution_on,
            oldest: laid.last().ok_or("nothing was laid down")?.id,
        })
    }

    fn questions(&self) -> [(&'static str, Question); 10] {
        let account = |account| Filter {
            account: Some(account),
            ..Filter::default()
        };
        let day = |day| Filter {
            from_date: Some(day),
            to_date: Some(day),
            ..Filter::default()
        };
        let state = |state: StateName| Filter {
            state: Some(state.code()),
            ..Filter::default()
        };
        [
            ("newest page", Question::List(Filter::default())),
            ("one account, paying now", Question::List(account(self.busy_account))),
            (
                "one account, paid long ago",
                Question::List(account(self.quiet_account)),
            ),
            ("one day, of most payments", Question::List(day(self.busy_day))),
            ("one day, of the oldest", Question::List(day(self.quiet_day))),
            (
                "one state, of all payments",
                Question::List(state(StateName::WaitingForApproval)),
            ),
            ("one state, of none", Question::List(state(StateName::Settled))),
            ("one payment, the oldest", Question::Payment(self.oldest)),
            ("accounts with balances", Question::Accounts),
            ("overview with counts", Question::Overview),
        ]
    }
}

impl Home {
    /// Asks every question for a span of time at most, while payments come in as fast as they can.
    pub(super) async fn ask(&self, span: Duration) -> Result<Vec<Query>, Failure> {
        let meter = Arc::new(Meter::default());
        let mut writers = storage::begin(&self.house, &self.numbers, self.closing, &meter);
        let mut asked = Vec::new();
        for (name, question) in self.landmarks.questions() {
            asked.push(self.ask_again(name, &question, span).await);
        }
        meter.stop();
        while let Some(ended) = writers.join_next().await {
            ended??;
        }
        Ok(asked)
    }

    async fn ask_again(&self, name: &'static str, question: &Question, span: Duration) -> Query {
        let mut query = Query {
            name,
            history: matches!(question, Question::List(_) | Question::Payment(_)),
            rows: 0,
            micros: Vec::new(),
            failed: None,
        };
        let first = now();
        while query.micros.len() < ASKED_MAX && first.elapsed() < span {
            let began = now();
            match self.answer(question).await {
                Ok(rows) => query.rows = rows,
                Err(error) => {
                    query.failed = Some(error.to_string());
                    break;
                }
            }
            let took = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
            query.micros.push(took);
        }
        query.micros.sort_unstable();
        query
    }

    async fn answer(&self, question: &Question) -> Result<usize, flow::Error> {
        let (platform, ctx) = (&self.house.platform, self.house.ctx());
        Ok(match question {
            Question::List(filter) => view::payments(platform, ctx, filter.clone(), newest()).await?.len(),
            Question::Payment(id) => view::payment_detail(platform, ctx, *id).await?.timeline.len(),
            Question::Accounts => view::accounts(platform, ctx).await?.len(),
            Question::Overview => view::overview(platform, ctx).await?.states.len(),
        })
    }
}

fn newest() -> Page {
    Page {
        before: None,
        limit: PAGE_DEFAULT,
    }
}
