//! Notifications: nothing panics, none has a balance, and what can be written again reads back the same.

#![no_main]

use std::sync::LazyLock;

use formats::camt054::{read, write};
use formats::statement::{Heading, Version};
use libfuzzer_sys::fuzz_target;
use vocab::time::Timestamp;

static HEADING: LazyLock<Heading> = LazyLock::new(|| Heading {
    message_id: "M-1".parse().expect("a reference"),
    created_at: Timestamp::from_seconds(0),
});

fuzz_target!(|data: &[u8]| {
    let Ok(notifications) = read(data) else { return };
    for notification in &notifications {
        assert!(notification.opening.is_none() && notification.closing.is_none());
    }
    if let Ok(bytes) = write(Version::V08, &HEADING, &notifications) {
        assert_eq!(read(&bytes).as_ref(), Ok(&notifications));
    }
});
