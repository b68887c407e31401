//! Every limit of the edge, with the reason for the number. The size of an uploaded file is a limit of the platform
//! (`vocab::limits::BODY_BYTES_MAX`).

/// Bytes of a JSON body: a payment with full addresses on both sides has 2 KiB.
pub(crate) const JSON_BYTES_MAX: usize = 64 * 1024;
/// Files that are taken in at the same time: each may hold `BODY_BYTES_MAX` of memory before anybody knows who sent it.
pub(crate) const UPLOADS_MAX: usize = 8;
/// Milliseconds that a request which is taken in may have to wait for those before it: what an application is ready to wait. As many are
/// worked on at the same time as are answered within it.
pub(crate) const WAIT_MILLIS: usize = 1_000;
/// Milliseconds over which it is measured how many are answered: shorter than the wait, or a rush would be over before it is noticed.
pub(crate) const WINDOW_MILLIS: u64 = 100;
/// Signed requests that are worked on at the same time in any case: a few full slices of the writer.
pub(crate) const REQUESTS_MIN: usize = 256;
/// And at most: as many as wait for the writer.
pub(crate) const REQUESTS_MAX: usize = vocab::limits::QUEUE_MAX;
/// Live feeds at the same time: each asks the database twice a second.
pub(crate) const FEEDS_MAX: usize = 256;
/// Connections at the same time; more wait in the queue of the operating system.
pub(crate) const CONNECTIONS_MAX: usize = 4_096;
/// Requests in flight on one HTTP/2 connection: what browsers and gateways use.
pub(crate) const STREAMS_MAX: u32 = 128;
/// Bytes of all headers of a request: two signatures with RSA keys need 8 KiB.
pub(crate) const HEADER_BYTES_MAX: u32 = 32 * 1024;
/// Read buffer of one HTTP/1.1 connection in bytes: the headers, and a body of usual size at once.
pub(crate) const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// Seconds for a TLS handshake: a slow mobile network needs three.
pub(crate) const HANDSHAKE_SECONDS: u64 = 10;
/// Seconds until the headers of the next request are complete: bounds both slow senders and idle connections.
pub(crate) const HEADERS_SECONDS: u64 = 60;
/// Seconds for a request with its answer. Nothing in the API waits for a bank.
pub(crate) const REQUEST_SECONDS: u64 = 30;
/// Seconds for an upload with its answer: 16 MiB over a slow line, then ten thousand payments.
pub(crate) const UPLOAD_SECONDS: u64 = 180;
/// Seconds that running requests get when the server stops.
pub(crate) const DRAIN_SECONDS: u64 = 20;
/// Seconds after which an HTTP/2 connection is asked whether it is alive, and again as many for the answer.
pub(crate) const ALIVE_SECONDS: u64 = 30;
/// Seconds after which a caller is asked to come again when too much is waiting.
pub(crate) const RETRY_SECONDS: u32 = 1;
/// Milliseconds between two looks for new events of a live feed: below what a person notices.
pub(crate) const FEED_MILLIS: u64 = 500;
/// Seconds between two signs of life on a live feed: proxies close silent connections after 30 to 60 s.
pub(crate) const HEARTBEAT_SECONDS: u64 = 15;
/// Events that a live feed reads at once.
pub(crate) const FEED_EVENTS: usize = 100;
/// Seconds for the database to answer a health check.
pub(crate) const HEALTH_SECONDS: u64 = 2;
