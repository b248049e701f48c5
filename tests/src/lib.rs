//! Helpers of the end-to-end suites: runs `routec` as a user does.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use tempfile::TempDir;

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

/// How long tests wait for something that comes soon.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder that goes away, with these files in it.
pub fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().expect("a folder for temporary files");
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).expect("a file in it");
    }
    dir
}

/// A `routec run`, killed when the test ends. Its standard error goes to a file in its folder.
pub struct Running {
    child: Child,
    /// What it prints, read all the time, so that a full pipe never holds it up.
    lines: Receiver<String>,
    errors: PathBuf,
}

impl Running {
    /// Starts it, and waits until its control socket is there.
    pub fn start(folder: &Path, args: &[&str]) -> Self {
        let state = args.iter().position(|arg| *arg == "--state").and_then(|at| args.get(at + 1));
        Self::start_in(folder, args, state.copied().unwrap_or(".route"))
    }

    /// As [`Running::start`], where its state is known to be in this folder.
    pub fn start_in(folder: &Path, args: &[&str], state: &str) -> Self {
        let address = folder.join(state).join("control.addr");
        // One that was killed before leaves its address behind.
        let _ = std::fs::remove_file(&address);
        let errors = folder.join(format!("{}.err", state.replace(['.', '/'], "")));
        let to_errors = File::create(&errors).expect("a file for errors");
        let mut child = Command::new(routec_path())
            .arg("run")
            .args(args)
            .current_dir(folder)
            .env("NO_COLOR", "1")
            .env("USER", "anna")
            .stdout(Stdio::piped())
            .stderr(to_errors)
            .spawn()
            .expect("routec runs");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let (to, lines) = channel();
        std::thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok);
            lines.take_while(|line| to.send(line.clone()).is_ok()).for_each(drop);
        });
        let mut running = Self { child, lines, errors };
        eventually("the control socket is there", || {
            let ended = running.child.try_wait().expect("its state");
            assert!(ended.is_none(), "it ended: {}", running.errors());
            address.exists()
        });
        running
    }

    /// Reads on until a line says this.
    pub fn wait_for(&self, said: &str) -> String {
        let next = || self.lines.recv_timeout(PATIENCE).ok();
        let found = std::iter::from_fn(next).find(|line| line.contains(said));
        found.unwrap_or_else(|| panic!("it never said `{said}`: {}", self.errors()))
    }

    /// The rest of what it prints, until it ends.
    fn rest(&self) -> Vec<String> {
        self.lines.iter().collect()
    }

    /// What it wrote to standard error so far.
    pub fn errors(&self) -> String {
        std::fs::read_to_string(&self.errors).unwrap_or_default()
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().expect("kill runs").success());
    }

    /// Ctrl-C; whether it ended well.
    pub fn interrupt(mut self) -> bool {
        self.signal("-INT");
        self.child.wait().expect("its end").success()
    }

    /// Ctrl-C; whether it ended well, and what else it printed.
    pub fn end(self) -> (bool, Vec<String>) {
        self.end_by("-INT")
    }

    /// Ends it by a signal; whether it ended well, and what else it printed.
    pub fn end_by(mut self, signal: &str) -> (bool, Vec<String>) {
        self.signal(signal);
        let rest = self.rest();
        (self.child.wait().expect("its end").success(), rest)
    }

    /// `kill -9`; what else it printed.
    pub fn kill(mut self) -> Vec<String> {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("its end");
        self.rest()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Looks again and again until it holds, a minute at the most.
#[track_caller]
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
