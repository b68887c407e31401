//! Channels for tests.

use std::sync::Arc;
use vocab::exchange::{Channel, Collected, Document, Inquiry, Receipt, Unreachable};
use vocab::time::Timestamp;

/// A bank that never answers.
#[derive(Debug)]
struct Silent;

/// A bank that never answers.
pub fn silent() -> Arc<dyn Channel> {
    Arc::new(Silent)
}

impl Channel for Silent {
    fn name(&self) -> &'static str {
        "silent"
    }

    fn simulated(&self) -> bool {
        true
    }

    fn send(&self, _: &Document, _: Timestamp) -> Receipt {
        Receipt::Unknown("no answer".to_owned())
    }

    fn inquire(&self, _: &str, _: Timestamp) -> Inquiry {
        Inquiry::Unknown("no answer".to_owned())
    }

    fn collect(&self, _: i64, _: usize, _: Timestamp) -> Result<Collected, Unreachable> {
        Err(Unreachable("no answer".to_owned()))
    }
}
