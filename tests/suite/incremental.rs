//! Build, change something, build again: exactly what the change asks for is made, all else is as it was to the
//! inode. One test for each clause of "exactly what changed".

mod absent;
mod choice;
mod kinds;
mod labels;
mod older;
mod repair;
mod restored;
mod scans;
mod settings;
mod sparing;

use crate::archive::{IMAGES, archive, assert_at_rest, built_archive, set, touch_all};
use crate::project::Project;
use crate::prove::assert_proven;
use crate::trace::Trace;

#[test]
fn the_archive_has_the_images_that_these_tests_speak_of() {
    let site = archive().built();
    assert_eq!(site.image_ids(), set(&IMAGES));
    assert_proven(&site);
}

#[test]
fn a_second_build_touches_no_file_and_no_folder() {
    assert_at_rest(&built_archive());
}

#[test]
fn the_library_too_writes_nothing_the_second_time_and_counts_it() {
    let project = built_archive();
    let before = Trace::of(&project.public());
    let report = project.build();
    assert_eq!((report.images, report.reused, report.written, report.removed), (0, 8, 0, 0));
    before.assert_still(&project.public());
}

#[test]
fn a_first_build_counts_all_as_made() {
    let report = archive().build();
    assert_eq!((report.images, report.reused, report.removed), (8, 0, 0));
    assert!(report.written > 15 && report.warnings().next().is_none(), "{} {:?}", report.written, report.diagnostics);
}

#[test]
fn files_with_other_times_and_the_same_bytes_change_nothing() {
    let project = built_archive();
    touch_all(&project);
    assert_at_rest(&project);
    assert_at_rest(&project);
}

#[test]
fn a_project_without_images_is_at_rest_too() {
    let project = Project::new().file("content/collection.toml", "label = \"Nothing yet\"\n");
    project.built();
    assert_at_rest(&project);
}
