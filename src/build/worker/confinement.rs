//! Keeps a worker process to its [`Rights`], even if a hostile file takes over a codec. For Linux.
//!
//! Landlock refuses files other than those of the rights, TCP, and signals to other processes. Seccomp refuses system
//! calls that Landlock does not cover: sockets of every kind, new programs, other processes' memory, permissions and
//! owners of files, mounts and other parts of the system. A refused call returns an error (`EPERM` or `EACCES`) and
//! does not end the process, so that a codec can go on after an unimportant call. Both hold for the thread that asks
//! and for all threads that it starts. Kernels below 5.13 have no Landlock; each since then refuses a little more.

use super::protocol::Rights;
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus,
    Scope, make_bitflags, path_beneath_rules,
};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};
use std::collections::BTreeMap;
use std::path::PathBuf;

const READ: BitFlags<AccessFs> = make_bitflags!(AccessFs::{ReadFile | ReadDir});

/// Files and folders, but no links, devices or pipes. `Refer`: hard links from one folder to another.
const WRITE: BitFlags<AccessFs> = make_bitflags!(AccessFs::{
    ReadFile | ReadDir | WriteFile | Truncate | MakeReg | MakeDir | RemoveFile | RemoveDir | Refer
});

/// The newest version of Landlock whose rights are all used.
const KNOWN: ABI = ABI::V6;

/// Confines the calling thread, and those that it starts from now on. Returns whether the system can do that.
pub fn confine(rights: &Rights) -> bool {
    let files = restrict_files(rights).is_ok_and(|status| status != RulesetStatus::NotEnforced);
    let calls = refuse_calls().is_ok();
    files && calls
}

/// Whether this system can confine a process: tried with a thread.
pub fn is_supported() -> bool {
    let rights = Rights { read: vec![], write: None };
    std::thread::spawn(move || confine(&rights)).join().unwrap_or(false)
}

/// A file or folder that does not exist is left out: opening it will fail with its own error.
fn restrict_files(rights: &Rights) -> Result<RulesetStatus, RulesetError> {
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()?
        .add_rules(path_beneath_rules(rights.read.iter().map(PathBuf::from), READ))?
        .add_rules(path_beneath_rules(rights.write.iter().map(PathBuf::from), WRITE))?
        .restrict_self()?;
    Ok(status.ruleset)
}

fn refuse_calls() -> seccompiler::Result<()> {
    const EPERM: u32 = 1;
    let rules = refused_calls().map_err(seccompiler::Error::Backend)?;
    let arch = std::env::consts::ARCH.try_into().map_err(seccompiler::Error::Backend)?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(EPERM), arch);
    let program: BpfProgram = filter.and_then(TryInto::try_into).map_err(seccompiler::Error::Backend)?;
    seccompiler::apply_filter(&program)
}

/// System calls, and the arguments that are refused; without a rule, all arguments are.
fn refused_calls() -> Result<BTreeMap<i64, Vec<SeccompRule>>, BackendError> {
    let existing = || REFUSED.iter().copied().filter(|call| *call >= 0);
    let mut calls: BTreeMap<i64, Vec<SeccompRule>> = existing().map(|call| (call, vec![])).collect();
    let own = u64::from(std::process::id());
    let first_is_not = |process: u64| SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, process);
    for call in SIGNALS {
        calls.insert(call, vec![SeccompRule::new(vec![first_is_not(own)?])?]);
    }
    calls.insert(LIMITS, vec![SeccompRule::new(vec![first_is_not(own)?, first_is_not(0)?])?]);
    // The same calls once more under the numbers of the x32 ABI, and those that only that has.
    #[cfg(target_arch = "x86_64")]
    calls.extend(existing().chain(SIGNALS).chain(512..548).map(|call| (0x4000_0000 | call, vec![])));
    Ok(calls)
}

