//! Files of others in the output of a project: what is in their way fails, everything else is built.

use super::{all, end, text};
use crate::archive::{assert_as_clean, assert_at_rest, built_archive, plate};
use crate::older::BOTH;
use crate::project::Project;
use crate::site::Site;
use std::fs;
use std::path::Path;

/// Builds with further arguments; returns the exit code and what was said.
fn build(project: &Project, arguments: &[&str]) -> (Option<i32>, String) {
    end(&mut project.command(&[&["build"], arguments].concat()))
}

/// A new item is added whose files would come where others have put theirs: it fails, with the path and the flag that goes
/// on, again with each build, and the rest of the site is built.
#[track_caller]
fn assert_kept(project: &Project, theirs: &str, what_fails: &str) -> Site {
    let place = project.public().join(theirs);
    let kept = fs::read(&place).unwrap();
    for _ in 0..2 {
        let (code, said) = build(project, &[]);
        assert_eq!(code, Some(1), "{theirs}: {said}");
        assert!(said.contains("--force") && said.contains(what_fails), "{theirs}: {said}");
        assert_eq!(fs::read(&place).unwrap(), kept, "{theirs}");
    }
    let site = project.site();
    assert!(site.has("b/manifest.json") && site.text("collection.json").contains("shelf"));
    site
}

fn put(project: &Project, path: &str) {
    project.write(&format!("public/{path}"), "somebody else's");
}

#[test]
fn an_image_whose_place_is_taken_fails_alone() {
    for theirs in ["iiif/3/new_1", "iiif/3/new_1/info.json", "iiif/3/new_1/letters/letter.txt"] {
        let project = built_archive();
        put(&project, theirs);
        project.write("content/new/1.tif", plate(20));
        project.write("content/new/2.tif", plate(21));
        let site = assert_kept(&project, theirs, "iiif/3/new_1");
        assert_eq!(site.canvases("new").len(), 1, "the other page is there");
        let (code, said) = build(&project, &["--force"]);
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(project.site().canvases("new").len(), 2);
        let is_address = !theirs.ends_with(".txt");
        assert_eq!(fs::read(project.public().join(theirs)).is_ok_and(|there| there == b"somebody else's"), !is_address);
    }
}

#[test]
fn an_image_is_made_once_its_place_is_free() {
    let project = built_archive();
    put(&project, "iiif/3/new_1");
    project.write("content/new/1.tif", plate(20));
    assert_kept(&project, "iiif/3/new_1", "new_1");
    project.remove("public/iiif/3/new_1");
    project.built();
    assert_as_clean(&project);
}

#[test]
fn links_for_image_api_2_do_not_take_the_place_of_others() {
    let project = built_archive();
    project.write("iiif-build.toml", format!("[images]\ntile-size = 64\n{BOTH}"));
    project.built();
    put(&project, "iiif/2/new_1/info.json");
    project.write("content/new/1.tif", plate(20));
    assert_kept(&project, "iiif/2/new_1/info.json", "iiif/2/new_1");
}

#[test]
fn an_item_whose_manifest_page_or_folder_is_taken_fails_alone() {
    for theirs in ["new/manifest.json", "new/index.html", "new", "new/manifest.json/letter.txt"] {
        let project = built_archive();
        put(&project, theirs);
        project.write("content/new/1.tif", plate(20));
        let site = assert_kept(&project, theirs, "public/new");
        assert!(!site.text("collection.json").contains("new/manifest.json"), "{theirs}: no document names it");
    }
}

#[test]
fn a_static_file_does_not_take_the_place_of_others() {
    for theirs in ["robots/own.txt", "robots", "robots/own.txt/deeper.txt"] {
        let project = built_archive();
        put(&project, theirs);
        project.write("static/robots/own.txt", "ours");
        project.write("static/other.txt", "ours");
        let site = assert_kept(&project, theirs, "robots");
        assert_eq!(site.text("other.txt"), "ours");
    }
}

#[test]
fn a_document_of_a_collection_does_not_take_the_place_of_others() {
    let project = built_archive();
    put(&project, "new/collection.json");
    project.write("content/new/collection.toml", "label = \"New\"\n");
    project.write("content/new/x/1.tif", plate(20));
    let site = assert_kept(&project, "new/collection.json", "new/collection.json");
    assert!(site.has("new/x/manifest.json"));
}

#[test]
fn a_feed_does_not_take_the_place_of_others() {
    let project = built_archive();
    put(&project, "atom.xml");
    project.write("iiif-build.toml", "discovery = [\"atom\"]\n[images]\ntile-size = 64\n");
    assert_kept(&project, "atom.xml", "atom.xml");
}

