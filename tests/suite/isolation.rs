//! A codec that crashes costs one image: the worker process dies, the build goes on.
//!
//! A script stands between the build and the real worker. It ends when a task names a page called `crash`; everything
//! else it passes on.

use crate::draw::{colour, jpeg, page};
use crate::project::{BASE_URL, Project};
use crate::prove::assert_proven;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// A word as the protocol writes the bytes of a path.
fn as_bytes(word: &str) -> String {
    word.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(",")
}

/// A worker that ends when it is to tile a page called `crash`.
fn worker(project: &Project) -> PathBuf {
    let script = project.root().join("worker.sh");
    let text = format!(
        "#!/bin/sh\nwhile IFS= read -r line; do\n  case \"$line\" in *Tile*{crash}*) exit ;; esac\n  \
         printf '%s\\n' \"$line\"\ndone | {binary} \"$@\"\n",
        crash = as_bytes("crash"),
        binary = env!("CARGO_BIN_EXE_iiif-build"),
    );
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    script
}

#[test]
fn a_crash_costs_the_image_that_causes_it_and_no_other() {
    let mut project = Project::new();
    for name in ["1", "2", "3-crash", "4", "5", "6"] {
        project = project.file(&format!("content/a/{name}.jpg"), page());
    }
    let script = worker(&project);
    let project = project.with_worker(&script).with_jobs(2);
    let report = project.try_build().unwrap();
    let failures: Vec<String> = report.failures.iter().map(|error| format!("{error:?}")).collect();
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0].contains("3-crash.jpg") && failures[0].contains("crashed"), "{failures:?}");
    assert_eq!(report.images, 5);
    assert_proven(&project.site());
}

/// The children of a process.
#[cfg(target_os = "linux")]
fn children(process: u32) -> Vec<String> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_build_whose_worker_is_killed_is_complete() {
    let mut project = Project::new();
    for number in 1..=12 {
        project = project.file(&format!("content/a/{number}.jpg"), jpeg(colour(1500, 1500)));
    }
    let mut build = Command::new(env!("CARGO_BIN_EXE_iiif-build"))
        .args(["-q", "build", "--jobs", "2", "--base-url", BASE_URL, "--root"])
        .arg(project.root())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut killed = 0;
    let status = loop {
        if let Some(status) = build.try_wait().unwrap() {
            break status;
        }
        sleep(Duration::from_millis(50));
        if killed < 1
            && let Some(worker) = children(build.id()).first()
        {
            killed += usize::from(Command::new("kill").args(["-SEGV", worker]).status().unwrap().success());
        }
    };
    assert!(killed > 0, "no worker was found");
    assert!(status.success(), "{status}");
    assert_proven(&project.site());
}

#[test]
fn a_worker_that_cannot_be_started_is_an_error_not_a_hang() {
    let project = Project::new().file("content/a/1.jpg", page());
    let missing = project.root().join("missing");
    let report = project.with_worker(&missing).try_build().unwrap();
    assert!(report.failures[0].message().contains("cannot start the worker"), "{:?}", report.failures);
}
