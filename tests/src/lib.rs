//! Helpers of the end-to-end suites: runs `routec` as a user does.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

/// The `routec` binary of this workspace: built next to the tests' own binary, by the same profile.
pub fn routec_path() -> PathBuf {
    let mut folder = std::env::current_exe().expect("a test has a path");
    folder.pop();
    folder.pop();
    let path = folder.join("routec");
    if !path.exists() {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        let release = folder.ends_with("release");
        let mut build = Command::new(cargo);
        build.args(["build", "-p", "routec"]).args(release.then_some("--release"));
        assert!(build.status().expect("cargo runs").success(), "routec does not build");
    }
    path
}

/// Runs `routec` in a folder, without colours.
pub fn routec(folder: &Path, args: &[&str]) -> Ran {
    let output = Command::new(routec_path())
        .args(args)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .expect("routec runs");
    Ran::from(output)
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code().unwrap_or(-1),
        }
    }
}

impl Ran {
    /// Ended with this status, and says this somewhere.
    #[track_caller]
    pub fn fails_with(&self, code: i32, said: &str) {
        let all = format!("{}{}", self.stdout, self.stderr);
        assert!(self.code == code && all.contains(said), "wanted status {code} and `{said}`, got {self:#?}");
    }
    /// Ended well, and says this on standard output.
    #[track_caller]
    pub fn succeeds_with(&self, said: &str) {
        assert!(self.code == 0 && self.stdout.contains(said), "wanted success and `{said}`, got {self:#?}");
    }
}
