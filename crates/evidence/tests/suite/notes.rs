//! Keys, notes and checkpoints: the examples of the specifications, and everything that is nearly one of them.

use evidence::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use evidence::hash::Hash;
use evidence::key::{KeyError, SignerKey, VerifierKey};
use evidence::note::{BYTES_MAX, Note, NoteError, SIGNATURES_MAX};

use crate::fixtures::{ORIGIN, signer};

const KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const NOTE: &str = "This is an example message.\n\n— example.com/foo \
    Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

/// A signature line that can be read and that nobody checks.
fn line(name: &str) -> String {
    format!("— {name} AAAAAAE=\n")
}

fn refused(note: &str) -> NoteError {
    Note::parse(note.as_bytes()).expect_err(note)
}

#[test]
fn the_note_of_the_specification_verifies() {
    let key = VerifierKey::parse(KEY).unwrap();
    assert_eq!(key.to_string(), KEY);
    let note = Note::parse(NOTE.as_bytes()).unwrap();
    assert_eq!(note.text(), "This is an example message.\n");
    assert_eq!(note.verify(&[&key]), Ok(1));
    assert_eq!(note.to_bytes(), NOTE.as_bytes());
}

#[test]
fn a_text_may_have_empty_lines() {
    let text = "Ognuno sta solo sul cuor della terra\n\n\ned è subito sera.\n";
    let note = Note::parse(format!("{text}\n{}", line("a")).as_bytes()).unwrap();
    assert_eq!(note.text(), text);
}

#[test]
fn a_note_has_one_form() {
    for (note, error) in [
        (String::new(), NoteError::Form),
        ("text\n".into(), NoteError::Form),
        ("text\n\n".into(), NoteError::Form),
        (format!("text\n{}", line("a")), NoteError::Form),
        (format!("text\n\n{}", line("a").trim_end()), NoteError::Form),
        (format!("text\n\n{}\n", line("a")), NoteError::Form),
        (format!("text\n\n{}x\n", line("a")), NoteError::SignatureLine),
        ("text\n\n- a AAAAAAE=\n".into(), NoteError::SignatureLine),
        ("text\n\n—  a AAAAAAE=\n".into(), NoteError::SignatureLine),
        ("text\n\n— a  AAAAAAE=\n".into(), NoteError::SignatureLine),
        ("text\n\n— a AAAAAAE= \n".into(), NoteError::SignatureLine),
        ("text\n\n— a AAAAAAE\n".into(), NoteError::SignatureLine),
        ("text\n\n— a AAAAAAF=\n".into(), NoteError::SignatureLine),
        ("text\n\n— a AAAAAA==\n".into(), NoteError::SignatureLine), // an id and no signature
        ("text\n\n— a \n".into(), NoteError::SignatureLine),
        ("text\n\n— a\n".into(), NoteError::SignatureLine),
        ("text\n\n— a+b AAAAAAE=\n".into(), NoteError::SignatureLine),
        ("text\n\n— a\u{a0}b AAAAAAE=\n".into(), NoteError::SignatureLine),
        (format!("text\r\n\n{}", line("a")), NoteError::NotText),
        (format!("te\txt\n\n{}", line("a")), NoteError::NotText),
        (format!("text\0\n\n{}", line("a")), NoteError::NotText),
        (
            format!("text\n\n{}{}", line("a"), line("a")),
            NoteError::DuplicateSignature,
        ),
        (
            format!("{}\n\n{}", "x".repeat(BYTES_MAX), line("a")),
            NoteError::TooLong,
        ),
    ] {
        assert_eq!(refused(&note), error, "{note:?}");
    }
    assert_eq!(Note::parse(b"te\xffxt\n\n"), Err(NoteError::NotText));
}

#[test]
fn sixteen_signatures_are_read_and_no_more() {
    let lines = |count: usize| (0..count).map(|n| line(&format!("witness{n}"))).collect::<String>();
    assert!(Note::parse(format!("text\n\n{}", lines(SIGNATURES_MAX)).as_bytes()).is_ok());
    assert_eq!(
        refused(&format!("text\n\n{}", lines(SIGNATURES_MAX + 1))),
        NoteError::TooManySignatures
    );
}

