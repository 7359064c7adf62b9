//! Builds into a store: images go there as they are made, and none stays here.

use super::faulty::{Faults, Faulty, contents};
use super::{assert_holds, consenting, edit, expire, named, target, wait};
use crate::archive::archive;
use crate::cli;
use crate::project::Project;
use iiif_build::build::build_with;
use iiif_build::build::progress::Silent;
use iiif_build::error::Result;
use iiif_build::publish::deploy::{Options, Report, StreamingDeploy, deploy};
use iiif_build::storage::store::Store;
use object_store::memory::InMemory;
use std::sync::Arc;

fn small_tiles() -> Project {
    archive().file("iiif-build.toml", "[images]\ntile-size = 64\n")
}

/// How many images were made, and what was put afterwards.
fn stream(project: &Project, store: &Store, grace: u64) -> Result<(u64, Report)> {
    let (config, target) = (project.config()?, target(grace));
    let options = consenting(Options::default());
    let streaming = StreamingDeploy::new(&config, named(&target), store, &options, &Silent)?;
    let built = match streaming.during(|| build_with(&config, Some(&streaming), &Silent)) {
        Ok(built) => built,
        Err(error) => {
            streaming.give_up();
            return Err(error);
        }
    };
    drop(streaming);
    assert!(built.failures.is_empty(), "{:?}", built.failures);
    let report = deploy(&config, named(&target), store, options, &Silent)?;
    Ok((built.images, report))
}

/// What lies in the output of images.
fn here(project: &Project) -> Vec<String> {
    project.site().files("iiif").into_iter().filter(|file| !file.ends_with("/info.json")).collect()
}

/// Ships while somebody reads; the store then holds what a build into a folder makes.
fn streamed(project: &Project, objects: &InMemory) -> (u64, Arc<Faulty>) {
    let reference = project.afresh();
    reference.built();
    let store = wait(Faulty::over(objects.clone(), Faults::default(), Some(reference.public())));
    let (images, _) = stream(project, &store.store(), 0).unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(store.seen.lock().unwrap().lost, Vec::<String>::new());
    assert_holds(objects, &reference);
    assert_eq!(here(project), Vec::<String>::new());
    (images, store)
}

#[test]
fn a_site_goes_up_as_it_is_built_and_no_tile_stays_here() {
    let (project, objects) = (small_tiles(), InMemory::new());
    let (images, store) = streamed(&project, &objects);
    assert!(images > 4 && store.seen.lock().unwrap().listings == 2);
    let (images, store) = streamed(&project, &objects);
    let seen = store.seen.lock().unwrap();
    // Of the two halves each looks once.
    assert!(images == 0 && seen.put.is_empty() && seen.requests <= 4, "{}", seen.requests);
}

#[test]
fn after_a_change_only_what_changed_is_made_and_put() {
    let (project, objects) = (small_tiles(), InMemory::new());
    streamed(&project, &objects);
    edit(&project);
    let (images, store) = streamed(&project, &objects);
    let seen = store.seen.lock().unwrap();
    let is_put = |id: &str| seen.put.iter().any(|path| path.starts_with(&format!("iiif/3/{id}/")));
    assert_eq!(["a_1", "a_2", "b_1", "b_2-1", "e_1"].map(is_put), [false, true, true, false, true]);
    assert_eq!(images, 3);
}

#[test]
fn what_the_store_lost_or_this_machine_forgot_is_made_again() {
    let (project, objects) = (small_tiles(), InMemory::new());
    let (all, _) = streamed(&project, &objects);
    let (again, _) = streamed(&project.afresh(), &objects);
    assert_eq!(again, all);
    let (again, _) = streamed(&project, &InMemory::new());
    assert_eq!(again, all);
}

#[test]
fn a_deploy_that_died_anywhere_while_images_were_made_is_continued() {
    let (project, first) = (small_tiles(), InMemory::new());
    streamed(&project, &first);
    let before = project.cloned();
    project.write("content/b/1.tif", crate::archive::plate(31));
    project.write("content/a/2.tif", crate::archive::plate(32));
    project.remove("content/shelf/d");
    let changed = project.cloned();
    let whole = streamed(&changed, &first.fork()).1.seen.lock().unwrap().requests;
    let reference = project.afresh();
    reference.built();
    for round in 0..12 {
        let (project, objects) = (project.cloned(), first.fork());
        let faults = Faults { dies_after: Some(whole * round / 12), ..Faults::default() };
        let dying = wait(Faulty::over(objects.clone(), faults, Some(reference.public())));
        // It may have died of what is done by the way, after all is there.
        let _ = stream(&project, &dying.store(), 3600);
        assert_eq!(dying.seen.lock().unwrap().lost, Vec::<String>::new());
        if round % 3 == 0 {
            expire(&objects);
            streamed(&before.cloned(), &objects);
            expire(&objects);
        }
        streamed(&project, &objects);
    }
}

