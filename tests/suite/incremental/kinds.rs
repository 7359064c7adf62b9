//! Things that become another kind of thing at the same address, and things that are reached by detours.

use crate::archive::{after, assert_as_clean, assert_at_rest, built_archive, plate, set, set_time, time_of};
use crate::project::Project;
use crate::told::Told;
use std::fs;

#[test]
fn an_item_that_becomes_a_collection_and_back_leaves_nothing_of_either() {
    let project = built_archive();
    let path = |name: &str| project.root().join("content").join(name);
    let effect = after(&project, |_| {
        fs::create_dir(path("b/inner")).unwrap();
        for name in ["1.tif", "2.tif"] {
            fs::rename(path("b").join(name), path("b/inner").join(name)).unwrap();
        }
    });
    assert!(effect.changes.written.contains("b/collection.json") && effect.changes.removed.contains("b/manifest.json"));
    let effect = after(&project, |_| {
        for name in ["1.tif", "2.tif"] {
            fs::rename(path("b/inner").join(name), path("b").join(name)).unwrap();
        }
        fs::remove_dir(path("b/inner")).unwrap();
    });
    assert!(effect.changes.written.contains("b/manifest.json") && effect.changes.removed.contains("b/collection.json"));
}

#[test]
fn a_static_file_may_become_a_folder_and_a_folder_a_file() {
    let project = built_archive();
    after(&project, |project| project.write("static/notes", "a file")).wrote(&["notes"]);
    after(&project, |project| {
        project.remove("static/notes");
        project.write("static/notes/index.txt", "in a folder");
    })
    .wrote_and_removed(&["notes/index.txt"], &[]);
    after(&project, |project| {
        project.remove("static/notes");
        project.write("static/notes", "a file again");
    })
    .wrote_and_removed(&["notes"], &["notes/index.txt"]);
}

#[cfg(unix)]
#[test]
fn a_static_file_with_the_size_and_time_of_the_old_one_is_noticed() {
    let project = built_archive();
    after(&project, |project| project.write("static/note", "one")).wrote(&["note"]);
    after(&project, |project| {
        let time = time_of(project, "static/note");
        project.write("static/note", "two");
        set_time(project, "static/note", time);
    })
    .wrote(&["note"]);
}

#[test]
fn a_collection_that_no_longer_needs_parts_loses_them() {
    let project = Project::new();
    (0..1001).for_each(|number| project.write(&format!("content/{number}/collection.toml"), ""));
    project.write("content/z/1.tif", plate(1));
    project.built();
    assert!(project.public().join("parts").is_dir());
    let effect = after(&project, |project| (500..510).for_each(|number| project.remove(&format!("content/{number}"))));
    assert!(effect.told.images().is_empty() && !project.public().join("parts").exists());
}

#[cfg(unix)]
#[test]
fn a_master_behind_a_link_is_watched_where_it_is() {
    let project = built_archive();
    project.write("store/deep.tif", plate(60));
    let link = project.root().join("content/a/3.tif");
    std::os::unix::fs::symlink("../../store/deep.tif", &link).unwrap();
    // A clean build elsewhere would need the store too, so the site is compared by hand.
    Told::by(&project, &[]).well();
    project.write("store/deep.tif", plate(61));
    assert_eq!(Told::by(&project, &[]).well().images(), set(&["a_3"]));
    fs::remove_file(&link).unwrap();
    project.write("content/a/3.tif", plate(61));
    assert!(Told::by(&project, &[]).well().images().is_empty(), "the same bytes in a file");
    assert_as_clean(&project);
    assert_at_rest(&project);
}

#[test]
fn an_image_that_breaks_while_it_is_cut_and_is_then_removed_leaves_nothing() {
    let project = built_archive();
    let whole = crate::draw::png(crate::draw::grey(200, 200));
    project.write("content/a/3.png", &whole);
    project.built();
    project.write("content/a/3.png", &whole[..whole.len() / 2]);
    project.build_with_failure();
    assert!(project.public().join("iiif/3/a_3/full/max/0/default.jpg").is_file(), "its last good files stay");
    after(&project, |project| project.remove("content/a/3.png"));
}

#[test]
fn an_items_last_page_that_fails_takes_the_item_along_until_it_is_mended() {
    let project = built_archive();
    project.write("content/shelf/d/1.tif", "no image");
    let told = Told::by(&project, &[]);
    assert_eq!(told.code, Some(1));
    assert!(!project.public().join("shelf/d").exists(), "its documents name nothing");
    let effect = after(&project, |project| project.write("content/shelf/d/1.tif", plate(8)));
    assert!(effect.told.images().is_empty() && effect.changes.written.contains("shelf/d/manifest.json"));
}
