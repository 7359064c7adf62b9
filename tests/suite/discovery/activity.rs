//! The history of a site as a consumer of the Change Discovery API reads it.

use super::harvester::{assert_told, harvested, history, published};
use crate::archive::{after, assert_at_rest, plate};
use crate::project::Project;
use crate::told::Told;
use crate::trace::Trace;
use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;
use std::time::Duration;

const ON: &str = "discovery = [\"activity\"]\n";

fn project() -> Project {
    Project::new()
        .file("iiif-build.toml", ON)
        .file("content/a/item.toml", "label = \"A\"\n")
        .file("content/a/1.tif", plate(1))
        .file("content/b/item.toml", "label = \"B\"\n")
        .file("content/b/1.tif", plate(2))
}

fn told(activities: &[(&str, &str)]) -> Vec<(String, String)> {
    activities.iter().map(|(kind, path)| ((*kind).to_owned(), (*path).to_owned())).collect()
}

/// What a build of `project` after a change adds to its history.
fn news(project: &Project, change: impl FnOnce(&Project)) -> Vec<(String, String)> {
    let seen = history(&project.site()).len();
    change(project);
    let site = project.built();
    assert_told(&site, seen)
}

#[test]
fn a_history_begins_with_a_refresh_and_the_creation_of_all_there_is() {
    let site = project().built();
    let expected =
        [("Refresh", ""), ("Create", "collection.json"), ("Create", "a/manifest.json"), ("Create", "b/manifest.json")];
    assert_eq!(assert_told(&site, 0), told(&expected));
}

#[test]
fn only_what_became_of_manifests_and_collections_is_told() {
    let project = project();
    project.built();
    let title = |project: &Project| project.write("content/a/item.toml", "label = \"A corrected\"\n");
    assert_eq!(news(&project, title), told(&[("Update", "collection.json"), ("Update", "a/manifest.json")]));
    let pixels = |project: &Project| project.write("content/b/1.tif", plate(9));
    assert_eq!(news(&project, pixels), [], "the Manifest says the same of the new scan");
    let page = |project: &Project| project.write("templates/item.html", "{{ description.label.text }}");
    assert_eq!(news(&project, page), [], "pages for people are no resources");
    let scan = |project: &Project| project.write("content/b/2.tif", plate(3));
    assert_eq!(news(&project, scan), told(&[("Update", "b/manifest.json")]));
    let gone = |project: &Project| project.remove("content/a");
    assert_eq!(news(&project, gone), told(&[("Delete", "a/manifest.json"), ("Update", "collection.json")]));
    let back = |project: &Project| project.write("content/a/1.tif", plate(1));
    assert_eq!(news(&project, back), told(&[("Update", "collection.json"), ("Create", "a/manifest.json")]));
}

#[test]
fn a_build_that_changes_nothing_writes_nothing() {
    let project = project();
    project.built();
    assert_at_rest(&project);
    assert_eq!(news(&project, |project| assert!(Told::by(project, &["--force"]).well().code == Some(0))), []);
    assert_at_rest(&project);
}

#[test]
fn a_withheld_item_that_was_public_is_deleted_and_one_that_never_was_is_not_named() {
    let secret = "label = \"Secret\"\npublish = false\n";
    let project = project().file("content/c/item.toml", secret).file("content/c/1.tif", plate(4));
    project.write("content/d/1.tif", plate(5));
    project.built();
    let withhold = |project: &Project| project.write("content/a/item.toml", "label = \"Hushed\"\npublish = false\n");
    assert_eq!(news(&project, withhold), told(&[("Delete", "a/manifest.json"), ("Update", "collection.json")]));
    let embargo = |project: &Project| project.write("content/b/item.toml", "label = \"B\"\nembargo = 9999-01-01\n");
    assert_eq!(news(&project, embargo), told(&[("Delete", "b/manifest.json"), ("Update", "collection.json")]));
    let site = project.site();
    let all: String = site.files("activity").iter().map(|path| site.text(path)).collect();
    assert!(!all.contains("/c/") && !all.contains("Secret") && !all.contains("Hushed"));
}

#[test]
fn a_page_that_another_follows_never_changes_again() {
    let project = Project::new().file("iiif-build.toml", ON);
    let shelve = |from: u32, to: u32| {
        for number in from..to {
            // A collection that is described needs no members: a document for hardly any work.
            project.write(&format!("content/{number}/collection.toml"), format!("label = \"{number}\"\n"));
        }
    };
    shelve(0, 1020);
    let site = project.built();
    assert_told(&site, 0);
    let before = Trace::of(&project.public());
    shelve(1020, 1021);
    let site = project.built();
    assert_told(&site, 0);
    let changes = Trace::of(&project.public()).since(&before);
    let written: Vec<_> = changes.written.iter().filter(|path| path.starts_with("activity/")).collect();
    assert_eq!(written, ["activity/all-changes.json", "activity/page-2.json"]);
    fs::remove_file(site.file("activity/page-0.json")).unwrap();
    assert_told(&project.built(), 0);
}

