//! A real Slurm with one node, on this machine: `examples/slurm` as it stands, with tasks that are killed, requeued, doubled
//! and submitted again.

use super::engines::{example, installed};
use super::{assert_code, library, place, run, torn};
use crate::project::BASE_URL;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Starts the three daemons in FOLDER, and ends them when the pipe to its standard input closes.
const DAEMONS: &str = r#"
cd "$FOLDER"
munged --foreground --force --key-file="$FOLDER/key" --socket="$FOLDER/socket" --pid-file="$FOLDER/pid" --log-file="$FOLDER/munge.log" --seed-file="$FOLDER/seed" &
one=$!
while [ ! -S "$FOLDER/socket" ]; do sleep 0.1; done
slurmctld -D &
two=$!
slurmd -D &
three=$!
read -r _
kill $three $two $one
wait
"#;

struct Slurm {
    folder: TempDir,
    _lifeline: ChildStdin,
}

impl Slurm {
    /// `None`: it is not installed, or only root could start it.
    fn start() -> Option<Slurm> {
        for program in ["slurmctld", "slurmd", "munged", "sbatch"] {
            installed(program)?;
        }
        // SAFETY: it only asks who we are.
        if unsafe { libc::geteuid() } != 0 {
            println!("skipped: only root starts a node of Slurm");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        fs::create_dir_all(at.join("state")).unwrap();
        fs::create_dir_all(at.join("spool")).unwrap();
        fs::write(at.join("key"), [7; 128]).unwrap();
        fs::set_permissions(at.join("key"), std::os::unix::fs::PermissionsExt::from_mode(0o400)).unwrap();
        fs::write(at.join("slurm.conf"), settings(at)).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", DAEMONS]).env("FOLDER", at).env("SLURM_CONF", at.join("slurm.conf"));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let lifeline = command.spawn().unwrap().stdin.take().unwrap();
        let slurm = Slurm { folder, _lifeline: lifeline };
        slurm.until("a node that is idle", || {
            String::from_utf8_lossy(&slurm.command("sinfo").arg("-h").output().unwrap().stdout).contains("idle")
        });
        Some(slurm)
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env("SLURM_CONF", self.folder.path().join("slurm.conf"));
        command
    }

    fn until(&self, what: &str, is_true: impl Fn() -> bool) {
        let begun = Instant::now();
        while !is_true() {
            if begun.elapsed() > Duration::from_secs(600) {
                let log = fs::read_to_string(self.folder.path().join("slurmctld.log")).unwrap_or_default();
                panic!("not in time: {what}\n{log}");
            }
            sleep(Duration::from_millis(200));
        }
    }

    fn until_all_is_done(&self) {
        self.until("an empty queue", || {
            let queue = self.command("squeue").args(["-h", "-r"]).output().unwrap();
            queue.status.success() && queue.stdout.is_empty()
        });
    }
}

/// One node with four processors, whatever the machine has.
fn settings(at: &Path) -> String {
    let host = Command::new("hostname").arg("-s").output().unwrap();
    let host = String::from_utf8(host.stdout).unwrap();
    let (host, at) = (host.trim(), at.display());
    let ports = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let [controller, node] = ports.map(|port| port.local_addr().unwrap().port());
    format!(
        "ClusterName=test\nSlurmctldHost={host}(127.0.0.1)\nSlurmUser=root\nSlurmdUser=root\nAuthType=auth/munge\n\
         AuthInfo=socket={at}/socket\nCredType=cred/munge\nSlurmctldPort={controller}\nSlurmdPort={node}\n\
         StateSaveLocation={at}/state\nSlurmdSpoolDir={at}/spool\nSlurmctldPidFile={at}/c.pid\nSlurmdPidFile={at}/d.pid\n\
         SlurmctldLogFile={at}/slurmctld.log\nSlurmdLogFile={at}/slurmd.log\nProctrackType=proctrack/linuxproc\n\
         TaskPlugin=task/none\nSelectType=select/cons_tres\nSelectTypeParameters=CR_CPU\nJobAcctGatherType=jobacct_gather/none\n\
         AccountingStorageType=accounting_storage/none\nMpiDefault=none\nReturnToService=2\nKillWait=10\n\
         SchedulerParameters=sched_interval=1,batch_sched_delay=0,requeue_delay=1,bf_interval=1\n\
         SlurmdParameters=config_overrides\nNodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=64000 State=UNKNOWN\n\
         PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP\n"
    )
}

/// Stands in for the program: some tasks are killed, requeued or doubled at their first attempt.
const TROUBLE: &str = r#"#!/bin/sh
case "$1-$SLURM_ARRAY_TASK_ID" in
  build-3) # the node is lost
    if mkdir "$MARKS/killed" 2>/dev/null; then
      "$REAL" "$@" & task=$!
      sleep 0.1; kill -9 $task; wait $task; exit 137
    fi ;;
  build-5) # the scheduler wants the node back
    if mkdir "$MARKS/requeued" 2>/dev/null; then
      "$REAL" "$@" & task=$!
      trap 'kill -TERM $task; wait $task; exit 75' TERM
      scontrol requeue "${SLURM_ARRAY_JOB_ID}_5"
      wait $task; sleep 30; exit 75
    fi ;;
  build-7) # twice at the same time
    "$REAL" "$@" & twin=$!
    "$REAL" "$@"; own=$?
    wait $twin; echo "$own $?" >"$MARKS/doubled"
    exit $own ;;
esac
exec "$REAL" "$@"
"#;

#[test]
fn an_array_of_slurm_with_lost_requeued_doubled_and_repeated_tasks_builds_the_site_of_one_process() {
    let Some(slurm) = Slurm::start() else { return };
    let project = library(599).file("content/huge/9999.png", torn());
    let marks = slurm.folder.path().join("marks");
    fs::create_dir(&marks).unwrap();
    let trouble = slurm.folder.path().join("trouble");
    fs::write(&trouble, TROUBLE).unwrap();
    fs::set_permissions(&trouble, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let submit = |what: &str| {
        let mut command = slurm.command(example("slurm/submit.sh"));
        command.arg(project.root()).arg(what).arg(place(&project)).current_dir(slurm.folder.path());
        command.env("IIIF_BUILD", &trouble).env("REAL", env!("CARGO_BIN_EXE_iiif-build")).env("MARKS", &marks);
        command.env("IIIF_BUILD_BASE_URL", BASE_URL).env("ALLOW_FAILED", "1");
        let said = assert_code(0, run(command));
        slurm.until_all_is_done();
        said
    };
    submit("12");
    let logs = || -> String {
        let logs = fs::read_dir(slurm.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let logs = logs.filter(|path: &PathBuf| path.extension().is_some_and(|ending| ending == "out"));
        logs.map(|path| fs::read_to_string(path).unwrap()).collect()
    };
    assert!(marks.join("killed").is_dir() && marks.join("requeued").is_dir(), "{}", logs());
    assert_eq!(fs::read_to_string(marks.join("doubled")).unwrap().split_whitespace().next(), Some("0"), "{}", logs());
    // The killed task left no record, and the first `finish` said so.
    assert!(logs().contains("--shard 3"), "{}", logs());
    assert!(!project.public().join("index.html").exists());
    submit("again");
    assert!(logs().contains("9999.png"), "{}", logs());
    let single = project.afresh();
    assert_code(1, run(single.command(&["build"])));
    let (sharded, single) = (project.site().contents(""), single.site().contents(""));
    assert_eq!(sharded.keys().collect::<Vec<_>>(), single.keys().collect::<Vec<_>>());
    assert!(sharded == single, "some files have other bytes");
}
