//! `countersign api`: one signed request, for developers and scripts.

use crate::args::Api;
use crate::client::{Body, Client};
use crate::{Outcome, output};
use std::io::Read;
use std::process::ExitCode;

pub(crate) async fn run(args: Api) -> Outcome {
    let client = Client::from_file(&args.url, args.ca.as_deref(), &args.key)?;
    let bytes = args.data.as_deref().map(read).transpose()?;
    let body = bytes.map(|bytes| Body {
        content_type: &args.content_type,
        bytes,
    });
    let reply = client
        .send(&args.method, &args.path, body, args.idempotency_key.as_deref())
        .await?;
    output::line(&String::from_utf8_lossy(&reply.body));
    if reply.succeeded() {
        return Ok(ExitCode::SUCCESS);
    }
    output::note(&format!("HTTP {}", reply.status));
    Ok(ExitCode::FAILURE)
}

fn read(data: &str) -> Result<Vec<u8>, String> {
    if data == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| format!("standard input cannot be read: {error}"))?;
        return Ok(bytes);
    }
    match data.strip_prefix('@') {
        Some(path) => std::fs::read(path).map_err(|error| format!("`{path}` cannot be read: {error}")),
        None => Ok(data.as_bytes().to_vec()),
    }
}
