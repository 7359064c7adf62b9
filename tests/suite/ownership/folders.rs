//! The folder that `--output` names.

use super::{all, end, text};
use crate::archive::plate;
use crate::project::Project;
use std::fs;

fn project() -> Project {
    Project::new()
        .file("iiif-build.toml", "[images]\ntile-size = 64\n")
        .file("content/a/1.tif", plate(1))
        .file("static/about.txt", "about")
        .file("templates/words.toml", "")
}

#[track_caller]
fn assert_refused(project: &Project, output: &str) {
    let before = all(project.root());
    let mut command = project.command(&["build", "--output", output]);
    let (code, said) = end(command.current_dir(project.root()));
    assert_eq!(code, Some(2), "{output}: {said}");
    assert!(said.contains("hint"), "{output}: {said}");
    assert!(all(project.root()) == before, "{output}: something changed");
}

#[test]
fn no_spelling_of_a_path_lets_an_output_into_the_sources() {
    let project = project();
    for output in [
        "content",
        "content/a",
        "content/new",
        "missing/../content",
        "missing/deeper/../../content/a",
        "content/missing/..",
        "./missing/.././content/",
        "static",
        "static/new",
        "missing/../static",
        "templates",
        "templates/deeper/new",
        ".",
        "..",
        "missing/..",
        "/",
        ".iiif-build",
        ".iiif-build/new",
        ".iiif-build/stores",
        "iiif-build.toml",
        "iiif-build.toml/new",
    ] {
        assert_refused(&project, output);
    }
    assert_refused(&project, text(&project.root().join("missing/../content")));
}

#[test]
fn nor_does_the_setting() {
    for output in ["missing/../content", "static", "missing/../templates/new", "content/../content"] {
        let project = project().file("iiif-build.toml", format!("output = \"{output}\"\n"));
        let before = all(project.root());
        let (code, said) = end(&mut project.command(&["build"]));
        assert_eq!(code, Some(2), "{output}: {said}");
        assert!(all(project.root()) == before, "{output}");
    }
}

#[cfg(unix)]
#[test]
fn nor_does_a_link() {
    use std::os::unix::fs::symlink;
    let project = project();
    let root = project.root();
    symlink(root.join("content"), root.join("to-content")).unwrap();
    symlink(root.join("content/a"), root.join("to-item")).unwrap();
    symlink("static", root.join("to-static")).unwrap();
    for output in ["to-content", "to-content/new", "to-item/..", "missing/../to-item/../new", "to-static/new"] {
        assert_refused(&project, output);
    }
    let elsewhere = tempfile::tempdir().unwrap();
    symlink(elsewhere.path(), root.join("to-elsewhere")).unwrap();
    let (code, said) = end(project.command(&["build", "--output", "to-elsewhere/site"]).current_dir(root));
    assert_eq!(code, Some(0), "{said}");
    assert!(elsewhere.path().join("site/collection.json").is_file());
}

#[test]
fn static_files_and_templates_that_are_not_there_yet_are_no_output_either() {
    let project = Project::new().file("content/a/1.tif", plate(1));
    for output in ["static", "templates", "static/site", "missing/../templates"] {
        assert_refused(&project, output);
    }
}

#[test]
fn a_folder_with_files_is_not_a_site_because_of_their_names() {
    let project = project();
    for (name, content) in [
        ("collection.json", "{}"),
        ("collection.json", "{\"type\": \"Collection\"}"),
        ("index.html", "<h1>My page</h1>"),
        ("info.json", "{}"),
        (".iiif-build/output.jsonl/x", "a folder"),
        (".htaccess", "Deny from all"),
    ] {
        project.write(&format!("site/{name}"), content);
        project.write("site/letter.txt", "a letter");
        assert_refused(&project, "site");
        project.remove("site");
    }
    for list in ["", "{}\n", "{\"program\":\"other\",\"format\":1,\"base-url\":\"https://a.example/\",\"title\":{}}\n"]
    {
        project.write("site/.iiif-build/output.jsonl", list);
        project.write("site/collection.json", "{}");
        assert_refused(&project, "site");
    }
}

#[test]
fn a_file_is_no_output() {
    let project = project().file("letter.txt", "a letter");
    for output in ["letter.txt", "letter.txt/site"] {
        assert_refused(&project, output);
    }
}

#[test]
fn a_folder_with_files_is_adopted_on_wish_and_they_stay() {
    let project = project().file("site/letter.txt", "a letter").file("site/index.html", "my page");
    let build = |arguments: &[&str]| {
        let mut command = project.command(&[&["build", "--output", "site"], arguments].concat());
        end(command.current_dir(project.root()))
    };
    let (code, said) = build(&["--adopt"]);
    assert_eq!(code, Some(1), "the page of the site is in the place of theirs: {said}");
    let read = |path: &str| fs::read_to_string(project.root().join("site").join(path)).unwrap();
    assert_eq!((read("letter.txt"), read("index.html")), ("a letter".into(), "my page".into()));
    assert!(read("collection.json").contains("Collection"));
    let (code, said) = build(&["--force"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(read("letter.txt"), "a letter");
    assert!(read("index.html").contains("<html"));
}

#[test]
fn an_empty_folder_is_an_output() {
    let project = project();
    fs::create_dir(project.root().join("empty")).unwrap();
    let (code, said) = end(project.command(&["build", "--output", "empty"]).current_dir(project.root()));
    assert_eq!(code, Some(0), "{said}");
}
