//! Masters that are replaced, renamed, exchanged and removed.

use crate::archive::{after, built_archive, leaves, plate, set, set_time, sized, time_of};
use std::fs;

#[test]
fn a_replaced_scan_of_the_same_size_changes_its_tiles_and_nothing_else() {
    after(&built_archive(), |project| project.write("content/a/1.tif", plate(90))).wrote(&["iiif/3/a_1/…"]);
}

#[test]
fn a_replaced_scan_of_another_size_changes_the_documents_that_carry_its_size() {
    let project = built_archive();
    after(&project, |project| project.write("content/a/2.tif", sized(130, 80, 9))).wrote(&[
        "iiif/3/a_2/…",
        "a/manifest.json",
        "a/index.html",
    ]);
    // The first page is also the picture of its item in lists.
    after(&project, |project| project.write("content/a/1.tif", sized(40, 90, 9))).wrote(&[
        "iiif/3/a_1/…",
        "a/manifest.json",
        "a/index.html",
        "collection.json",
        "index.html",
    ]);
}

#[cfg(unix)]
#[test]
fn a_replaced_scan_with_the_size_and_time_of_the_old_one_is_noticed() {
    let project = built_archive();
    for seed in [91, 92] {
        let change = after(&project, |project| {
            let time = time_of(project, "content/a/1.tif");
            match seed {
                // In place.
                91 => project.write("content/a/1.tif", plate(seed)),
                // As rsync --times does it.
                _ => {
                    project.write("new.tif", plate(seed));
                    set_time(project, "new.tif", time);
                    fs::rename(project.root().join("new.tif"), project.root().join("content/a/1.tif")).unwrap();
                }
            }
            set_time(project, "content/a/1.tif", time);
        });
        change.wrote(&["iiif/3/a_1/…"]);
    }
}

#[test]
fn a_replaced_scan_with_an_older_time_is_noticed() {
    let project = built_archive();
    let change = after(&project, |project| {
        let older = time_of(project, "content/a/1.tif") - std::time::Duration::from_secs(1_000_000);
        project.write("content/a/1.tif", plate(93));
        set_time(project, "content/a/1.tif", older);
    });
    change.wrote(&["iiif/3/a_1/…"]);
}

#[test]
fn a_scan_that_is_replaced_again_and_again_is_noticed_each_time() {
    let project = built_archive();
    for seed in 100..115 {
        project.write("content/a/1.tif", plate(seed));
        assert_eq!(project.build().images, 1, "seed {seed}");
    }
    crate::archive::assert_as_clean(&project);
}

#[test]
fn a_scan_written_anew_with_the_same_bytes_changes_nothing() {
    after(&built_archive(), |project| {
        project.remove("content/a/1.tif");
        project.write("content/a/1.tif", plate(1));
    })
    .wrote(&[]);
}

#[test]
fn a_renamed_page_leaves_nothing_at_its_old_address() {
    let project = built_archive();
    let rename = |project: &crate::project::Project| {
        fs::rename(project.root().join("content/a/2.tif"), project.root().join("content/a/3.tif")).unwrap();
    };
    after(&project, rename).wrote_and_removed(
        &["iiif/3/a_3/…", "a/manifest.json", "a/index.html", "sitemap.xml"],
        &["iiif/3/a_2/…", "iiif/3/a_2/info.json"],
    );
}

#[test]
fn a_deleted_page_goes_with_all_its_files_and_nothing_else() {
    after(&built_archive(), |project| project.remove("content/a/2.tif")).wrote_and_removed(
        // The list shows how many pages it has.
        &["a/manifest.json", "a/index.html", "index.html", "sitemap.xml"],
        &["iiif/3/a_2/…", "iiif/3/a_2/info.json"],
    );
}

#[test]
fn a_new_page_is_made_and_no_other() {
    after(&built_archive(), |project| project.write("content/a/3.tif", plate(50))).wrote(&[
        "iiif/3/a_3/…",
        "a/manifest.json",
        "a/index.html",
        "index.html",
        "sitemap.xml",
    ]);
}

#[test]
fn a_deleted_item_goes_with_all_its_files_and_folders() {
    let project = built_archive();
    let removed: Vec<String> = ["b_1", "b_2-1", "b_2-2", "b_2-3"]
        .iter()
        .flat_map(|id| [format!("iiif/3/{id}/…"), format!("iiif/3/{id}/info.json")])
        .chain(["b/manifest.json", "b/index.html"].map(str::to_owned))
        .collect();
    let removed: Vec<&str> = removed.iter().map(String::as_str).collect();
    after(&project, |project| project.remove("content/b"))
        .wrote_and_removed(&["a/index.html", "collection.json", "index.html", "sitemap.xml"], &removed);
    assert!(!project.public().join("b").exists() && !project.public().join("iiif/3/b_1").exists());
}