/// Names the numbers of system calls, for x86-64 and for newer architectures (-1: the call does not exist there).
macro_rules! calls {
    ($($name:ident $x86_64:literal $generic:literal;)*) => {
        #[cfg(target_arch = "x86_64")]
        const REFUSED: &[i64] = &[$($x86_64),*];
        #[cfg(not(target_arch = "x86_64"))]
        const REFUSED: &[i64] = &[$($generic),*];
        #[cfg(all(test, target_arch = "x86_64"))]
        const NAMED: &[i64] = &[$(libc::$name),*];
    };
}

calls! {
    // Network.
    SYS_socket 41 198; SYS_connect 42 203; SYS_bind 49 200; SYS_listen 50 201; SYS_accept 43 202;
    SYS_accept4 288 242; SYS_sendto 44 206; SYS_sendmsg 46 211; SYS_sendmmsg 307 269;
    // Programs and other processes.
    SYS_execve 59 221; SYS_execveat 322 281; SYS_fork 57 -1; SYS_vfork 58 -1; SYS_ptrace 101 117;
    SYS_process_vm_readv 310 270; SYS_process_vm_writev 311 271; SYS_process_madvise 440 440; SYS_tkill 200 130;
    SYS_rt_sigqueueinfo 129 138; SYS_rt_tgsigqueueinfo 297 240; SYS_pidfd_open 434 434; SYS_pidfd_getfd 438 438;
    SYS_pidfd_send_signal 424 424; SYS_shmat 30 196;
    // Files, beside those that Landlock refuses.
    SYS_truncate 76 45; SYS_chmod 90 -1; SYS_fchmod 91 52; SYS_fchmodat 268 53; SYS_fchmodat2 452 452;
    SYS_chown 92 -1; SYS_fchown 93 55; SYS_lchown 94 -1; SYS_fchownat 260 54; SYS_setxattr 188 5;
    SYS_lsetxattr 189 6; SYS_fsetxattr 190 7; SYS_removexattr 197 14; SYS_lremovexattr 198 15;
    SYS_fremovexattr 199 16; SYS_utime 132 -1; SYS_utimes 235 -1; SYS_futimesat 261 -1; SYS_utimensat 280 88;
    SYS_open_by_handle_at 304 265;
    // Other ways around.
    SYS_io_uring_setup 425 425; SYS_io_uring_enter 426 426; SYS_io_uring_register 427 427; SYS_userfaultfd 323 282;
    SYS_bpf 321 280; SYS_perf_event_open 298 241; SYS_add_key 248 217; SYS_request_key 249 218; SYS_keyctl 250 219;
    // The system.
    SYS_mount 165 40; SYS_umount2 166 39; SYS_pivot_root 155 41; SYS_chroot 161 51; SYS_move_mount 429 429;
    SYS_open_tree 428 428; SYS_fsopen 430 430; SYS_fsconfig 431 431; SYS_fsmount 432 432; SYS_fspick 433 433;
    SYS_mount_setattr 442 442; SYS_unshare 272 97; SYS_setns 308 268; SYS_init_module 175 105;
    SYS_finit_module 313 273; SYS_delete_module 176 106; SYS_kexec_load 246 104; SYS_kexec_file_load 320 294;
    SYS_reboot 169 142; SYS_swapon 167 224; SYS_swapoff 168 225; SYS_sethostname 170 161; SYS_setdomainname 171 162;
    SYS_acct 163 89; SYS_quotactl 179 60; SYS_quotactl_fd 443 443; SYS_settimeofday 164 170;
    SYS_clock_settime 227 112; SYS_adjtimex 159 171;
}

/// `kill` and `tgkill`. A process may send signals to itself, because `abort` does.
const SIGNALS: [i64; 2] = if cfg!(target_arch = "x86_64") { [62, 234] } else { [129, 131] };

