//! One build at a time writes an output; the kernel frees the lock of one that dies.

use super::{PATIENCE, Running, slow_project};
use crate::archive::assert_as_clean;
use crate::project::Project;
use crate::told::Told;
use rustix::process::Signal;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A build that is stopped in the middle of its work.
fn stopped(project: &Project) -> Running {
    let mut build = Running::start(project, &[]);
    build.wait_until("an image is made", |build| !build.said().images().is_empty());
    build.signal(Signal::STOP);
    build
}

#[test]
fn a_second_build_of_the_same_output_is_refused_with_a_word() {
    let project = slow_project(6, 500);
    let first = stopped(&project);
    let start = Instant::now();
    let second = Told::by(&project, &[]);
    assert_eq!(second.code, Some(1), "{}", second.said);
    assert!(second.said.contains("another build"), "{}", second.said);
    assert!(second.made_nothing() && start.elapsed() < Duration::from_secs(15));
    first.signal(Signal::CONT);
    assert_eq!(first.end(PATIENCE).code, Some(0));
    assert_as_clean(&project);
}

#[test]
fn a_second_build_waits_for_one_that_soon_ends_and_does_nothing_twice() {
    let project = slow_project(6, 500);
    let first = stopped(&project);
    let mut second = Running::start(&project, &[]);
    sleep(Duration::from_millis(700));
    assert!(second.is_running() && second.said().made_nothing(), "{}", second.said().said);
    first.signal(Signal::CONT);
    let (first, second) = (first.end(PATIENCE), second.end(PATIENCE));
    assert_eq!((first.code, second.code), (Some(0), Some(0)), "{} {}", first.said, second.said);
    assert_eq!((first.images().len(), second.images().len()), (6, 0));
    assert_as_clean(&project);
}

#[test]
fn a_build_of_another_output_is_not_held_up() {
    let project = slow_project(6, 500);
    let _first = stopped(&project);
    let other = project.root().join("other");
    Told::by(&project, &["--output", other.to_str().unwrap()]).well();
}

#[test]
fn a_build_that_died_locks_nobody_out() {
    let project = slow_project(6, 500);
    let first = stopped(&project);
    first.signal(Signal::KILL);
    first.end(PATIENCE);
    let start = Instant::now();
    Told::by(&project, &[]).well();
    assert!(start.elapsed() < PATIENCE);
    assert_as_clean(&project);
}
