//! Records that are lost: the list in the output stands in for them.

use super::{all, end};
use crate::archive::{assert_as_clean, assert_at_rest, built_archive};
use crate::older::BOTH;
use crate::project::Project;
use std::collections::BTreeSet;
use std::fs;

const STATE: &str = ".iiif-build/public.sqlite";

type Loss = (&'static str, fn(&Project));

/// The ways in which records get lost.
fn losses() -> [Loss; 4] {
    [
        ("the folder is gone", |project| project.remove(".iiif-build")),
        ("the file is empty", |project| project.write(STATE, "")),
        ("the file is damaged", |project| project.write(STATE, "no database, but long enough to be one".repeat(99))),
        ("a fresh file", |project| {
            project.remove(STATE);
            rusqlite::Connection::open(project.root().join(STATE)).unwrap();
        }),
    ]
}

fn list(project: &Project) -> String {
    fs::read_to_string(project.public().join(".iiif-build/output.jsonl")).unwrap()
}

#[test]
fn what_is_withheld_meanwhile_is_removed_all_the_same() {
    for (loss, lose) in losses() {
        let project = built_archive();
        project.write("iiif-build.toml", format!("[images]\ntile-size = 64\n{BOTH}"));
        project.built();
        project.write("content/a/item.toml", "publish = false\n");
        project.remove("content/shelf/c");
        lose(&project);
        let report = project.build();
        assert!(report.failures.is_empty(), "{loss}: {:?}", report.failures);
        assert!(report.warnings().any(|warning| warning.code.name() == "state-lost"), "{loss}: it is said");
        let files = project.site().files("");
        let left: Vec<_> = files.iter().filter(|path| path.contains("a_1") || path.starts_with("a/")).collect();
        assert!(left.is_empty(), "{loss}: {left:?}");
        assert!(!files.iter().any(|path| path.contains("shelf-c") || path.starts_with("shelf/c/")), "{loss}");
        assert!(!list(&project).contains("\"a_1\""), "{loss}");
        assert_as_clean(&project);
        assert_at_rest(&project);
    }
}

#[test]
fn the_only_item_goes_too_and_an_empty_content_is_still_refused() {
    let project = Project::new().file("content/a/1.tif", crate::archive::plate(1));
    project.built();
    project.remove(".iiif-build");
    fs::rename(project.root().join("content/a"), project.root().join("away")).unwrap();
    let before = all(&project.public());
    assert!(project.refused().hint().is_some_and(|hint| hint.contains("mounted")));
    assert!(all(&project.public()).iter().filter(|file| file.0.is_file()).all(|(path, _)| before.contains_key(path)));
    fs::rename(project.root().join("away"), project.root().join("content/a")).unwrap();
    project.write("content/a/item.toml", "publish = false\n");
    project.built();
    assert_eq!(project.site().image_ids(), BTreeSet::new());
}

#[test]
fn if_a_source_cannot_be_read_too_what_stays_public_is_said_with_each_build() {
    let project = built_archive();
    project.remove(".iiif-build");
    project.write("content/a/item.toml", "publish = false\n");
    project.write("content/b/1.tif", "no image any more");
    for _ in 0..2 {
        let (code, said) = end(&mut project.command(&["build"]));
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("withheld") && said.contains("b_1"), "{said}");
    }
    assert!(project.site().has("iiif/3/b_1/info.json"), "an unreadable file is not a deleted one");
    assert!(!project.site().has("iiif/3/a_1/info.json"), "what has the address of withheld content goes at once");
    project.write("content/b/1.tif", crate::archive::plate(3));
    project.built();
    assert_as_clean(&project);
}

#[test]
fn a_strict_build_that_writes_nothing_says_what_may_stay_public() {
    let project = built_archive();
    project.remove(".iiif-build");
    project.write("content/a/item.toml", "publish = false\n");
    project.write("content/b/9.tif", crate::archive::plate(9));
    project.write("content/b/broken.jpg", "no image");
    let (code, said) = end(&mut project.command(&["build", "--strict"]));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("withheld") && said.contains("a_1"), "{said}");
}

#[test]
fn without_records_and_list_nothing_is_guessed() {
    let project = built_archive();
    project.remove(".iiif-build");
    project.remove("public/.iiif-build");
    project.write("content/a/item.toml", "publish = false\n");
    let before = all(&project.public());
    let refused = project.refused();
    assert!(refused.hint().is_some_and(|hint| hint.contains("--adopt")), "{refused:?}");
    assert!(all(&project.public()) == before);
}

#[test]
fn an_output_of_a_version_without_lists_is_the_one_of_its_records() {
    let project = built_archive();
    project.remove("public/.iiif-build");
    let state = rusqlite::Connection::open(project.root().join(STATE)).unwrap();
    state.execute("DELETE FROM facts WHERE name LIKE 'list%'", []).unwrap();
    drop(state);
    let report = project.build();
    assert_eq!((report.images, report.written, report.warnings().count()), (0, 0, 0));
    assert!(list(&project).contains("\"a_1\""));
    assert_at_rest(&project);
}

#[test]
fn an_output_that_lost_its_list_is_not_taken_for_the_one_of_the_records() {
    let project = built_archive();
    project.remove("public");
    project.write("public/index.html", "my page");
    let refused = project.refused();
    assert!(refused.message().contains("not known"), "{refused:?}");
    assert_eq!(fs::read(project.public().join("index.html")).unwrap(), b"my page");
    project.remove("public");
    project.built();
    assert_as_clean(&project);
}

#[test]
fn the_list_names_all_that_is_published_and_nothing_else() {
    let project = built_archive();
    project.write("content/a/item.toml", "label = \"Letters\"\n\n[pages.\"2.tif\"]\npublish = false\n");
    project.write("static/about.txt", "about");
    let site = project.built();
    let list = list(&project);
    let root = project.root().to_str().unwrap();
    for absent in [".tif", "a_2", "content", root] {
        assert!(!list.contains(absent), "{absent}: {list}");
    }
    let listed = listed(&list);
    for file in site.files("").iter().filter(|file| !file.starts_with(".iiif-build/")) {
        let image = file.split('/').take(3).collect::<Vec<_>>().join("/");
        assert!(listed.contains(file) || listed.contains(&image), "{file}");
    }
    assert!(listed.iter().all(|path| site.file(path).exists()));
}

/// The paths that a list names.
pub fn listed(list: &str) -> BTreeSet<String> {
    let lines = list.lines().skip(1).map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let path = |line: serde_json::Value| {
        let entry = |key: &str| line[key].as_str().map(str::to_owned);
        let image = entry("image").map(|id| format!("iiif/3/{id}"));
        image.or_else(|| entry("image2").map(|id| format!("iiif/2/{id}"))).or_else(|| entry("file"))
    };
    lines.filter_map(path).collect()
}
