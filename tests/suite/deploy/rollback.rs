//! Going back to what a deploy replaced.

use super::faulty::{Faults, Faulty, contents};
use super::{assert_holds, built, change, expire, named, put, put_so, put_well, target, wait};
use crate::project::Project;
use iiif_build::build::progress::Silent;
use iiif_build::error::Result;
use iiif_build::publish::deploy::{Options, Report, roll_back};
use iiif_build::storage::store::Store;
use object_store::memory::InMemory;
use std::sync::Arc;

const HOUR: u64 = 3600;

fn back(project: &Project, store: &Store) -> Result<Report> {
    roll_back(&project.config().unwrap(), named(&target(HOUR)), store, Options::default(), &Silent)
}

fn faulty(objects: &InMemory, faults: Faults, reads: &Project) -> Arc<Faulty> {
    wait(Faulty::over(objects.clone(), faults, Some(reads.public())))
}

/// What was there, as it was built, and a store that holds what came after it.
fn replaced() -> (Project, Project, InMemory) {
    let (project, objects) = (built(), InMemory::new());
    put_well(&project, &objects);
    let before = project.cloned();
    change(&project);
    let store = faulty(&objects, Faults::default(), &project);
    let report = put(&project, &store.store(), HOUR).unwrap();
    assert!(report.copied > 0 && store.seen.lock().unwrap().lost.is_empty(), "{report:?}");
    (before, project, objects)
}

/// All that was built `before` lies there; more may.
fn assert_shows(objects: &InMemory, before: &Project) {
    let there = wait(contents(objects));
    for (path, bytes) in before.site().contents("") {
        assert!(there.get(&path).is_some_and(|(put, _)| *put == bytes), "{path}");
    }
}

fn private(objects: &InMemory) -> usize {
    use futures_util::StreamExt;
    use object_store::ObjectStore;
    let prefix = object_store::path::Path::from(iiif_build::storage::store::PRIVATE);
    wait(objects.list(Some(&prefix)).count())
}

#[test]
fn a_site_goes_back_to_what_was_replaced_before_the_eyes_of_readers() {
    let (before, project, objects) = replaced();
    // From a machine on which nothing was built.
    let elsewhere = Project::new();
    let store = faulty(&objects, Faults::default(), &before);
    let report = back(&elsewhere, &store.store()).unwrap();
    assert_eq!(store.seen.lock().unwrap().lost, Vec::<String>::new());
    assert!(report.files() > 0 && report.files() < before.site().files("").len() as u64, "{report:?}");
    assert_shows(&objects, &before);
    // Copies are gone with the way back: pointer, state and log are left.
    assert_eq!(private(&objects), 3);
    let none = back(&elsewhere, &store.store()).unwrap_err();
    assert!(none.message().contains("no earlier state"), "{none:?}");
    // What the second site alone had goes when its time is over, and nothing else.
    let (again, _) = put_well(&before, &objects);
    assert!(again.files() == 0 && again.deleted == report.waiting, "{again:?}");
    put_well(&project, &objects);
}

#[test]
fn only_the_last_site_is_kept_and_no_longer_than_the_grace_time() {
    let (_, project, objects) = replaced();
    let second = project.cloned();
    project.write("content/a/item.toml", "label = \"Maps\"\n");
    project.built();
    let store = faulty(&objects, Faults::default(), &project);
    put(&project, &store.store(), HOUR).unwrap();
    let kept = private(&objects);
    assert_eq!(put(&project, &store.store(), HOUR).unwrap().files(), 0);
    back(&project, &store.store()).unwrap();
    assert_shows(&objects, &second);
    put(&project, &store.store(), HOUR).unwrap();
    assert_eq!(private(&objects), kept);
    put_so(&project, &store.store(), HOUR, Options { delete_now: true, ..Options::default() }).unwrap();
    assert_holds(&objects, &project);
    // Pointer, state, log and the records of the build.
    assert_eq!(private(&objects), 4);
    assert!(back(&project, &store.store()).is_err());
}

#[test]
fn copies_of_a_deploy_that_died_while_it_made_them_are_no_reason_to_lose_the_next_ones() {
    let (project, objects) = (built(), InMemory::new());
    put_well(&project, &objects);
    let before = project.cloned();
    change(&project);
    let dying = faulty(&objects, Faults { dies_after: Some(20), ..Faults::default() }, &project);
    put(&project, &dying.store(), HOUR).unwrap_err();
    assert!(private(&objects) > 2);
    let store = faulty(&objects, Faults::default(), &project);
    let verify = Options { verify: Some(iiif_build::publish::deploy::Verify::Full), ..Options::default() };
    put_so(&project, &store.store(), HOUR, verify).unwrap();
    back(&project, &store.store()).unwrap();
    assert_shows(&objects, &before);
    put_well(&before, &objects);
}

#[test]
fn from_a_deploy_that_died_anywhere_a_site_goes_back_and_a_way_back_that_died_is_gone_on_with() {
    let (project, first) = (built(), InMemory::new());
    put_well(&project, &first);
    let before = project.cloned();
    change(&project);
    let count = |objects: &InMemory| {
        let store = faulty(objects, Faults::default(), &project);
        put(&project, &store.store(), HOUR).unwrap();
        store.seen.lock().unwrap().requests
    };
    let whole = count(&first.fork());
    for round in 0..12 {
        let objects = first.fork();
        let dies_after = |requests| Faults { dies_after: Some(requests), ..Faults::default() };
        let dying = faulty(&objects, dies_after(whole * round / 12), &project);
        // It may have died of what is done by the way, after all is there.
        let _ = put(&project, &dying.store(), HOUR);
        if round % 4 == 0 {
            // Gone on with, from something else again.
            project.write("content/b/1.tif", crate::archive::plate(100 + round as u8));
            project.built();
            let store = faulty(&objects, Faults::default(), &project);
            put(&project, &store.store(), HOUR).unwrap();
        }
        let store = faulty(&objects, dies_after(7 + round * 6), &before);
        let died = back(&project, &store.store());
        assert!(store.seen.lock().unwrap().lost.is_empty(), "{round}");
        if died.is_err() {
            if round % 3 == 0 {
                expire(&objects);
            }
            let store = faulty(&objects, Faults::default(), &before);
            match back(&project, &store.store()) {
                Ok(_) => {}
                // It had died before anything was put at all, or after all was.
                Err(none) => {
                    assert!(none.message().contains("no earlier state"), "{round}: {none:?}");
                    expire(&objects);
                }
            }
            assert!(store.seen.lock().unwrap().lost.is_empty(), "{round}");
        }
        assert_shows(&objects, &before);
        put_well(&before, &objects);
    }
}