#[test]
fn what_was_replaced_while_it_was_built_can_be_gone_back_to() {
    let (project, objects) = (small_tiles(), InMemory::new());
    streamed(&project, &objects);
    let before = project.afresh();
    before.built();
    project.write("content/b/1.tif", crate::archive::plate(31));
    let store = wait(Faulty::over(objects.clone(), Faults::default(), None));
    stream(&project, &store.store(), 3600).unwrap();
    let config = project.config().unwrap();
    let back = iiif_build::publish::deploy::roll_back;
    back(&config, named(&target(3600)), &store.store(), Options::default(), &Silent).unwrap();
    let there = wait(contents(&objects));
    for (path, bytes) in before.site().contents("") {
        assert!(there.get(&path).is_some_and(|(put, _)| *put == bytes), "{path}");
    }
    // What is here is not what is there: it is put again.
    streamed(&project, &objects);
}

/// Of the images that are away, and of the documents that are here.
#[test]
fn what_somebody_damaged_in_the_store_is_found_by_a_build_that_verifies() {
    let web = tempfile::tempdir().unwrap();
    let (project, www) = (cli::project(), web.path().join("www"));
    let url = format!("file://{}", www.display());
    let build = |more: &[&str]| {
        let arguments = ["build", "--output", &url, "--base-url", "https://a.example/x/"];
        let (code, out, said) = cli::run(&project, &[&arguments[..], more].concat());
        assert_eq!(code, Some(0), "{said}");
        out + &said
    };
    build(&[]);
    let there = crate::site::Site { root: www.clone(), ..project.site() };
    let contents = there.contents("");
    let tiles: Vec<_> = contents.keys().filter(|path| path.ends_with("default.jpg")).collect();
    std::fs::write(www.join(tiles[0]), contents[tiles[0]].iter().map(|byte| !byte).collect::<Vec<_>>()).unwrap();
    std::fs::remove_file(www.join(tiles[tiles.len() - 1])).unwrap();
    std::fs::write(www.join("index.html"), "").unwrap();
    build(&[]);
    assert_eq!(there.read("index.html"), b"");
    build(&["--verify"]);
    let again = there.contents("");
    let public = |path: &&String| !path.starts_with(".iiif-build/");
    assert!(contents.keys().filter(public).eq(again.keys().filter(public)));
    for path in contents.keys().filter(public) {
        assert!(contents[path] == again[path], "{path}");
    }
    assert!(!build(&["--verify"]).contains("not as they should be"));
}

#[test]
fn what_a_strict_build_refuses_changes_nothing_in_the_store_and_what_lacks_images_there_is_refused() {
    let web = tempfile::tempdir().unwrap();
    let www = web.path().join("www");
    let url = format!("file://{}", www.display());
    let project = cli::project();
    let build = |more: &[&str]| {
        let arguments = ["build", "--output", &url, "--base-url", "https://a.example/x/"];
        let (code, _, said) = cli::run(&project, &[&arguments[..], more].concat());
        (code, said)
    };
    assert_eq!(build(&[]).0, Some(0));
    let there = crate::site::Site { root: www.clone(), ..project.site() };
    let before = there.contents("");
    project.write("content/gap/1.tif", crate::archive::plate(41));
    project.write("content/gap/2.tif", crate::archive::plate(41));
    let (code, said) = build(&["--strict"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(there.contents("") == before, "{said}");

    std::fs::remove_dir_all(www.join(".iiif-build")).unwrap();
    let (code, said) = build(&["--only", "gap", "--adopt"]);
    assert!(code == Some(1) && said.contains("lacks images"), "{code:?} {said}");
    let (code, said) = build(&["--adopt"]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn the_program_builds_into_a_store() {
    let web = tempfile::tempdir().unwrap();
    let url = format!("file://{}", web.path().join("www").display());
    let project = cli::project();
    for _ in 0..2 {
        let (code, _, said) = cli::run(&project, &["build", "--output", &url, "--base-url", "https://a.example/x/"]);
        assert_eq!(code, Some(0), "{said}");
    }
    assert!(!project.public().exists());
    let (code, _, said) = cli::run(&project, &["build", "--base-url", "https://a.example/x/"]);
    assert_eq!(code, Some(0), "{said}");
    let mut there = crate::site::Site { root: web.path().join("www"), ..project.site() }.contents("");
    there.retain(|path, _| !path.starts_with(".iiif-build/"));
    assert_eq!(there, project.site().contents(""));
    let (code, _, said) = cli::run(&project, &["watch", "--output", &url]);
    assert!(code == Some(2) && said.contains("only `build`"), "{said}");
}
