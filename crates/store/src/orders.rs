//! Orders: messages to a bank, written before the bank is contacted, and every contact about them.

use crate::StoreError;
use crate::scan::{ID, PLACE};
use crate::scope::{Scope, all, one};
use crate::sealed::{self, SealedTable};
use crate::tx::{Row, Sql, Tx, Value};
use vocab::id::{AccountId, OrderId, PaymentId};
use vocab::money::{Currency, Money};
use vocab::time::Timestamp;

/// `orders`
pub static ORDERS: SealedTable = SealedTable {
    name: "orders",
    columns: 11,
    key: ID,
    id: |number| OrderId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO orders (id, organization, world, account, channel, payments, total_minor, currency, document_digest, sealed,
           created_at, seal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    ),
    scan: Sql::both(
        "SELECT id, organization, world, account, channel, payments, total_minor, currency, document_digest, sealed, created_at, seal
         FROM orders WHERE id >= $1 ORDER BY id LIMIT $2",
    ),
};
/// `order_payments`
pub static ORDER_PAYMENTS: SealedTable = SealedTable {
    name: "order_payments",
    columns: 5,
    key: PLACE,
    id: |number| OrderId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO order_payments (order_id, number, organization, world, payment, seal) VALUES ($1, $2, $3, $4, $5, $6)",
    ),
    scan: Sql::both(
        "SELECT order_id, number, organization, world, payment, seal FROM order_payments
         WHERE (order_id, number) >= ($1, $2) ORDER BY order_id, number LIMIT $3",
    ),
};
/// `attempts`
pub static ATTEMPTS: SealedTable = SealedTable {
    name: "attempts",
    columns: 8,
    key: PLACE,
    id: |number| OrderId::from_i64(number).to_string(),
    insert: Sql::both(
        "INSERT INTO attempts (order_id, number, organization, world, kind, outcome, detail, at, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    ),
    scan: Sql::both(
        "SELECT order_id, number, organization, world, kind, outcome, detail, at, seal FROM attempts
         WHERE (order_id, number) >= ($1, $2) ORDER BY order_id, number LIMIT $3",
    ),
};

/// One message to a bank.
#[derive(Clone, Debug)]
pub struct Order {
    /// The order; its text form is our reference at the bank.
    pub id: OrderId,
    /// The debited account.
    pub account: AccountId,
    /// The channel it takes.
    pub channel: String,
    /// Payments in it.
    pub payments: i64,
    /// Their sum.
    pub total: Money,
    /// SHA-256 of the document.
    pub document_digest: Vec<u8>,
    /// The document, sealed for `orders.sealed`.
    pub sealed: Vec<u8>,
    /// When it was written.
    pub created_at: Timestamp,
}

/// One contact with the bank about an order.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Counts from 0 within the order.
    pub number: i64,
    /// `send`, `inquire` or `recall`.
    pub kind: String,
    /// `begun`, `accepted`, `rejected`, `unknown`, `found`, `not_received`.
    pub outcome: String,
    /// The bank's code or what went wrong on the way.
    pub detail: String,
    /// When.
    pub at: Timestamp,
}

/// Adds an order with its payments.
pub fn add(tx: &mut dyn Tx, scope: Scope<'_>, order: &Order, payments: &[PaymentId]) -> Result<(), StoreError> {
    let id = Value::Int(order.id.to_i64());
    sealed::insert(
        tx,
        scope,
        &ORDERS,
        &[
            id,
            scope.org(),
            scope.world(),
            Value::Int(order.account.to_i64()),
            Value::Text(&order.channel),
            Value::Int(order.payments),
            Value::Int(order.total.minor()),
            Value::Text(order.total.currency().code()),
            Value::Blob(&order.document_digest),
            Value::Blob(&order.sealed),
            Value::Int(order.created_at.micros()),
        ],
    )?;
    for (number, payment) in (0_i64..).zip(payments) {
        let values = [
            id,
            Value::Int(number),
            scope.org(),
            scope.world(),
            Value::Int(payment.to_i64()),
        ];
        sealed::insert(tx, scope, &ORDER_PAYMENTS, &values)?;
    }
    Ok(())
}

