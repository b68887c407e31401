//! The tables against the official schemas, where these are at hand, and the forms against their patterns.

use super::simple::Form;
use super::{Content, DOCUMENT_03, DOCUMENT_09, Particle, Simple};
use crate::xml::{Document, Element, read};
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/iso20022/xsd");

fn official(version: &str) -> Option<Vec<u8>> {
    let path = Path::new(FOLDER).join(format!("pain.001.001.{version}.xsd"));
    #[expect(
        clippy::disallowed_methods,
        reason = "a test that compares with a file outside of the repository"
    )]
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        println!("skipped: {} is not here", path.display());
    }
    bytes
}

fn type_named<'d>(schema: &'d Document<'d>, name: &str) -> Element<'d> {
    schema
        .root()
        .children()
        .find(|found| found.name() != "element" && found.attribute("name") == Some(name))
        .unwrap_or_else(|| panic!("no type {name}"))
}

/// Walks table and schema side by side.
fn compare(schema: &Document<'_>, type_name: &str, content: &Content, seen: &mut Vec<String>) {
    let official = type_named(schema, type_name);
    match content {
        Content::Amount => {
            let decimal = type_named(schema, &format!("{type_name}_SimpleType"));
            assert_eq!(
                facets(decimal),
                [("fractionDigits", "5"), ("minInclusive", "0"), ("totalDigits", "18")]
            );
        }
        Content::Anything => assert!(official.at(&["sequence", "any"]).is_some()),
        Content::Simple(simple) => compare_simple(official, *simple),
        Content::Sequence(particles) => {
            if !seen.iter().any(|name| name == type_name) {
                seen.push(type_name.to_owned());
                let sequence = official.child("sequence").unwrap();
                compare_particles(schema, sequence, particles, seen);
            }
        }
        Content::Choice(particles) => {
            let choice = official
                .at(&["sequence", "choice"])
                .or_else(|| official.child("choice"))
                .unwrap();
            compare_particles(schema, choice, particles, seen);
        }
    }
}

fn compare_particles(schema: &Document<'_>, official: Element<'_>, particles: &[Particle], seen: &mut Vec<String>) {
    let elements: Vec<_> = official.children_named("element").collect();
    assert_eq!(
        elements.len(),
        particles.len(),
        "line {} of the schema",
        official.line()
    );
    for (element, particle) in elements.iter().zip(particles) {
        assert_eq!(element.attribute("name"), Some(particle.name));
        let least = element.attribute("minOccurs").unwrap_or("1");
        let most = element.attribute("maxOccurs").unwrap_or("1");
        let particle_most = particle.occurs.max();
        assert_eq!(least == "1", particle.occurs.required(), "{}", particle.name);
        assert_eq!(
            most.parse::<usize>().unwrap_or(usize::MAX),
            particle_most,
            "{}",
            particle.name
        );
        compare(schema, element.attribute("type").unwrap(), particle.content, seen);
    }
}

fn facets<'d>(official: Element<'d>) -> Vec<(&'d str, &'d str)> {
    let restriction = official.child("restriction").unwrap();
    let mut facets: Vec<_> = restriction
        .children()
        .map(|facet| (facet.name(), facet.attribute("value").unwrap_or_default()))
        .collect();
    facets.sort_unstable();
    facets
}

fn compare_simple(official: Element<'_>, simple: Simple) {
    let base = official.child("restriction").unwrap().attribute("base").unwrap();
    let facets = facets(official);
    let line = official.line();
    match simple {
        Simple::Text(max) => assert_eq!(
            facets,
            [("maxLength", max.to_string().as_str()), ("minLength", "1")],
            "line {line}"
        ),
        Simple::Codes(codes) => {
            let mut codes = codes.to_vec();
            codes.sort_unstable();
            assert_eq!(
                facets.iter().map(|(_, value)| *value).collect::<Vec<_>>(),
                codes,
                "line {line}"
            );
        }
        Simple::Form(form) => assert_eq!(facets, [("pattern", form.pattern())], "line {line}"),
        Simple::Decimal { digits, fraction } => assert_eq!(
            facets,
            [
                ("fractionDigits", fraction.to_string().as_str()),
                ("totalDigits", digits.to_string().as_str())
            ],
            "line {line}"
        ),
        Simple::Date => assert_eq!(base, "xs:date"),
        Simple::DateTime => assert_eq!(base, "xs:dateTime"),
        Simple::Boolean => assert_eq!(base, "xs:boolean"),
    }
}

#[test]
fn the_tables_say_what_the_official_schemas_say() {
    for (version, table) in [("03", &DOCUMENT_03), ("09", &DOCUMENT_09)] {
        let Some(bytes) = official(version) else {
            continue;
        };
        let schema = read(&bytes).unwrap();
        let mut seen = Vec::new();
        compare(&schema, "Document", table, &mut seen);
        assert!(seen.len() > 40, "only {} types compared", seen.len());
    }
}

#[test]
fn forms_are_those_of_the_patterns() {
    for (form, good, bad) in [
        (Form::Currency, "EUR", ["EU", "EURO", "eur"]),
        (Form::Country, "DE", ["D", "DEU", "d1"]),
        (Form::Bic, "DEU1DEFF500", ["DEUTDEF", "DEUTD1FF", "deutdeff"]),
        (Form::Bic2009, "DEUTDEFF", ["DEU1DEFF", "DEUTDE1F", "DEUTDEFO"]),
        (Form::Iban, "DE89abc", ["DE8", "de89abc", "DE8912 4"]),
        (
            Form::Lei,
            "5299000J2N45DDNE4Y28",
            ["5299000J2N45DDNE4YAA", "5299000J2N45DDNE4Y2", ""],
        ),
        (Form::Count, "000123456789012", ["", "1234567890123456", "-1"]),
        (Form::Alphanumeric4, "aB3d", ["abc", "abcde", "ab-d"]),
        (Form::Phone, "+49-(30)1234-5", ["49-301234", "+4930-1", "+49-"]),
        (
            Form::Uuid,
            "eb6305c9-1f7f-49de-aed0-16487c27b42d",
            [
                "eb6305c9-1f7f-19de-aed0-16487c27b42d",
                "EB6305C9-1F7F-49DE-AED0-16487C27B42D",
                "eb6305c91f7f49deaed016487c27b42d",
            ],
        ),
    ] {
        assert!(form.fits(good), "{form:?} {good}");
        for text in bad {
            assert!(!form.fits(text), "{form:?} {text}");
        }
    }
}
