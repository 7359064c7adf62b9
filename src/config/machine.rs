//! The cores and the memory of the machine: the defaults of [`Resources`](super::Resources).

use std::fs;
use std::num::NonZero;

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
