//! The wire to a simulator, which decides what becomes of transactions.
//!
//! Compiled in with the feature `faults` only, which no product turns on: without it [`Wire`] is nothing, asks nobody, and the compiler
//! removes it.

#[cfg(not(feature = "faults"))]
mod cut {
    use crate::engine::session::{Isolation, Session};
    use crate::error::StoreError;
    use std::borrow::Cow;

    /// Nothing goes wrong on purpose.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Wire(());

    impl Wire {
        pub(crate) fn begin(&self, _: &'static str, _: Isolation) -> Result<(), StoreError> {
            Ok(())
        }

        pub(crate) fn commit(
            &self,
            _: &'static str,
            _: Isolation,
            session: &mut dyn Session,
        ) -> Result<(), StoreError> {
            session.commit()
        }

        pub(crate) fn text(&self, text: &'static str) -> Cow<'static, str> {
            Cow::Borrowed(text)
        }

        pub(crate) fn planted(&self, _: &'static str) -> bool {
            false
        }
    }
}

#[cfg(feature = "faults")]
mod live {
    use crate::engine::session::{Isolation, Session};
    use crate::error::StoreError;
    use std::borrow::Cow;
    use std::sync::Arc;

    /// What becomes of a writing transaction whose work is done.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Fate {
        /// It is committed, and whoever asked is told so.
        Commit,
        /// Nothing was stored, and nobody knows.
        Fail,
        /// It is committed, and nobody knows.
        Lose,
        /// Another transaction was in the way: the work is run again.
        Again,
        /// Nothing is stored, and whoever asked is told that it was: what a disk does that lies.
        Pretend,
    }

    /// Decides about the transactions of one store.
    pub trait Faults: Send + Sync {
        /// Before a transaction begins, on the thread that runs it; may block. An error ends it before anything was done.
        fn begin(&self, name: &'static str, writing: bool) -> Result<(), StoreError>;

        /// After the work of a writing transaction, before its commit.
        fn commit(&self, name: &'static str) -> Fate;

        /// The text to be run in place of this one, if any.
        fn text(&self, text: &'static str) -> Option<String>;

        /// Whether a bug of this name is planted.
        fn planted(&self, bug: &'static str) -> bool;
    }

    /// Asks the simulator, if there is one.
    #[derive(Clone, Default)]
    pub(crate) struct Wire(pub(crate) Option<Arc<dyn Faults>>);

    impl Wire {
        pub(crate) fn begin(&self, name: &'static str, isolation: Isolation) -> Result<(), StoreError> {
            let writing = isolation != Isolation::Snapshot;
            self.0.as_ref().map_or(Ok(()), |faults| faults.begin(name, writing))
        }

        pub(crate) fn commit(
            &self,
            name: &'static str,
            isolation: Isolation,
            session: &mut dyn Session,
        ) -> Result<(), StoreError> {
            let asked = self.0.as_ref().filter(|_| isolation != Isolation::Snapshot);
            let nobody_knows = || StoreError::Unavailable {
                what: "the simulator has broken the commit".into(),
                outcome_known: false,
            };
            match asked.map_or(Fate::Commit, |faults| faults.commit(name)) {
                Fate::Commit => session.commit(),
                Fate::Fail => Err(nobody_knows()),
                Fate::Lose => session.commit().and_then(|()| Err(nobody_knows())),
                Fate::Again => Err(StoreError::conflict("as the simulator wants")),
                Fate::Pretend => {
                    session.rollback();
                    Ok(())
                }
            }
        }

        pub(crate) fn text(&self, text: &'static str) -> Cow<'static, str> {
            let other = self.0.as_ref().and_then(|faults| faults.text(text));
            other.map_or(Cow::Borrowed(text), Cow::Owned)
        }

        pub(crate) fn planted(&self, bug: &'static str) -> bool {
            self.0.as_ref().is_some_and(|faults| faults.planted(bug))
        }
    }

    impl std::fmt::Debug for Wire {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Wire(…)")
        }
    }
}

#[cfg(not(feature = "faults"))]
pub(crate) use cut::Wire;
#[cfg(feature = "faults")]
pub(crate) use live::Wire;
#[cfg(feature = "faults")]
pub use live::{Fate, Faults};
