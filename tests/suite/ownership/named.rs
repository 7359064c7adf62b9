//! Files and folders that a user names: reports, lists, files for hosts, new projects.

use super::{all, end, run, text};
use crate::archive::{built_archive, plate};
use crate::draw::{colour, png};
use crate::project::Project;
use serde_json::Value;
use std::fs;
use std::path::Path;

#[track_caller]
fn assert_refused(project: &Project, arguments: &[&str]) {
    let before = all(project.root());
    let (code, said) = end(project.command(arguments).current_dir(project.root()));
    assert_eq!(code, Some(2), "{arguments:?}: {said}");
    assert!(said.contains("hint"), "{arguments:?}: {said}");
    assert!(all(project.root()) == before, "{arguments:?}: something changed");
}

#[test]
fn a_report_overwrites_no_file_but_an_older_report() {
    let project = built_archive();
    project.write("letter.txt", "a letter");
    project.write("other.json", "{\"images\": []}");
    for file in [
        "content/a/1.tif",
        "missing/../content/a/1.tif",
        "content/a/item.toml",
        "iiif-build.toml",
        "letter.txt",
        "other.json",
        "content",
        "public/report.json",
        "missing/../public/report.json",
        "static/report.json",
        ".iiif-build/public.sqlite",
        "/dev/null",
    ] {
        assert_refused(&project, &["build", "--report", file]);
    }
    assert_refused(&project, &["build", "--force", "--report", "content/a/1.tif"]);
    #[cfg(unix)]
    {
        let link = |to: &Path, at: &str| std::os::unix::fs::symlink(to, project.root().join(at)).unwrap();
        link(&project.root().join("content/a/1.tif"), "to-master");
        link(&project.root().join("nothing"), "dangling");
        link(&project.public(), "to-public");
        for file in ["to-master", "dangling", "to-public/report.json"] {
            assert_refused(&project, &["build", "--report", file]);
        }
    }
    for arguments in [
        &["build", "--report", "new.json"][..],
        &["build", "--report", "new.json"],
        &["build", "--force", "--report", "letter.txt"],
    ] {
        let (code, said) = end(project.command(arguments).current_dir(project.root()));
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
    }
    let report: Value = serde_json::from_slice(&fs::read(project.root().join("new.json")).unwrap()).unwrap();
    assert_eq!((&report["program"], report["images"].as_array().unwrap().len()), (&"iiif-build".into(), 8));
}

#[test]
fn an_empty_file_takes_a_report_for_there_is_nothing_to_lose() {
    let project = built_archive().file("empty", "");
    let (code, said) = end(project.command(&["build", "--report", "empty"]).current_dir(project.root()));
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_list_of_pages_overwrites_no_file_and_is_not_published() {
    let project = built_archive();
    for file in ["content/a/item.toml", "content/a/1.tif", "public/pages.csv", "static/pages.csv", "content/a"] {
        assert_refused(&project, &["plan", "--csv", file]);
    }
    let plan = |arguments: &[&str]| end(project.command(arguments).current_dir(project.root())).0;
    assert_eq!(plan(&["plan", "--csv", "list.csv"]), Some(0));
    assert_refused(&project, &["plan", "--csv", "list.csv"]);
    assert_eq!(plan(&["plan", "--csv", "list.csv", "--force"]), Some(0));
}

#[test]
fn files_for_hosts_take_the_place_of_no_other() {
    let hosting = |project: &Project| {
        let mut command = project.command(&["hosting", "apache"]);
        end(command.current_dir(project.root()))
    };
    let project = Project::new().file("content/a/1.tif", plate(1)).file("static/.htaccess", "Deny from all");
    let (code, said) = hosting(&project);
    assert_eq!((code, said.contains("--force")), (Some(2), true), "{said}");
    project.remove("static/.htaccess");
    fs::create_dir_all(project.root().join("static/.htaccess")).unwrap();
    assert_eq!(hosting(&project).0, Some(2));
    fs::remove_dir(project.root().join("static/.htaccess")).unwrap();
    #[cfg(unix)]
    {
        let place = project.root().join("static/.htaccess");
        std::os::unix::fs::symlink(project.root().join("nothing"), &place).unwrap();
        assert_eq!(hosting(&project).0, Some(2));
        assert!(!project.root().join("nothing").exists());
        fs::remove_file(&place).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, &place, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
        assert_eq!(hosting(&project).0, Some(2), "and it does not wait for a writer");
        fs::remove_file(&place).unwrap();
    }
    assert_eq!(hosting(&project).0, Some(0));
}

#[test]
fn a_new_project_is_made_in_no_folder_with_files_and_in_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    fs::write(place("letter.txt"), "a letter").unwrap();
    fs::create_dir(place("full")).unwrap();
    fs::write(place("full/.hidden"), "hidden").unwrap();
    let before = all(folder.path());
    for name in ["letter.txt", "letter.txt/project", "full", "full/../letter.txt"] {
        let (code, said) = run(&["init", text(&place(name))]);
        assert!(code.is_some_and(|code| code != 0), "{name}: {said}");
        assert!(all(folder.path()) == before, "{name}");
    }
    assert_eq!(run(&["init", text(&place("missing/../new"))]).0, Some(0));
    assert!(place("new/content").is_dir());
}

#[test]
fn the_folder_that_a_project_is_made_from_is_only_read() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    fs::create_dir_all(source.join("item/_1")).unwrap();
    fs::write(source.join("item/_1/1.png"), png(colour(30, 20))).unwrap();
    let before = all(&source);
    let mut targets = vec!["source/new", "source", "missing/../source/new", "source/item/_1/deeper/new", "."];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&source, folder.path().join("link")).unwrap();
        targets.push("link/new");
    }
    for target in targets {
        let (code, said) = run(&["init", "--from", "biiif", text(&source), text(&folder.path().join(target))]);
        assert_eq!(code, Some(2), "{target}: {said}");
        assert!(all(&source) == before, "{target}: it was written");
    }
    let (code, said) = end(crate::cli::command(&["init", "--from", "biiif", "."]).current_dir(&source));
    assert_eq!((code, all(&source) == before), (Some(2), true), "{said}");
    let (code, said) = run(&["init", "--from", "biiif", text(&source), text(&folder.path().join("new"))]);
    assert_eq!((code, all(&source) == before), (Some(0), true), "{said}");
}