#[test]
fn unknown_signatures_are_passed_over_and_wrong_ones_are_not() {
    let key = VerifierKey::parse(KEY).unwrap();
    let other = signer();
    let with_stranger = format!("{NOTE}{}", line("stranger.example"));
    let note = Note::parse(with_stranger.as_bytes()).unwrap();
    assert_eq!(note.verify(&[&key]), Ok(1));
    assert_eq!(note.verify(&[other.verifier(), &key]), Ok(1));
    assert_eq!(note.verify(&[other.verifier()]), Err(NoteError::NotSigned));
    assert_eq!(note.verify(&[]), Err(NoteError::NotSigned));

    let altered = Note::parse(NOTE.replace("message", "massage").as_bytes()).unwrap();
    assert_eq!(altered.verify(&[&key]), Err(NoteError::WrongSignature));
}

#[test]
fn another_key_with_the_same_id_does_not_verify() {
    // An id has four bytes and can be forged; the signature under it cannot.
    let id = signer().verifier().id();
    let forged = [&id[..], &[7; 64]].concat();
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, forged);
    let note = Note::parse(format!("text\n\n— {ORIGIN} {encoded}\n").as_bytes()).unwrap();
    assert_eq!(note.verify(&[signer().verifier()]), Err(NoteError::WrongSignature));
}

#[test]
fn what_is_signed_reads_back_and_verifies() {
    let (one, two) = (signer(), SignerKey::from_seed("second.example", &[9; 32]).unwrap());
    let note = Note::sign("a\n\nb\n".into(), &[&one, &two]).unwrap();
    assert_eq!(Note::parse(&note.to_bytes()).unwrap(), note);
    assert_eq!(note.verify(&[one.verifier(), two.verifier()]), Ok(2));
    assert_eq!(Note::sign("no end".into(), &[&one]), Err(NoteError::Form));
    assert_eq!(Note::sign("tab\t\n".into(), &[&one]), Err(NoteError::NotText));
    assert_eq!(Note::sign("text\n".into(), &[]), Err(NoteError::Form));
    assert_eq!(
        Note::sign("text\n".into(), &[&one, &one]),
        Err(NoteError::DuplicateSignature)
    );
}

#[test]
fn a_signers_key_reads_back_and_does_not_print() {
    let key = signer();
    let text = key.expose().unwrap();
    assert!(text.starts_with("PRIVATE+KEY+log.countersign.example/test+"));
    let again = SignerKey::parse(&text).unwrap();
    assert_eq!(again.verifier(), key.verifier());
    assert_eq!(again.sign(b"x").unwrap(), key.sign(b"x").unwrap());
    let secret = text.rsplit('+').next().unwrap();
    assert!(!format!("{key:?}").contains(secret));
}

#[test]
fn a_key_has_one_spelling() {
    let good = SignerKey::from_seed("a", &[1; 32]).unwrap().expose().unwrap();
    assert!(SignerKey::parse(&good).is_ok());
    assert!(SignerKey::parse(good.strip_prefix("PRIVATE+KEY+").unwrap()).is_err());
    assert!(VerifierKey::parse(&good).is_err());
    for (key, error) in [
        (KEY.replace("530d903a", "530D903A"), KeyError::Id),
        (KEY.replace("530d903a", "530d903b"), KeyError::Id),
        (KEY.replace("530d903a", "0530d903a"), KeyError::Id),
        (KEY.replace("example.com/foo", "example.com/bar"), KeyError::Id),
        (KEY.replace("example.com/foo", ""), KeyError::Name),
        (KEY.replace("example.com/foo", "example com"), KeyError::Name),
        (KEY.replace("3U2k", "3U2"), KeyError::Form),
        (KEY.replace("3U2k", "3U2k=="), KeyError::Form),
        (KEY.replace("+Aeky", "+Beky"), KeyError::Algorithm),
        (KEY.replace("3U2k", ""), KeyError::Material),
        (format!("{KEY}\n"), KeyError::Form),
        ("example.com/foo".into(), KeyError::Form),
        (String::new(), KeyError::Form),
    ] {
        assert_eq!(VerifierKey::parse(&key), Err(error), "{key:?}");
    }
}

