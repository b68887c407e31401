//! temporary measurement
#![allow(clippy::all, clippy::disallowed_methods, clippy::unwrap_used)]
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Instant;
use store::*;

static M: [Migration; 1] = [Migration { number: 1, title: "t", engine: MigrationEngine::Both, text: "
CREATE TABLE p (id BIGINT PRIMARY KEY, a BIGINT NOT NULL, b BIGINT NOT NULL, d BLOB NOT NULL, sealed BLOB NOT NULL);
CREATE TABLE st (id BIGINT PRIMARY KEY, s BIGINT NOT NULL, t TEXT NOT NULL);
CREATE TABLE ev (id BIGINT PRIMARY KEY, b BLOB NOT NULL);
CREATE TABLE ix (at BIGINT NOT NULL, k BIGINT NOT NULL, d BLOB NOT NULL, PRIMARY KEY (at, k, d)) -- sqlite: WITHOUT ROWID
;
CREATE TABLE en (id BIGINT PRIMARY KEY, x BIGINT NOT NULL, y BIGINT NOT NULL);
CREATE TABLE po (id BIGINT PRIMARY KEY, x BIGINT NOT NULL, y BIGINT NOT NULL, z TEXT NOT NULL);
" }];
static P: Batch = Batch { each: "INSERT INTO p VALUES ($1,$2,$3,$4,$5)", arrays: "INSERT INTO p SELECT * FROM UNNEST($1::BIGINT[],$2::BIGINT[],$3::BIGINT[],$4::BYTEA[],$5::BYTEA[])" };
static ST: Batch = Batch { each: "INSERT INTO st VALUES ($1,$2,$3)", arrays: "INSERT INTO st SELECT * FROM UNNEST($1::BIGINT[],$2::BIGINT[],$3::TEXT[])" };
static EV: Batch = Batch { each: "INSERT INTO ev VALUES ($1,$2)", arrays: "INSERT INTO ev SELECT * FROM UNNEST($1::BIGINT[],$2::BYTEA[])" };
static IX: Batch = Batch { each: "INSERT INTO ix VALUES ($1,$2,$3)", arrays: "INSERT INTO ix SELECT * FROM UNNEST($1::BIGINT[],$2::BIGINT[],$3::BYTEA[])" };
static EN: Batch = Batch { each: "INSERT INTO en VALUES ($1,$2,$3)", arrays: "INSERT INTO en SELECT * FROM UNNEST($1::BIGINT[],$2::BIGINT[],$3::BIGINT[])" };
static PO: Batch = Batch { each: "INSERT INTO po VALUES ($1,$2,$3,$4)", arrays: "INSERT INTO po SELECT * FROM UNNEST($1::BIGINT[],$2::BIGINT[],$3::BIGINT[],$4::TEXT[])" };
struct Pay(Arc<AtomicU64>, Arc<AtomicU64>);
impl Lane for Pay {
    const NAME: &'static str = "pay";
    type Request = i64;
    type Outcome = i64;
    fn run(&self, tx: &mut dyn Tx, s: &[i64]) -> Result<Vec<i64>, StoreError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let started = Instant::now();
        let sealed = vec![7u8; 300]; let d = [9u8; 32];
        let sealed: Vec<&[u8]> = s.iter().map(|_| &sealed[..]).collect();
        let ds: Vec<&[u8]> = s.iter().map(|_| &d[..]).collect();
        let ts: Vec<&str> = s.iter().map(|_| "received").collect();
        tx.execute_many(&P, &[Column::Int(s), Column::Int(s), Column::Int(s), Column::Blob(&ds), Column::Blob(&sealed)])?;
        tx.execute_many(&ST, &[Column::Int(s), Column::Int(s), Column::Text(&ts)])?;
        tx.execute_many(&EV, &[Column::Int(s), Column::Blob(&sealed)])?;
        tx.execute_many(&IX, &[Column::Int(s), Column::Int(s), Column::Blob(&ds)])?;
        tx.execute_many(&EN, &[Column::Int(s), Column::Int(s), Column::Int(s)])?;
        tx.execute_many(&PO, &[Column::Int(s), Column::Int(s), Column::Int(s), Column::Text(&ts)])?;
        self.1.fetch_add(started.elapsed().as_micros() as u64, Ordering::Relaxed);
        Ok(s.to_vec())
    }
}
fn run(url: &str, writers: usize) {
    let mut c = StoreConfig::new(url, &M); c.writers = writers;
    let store = Store::open(c).unwrap();
    let n = Arc::new(AtomicU64::new(0)); let t = Arc::new(AtomicU64::new(0));
    let lane = store.open_lane(Pay(n.clone(), t.clone()));
    let rt = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for round in 0..4 {
        n.store(0, Ordering::Relaxed); t.store(0, Ordering::Relaxed);
        let next = Arc::new(AtomicI64::new(round * 1_000_000));
        let started = Instant::now();
        let total = 40_000;
        rt.block_on(async {
            let ts: Vec<_> = (0..64).map(|_| { let (lane, next) = (lane.clone(), next.clone()); tokio::spawn(async move {
                for _ in 0..total / 64 { lane.submit(next.fetch_add(1, Ordering::Relaxed)).await.unwrap(); } }) }).collect();
            for t in ts { t.await.unwrap(); }
        });
        let e = started.elapsed();
        println!("{writers} writers: {:.0}/s, slices {} avg {:.1}, in lane {:.0}%", total as f64 / e.as_secs_f64(), n.load(Ordering::Relaxed), total as f64 / n.load(Ordering::Relaxed) as f64, t.load(Ordering::Relaxed) as f64 / e.as_micros() as f64 * 100.0);
    }
}
#[test]
#[ignore]
fn speed() {
    let d = tempfile::tempdir_in("/work").unwrap();
    run(&format!("sqlite:{}", d.path().join("x.db").display()), 1);
    let Ok(base) = std::env::var("COUNTERSIGN_TEST_POSTGRES") else { return };
    for w in [1, 2, 3, 4] {
        let mut c = postgres::Client::connect(&base, postgres::NoTls).unwrap();
        c.batch_execute("DROP SCHEMA IF EXISTS speed CASCADE; CREATE SCHEMA speed").unwrap();
        run(&format!("{base}?options=-c%20search_path%3Dspeed"), w);
        c.batch_execute("DROP SCHEMA IF EXISTS speed CASCADE").unwrap();
    }
}
