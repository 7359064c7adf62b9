//! Builds that are not whole, and notes that cannot be used.

use super::place::{Place, each};
use super::{deployed, fresh};
use crate::cli;
use crate::project::Project;
use iiif_build::build::build;
use iiif_build::build::progress::{Event, Observer};
use iiif_build::error::ErrorKind;
use std::fs;

/// Both with the records of earlier builds and without.
fn each_clone(place: &Place, test: impl Fn(&Project)) {
    let project = deployed(place);
    test(&fresh(&project));
    test(&project.cloned());
}

#[test]
fn a_build_that_failed_is_not_deployed_and_the_site_stays() {
    each(|place| {
        each_clone(place, |clone| {
            for (path, text) in [
                ("content/collection.toml", "label = Letters\n"),
                ("content/collection.toml", "labell = \"Letters\"\n"),
                ("templates/item.html", "{% if %}"),
            ] {
                let before = fs::read(clone.root().join(path)).ok();
                clone.write(path, text);
                clone.refused();
                place.refuses(clone, &["--delete-now"], &["the last build ended with an error", "iiif-build build"]);
                before.map_or_else(|| clone.remove(path), |before| clone.write(path, before));
            }
            clone.built();
            place.deployed(clone, &[]);
            place.assert_shows(clone);
        });
    });
}

#[test]
fn a_typo_ends_both_commands_of_the_documentation_and_the_site_stays() {
    each(|place| {
        let project = deployed(place);
        let clone = fresh(&project);
        clone.write("content/collection.toml", "label = Letters\n");
        assert_eq!(cli::run(&clone, &["build", "--base-url", crate::project::BASE_URL]).0, Some(2));
        place.refuses(&clone, &["--delete-now"], &["the last build"]);
        place.assert_shows(&project);
    });
}

#[test]
fn what_a_strict_build_refused_is_not_deployed() {
    each(|place| {
        each_clone(place, |clone| {
            clone.write("content/a/4.tif", crate::archive::plate(40));
            clone.write("content/a/5.tif", crate::archive::plate(50));
            let mut config = clone.config().unwrap();
            config.strict = true;
            assert!(build(&config, &iiif_build::build::progress::Silent).unwrap().refused.is_some());
            place.refuses(clone, &[], &["strict"]);
        });
    });
}

/// Ends a build when its images are being made, or before.
struct Impatient {
    stage: &'static str,
    is_over: std::sync::atomic::AtomicBool,
}

impl Observer for Impatient {
    fn event(&self, event: Event<'_>) {
        if let Event::StageStarted { stage, .. } = event
            && stage.name() == self.stage
        {
            self.is_over.store(true, std::sync::atomic::Ordering::SeqCst);
        }
    }

    fn is_cancelled(&self) -> bool {
        self.is_over.load(std::sync::atomic::Ordering::SeqCst)
    }
}

#[test]
fn a_build_that_was_interrupted_is_not_deployed() {
    each(|place| {
        each_clone(place, |clone| {
            clone.write("content/e/1.tif", crate::archive::plate(60));
            let impatient = Impatient { stage: "tile", is_over: false.into() };
            let error = build(&clone.config().unwrap(), &impatient).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Interrupted);
            place.refuses(clone, &[], &["the last build", "iiif-build build"]);
            clone.built();
            place.deployed(clone, &[]);
            place.assert_shows(clone);
        });
    });
}

#[test]
fn a_preview_whose_images_are_still_to_be_made_is_not_deployed() {
    each(|place| {
        let clone = fresh(&deployed(place));
        let mut config = clone.config().unwrap();
        config.defer_beyond = Some(1);
        assert!(!build(&config, &iiif_build::build::progress::Silent).unwrap().deferred.is_empty());
        place.refuses(&clone, &["--delete-now"], &["preview"]);
    });
}

#[test]
fn a_site_without_its_root_collection_is_not_deployed() {
    each(|place| {
        let project = deployed(place);
        project.remove("public/collection.json");
        place.refuses(&project, &[], &["root collection"]);
    });
}

#[test]
fn notes_that_cannot_be_used_stay_as_they_are_and_nothing_is_deployed_until_the_next_build() {
    let spoil: [fn(&std::path::Path); 3] = [
        |path| fs::write(path, &fs::read(path).unwrap()[..5000]).unwrap(),
        |path| fs::write(path, "not a database, but long enough to be taken for one ".repeat(99)).unwrap(),
        |path| {
            let state = rusqlite::Connection::open(path).unwrap();
            state.pragma_update(None, "user_version", 99).unwrap();
        },
    ];
    each(|place| {
        let project = deployed(place);
        for spoil in spoil {
            let clone = project.cloned();
            spoil(&clone.root().join(".iiif-build/public.sqlite"));
            for _ in 0..2 {
                place.refuses(&clone, &["--delete-now"], &["the file stays as it is", "iiif-build build"]);
            }
            clone.built();
            place.deployed(&clone, &[]);
            place.assert_shows(&clone);
        }
    });
}