/// One order.
pub fn load(tx: &mut dyn Tx, scope: Scope<'_>, id: OrderId) -> Result<Option<Order>, StoreError> {
    static ONE: Sql = Sql::both(
        "SELECT id, account, channel, payments, total_minor, currency, document_digest, sealed, created_at FROM orders
         WHERE id = $1 AND organization = $2 AND world = $3",
    );
    one(tx.query(&ONE, &[Value::Int(id.to_i64()), scope.org(), scope.world()])?)
        .as_ref()
        .map(read)
        .transpose()
}

/// The payments of an order in its sequence.
pub fn payments(tx: &mut dyn Tx, scope: Scope<'_>, id: OrderId) -> Result<Vec<PaymentId>, StoreError> {
    static OF: Sql = Sql::both(
        "SELECT payment FROM order_payments WHERE order_id = $1 AND organization = $2 AND world = $3 ORDER BY number",
    );
    all(
        &tx.query(&OF, &[Value::Int(id.to_i64()), scope.org(), scope.world()])?,
        |row| Ok(PaymentId::from_i64(row.int(0)?)),
    )
}

/// The order that a payment travels or travelled in, if it ever left.
pub fn of_payment(tx: &mut dyn Tx, scope: Scope<'_>, payment: PaymentId) -> Result<Option<OrderId>, StoreError> {
    static OF_PAYMENT: Sql =
        Sql::both("SELECT order_id FROM order_payments WHERE payment = $1 AND organization = $2 AND world = $3");
    let row = one(tx.query(&OF_PAYMENT, &[Value::Int(payment.to_i64()), scope.org(), scope.world()])?);
    row.map(|row| row.int(0).map(OrderId::from_i64)).transpose()
}

/// Records a contact.
pub fn add_attempt(tx: &mut dyn Tx, scope: Scope<'_>, order: OrderId, attempt: &Attempt) -> Result<(), StoreError> {
    sealed::insert(
        tx,
        scope,
        &ATTEMPTS,
        &[
            Value::Int(order.to_i64()),
            Value::Int(attempt.number),
            scope.org(),
            scope.world(),
            Value::Text(&attempt.kind),
            Value::Text(&attempt.outcome),
            Value::Text(&attempt.detail),
            Value::Int(attempt.at.micros()),
        ],
    )
}

/// All contacts about an order, oldest first.
pub fn attempts(tx: &mut dyn Tx, scope: Scope<'_>, order: OrderId) -> Result<Vec<Attempt>, StoreError> {
    static OF: Sql = Sql::both(
        "SELECT number, kind, outcome, detail, at FROM attempts WHERE order_id = $1 AND organization = $2 AND world = $3
         ORDER BY number",
    );
    all(
        &tx.query(&OF, &[Value::Int(order.to_i64()), scope.org(), scope.world()])?,
        |row| {
            Ok(Attempt {
                number: row.int(0)?,
                kind: row.text(1)?.to_owned(),
                outcome: row.text(2)?.to_owned(),
                detail: row.text(3)?.to_owned(),
                at: Timestamp::from_micros(row.int(4)?),
            })
        },
    )
}

fn read(row: &Row) -> Result<Order, StoreError> {
    let currency = Currency::from_code(row.text(5)?).ok_or(StoreError::corrupt("the currency of an order"))?;
    Ok(Order {
        id: OrderId::from_i64(row.int(0)?),
        account: AccountId::from_i64(row.int(1)?),
        channel: row.text(2)?.to_owned(),
        payments: row.int(3)?,
        total: Money::new(row.int(4)?, currency),
        document_digest: row.blob(6)?.to_vec(),
        sealed: row.blob(7)?.to_vec(),
        created_at: Timestamp::from_micros(row.int(8)?),
    })
}
