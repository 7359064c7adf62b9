//! Files that are no regular files, and folders that lead to each other.

use super::{assert_built, assert_refused, assert_soon, build, link, pipe, project, run, sparse};
use crate::draw::{page, png};
use crate::project::Project;
use image::RgbImage;
use std::fs;
use std::path::Path;

/// A path, what makes an item of its folder, and whether the fault ends the whole build.
const DOORS: [&str; 11] = [
    "content/bad/item.toml",
    "content/bad/item.yaml",
    "content/bad/manifest.extra.json",
    "content/bad/manifest.patch.json",
    "content/bad/mets.xml",
    "content/bad/pages.csv",
    "content/bad/1.txt",
    "content/bad/2.png",
    "content/bad/2.mp3",
    "content/bad/bag-info.txt",
    "content/collection.toml",
];

fn with(make: impl Fn(&Project, &str), path: &str) -> Project {
    let project = project().file("content/bad/1.png", page());
    if path.ends_with("bag-info.txt") {
        project.write("content/bad/bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
    }
    make(&project, path);
    project
}

#[test]
fn a_named_pipe_is_refused_by_name_wherever_it_stands() {
    for path in DOORS {
        assert_refused(&with(pipe, path), path, "a named pipe");
    }
}

#[test]
fn a_link_to_a_device_is_refused_by_name_wherever_it_stands() {
    for path in DOORS {
        assert_refused(&with(|project, path| link(project, "/dev/zero", path), path), path, "a device");
    }
}

#[test]
fn a_file_of_gigabytes_is_refused_and_not_read() {
    for path in DOORS.into_iter().filter(|path| !path.ends_with("2.png") && !path.ends_with("2.mp3")) {
        assert_refused(&with(sparse, path), path, "bytes");
    }
    assert_refused(&with(sparse, "iiif-build.toml"), "iiif-build.toml", "bytes");
    assert_refused(&with(sparse, "templates/words.toml"), "templates/words.toml", "bytes");
    assert_refused(&with(sparse, "templates/item.html"), "templates/item.html", "bytes");
}

#[test]
fn annotations_and_files_of_descriptions_are_opened_by_the_same_door() {
    for make in [pipe, |project: &Project, path: &str| link(project, "/dev/zero", path), sparse] {
        let project = with(make, "content/bad/notes.json");
        project.write("content/bad/item.toml", "annotations = [\"notes.json\"]\n");
        assert_refused(&project, "content/bad/notes.json", "");
    }
    let project = with(pipe, "content/bad/book.pdf");
    project.write("content/bad/item.toml", "rendering = [{ file = \"book.pdf\", label = \"PDF\" }]\n");
    assert_refused(&project, "content/bad", "book.pdf");
    assert!(project.public().join("good/manifest.json").is_file());
}

#[test]
fn settings_and_templates_are_opened_by_the_same_door() {
    for path in ["iiif-build.toml", "templates/item.html", "templates/words.toml", "templates/parts/x.html"] {
        assert_refused(&with(pipe, path), path, "a named pipe");
        assert_refused(&with(|project, path| link(project, "/dev/zero", path), path), path, "a device");
    }
}

#[test]
fn a_pipe_in_static_is_refused_and_the_rest_is_copied() {
    let project = project().file("static/a/x.txt", "x");
    pipe(&project, "static/a/p");
    link(&project, "/dev/null", "static/d");
    link(&project, "nowhere", "static/gone");
    let _socket = std::os::unix::net::UnixListener::bind(project.root().join("static/s")).unwrap();
    let usage = build(&project);
    assert_soon("static", &usage);
    assert_eq!(usage.code, Some(1), "{}", usage.said);
    for name in ["static/a/p", "static/d", "static/gone", "static/s"] {
        assert!(usage.said.contains(name), "{name}: {}", usage.said);
    }
    assert_eq!(fs::read(project.public().join("a/x.txt")).unwrap(), b"x");
    assert!(!project.public().join("a/p").exists() && project.public().join("good/manifest.json").is_file());
}

#[test]
fn only_the_item_with_the_pipe_suffers() {
    for path in ["content/bad/1.txt", "content/bad/2.png", "content/bad/mets.xml", "content/bad/bag-info.txt"] {
        let project = with(pipe, path);
        let usage = build(&project);
        assert_eq!(usage.code, Some(1), "{path}: {}", usage.said);
        assert!(project.public().join("good/manifest.json").is_file(), "{path}");
    }
}

#[test]
fn a_pipe_as_the_manifest_of_a_bag_or_as_a_watermark_is_refused() {
    let bag = project().file("content/bad/data/1.png", page()).file("content/bad/bagit.txt", "BagIt-Version: 1.0\n");
    pipe(&bag, "content/bad/manifest-sha256.txt");
    let usage = run(&bag, &["build", "--checksums"]);
    assert_soon("bag", &usage);
    assert!(usage.code == Some(1) && usage.said.contains("a named pipe"), "{}", usage.said);
    let marked = project().file("iiif-build.toml", "[images.watermark]\nfile = \"mark.png\"\n");
    pipe(&marked, "mark.png");
    assert_refused(&marked, "mark.png", "");
}

#[test]
fn an_import_leaves_out_what_is_no_file() {
    let source = Project::new().file("source/items.csv", "id,file\na,a.png\nb,b.png\n").file("source/a.png", page());
    pipe(&source, "source/b.png");
    let target = source.root().join("new");
    let mut command = crate::cli::command(&["init", "--from", "csv"]);
    let usage = crate::usage::watch(command.arg(source.root().join("source")).arg(&target), super::PATIENCE);
    assert_soon("init", &usage);
    assert!(target.join("content/a/a.png").is_file(), "{}", usage.said);
    assert!(!target.join("content/b").exists());
}

#[test]
fn folders_that_lead_to_each_other_are_read_once() {
    let project = project();
    for folder in ["a", "b"] {
        project.write(&format!("content/{folder}/own/1.png"), png(RgbImage::new(30, 20)));
    }
    for (folder, other) in [("a", "b"), ("b", "a")] {
        for name in ["x", "y"] {
            link(&project, format!("../{other}"), &format!("content/{folder}/{name}"));
        }
    }
    assert_built("content", &project);
    let names = |folder: &str| {
        let folders = fs::read_dir(project.public().join(folder)).unwrap().map(|entry| entry.unwrap());
        let mut names: Vec<String> = folders
            .filter(|entry| entry.path().is_dir())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!((names("a"), names("b")), (vec!["own".to_owned()], vec!["own".to_owned()]));
    let plan = project.plan();
    let again: Vec<&Path> = plan
        .ignored
        .iter()
        .filter(|ignored| ignored.code.name().starts_with("link-"))
        .map(|ignored| ignored.path.as_path())
        .collect();
    assert_eq!(again.len(), 4, "{again:?}");
}

#[test]
fn a_folder_outside_is_read_once_through_the_first_of_its_links() {
    let project = project();
    project.write("store/box/1.png", page());
    link(&project, "../store", "content/second");
    link(&project, "../store", "content/first");
    link(&project, "../content", "store/back");
    assert_built("links", &project);
    assert!(project.public().join("first/box/manifest.json").is_file());
    assert!(!project.public().join("second").exists());
}

#[test]
fn a_folder_is_read_at_its_own_path_and_not_through_a_link_before_it() {
    let project = project();
    project.write("content/z/real/1.png", page());
    link(&project, "z/real", "content/a");
    assert_built("links", &project);
    assert!(project.public().join("z/real/manifest.json").is_file() && !project.public().join("a").exists());
}

#[test]
fn static_and_template_folders_that_lead_to_each_other_are_read_once() {
    for top in ["static", "templates"] {
        let project = project();
        for (folder, other) in [("a", "b"), ("b", "a")] {
            project.write(&format!("{top}/{folder}/{folder}.txt"), "x");
            for name in ["x", "y", "z"] {
                link(&project, format!("../{other}"), &format!("{top}/{folder}/{name}"));
            }
        }
        link(&project, ".", &format!("{top}/self"));
        assert_built(top, &project);
        assert!(!project.public().join("a/x").exists() && !project.public().join("self").exists());
    }
}
