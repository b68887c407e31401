//! What a signature has to say about itself.

use super::*;

#[test]
fn extreme_times_are_refused_without_overflow() {
    for (created, expires) in [
        (-999_999_999_999_999, 999_999_999_999_999),
        (i64::MIN, i64::MAX),
        (i64::MAX, i64::MIN),
    ] {
        let refused = Request::get().sign(&Stamp {
            created,
            expires,
            ..stamp()
        });
        assert!(
            matches!(refused, Err(Refusal::Lifetime | Refusal::InvalidParameter("created"))),
            "{refused:?}"
        );
    }
    let request = Request::post().signed();
    assert_eq!(request.verify_at(i64::MIN, BODY), Err(Refusal::FromTheFuture));
    assert_eq!(request.verify_at(i64::MAX, BODY), Err(Refusal::Expired));
}

#[test]
fn a_lifetime_is_between_one_second_and_five_minutes() {
    for (seconds, good) in [(-1, false), (0, false), (1, true), (300, true), (301, false)] {
        let mut request = Request::get();
        let signed = request.sign(&Stamp {
            expires: NOW + seconds,
            ..stamp()
        });
        assert_eq!(signed, if good { Ok(()) } else { Err(Refusal::Lifetime) }, "{seconds}");
    }
    let request = Request::get().signed();
    let longer = request.reworded(&format!("expires={}", NOW + 300), &format!("expires={}", NOW + 301));
    assert_eq!(refusal(&longer), Refusal::Lifetime);
}

#[test]
fn a_nonce_holds_128_bits() {
    for (nonce, good) in [
        ("q2VnXIyW1V6dRgYpT0uKvA", true),
        ("q2VnXIyW1V6dRgYpT0uKvA==", true),
        ("q2VnXIyW1V6dRgYpT0uKv", false),
        ("q2VnXIyW1V6dRgYpT0uKv=", false),
        ("00112233445566778899aabbccddeeff", true),
        ("00112233445566778899aabbccddeef", false),
        ("00112233-4455-6677-8899-aabbccddeeff", true),
        ("00112233-4455-6677-8899-aabbccddee", false),
        ("b3k2pp5k7z-50gnwp.yemd-and-more-text", false),
        ("----------------------------------", false),
        ("==============================", false),
        ("", false),
    ] {
        let signed = Request::get().sign(&Stamp { nonce, ..stamp() });
        assert_eq!(signed, if good { Ok(()) } else { Err(Refusal::WeakNonce) }, "{nonce}");
    }
    assert!(
        Request::get()
            .sign(&Stamp {
                nonce: &"x".repeat(128),
                ..stamp()
            })
            .is_ok()
    );
    assert_eq!(
        Request::get().sign(&Stamp {
            nonce: &"x".repeat(129),
            ..stamp()
        }),
        Err(Refusal::WeakNonce)
    );
}

#[test]
fn each_mandatory_parameter_has_to_be_there() {
    for (text, name) in [
        (format!(";created={NOW}"), "created"),
        (format!(";expires={}", NOW + 300), "expires"),
        (format!(";nonce=\"{NONCE}\""), "nonce"),
        (";keyid=\"client-1\"".to_owned(), "keyid"),
    ] {
        assert_eq!(
            refusal(&Request::get().signed().reworded(&text, "")),
            Refusal::MissingParameter(name)
        );
    }
    let untagged = Request::get().signed().reworded(&format!(";tag=\"{TAG}\""), "");
    assert_eq!(refusal(&untagged), Refusal::NoTaggedSignature);
}

#[test]
fn parameters_of_the_wrong_type_unknown_or_twice_are_refused() {
    let tag = format!(";tag=\"{TAG}\"");
    for (more, expected) in [
        (";keyid=\"other\"".to_owned(), Refusal::DuplicateParameter("keyid")),
        (format!(";created={NOW}"), Refusal::DuplicateParameter("created")),
        (";tag=\"other\"".to_owned(), Refusal::DuplicateParameter("tag")),
        (";colour=\"red\"".to_owned(), Refusal::UnsupportedParameter),
        (";alg=ed25519".to_owned(), Refusal::UnsupportedParameter),
        (";alg=\"none\"".to_owned(), Refusal::InvalidParameter("alg")),
        (";alg=\"rsa-v1_5-sha256\"".to_owned(), Refusal::InvalidParameter("alg")),
    ] {
        assert_eq!(
            refusal(&Request::get().signed().reworded(&tag, &format!("{tag}{more}"))),
            expected,
            "{more}"
        );
    }
    let created = format!("created={NOW}");
    for wrong in [
        format!("created={NOW}.0"),
        format!("created=\"{NOW}\""),
        format!("created=@{NOW}"),
        "created".to_owned(),
    ] {
        assert_eq!(
            refusal(&Request::get().signed().reworded(&created, &wrong)),
            Refusal::UnsupportedParameter,
            "{wrong}"
        );
    }
    let long = format!("keyid=\"{}\"", "k".repeat(257));
    for wrong in ["keyid=\"\"", &long] {
        let request = Request::get().signed().reworded("keyid=\"client-1\"", wrong);
        assert_eq!(refusal(&request), Refusal::InvalidParameter("keyid"));
    }
}

#[test]
fn the_key_chooses_the_algorithm() {
    let tag = format!(";tag=\"{TAG}\"");
    let verify = |algorithm: &str, key: &VerifyingKey| {
        let request = Request::get()
            .signed()
            .reworded(&tag, &format!("{tag};alg=\"{algorithm}\""));
        request.inspect().unwrap().verify(key, NOW, b"").unwrap_err()
    };
    let ed25519 = key().verifying_key().unwrap();
    assert_eq!(verify("hmac-sha256", &ed25519), Refusal::AlgorithmMismatch);
    assert_eq!(verify("rsa-pss-sha512", &ed25519), Refusal::AlgorithmMismatch);
    assert_eq!(
        verify("ed25519", &ed25519),
        Refusal::BadSignature,
        "right algorithm, but the parameter was not signed"
    );
    let shared = VerifyingKey::hmac_sha256(&Secret::new(vec![7; 32])).unwrap();
    assert_eq!(verify("ed25519", &shared), Refusal::AlgorithmMismatch);
}
