//! The guide shows the table of magic accounts that the code has.

use channels::sandbox::MAGIC;

const GUIDE: &str = include_str!("../../../../docs/guides/simulated-bank.md");

#[test]
fn the_table_of_the_guide_is_the_table_of_the_code() {
    let shown: Vec<Vec<&str>> = GUIDE
        .lines()
        .filter(|line| line.starts_with("| `DE"))
        .map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().trim_matches('`'))
                .collect()
        })
        .collect();
    let known: Vec<Vec<&str>> = MAGIC
        .iter()
        .map(|magic| vec![magic.account, magic.name, magic.final_state, magic.explanation])
        .collect();
    assert_eq!(shown, known);
}
