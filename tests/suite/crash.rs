//! Builds that end before their end: killed, interrupted, locked out, without room; and files that change meanwhile.

mod disk;
mod folder;
mod kills;
mod lock;
mod power;
mod reading;
mod signals;

use crate::project::Project;
use crate::tiff;
use crate::told::Told;
use image::{GrayImage, Luma};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{fs, path::Path};

/// Anything that has not happened after this never will.
const PATIENCE: Duration = Duration::from_secs(60);

/// A TIFF of `side` x `side` pixels, another for each seed, quickly drawn.
fn scan(side: u32, seed: u32) -> Vec<u8> {
    let tone = |x: u32, y: u32| (x / 3 + y / 2 + x * y / 997) as u8 ^ (seed.wrapping_mul(0x9e37_79b1) >> 24) as u8;
    tiff::encode(&[tiff::Page::grey(&GrayImage::from_fn(side, side, |x, y| Luma([tone(x, y)])))], true)
}

/// Images that take a while: WebP is slow to encode.
fn slow_project(images: u32, side: u32) -> Project {
    let project = Project::new().file("iiif-build.toml", "[images]\ntile-size = 256\nformats = [\"jpg\", \"webp\"]\n");
    (0..images).fold(project, |project, number| project.file(&format!("content/a/{number}.tif"), scan(side, number)))
}

/// A build of the program that is under way. Its messages go to a file, so that it never waits for a reader.
struct Running {
    child: Child,
    messages: tempfile::NamedTempFile,
}

impl Running {
    fn start(project: &Project, arguments: &[&str]) -> Running {
        let messages = tempfile::NamedTempFile::new().unwrap();
        let mut command = project.command(&[&["build", "--log", "json", "--jobs", "2"], arguments].concat());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(messages.reopen().unwrap());
        Running { child: command.process_group(0).spawn().unwrap(), messages }
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// With all processes that it started.
    fn signal_all(&self, signal: Signal) {
        kill_process_group(self.pid(), signal).unwrap();
    }

    fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// What it said so far.
    fn said(&self) -> Told {
        Told::new(None, fs::read_to_string(self.messages.path()).unwrap())
    }

    /// Waits for something that must happen while it runs.
    fn wait_until(&mut self, what: &str, mut happened: impl FnMut(&Running) -> bool) {
        let start = Instant::now();
        while !happened(self) {
            assert!(start.elapsed() < PATIENCE, "waited in vain until {what}: {}", self.said().said);
            assert!(self.is_running(), "ended before {what}: {}", self.said().said);
            sleep(Duration::from_millis(2));
        }
    }

    /// Waits for its end; of one that a signal ended the code is `None`.
    fn end(mut self, patience: Duration) -> Told {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > patience {
                self.signal_all(Signal::KILL);
                panic!("did not end within {patience:?}: {}", self.said().said);
            }
            sleep(Duration::from_millis(2));
        };
        let code = if status.signal().is_some() { None } else { status.code() };
        Told::new(code, fs::read_to_string(self.messages.path()).unwrap())
    }

    /// The processes that it started and that are alive.
    fn children(&self) -> Vec<u32> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).into_iter().flatten().flatten();
        let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
        lists.flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()).collect()
    }
}

/// A test that fails leaves nothing running.
impl Drop for Running {
    fn drop(&mut self) {
        let _ = kill_process_group(self.pid(), Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Ended, or only waiting for somebody to ask how.
fn is_gone(process: u32) -> bool {
    match fs::read_to_string(format!("/proc/{process}/stat")) {
        Ok(stat) => stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with(['Z', 'X'])),
        Err(_) => true,
    }
}

/// Whether somebody is at work in a published tree.
fn has_partial(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    let mut entries = entries.flatten();
    entries.any(|entry| entry.file_name().to_string_lossy().starts_with(".partial-") || has_partial(&entry.path()))
}
