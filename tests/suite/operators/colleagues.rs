//! Several copies of one project: what one published, another takes back only if somebody says so.

use super::place::{Place, each};
use super::{deployed, fresh};
use crate::archive::plate;
use crate::project::Project;
use std::process::Command;

/// Git in the project, undisturbed by the settings of whoever runs the tests.
fn git(project: &Project, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.arg("-C").arg(project.root()).args(["-c", "user.name=Anna", "-c", "user.email=anna@example.org"]);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Commits everything but what builds write. `day` of 2030: commits of one second have no order.
fn commit(project: &Project, day: u32) -> String {
    project.write(".gitignore", "public\n.iiif-build\n");
    if !project.root().join(".git").exists() {
        git(project, &["init", "--quiet", "--initial-branch=main"]);
    }
    git(project, &["add", "--all"]);
    let date = format!("2030-01-{day:02}T12:00:00Z");
    let mut command = Command::new("git");
    command.arg("-C").arg(project.root()).env("GIT_COMMITTER_DATE", &date).env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.args(["-c", "user.name=Anna", "-c", "user.email=anna@example.org", "commit", "--quiet", "--message", "x"]);
    assert!(command.arg("--date").arg(&date).status().unwrap().success());
    git(project, &["rev-parse", "HEAD"])
}

fn label(project: &Project, label: &str) {
    project.write("content/a/item.toml", format!("label = \"{label}\"\n"));
}

#[test]
fn a_copy_without_git_that_is_older_takes_nothing_back() {
    each(|place| {
        let anna = deployed(place);
        let bert = anna.cloned();
        label(&anna, "Letters of 1784");
        anna.write("content/b/1.tif", plate(90));
        anna.write("content/e/1.tif", plate(91));
        anna.built();
        place.deployed(&anna, &["--as", "anna@desk"]);
        for clone in [fresh(&bert), bert.cloned()] {
            clone.built();
            let said = place.refuses(&clone, &["--delete-now"], &["anna@desk", "take back", "--from-stale"]);
            assert!(said.contains("manifest.json"), "{said}");
            clone.write("content/shelf/c/item.toml", "label = \"Bert's work\"\n");
            clone.built();
            place.refuses(&clone, &["--delete-now"], &["anna@desk", "take back"]);
        }
        place.assert_shows(&anna);
        place.deployed(&bert, &["--delete-now", "--from-stale"]);
        place.assert_shows(&bert);
    });
}

#[test]
fn a_copy_that_is_up_to_date_deploys_without_a_word() {
    each(|place| {
        let anna = deployed(place);
        let bert = anna.cloned();
        for (round, one, other) in [(1, &anna, &bert), (2, &bert, &anna), (3, &bert, &anna)] {
            label(one, &format!("Round {round}"));
            one.built();
            place.deployed(one, &[]);
            // The other gets the files, by a common disk for instance, and deploys nothing new.
            label(other, &format!("Round {round}"));
            other.built();
            place.deployed(other, &[]);
        }
        // Without any records, as CI that lost its caches.
        let clone = fresh(&anna);
        label(&clone, "Round 4");
        clone.write("content/e/1.tif", plate(92));
        clone.built();
        place.deployed(&clone, &[]);
    });
}

#[test]
fn what_was_withdrawn_does_not_come_back_from_an_older_copy() {
    each(|place| {
        let anna = deployed(place);
        let (bert, other) = (anna.cloned(), fresh(&anna));
        anna.write("content/a/item.toml", "publish = false\n");
        anna.built();
        place.deployed(&anna, &[]);
        assert!(!place.live().keys().any(|path| path.starts_with("a/") || path.contains("/a_")));
        for clone in [bert, other] {
            clone.built();
            place.refuses(&clone, &[], &["take back", "a/manifest.json"]);
            // Another description makes other files.
            label(&clone, "Letters again");
            clone.built();
            place.refuses(&clone, &[], &["take back"]);
        }
        anna.write("content/a/item.toml", "label = \"Released\"\n");
        anna.built();
        place.deployed(&anna, &[]);
        place.assert_shows(&anna);
    });
}

/// A clone of what is committed; `depth` makes it shallow, as CI does.
fn clone(project: &Project, depth: Option<u32>) -> Project {
    let clone = Project::new();
    clone.remove("content");
    let url = format!("file://{}", project.root().display());
    let depth = depth.map(|depth| format!("--depth={depth}"));
    let arguments: Vec<&str> =
        ["clone", "--quiet"].into_iter().chain(depth.as_deref()).chain([url.as_str(), "."]).collect();
    git(&clone, &arguments);
    clone
}

#[test]
fn ci_without_caches_deploys_each_commit_and_none_that_is_older() {
    each(|place| {
        let upstream = deployed_with_git(place);
        for depth in [None, Some(1)] {
            let older = clone(&upstream, depth);
            let day = if depth.is_some() { 20 } else { 10 };
            label(&upstream, &format!("Day {day}"));
            upstream.write("content/b/1.tif", plate(day as u8));
            commit(&upstream, day);
            let newer = clone(&upstream, depth);
            newer.built();
            place.deployed(&newer, &[]);
            // A removal and a way back are commits like any other.
            upstream.remove("content/b/1.tif");
            upstream.write("content/a/1.tif", plate(1));
            commit(&upstream, day + 1);
            let newest = clone(&upstream, depth);
            newest.built();
            place.deployed(&newest, &["--delete-now"]);
            place.assert_shows(&newest);
            older.built();
            place.refuses(&older, &[], &["commit ", "--from-stale"]);
            // The same commit once more.
            let again = clone(&upstream, depth);
            again.built();
            place.deployed(&again, &[]);
            place.assert_shows(&again);
        }
    });
}

fn deployed_with_git(place: &Place) -> Project {
    let upstream = crate::archive::archive();
    (10..14).for_each(|item| upstream.write(&format!("content/more/{item}/1.tif"), plate(item)));
    place.is_target_of(&upstream, "");
    commit(&upstream, 1);
    let first = clone(&upstream, None);
    first.built();
    place.deployed(&first, &[]);
    upstream
}

#[test]
fn two_editors_with_one_repository_do_not_undo_each_other() {
    each(|place| {
        let upstream = deployed_with_git(place);
        let (anna, bert) = (clone(&upstream, None), clone(&upstream, None));
        label(&anna, "Anna's title");
        commit(&anna, 10);
        anna.built();
        place.deployed(&anna, &["--as", "anna"]);
        bert.write("content/b/item.toml", "label = \"Bert's title\"\n");
        commit(&bert, 11);
        bert.built();
        place.refuses(&bert, &[], &["anna", "git pull"]);
        git(&bert, &["pull", "--quiet", "--no-edit", "--no-rebase", &anna.root().display().to_string(), "main"]);
        // Not yet built: what lies there is still the older build.
        place.refuses(&bert, &[], &["anna"]);
        bert.built();
        place.deployed(&bert, &[]);
        place.assert_shows(&bert);
    });
}

#[test]
fn the_log_says_who_published_what_and_when() {
    each(|place| {
        let upstream = deployed_with_git(place);
        let anna = clone(&upstream, None);
        label(&anna, "Anna's title");
        let hash = commit(&anna, 10);
        anna.built();
        place.deployed(&anna, &["--as", "anna"]);
        place.deployed(&anna, &["--rollback", "--as", "bert"]);
        let said = place.deployed(&anna, &["--history"]);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), 3, "{said}");
        for word in ["by anna", &hash[..7], "8 items", "12 images", env!("CARGO_PKG_VERSION")] {
            assert!(lines[1].contains(word), "{word}: {said}");
        }
        assert!(lines[2].contains("by bert") && lines[2].contains("went back"), "{said}");
        // Nothing is told of a deploy that did nothing.
        place.deployed(&anna, &["--dry-run"]);
        assert_eq!(place.deployed(&anna, &["--history"]), said);
    });
}

#[test]
fn after_a_rollback_by_somebody_else_the_same_site_does_not_go_up_again_by_itself() {
    each(|place| {
        let anna = deployed(place);
        let bert = anna.cloned();
        label(&anna, "A mistake");
        anna.built();
        place.deployed(&anna, &[]);
        place.deployed(&bert, &["--rollback", "--as", "bert"]);
        place.refuses(&anna, &[], &["bert", "take back"]);
        label(&anna, "Mended");
        anna.built();
        place.deployed(&anna, &["--from-stale"]);
        place.assert_shows(&anna);
    });
}
