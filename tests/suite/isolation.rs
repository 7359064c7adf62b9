//! A codec that crashes costs one image: the worker process dies, the build goes on.
//!
//! A script stands between the build and the real worker. It ends when a task names a page called `crash`, or writes
//! among the answers what is none; everything else it passes on.

use crate::draw::{colour, jpeg, page};
use crate::project::{BASE_URL, Project};
use crate::prove::assert_proven;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A word as the protocol writes the bytes of a path.
fn as_bytes(word: &str) -> String {
    word.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(",")
}

/// A shell script between the build and the real worker: it runs `each` for every line that the build writes, on its
/// way to the worker, and `before` at the start. Answers go to descriptor 3.
fn script(project: &Project, before: &str, each: &str) -> PathBuf {
    let script = project.root().join("worker.sh");
    let text = format!(
        "#!/bin/sh\nexec 3>&0\n{before}\nwhile IFS= read -r line; do\n{each}\n  printf '%s\\n' \"$line\"\ndone \
         | {binary} \"$@\" >&3\n",
        binary = env!("CARGO_BIN_EXE_iiif-build"),
    );
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    script
}

/// A worker that ends when it is to tile a page called `crash`.
fn worker(project: &Project) -> PathBuf {
    script(project, "", &format!("  case \"$line\" in *Tile*{}*) exit ;; esac", as_bytes("crash")))
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

#[test]
fn what_is_no_answer_is_skipped() {
    let mut project = Project::new();
    for number in 1..=3 {
        project = project.file(&format!("content/a/{number}.jpg"), page());
    }
    let noise = r#"printf 'debug\n{"number":999,"answer":{"Advanced":1}}\n\377\n{"number":0}\nno end of line' >&3"#;
    let script = script(&project, noise, noise);
    let project = project.with_worker(&script);
    let report = project.try_build().unwrap();
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    assert_eq!(report.images, 3);
    assert_proven(&project.site());
}

#[test]
fn a_worker_that_says_half_a_line_and_dies_or_says_nothing_more_has_crashed() {
    let half = r#"printf '{"number":0,"answer":' >&3; exit"#;
    // Closes its answers and goes on: nobody waits for it.
    let silent = "exec 3>&- 0<&- 1>&-; sleep 1000";
    for end in [half, silent] {
        let project = Project::new().file("content/a/1.jpg", page());
        let program = project.root().join("worker.sh");
        fs::write(&program, format!("#!/bin/sh\nexec 3>&0\nread -r rights\nread -r task\n{end}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let start = Instant::now();
        let report = project.with_worker(&program).try_build().unwrap();
        assert!(report.failures[0].message().contains("crashed"), "{end}: {:?}", report.failures);
        assert!(start.elapsed() < Duration::from_secs(30), "{end}: {:?}", start.elapsed());
    }
}

#[test]
fn a_line_that_does_not_end_is_not_read_for_ever() {
    let project = Project::new().file("content/a/1.jpg", page());
    let program = project.root().join("worker.sh");
    fs::write(&program, "#!/bin/sh\nexec 3>&0\nread -r rights\ntr '\\000' x < /dev/zero >&3\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let report = project.with_worker(&program).try_build().unwrap();
    assert!(report.failures[0].message().contains("crashed"), "{:?}", report.failures);
}

/// A worker process as the system sees it.
#[cfg(target_os = "linux")]
fn status(process: &str) -> BTreeMap<String, String> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let fields = text.lines().filter_map(|line| line.split_once(':'));
    fields.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
}

/// Whether the process has as many threads as it has when it works, so that it has confined itself.
#[cfg(target_os = "linux")]
fn is_at_work(status: &BTreeMap<String, String>) -> bool {
    status.get("Threads").and_then(|threads| threads.parse::<u32>().ok()).is_some_and(|threads| threads > 1)
}

#[cfg(target_os = "linux")]
#[test]
fn workers_are_confined_and_a_jpeg_2000_has_one_of_its_own() {
    let mut project = Project::new().file("content/a/1.jpg", jpeg(colour(1500, 1500)));
    let jp2 = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/content/balloon-1786/balloon_kdu71.jp2")).unwrap();
    for number in 2..=7 {
        project = project.file(&format!("content/a/{number}.jp2"), &jp2);
    }
    let mut build = Command::new(env!("CARGO_BIN_EXE_iiif-build"))
        .args(["-q", "build", "--jobs", "2", "--base-url", BASE_URL, "--root"])
        .arg(project.root())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut seen = BTreeMap::new();
    let ended = loop {
        if let Some(ended) = build.try_wait().unwrap() {
            break ended;
        }
        for worker in children(build.id()) {
            let status = status(&worker);
            if is_at_work(&status) {
                seen.insert(worker, (status["Seccomp"].clone(), status["NoNewPrivs"].clone()));
            }
        }
        sleep(Duration::from_millis(1));
    };
    assert!(ended.success(), "{ended}");
    assert!(seen.len() > 2, "{seen:?}");
    assert!(seen.values().all(|(seccomp, no_new)| seccomp == "2" && no_new == "1"), "{seen:?}");
    assert_proven(&project.site());
    let left = fs::read_dir(project.public().join("iiif/3")).unwrap().count();
    assert_eq!(left, 7, "no staging folder is left");
}
