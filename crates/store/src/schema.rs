//! The schema: all migrations of this binary, oldest first. They only move forward; an applied one is never edited.

use crate::migrate::{Migration, MigrationEngine};

/// All migrations.
pub static MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        title: "spine",
        engine: MigrationEngine::Both,
        text: include_str!("../migrations/0001_spine.sql"),
    },
    Migration {
        number: 2,
        title: "people",
        engine: MigrationEngine::Both,
        text: include_str!("../migrations/0002_people.sql"),
    },
    Migration {
        number: 3,
        title: "backups",
        engine: MigrationEngine::Both,
        text: include_str!("../migrations/0003_backups.sql"),
    },
];
