//! Sites that got smaller by accident: masters that are not there, scans that cannot be read.

use super::place::each;
use super::{deployed, fresh};
use crate::archive::{archive, plate};
use crate::project::Project;
use iiif_build::error::Error;
use std::fs;

const SCANS: [&str; 7] = ["a/1.tif", "a/2.tif", "b/1.tif", "b/2.tif", "shelf/c/1.tif", "shelf/d/1.tif", "e/1.tif"];

fn pointer(path: &str) -> String {
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{:0>64}\nsize 123456\n", path.len())
}

/// Replaces all scans that are there.
fn replace_scans(project: &Project, with: impl Fn(&str) -> Option<Vec<u8>>) {
    for scan in SCANS {
        let path = format!("content/{scan}");
        if project.root().join(&path).exists() {
            project.remove(&path);
            with(scan).into_iter().for_each(|bytes| project.write(&path, bytes));
        }
    }
}

/// Builds whatever comes of it; what was said.
fn built_badly(project: &Project) -> Vec<Error> {
    project.try_build().map_or_else(|error| vec![error], |report| report.failures)
}

#[test]
fn a_clone_without_masters_takes_nothing_from_the_site() {
    each(|place| {
        let project = deployed(place);
        for clone in [fresh(&project), project.cloned()] {
            replace_scans(&clone, |_| None);
            built_badly(&clone);
            place.refuses(&clone, &["--delete-now"], &[]);
        }
        let clone = fresh(&project);
        clone.remove("content");
        fs::create_dir(clone.root().join("content")).unwrap();
        built_badly(&clone);
        let said = place.refuses(&clone, &[], &["8 of 8 images", "4 of 4 items", "--allow-shrink 8"]);
        assert!(said.contains("nothing was written"), "{said}");
        place.refuses(&clone, &["--allow-shrink", "7"], &["--allow-shrink 8"]);
        place.assert_shows(&project);
    });
}

#[test]
fn pointers_instead_of_scans_are_named_with_the_command_that_fetches_them() {
    each(|place| {
        let project = deployed(place);
        let annex = |scan: &str| format!("/annex/objects/SHA256E-s1--{}.tif\n", scan.len());
        for (stand_in, hint) in [
            (&(|scan: &str| pointer(scan).into_bytes()) as &dyn Fn(&str) -> Vec<u8>, "git lfs pull"),
            (&|scan| annex(scan).into_bytes(), "git annex get"),
            (&|_| vec![], "Fetch it again"),
        ] {
            let clone = fresh(&project);
            replace_scans(&clone, |scan| Some(stand_in(scan)));
            let failures = built_badly(&clone);
            let of_scans: Vec<_> = failures.iter().filter(|error| error.code() == "not-fetched").collect();
            assert_eq!(of_scans.len(), 6, "{failures:?}");
            assert!(of_scans.iter().all(|error| error.hint().is_some_and(|told| told.contains(hint))), "{of_scans:?}");
            place.refuses(&clone, &[], &["images", "items", "--allow-shrink"]);
        }
    });
}

#[cfg(unix)]
#[test]
fn links_into_an_annex_and_placeholders_of_a_cloud_are_named() {
    let project = archive();
    project.remove("content/a/1.tif");
    let target = "../../.git/annex/objects/Xx/1.tif";
    std::os::unix::fs::symlink(target, project.root().join("content/a/1.tif")).unwrap();
    project.write("content/a/.2.tif.icloud", "bplist00");
    project.remove("content/a/2.tif");
    let failures = built_badly(&project);
    for (file, hint) in [("1.tif", "git annex get"), ("2.tif", "download")] {
        let is_told = |error: &&Error| error.path().is_some_and(|path| path.ends_with(format!("a/{file}")));
        let told = failures.iter().find(is_told).unwrap_or_else(|| panic!("{file}: {failures:?}"));
        assert_eq!(told.code(), "not-fetched");
        assert!(told.hint().unwrap().contains(hint), "{told:?}");
    }
}

