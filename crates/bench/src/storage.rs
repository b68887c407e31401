//! Storage only: closers that hand prepared payments to the intake, one after the other, each waiting for its answer. No HTTP, no
//! signature; everything from the canonical content to the durable commit is there, nonce and idempotency key included.

use crate::Failure;
use crate::clock::now;
use crate::house::{ACCOUNT, House};
use crate::meter::{Measured, Meter};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use vocab::account::AccountNumber;
use vocab::money::{Amount, Currency, Money};
use vocab::party::Party;
use vocab::time::Timestamp;
use vocab::transfer::{ChargeBearer, CreditTransfer, Remittance};

/// Payments under way at the same time.
pub(crate) const CLOSERS: usize = 64;
/// The same for PostgreSQL: enough that its two connections have full slices to write while the next ones gather.
pub(crate) const CLOSERS_IN_BATCHES: usize = 256;
/// The account that is paid.
pub(crate) const CREDITOR: &str = "DE02120300000000202051";
/// Days ahead of the execution date: far enough that no payment of a run is late.
pub(crate) const DAYS_AHEAD: i64 = 5;

/// Between two lines that say how far a filling is.
const PROGRESS: Duration = Duration::from_secs(5);

/// Payments per second over `span`.
pub(crate) async fn measure(
    house: &Arc<House>,
    numbers: &Arc<AtomicU32>,
    closing: usize,
    span: Duration,
) -> Result<Measured, Failure> {
    let meter = Arc::new(Meter::default());
    let mut closers = begin(house, numbers, closing, &meter);
    let measured = meter.measure(span).await;
    while let Some(ended) = closers.join_next().await {
        ended??;
    }
    Ok(measured)
}

/// Closers that go on until the meter is stopped.
pub(crate) fn begin(
    house: &Arc<House>,
    numbers: &Arc<AtomicU32>,
    closing: usize,
    meter: &Arc<Meter>,
) -> JoinSet<Result<(), Failure>> {
    let mut closers = JoinSet::new();
    for _ in 0..closing {
        closers.spawn(close(Arc::clone(house), Arc::clone(numbers), Arc::clone(meter)));
    }
    closers
}

/// So many payments more, through the same intake; says how far it is now and then.
pub(crate) async fn fill(
    house: &Arc<House>,
    numbers: &Arc<AtomicU32>,
    closing: usize,
    more: u32,
) -> Result<(), Failure> {
    let (left, began) = (Arc::new(AtomicU32::new(more)), now());
    let mut closers = JoinSet::new();
    for _ in 0..closing {
        let (house, numbers, left) = (Arc::clone(house), Arc::clone(numbers), Arc::clone(&left));
        closers.spawn(async move {
            let template = transfer(house.platform.wall(), ACCOUNT, DAYS_AHEAD)?;
            let take = || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            while take().is_ok() {
                submit(&house, &template, numbers.fetch_add(1, Ordering::Relaxed)).await?;
            }
            Ok::<_, Failure>(())
        });
    }
    loop {
        match tokio::time::timeout(PROGRESS, closers.join_next()).await {
            Ok(Some(ended)) => ended??,
            Ok(None) => return Ok(()),
            Err(_) => {
                let done = u64::from(more.saturating_sub(left.load(Ordering::Relaxed)));
                let rate = done / began.elapsed().as_secs().max(1);
                let total = numbers.load(Ordering::Relaxed).saturating_sub(1);
                println!("  {total:>9} payments, {rate:>6}/s");
            }
        }
    }
}

async fn close(house: Arc<House>, numbers: Arc<AtomicU32>, meter: Arc<Meter>) -> Result<(), Failure> {
    let template = transfer(house.platform.wall(), ACCOUNT, DAYS_AHEAD)?;
    while !meter.stopped() {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let began = meter.begin();
        submit(&house, &template, number).await?;
        meter.done(began);
    }
    Ok(())
}

/// Hands one payment to the intake.
pub(crate) async fn submit(house: &House, template: &CreditTransfer, number: u32) -> Result<(), Failure> {
    let ctx = house.ctx();
    let key = format!("{number:032x}");
    let idempotency = flow::authenticate::idempotency(
        &house.platform,
        ctx.organization,
        ctx.world,
        ctx.actor,
        "payments",
        &key,
        key.as_bytes(),
    );
    let nonce = flow::authenticate::nonce(house.tenant.key, ctx.now.seconds() + 60, &scattered(number));
    let transfer = numbered(template, number)?;
    flow::intake::submit(&house.platform, ctx, transfer, idempotency, Some(nonce)).await?;
    Ok(())
}

/// Bytes without order, as digests have it, and others for each number.
fn scattered(number: u32) -> [u8; 32] {
    let mut bytes = [0; 32];
    let mut word = u64::from(number);
    for chunk in bytes.chunks_mut(8) {
        word = word
            .wrapping_add(0x9e37_79b9_7f4a_7c15)
            .wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word ^= word >> 29;
        for (to, from) in chunk.iter_mut().zip(word.to_le_bytes()) {
            *to = from;
        }
    }
    bytes
}

/// A SEPA transfer as an ERP sends it.
pub(crate) fn transfer(now: Timestamp, account: &str, days_ahead: i64) -> Result<CreditTransfer, Failure> {
    let eur = Currency::from_code("EUR").ok_or("no EUR")?;
    Ok(CreditTransfer {
        end_to_end_id: "INV-0".parse()?,
        uetr: None,
        debtor: Party::named("Aurora Maschinenbau GmbH"),
        debtor_account: AccountNumber::guess(account)?,
        debtor_agent: Some("COBADEFFXXX".parse()?),
        creditor: Party::named("Nordlicht Werkzeuge und Anlagen AG"),
        creditor_account: AccountNumber::guess(CREDITOR)?,
        creditor_agent: Some("BYLADEM1001".parse()?),
        amount: Amount::new(Money::new(123_456, eur))?,
        execution_on: now.plus_days(days_ahead).date(),
        remittance: Remittance::None,
        charges: ChargeBearer::ServiceLevel,
        service_level: Some("SEPA".to_owned()),
        category_purpose: None,
        purpose: None,
        batch_booking: false,
    })
}

/// The transfer of an invoice of its own.
fn numbered(template: &CreditTransfer, number: u32) -> Result<CreditTransfer, Failure> {
    Ok(CreditTransfer {
        end_to_end_id: format!("INV-{number:010}").parse()?,
        remittance: Remittance::Text(format!("Invoice {number:010} of November, order 4711")),
        ..template.clone()
    })
}
