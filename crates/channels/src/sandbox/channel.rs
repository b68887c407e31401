//! The way to the simulated bank, as the journey sees it: a [`Channel`] over HTTP.
//!
//! Its calls block; call it from a thread of your own (`tokio::task::spawn_blocking`), never on an async thread. It never repeats
//! a call by itself: whether to send again is decided by whoever knows what the payment is.

use super::orders::kind_of;
use super::wire::{DOCUMENT_KIND, DOCUMENT_REFERENCE, NEVER_RECEIVED, OpenAccount, RefusalBody, TEST_NOW, Waiting};
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{StatusCode, Url, redirect, retry};
use std::io::Read;
use std::net::IpAddr;
use std::time::Duration;
use vocab::account::AccountNumber;
use vocab::exchange::{Channel, Collected, Document, Inquiry, Receipt, Unreachable};
use vocab::limits;
use vocab::money::Money;
use vocab::secret::Secret;
use vocab::time::Timestamp;

/// Largest answer in bytes: a full mailbox page, with room for what JSON escapes.
const ANSWER_BYTES_MAX: usize = 4 * limits::BODY_BYTES_MAX;
/// Seconds to connect: the bank is on the same machine.
const CONNECT_SECONDS: u64 = 2;

/// Why a channel to the simulated bank could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// Not an address that the token may be sent to in plain.
    #[error("the address of the simulated bank must be http:// and a loopback address, such as http://127.0.0.1:7000")]
    Address,
    /// Not a token that a header can carry.
    #[error("the token of the simulated bank must consist of visible ASCII characters")]
    Token,
    /// The HTTP client.
    #[error("the client of the simulated bank could not be set up")]
    Client(#[source] Option<reqwest::Error>),
}

/// Why an account was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SandboxError {
    /// The bank does not open such an account.
    #[error("the simulated bank does not open the account: {text} ({code})")]
    Refused {
        /// What is wrong, as a word.
        code: String,
        /// What is wrong, as a sentence.
        text: String,
    },
    /// The bank could not be reached; asking again is safe.
    #[error("the account could not be opened")]
    Unreachable(#[source] Unreachable),
}

/// A way to a simulated bank.
#[derive(Debug)]
pub struct SandboxChannel {
    client: Client,
    base: Url,
    authorization: HeaderValue,
}

impl SandboxChannel {
    /// A channel to the bank that listens at `base_url`. May be called on any thread; the channel's calls may not.
    pub fn new(base_url: &str, token: &Secret) -> Result<Self, ChannelError> {
        let base = Url::parse(base_url).map_err(|_| ChannelError::Address)?;
        // SECURITY: the token travels in plain, so it stays on this machine.
        let host = base.host_str().map(|host| host.trim_matches(['[', ']']));
        let loopback = host
            .and_then(|host| host.parse::<IpAddr>().ok())
            .is_some_and(|ip| ip.is_loopback());
        if base.scheme() != "http" || !loopback {
            return Err(ChannelError::Address);
        }
        let mut authorization =
            HeaderValue::from_bytes(&[b"Bearer ", token.expose()].concat()).map_err(|_| ChannelError::Token)?;
        authorization.set_sensitive(true);
        // Built on a thread of its own: the blocking client refuses to be built on an async one.
        let client = std::thread::spawn(client)
            .join()
            .map_err(|_| ChannelError::Client(None))?;
        Ok(Self {
            client: client.map_err(|error| ChannelError::Client(Some(error)))?,
            base,
            authorization,
        })
    }

    /// Opens an account with money at the bank, as one does before trying something. An account that exists stays as it is.
    pub fn open_account(
        &self,
        account: &AccountNumber,
        name: &str,
        balance: Money,
        now: Timestamp,
    ) -> Result<(), SandboxError> {
        let opening = OpenAccount {
            account: account.as_str().to_owned(),
            currency: balance.currency().code().to_owned(),
            name: name.to_owned(),
            balance_minor: balance.minor(),
        };
        let request = self.client.post(self.url(&["accounts"])).json(&opening);
        let unreachable = |reason| SandboxError::Unreachable(Unreachable(reason));
        let answer = self.call(request, now).map_err(unreachable)?;
        match answer.refusal() {
            _ if answer.status.is_success() => Ok(()),
            Some(RefusalBody { code, text }) if answer.status == StatusCode::UNPROCESSABLE_ENTITY => {
                Err(SandboxError::Refused { code, text })
            }
            _ => Err(unreachable(answer.surprise())),
        }
    }

    fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(segments);
        }
        url
    }

    /// Sends the call with what every call carries, and reads the whole answer.
    fn call(&self, request: RequestBuilder, now: Timestamp) -> Result<Answer, String> {
        let request = request
            .header(AUTHORIZATION, self.authorization.clone())
            .header(TEST_NOW, now.micros());
        let response = request.send().map_err(|error| reason(&error))?;
        Answer::read(response)
    }
}

fn client() -> Result<Client, reqwest::Error> {
    Client::builder()
        .timeout(Duration::from_secs(limits::BANK_CALL_SECONDS))
        .connect_timeout(Duration::from_secs(CONNECT_SECONDS))
        // A repeated delivery is a decision, never an accident of the client; nor does a call end up anywhere else.
        .retry(retry::never())
        .redirect(redirect::Policy::none())
        .no_proxy()
        // A connection kept open may be closed by the bank in the moment of sending: an unknown outcome for nothing.
        .pool_max_idle_per_host(0)
        // Plain HTTP: no certificates are loaded.
        .tls_certs_only([])
        .build()
}

impl Channel for SandboxChannel {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn simulated(&self) -> bool {
        true
    }

    fn send(&self, document: &Document, now: Timestamp) -> Receipt {
        let Ok(reference) = HeaderValue::from_str(&document.reference) else {
            // Nothing was sent, so nothing is unknown.
            return Receipt::Rejected {
                code: "FF01".to_owned(),
                text: "the reference holds characters that banks do not pass on".to_owned(),
            };
        };
        let request = self
            .client
            .post(self.url(&["documents"]))
            .header(DOCUMENT_KIND, document.kind.name())
            .header(DOCUMENT_REFERENCE, reference)
            .body(document.body.clone());
        match self.call(request, now) {
            Ok(answer) if answer.status == StatusCode::OK => match answer.document() {
                Some(document) => Receipt::Accepted(document),
                None => Receipt::Unknown("the bank's answer could not be read".to_owned()),
            },
            Ok(answer) => match answer.refusal() {
                Some(RefusalBody { code, text }) if answer.status == StatusCode::UNPROCESSABLE_ENTITY => {
                    Receipt::Rejected { code, text }
                }
                _ => Receipt::Unknown(answer.surprise()),
            },
            Err(reason) => Receipt::Unknown(reason),
        }
    }

    fn inquire(&self, reference: &str, now: Timestamp) -> Inquiry {
        let request = self.client.get(self.url(&["documents", reference, "status"]));
        match self.call(request, now) {
            Ok(answer) if answer.status == StatusCode::OK => match answer.document() {
                Some(document) => Inquiry::Found(document),
                None => Inquiry::Unknown("the bank's answer could not be read".to_owned()),
            },
            // Not any 404 will do: the payment is sent again after this answer.
            Ok(answer) => match answer.refusal() {
                Some(refusal) if answer.status == StatusCode::NOT_FOUND && refusal.code == NEVER_RECEIVED => {
                    Inquiry::NotReceived
                }
                _ => Inquiry::Unknown(answer.surprise()),
            },
            Err(reason) => Inquiry::Unknown(reason),
        }
    }

    fn collect(&self, cursor: i64, limit: usize, now: Timestamp) -> Result<Collected, Unreachable> {
        let mut url = self.url(&["mailbox"]);
        url.query_pairs_mut()
            .append_pair("after", &cursor.to_string())
            .append_pair("limit", &limit.to_string());
        let answer = self.call(self.client.get(url), now).map_err(Unreachable)?;
        if answer.status != StatusCode::OK {
            return Err(Unreachable(answer.surprise()));
        }
        let unreadable = || Unreachable("its answer could not be read".to_owned());
        let waiting: Vec<Waiting> = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
        let mut collected = Collected {
            documents: Vec::with_capacity(waiting.len()),
            cursor,
        };
        for Waiting {
            number,
            kind,
            reference,
            body,
        } in waiting
        {
            let kind = kind_of(&kind).ok_or_else(unreadable)?;
            // A cursor that does not grow would collect the same documents for ever.
            if number <= collected.cursor {
                return Err(unreadable());
            }
            collected.cursor = number;
            collected.documents.push(Document {
                kind,
                reference,
                body: body.into_bytes(),
            });
        }
        Ok(collected)
    }
}

