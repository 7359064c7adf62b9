//! `.iiif-build/` and the output of different builds, as when a CI restores one of them from another branch.

use super::build::assert_same_site;
use crate::archive::{archive, assert_as_clean, assert_at_rest, built_archive, plate};
use crate::project::Project;
use iiif_build::build::Report;
use std::fs;

/// Replaces a folder of `project` by that of `other`.
fn take(project: &Project, other: &Project, folder: &str) {
    project.remove(folder);
    fs::rename(other.root().join(folder), project.root().join(folder)).unwrap();
}

#[track_caller]
fn assert_said(report: &Report) {
    assert!(report.warnings().any(|warning| warning.code.name() == "mixed-output"), "{:?}", report.diagnostics);
}

#[test]
fn stale_tiles_and_documents_of_another_branch_are_made_anew() {
    let [main, branch] = [built_archive(), archive()];
    branch.write("content/a/1.tif", plate(99));
    branch.write("content/b/item.toml", "label = \"Of the branch\"\n");
    branch.built();
    take(&main, &branch, "public");
    let report = main.build();
    assert_said(&report);
    assert_eq!((report.images, report.failures.len()), (1, 0), "only the tiles that differ");
    assert_same_site(&main.public(), &main.afresh().built().root);
    assert_at_rest(&main);
}

#[test]
fn documents_alone_are_noticed_too() {
    let [main, branch] = [built_archive(), archive()];
    branch.write("content/b/item.toml", "label = \"Of the branch\"\n");
    branch.built();
    take(&main, &branch, "public");
    assert_said(&main.build());
    assert_as_clean(&main);
}

#[test]
fn what_only_the_other_branch_published_is_removed() {
    let [main, branch] = [built_archive(), archive()];
    branch.write("content/secret/1.tif", plate(98));
    branch.write("static/secret.txt", "secret");
    branch.built();
    take(&main, &branch, "public");
    let report = main.build();
    assert_said(&report);
    assert!(!main.site().files("").iter().any(|path| path.contains("secret")));
    assert_same_site(&main.public(), &main.afresh().built().root);
}

#[test]
fn the_doubt_outlives_builds_of_a_part() {
    let [main, branch] = [built_archive(), archive()];
    for path in ["content/a/1.tif", "content/b/1.tif"] {
        branch.write(path, plate(97));
    }
    branch.built();
    take(&main, &branch, "public");
    let mut only = main.command(&["build", "--only", "a"]);
    assert_eq!(only.output().unwrap().status.code(), Some(0));
    assert_eq!(main.build().images, 1, "the image of the other item is still in doubt");
    assert_same_site(&main.public(), &main.afresh().built().root);
}

#[test]
fn older_records_with_a_newer_output_of_the_same_project_serve_nothing_old() {
    let project = built_archive();
    let earlier = project.cloned();
    project.write("content/a/1.tif", plate(96));
    project.built();
    take(&project, &earlier, ".iiif-build");
    project.write("content/a/1.tif", plate(1));
    assert_said(&project.build());
    assert_same_site(&project.public(), &project.afresh().built().root);
    assert_at_rest(&project);
}

#[test]
fn both_halves_of_one_build_are_no_mixture_wherever_they_lie() {
    let project = built_archive();
    let clone = project.cloned();
    let report = clone.build();
    assert_eq!((report.images, report.written, report.warnings().count()), (0, 0, 0));
    assert_at_rest(&clone);
}