#[test]
fn a_pointer_is_published_neither_as_text_nor_as_a_linked_file_nor_as_a_recording() {
    let lfs = pointer("x");
    let project = archive()
        .file("content/a/1.txt", &lfs)
        .file("content/a/map.pdf", &lfs)
        .file("content/sound/1.mp3", &lfs)
        .file("content/sound/item.toml", "[pages.\"1.mp3\"]\nduration = 3.0\n")
        .file("content/a/item.toml", "rendering = [{ file = \"map.pdf\", label = \"Map\" }]\n");
    built_badly(&project);
    for (path, bytes) in project.site().contents("") {
        assert!(!String::from_utf8_lossy(&bytes).contains("git-lfs"), "{path}");
    }
    project.write("static/plan.pdf", &lfs);
    assert!(built_badly(&project).iter().any(|error| error.path().is_some_and(|path| path.ends_with("plan.pdf"))));
    assert!(!project.site().files("").contains("plan.pdf"));
}

#[test]
fn four_broken_scans_of_six_are_missed_and_one_of_a_whole_item_too() {
    each(|place| {
        let project = archive();
        for page in 1..=6 {
            project.write(&format!("content/f/{page}.tif"), plate(100 + page));
        }
        ["a", "b", "shelf"].iter().for_each(|folder| project.remove(&format!("content/{folder}")));
        place.is_target_of(&project, "");
        project.built();
        place.deployed(&project, &[]);
        for clone in [fresh(&project), project.cloned()] {
            (1..=4).for_each(|page| clone.write(&format!("content/f/{page}.tif"), "no image"));
            assert_eq!(built_badly(&clone).len(), 4);
            place.refuses(&clone, &[], &["4 of 6 images", "--allow-shrink 4", "could not build"]);
            place.refuses(&clone, &["--allow-shrink", "3"], &["--allow-shrink 4"]);
        }
        project.write("content/f/1.tif", "no image");
        built_badly(&project);
        place.refuses(&project, &[], &["1 of 6 images"]);
        place.deployed(&project, &["--allow-shrink", "1"]);
        // What was allowed once is not asked again.
        project.write("content/f/item.toml", "label = \"Pages\"\n");
        built_badly(&project);
        place.deployed(&project, &[]);
    });
}

#[test]
fn an_item_that_was_removed_may_go_and_two_may_not_unless_somebody_says_so() {
    each(|place| {
        let project = deployed(place);
        project.remove("content/shelf/d");
        project.built();
        place.deployed(&project, &["--delete-now"]);
        place.assert_shows(&project);
        project.remove("content/shelf/c");
        project.built();
        place.refuses(&project, &["--delete-now"], &["1 of 3 items", "--allow-shrink 1"]);
        place.deployed(&project, &["--delete-now", "--allow-shrink", "1"]);
        place.assert_shows(&project);
        place.is_target_of(&project, "max-shrink = 100");
        project.remove("content/b");
        project.built();
        place.deployed(&project, &["--delete-now"]);
        place.assert_shows(&project);
    });
}

#[test]
fn an_item_whose_scans_broke_is_missed_although_it_is_one_of_many() {
    each(|place| {
        let project = archive();
        for item in 0..30 {
            project.write(&format!("content/many/{item}/1.tif"), plate(item));
        }
        place.is_target_of(&project, "");
        project.built();
        place.deployed(&project, &[]);
        for clone in [fresh(&project), project.cloned()] {
            clone.write("content/many/7/1.tif", "no image");
            built_badly(&clone);
            place.refuses(&clone, &[], &["1 of 34 items", "many/7/manifest.json"]);
        }
    });
}

#[test]
fn more_files_than_may_be_deleted_are_not_retired_either() {
    each(|place| {
        let project = deployed(place);
        project.remove("content/shelf/d");
        project.built();
        place.is_target_of(&project, "max-delete = 3");
        place.refuses(&project, &[], &["retire", "max-delete"]);
        place.is_target_of(&project, "");
        place.deployed(&project, &[]);
    });
}
