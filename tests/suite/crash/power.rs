//! A power cut: what was written and not flushed may be gone, though it is written down.

use super::super::draw::page;
use super::super::project::Project;
use super::super::prove::assert_proven;
use rusqlite::Connection;
use std::fs;

/// Has the state believe that the machine was started anew since the last build.
fn cut_power(project: &Project) {
    let state = Connection::open(project.root().join(".iiif-build/public.sqlite")).unwrap();
    let changed = state.execute("UPDATE facts SET value = 'another' WHERE name = 'boot'", []).unwrap();
    assert_eq!(changed, 1);
}

fn built() -> Project {
    let project = Project::new().file("content/a/1.png", page()).file("content/b/1.png", page());
    project.built();
    project
}

#[test]
fn what_did_not_reach_the_disk_is_made_again_after_a_power_cut() {
    let project = built();
    let clean = project.site().contents("");
    for lost in ["iiif/3/a_1/full/max/0/default.jpg", "b/manifest.json", "index.html"] {
        fs::write(project.public().join(lost), "").unwrap();
    }
    assert_eq!(project.build().images, 0, "without a power cut nobody looks");
    cut_power(&project);
    let report = project.build();
    assert_eq!((report.images, report.reused, report.written), (1, 1, 2));
    assert!(project.site().contents("") == clean);
    assert_proven(&project.site());
}

#[test]
fn what_was_carried_to_another_machine_is_believed() {
    let project = built();
    fs::write(project.public().join("index.html"), "").unwrap();
    cut_power(&project);
    let state = project.root().join(".iiif-build/public.sqlite");
    fs::copy(&state, state.with_extension("copy")).unwrap();
    fs::rename(state.with_extension("copy"), &state).unwrap();
    assert_eq!(project.build().written, 0);
}
