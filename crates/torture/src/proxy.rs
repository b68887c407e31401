//! A line that can be cut: a proxy for TCP that passes bytes on until it is told otherwise, and then ends connections in the middle of
//! whatever is being said, in either direction.

use crate::Failure;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How a line is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Both directions at once.
    Now,
    /// Questions pass for so many more bytes, then everything ends: one arrives in half.
    Asking(i64),
    /// Answers pass for so many more bytes, then everything ends: one arrives in half.
    Answering(i64),
    /// Questions arrive, answers do not: nobody notices until somebody loses patience, or the line is mended and ends.
    Deaf,
}

/// Bytes that still pass while nothing is wrong.
const WHOLE: i64 = i64::MAX;

#[derive(Debug)]
struct Line {
    target: SocketAddr,
    /// Bytes that still pass, by direction.
    asking: AtomicI64,
    answering: AtomicI64,
    /// Connections of earlier generations are ended.
    generation: AtomicU64,
    /// Repeats deliveries to a bank, each under another name.
    doubling: bool,
}

/// A running proxy.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    line: Arc<Line>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// A line to `target`.
    pub(crate) async fn start(target: SocketAddr) -> Result<Self, Failure> {
        Self::with(target, false).await
    }

    /// A line to a bank on which every order is delivered a second time under another name.
    pub(crate) async fn doubling(target: SocketAddr) -> Result<Self, Failure> {
        Self::with(target, true).await
    }

    async fn with(target: SocketAddr, doubling: bool) -> Result<Self, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let line = Arc::new(Line {
            target,
            asking: AtomicI64::new(WHOLE),
            answering: AtomicI64::new(WHOLE),
            generation: AtomicU64::new(0),
            doubling,
        });
        let shared = Arc::clone(&line);
        let accepting = tokio::spawn(async move {
            while let Ok((from, _)) = listener.accept().await {
                tokio::spawn(connect(from, Arc::clone(&shared)));
            }
        });
        Ok(Self {
            address,
            line,
            accepting,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts the line.
    pub(crate) fn cut(&self, how: Cut) {
        match how {
            Cut::Now => {
                self.line.asking.store(0, Ordering::SeqCst);
                self.line.answering.store(0, Ordering::SeqCst);
                self.line.generation.fetch_add(1, Ordering::SeqCst);
            }
            Cut::Asking(bytes) => self.line.asking.store(bytes, Ordering::SeqCst),
            Cut::Answering(bytes) => self.line.answering.store(bytes, Ordering::SeqCst),
            Cut::Deaf => self.line.answering.store(-1, Ordering::SeqCst),
        }
    }

    /// Mends it; what was open on it is over.
    pub(crate) fn mend(&self) {
        self.line.generation.fetch_add(1, Ordering::SeqCst);
        self.line.asking.store(WHOLE, Ordering::SeqCst);
        self.line.answering.store(WHOLE, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.line.generation.fetch_add(1, Ordering::SeqCst);
    }
}

async fn connect(from: TcpStream, line: Arc<Line>) {
    let generation = line.generation.load(Ordering::SeqCst);
    if line.asking.load(Ordering::SeqCst) == 0 {
        return;
    }
    let Ok(to) = TcpStream::connect(line.target).await else {
        return;
    };
    let _ = (from.set_nodelay(true), to.set_nodelay(true));
    let ((from_read, from_write), (to_read, to_write)) = (from.into_split(), to.into_split());
    if line.doubling {
        return double(from_read, from_write, to_read, to_write, line.target).await;
    }
    let ended = async {
        while line.generation.load(Ordering::SeqCst) == generation {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    };
    // Whichever ends first ends all: nothing of the other direction gets through any more.
    tokio::select! {
        () = pass(from_read, to_write, &line.asking) => {}
        () = pass(to_read, from_write, &line.answering) => {}
        () = ended => {}
    }
}

/// Passes bytes on as long as there are some left to pass.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, left: &AtomicI64) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let length = i64::try_from(count).unwrap_or(WHOLE);
        let allowed = match left.load(Ordering::SeqCst) {
            WHOLE => length,
            // Deaf: swallowed.
            ..0 => continue,
            some => {
                let after = some.saturating_sub(length).max(0);
                // A line that was mended meanwhile stays whole.
                let _ = left.compare_exchange(some, after, Ordering::SeqCst, Ordering::SeqCst);
                some.min(length)
            }
        };
        let end = usize::try_from(allowed).unwrap_or(0);
        let Some(bytes) = buffer.get(..end) else { return };
        if to.write_all(bytes).await.is_err() || allowed < length {
            return;
        }
    }
}

/// Hears the whole request of one call, delivers it again if it brings an order, and passes the first answer back.
async fn double(
    mut from: OwnedReadHalf,
    mut back: OwnedWriteHalf,
    mut answer: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    target: SocketAddr,
) {
    let mut request = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    while !is_whole(&request) {
        match from.read(&mut buffer).await {
            Ok(count @ 1..) => request.extend_from_slice(buffer.get(..count).unwrap_or_default()),
            _ => return,
        }
    }
    if to.write_all(&request).await.is_err() {
        return;
    }
    let text = String::from_utf8_lossy(&request);
    if text.starts_with("POST /documents") && text.contains("pain.001") {
        // Another name of the same length: `ord-` begins every reference of an order.
        let again = text.replace("ord-0", "ord-z");
        if let Ok(mut second) = TcpStream::connect(target).await {
            let _ = second.write_all(again.as_bytes()).await;
            let _ = second.read(&mut buffer).await;
        }
    }
    while let Ok(count @ 1..) = answer.read(&mut buffer).await {
        if back.write_all(buffer.get(..count).unwrap_or_default()).await.is_err() {
            return;
        }
    }
}

/// Whether the bytes hold a request with its whole body.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).into_owned();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.into_split();
                    let _ = tokio::io::copy(&mut read, &mut write).await;
                });
            }
        });
        address
    }

    #[tokio::test]
    async fn an_answer_is_cut_in_the_middle_and_a_mended_line_passes_all() {
        let proxy = Proxy::start(echo().await).await.unwrap();
        proxy.cut(Cut::Answering(3));
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        stream.write_all(b"hello").await.unwrap();
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard).await;
        assert_eq!(heard, b"hel");
        proxy.mend();
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        stream.write_all(b"hello").await.unwrap();
        let mut heard = [0; 5];
        stream.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"hello");
    }

    #[test]
    fn a_request_is_whole_with_its_body() {
        assert!(!is_whole(b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab"));
        assert!(is_whole(b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"));
        assert!(is_whole(b"GET / HTTP/1.1\r\n\r\n"));
    }
}
