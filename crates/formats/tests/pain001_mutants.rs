//! Every element of a sound file dropped, repeated and moved, every number altered: nothing of it goes unnoticed.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod schema;

use formats::batch::read_payment_file;
use formats::finding::{Finding, FindingCode};
use vocab::time::Date;

const TODAY: Date = Date::constant(2026, 11, 27);
const SAMPLES: [(&str, &str); 2] = [
    ("pain.001.001.03", include_str!("vectors/pain001/sound-03.xml")),
    ("pain.001.001.09", include_str!("vectors/pain001/sound-09.xml")),
];

/// Elements without which the payment is still a sound payment, perhaps another one: neither schema nor bank can miss them.
const OPTIONAL: &[&str] = &[
    "BtchBookg",
    "NbOfTxs",
    "CtrlSum",
    "PmtTpInf",
    "InstrPrty",
    "SvcLvl",
    "CtgyPurp",
    "PstlAdr",
    "StrtNm",
    "BldgNb",
    "PstCd",
    "CtrySubDvsn",
    "AdrLine",
    "Ccy",
    "ChrgBr",
    "InstrId",
    "UETR",
    "CdtrAgt",
    "BICFI",
    "BIC",
    "Purp",
    "RmtInf",
    "Ustrd",
    "Strd",
    "CdtrRefInf",
    "Tp",
    "Issr",
    "Nm",
    // the agent that is not provided
    "Othr",
];

/// An element of a file that has one tag in each line: its first and last line, and those of the element around it.
#[derive(Clone, Debug)]
struct Block {
    name: String,
    first: usize,
    last: usize,
    parent: (usize, usize),
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn blocks(lines: &[&str]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let tag = line.trim_start();
        if tag.starts_with("</") {
            open.pop();
        } else if tag.starts_with('<') && !tag.starts_with("<?") && !tag.starts_with("<!") {
            let name: String = tag.chars().skip(1).take_while(char::is_ascii_alphanumeric).collect();
            let end = format!("</{name}>");
            let closes = |later: &&str| later.contains(&end) && indent(later) == indent(line);
            let last = number + lines[number..].iter().position(closes).unwrap();
            let parent = open.last().map_or((0, lines.len()), |outer: &usize| {
                blocks
                    .iter()
                    .find(|block: &&Block| block.first == *outer)
                    .map(|block| (block.first, block.last))
                    .unwrap()
            });
            if last > number {
                open.push(number);
            }
            blocks.push(Block {
                name,
                first: number,
                last,
                parent,
            });
        }
    }
    blocks
}

fn findings(lines: &[&str]) -> Vec<Finding> {
    read_payment_file(lines.join("\n").as_bytes(), TODAY).findings
}

/// Whether something was found within the element around the change, or by the count and sum above it.
fn noticed(found: &[Finding], parent: (usize, usize), grown: usize) -> bool {
    let within =
        |finding: &Finding| (parent.0..=parent.1 + grown).contains(&usize::try_from(finding.line - 1).unwrap());
    let counted = |finding: &Finding| matches!(finding.code, FindingCode::CountMismatch | FindingCode::SumMismatch);
    found
        .iter()
        .any(|finding| finding.code.refuses() && (within(finding) || counted(finding)))
}

#[test]
fn a_dropped_element_is_missed_where_it_was() {
    let mut missed = 0;
    for (_, sample) in SAMPLES {
        let lines: Vec<&str> = sample.lines().collect();
        for block in blocks(&lines).iter().skip(1) {
            let mut text = lines.clone();
            text.drain(block.first..=block.last);
            let found = findings(&text);
            let noticed = noticed(&found, block.parent, 0);
            assert!(
                noticed || OPTIONAL.contains(&block.name.as_str()),
                "{block:?}: {found:?}"
            );
            missed += usize::from(noticed);
        }
    }
    assert!(missed > 100, "{missed}");
}

#[test]
fn a_repeated_element_is_noticed_where_it_is() {
    for (_, sample) in SAMPLES {
        let lines: Vec<&str> = sample.lines().collect();
        for block in blocks(&lines).iter().skip(1) {
            let mut text = lines.clone();
            let copy: Vec<&str> = lines[block.first..=block.last].to_vec();
            let grown = copy.len();
            text.splice(block.last + 1..block.last + 1, copy);
            let found = findings(&text);
            assert!(noticed(&found, block.parent, grown), "{block:?}: {found:?}");
        }
    }
}

#[test]
fn a_moved_element_is_noticed_where_it_is() {
    let mut moved = 0;
    for (_, sample) in SAMPLES {
        let lines: Vec<&str> = sample.lines().collect();
        let blocks = blocks(&lines);
        for block in &blocks {
            let next = blocks
                .iter()
                .find(|next| next.first == block.last + 1 && next.parent == block.parent);
            let Some(next) = next.filter(|next| next.name != block.name) else {
                continue;
            };
            let mut text = lines[..block.first].to_vec();
            text.extend(&lines[next.first..=next.last]);
            text.extend(&lines[block.first..=block.last]);
            text.extend(&lines[next.last + 1..]);
            let found = findings(&text);
            let at = (block.first, next.last);
            let here = |finding: &Finding| (at.0..=at.1).contains(&usize::try_from(finding.line - 1).unwrap());
            let misplaced = |finding: &&Finding| finding.code == FindingCode::MisplacedElement;
            assert!(
                found.iter().filter(misplaced).any(here),
                "{block:?} after {next:?}: {found:?}"
            );
            moved += 1;
        }
    }
    assert!(moved > 80, "{moved}");
}

/// A digit of an account number, an amount, a count, a sum or a creditor reference, each replaced by the next.
#[test]
fn an_altered_digit_is_noticed() {
    for (_, sample) in SAMPLES {
        let lines: Vec<&str> = sample.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let watched = ["<IBAN>", "<InstdAmt", "<NbOfTxs>", "<CtrlSum>", "<Ref>"];
            if !watched.iter().any(|tag| line.trim_start().starts_with(tag)) {
                continue;
            }
            let value = line.find('>').unwrap() + 1..line.rfind('<').unwrap();
            for at in value.filter(|at| line.as_bytes()[*at].is_ascii_digit()) {
                let digit = line.as_bytes()[at];
                let other = if digit == b'9' { '0' } else { char::from(digit + 1) };
                let mut altered = (*line).to_owned();
                altered.replace_range(at..=at, &other.to_string());
                let mut text = lines.clone();
                text[number] = &altered;
                let found = findings(&text);
                assert!(noticed(&found, (number, number), 0), "{altered}: {found:?}");
            }
        }
    }
}

#[test]
fn the_samples_are_valid_by_the_official_schema() {
    for (message, sample) in SAMPLES {
        schema::check(message, sample.as_bytes());
    }
    schema::check("pain.001.001.09", include_bytes!("../../../examples/payments.xml"));
    schema::check("pain.001.001.03", include_bytes!("../../../examples/payments-03.xml"));
}