#[test]
fn a_renamed_item_moves_to_its_new_address() {
    let project = built_archive();
    let effect = after(&project, |project| {
        fs::rename(project.root().join("content/shelf/d"), project.root().join("content/shelf/e")).unwrap();
    });
    effect.wrote_and_removed(
        &[
            "iiif/3/shelf-e_1/…",
            "shelf/e/manifest.json",
            "shelf/e/index.html",
            "shelf/c/index.html",
            "shelf/collection.json",
            "shelf/index.html",
            // Its picture leads the home page, as that of the first item without a card there.
            "index.html",
            "sitemap.xml",
        ],
        &["iiif/3/shelf-d_1/…", "iiif/3/shelf-d_1/info.json", "shelf/d/manifest.json", "shelf/d/index.html"],
    );
    assert!(!project.public().join("shelf/d").exists());
}

#[test]
fn a_deleted_collection_goes_with_all_that_is_in_it() {
    let project = built_archive();
    let effect = after(&project, |project| project.remove("content/shelf"));
    assert_eq!(effect.changes.written, set(&["collection.json", "index.html", "sitemap.xml"]));
    assert!(!project.public().join("shelf").exists());
}

fn exchange(project: &crate::project::Project, one: &str, other: &str) {
    let path = |name: &str| project.root().join("content").join(name);
    fs::rename(path(one), path("aside")).unwrap();
    fs::rename(path(other), path(one)).unwrap();
    fs::rename(path("aside"), path(other)).unwrap();
}

#[test]
fn two_files_that_exchange_their_names_exchange_their_tiles() {
    after(&built_archive(), |project| exchange(project, "a/1.tif", "a/2.tif")).wrote(&["iiif/3/a_1/…", "iiif/3/a_2/…"]);
}

#[test]
fn two_items_that_exchange_their_folders_exchange_their_tiles() {
    let effect = after(&built_archive(), |project| exchange(project, "shelf/c", "shelf/d"));
    assert_eq!(effect.changes.images(), set(&["shelf-c_1", "shelf-d_1"]));
}

#[test]
fn a_changed_page_of_a_tiff_with_many_leaves_other_files_alone() {
    let effect = after(&built_archive(), |project| project.write("content/b/2.tif", leaves(&[4, 95, 6])));
    let cut = effect.changes.images();
    assert!(cut.contains("b_2-2") && cut.is_subset(&set(&["b_2-1", "b_2-2", "b_2-3"])), "{cut:?}");
    assert_eq!(effect.changes.written.len(), cut.len(), "{:?}", effect.changes);
}

#[test]
fn a_tiff_gains_and_loses_pages() {
    let project = built_archive();
    let effect = after(&project, |project| project.write("content/b/2.tif", leaves(&[4, 5, 6, 7])));
    assert!(effect.changes.images().contains("b_2-4") && effect.changes.removed.is_empty());
    // A single page has no number.
    let effect = after(&project, |project| project.write("content/b/2.tif", leaves(&[4])));
    assert_eq!(effect.changes.images(), set(&["b_2"]));
    assert_eq!(effect.changes.removed.len(), 8, "{:?}", effect.changes.removed);
}

#[test]
fn a_broken_scan_fails_again_until_it_is_mended_and_costs_only_itself() {
    let project = built_archive();
    project.write("content/a/1.tif", "no image");
    for _ in 0..2 {
        let error = project.build_with_failure();
        assert!(format!("{error:?}").contains("1.tif"), "{error:?}");
    }
    let site = project.site();
    assert_eq!((site.page_labels("a").len(), site.files("iiif/3/a_1").len() > 1), (1, true));
    let effect = after(&project, |project| project.write("content/a/1.tif", plate(96)));
    assert_eq!(effect.changes.images(), set(&["a_1"]));
}

#[test]
fn a_broken_scan_that_comes_back_as_it_was_is_not_cut_again() {
    let project = built_archive();
    project.write("content/a/1.tif", "no image");
    project.build_with_failure();
    after(&project, |project| project.write("content/a/1.tif", plate(1))).wrote(&[
        "a/manifest.json",
        "a/index.html",
        "collection.json",
        "index.html",
        "sitemap.xml",
    ]);
}

#[test]
fn a_scan_that_breaks_while_it_is_cut_fails_again_until_it_is_mended() {
    let project = built_archive();
    let whole = crate::draw::png(crate::draw::grey(200, 200));
    project.write("content/a/3.png", &whole[..whole.len() / 2]);
    for _ in 0..2 {
        project.build_with_failure();
    }
    let effect = after(&project, |project| project.write("content/a/3.png", &whole));
    assert_eq!(effect.changes.images(), set(&["a_3"]));
}
