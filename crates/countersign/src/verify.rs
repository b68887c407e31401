//! `countersign verify`: receipts, offline, with nothing but the log's public key.

use crate::args::Verify;
use crate::{Outcome, output};
use evidence::key::VerifierKey;
use evidence::receipt::{VerifiedReceipt, verify_receipt};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Name of the key file that the demo writes beside receipts.
pub(crate) const KEY_FILE: &str = "log.vkey";
/// A receipt has some kilobytes; more is none.
const RECEIPT_BYTES_MAX: u64 = 4 * 1024 * 1024;

pub(crate) fn run(args: &Verify) -> Outcome {
    let mut all_hold = true;
    for path in &args.receipts {
        let checked = check(path, args.key.as_deref());
        all_hold &= checked.is_ok();
        if args.json {
            output::line(&as_json(path, &checked).to_string());
        } else {
            output::line(&as_sentence(path, &checked));
        }
    }
    Ok(if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn check(path: &Path, key: Option<&Path>) -> Result<VerifiedReceipt, String> {
    let key = key.map_or_else(|| beside(path), Path::to_owned);
    let text = std::fs::read_to_string(&key).map_err(|error| {
        format!(
            "the log's key `{}` cannot be read ({error}); name it with --key",
            key.display()
        )
    })?;
    let key = VerifierKey::parse(text.trim()).map_err(|error| format!("the log's key is not one: {error}"))?;
    let size = std::fs::metadata(path)
        .map_err(|error| format!("the receipt cannot be read: {error}"))?
        .len();
    if size > RECEIPT_BYTES_MAX {
        return Err("the file is too large for a receipt".to_owned());
    }
    let bytes = std::fs::read(path).map_err(|error| format!("the receipt cannot be read: {error}"))?;
    verify_receipt(&bytes, &key).map_err(|error| error.to_string())
}

fn beside(path: &Path) -> PathBuf {
    path.with_file_name(KEY_FILE)
}

fn as_sentence(path: &Path, checked: &Result<VerifiedReceipt, String>) -> String {
    match checked {
        Ok(receipt) => {
            let text = |pointer: &str| {
                receipt
                    .event
                    .pointer(pointer)
                    .and_then(Value::as_str)
                    .unwrap_or("?")
                    .to_owned()
            };
            format!(
                "true   {}: {} is {} since {} (entry {} of {} in {})",
                path.display(),
                text("/subject"),
                text("/data/state"),
                text("/at"),
                receipt.index,
                receipt.size,
                receipt.origin
            )
        }
        Err(reason) => format!("false  {}: {reason}", path.display()),
    }
}

fn as_json(path: &Path, checked: &Result<VerifiedReceipt, String>) -> Value {
    match checked {
        Ok(receipt) => json!({
            "receipt": path.display().to_string(),
            "verified": true,
            "origin": receipt.origin,
            "index": receipt.index,
            "size": receipt.size,
            "event": receipt.event,
        }),
        Err(reason) => json!({"receipt": path.display().to_string(), "verified": false, "reason": reason}),
    }
}
