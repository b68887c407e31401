//! Account statements: nothing panics, what is read adds up, and what can be written again reads back the same.

#![no_main]

use std::sync::LazyLock;

use formats::camt053::{read, write};
use formats::statement::{Heading, Version};
use libfuzzer_sys::fuzz_target;
use vocab::exchange::Statement;
use vocab::time::Timestamp;

static HEADING: LazyLock<Heading> = LazyLock::new(|| Heading {
    message_id: "M-1".parse().expect("a reference"),
    created_at: Timestamp::from_seconds(0),
});

fuzz_target!(|data: &[u8]| {
    let Ok(statements) = read(data) else { return };
    for statement in &statements {
        assert!(adds_up(statement));
    }
    if let Ok(bytes) = write(Version::V08, &HEADING, &statements) {
        assert_eq!(read(&bytes).as_ref(), Ok(&statements));
    }
});

fn adds_up(statement: &Statement) -> bool {
    let (Some(opening), Some(closing)) = (statement.opening, statement.closing) else {
        return false;
    };
    let booked = statement.lines.iter().filter(|line| line.booked);
    let sum: i128 = booked.map(|line| i128::from(line.amount.minor())).sum();
    i128::from(opening.minor()) + sum == i128::from(closing.minor())
}
