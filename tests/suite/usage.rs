//! Runs the program and watches what it takes: memory at its peak, and time.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

pub struct Usage {
    pub code: Option<i32>,
    /// Peak resident set, MiB.
    pub peak: u64,
    pub time: Duration,
    /// What the program said on standard error.
    pub said: String,
}

/// Between two looks at a process.
const INTERVAL: Duration = Duration::from_millis(4);

/// Runs `command` to its end, or kills it after `patience`; its code is then `None`. The peak is what the kernel says
/// of the running process: the resource usage of an ended child also counts the memory of who started it.
pub fn watch(command: &mut Command, patience: Duration) -> Usage {
    let messages = tempfile::NamedTempFile::new().unwrap();
    let mut child = command.stdout(Stdio::null()).stderr(messages.reopen().unwrap()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let (start, mut peak) = (Instant::now(), 0);
    let code = loop {
        peak = peak.max(high_water(&fs::read_to_string(&status).unwrap_or_default()));
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if start.elapsed() > patience {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        thread::sleep(INTERVAL);
    };
    let said = fs::read_to_string(messages.path()).unwrap();
    Usage { code, peak, time: start.elapsed(), said }
}

/// MiB.
fn high_water(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok())
        .map_or(0, |kibibytes: u64| kibibytes >> 10)
}