/// `prlimit64`, which is allowed for the process itself too.
const LIMITS: i64 = if cfg!(target_arch = "x86_64") { 302 } else { 261 };

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File, OpenOptions};
    use std::io::ErrorKind::PermissionDenied;
    use std::io::{self, Read};
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixStream;
    use std::path::Path;
    use std::process::Command;

    fn assert_refused<T>(what: &str, result: io::Result<T>) {
        let kind = result.err().map(|error| error.kind());
        assert_eq!(kind, Some(PermissionDenied), "{what}");
    }

    /// Runs `work` in a thread that is confined, where the system can do that; other threads are not.
    fn confined(rights: Rights, work: impl FnOnce() + Send) {
        if !is_supported() {
            return;
        }
        std::thread::scope(|scope| {
            scope.spawn(|| {
                assert!(confine(&rights));
                work();
            });
        });
    }

    #[test]
    fn a_confined_thread_reads_its_source_and_writes_its_folder_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        for (file, text) in [("source", "pixels"), ("secret", "secret"), ("there", "good")] {
            fs::write(path(file), text).unwrap();
        }
        ["own", "other"].iter().for_each(|folder| fs::create_dir(path(folder)).unwrap());
        let rights = Rights { read: vec![path("source").as_path().into()], write: Some(path("own").as_path().into()) };
        confined(rights, || {
            assert_eq!(fs::read(path("source")).unwrap(), b"pixels");
            fs::create_dir(path("own/a")).unwrap();
            fs::write(path("own/a/tile"), "tile").unwrap();
            fs::hard_link(path("own/a/tile"), path("own/alias")).unwrap();
            assert_eq!(fs::read(path("own/alias")).unwrap(), b"tile");
            fs::remove_file(path("own/alias")).unwrap();

            assert_refused("read another file", fs::read(path("secret")));
            assert_refused("read the system's files", fs::read("/etc/passwd"));
            assert_refused("list a folder", fs::read_dir(root.path()));
            assert_refused("write the source", OpenOptions::new().append(true).open(path("source")));
            assert_refused("truncate a file", OpenOptions::new().write(true).truncate(true).open(path("there")));
            assert_refused("make a file", File::create(path("other/new")));
            assert_refused("make a folder", fs::create_dir(path("other/new")));
            assert_refused("remove a file", fs::remove_file(path("there")));
            assert_refused("remove a folder", fs::remove_dir(path("other")));
            assert_refused("link", symlink(path("secret"), path("own/link")));
            // Landlock answers EXDEV where a file would leave its folder.
            assert!(fs::hard_link(path("secret"), path("own/secret")).is_err());
            assert!(fs::rename(path("own/a/tile"), path("there")).is_err());
            let mode = || fs::set_permissions(path("there"), fs::Permissions::from_mode(0o777));
            assert_refused("set permissions", mode());
            assert_refused("set times", File::open(path("source")).unwrap().set_modified(std::time::SystemTime::now()));
        });
        assert_eq!(fs::read(path("there")).unwrap(), b"good");
        fs::write(path("other/new"), "this thread is free").unwrap();
    }

    #[test]
    fn a_confined_thread_has_no_network_and_starts_no_program() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (mut here, there) = UnixStream::pair().unwrap();
        let anything = Rights { read: vec![Path::new("/").into()], write: Some(Path::new("/").into()) };
        confined(anything, move || {
            assert_refused("connect", TcpStream::connect(address));
            assert_refused("listen", TcpListener::bind("127.0.0.1:0"));
            assert_refused("UDP", UdpSocket::bind("127.0.0.1:0"));
            assert_refused("local socket", UnixStream::connect("/nowhere"));
            assert_refused("accept", listener.accept());
            assert_refused("start a program", Command::new("/bin/true").spawn());
            // Open files of the process stay usable: the answers of a worker go to a socket.
            drop(File::from(std::os::fd::OwnedFd::from(there)));
            assert_eq!(here.read(&mut [0]).unwrap(), 0);
        });
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn the_numbers_of_system_calls_are_those_of_the_system() {
        assert_eq!(REFUSED, NAMED);
        assert_eq!(SIGNALS, [libc::SYS_kill, libc::SYS_tgkill]);
        assert_eq!(LIMITS, libc::SYS_prlimit64);
    }
}