#[test]
fn a_history_that_is_lost_begins_again() {
    let project = project();
    project.built();
    project.remove(".iiif-build");
    project.remove("content/b");
    let site = project.built();
    let kinds: Vec<String> = history(&site).into_iter().map(|activity| activity.kind).collect();
    assert_eq!(kinds, ["Refresh", "Create", "Create"]);
    assert!(!harvested(&site).contains("b/manifest.json"));
}

#[test]
fn what_was_published_before_anybody_kept_a_history_is_no_creation() {
    let project = project().file("iiif-build.toml", "");
    assert!(!project.built().has("activity/all-changes.json"));
    project.write("iiif-build.toml", ON);
    project.write("content/c/1.tif", plate(3));
    let site = project.built();
    let expected = [
        ("Refresh", ""),
        ("Update", "collection.json"),
        ("Update", "a/manifest.json"),
        ("Update", "b/manifest.json"),
        ("Create", "c/manifest.json"),
    ];
    assert_eq!(assert_told(&site, 0), told(&expected));
}

#[test]
fn what_happens_while_nobody_keeps_the_history_is_told_afterwards() {
    let project = project();
    let first = project.built().contents("activity");
    let effect = after_off(&project);
    assert_eq!(effect, ["activity/all-changes.json", "activity/page-0.json"]);
    project.write("content/a/item.toml", "label = \"Other\"\n");
    project.remove("content/b");
    project.built();
    project.write("iiif-build.toml", ON);
    let site = project.built();
    let expected = [("Delete", "b/manifest.json"), ("Update", "collection.json"), ("Update", "a/manifest.json")];
    assert_eq!(assert_told(&site, 4), told(&expected));
    assert!(first.keys().eq(site.contents("activity").keys()));
    assert_at_rest(&project);
}

/// What turning it off removes.
fn after_off(project: &Project) -> Vec<String> {
    let effect = after(project, |project| project.write("iiif-build.toml", ""));
    effect.changes.removed.into_iter().collect()
}

#[test]
fn a_history_goes_with_the_site_to_another_address() {
    let project = project();
    let before = history(&project.built());
    let project = project.with_base_url("https://elsewhere.example/");
    let site = project.built();
    assert_told(&site, 0);
    assert_eq!(history(&site), before, "under other ids, nothing more happened");
    assert_at_rest(&project);
}

#[test]
fn a_state_of_the_version_before_the_history_is_taken_over() {
    let project = project().file("iiif-build.toml", "");
    project.built();
    let file = project.root().join(".iiif-build/public.sqlite");
    let state = rusqlite::Connection::open(&file).unwrap();
    // Image records of that version had another shape: a unit test of the state takes them over.
    let older = "DELETE FROM images; DROP TABLE activities; DROP TABLE editions; DROP TABLE image2_links; \
                 PRAGMA user_version = 2";
    state.execute_batch(older).unwrap();
    drop(state);
    // Nothing is known any more of the images in the output.
    project.remove("public/iiif");
    project.write("iiif-build.toml", ON);
    let told = Told::by(&project, &[]).well();
    assert!(told.warnings().is_empty(), "{}", told.said);
    assert_eq!(assert_told(&project.site(), 0).len(), 4);
}

/// Whatever the moment at which builds are killed, no feed names what is not there, and nothing is told twice.
#[test]
fn builds_that_are_killed_tell_everything_once() {
    let project = project();
    for round in 0..30u32 {
        project.write(&format!("content/item{round}/1.tif"), plate(round as u8));
        let mut command = project.command(&["build", "--quiet"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(u64::from(10 + round * 7 % 150)));
        child.kill().unwrap();
        child.wait().unwrap();
        let site = project.site();
        if site.has("activity/all-changes.json") {
            assert!(harvested(&site).is_subset(&published(&site)), "after kill {round}");
        }
    }
    let site = project.built();
    assert_told(&site, 0);
    let mut created: BTreeMap<String, usize> = BTreeMap::new();
    let creations = history(&site).into_iter().filter(|activity| activity.kind == "Create");
    creations.for_each(|activity| *created.entry(activity.path).or_default() += 1);
    assert!(created.values().all(|times| *times == 1), "{created:?}");
    assert_at_rest(&project);
}

#[test]
fn a_folder_of_a_feed_s_name_is_refused() {
    for name in ["activity", "dump", "atom.xml", "oai-pmh.xml"] {
        let project = Project::new().file(&format!("content/{name}/1.tif"), plate(1));
        let error = project.build_with_failure();
        assert!(error.message().contains("keeps the address"), "{error}");
    }
}

#[test]
fn a_static_file_in_the_place_of_a_feed_wins() {
    let project = project().file("static/activity/all-changes.json", "{}");
    let site = project.built();
    assert_eq!(site.text("activity/all-changes.json"), "{}");
    project.write("iiif-build.toml", "");
    assert_eq!(project.built().text("activity/all-changes.json"), "{}");
}
