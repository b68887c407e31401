//! A small disk: a file system in memory of a fixed size, which is filled with ballast at the right moment. Needs the right to mount.

use crate::Failure;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const BALLAST: &str = "ballast";
const BLOCK: usize = 64 * 1024;

/// A mounted small disk; unmounted when dropped.
#[derive(Debug)]
pub(crate) struct Small {
    pub(crate) path: PathBuf,
    kept: bool,
}

impl Small {
    /// Mounts one of so many MiB. An error says why that is not possible here.
    pub(crate) fn mount(path: &Path, megabytes: u32) -> Result<Self, Failure> {
        fs::create_dir_all(path)?;
        // Left by a run that was killed.
        let _ = quiet(Command::new("umount").arg("-l").arg(path));
        let options = format!("size={megabytes}m,mode=755");
        let mount = quiet(
            Command::new("mount")
                .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
                .arg(path),
        );
        if mount {
            Ok(Self {
                path: path.to_owned(),
                kept: false,
            })
        } else {
            Err("a small disk cannot be mounted here (it needs root and the right to mount)".into())
        }
    }

    /// Fills what is left.
    pub(crate) fn fill(&self) -> Result<(), Failure> {
        let mut ballast = File::create(self.path.join(BALLAST))?;
        for size in [BLOCK, 4_096] {
            let block = vec![0; size];
            while ballast.write_all(&block).is_ok() {}
        }
        Ok(())
    }

    /// Makes room again.
    pub(crate) fn free(&self) -> Result<(), Failure> {
        Ok(fs::remove_file(self.path.join(BALLAST))?)
    }

    /// Something was found: it stays mounted.
    pub(crate) fn keep(&mut self) {
        self.kept = true;
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        if !self.kept {
            let _ = quiet(Command::new("umount").arg("-l").arg(&self.path));
            let _ = fs::remove_dir(&self.path);
        }
    }
}

fn quiet(command: &mut Command) -> bool {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
