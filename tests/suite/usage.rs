//! Runs the program and watches what it takes: memory at its peak, and processor time.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

pub struct Usage {
    pub code: Option<i32>,
    /// Peak resident set of the program and its workers, MiB.
    pub peak: u64,
    /// Computing, on all cores. The clock would also measure what else the machine does.
    pub computing: Duration,
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
    let process = format!("/proc/{}", child.id());
    let read = |name: &str| fs::read_to_string(format!("{process}/{name}")).unwrap_or_default();
    let (start, mut peak, mut computing) = (Instant::now(), 0, Duration::ZERO);
    let code = loop {
        // Not at once: for a moment a new process still has the memory of this one, until it has become the program.
        thread::sleep(INTERVAL);
        peak = peak.max(high_water(child.id()));
        computing = computing.max(user_time(&read("stat")));
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if start.elapsed() > patience {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
    };
    let said = fs::read_to_string(messages.path()).unwrap();
    Usage { code, peak, computing, said }
}

/// Runs `command` to its end; answers what it said on standard error, and how many bytes it and its children read. The kernel
/// adds those of ended children to the shell that waited for them.
pub fn bytes_read(command: &mut Command) -> (String, u64) {
    let mut shell = Command::new("sh");
    shell.args(["-c", "\"$@\" > /dev/null; cat /proc/$$/io", "sh"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let output = shell.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (counts, said) = (text(output.stdout), text(output.stderr));
    let read = counts.lines().find_map(|line| line.strip_prefix("rchar: ")?.parse().ok());
    (said, read.expect("the kernel counts what processes read"))
}

/// The peaks of a process and of all that it started, in MiB, without the pages of the program itself: they are not what a
/// build takes, and the system drops them when it needs room.
fn high_water(process: u32) -> u64 {
    let own = in_mebibytes(process, "VmHWM:").saturating_sub(in_mebibytes(process, "RssFile:"));
    own + children(process).into_iter().map(high_water).sum::<u64>()
}

fn in_mebibytes(process: u32, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
    kibibytes.map_or(0, |kibibytes: u64| kibibytes >> 10)
}

/// The processes that any thread of a process has started.
fn children(process: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let listed = threads.map(|thread| fs::read_to_string(thread.path().join("children")).unwrap_or_default());
    listed.flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<u32>>()).collect()
}

/// The 14th field of `/proc/<pid>/stat`, in hundredths of a second; the second ends with the last parenthesis.
fn user_time(stat: &str) -> Duration {
    let fields = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = fields.split(' ').nth(11).and_then(|ticks| ticks.parse().ok());
    Duration::from_millis(10 * ticks.unwrap_or(0))
}
