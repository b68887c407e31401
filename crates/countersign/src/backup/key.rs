//! `countersign backup key`: a key that opens backups, and the recipient that they are made for.

use crate::data_dir::write_new;
use crate::{Outcome, output};
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(file: &Path) -> Outcome {
    let (key, recipient) = flow::backup::sealing::new_key();
    write_new(file, key.expose())?;
    output::line(&recipient);
    output::note(&format!(
        "{} opens every backup that is made for this recipient: keep it away from the server, and at least twice",
        file.display()
    ));
    Ok(ExitCode::SUCCESS)
}
