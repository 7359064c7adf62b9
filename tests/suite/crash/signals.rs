//! SIGINT and SIGTERM: what is in hand is finished and kept. A second signal ends at once.

use super::{PATIENCE, Running, has_partial, is_gone, slow_project};
use crate::archive::{assert_as_clean, assert_at_rest};
use crate::told::Told;
use rustix::process::Signal;
use std::thread::sleep;
use std::time::{Duration, Instant};

const IMAGES: u32 = 12;

#[test]
fn a_signal_saves_what_is_done_says_how_to_go_on_and_the_next_build_does_the_rest() {
    for signal in [Signal::TERM, Signal::INT] {
        let project = slow_project(IMAGES, 500);
        let mut build = Running::start(&project, &[]);
        build.wait_until("an image is made", |build| !build.said().images().is_empty());
        build.signal(signal);
        let interrupted = build.end(PATIENCE);
        assert!(interrupted.code.is_some_and(|code| code != 0), "{:?}: {}", interrupted.code, interrupted.said);
        assert!(interrupted.said.contains("again"), "no word how to go on: {}", interrupted.said);
        assert!(!has_partial(&project.public()), "a half image is left");
        let first = interrupted.images();
        assert!(first.len() < IMAGES as usize, "all was made before the signal came");

        let second = Told::by(&project, &[]).well().images();
        assert_eq!(first.intersection(&second).count(), 0, "made twice");
        assert_eq!(first.len() + second.len(), IMAGES as usize);
        assert_as_clean(&project);
        assert_at_rest(&project);
    }
}

#[test]
fn an_image_in_hand_is_finished_and_kept() {
    let project = slow_project(6, 1000);
    let mut build = Running::start(&project, &[]);
    build.wait_until("an image is in hand", |_| has_partial(&project.public()));
    build.signal(Signal::TERM);
    let told = build.end(PATIENCE);
    assert!(told.code.is_some_and(|code| code != 0), "{:?} {}", told.code, told.said);
    assert!((1..6).contains(&told.images().len()), "{}", told.said);
    assert!(Told::by(&project, &[]).well().images().is_disjoint(&told.images()), "made again");
    assert_as_clean(&project);
}

/// As Ctrl-C in a terminal does it: the workers get it too.
#[test]
fn a_signal_to_the_whole_process_group_costs_no_image() {
    let project = slow_project(IMAGES, 500);
    let mut build = Running::start(&project, &[]);
    build.wait_until("an image is made", |build| !build.said().images().is_empty());
    build.signal_all(Signal::INT);
    let told = build.end(PATIENCE);
    assert!(told.code.is_some_and(|code| code != 0) && told.said.contains("again"), "{:?} {}", told.code, told.said);
    assert_eq!(told.events("error").filter(|error| error["kind"] == "image").count(), 0, "{}", told.said);
    Told::by(&project, &[]).well();
    assert_as_clean(&project);
}

#[test]
fn a_second_signal_ends_at_once() {
    let project = slow_project(2, 2500);
    let mut build = Running::start(&project, &[]);
    build.wait_until("an image is in hand", |_| has_partial(&project.public()));
    build.signal(Signal::TERM);
    sleep(Duration::from_millis(50));
    assert!(build.is_running(), "the images were no work");
    build.signal(Signal::TERM);
    let workers = build.children();
    build.end(Duration::from_secs(1));
    assert_all_end(&workers);
    Told::by(&project, &[]).well();
    assert_as_clean(&project);
}

#[test]
fn no_worker_outlives_a_build_that_is_killed() {
    let project = slow_project(2, 2500);
    let mut build = Running::start(&project, &[]);
    build.wait_until("an image is in hand", |_| has_partial(&project.public()));
    let workers = build.children();
    assert!(!workers.is_empty(), "no worker was found");
    build.signal(Signal::KILL);
    build.child.wait().unwrap();
    assert_all_end(&workers);
}

fn assert_all_end(workers: &[u32]) {
    let start = Instant::now();
    while let Some(alive) = workers.iter().find(|worker| !is_gone(**worker)) {
        assert!(start.elapsed() < Duration::from_secs(1), "worker {alive} is alive after its build");
        sleep(Duration::from_millis(5));
    }
}