#[test]
fn files_of_others_in_an_images_folder_survive_whatever_becomes_of_the_image() {
    let project = built_archive();
    let theirs = ["iiif/3/a_1/notes.txt", "iiif/3/a_1/full/max/0/original.tif", "iiif/3/a_1/mine/letter.txt"];
    theirs.iter().for_each(|path| put(&project, path));
    let assert_there = |when: &str| {
        for path in theirs {
            assert_eq!(fs::read(project.public().join(path)).unwrap(), b"somebody else's", "{path} {when}");
        }
    };
    assert_at_rest(&project);
    assert_eq!(build(&project, &["--verify"]).0, Some(0));
    assert_eq!(project.build().images, 0, "they do not count as damage");
    project.write("content/a/1.tif", plate(30));
    assert_eq!(project.build().images, 1);
    assert_there("after it was made anew");
    assert_eq!(build(&project, &["--force"]).0, Some(0));
    assert_there("after all was made anew");
    project.write("content/a/item.toml", "publish = false\n");
    project.built();
    assert_there("after it was taken down");
    let left = project.site().files("iiif/3/a_1");
    assert_eq!(left.len(), theirs.len(), "{left:?}");
    project.write("content/a/item.toml", "label = \"Letters\"\n");
    let (code, said) = build(&project, &[]);
    assert_eq!(code, Some(1), "without a record the folder is theirs: {said}");
    assert_there("after it came back");
}

#[cfg(unix)]
#[test]
fn a_link_or_file_in_the_place_of_a_known_image_is_not_taken_either() {
    let project = built_archive();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("letter.txt"), "a letter").unwrap();
    for id in ["a_1", "b_1"] {
        project.remove(&format!("public/iiif/3/{id}"));
    }
    std::os::unix::fs::symlink(elsewhere.path(), project.public().join("iiif/3/a_1")).unwrap();
    put(&project, "iiif/3/b_1");
    let before = all(elsewhere.path());
    let (code, said) = build(&project, &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(all(elsewhere.path()) == before && project.public().join("iiif/3/a_1").is_symlink(), "{said}");
    assert_eq!(fs::read(project.public().join("iiif/3/b_1")).unwrap(), b"somebody else's");
    assert!(project.site().has("b/manifest.json"));
}

#[test]
fn unfinished_files_are_swept_and_files_with_similar_names_stay() {
    let project = built_archive();
    let state = rusqlite::Connection::open(project.root().join(".iiif-build/public.sqlite")).unwrap();
    state.execute("INSERT INTO facts VALUES ('running', 1)", []).unwrap();
    drop(state);
    let ours = ["iiif/3/.partial-new-a_1/info.json", "a/.partial-x4Yz09"];
    let theirs =
        ["iiif/3/.partial-new-other/letter.txt", "a/.partial-letter.txt", "iiif/3/.partial-old-a_1/letter.txt"];
    ours.iter().chain(&theirs).for_each(|path| put(&project, path));
    assert_eq!(build(&project, &[]).0, Some(0));
    let site = project.site();
    assert!(ours.iter().all(|path| !site.has(path)));
    assert!(
        site.has(theirs[0]) && site.has(theirs[1]) && site.has("iiif/3/a_1/letter.txt"),
        "{:?}",
        site.files("iiif/3")
    );
}

#[test]
fn two_projects_are_kept_apart_even_if_all_their_names_are_the_same() {
    let first = built_archive();
    let second = first.afresh();
    second.write("content/a/1.tif", plate(40));
    let before = all(&first.public());
    let public = first.public();
    let output = ["--output", text(&public)];
    for _ in 0..2 {
        let (code, said) = build(&second, &output);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("--adopt") && said.contains("--output"), "{said}");
        assert!(all(&first.public()) == before);
    }
    let (code, said) = build(&second, &[&output[..], &["--adopt"]].concat());
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = build(&second, &output);
    assert_eq!(code, Some(0), "it is the second one's now: {said}");
    assert_same_site(&public, &second.built().root);
}

#[test]
fn a_project_with_other_names_does_not_take_over_the_default_output_either() {
    let project = built_archive();
    let other = Project::new().file("content/x/1.tif", plate(50));
    other.built();
    project.remove("public");
    project.remove(".iiif-build");
    fs::rename(other.public(), project.public()).unwrap();
    let before = all(&project.public());
    project.write("iiif-build.toml", "title = \"Archive\"\n");
    let (code, said) = build(&project, &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("another project") && all(&project.public()) == before, "{said}");
    let (code, said) = build(&project, &["--force"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(!project.site().has("x/manifest.json"), "what the list names goes");
}

#[test]
fn a_build_waits_for_the_lock_of_the_output_and_then_says_who_has_it() {
    let project = built_archive();
    let lock = fs::File::options().write(true).open(project.public().join(".iiif-build/lock")).unwrap();
    lock.lock().unwrap();
    project.write("content/new/1.tif", plate(20));
    let before = all(&project.public());
    let (code, said) = build(&project, &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("another build") && said.contains("--output"), "{said}");
    assert!(all(&project.public()) == before);
    drop(lock);
    assert_eq!(build(&project, &[]).0, Some(0));
}

#[track_caller]
pub fn assert_same_site(a: &Path, b: &Path) {
    let site = |root: &Path| {
        let files = all(root).into_iter().map(|(path, bytes)| (path.strip_prefix(root).unwrap().to_owned(), bytes));
        files.filter(|(path, _)| !path.starts_with(".iiif-build")).collect::<Vec<_>>()
    };
    let (a, b) = (site(a), site(b));
    assert!(a.iter().map(|file| &file.0).eq(b.iter().map(|file| &file.0)), "other files");
    a.iter().zip(&b).for_each(|(a, b)| assert!(a.1 == b.1, "{} differs", a.0.display()));
}
