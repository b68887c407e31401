//! Proof files: what is accepted is written back unchanged, everything else is refused with its reason.

use evidence::checkpoint::SignedCheckpoint;
use evidence::hash::Hash;
use evidence::proof::{BYTES_MAX, PATH_MAX, Proof, ProofError};

use crate::fixtures::StoredLog;

const HASH: &str = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=";

fn checkpoint() -> SignedCheckpoint {
    StoredLog::sealed_at(&[5]).signed()
}

fn file(head: &str) -> Vec<u8> {
    [head.as_bytes(), b"\n", &checkpoint().to_bytes()].concat()
}

#[test]
fn a_proof_reads_back() {
    let hash = Hash::from_base64(HASH).unwrap();
    for extra in [None, Some(b"extra".to_vec())] {
        for path in [vec![], vec![hash], vec![hash; PATH_MAX]] {
            let proof = Proof::new(extra.clone(), u64::MAX, path, checkpoint()).unwrap();
            assert_eq!(Proof::parse(&proof.to_bytes()).unwrap(), proof);
        }
    }
    let text = format!("c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex 4\n{HASH}\n");
    let proof = Proof::parse(&file(&text)).unwrap();
    assert_eq!(
        (proof.extra(), proof.index(), proof.path()),
        (Some(b"extra".as_slice()), 4, [hash].as_slice())
    );
    assert_eq!(proof.to_bytes(), file(&text));
}

#[test]
fn no_extra_data_is_no_line() {
    let proof = Proof::new(Some(Vec::new()), 0, Vec::new(), checkpoint()).unwrap();
    assert_eq!(proof.extra(), None);
    assert_eq!(proof.to_bytes(), file("c2sp.org/tlog-proof@v1\nindex 0\n"));
}

#[test]
fn a_proof_has_one_form() {
    let v1 = "c2sp.org/tlog-proof@v1\n";
    for (head, error) in [
        (String::new(), ProofError::Header),
        ("index 0\n".into(), ProofError::Header),
        ("c2sp.org/tlog-proof@v2\nindex 0\n".into(), ProofError::Header),
        ("c2sp.org/tlog-proof@v1 \nindex 0\n".into(), ProofError::Header),
        ("c2sp.org/tlog-proof@v1\r\nindex 0\n".into(), ProofError::Header),
        (v1.into(), ProofError::Index),
        (format!("{v1}index\n"), ProofError::Index),
        (format!("{v1}index \n"), ProofError::Index),
        (format!("{v1}index 01\n"), ProofError::Index),
        (format!("{v1}index +1\n"), ProofError::Index),
        (format!("{v1}index 1 \n"), ProofError::Index),
        (format!("{v1}index 1\r\n"), ProofError::Index),
        (format!("{v1}index  1\n"), ProofError::Index),
        (format!("{v1}Index 1\n"), ProofError::Index),
        (format!("{v1}index 18446744073709551616\n"), ProofError::Index),
        (format!("{v1}{HASH}\nindex 1\n"), ProofError::Index),
        (format!("{v1}extra\nindex 1\n"), ProofError::Extra),
        (format!("{v1}extra \nindex 1\n"), ProofError::Extra),
        (format!("{v1}extra  ZXh0cmE=\nindex 1\n"), ProofError::Extra),
        (format!("{v1}extra ZXh0cmE\nindex 1\n"), ProofError::Extra),
        (format!("{v1}extra ZXh0cmF=\nindex 1\n"), ProofError::Extra),
        (
            format!("{v1}extra ZXh0cmE=\nextra ZXh0cmE=\nindex 1\n"),
            ProofError::Index,
        ),
        (format!("{v1}index 1\nextra ZXh0cmE=\n"), ProofError::Path),
        (format!("{v1}index 1\n{HASH} \n"), ProofError::Path),
        (
            format!("{v1}index 1\n{}\n", HASH.replace("PlQ=", "PlR=")),
            ProofError::Path,
        ),
        (
            format!("{v1}index 1\n{}\n", HASH.replace("PlQ=", "Pg==")),
            ProofError::Path,
        ),
        (
            format!("{v1}index 1\n{}", format!("{HASH}\n").repeat(PATH_MAX + 1)),
            ProofError::Path,
        ),
        (
            format!("{v1}index 1\n{}", format!("{HASH}\n").repeat(PATH_MAX + 9)),
            ProofError::Path,
        ),
    ] {
        assert_eq!(Proof::parse(&file(&head)), Err(error), "{head:?}");
    }
    assert_eq!(Proof::parse(format!("{v1}index 1\n").as_bytes()), Err(ProofError::Form));
    assert!(matches!(
        Proof::parse(format!("{v1}index 1\n\n").as_bytes()),
        Err(ProofError::Checkpoint(_))
    ));
    assert!(matches!(
        Proof::parse(&file(&format!("{v1}index 1\n\n"))),
        Err(ProofError::Checkpoint(_))
    ));
    assert_eq!(Proof::parse(b"\xff\n\n"), Err(ProofError::NotText));
    assert_eq!(Proof::parse(&vec![b'a'; BYTES_MAX + 1]), Err(ProofError::TooLong));
    let too_long = vec![Hash::from_base64(HASH).unwrap(); PATH_MAX + 1];
    assert_eq!(Proof::new(None, 0, too_long, checkpoint()), Err(ProofError::Path));
}
