//! `tile SOURCE FOLDER`.

use super::{all, run, text};
use crate::draw::{colour, png};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn folder_with_scan() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let scan = folder.path().join("scan.png");
    fs::write(&scan, png(colour(300, 200))).unwrap();
    (folder, scan)
}

/// Is refused, and every file below `folder` is as it was.
#[track_caller]
fn assert_refused(folder: &Path, scan: &Path, target: &Path) {
    let before = all(folder);
    let (code, said) = run(&["tile", text(scan), text(target)]);
    assert_eq!(code, Some(2), "{}: {said}", target.display());
    assert!(said.contains("hint"), "{said}");
    assert!(all(folder) == before, "{}: something changed", target.display());
}

#[test]
fn a_file_stays_a_file_and_above_all_the_image_itself() {
    let (folder, scan) = folder_with_scan();
    let place = |name: &str| folder.path().join(name);
    fs::write(place("notes"), "notes").unwrap();
    fs::create_dir(place("sub")).unwrap();
    fs::hard_link(&scan, place("linked.png")).unwrap();
    for target in ["notes", "scan.png", "sub/../scan.png", "missing/../scan.png", "linked.png"] {
        assert_refused(folder.path(), &scan, &place(target));
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&scan, place("symbolic")).unwrap();
        assert_refused(folder.path(), &scan, &place("symbolic"));
        std::os::unix::fs::symlink(place("nothing"), place("dangling")).unwrap();
        assert_refused(folder.path(), &scan, &place("dangling"));
        rustix::fs::mkfifoat(rustix::fs::CWD, place("fifo"), rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
        assert_refused(folder.path(), &scan, &place("fifo"));
    }
    let (code, said) = run(&["tile", text(&scan), text(&scan), "--force"]);
    assert_eq!(code, Some(2), "not even by force: {said}");
}

#[test]
fn the_folder_of_the_image_is_no_target_and_no_folder_above_it() {
    let (folder, scan) = folder_with_scan();
    assert_refused(folder.path(), &scan, folder.path());
    // Not even if it was made by `tile`.
    let inner = folder.path().join("image");
    assert_eq!(run(&["tile", text(&scan), text(&inner)]).0, Some(0));
    fs::copy(&scan, inner.join("master.png")).unwrap();
    assert_refused(folder.path(), &inner.join("master.png"), &inner);
}

#[test]
fn a_folder_that_tile_did_not_make_stays_whatever_its_files_are_called() {
    let (folder, scan) = folder_with_scan();
    let place = folder.path().join("image");
    fs::create_dir_all(place.join("full/max/0")).unwrap();
    for (name, content) in [
        ("info.json", "{}"),
        ("info.json", "{\"type\": \"ImageService3\", \"profile\": \"level0\"}"),
        ("collection.json", "{}"),
        (".iiif-build", ""),
        (".iiif-build", "{\"program\":\"other\",\"holds\":\"image\"}\n"),
    ] {
        fs::write(place.join("full/max/0/default.jpg"), "a photograph").unwrap();
        fs::write(place.join(name), content).unwrap();
        assert_refused(folder.path(), &scan, &place);
        fs::remove_file(place.join(name)).unwrap();
    }
    // The output of a project has a folder of this name.
    fs::create_dir(place.join(".iiif-build")).unwrap();
    assert_refused(folder.path(), &scan, &place);
}

#[test]
fn its_own_folder_is_replaced_and_the_files_of_others_in_it_stay() {
    let (folder, scan) = folder_with_scan();
    let place = folder.path().join("image");
    assert_eq!(run(&["tile", text(&scan), text(&place), "--tile-size", "64"]).0, Some(0));
    assert!(place.join("0,0,64,64/64,64/0/default.jpg").is_file());
    let info = fs::read(place.join("info.json")).unwrap();
    assert!(!String::from_utf8_lossy(&info).contains("iiif-build"), "info.json has no marker");
    fs::create_dir(place.join("mine")).unwrap();
    for path in ["notes.txt", "full/max/0/notes.txt", "mine/letter.txt"] {
        fs::write(place.join(path), path).unwrap();
    }
    let (code, said) = run(&["tile", text(&scan), text(&place), "--tile-size", "128"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(!place.join("0,0,64,64").exists(), "the old tiles are gone");
    assert!(place.join("0,0,128,128/128,128/0/default.jpg").is_file());
    for path in ["notes.txt", "full/max/0/notes.txt", "mine/letter.txt"] {
        assert_eq!(fs::read(place.join(path)).unwrap(), path.as_bytes());
    }
}

#[test]
fn by_force_a_folder_is_written_into_and_the_files_of_others_in_it_stay() {
    let (folder, scan) = folder_with_scan();
    let place = folder.path().join("image");
    fs::create_dir(&place).unwrap();
    fs::write(place.join("letter.txt"), "a letter").unwrap();
    assert_refused(folder.path(), &scan, &place);
    assert_eq!(run(&["tile", text(&scan), text(&place), "--force"]).0, Some(0));
    assert!(place.join("info.json").is_file());
    assert_eq!(fs::read(place.join("letter.txt")).unwrap(), b"a letter");
    assert_eq!(run(&["tile", text(&scan), text(&place)]).0, Some(0), "now it is our own");
}
