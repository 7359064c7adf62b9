//! Folders as targets: what a killed deploy leaves there, and what deletions leave.

use super::deployed;
use super::place::Place;
use std::fs;
use std::path::Path;

fn folder() -> Place {
    Place::Folder(tempfile::tempdir().unwrap())
}

fn root(place: &Place) -> std::path::PathBuf {
    let Place::Folder(folder) = place else { panic!("no folder") };
    Place::www(folder)
}

/// As if a deploy had been killed while it wrote.
fn interrupt(place: &Place) {
    let mut pointer = place.pointer();
    pointer["unfinished"] = "0123".into();
    place.set_pointer(&pointer);
}

const HALVES: [&str; 3] = ["iiif/3/a_1/full/max/0/default.jpg#1", "a/manifest.json#1", ".iiif-build/pointer.json#2"];

#[test]
fn half_written_files_of_a_killed_deploy_go_with_the_next_one() {
    let place = folder();
    let project = deployed(&place);
    HALVES.iter().for_each(|path| place.put(path, b"half"));
    place.put("notes/track#1", b"theirs");
    place.deployed(&project, &["--dry-run"]);
    interrupt(&place);
    let said = place.deployed(&project, &["--from-stale"]);
    assert!(said.contains("3 half-written files"), "{said}");
    assert!(HALVES.iter().all(|path| place.read(path).is_none()));
    assert!(place.read("notes/track#1").is_some());
}

#[test]
fn a_verification_sees_half_written_files() {
    let place = folder();
    let project = deployed(&place);
    HALVES.iter().for_each(|path| place.put(path, b"half"));
    place.put("notes/track#1", b"theirs");
    let said = place.deployed(&project, &["--verify", "--dry-run"]);
    assert!(said.contains("3 half-written") && said.contains("notes/track#1"), "{said}");
    assert!(HALVES.iter().all(|path| place.read(path).is_some()));
    place.deployed(&project, &["--verify=full", "--delete-strangers"]);
    assert!(HALVES.iter().all(|path| place.read(path).is_none()));
    assert!(place.read("notes/track#1").is_some());
    place.delete("notes/track#1");
    place.assert_shows(&project);
}

/// The folders below `folder` that hold nothing.
fn empty_folders(folder: &Path) -> Vec<String> {
    let entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let below = entries.iter().filter(|path| path.is_dir()).flat_map(|path| empty_folders(path));
    let own = entries.is_empty().then(|| folder.display().to_string());
    below.chain(own).collect()
}

#[test]
fn no_empty_folder_stays_where_something_was() {
    let place = folder();
    let project = deployed(&place);
    project.remove("content/shelf/d");
    project.built();
    place.deployed(&project, &["--delete-now", "--allow-shrink", "9"]);
    assert!(!root(&place).join("shelf/d").exists() && !root(&place).join("iiif/3/shelf-d_1").exists());
    assert_eq!(empty_folders(&root(&place)), Vec::<String>::new());
    place.put("shelf/d/note.txt", b"theirs");
    project.remove("content/shelf");
    project.built();
    place.deployed(&project, &["--delete-now", "--allow-shrink", "9"]);
    assert!(place.read("shelf/d/note.txt").is_some());
    assert_eq!(empty_folders(&root(&place)), Vec::<String>::new());
}
