//! What somebody asks for: `--only`, `--force`, `--documents`.

use crate::archive::{IMAGES, after, archive, assert_as_clean, assert_at_rest, built_archive, plate, set, sized};
use crate::project::Project;
use crate::prove::assert_proven;
use crate::told::Told;
use crate::trace::{Changes, Trace};

/// Builds with `arguments`, and what that wrote.
fn built(project: &Project, arguments: &[&str]) -> (Told, Changes) {
    let before = Trace::of(&project.public());
    let told = Told::by(project, arguments).well();
    (told, Trace::of(&project.public()).since(&before))
}

fn change_two_items(project: &Project) {
    project.write("content/a/1.tif", plate(90));
    project.write("content/a/item.toml", "label = \"First\"\n");
    project.write("content/shelf/c/1.tif", plate(91));
    project.write("content/shelf/c/item.toml", "label = \"Second\"\n");
}

#[test]
fn only_cuts_the_images_of_the_items_it_names_and_the_next_build_the_rest() {
    let project = built_archive();
    change_two_items(&project);
    let (told, changes) = built(&project, &["--only", "a"]);
    assert_eq!(told.images(), set(&["a_1"]));
    assert_eq!(changes.images(), set(&["a_1"]));
    assert!(project.site().text("a/manifest.json").contains("First"));
    assert!(changes.removed.is_empty());
    assert_proven(&project.site());

    let (told, _) = built(&project, &[]);
    assert_eq!(told.images(), set(&["shelf-c_1"]));
    assert_as_clean(&project);
    assert_at_rest(&project);
}

#[test]
fn only_takes_more_than_one_item_and_ids_of_items_in_collections() {
    let project = built_archive();
    change_two_items(&project);
    let (told, _) = built(&project, &["--only", "a", "--only", "shelf-c"]);
    assert_eq!(told.images(), set(&["a_1", "shelf-c_1"]));
    built(&project, &[]);
    assert_as_clean(&project);
}

#[test]
fn only_leaves_the_images_of_other_items_and_the_next_build_removes_what_is_stale() {
    let project = built_archive();
    project.remove("content/a/2.tif");
    project.remove("content/shelf/c");
    project.write("content/shelf/d/1.tif", sized(130, 80, 92));
    let (told, changes) = built(&project, &["--only", "a"]);
    assert!(told.images().is_empty() && !changes.removed.iter().any(|path| path.contains("shelf-c")), "{changes:?}");
    // The documents of the image that was replaced still speak of the one that is published.
    assert_eq!(project.site().canvases("shelf/d")[0]["width"], 96);
    built(&project, &[]);
    assert_as_clean(&project);
    assert_at_rest(&project);
}

#[test]
fn only_on_a_project_that_was_never_built_names_nothing_that_is_not_there() {
    let project = archive();
    let (told, _) = built(&project, &["--only", "a"]);
    assert_eq!(told.images(), set(&["a_1", "a_2"]));
    assert_proven(&project.site());
    built(&project, &[]);
    assert_as_clean(&project);
    assert_at_rest(&project);
}

#[test]
fn only_refuses_an_item_that_is_not_there() {
    let project = built_archive();
    let before = Trace::of(&project.public());
    let told = Told::by(&project, &["--only", "lettres"]);
    assert_eq!(told.code, Some(2), "{}", told.said);
    assert!(told.said.contains("lettres"), "{}", told.said);
    before.assert_still(&project.public());
}

#[test]
fn force_makes_everything_again_and_the_same() {
    let project = built_archive();
    let (told, _) = built(&project, &["--force"]);
    assert_eq!(told.images(), set(&IMAGES));
    assert!(told.made("image").values().all(|why| why.contains(&"forced".to_owned())), "{}", told.said);
    assert_as_clean(&project);
    assert_at_rest(&project);
}

#[test]
fn force_and_only_make_one_item_again() {
    let project = built_archive();
    let (told, changes) = built(&project, &["--force", "--only", "a"]);
    assert_eq!(told.images(), set(&["a_1", "a_2"]));
    assert_eq!(changes.images(), set(&["a_1", "a_2"]));
    assert_as_clean(&project);
}

fn remove_masters(project: &Project) {
    for path in ["a/1.tif", "a/2.tif", "b/1.tif", "b/2.tif", "shelf/c/1.tif", "shelf/d/1.tif"] {
        project.remove(&format!("content/{path}"));
    }
}

fn return_masters(project: &Project) {
    project.write("content/a/1.tif", plate(1));
    project.write("content/a/2.tif", plate(2));
    project.write("content/b/1.tif", plate(3));
    project.write("content/b/2.tif", crate::archive::leaves(&[4, 5, 6]));
    project.write("content/shelf/c/1.tif", plate(7));
    project.write("content/shelf/d/1.tif", plate(8));
}

#[test]
fn documents_are_built_when_the_masters_are_on_tape() {
    let project = built_archive();
    remove_masters(&project);
    let (told, changes) = built(&project, &["--documents"]);
    assert!(told.images().is_empty());
    assert_eq!(changes, Changes::default(), "without a change nothing is written");
    project.write("content/a/item.toml", "label = \"Letters, 1880\"\n");
    let (_, changes) = built(&project, &["--documents"]);
    let shown = ["a/manifest.json", "a/index.html", "b/index.html", "collection.json", "index.html"];
    assert_eq!((changes.written, changes.removed), (set(&shown), set(&[])));
    assert_proven(&project.site());

    return_masters(&project);
    assert_as_clean(&project);
    assert_at_rest(&project);
}

#[test]
fn documents_of_another_base_url_need_no_masters_either() {
    let project = built_archive();
    remove_masters(&project);
    let project = project.with_base_url("https://elsewhere.example/");
    let (_, changes) = built(&project, &["--documents"]);
    assert!(changes.images().is_empty() && changes.removed.is_empty(), "{changes:?}");
    return_masters(&project);
    assert_as_clean(&project);
}

#[test]
fn documents_leave_changed_masters_for_the_next_build() {
    let project = built_archive();
    project.write("content/a/1.tif", plate(90));
    project.write("content/a/item.toml", "label = \"Letters, 1880\"\n");
    let (told, changes) = built(&project, &["--documents"]);
    assert!(told.images().is_empty() && changes.images().is_empty(), "{changes:?}");
    assert!(changes.written.contains("a/manifest.json"));
    assert_eq!(after(&project, |_| ()).changes.images(), set(&["a_1"]));
}

#[test]
fn documents_without_a_state_are_refused_with_a_word() {
    let project = archive();
    let told = Told::by(&project, &["--documents"]);
    assert!(told.code.is_some_and(|code| code != 0), "{}", told.said);
    assert!(told.said.contains("--documents") || told.said.contains("build"), "{}", told.said);
}
