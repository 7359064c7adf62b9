//! What the machine has: cores and memory, which are the defaults of [`Resources`](super::Resources), and its limits.

use std::fs;
use std::num::NonZero;
use std::path::Path;

/// Bytes that are assumed if the system does not report its memory.
const UNKNOWN_MEMORY: u64 = 4 << 30;

/// The number of processors that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Bytes of memory that this process may use: the machine's, or the limit of its container.
pub fn memory() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes << 10)
    });
    let container = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        .iter()
        .find_map(|file| fs::read_to_string(file).ok()?.trim().parse::<u64>().ok());
    [machine, container].into_iter().flatten().min().unwrap_or(UNKNOWN_MEMORY)
}

/// The id of the machine's last start. `None`: the system does not report it.
pub fn boot() -> Option<String> {
    Some(fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned())
}

/// The files that this process can have open at the same time. `None`: the system has no such limit.
pub fn open_files() -> Option<u64> {
    #[cfg(unix)]
    return rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    #[cfg(not(unix))]
    None
}

/// The locale of the environment. `None`: none is set.
pub fn locale() -> Option<String> {
    ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

/// The folders that are watched for changes.
#[derive(Debug, Clone, Copy)]
pub struct Watches {
    /// The folders at and below the content. Links are not followed.
    pub folders: u64,
    /// The folders that the system lets one user watch. `None`: it has no such limit.
    pub most: Option<u64>,
}

pub fn watches(content: &Path) -> Watches {
    let most = fs::read_to_string("/proc/sys/fs/inotify/max_user_watches").ok();
    Watches { folders: folders(content), most: most.and_then(|most| most.trim().parse().ok()) }
}

fn folders(folder: &Path) -> u64 {
    let mut count = 0;
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        count += 1;
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        open.extend(
            entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()),
        );
    }
    count
}