#[test]
fn the_checkpoint_of_the_specification_reads_and_writes() {
    let text = format!("example.com/behind-the-sofa\n20852163\n{ROOT}\n");
    let checkpoint = Checkpoint::parse(&text).unwrap();
    assert_eq!(
        (checkpoint.origin(), checkpoint.size()),
        ("example.com/behind-the-sofa", 20_852_163)
    );
    assert_eq!(checkpoint.root(), Hash::from_base64(ROOT).unwrap());
    assert_eq!(checkpoint.to_text(), text);
    let extended = format!("{text}first\nsecond\n");
    let checkpoint = Checkpoint::parse(&extended).unwrap();
    assert_eq!(checkpoint.extensions(), ["first", "second"]);
    assert_eq!(checkpoint.to_text(), extended);
}

#[test]
fn a_checkpoint_has_one_form() {
    for (text, error) in [
        (format!("log\n1\n{ROOT}"), CheckpointError::Form),
        ("log\n1\n".into(), CheckpointError::Form),
        (format!("\n1\n{ROOT}\n"), CheckpointError::Form),
        (format!("log\n1\n{ROOT}\n\n"), CheckpointError::Form),
        (format!("log\n1\n{ROOT}\n\nx\n"), CheckpointError::Form),
        (format!("log\n1\n{ROOT}\nx\r\n"), CheckpointError::Form),
        (format!("log\r\n1\n{ROOT}\n"), CheckpointError::Form),
        (format!("log\n\n{ROOT}\n"), CheckpointError::Size),
        (format!("log\n01\n{ROOT}\n"), CheckpointError::Size),
        (format!("log\n+1\n{ROOT}\n"), CheckpointError::Size),
        (format!("log\n1 \n{ROOT}\n"), CheckpointError::Size),
        (format!("log\n18446744073709551616\n{ROOT}\n"), CheckpointError::Size),
        (format!("log\n1\n{ROOT} \n"), CheckpointError::Root),
        (
            format!("log\n1\n{}\n", ROOT.replace("2I=", "2J=")),
            CheckpointError::Root,
        ),
        (format!("log\n1\n{}\n", ROOT.replace('=', "")), CheckpointError::Root),
        (format!("log\n0\n{ROOT}\n"), CheckpointError::Root),
    ] {
        assert_eq!(Checkpoint::parse(&text), Err(error), "{text:?}");
    }
    assert!(Checkpoint::parse(&format!("log\n0\n{}\n", Hash::EMPTY_TREE)).is_ok());
    let root = Hash::from_bytes([1; 32]);
    assert_eq!(Checkpoint::new("a\nb", 1, root), Err(CheckpointError::Form));
    assert_eq!(Checkpoint::new("", 1, root), Err(CheckpointError::Form));
}

#[test]
fn a_checkpoint_of_another_log_with_the_same_key_is_refused() {
    let key = signer();
    let root = Hash::from_bytes([1; 32]);
    let own = Checkpoint::new(ORIGIN, 5, root).unwrap().sign(&[&key]).unwrap();
    assert_eq!(own.verify(key.verifier()).unwrap().size(), 5);
    let other = Checkpoint::new("other.example", 5, root)
        .unwrap()
        .sign(&[&key])
        .unwrap();
    assert_eq!(other.verify(key.verifier()), Err(CheckpointError::Origin));
}

#[test]
fn a_checkpoint_altered_in_any_byte_is_refused() {
    let key = signer();
    let signed = Checkpoint::new(ORIGIN, 1234, Hash::from_bytes([1; 32]))
        .unwrap()
        .sign(&[&key])
        .unwrap()
        .to_bytes();
    let verifies =
        |bytes: &[u8]| SignedCheckpoint::parse(bytes).is_ok_and(|signed| signed.verify(key.verifier()).is_ok());
    assert!(verifies(&signed));
    for position in 0..signed.len() {
        for value in 0..=255 {
            let mut altered = signed.clone();
            altered[position] = value;
            assert_eq!(verifies(&altered), altered == signed, "byte {position} set to {value}");
        }
    }
}
