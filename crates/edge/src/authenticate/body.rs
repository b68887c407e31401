//! Bodies within bounded memory.

use crate::problem::Problem;
use axum::body::{Body, HttpBody};
use bytes::Bytes;
use flow::refusal::Code;
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// The whole body, of at most so many bytes.
pub(super) async fn read(body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    // Said to be too large: refused before any of it is read.
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > bytes_max {
        return Err(too_large(bytes_max));
    }
    match Limited::new(body, bytes_max).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large(bytes_max)),
        Err(_) => Err(Problem::new(Code::Malformed, "the body ended before it was complete")),
    }
}

fn too_large(bytes_max: usize) -> Problem {
    Problem::new(
        Code::TooLarge,
        format!("the body has more than the {bytes_max} bytes that this route takes"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit_and_not_a_byte_further() {
        let chunk = || Ok::<_, std::io::Error>(vec![7_u8; 10]);
        let chunks = |count: usize| Body::from_stream(stream::iter((0..count).map(move |_| chunk())));
        assert_eq!(read(chunks(3), 30).await.unwrap().len(), 30);
        assert_eq!(read(chunks(4), 30).await.unwrap_err().refusal().code, Code::TooLarge);
        assert_eq!(
            read(Body::from(vec![0; 31]), 30).await.unwrap_err().refusal().code,
            Code::TooLarge
        );
        assert!(read(Body::empty(), 0).await.unwrap().is_empty());
    }
}
