//! The demo told in plain language, step by step.

use super::{Ended, Finding, PaymentFile, payments};
use crate::data_dir::DataDir;
use crate::output;
use crate::setup::detail;
use flow::Platform;
use flow::view::PaymentView;
use payment::state::StateName;
use vocab::id::{BatchId, PaymentId};
use vocab::time::{Date, Timestamp};

type Failure = Box<dyn std::error::Error>;

/// Tells the story, or nothing.
pub(crate) struct Story {
    silent: bool,
}

impl Story {
    pub(crate) fn new(silent: bool) -> Self {
        Self { silent }
    }

    fn tell(&self, text: &str) {
        if !self.silent {
            output::line(text);
        }
    }

    fn heading(&self, text: &str) {
        self.tell("");
        self.tell(text);
    }

    pub(crate) fn platform(&self, url: &str, engine: &str, bank: &str, dir: &DataDir) {
        self.tell("Countersign demo: test data only, this machine only.");
        self.tell(&format!("  platform        {url} on {engine}"));
        self.tell(&format!("  simulated bank  {bank}"));
        self.tell(&format!("  data            {}", dir.root.display()));
    }

    pub(crate) fn organization(&self, name: &str, policy: &str, now: Timestamp) {
        self.heading(&format!(
            "1. {name} may pay: Alice and Bruno approve, the application `erp` submits."
        ));
        for rule in policy.lines() {
            self.tell(&format!("   {rule}"));
        }
        self.tell(&format!("   The clock of the test world shows {now}."));
    }

    pub(crate) fn submitted(&self, file: &PaymentFile, batch: Option<BatchId>, findings: &[Finding]) {
        self.heading(&format!(
            "2. `erp` submits {} with {} payments, signed, accepting the good ones.",
            file.name(),
            file.payments()
        ));
        for finding in findings.iter().take(50) {
            self.tell(&format!(
                "   line {}: {} [{}]",
                finding.line, finding.message, finding.code
            ));
            self.tell(&format!("      {}", finding.path));
        }
        if findings.len() > 50 {
            self.tell(&format!("   and {} more findings", findings.len().saturating_sub(50)));
        }
        match batch {
            Some(batch) => self.tell(&format!("   It is batch {batch}.")),
            None => self.tell("   The file as a whole was refused; nothing of it was stored."),
        }
        if batch.is_some() {
            self.heading("3. People decide, each approval naming the hash of exactly what will be sent.");
        }
    }

    pub(crate) fn duplicate(&self, payment: &PaymentView, earlier: PaymentId) {
        self.tell(&format!(
            "   {} looks like {earlier}: asked, and withdrawn",
            named(payment)
        ));
    }

    pub(crate) fn approved(&self, payment: &PaymentView, given: usize) {
        let by = match given {
            0 => "not approved".to_owned(),
            1 => "approved by Alice".to_owned(),
            _ => "approved by Alice and Bruno".to_owned(),
        };
        self.tell(&format!("   {} {by}", named(payment)));
    }

    /// A day on which something changed.
    pub(crate) fn day(&self, day: Date, states: &[(StateName, usize)]) {
        let counts: Vec<String> = states
            .iter()
            .map(|(state, count)| format!("{count} {}", spoken(*state)))
            .collect();
        self.tell(&format!("   {day}  {}", counts.join(", ")));
    }

    pub(crate) fn passing(&self) {
        self.heading("4. Days pass: orders travel to the bank, it reports, statements arrive, lines are matched.");
    }

    /// The journey of every payment, and what it all adds up to.
    pub(crate) async fn journeys(&self, platform: &Platform, ended: &Ended) -> Result<(), Failure> {
        if self.silent {
            return Ok(());
        }
        self.heading("5. The journey of every payment");
        let Some(batch) = ended.batch else { return Ok(()) };
        for id in payments(platform, ended.ctx, batch).await? {
            let journey = flow::view::payment_detail(platform, ended.ctx, id)
                .await
                .map_err(detail)?;
            self.tell("");
            self.tell(&format!("   {}  {}", named(&journey.payment), id));
            self.tell(&format!("      to {}", journey.payment.transfer.creditor.name));
            for event in &journey.timeline {
                self.tell(&format!(
                    "      {}  {}",
                    moment(&event.at),
                    edge::console::told(&event.kind, &event.body)
                ));
            }
            for (line, _) in &journey.matches {
                self.tell(&format!(
                    "      statement line of {}: {} ({})",
                    line.booked_on, line.amount, line.explanation
                ));
            }
        }
        let overview = flow::view::overview(platform, ended.ctx).await.map_err(detail)?;
        self.heading("6. What it adds up to");
        for (state, count) in overview.states.iter().filter(|(_, count)| *count > 0) {
            self.tell(&format!("   {count:3} {}", spoken(*state)));
        }
        let (lines, matched) = overview.lines;
        self.tell(&format!(
            "   statement lines: {matched} of {lines} explained, {} exceptions for people",
            overview.exceptions_open
        ));
        let page = store::scope::Page {
            before: None,
            limit: 20,
        };
        for exception in flow::view::exceptions(platform, ended.ctx, true, page)
            .await
            .map_err(detail)?
        {
            self.tell(&format!("      {}", exception.sentence));
        }
        let balanced = if overview.balanced {
            "balanced in every currency"
        } else {
            "NOT BALANCED"
        };
        self.tell(&format!("   ledger: {} entries, {balanced}", overview.entries));
        self.tell(&format!(
            "   log: {} entries under one signed checkpoint",
            overview.log_size
        ));
        if let Some((_, path)) = ended.receipts.first() {
            let directory = path
                .parent()
                .map(|parent| parent.display().to_string())
                .unwrap_or_default();
            self.tell(&format!("   receipts: {directory}"));
            self.tell("   check them yourself, offline:");
            self.tell(&format!("      countersign verify {directory}/*.tlog-proof"));
        }
        Ok(())
    }

    pub(crate) fn serving(&self, url: &str, link: &str, dir: &DataDir, ended: &Ended) {
        self.heading("Still serving. Ctrl-C ends it.");
        self.tell(&format!("   console    {url}/s/{link}"));
        self.tell(
            "              (works once, within 15 minutes; the browser will ask about the self-signed certificate)",
        );
        self.tell(&format!("   API guide  {url}/docs/api"));
        if let Some(key) = ended.keys.last() {
            self.tell(&format!(
                "   try        countersign api GET /v1/payments --url {url} --ca {}/tls.crt --key {}",
                dir.keys.display(),
                key.display()
            ));
        }
        if self.silent {
            output::note(&format!("console {url}/s/{link}"));
        }
    }
}

fn named(payment: &PaymentView) -> String {
    format!(
        "{:>14}  {:<20}",
        payment.transfer.amount.to_string(),
        payment.transfer.end_to_end_id.as_str()
    )
}

fn spoken(state: StateName) -> String {
    state.name().replace('_', " ")
}

/// Date and minute of an RFC 3339 time.
fn moment(at: &str) -> String {
    at.get(..16).unwrap_or(at).replace('T', " ")
}
