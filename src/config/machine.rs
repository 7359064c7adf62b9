//! What the machine has, where a setting does not say how much of it to use.

use std::fs;
use std::num::NonZero;

/// Assumed where the system does not tell.
const UNKNOWN_MEMORY: u64 = 4 << 30;

/// Processors that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Memory that this process may use, in bytes: the machine's, or less inside a container.
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

/// Names the time since the machine was started; `None` where the system does not tell.
pub fn boot() -> Option<String> {
    Some(fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned())
}
