//! Canonical JSON against the examples of RFC 8785 and against everything that is nearly canonical.

use evidence::canonical::{CanonicalError, DEPTH_MAX, INTEGER_MAX, from_canonical, to_canonical};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn text(value: &Value) -> String {
    String::from_utf8(to_canonical(value).unwrap()).unwrap()
}

#[test]
fn strings_are_escaped_as_in_rfc_8785_section_3_2_2() {
    let input = r#"{"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"#;
    let value: Value = serde_json::from_str(input).unwrap();
    let expected = r#"{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}"#;
    assert_eq!(text(&value), expected);
    assert_eq!(from_canonical(expected.as_bytes()).unwrap(), value);
}

#[test]
fn members_are_sorted_by_utf_16_units_as_in_rfc_8785_section_3_2_3() {
    let input = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
        "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
    let written = text(&serde_json::from_str(input).unwrap());
    let order = [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ];
    let places: Vec<_> = order.iter().map(|name| written.find(name).unwrap()).collect();
    assert!(places.is_sorted(), "{written}");
    assert!(from_canonical(written.as_bytes()).is_ok());
}

#[test]
fn every_control_character_has_its_one_escape() {
    let all: String = (0..=0x1f_u8)
        .map(char::from)
        .chain("\u{7f}\u{80}\u{2028}".chars())
        .collect();
    let expected = concat!(
        r#""\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014"#,
        r"\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f",
        "\u{7f}\u{80}\u{2028}\""
    );
    assert_eq!(text(&json!(all)), expected);
}

#[test]
fn only_integers_that_every_reader_keeps_are_written() {
    assert_eq!(
        text(&json!([0, -1, INTEGER_MAX, -INTEGER_MAX])),
        "[0,-1,9007199254740991,-9007199254740991]"
    );
    for too_large in [
        json!(INTEGER_MAX + 1),
        json!(-INTEGER_MAX - 1),
        json!(i64::MIN),
        json!(u64::MAX),
    ] {
        assert_eq!(
            to_canonical(&too_large),
            Err(CanonicalError::IntegerTooLarge),
            "{too_large}"
        );
    }
    for fraction in ["1.0", "0.5", "1e2", "-0.0", "-0", "123456789012345678901234567890"] {
        let value: Value = serde_json::from_str(fraction).unwrap();
        assert_eq!(to_canonical(&value), Err(CanonicalError::NotAnInteger), "{fraction}");
        assert!(from_canonical(fraction.as_bytes()).is_err(), "{fraction}");
    }
}

#[test]
fn nesting_has_a_limit() {
    let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    assert!(to_canonical(&nested(DEPTH_MAX)).is_ok());
    assert_eq!(to_canonical(&nested(DEPTH_MAX + 1)), Err(CanonicalError::TooDeep));
    let hostile = "[".repeat(100_000);
    assert_eq!(from_canonical(hostile.as_bytes()), Err(CanonicalError::NotJson));
}

#[test]
fn every_other_spelling_is_refused() {
    for bytes in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"a":2}"#,
        r#"{"b":1,"a":2}"#,
        r#"{"a": 1}"#,
        r#" {"a":1}"#,
        "{\"a\":1}\n",
        r#"{"a":01}"#,
        r#"{"a":+1}"#,
        r#"{"a":1.0}"#,
        r#"{"a":1e0}"#,
        r#"{"a":-0}"#,
        r#"{"\u0061":1}"#,
        r#"{"a":"\/"}"#,
        r#"{"a":"\u000A"}"#,
        r#"{"a":"\u000a"}"#,
        r#"{"a":"\u001F"}"#,
        r#"{"a":"\ud83d\ude00"}"#,
        r#"{"a":"\ud83d"}"#,
        r#"{"a":1,}"#,
        r#"{"a":1}{"#,
        r#"{"a":NaN}"#,
        "\u{feff}{}",
        "",
    ] {
        assert!(from_canonical(bytes.as_bytes()).is_err(), "{bytes}");
    }
    assert_eq!(from_canonical(b"\"\xff\""), Err(CanonicalError::NotJson));
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-INTEGER_MAX..=INTEGER_MAX).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back_and_is_json_to_others(value in any_value()) {
        let bytes = to_canonical(&value).unwrap();
        prop_assert_eq!(from_canonical(&bytes).unwrap(), value.clone());
        prop_assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), value);
    }

    #[test]
    fn names_come_in_the_order_of_their_utf_16_units(names in prop::collection::btree_set(any::<String>(), 0..12)) {
        let object = Value::Object(names.iter().map(|name| (name.clone(), Value::Null)).collect());
        let mut sorted: Vec<Vec<u16>> = names.iter().map(|name| name.encode_utf16().collect()).collect();
        sorted.sort();
        let members: Vec<String> =
            sorted.iter().map(|name| format!("{}:null", text(&json!(String::from_utf16(name).unwrap())))).collect();
        prop_assert_eq!(text(&object), format!("{{{}}}", members.join(",")));
    }
}
