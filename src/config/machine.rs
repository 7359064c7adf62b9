//! What the machine has: cores and memory, which are the defaults of [`Resources`](super::Resources), and its limits.

use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};

/// Bytes that are assumed if the system does not report its memory.
const UNKNOWN_MEMORY: u64 = 4 << 30;

/// The number of processors that this process may use: the machine's, the limit of its container, or what Slurm has allotted to
/// its task.
pub fn cores() -> usize {
    let allotted =
        allotted("SLURM_CPUS_PER_TASK").and_then(|cores| usize::try_from(cores).ok()).filter(|cores| *cores > 0);
    let machine = std::thread::available_parallelism().map_or(1, NonZero::get);
    allotted.map_or(machine, |allotted| allotted.min(machine))
}

/// Bytes of memory that this process may use: the machine's, the limit of its container or of a group around it, or what Slurm
/// has allotted to its job.
pub fn memory() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes << 10)
    });
    let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let groups = groups(&own).into_iter().filter_map(|file| fs::read_to_string(file).ok()?.trim().parse::<u64>().ok());
    machine.into_iter().chain(groups).chain(slurm_memory(allotted)).min().unwrap_or(UNKNOWN_MEMORY)
}

/// The files that may limit the memory of the control groups that a process is in, as `/proc/self/cgroup` lists them: its own
/// group and those above it. In a container that shows only itself, the group is the root.
fn groups(own: &str) -> Vec<PathBuf> {
    let limits = |root: &str, path: &str, file: &str| -> Vec<PathBuf> {
        let path = Path::new(path.trim_start_matches('/'));
        path.ancestors().map(|group| Path::new(root).join(group).join(file)).collect()
    };
    let below = |line: &str| match line.splitn(3, ':').collect::<Vec<_>>().as_slice() {
        ["0", "", path] => limits("/sys/fs/cgroup", path, "memory.max"),
        [_, "memory", path] => limits("/sys/fs/cgroup/memory", path, "memory.limit_in_bytes"),
        _ => vec![],
    };
    own.lines().flat_map(below).collect()
}

/// A number that an engine has written into the environment of its task.
fn allotted(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.trim().parse().ok()
}

/// The memory of a job of Slurm, in bytes; Slurm counts in MiB, and 0 is all there is.
fn slurm_memory(allotted: impl Fn(&str) -> Option<u64>) -> Option<u64> {
    let of_processors = || Some(allotted("SLURM_MEM_PER_CPU")? * allotted("SLURM_CPUS_ON_NODE")?);
    allotted("SLURM_MEM_PER_NODE")
        .or_else(of_processors)
        .filter(|mebibytes| *mebibytes > 0)
        .map(|mebibytes| mebibytes << 20)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_around_a_process_limit_it_too() {
        let found = groups("0::/slurm/job_7/step_0\n");
        let expected = ["slurm/job_7/step_0", "slurm/job_7", "slurm", ""];
        assert_eq!(found, expected.map(|group| Path::new("/sys/fs/cgroup").join(group).join("memory.max")));
        let found = groups("9:cpu:/a\n4:memory:/\n");
        assert_eq!(found, [Path::new("/sys/fs/cgroup/memory/memory.limit_in_bytes")]);
        assert!(groups("").is_empty());
    }

    #[test]
    fn slurm_says_how_much_memory_a_job_has() {
        let of =
            |variables: &[(&str, u64)]| slurm_memory(|name| Some(variables.iter().find(|(own, _)| *own == name)?.1));
        assert_eq!(of(&[("SLURM_MEM_PER_NODE", 2048)]), Some(2 << 30));
        assert_eq!(of(&[("SLURM_MEM_PER_CPU", 1024), ("SLURM_CPUS_ON_NODE", 4)]), Some(4 << 30));
        assert_eq!((of(&[("SLURM_MEM_PER_NODE", 0)]), of(&[])), (None, None));
    }
}