/// A whole answer.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn read(response: Response) -> Result<Self, String> {
        let (status, headers) = (response.status(), response.headers().clone());
        let bound = u64::try_from(ANSWER_BYTES_MAX).unwrap_or(u64::MAX);
        let mut body = Vec::new();
        match response.take(bound.saturating_add(1)).read_to_end(&mut body) {
            Ok(read) if read <= ANSWER_BYTES_MAX => Ok(Self { status, headers, body }),
            Ok(_) => Err("the bank's answer was too large".to_owned()),
            Err(_) => Err("the bank's answer broke off".to_owned()),
        }
    }

    /// The document that the bank answered with.
    fn document(&self) -> Option<Document> {
        let header = |name| self.headers.get(name).and_then(|value| value.to_str().ok());
        let kind = header(DOCUMENT_KIND).and_then(kind_of)?;
        let reference = header(DOCUMENT_REFERENCE).filter(|reference| !reference.is_empty())?;
        Some(Document {
            kind,
            reference: reference.to_owned(),
            body: self.body.clone(),
        })
    }

    fn refusal(&self) -> Option<RefusalBody> {
        serde_json::from_slice(&self.body).ok()
    }

    /// For a person who asks why the outcome is unknown. Only what the status says: a foreign body is not repeated.
    fn surprise(&self) -> String {
        format!("the bank answered with status {}", self.status.as_u16())
    }
}

/// What went wrong on the way, without addresses.
fn reason(error: &reqwest::Error) -> String {
    let reason = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection ended without an answer"
    };
    reason.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_sent_to_loopback_only() {
        let token = Secret::new(b"token".to_vec());
        for url in ["http://127.0.0.1:7000", "http://127.0.0.1:7000/", "http://[::1]:7000"] {
            assert!(SandboxChannel::new(url, &token).is_ok(), "{url}");
        }
        for url in [
            "https://127.0.0.1:7000",
            "http://192.0.2.1:7000",
            "http://bank.example:7000",
            "127.0.0.1:7000",
            "",
        ] {
            assert!(
                matches!(SandboxChannel::new(url, &token), Err(ChannelError::Address)),
                "{url}"
            );
        }
        let token = Secret::new(b"line\nbreak".to_vec());
        assert!(matches!(
            SandboxChannel::new("http://127.0.0.1:1", &token),
            Err(ChannelError::Token)
        ));
    }

    #[test]
    fn a_channel_does_not_print_its_token() {
        let channel = SandboxChannel::new("http://127.0.0.1:7000", &Secret::new(b"hunter2".to_vec())).unwrap();
        assert!(!format!("{channel:?}").contains("hunter2"));
    }

    #[test]
    fn a_reference_is_one_segment_of_the_path_whatever_it_holds() {
        let channel = SandboxChannel::new("http://127.0.0.1:7000", &Secret::new(b"t".to_vec())).unwrap();
        assert_eq!(
            channel.url(&["documents", "A/B?c", "status"]).as_str(),
            "http://127.0.0.1:7000/documents/A%2FB%3Fc/status"
        );
    }

    #[test]
    fn a_bank_that_is_not_there_is_unknown_not_refused() {
        // A port that was free a moment ago.
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let channel = SandboxChannel::new(&format!("http://127.0.0.1:{port}"), &Secret::new(b"t".to_vec())).unwrap();
        let now = Timestamp::from_seconds(1);
        let document = Document {
            kind: vocab::exchange::DocumentKind::Pain001,
            reference: "R".to_owned(),
            body: Vec::new(),
        };
        assert!(matches!(channel.send(&document, now), Receipt::Unknown(_)));
        assert!(matches!(channel.inquire("R", now), Inquiry::Unknown(_)));
        assert!(channel.collect(0, 1, now).is_err());
    }
}
