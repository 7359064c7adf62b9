//! Output and state that somebody removed, damaged or brought from elsewhere.

use crate::archive::{IMAGES, after, assert_as_clean, assert_at_rest, built_archive, set};
use crate::project::Project;
use crate::told::Told;
use crate::trace::Trace;
use std::fs;
use std::path::PathBuf;

#[test]
fn a_deleted_output_folder_is_built_anew() {
    let project = built_archive();
    let effect = after(&project, |project| project.remove("public"));
    assert_eq!(effect.changes.images(), set(&IMAGES));
}

#[test]
fn a_deleted_image_folder_is_cut_again_and_no_other() {
    after(&built_archive(), |project| project.remove("public/iiif/3/b_1")).wrote(&["iiif/3/b_1/…"]);
}

#[test]
fn a_deleted_document_is_written_again_and_no_other() {
    let project = built_archive();
    for path in ["a/manifest.json", "shelf/index.html", "collection.json", "sitemap.xml"] {
        after(&project, |project| project.remove(&format!("public/{path}"))).wrote(&[path]);
    }
}

/// It is taken for the last file of its image.
#[test]
fn an_image_without_its_info_json_is_cut_again() {
    after(&built_archive(), |project| project.remove("public/iiif/3/a_1/info.json")).wrote(&["iiif/3/a_1/…"]);
}

#[test]
fn a_deleted_file_of_the_theme_is_written_again() {
    let project = built_archive();
    let asset = project.site().files("assets").into_iter().next().unwrap();
    after(&project, |project| project.remove(&format!("public/{asset}"))).wrote(&[&asset]);
}

/// A tile that is not at the corner of anything.
const TILE: &str = "public/iiif/3/a_1/0,0,64,64/64,64/0/default.jpg";

#[test]
fn verify_finds_what_was_tampered_with_and_repairs_it() {
    let project = built_archive();
    let tile = fs::read(project.root().join(TILE)).unwrap();
    let same_size = [&tile[..tile.len() - 9], b"tampered!"].concat();
    for damaged in [Some(same_size), Some(tile[..tile.len() / 2].to_vec()), Some(vec![]), None] {
        match damaged {
            Some(bytes) => project.write(TILE, bytes),
            None => project.remove(TILE),
        }
        let told = Told::by(&project, &["--verify"]).well();
        assert_eq!(told.images(), set(&["a_1"]), "{}", told.said);
        assert!(told.made("image")["iiif/3/a_1"].contains(&"damaged".to_owned()), "{}", told.said);
        assert_as_clean(&project);
    }
    assert_at_rest(&project);
}

#[test]
fn verify_repairs_documents() {
    let project = built_archive();
    for path in ["a/manifest.json", "iiif/3/a_1/info.json", "index.html", "robots.txt"] {
        let file = format!("public/{path}");
        let text = fs::read_to_string(project.root().join(&file)).unwrap();
        project.write(&file, text.replace("scans.example.org", "evil0.example.org"));
        let before = Trace::of(&project.public());
        Told::by(&project, &["--verify"]).well();
        assert_eq!(Trace::of(&project.public()).since(&before).written, set(&[path]));
        assert_as_clean(&project);
    }
}

#[test]
fn verify_removes_a_file_too_many_in_an_image_folder() {
    let project = built_archive();
    project.write("public/iiif/3/a_1/0,0,9,9/9,9/0/default.jpg", "no tile of ours");
    Told::by(&project, &["--verify"]).well();
    assert_as_clean(&project);
}

#[test]
fn verify_of_a_sound_site_touches_nothing() {
    let project = built_archive();
    let before = Trace::of(&project.public());
    let told = Told::by(&project, &["--verify"]).well();
    assert!(told.made_nothing(), "{}", told.said);
    before.assert_still(&project.public());
}

fn state(project: &Project) -> PathBuf {
    project.root().join(".iiif-build/public.sqlite")
}

/// Without what a database keeps beside itself.
fn spoil(project: &Project, change: impl FnOnce(&PathBuf)) {
    let path = state(project);
    assert!(path.is_file(), "the state is not at {}", path.display());
    for beside in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{beside}", path.display()));
    }
    change(&path);
}

/// The build after that says so, and leaves the tree of a clean one.
fn assert_recovers(project: &Project, expects_word: bool) {
    let told = Told::by(project, &[]).well();
    assert!(!expects_word || !told.warnings().is_empty(), "no word about the state: {}", told.said);
    assert_as_clean(project);
    assert_at_rest(project);
}

#[test]
fn a_deleted_state_costs_no_more_than_a_build() {
    let project = built_archive();
    spoil(&project, |path| fs::remove_file(path).unwrap());
    assert_recovers(&project, false);
    project.remove(".iiif-build");
    assert_recovers(&project, false);
}

#[test]
fn a_state_that_is_garbage_is_replaced_with_a_word() {
    let project = built_archive();
    for garbage in [&b"this is no database"[..], b"", &[0; 8192], b"SQLite format 3\0 and then nothing"] {
        spoil(&project, |path| fs::write(path, garbage).unwrap());
        assert_recovers(&project, !garbage.is_empty());
    }
}

#[test]
fn a_state_with_damaged_pages_is_never_trusted() {
    let project = built_archive();
    let sound = fs::read(state(&project)).unwrap();
    for cut in [sound.len() / 2, sound.len() - 1, 100] {
        spoil(&project, |path| fs::write(path, &sound[..cut]).unwrap());
        assert_recovers(&project, false);
    }
    for page in (0..sound.len()).step_by(4096) {
        let mut damaged = sound.clone();
        let end = (page + 4000).min(damaged.len());
        damaged[page + 40..end].fill(0xa5);
        spoil(&project, |path| fs::write(path, &damaged).unwrap());
        assert_recovers(&project, false);
    }
}

#[test]
fn a_state_of_a_later_version_is_not_read() {
    let project = built_archive();
    spoil(&project, |path| {
        let database = rusqlite::Connection::open(path).unwrap();
        database.pragma_update(None, "user_version", 1_000_000).unwrap();
    });
    assert_recovers(&project, true);
}

#[test]
fn a_state_of_another_project_harms_nothing() {
    let (project, other) = (built_archive(), built_archive());
    other.write("content/a/1.tif", crate::archive::plate(70));
    other.write("content/z/1.tif", crate::archive::plate(71));
    other.built();
    spoil(&project, |path| fs::write(path, fs::read(state(&other)).unwrap()).unwrap());
    Told::by(&project, &["--verify"]).well();
    assert_as_clean(&project);
    assert_at_rest(&project);
}

#[test]
fn a_state_without_its_output_harms_nothing() {
    let project = built_archive();
    project.remove("public/iiif");
    let effect = after(&project, |_| ());
    assert_eq!(effect.changes.images(), set(&IMAGES));
}
