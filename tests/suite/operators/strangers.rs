//! Places that are not the site's: files of others, other projects, other addresses.

use super::place::{Place, each};
use super::{deployed, fresh};
use crate::archive::{archive, plate};
use crate::project::Project;
use std::fs;

/// Another project, with another base URL and other items.
fn other() -> Project {
    let other = Project::new().with_base_url("https://maps.example.org/archive/");
    (1..=5).for_each(|page| other.write(&format!("content/maps/{page}.tif"), plate(70 + page)));
    other.file("content/collection.toml", "label = \"Maps\"\n")
}

#[test]
fn a_first_deploy_writes_over_nobodys_files_unless_it_is_told_to() {
    each(|place| {
        let project = archive();
        place.is_target_of(&project, "");
        project.built();
        place.put("index.html", b"somebody's page");
        place.put("photos/1.jpg", b"somebody's photo");
        let said = place.refuses(&project, &[], &["no deploy put there", "index.html", "--adopt"]);
        assert!(said.contains("photos/1.jpg"), "{said}");
        let said = place.deployed(&project, &["--adopt", "--dry-run"]);
        assert!(said.contains("1 files") && said.contains("index.html") && !said.contains("photos"), "{said}");
        assert_eq!(place.live()["index.html"], b"somebody's page");
        place.deployed(&project, &["--adopt"]);
        assert_eq!(place.live()["photos/1.jpg"], b"somebody's photo");
        assert_eq!(place.live()["index.html"], project.site().read("index.html"));
        place.deployed(&project, &[]);
    });
}

#[test]
fn two_projects_do_not_take_each_others_place() {
    each(|place| {
        let project = deployed(place);
        let (other, same) = (other(), other().with_base_url(crate::project::BASE_URL));
        place.is_target_of(&other, "");
        other.built();
        place.refuses(&other, &["--delete-now"], &["https://scans.example.org/archive/"]);
        place.is_target_of(&same, "");
        same.built();
        place.refuses(&same, &["--delete-now", "--allow-shrink", "99"], &["another project", "Archive", "--adopt"]);
        place.deployed(&same, &["--delete-now", "--adopt", "--allow-shrink", "99", "--from-stale"]);
        place.assert_shows(&same);
        place.refuses(&project, &["--allow-shrink", "99"], &["another project", "Maps"]);
    });
}

#[test]
fn a_first_deploy_that_died_keeps_the_place_for_its_project() {
    // Only a bucket's lease outlives a process: a folder shows the same by its pointer.
    let place = Place::Folder(tempfile::tempdir().unwrap());
    let project = deployed(&place);
    let Place::Folder(folder) = &place else { return };
    let path = Place::www(folder).join(".iiif-build/pointer.json");
    let mut pointer: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    pointer.as_object_mut().unwrap().remove("published");
    pointer["unfinished"] = "0123".into();
    fs::write(&path, pointer.to_string()).unwrap();
    let other = other().with_base_url(crate::project::BASE_URL);
    place.is_target_of(&other, "");
    other.built();
    place.refuses(&other, &["--allow-shrink", "99"], &["another project"]);
    place.deployed(&project, &[]);
    place.assert_shows(&project);
}

#[test]
fn a_project_is_no_place_to_publish_and_keeps_all_its_files() {
    let victim = archive();
    victim.built();
    let before = fs::read(victim.root().join(".iiif-build/public.sqlite")).unwrap();
    let project = other();
    project.built();
    for folder in [victim.root().to_path_buf(), project.public(), project.root().join("content"), project.root().into()]
    {
        project.write("iiif-build.toml", format!("[deploy.live]\nurl = \"file://{}\"\n", folder.display()));
        let lock = folder.join(".iiif-build/lock");
        let had_lock = lock.exists();
        for arguments in [&["deploy"][..], &["deploy", "--adopt"], &["deploy", "--verify=full", "--adopt"]] {
            let (code, _, said) = crate::cli::run(&project, arguments);
            assert_eq!(code, Some(2), "{said}");
            assert!(said.contains("cannot be used"), "{said}");
        }
        assert_eq!(lock.exists(), had_lock, "{}", folder.display());
    }
    assert_eq!(fs::read(victim.root().join(".iiif-build/public.sqlite")).unwrap(), before);
}

