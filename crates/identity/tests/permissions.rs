//! The whole table of roles and actions, as people review it: a golden file.

use identity::permission::{Action, Role};
use std::fmt::Write;
use std::path::Path;

fn table() -> String {
    let mut text = String::from("What each role may do. Generated; separations of duty come on top of it.\n\n");
    let width = Action::ALL.iter().map(|action| action.name().len()).max().unwrap_or(0);
    let head: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
    let _ = writeln!(text, "{:width$}  {}", "", head.join("  "));
    for action in Action::ALL {
        let _ = write!(text, "{:width$}", action.name());
        for role in Role::ALL {
            let mark = if role.permits().contains(action) { "yes" } else { "-" };
            let _ = write!(text, "  {mark:cell$}", cell = role.name().len());
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

#[test]
fn golden_table_of_roles_and_actions() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/permissions.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, table()).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(committed, table(), "run `cargo xtask golden` and read the difference");
}
