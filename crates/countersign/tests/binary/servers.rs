//! Three servers on one PostgreSQL: they share everything, and what one begins another ends.

use crate::support::countersign;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running server or bank, ended with the value.
struct Running {
    child: Child,
    url: String,
}

impl Running {
    /// Starts the binary and waits for the line that holds its URL.
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line
            .split_whitespace()
            .find(|word| word.starts_with("http"))
            .unwrap_or_else(|| panic!("no URL in `{line}`"));
        Self {
            url: url.trim_end_matches(';').to_owned(),
            child,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Site {
    data: tempfile::TempDir,
    database: String,
    _schema: store::Scratch,
    bank: Running,
    keys: Vec<PathBuf>,
}

impl Site {
    fn build() -> Option<Self> {
        let server = crate::support::postgres()?;
        let schema = store::Scratch::create(&server, &format!("servers_{}", std::process::id())).unwrap();
        let data = tempfile::tempdir().unwrap();
        let path = data.path().to_str().unwrap();
        let bank = Running::start(&["bank", "--data", path, "--listen", "127.0.0.1:0"]);
        let made = countersign(&[
            "setup",
            "--data",
            path,
            "--database",
            schema.url(),
            "--organization",
            "Aurora",
            "--approver",
            "Ada",
            "--approver",
            "Ben",
            "--bank",
            &bank.url,
            "--account",
            "DE89370400440532013000:EUR:Aurora",
            "--policy",
            "any needs 1",
        ]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let text = String::from_utf8(made.stdout).unwrap();
        let keys = text
            .lines()
            .filter_map(|line| line.strip_prefix("key file "))
            .map(PathBuf::from)
            .collect();
        Some(Self {
            database: schema.url().to_owned(),
            _schema: schema,
            data,
            bank,
            keys,
        })
    }

    fn serve(&self) -> Running {
        let data = self.data.path().to_str().unwrap();
        Running::start(&[
            "serve",
            "--data",
            data,
            "--database",
            &self.database,
            "--listen",
            "127.0.0.1:0",
            "--bank",
            &self.bank.url,
        ])
    }

    fn api(&self, server: &Running, key: &Path, arguments: &[&str]) -> (bool, Value) {
        let ca = self.data.path().join("keys/tls.crt");
        let fixed = [
            "api",
            "--url",
            &server.url,
            "--ca",
            ca.to_str().unwrap(),
            "--key",
            key.to_str().unwrap(),
        ];
        let output = countersign(&[&fixed, arguments].concat());
        (
            output.status.success(),
            serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
        )
    }

    fn open_bank_account(&self) {
        // The simulated bank opens the account with money, as the demo does through its channel.
        let token = std::fs::read_to_string(self.data.path().join("bank.token")).unwrap();
        let channel =
            channels::sandbox::SandboxChannel::new(&self.bank.url, &vocab::secret::Secret::new(token.into_bytes()))
                .unwrap();
        let eur = vocab::money::Currency::from_code("EUR").unwrap();
        let number = vocab::account::AccountNumber::guess("DE89370400440532013000").unwrap();
        let now = jiff::Timestamp::now().as_microsecond();
        let money = vocab::money::Money::new(100_000_000, eur);
        channel
            .open_account(&number, "Aurora", money, vocab::time::Timestamp::from_micros(now))
            .unwrap();
    }
}

fn payment(number: usize, day: &str) -> String {
    serde_json::json!({
        "end_to_end_id": format!("S-{number}"),
        "debtor": {"name": "Aurora", "iban": "DE89370400440532013000"},
        "creditor": {"name": format!("Supplier {number}"), "iban": "DE23999999990000000000"},
        "amount": {"amount": 1000 + number, "currency": "EUR"},
        "execution_on": day,
        "remittance": {"text": format!("Invoice {number}")},
    })
    .to_string()
}

#[test]
fn three_servers_on_one_postgresql_do_one_job_once() {
    let Some(site) = Site::build() else { return };
    site.open_bank_account();
    let mut servers = vec![site.serve(), site.serve(), site.serve()];
    let [ada, _, erp] = site.keys.as_slice() else {
        panic!("three keys")
    };
    let day = (jiff::Zoned::now().date()).tomorrow().unwrap().to_string();

    // Submitted at one server, approved at another.
    let mut ids = Vec::new();
    for number in 0..12 {
        let (ok, answer) = site.api(
            &servers[number % 3],
            erp,
            &[
                "POST",
                "/v1/payments",
                "-d",
                &payment(number, &day),
                "--idempotency-key",
                &format!("k{number}"),
            ],
        );
        assert!(ok, "{answer}");
        // The same again at another server is the same payment.
        let (ok, again) = site.api(
            &servers[(number + 1) % 3],
            erp,
            &[
                "POST",
                "/v1/payments",
                "-d",
                &payment(number, &day),
                "--idempotency-key",
                &format!("k{number}"),
            ],
        );
        assert!(ok, "{again}");
        assert_eq!(answer["id"], again["id"]);
        ids.push(answer);
    }
    for (number, payment) in ids.iter().enumerate() {
        let approval = serde_json::json!({"payment": payment["id"], "content_hash": payment["content_hash"], "approved": true, "note": ""});
        let (ok, answer) = site.api(
            &servers[(number + 2) % 3],
            ada,
            &["POST", "/v1/approvals", "-d", &approval.to_string()],
        );
        assert!(ok, "{answer}");
    }
    // One server dies; the others finish.
    drop(servers.remove(0));
    let data = site.data.path().to_str().unwrap();
    for _ in 0..5 {
        let moved = countersign(&["clock", "advance", "1d", "--data", data, "--database", &site.database]);
        assert!(moved.status.success(), "{}", String::from_utf8_lossy(&moved.stderr));
        std::thread::sleep(Duration::from_secs(3));
    }
    let settled = |site: &Site| {
        let (_, answer) = site.api(&servers[0], erp, &["GET", "/v1/payments?state=settled&limit=50"]);
        answer["data"].as_array().map_or(0, Vec::len)
    };
    for _ in 0..40 {
        if settled(&site) == ids.len() {
            break;
        }
        std::thread::sleep(Duration::from_secs(1));
    }
    assert_eq!(settled(&site), ids.len());
    let (_, balances) = site.api(&servers[1], erp, &["GET", "/v1/ledger/balances"]);
    let bank = balances["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|balance| balance["account"].as_str().unwrap().starts_with("bank:"))
        .unwrap();
    let paid: i64 = (0..ids.len()).map(|number| 1000 + i64::try_from(number).unwrap()).sum();
    assert_eq!(
        bank["balance"]["amount"],
        100_000_000 - paid,
        "each was executed once: {balances}"
    );
    drop(servers);
    let check = countersign(&["log", "check", "--data", data, "--database", &site.database]);
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}