#[test]
fn a_verification_removes_no_private_file_that_is_not_a_deploys() {
    each(|place| {
        let project = deployed(place);
        let theirs = [".iiif-build/notes.txt", ".iiif-build/stores/x/collection.json", ".iiif-build/public.sqlite"];
        // A folder with the last one is a project.
        let theirs = &theirs[..if matches!(place, Place::Folder(_)) { 2 } else { 3 }];
        theirs.iter().for_each(|path| place.put(path, b"theirs"));
        let left = ".iiif-build/kept/0a/left.json";
        place.put(left, b"left behind by a deploy");
        place.deployed(&project, &["--verify=full", "--delete-now"]);
        let has = |path: &str| match place {
            Place::Folder(folder) => Place::www(folder).join(path).exists(),
            Place::Bucket(bucket) => bucket.client.has(path),
        };
        assert!(theirs.iter().all(|path| has(path)) && !has(left));
    });
}

#[test]
fn a_preview_does_not_go_live_and_the_live_site_not_to_staging() {
    each(|place| {
        let project = deployed(place);
        let preview = fresh(&project).with_base_url("https://preview.example.net/42/");
        preview.built();
        place.refuses(&preview, &[], &["https://preview.example.net/42/", crate::project::BASE_URL, "--base-url"]);
        // A first deploy, where the target says where it is.
        place.is_target_of(&project, "base-url = \"https://staging.example.org/archive/\"");
        let said = place.refuses(&project, &[], &["https://staging.example.org/archive/", "build --target live"]);
        assert!(said.contains(crate::project::BASE_URL), "{said}");
    });
}

#[test]
fn a_site_is_built_for_the_address_of_its_target() {
    let (live, staging) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let settings = format!(
        "base-url = \"https://live.example.org/\"\n[deploy.live]\nurl = \"file://{}/www\"\n[deploy.staging]\n\
         url = \"file://{}/www\"\nbase-url = \"https://staging.example.org/\"\n",
        live.path().display(),
        staging.path().display()
    );
    let project = archive().file("iiif-build.toml", settings);
    let run = |arguments: &[&str]| crate::cli::run(&project, arguments);
    let well = |arguments: &[&str]| assert_eq!(run(arguments).0, Some(0), "{arguments:?}: {}", run(arguments).2);
    well(&["build"]);
    well(&["deploy", "live"]);
    let (code, _, said) = run(&["deploy", "staging"]);
    assert!(code == Some(1) && said.contains("build --target staging"), "{said}");
    well(&["build", "--documents", "--target", "staging"]);
    well(&["deploy", "staging"]);
    assert_eq!(run(&["deploy", "live"]).0, Some(1));
    let id = |folder: &std::path::Path| fs::read_to_string(folder.join("www/collection.json")).unwrap();
    assert!(id(live.path()).contains("https://live.example.org/") && !id(live.path()).contains("staging"));
    assert!(
        id(staging.path()).contains("https://staging.example.org/") && !id(staging.path()).contains("live.example")
    );
    assert_eq!(run(&["build", "--target", "nowhere"]).0, Some(2));
    assert_eq!(run(&["build", "--target", "live"]).0, Some(2));
}

#[test]
fn the_address_of_a_target_changes_where_its_settings_say_so() {
    each(|place| {
        let project = deployed(place);
        let moved = project.cloned().with_base_url("https://new.example.org/archive/");
        moved.built();
        place.refuses(&moved, &[], &["[deploy.live]"]);
        place.is_target_of(&moved, "base-url = \"https://new.example.org/archive/\"");
        place.deployed(&moved, &[]);
        place.assert_shows(&moved);
    });
}

#[test]
fn an_address_whose_path_is_not_where_the_files_lie_is_a_warning() {
    each(|place| {
        let project = archive().with_base_url("https://scans.example.org/elsewhere/");
        place.is_target_of(&project, "");
        project.built();
        let said = place.deployed(&project, &["--dry-run"]);
        assert_eq!(said.contains("\"/elsewhere\""), matches!(place, Place::Bucket(_)), "{said}");
        place.is_target_of(&project, "base-url = \"https://scans.example.org/elsewhere/\"");
        assert!(!place.deployed(&project, &[]).contains("\"/elsewhere\""));
    });
}
