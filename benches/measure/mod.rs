//! What a process takes, and on which machine.

mod machine;

pub use machine::machine;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What one process took.
#[derive(Clone, Copy)]
pub struct Cost {
    pub wall: Duration,
    pub cpu: Duration,
    pub peak_kib: u64,
}

/// The program, quiet.
pub fn iiif_build() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iiif-build"));
    command.arg("-q");
    command
}

/// Runs a process to its end and asks the kernel what it and its children took; the peak is that of the largest one.
pub fn cost(command: &mut Command) -> Cost {
    let start = Instant::now();
    // Waited for below, with its resources counted.
    #[allow(clippy::zombie_processes)]
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    let (mut status, mut usage) = (0, unsafe { std::mem::zeroed::<libc::rusage>() });
    // SAFETY: both pointers are valid; the child is not waited for elsewhere.
    let waited = unsafe { libc::wait4(child.id() as libc::pid_t, &mut status, 0, &mut usage) };
    let wall = start.elapsed();
    assert!(waited > 0 && status == 0, "{command:?} failed");
    let time = |time: libc::timeval| Duration::from_micros(time.tv_sec as u64 * 1_000_000 + time.tv_usec as u64);
    Cost { wall, cpu: time(usage.ru_utime) + time(usage.ru_stime), peak_kib: usage.ru_maxrss as u64 }
}
