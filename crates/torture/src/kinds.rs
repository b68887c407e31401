//! Kinds of payments: what the simulated bank does with each creditor account (docs/guides/simulated-bank.md), and the order of states.
//! Both are written down here again, from the documents: a judge who asked the product would be told what it did, not what it should do.

/// What becomes of a payment at the bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    Rejected,
    Returned,
    AnswerLost,
    RequestLost,
    DuplicateReport,
    WrongAmount,
    Partial,
}

impl Kind {
    /// For a throw of 0 to 99: three of four are ordinary.
    pub(crate) fn of(throw: usize) -> Self {
        match throw {
            0..=2 => Self::Rejected,
            3..=5 => Self::Returned,
            6..=8 => Self::AnswerLost,
            9..=11 => Self::RequestLost,
            12..=14 => Self::DuplicateReport,
            15 => Self::WrongAmount,
            16..=18 => Self::Partial,
            _ => Self::Plain,
        }
    }

    pub(crate) fn creditor(self) -> &'static str {
        match self {
            Self::Plain => testkit::transfers::CREDITOR,
            Self::Rejected => "DE78999999990000009001",
            Self::Returned => "DE51999999990000009002",
            Self::AnswerLost => "DE94999999990000009004",
            Self::RequestLost => "DE67999999990000009005",
            Self::DuplicateReport => "DE40999999990000009006",
            Self::WrongAmount => "DE13999999990000009007",
            Self::Partial => "DE83999999990000009008",
        }
    }

    /// How it ends once everything has been told.
    pub(crate) fn ends(self) -> &'static str {
        match self {
            Self::Plain | Self::AnswerLost | Self::RequestLost | Self::DuplicateReport | Self::Partial => "settled",
            Self::Rejected => "rejected",
            Self::Returned => "returned",
            Self::WrongAmount => "accepted_by_bank",
        }
    }

    /// Bookings of one execution at most, and what they take from the account at most.
    pub(crate) fn executed_once(self, minor: i64) -> (usize, i64) {
        match self {
            Self::Rejected => (0, 0),
            Self::Partial => (2, minor),
            Self::WrongAmount => (1, minor.saturating_add(100)),
            Self::Plain | Self::Returned | Self::AnswerLost | Self::RequestLost | Self::DuplicateReport => (1, minor),
        }
    }
}

/// How far along the journey a state is; a payment may stand still or go on, never back. While its outcome is open it may go to and
/// fro between waiting for its bank and being sent.
pub(crate) fn progress(state: &str) -> Option<u8> {
    Some(match state {
        "received" => 0,
        "waiting_for_approval" => 1,
        "approved" => 2,
        "queued" | "dispatching" | "unknown" => 3,
        "accepted_by_bank" => 4,
        "settled" => 5,
        "rejected" | "returned" | "cancelled" | "expired" => 6,
        _ => return None,
    })
}

/// Whether a payment that was acknowledged in one state may be in another later.
pub(crate) fn may_follow(later: &str, acknowledged: &str) -> bool {
    match (progress(later), progress(acknowledged)) {
        // Of the last ones none follows another.
        (Some(6), Some(6)) => later == acknowledged,
        (Some(later), Some(acknowledged)) => later >= acknowledged,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_only_go_on() {
        assert!(may_follow("settled", "queued"));
        assert!(may_follow("returned", "settled"));
        assert!(may_follow("queued", "unknown"));
        assert!(!may_follow("waiting_for_approval", "queued"));
        assert!(!may_follow("rejected", "returned"));
        assert!(!may_follow("somewhere", "queued"));
    }

    #[test]
    fn creditors_are_the_magic_accounts_of_the_bank() {
        for throw in 0..100 {
            let kind = Kind::of(throw);
            let magic = channels::sandbox::MAGIC
                .iter()
                .find(|magic| magic.account == kind.creditor());
            assert_eq!(
                magic.map_or("settled", |magic| magic.final_state),
                kind.ends(),
                "{kind:?}"
            );
        }
    }
}
